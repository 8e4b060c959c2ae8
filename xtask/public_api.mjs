/**
 * The report of what the crates offer: `docs/public-api.txt`.
 *
 * In: rustdoc's pages of the five libraries, which `cargo xtask lint` has just had made (by hand:
 * `cargo doc --no-deps --all-features --package 'videosphere-*'`, then `cargo doc --no-deps --package
 * videosphere`). Out: a line for each public item with its declaration, each method and each trait
 * implemented by hand or by derive, in alphabetical order, so that a change of the report is a change
 * of the interface and nothing else. Without an argument it compares, and ends with 1 where the
 * report differs; `--write` writes it. Pages, as rustdoc's JSON is for nightly compilers only; should
 * another Rust write a declaration in another way, the one that CI runs on counts.
 */

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const REPORT = new URL('../docs/public-api.txt', import.meta.url);
const CRATES = [
  'videosphere_dash',
  'videosphere_hls',
  'videosphere_transmux',
  'videosphere_sphere',
  'videosphere_tracks',
  'videosphere_xml',
  'videosphere',
];
const PAGES = process.argv.find((argument) => argument.startsWith('--doc='))?.slice('--doc='.length);

/** A page's text without tags, comments and line breaks. */
function plain(html) {
  return html
    .replaceAll(/<details[^>]*><summary[^>]*>.*?<\/summary>/gs, '')
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .replaceAll('&#39;', "'")
    .replaceAll('&quot;', '"')
    .replaceAll(/\/\*.*?\*\//gs, '…')
    .replaceAll(/\/\/ .*$/gm, '…')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/(?<=[(<]) | (?=[)>])/g, '')
    .replaceAll(/,(?= ?[)}\]])/g, '')
    .trim();
}

/** All that a pattern's first group matches. */
const every = (html, pattern) => [...html.matchAll(pattern)].map((match) => plain(match[1]));

/** A type's fields or variants, where its declaration shows them; else nothing. */
function fields(body) {
  const parts = [''];
  let depth = 0;
  for (const [index, letter] of [...body].entries()) {
    if ('{([<'.includes(letter)) depth += 1;
    // Not the arrow of a function type.
    else if ('})]'.includes(letter) || (letter === '>' && body[index - 1] !== '-')) depth -= 1;
    if (depth === 0 && letter === ',') parts.push('');
    else parts[parts.length - 1] += letter;
  }
  return parts.map((part) => part.trim()).filter(Boolean);
}

/** The lines of one item's page. */
function item(html, name) {
  // What a type gets without being asked for it.
  const [own] = html.split(/<h2 id="(?:synthetic|blanket)-implementations"/);
  const [before, traits = ''] = own.split(/<h2 id="trait-implementations"/);
  const [declaration = ''] = every(before, /<pre class="rust item-decl"><code>(.*?)<\/code><\/pre>/gs);
  const [, head, body] = /^((?:pub )?(?:struct|enum)[^{]*)\{(.*)\}$/.exec(declaration) ?? [];
  const methods = every(before, /<h4 class="code-header">(.*?)<\/h4>/gs);
  const implemented = every(traits, /<h3 class="code-header">(.*?)<\/h3>/gs)
    .map((line) => line.replace(/ for .*$/, '').replace(/^impl(?:<[^>]*>)? /, ''))
    .filter((line) => line !== 'StructuralPartialEq');
  const lines = [
    ...(body ? fields(body) : []),
    // In a trait they are of its declaration already.
    ...(declaration.includes('trait ')
      ? []
      : [...new Set(methods)].filter((line) => line.startsWith('pub ')).sort()),
    ...(implemented.length > 0 ? [`impl ${[...new Set(implemented)].sort().join(', ')}`] : []),
  ];
  return [`  ${name}: ${(head ?? declaration).trim()}`, ...lines.map((line) => `    ${line}`)].join('\n');
}

/** The lines of one crate. */
function library(folder, name) {
  const index = join(folder, name, 'all.html');
  if (!existsSync(index)) throw new Error(`${index} is not there: cargo doc`);
  const listed = [...readFileSync(index, 'utf8').matchAll(/<a href="([^"#]+\.html)">([^<]+)<\/a>/g)];
  const items = listed
    .filter(([, page]) => !page.startsWith('http') && !page.startsWith('../'))
    .map(([, page, path]) => item(readFileSync(join(dirname(index), page), 'utf8'), path));
  if (items.length < 5) throw new Error(`${index} lists ${items.length} items: is it read rightly?`);
  return [name, ...items.sort()].join('\n');
}

/** Each line with the crate and the item that it is of: a member alone would say too little. */
function named(text) {
  let [crate, of] = ['', ''];
  const name = (line) => {
    if (/^\S/.test(line)) [crate, of] = [line, ''];
    else if (/^ {2}\S/.test(line)) of = line.trim().split(': ')[0];
    return `${crate}::${of} ${line.trim()}`;
  };
  return new Set(text.split('\n').filter(Boolean).map(name));
}

const folder = PAGES ?? new URL('../target/doc', import.meta.url).pathname;
const now = `${CRATES.map((name) => library(folder, name)).join('\n\n')}\n`;
if (process.argv.includes('--write')) {
  writeFileSync(REPORT, now);
} else if (now !== (existsSync(REPORT) ? readFileSync(REPORT, 'utf8') : '')) {
  const before = existsSync(REPORT) ? readFileSync(REPORT, 'utf8') : '';
  const [old, fresh] = [before, now].map(named);
  for (const line of old) if (!fresh.has(line)) console.error(`- ${line}`);
  for (const line of fresh) if (!old.has(line)) console.error(`+ ${line}`);
  console.error('docs/public-api.txt differs; if that is meant: node xtask/public_api.mjs --write');
  process.exitCode = 1;
}
