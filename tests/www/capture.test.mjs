/**
 * Stills: what a refusal to read the video's pixels becomes.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { captureFrame } from '../../www/capture.js';

globalThis.HTMLMediaElement = { HAVE_CURRENT_DATA: 2 };

/** A 2D canvas that refuses to be read, as one does after a video of another origin was drawn on it. */
function taintedCanvas() {
  const toBlob = () => {
    throw new DOMException('The canvas is tainted', 'SecurityError');
  };
  return { getContext: () => ({ drawImage: () => {} }), toBlob };
}

test('of a frame that may not be read the view says why', async () => {
  globalThis.document = { createElement: taintedCanvas };
  const said = { code: 'video-tainted', severity: 'fatal', message: 'in the words of the view' };
  const sizes = [];
  const view = {
    capture(width, height) {
      sizes.push([width, height]);
      throw said;
    },
  };
  const video = { readyState: 4, videoWidth: 3840, videoHeight: 1920 };
  const from = { view, canvas: { width: 300, height: 150 }, video };
  const { name, message } = await captureFrame(from, { source: 'frame' }).catch((error) => error);
  assert.deepEqual({ name, message }, { name: said.code, message: said.message });
  assert.deepEqual(sizes, [[300, 150]], 'at the size that is shown: nothing is resized for it');
});

test('any other failure is told as it is', async () => {
  const toBlob = (encoded) => encoded(null);
  globalThis.document = { createElement: () => ({ ...taintedCanvas(), toBlob }) };
  const view = { capture: (_width, _height, read) => read() };
  const from = { view, canvas: { width: 300, height: 150 }, video: {} };
  const error = await captureFrame(from, { type: 'image/none' }).catch((thrown) => thrown);
  assert.equal(error.name, 'internal');
  assert.match(error.message, /makes no image\/none of 300 × 150 pixels/);
});
