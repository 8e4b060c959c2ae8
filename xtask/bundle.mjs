/**
 * What the package ships, made of `www/`: `dist/`.
 *
 * In: the sources and the wasm modules as built. Out: `element.js`, the element whole in one script for
 * a page; `index.js`, the class in one script; `element.import.js`, the element on top of that for
 * bundlers and import maps, so that `Player` is one class; `worker.js`; what is loaded only when needed,
 * a file each (`page-NAME.js` belong to `element.js`); `standalone.js`, all of it in one file; `react.js` as it
 * is; types, wasm, and what editors are told of the element. It refuses a file that names one that is not there.
 */
import {
  accessSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { transform } from 'esbuild';
import { rolldown } from 'rolldown';
import { elementData } from './element_data.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const www = join(root, 'www');
const dist = join(root, 'dist');
// Whole or not at all: what a build before left stays until this one is done.
const made = join(root, 'target/dist');

/**
 * @param {Record<string, string>} input names of files in `dist` to files in `www`
 * @param {string} prefix of what is loaded later; view modules hold nothing of ours and are shared
 */
async function bundle(input, prefix = '') {
  const bundled = await rolldown({
    input,
    cwd: www,
    platform: 'browser',
    logLevel: 'warn',
    plugins: [smallStyles],
    // What is loaded later takes what it shares with a script from that script, not both from a third.
    preserveEntrySignatures: 'allow-extension',
  });
  const { output } = await bundled.generate({
    format: 'esm',
    minify: true,
    entryFileNames: '[name].js',
    chunkFileNames: ({ name }) => (name.startsWith('view_') ? '[name].js' : `${prefix}[name].js`),
  });
  for (const { fileName, code } of output) {
    // Bundlers look for a text in quotes in this place, and the minifier writes backticks.
    const quoted = code.replaceAll(/new URL\(`([^`$]+)`,/g, 'new URL("$1",');
    writeFileSync(join(made, fileName), quoted);
  }
}

/** Rolldown's plugin that takes out what style sheets in texts hold for people alone. */
const smallStyles = {
  name: 'small-styles',
  /** @param {string} code @param {string} id */
  async transform(code, id) {
    const [text, sheet] = (id.endsWith('style.js') && /\/\* css \*\/ `([^`]*)`/.exec(code)) || [];
    if (!text) return undefined;
    if (/\\|\$\{/.test(sheet))
      throw new Error(`${id}: a style sheet with an escape in it is not a plain text`);
    const options = /** @type {const} */ ({ loader: 'css', minify: true, target: 'esnext' });
    const { code: small } = await transform(sheet, options);
    // A function, since `$` means something in a text.
    return code.replace(text, () => JSON.stringify(small.trim()));
  },
};

/**
 * A module with its name inside: bytes have no address, and `view_modules.js` has to find in a stack which one
 * trapped. (WebAssembly's "name" section, of which Chromium makes the address.)
 * @param {string} name
 */
function namedModule(name) {
  const wasm = readFileSync(join(www, `wasm/${name}_bg.wasm`));
  const text = Buffer.from(name);
  const section = Buffer.concat([
    Buffer.from('\x04name\0'),
    Buffer.from([text.length + 1, text.length]),
    text,
  ]);
  return Buffer.concat([wasm, Buffer.from([0, section.length]), section]);
}

/**
 * One file that names no other: the worker is a text in it, the wasm modules base64 of gzip, which takes no
 * more bytes over a line that compresses than the files themselves.
 */
async function standalone() {
  const whole = { platform: 'browser', cwd: www, logLevel: 'warn' };
  // A bundler that meets `import.meta.url` looks for a file; a blob has none beside it.
  const nowhere = { transform: { define: { 'import.meta.url': 'self.location.href' } } };
  const output = { format: 'esm', minify: true, codeSplitting: false };
  const packed = (name) => gzipSync(namedModule(name), { level: 9 }).toString('base64');
  const textModules = Object.fromEntries(
    ['captions', 'webvtt', 'imsc', 'metadata'].map((name) => [name, packed(name)]),
  );
  const inWorker = inPlaceOf('worker_addresses.js', {
    './standalone_worker_files.js': `export const transmuxModule = ${JSON.stringify(packed('transmux'))};
      export const dashModule = ${JSON.stringify(packed('dash'))};
      export const textModules = ${JSON.stringify(textModules)};`,
  });
  const worker = await rolldown({ ...whole, ...nowhere, input: './worker.js', plugins: [inWorker] });
  const workerSource = (await worker.generate(output)).output[0].code;
  const modules = Object.fromEntries(
    ['engine', 'view_webgl2', 'view_webgpu'].map((name) => [name, packed(name)]),
  );
  const files = `export const workerSource = ${JSON.stringify(workerSource)};
    export const modules = ${JSON.stringify(modules)};`;
  const inside = inPlaceOf('addresses.js', { './standalone_files.js': files });
  const bundled = await rolldown({
    ...whole,
    ...nowhere,
    input: './standalone.js',
    plugins: [smallStyles, inside],
  });
  const { code } = (await bundled.generate(output)).output[0];
  if (/import\.meta|\bimport\(|new Worker\(new URL/.test(code))
    throw new Error('standalone.js names another file');
  writeFileSync(join(made, 'standalone.js'), code);
}

/**
 * Rolldown's plugin that takes `standalone_NAME` for a file of `www`, and modules that are no files.
 * @param {string} name @param {Record<string, string>} made by what they are imported as
 */
function inPlaceOf(name, made) {
  return {
    name: `in-place-of-${name}`,
    resolveId(id) {
      if (id === `./${name}`) return join(www, `standalone_${name}`);
      if (id in made) return id;
    },
    load: (id) => made[id],
  };
}

/** @param {string} from @param {string} to @param {RegExp} which */
function copy(from, to, which) {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from).filter((each) => which.test(each))) {
    copyFileSync(join(from, name), join(to, name));
  }
}

/** Every address that one of these names leads to a file; of imports the bundler has seen to that. */
function check() {
  for (const file of readdirSync(made).filter((name) => name.endsWith('.js'))) {
    const code = readFileSync(join(made, file), 'utf8');
    for (const [, name] of code.matchAll(/new URL\("([^"]+)"/g)) {
      accessSync(join(made, name));
    }
  }
}

rmSync(made, { recursive: true, force: true });
mkdirSync(made, { recursive: true });
await bundle({ worker: './worker.js' });
await bundle({ index: './index.js', 'element.import': './element.js' });
await bundle({ element: './element.js' }, 'page-');
await standalone();
const react = readFileSync(join(www, 'react.js'), 'utf8');
writeFileSync(join(made, 'react.js'), react.replace("'./element.js'", "'./element.import.js'"));
const { manifest, htmlData } = elementData(www);
writeFileSync(join(made, 'custom-elements.json'), JSON.stringify(manifest, null, 1));
writeFileSync(join(made, 'html-data.json'), JSON.stringify(htmlData, null, 1));
copy(www, made, /^(index|element|standalone|react|vue|svelte)\.d\.ts$/);
// Each by itself, for the page that wants it.
copy(join(www, 'labels'), join(made, 'labels'), /\.(js|d\.ts)$/);
copy(
  join(www, 'wasm'),
  join(made, 'wasm'),
  /^(captions|dash|engine|imsc|metadata|transmux|view_webgl2|view_webgpu|webvtt)_bg\.wasm$/,
);
check();
rmSync(dist, { recursive: true, force: true });
renameSync(made, dist);
