/**
 * The package as others meet it: imported where there is no browser, packed, typed. Run with
 * `node --test tests/www/` after `npm ci`.
 */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const read = (path) => readFileSync(join(root, path), 'utf8');
const manifest = JSON.parse(read('package.json'));

test('importing needs no browser and does nothing', async () => {
  const before = Object.keys(globalThis).sort();
  const { Player, VideoSphereError } = await import('videosphere');
  const { VideoSphereElement } = await import('videosphere/element');
  assert.deepEqual(Object.keys(globalThis).sort(), before);
  assert.equal(typeof VideoSphereElement, 'function');
  assert.throws(() => new Player({ src: 'https://a.example/x.m3u8' }), /a Player needs a browser/);
  const error = new VideoSphereError({ name: 'decode', message: 'it broke' });
  assert.deepEqual(JSON.parse(JSON.stringify(error)), {
    name: 'decode',
    code: 3,
    severity: 'fatal',
    message: 'it broke',
    context: {},
  });
  assert.match(String(error), /^decode: it broke/);
});

test('a reported failure has a MediaError’s number and a name of ours', async () => {
  const { VideoSphereError } = await import('videosphere');
  const names = [
    'network-status',
    'playback-stalled',
    'decode',
    'internal',
    'not-a-playlist',
    'unsupported-codec',
  ];
  const told = names.map((code) =>
    VideoSphereError.from({ code, severity: 'warning', context: { url: 'a' } }),
  );
  assert.deepEqual(
    told.map(({ code }) => code),
    [2, 2, 3, 3, 4, 4],
  );
  assert.deepEqual([told[0].name, told[0].isFatal, told[0].context], ['network-status', false, { url: 'a' }]);
  const cause = new TypeError('no such thing');
  const defect = VideoSphereError.from(cause);
  assert.deepEqual([defect.name, defect.message, defect.cause], ['internal', 'no such thing', cause]);
});

test('one version everywhere', () => {
  const [, crate] = /^\[workspace\.package\][^[]*?^version = "([^"]+)"/ms.exec(read('Cargo.toml'));
  assert.equal(manifest.version, crate);
  assert.equal(JSON.parse(read('package-lock.json')).version, crate);
});

/** What `npm pack` takes, as paths. */
function packed() {
  const reported = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [{ files }] = Object.values(JSON.parse(reported));
  return files.map(({ path }) => path);
}

