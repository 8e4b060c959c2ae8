/** The words of the element: packs are whole, and a change is told once. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';

const { labels, labelsChange } = await import('../../www/labels.js');

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
      assert.equal(typeof word, typeof labels[name], name);
      if (typeof word === 'string') assert.ok(word.trim().length > 0, name);
    }
    assert.ok(pack.wheelHint('⌘').includes('⌘'));
    assert.match(pack.seekPosition('AA', 'BB'), /AA.*BB|BB.*AA/);
    assert.ok(pack.behindLive('AA').includes('AA'));
    assert.equal(pack.keys.length, labels.keys.length);
    assert.ok(pack.keys.flat().every(Boolean));
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
