/** The words of the element: packs are whole, and a change is told once. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const { labels, labelsChange } = await import('../../www/labels.js');
const { VideoSphereError } = await import('../../www/errors.js');

/** Warnings, which nobody is shown, and what is for the page's author alone. */
const unshown = [
  'invalid-option',
  'unsupported-projection',
  'variant-excluded',
  'segment-skipped',
  'behind-live-window',
  'link-too-slow',
  'steering-failed',
  'no-frame',
  'immersive-unavailable',
  'motion-denied',
  'internal',
];
const url = 'https://a.example/main.m3u8';
/** What each has in its context, as `src/web/messages.rs` and the page's own failures write it. */
const facts = {
  'network-status': { url, status: 503 },
  'playlist-invalid': { url, line: 7, problem: 'why' },
  'no-playable-variant': { codecs: ['ac-3', 'hvc1.1'] },
  'unsupported-codec': { codec: 'HEVC' },
  encrypted: { method: 'SAMPLE-AES' },
  'decryption-unavailable': { detail: 'why' },
  'damaged-media': { format: 'MPEG-TS', problem: 'why' },
  'append-rejected': { detail: 'why' },
  'buffer-full': {},
  decode: { detail: 'why' },
  'media-source-unsupported': {},
  'live-playlist-stalled': { url, forSecs: 31 },
  'playback-stalled': { forSecs: 31 },
  'renderer-unavailable': {},
  'context-lost': {},
  'video-tainted': {},
};
const contract = readFileSync(new URL('../../www/index.d.ts', import.meta.url), 'utf8');
const [, names] = /export type ErrorName =(.*?);\n\n/s.exec(contract);
const failures = Object.fromEntries(
  [...names.matchAll(/^ {2}\| '([a-z-]+)'/gm)]
    .map(([, name]) => name)
    .filter((name) => !unshown.includes(name))
    .map((name) => [name, facts[name] ?? { url }]),
);

const folder = new URL('../../www/labels/', import.meta.url);
const languages = readdirSync(folder)
  .filter((name) => name.endsWith('.js'))
  .map((name) => name.slice(0, -3));

test('there is a pack for each language that is promised', () => {
  assert.deepEqual(languages.sort(), ['ar', 'de', 'es', 'fr', 'it', 'ja', 'nl', 'pl', 'pt', 'zh']);
});

for (const language of languages) {
  test(`the pack ${language} has every word, and no other`, async () => {
    const { default: pack } = await import(new URL(`${language}.js`, folder));
    assert.deepEqual(Object.keys(pack).sort(), Object.keys(labels).sort());
    assert.equal(pack.lang, language);
    for (const [name, word] of Object.entries(pack)) {
      if (name !== 'failure') assert.equal(typeof word, typeof labels[name], name);
      if (typeof word === 'string') assert.ok(word.trim().length > 0, name);
    }
    assert.ok(pack.wheelHint('⌘').includes('⌘'));
    assert.match(pack.seekPosition('AA', 'BB'), /AA.*BB|BB.*AA/);
    assert.ok(pack.behindLive('AA').includes('AA'));
    assert.equal(pack.keys.length, labels.keys.length);
    assert.ok(pack.keys.flat().every(Boolean));
  });

  test(`the pack ${language} has a sentence for each failure that a viewer is shown, with its facts`, async () => {
    const { default: pack } = await import(new URL(`${language}.js`, folder));
    for (const [name, context] of Object.entries(failures)) {
      const said = pack.failure(new VideoSphereError({ name, context }));
      assert.equal(typeof said, 'string', name);
      for (const fact of Object.values(context).flat())
        assert.ok(said.includes(String(fact)), `${name}: ${said}`);
      assert.doesNotMatch(said, /undefined|NaN|\$\{/, name);
    }
    const said = (/** @type {number} */ status) =>
      pack.failure(new VideoSphereError({ name: 'network-status', context: { url, status } }));
    assert.equal(new Set([404, 401, 503].map((status) => said(status).replace(String(status), ''))).size, 3);
    // What it has no words for is shown in English.
    assert.equal(pack.failure(new VideoSphereError({ name: 'internal' })), undefined);
  });
}

test('all that changes in a task is told once', async () => {
  const { play, pause } = labels;
  let told = 0;
  labelsChange.addEventListener('change', () => (told += 1));
  Object.assign(labels, { play: 'Los', pause: 'Halt' });
  assert.deepEqual([labels.play, labels.pause, told], ['Los', 'Halt', 0]);
  await Promise.resolve();
  assert.equal(told, 1);
  Object.assign(labels, { play, pause });
  await Promise.resolve();
  assert.equal(told, 2);
});
