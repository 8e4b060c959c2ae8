/** The list of audio tracks as HTML has it: what a page reads, chooses, and is told. */
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { AudioTracks } from '../../www/audio_tracks.js';

const info = (id, label, more = {}) => ({
  id,
  label,
  language: label.slice(0, 2),
  channels: '2',
  isDefault: false,
  describesVideo: false,
  ...more,
});
const ENGLISH = info(0, 'en', { isDefault: true });
const GERMAN = info(3, 'de');
const DESCRIBED = info(4, 'en, described', { describesVideo: true });

let list;
let chosen;
let seen;
const renew = (...infos) => list.renew(infos, (id) => chosen.push(id));
const enabled = () => [...list].filter((track) => track.enabled).map(({ id }) => id);

beforeEach(() => {
  list = new AudioTracks();
  chosen = [];
  seen = [];
  for (const type of ['addtrack', 'removetrack', 'change']) {
    list.addEventListener(type, (event) => seen.push([type, event.track?.id].filter(Boolean).join(' ')));
  }
});

test('an array-like list with an event for each that comes and goes', () => {
  renew(ENGLISH, GERMAN);
  const [english] = list;
  renew(ENGLISH, GERMAN, DESCRIBED);
  assert.equal(list[0], english, 'the same object');
  assert.deepEqual(
    [...list].map(({ id, kind, label, language }) => [id, kind, label, language]),
    [
      ['0', 'main', 'en', 'en'],
      ['3', 'alternative', 'de', 'de'],
      ['4', 'main-desc', 'en, described', 'en'],
    ],
  );
  assert.equal(list.getTrackById('4'), list[2]);
  assert.equal(list.getTrackById('9'), null);
  renew(GERMAN);
  assert.deepEqual([list.length, list[0].id, list[1]], [1, '3', undefined]);
  assert.deepEqual(seen, ['addtrack 0', 'addtrack 3', 'addtrack 4', 'removetrack 0', 'removetrack 4']);
});

test('one is enabled, and enabling another one is told once', async () => {
  renew(ENGLISH, GERMAN);
  assert.deepEqual(enabled(), []);
  list.follow(0, true);
  await null;
  assert.deepEqual(enabled(), ['0']);
  let changes = 0;
  list.onchange = () => (changes += 1);
  // As skins do it: every track in turn.
  for (const track of list) track.enabled = track.id === '3';
  list[1].enabled = true;
  await null;
  assert.deepEqual([enabled(), chosen, changes], [['3'], [3], 1]);
  list.follow(3, false);
  await null;
  assert.equal(changes, 1, 'that was known');
  list[1].enabled = false;
  assert.deepEqual(enabled(), ['3'], 'a stream has a sound');
});

test('what the engine said before it heard of the last choice is old', async () => {
  renew(ENGLISH, GERMAN, DESCRIBED);
  list.follow(0, true);
  list[1].enabled = true;
  list[2].enabled = true;
  list.follow(3, false);
  assert.deepEqual(enabled(), ['4']);
  list.follow(0, true);
  assert.deepEqual(enabled(), ['4'], 'the German track failed, which is not wanted any more');
  list.follow(4, false);
  list.follow(0, true);
  await null;
  assert.deepEqual(enabled(), ['0'], 'now the described one failed');
});

test('a track of another stream enables nothing', () => {
  renew(ENGLISH, GERMAN);
  const [, german] = list;
  renew();
  german.enabled = true;
  assert.deepEqual([chosen, german.enabled], [[], false]);
});
