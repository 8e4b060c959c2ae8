/**
 * The rate that keeps playback at the live point, and the page's own: `Playback` against a stand-in
 * for the media element and the worker. Run with `node --test tests/www/`.
 */

import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { FakeVideo, FakeWorker } from './fake_media.mjs';

const { Playback } = await import('../../www/playback.js');
const { toTargetLatency } = await import('../../www/values.js');

let video;
let playback;
const states = () => FakeWorker.posted.filter(({ kind }) => kind === 'playback');
const lastState = () => states().at(-1);

beforeEach(() => {
  playback?.destroy();
  FakeWorker.posted = [];
  video = new FakeVideo();
  video.paused = false;
  playback = new Playback(/** @type {any} */ (video));
  FakeWorker.last.say({ kind: 'attach', source: new globalThis.MediaSource() });
});

test.after(() => playback.destroy());

test('the engine’s rate is set with pitch kept, and reported as the engine’s', () => {
  FakeWorker.last.say({ kind: 'rate', rate: 1.06 });
  assert.equal(video.playbackRate, 1.06);
  assert.equal(video.preservesPitch, true);
  assert.equal(lastState().playbackRate, 1.06);
  assert.equal(lastState().ownRate, true);
  FakeWorker.last.say({ kind: 'rate', rate: 1 });
  assert.equal(video.playbackRate, 1);
  assert.equal(lastState().ownRate, false);
});

test('the page’s rate goes before the engine’s', () => {
  video.playbackRate = 1.5;
  assert.equal(lastState().ownRate, false);
  FakeWorker.last.say({ kind: 'rate', rate: 1.06 });
  assert.equal(video.playbackRate, 1.5);

  video.playbackRate = 1;
  FakeWorker.last.say({ kind: 'rate', rate: 1.06 });
  assert.equal(video.playbackRate, 1.06);
  // The page sets one while ours is in force, and then happens to choose what ours was.
  video.playbackRate = 2;
  assert.equal(lastState().ownRate, false);
  video.playbackRate = 1.06;
  assert.equal(lastState().ownRate, false);
  FakeWorker.last.say({ kind: 'rate', rate: 1 });
  assert.equal(video.playbackRate, 1.06, 'it is the page’s now');
});

test('another stream does not begin at the engine’s rate', () => {
  video.playbackRate = 1;
  FakeWorker.last.say({ kind: 'rate', rate: 1.1 });
  playback.load('https://a.example/b.m3u8');
  assert.equal(video.playbackRate, 1);
});

test('the target latency outlives the worker', () => {
  playback.targetLatency = 3;
  assert.deepEqual(FakeWorker.posted.at(-1), { kind: 'targetlatency', secs: 3 });
  assert.equal(playback.targetLatency, 3);
  FakeWorker.last.say({ kind: 'error', code: 'internal', severity: 'fatal', message: '', context: {} });
  FakeWorker.posted = [];
  playback.load('https://a.example/b.m3u8');
  const kinds = FakeWorker.posted.map(({ kind }) => kind);
  assert.ok(kinds.indexOf('targetlatency') > kinds.indexOf('init'), String(kinds));
  assert.ok(kinds.indexOf('targetlatency') < kinds.indexOf('load'), String(kinds));
});

test('a target latency is seconds or nothing', () => {
  assert.equal(toTargetLatency('2.5'), 2.5);
  assert.equal(toTargetLatency(0), 0);
  for (const none of [null, undefined, '']) assert.equal(toTargetLatency(none), null);
  for (const wrong of ['soon', -1, Infinity]) {
    assert.throws(() => toTargetLatency(wrong), /targetLatency is a number of seconds/);
  }
});
