/** Thumbnails: what of a picture is shown, what cues name, and how many are loaded at a time. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PictureLoads } from '../../www/picture_loads.js';
import { partOf } from '../../www/storyboard.js';
import { partAhead, thumbnailOf } from '../../www/thumbnails.js';

test('what is ahead is a third of a sphere, two thirds of half a one, and of the left eye', () => {
  const whole = [0, 0, 720, 360];
  const part = (projection, stereo) => partAhead({ projection, stereo }, whole);
  assert.deepEqual(part('equirect-360', 'mono'), [240, 113, 240, 135]);
  assert.deepEqual(part('equirect-180', 'mono'), [120, 113, 480, 135]);
  assert.deepEqual(part('equirect-360', 'top-bottom'), [240, 56, 240, 68]);
  assert.deepEqual(part('equirect-360', 'side-by-side'), [120, 113, 120, 135]);
  // A tile within a sprite; and one too small to be cut.
  assert.deepEqual(
    partAhead({ projection: 'equirect-360', stereo: 'mono' }, [300, 30, 30, 16]),
    [310, 35, 10, 6],
  );
  assert.deepEqual(partAhead({ projection: 'equirect-360', stereo: 'mono' }, [5, 5, 1, 1]).slice(2), [1, 1]);
});

test('a cue names a picture, a part of one, or nothing', () => {
  const from = 'https://a.example/v/storyboard.vtt';
  assert.deepEqual(partOf('s.jpg#xywh=160,0,160,80\n', from), {
    url: 'https://a.example/v/s.jpg',
    box: [160, 0, 160, 80],
  });
  assert.deepEqual(partOf('/s.jpg#xywh=pixel:1,2,3,4', from)?.box, [1, 2, 3, 4]);
  assert.deepEqual(partOf(' s.jpg ', from), { url: 'https://a.example/v/s.jpg', box: undefined });
  for (const text of ['', 'two words', 'http://[', 's.jpg\nt.jpg'])
    assert.equal(partOf(text, from), undefined, text);
});

test('what is no moment or no width is refused', async () => {
  for (const [secs, options] of [
    [NaN],
    ['1'],
    [Infinity],
    [1, { width: 0 }],
    [1, { width: 1.5 }],
    [1, { width: 9999 }],
  ]) {
    await assert.rejects(thumbnailOf({}, undefined, secs, options), TypeError);
  }
});

/** Loads that are settled by hand. */
function byHand() {
  const begun = new Map();
  const load = (key) => (signal) =>
    new Promise((resolve, reject) => begun.set(key, { resolve, reject, signal }));
  return { begun, load };
}

const picture = (width = 1, height = 1) => {
  const image = { isClosed: false, close: () => (image.isClosed = true) };
  return { image, width, height };
};
const same = async (it) => it;
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('two are loaded at a time, of the others the last one asked for comes first', async () => {
  const { begun, load } = byHand();
  const loads = new PictureLoads();
  const all = ['a', 'b', 'c', 'd'].map((key) => loads.use(key, load(key), same));
  assert.deepEqual([...begun.keys()], ['a', 'b']);
  const made = picture();
  begun.get('b').resolve(made);
  assert.equal(await all[1], made);
  await settled();
  assert.deepEqual([...begun.keys()], ['a', 'b', 'd']);
  // What is there is not loaded again, nor what is on its way.
  assert.equal(await loads.use('b', load('never'), same), made);
  const twice = loads.use('a', load('never'), same);
  for (const key of ['a', 'd']) begun.get(key).resolve(picture());
  await settled();
  begun.get('c').resolve(picture());
  await Promise.all([...all, twice]);
  assert.deepEqual([...begun.keys()], ['a', 'b', 'd', 'c']);
});

test('what nobody waits for any more is given up, and can be asked for again', async () => {
  const { begun, load } = byHand();
  const loads = new PictureLoads();
  const [first, second] = [new AbortController(), new AbortController()];
  const one = loads.use('a', load('a'), same, first.signal);
  const two = loads.use('a', load('a'), same, second.signal);
  first.abort('gone');
  await assert.rejects(one, (reason) => reason === 'gone');
  assert.equal(begun.get('a').signal.aborted, false);
  second.abort('gone too');
  await assert.rejects(two, (reason) => reason === 'gone too');
  await settled();
  assert.equal(begun.get('a').signal.aborted, true);
  const again = loads.use('a', load('again'), same);
  assert.ok(begun.has('again'));
  begun.get('again').reject('no answer');
  await assert.rejects(again, (reason) => reason === 'no answer');
  const afterwards = loads.use('a', load('afterwards'), same);
  begun.get('afterwards').resolve(picture());
  await afterwards;
});

test('32 pictures or 32 MiB are kept, the last one always, and no more', async () => {
  const loads = new PictureLoads();
  const keep = async (key, ...size) => loads.use(key, async () => picture(...size), same);
  const many = [];
  for (let at = 0; at < 40; at += 1) many.push(await keep(`small ${at}`));
  assert.deepEqual(
    many.map(({ image }) => image.isClosed),
    many.map((_, at) => at < 8),
  );
  const large = await keep('large', 4096, 4096);
  assert.ok(many.every(({ image }) => image.isClosed));
  assert.ok(!large.image.isClosed);
  loads.clear();
  assert.ok(large.image.isClosed);
});
