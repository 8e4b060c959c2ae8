/** The media element's events, handed on: each once, an `ended` that WebKitGTK says twice too. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeVideo } from './fake_media.mjs';

globalThis.HTMLVideoElement ??= class {};
globalThis.HTMLMediaElement ??= class {};
const { forwardMediaEvents } = await import('../../www/media_members.js');

test('an end that the browser itself seeks to is told once, and each that is played to', () => {
  const video = Object.assign(new FakeVideo(), { duration: 4.010666 });
  const target = new EventTarget();
  const told = [];
  for (const type of ['ended', 'seeking', 'seeked', 'durationchange']) {
    target.addEventListener(type, () => told.push(type));
  }
  forwardMediaEvents(/** @type {any} */ (video), target, new AbortController().signal);
  const fire = (currentTime, ...types) => {
    video.currentTime = currentTime;
    for (const type of types) video.dispatchEvent(new Event(type));
    return told.splice(0);
  };
  // As it was seen.
  assert.deepEqual(fire(4.0107, 'ended', 'durationchange', 'seeking', 'ended', 'seeked'), [
    'ended',
    'durationchange',
    'seeking',
    'seeked',
  ]);
  // Played again, by a viewer.
  assert.deepEqual(fire(0, 'seeking', 'seeked'), ['seeking', 'seeked']);
  assert.deepEqual(fire(4.0107, 'ended'), ['ended']);
  // Another stream.
  video.duration = Number.NaN;
  fire(0, 'emptied');
  video.duration = 2;
  assert.deepEqual(fire(2, 'ended'), ['ended']);
});
