/** `play()` as a promise that always ends: `PendingPlay` against a stand-in for the media element. */
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { FakeVideo, tasks } from './fake_media.mjs';

const { PendingPlay } = await import('../../www/pending_play.js');

let video;
let pending;

/** How a promise ended, once every task has run. */
async function outcome(promise) {
  let reported = 'pending';
  promise.then(
    () => (reported = 'played'),
    (reason) => (reported = reason.name),
  );
  await tasks();
  return reported;
}

const exchange = () => {
  video.removeAttribute('src');
  video.load();
  video.src = 'blob:x';
};

beforeEach(() => {
  video = new FakeVideo();
  pending = new PendingPlay(/** @type {any} */ (video), new AbortController().signal);
  pending.expectSource();
});

test('it resolves when the element plays, and not when its source comes', async () => {
  const playing = pending.play();
  video.src = 'blob:x';
  assert.equal(await outcome(playing), 'pending');
  video.fill();
  assert.equal(await outcome(playing), 'played');
  assert.equal(await outcome(pending.play()), 'played', 'at once, where it plays already');
});

test('an exchange of the source says nothing', async () => {
  video.src = 'blob:x';
  await tasks();
  const playing = pending.play();
  exchange();
  assert.equal(await outcome(playing), 'pending');
  assert.equal(video.paused, false, 'and the wish is kept');
  video.fill();
  assert.equal(await outcome(playing), 'played');
});

test('what the old stream plays is not the new one’s', async () => {
  video.src = 'blob:x';
  video.fill();
  await tasks();
  pending.expectSource();
  const playing = pending.play();
  assert.equal(await outcome(playing), 'pending');
  exchange();
  pending.keep();
  assert.equal(video.paused, false, 'also before the next source comes');
  await tasks();
  video.fill();
  assert.equal(await outcome(playing), 'played');
});

test('a fatal error ends it, also one that is known; but what is buffered plays', async () => {
  const failure = Object.assign(new Error('no such thing'), { name: 'VideoSphereError' });
  video.src = 'blob:x';
  await tasks();
  const playing = pending.play();
  pending.fail(failure);
  assert.equal(await outcome(playing), 'VideoSphereError');
  assert.equal(await outcome(pending.play()), 'VideoSphereError');
  pending.expectSource();
  exchange();
  await tasks();
  video.fill();
  pending.fail(failure);
  assert.equal(await outcome(pending.play()), 'played');
  video.fail();
  assert.equal(await outcome(pending.play()), 'VideoSphereError', 'it does not decode');
});

test('pause() ends it, by whomever; one that was before it does not', async () => {
  const first = pending.play();
  pending.pause();
  assert.equal(await outcome(first), 'AbortError');
  video.src = 'blob:x';
  const second = pending.play();
  await tasks();
  video.pause();
  const third = pending.play();
  assert.equal(await outcome(third), 'pending');
  video.pause();
  assert.deepEqual([await outcome(second), await outcome(third)], ['AbortError', 'AbortError']);
});

test('so do a source taken away, and the end of the player', async () => {
  const waiting = pending.play();
  pending.expectNothing();
  assert.equal(await outcome(waiting), 'AbortError');
  const next = pending.play();
  pending.destroy();
  assert.equal(await outcome(next), 'AbortError');
  assert.equal(await outcome(pending.play()), 'AbortError');
});

test('what the browser does not allow is said', async () => {
  video.src = 'blob:x';
  await tasks();
  video.play = async () => {
    throw new DOMException('a gesture first', 'NotAllowedError');
  };
  assert.equal(await outcome(pending.play()), 'NotAllowedError');
});

test('a pause right after a source came is not undone by its loadstart', async () => {
  class VideoOfObjects extends FakeVideo {
    #object = null;
    get srcObject() {
      return this.#object;
    }
    set srcObject(source) {
      this.#object = source;
      this.src = 'blob:x';
    }
  }
  video = new VideoOfObjects();
  pending = new PendingPlay(/** @type {any} */ (video), new AbortController().signal);
  pending.expectSource();
  video.srcObject = {};
  const playing = pending.play();
  video.pause();
  assert.equal(await outcome(playing), 'AbortError');
  assert.equal(video.paused, true);
  const again = pending.play();
  video.fill();
  assert.equal(await outcome(again), 'played');
});
