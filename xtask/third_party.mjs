/**
 * `THIRD-PARTY.txt`: whose code is in the wasm modules that ship, and on what terms.
 *
 * In: `wasm-pack.toml`, Cargo.lock, and the sources of the crates as cargo has fetched them. Out: the crates with
 * their licences, then each text once, with those that it is of. Without an argument it compares, and ends with
 * 1 where the file differs; `--write` writes it.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const FILE = join(root, 'THIRD-PARTY.txt');
const TARGET = 'wasm32-unknown-unknown';

const cargo = (...args) =>
  execFileSync('cargo', args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    stdio: ['ignore', 'pipe', 'inherit'],
  });

/** Names and versions of what is linked into the modules: no build scripts, no procedural macros. */
function linked() {
  const modules = readFileSync(join(root, 'wasm-pack.toml'), 'utf8').split('[[module]]').slice(1);
  const shipped = modules.filter((text) => !/^packaged = false/m.test(text));
  const found = new Set();
  for (const text of shipped) {
    const features = [.../^features = \[(.*)\]/m.exec(text)[1].matchAll(/"(.+?)"/g)].map(([, name]) => name);
    const tree = cargo(
      ...['tree', '--locked', '--target', TARGET, '--edges', 'normal,no-proc-macro', '--prefix', 'none'],
      ...['--format', '{p}', '--no-default-features', '--features', features.join(',')],
    );
    for (const line of tree.split('\n')) {
      const [, name, version, path] = /^(\S+) v(\S+)( \(\/)?/.exec(line) ?? [];
      // What has a path is ours.
      if (name && !path) found.add(`${name} ${version}`);
    }
  }
  return found;
}

/** The texts that have to go with it: of several licences to choose from the MIT one. */
function textsOf({ manifest_path, license = '' }) {
  const folder = dirname(manifest_path);
  const files = readdirSync(folder).filter((name) => /^(LICEN[CS]E|COPYING|NOTICE|COPYRIGHT)/i.test(name));
  const mit = files.find((name) => /mit/i.test(name));
  const isChoice = /\bOR\b|\//.test(license) && !/\bAND\b/.test(license);
  const chosen = isChoice && mit ? [mit, ...files.filter((name) => /^NOTICE/i.test(name))] : files;
  return chosen.map((name) => readFileSync(join(folder, name), 'utf8').replaceAll('\r\n', '\n').trim());
}

function report() {
  const names = linked();
  const { packages } = JSON.parse(
    cargo('metadata', '--locked', '--all-features', '--format-version', '1', '--filter-platform', TARGET),
  );
  const crates = packages
    .filter(({ name, version, source }) => source && names.has(`${name} ${version}`))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const missing = [...names].filter((each) => !crates.some((it) => each === `${it.name} ${it.version}`));
  if (missing.length > 0) throw new Error(`cargo metadata has no ${missing.join(', ')}`);
  const texts = new Map();
  const without = [];
  for (const crate of crates) {
    const its = textsOf(crate);
    if (its.length === 0) without.push(crate.name);
    for (const text of its) texts.set(text, [...(texts.get(text) ?? []), crate.name]);
  }
  const rule = `\n\n${'-'.repeat(80)}\n\n`;
  const list = crates.map(
    ({ name, version, license, repository }) =>
      `${name} ${version}: ${license}${repository ? `, ${repository}` : ''}`,
  );
  return `${[
    'The wasm modules of this package hold compiled code of these Rust crates. Where there is a choice of\n' +
      'licences, ours is the MIT licence. Made by xtask/third_party.mjs.',
    `${list.join('\n')}\n\nand of the Rust standard library: MIT OR Apache-2.0, https://github.com/rust-lang/rust`,
    ...(without.length > 0
      ? [`No text of a licence comes with ${without.join(', ')}; the terms are those named above.`]
      : []),
    ...[...texts].map(([text, users]) => `${users.join(', ')}\n\n${text}`),
  ].join(rule)}\n`;
}

const now = report();
if (process.argv.includes('--write')) {
  writeFileSync(FILE, now);
} else if (!existsSync(FILE) || readFileSync(FILE, 'utf8') !== now) {
  console.error('THIRD-PARTY.txt is not what the modules hold: node xtask/third_party.mjs --write');
  process.exitCode = 1;
}
