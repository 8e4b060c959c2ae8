/**
 * The report of all that is public: `docs/public-types.txt`.
 *
 * In: the entries of `package.json`, `www/index.d.ts`, `element.d.ts` and `react.d.ts`. Out: a line for each
 * entry, type, member and alternative, without comments and in alphabetical order, so that a change
 * of the report is a change of the contract and nothing else. Without an argument it compares, and
 * ends with 1 where the report differs; `--write` writes it.
 */

import { readFileSync, writeFileSync } from 'node:fs';

const REPORT = 'docs/public-types.txt';
const TYPES = ['www/index.d.ts', 'www/element.d.ts', 'www/react.d.ts'];

const at = (path) => new URL(`../${path}`, import.meta.url);
const read = (path) => readFileSync(at(path), 'utf8');

/** Splits at a character where no bracket or string is open. */
function split(text, separator) {
  const parts = [''];
  let depth = 0;
  let quote = '';
  for (const [index, letter] of [...text].entries()) {
    if (quote) quote = letter === quote ? '' : quote;
    else if (/['"`]/.test(letter)) quote = letter;
    else if ('{([<'.includes(letter)) depth += 1;
    // Not the arrow of a function type.
    else if ('})]'.includes(letter) || (letter === '>' && text[index - 1] !== '=')) depth -= 1;
    if (!quote && depth === 0 && letter === separator) parts.push('');
    else parts[parts.length - 1] += letter;
  }
  return parts.map((part) => part.trim()).filter(Boolean);
}

/** A body's statements in alphabetical order. */
function sorted(body, indent) {
  return split(body, ';')
    .filter((statement) => !statement.startsWith('import '))
    .map((statement) => lines(statement, indent))
    .sort();
}

/** A statement as one string, the lines of its body in it, so that sorting leaves them together. */
function lines(statement, indent) {
  const block = /^((?:export |declare )*(?:class|interface|global)\b[^{]*)\{(.*)\}$/.exec(statement);
  if (block) return [indent + block[1].trim(), ...sorted(block[2], `${indent}  `)].join('\n');
  const alias = /^((?:export )?type \w+(?:<.*?>)?) = (.*)$/.exec(statement);
  const union = alias ? split(alias[2], '|') : [];
  if (union.length > 1) {
    return [`${indent}${alias[1]} =`, ...union.sort().map((part) => `${indent}  | ${part}`)].join('\n');
  }
  return indent + statement;
}

/** A declaration file on one line, without comments, each statement with its semicolon. */
function statements(text) {
  return (
    text
      .replaceAll(/\/\*.*?\*\/|^\s*\/\/.*$/gms, '')
      .replaceAll(/\s+/g, ' ')
      .replaceAll(/[,;](?= [)}\]>])/g, '')
      .replaceAll(/(?<=[(<]) | (?=[)>])/g, '')
      // What ends with a body has none.
      .replaceAll(/\} (?=export |declare |interface |type |class )/g, '}; ')
  );
}

function report() {
  const { exports } = JSON.parse(read('package.json'));
  const entries = Object.keys(exports).map((name) => `  ${name}`);
  const types = TYPES.map((path) => [path, ...sorted(statements(read(path)), '  ')].join('\n'));
  return `${['package.json', ...entries.sort()].join('\n')}\n\n${types.join('\n\n')}\n`;
}

const now = report();
if (process.argv.includes('--write')) {
  writeFileSync(at(REPORT), now);
} else {
  const before = read(REPORT);
  if (now !== before) {
    const [old, fresh] = [before, now].map((text) => new Set(text.split('\n')));
    for (const line of old) if (!fresh.has(line)) console.error(`- ${line}`);
    for (const line of fresh) if (!old.has(line)) console.error(`+ ${line}`);
    console.error(`${REPORT} differs; if that is meant: node xtask/public_types.mjs --write`);
    process.exitCode = 1;
  }
}