/** The files that a script imports or has the address of. */
const namedIn = (path) =>
  [...read(path).matchAll(/(?:from|import\(|import|new URL\()\s*["'`](\.[^"'`]+)["'`]/g)].map(
    ([, name]) => name,
  );

test('a page loads one script, and the worker is one file', () => {
  const importsOf = (path) => [...read(path).matchAll(/(?:from|import)\s*["'`](\.[^"'`]+)["'`]/g)];
  for (const name of ['element', 'index', 'worker']) assert.deepEqual(importsOf(`dist/${name}.js`), [], name);
  assert.deepEqual(
    [...new Set(importsOf('dist/element.import.js').map(([, name]) => name))],
    ['./index.js'],
    'so that Player is one class',
  );
  assert.ok(namedIn('dist/element.js').includes('./worker.js'));
});

test('the standalone file names no other, and holds the files that ship', async () => {
  const code = read('dist/standalone.js');
  assert.ok(!/import\.meta|\bimport\s*[("'`]|\bfrom\s*["'`]\./.test(code));
  const offered = ['Player', 'VideoSphereElement', 'VideoSphereError', 'labels'];
  assert.deepEqual(Object.keys(await import('videosphere/standalone')).sort(), offered);
  for (const name of ['engine', 'view_webgl2', 'view_webgpu']) {
    const [, packed] = new RegExp(`${name}:\\s*["'\`]([A-Za-z0-9+/=]{1000,})`).exec(code) ?? [];
    const wasm = readFileSync(join(root, `dist/wasm/${name}_bg.wasm`));
    const inside = gunzipSync(Buffer.from(packed, 'base64'));
    assert.ok(inside.subarray(0, wasm.length).equals(wasm), name);
    // What stands in a stack when it traps.
    const [section] = WebAssembly.Module.customSections(await WebAssembly.compile(inside), 'name');
    assert.equal(Buffer.from(section).subarray(3).toString(), name);
  }
});

test('editors are told of every attribute, and of no other', async () => {
  const { VideoSphereElement } = await import('videosphere/element');
  const [element] = JSON.parse(read('dist/custom-elements.json')).modules[0].declarations;
  const names = (each) => each.map(({ name }) => name).sort();
  const observed = VideoSphereElement.observedAttributes;
  const isRead = (name) => observed.includes(name) || read('www/reflection.js').includes(`: '${name}'`);
  assert.deepEqual(
    observed.filter((name) => !names(element.attributes).includes(name)),
    [],
  );
  assert.deepEqual(
    names(element.attributes).filter((name) => !isRead(name)),
    [],
  );
  const [tag] = JSON.parse(read('dist/html-data.json')).tags;
  assert.deepEqual(names(tag.attributes), names(element.attributes));
  assert.deepEqual(tag.attributes.find(({ name }) => name === 'preload').values, [
    { name: 'none' },
    { name: 'metadata' },
    { name: 'auto' },
  ]);
  // As README has them.
  const parts = /and the parts ([^.]+)\./s.exec(read('README.md'))[1].match(/[a-z]+(?=`)/g);
  assert.deepEqual(names(element.cssParts), parts.sort());
});

test('nothing is packed that has no business there, and nothing is missing', () => {
  const files = packed();
  const expected = [
    /^(package\.json|README\.md|CHANGELOG\.md|LICENSE-(MIT|APACHE)|THIRD-PARTY\.txt)$/,
    /^dist\/(index|element|element\.import|react|standalone|worker|view_webgl2|view_webgpu)\.js$/,
    /^dist\/(custom-elements|html-data)\.json$/,
    /^dist\/(page-)?(caption_style|captions|captions_menu|captions_reader|capture|cipher|cmcd|controls|dash_worker|decoding|diagnostics|gesture_hint|imsc_reader|key_frames|media_session|metadata|metadata_reader|picture_in_picture|preview|request_hook|session_data|sniff_source|spherical_guess|spherical_metadata|steering|stream_pictures|text_tracks|thumbnails|tracks_worker|webvtt_reader)\.js$/,
    /^dist\/labels\/([a-z]{2}\.js|pack\.d\.ts)$/,
    /^dist\/index\.d\.ts$/,
    /^(dist\/)?(element|react|standalone|svelte|vue)\.d\.ts$/,
    /^dist\/wasm\/(captions|dash|engine|imsc|metadata|transmux|view_webgl2|view_webgpu|webvtt)_bg\.wasm$/,
    /^(element|react|standalone)\.js$/,
  ];
  assert.deepEqual(
    files.filter((path) => !expected.some((rule) => rule.test(path))),
    [],
  );
  for (const path of ['README.md', 'LICENSE-MIT', 'LICENSE-APACHE', 'dist/index.d.ts']) {
    assert.ok(files.includes(path), path);
  }

  // Every file that a packed one names is packed.
  for (const path of files.filter((each) => each.endsWith('.js'))) {
    for (const name of namedIn(path)) {
      const named = posix.join(posix.dirname(path), name);
      assert.ok(files.includes(named), `${path} names ${named}, which is not packed`);
    }
  }
  const entries = Object.values(manifest.exports).flatMap((entry) =>
    typeof entry === 'string' ? [entry] : Object.values(entry),
  );
  for (const entry of entries.filter((each) => !each.includes('*'))) {
    assert.ok(files.includes(posix.normalize(entry)), entry);
  }
});

test('the examples agree with the types', () => {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [tsc, '-p', 'examples/typescript'], { cwd: root, stdio: 'pipe' });
});

test('times for eyes and for ears', async () => {
  globalThis.document ??= { documentElement: { lang: 'en' } };
  const { clock, spoken } = await import('../../www/controls/time_words.js');
  assert.deepEqual([0, 59.9, 61, 3723, NaN, Infinity, -4].map(clock), [
    '0:00',
    '0:59',
    '1:01',
    '1:02:03',
    '0:00',
    '0:00',
    '0:00',
  ]);
  assert.equal(spoken(3723), '1 hour 2 minutes 3 seconds');
  assert.equal(spoken(60), '1 minute');
  assert.equal(spoken(0), '0 seconds');
  delete globalThis.document;
});

test('the quality menu: one line a height, best first, the second source by name', async () => {
  const { qualityItems } = await import('../../www/controls/quality_items.js');
  const variant = (id, height, bandwidth, more = {}) => ({
    id,
    width: height * 2,
    height,
    bandwidth,
    playable: true,
    highQualitySource: false,
    ...more,
  });
  const media = {
    quality: 'auto',
    highQualitySrc: 'https://a.example/4k.m3u8',
    stats: { variant: 1 },
    variants: [
      variant(0, 480, 1e6),
      variant(1, 960, 3e6),
      variant(2, 960, 4e6),
      variant(3, 1920, 9e6, { playable: false }),
    ],
  };
  const lines = () => qualityItems(media).map(({ text, note, isChosen }) => [text, note, isChosen]);
  assert.deepEqual(lines(), [
    ['Auto', '960p', true],
    ['4K source', '', false],
    ['960p', '1920 × 960 · 4.0 Mbit/s', false],
    ['480p', '960 × 480 · 1.0 Mbit/s', false],
  ]);
  qualityItems(media)[2].choose();
  assert.equal(media.quality, 960);
  media.variants.push(variant(4, 2160, 2e7, { highQualitySource: true }));
  assert.deepEqual(
    lines().map(([text]) => text),
    ['Auto', '2160p', '960p', '480p'],
  );
});
