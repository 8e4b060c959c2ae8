/** What the engine is told of the variants' decoding. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { decodingOf } from '../../www/decoding.js';

const variant = (codecs, more) => ({
  codecs,
  width: 1920,
  height: 960,
  bandwidth: 4e6,
  frameRate: null,
  videoRange: 'SDR',
  playable: true,
  ...more,
});

/** Answers by the codec; what it has no answer for is an error. */
const browser = (answers) => {
  const asked = [];
  return {
    asked,
    decodingInfo: async (question) => {
      asked.push(question);
      const answer = answers[/codecs="([^".]*)/.exec(question.video.contentType)[1]];
      if (!answer) throw new TypeError('no such type');
      const [supported, smooth, powerEfficient] = answer;
      return { supported, smooth, powerEfficient };
    },
  };
};

test('each picture is asked for once, and every answer is told', async () => {
  const capabilities = browser({
    avc1: [true, true, false],
    av01: [true, true, true],
    vp09: [true, false, false],
  });
  const variants = [
    variant('mp4a.40.2,avc1.640028'),
    variant('avc1.640028,ec-3'),
    variant('av01.0.08M.08,opus', { frameRate: 60 }),
    variant('vp09.00.40.08'),
    variant('av01.0.08M.10', { videoRange: 'PQ' }),
    variant('hvc1.1.6.L120.B0'),
    variant('hvc1.1.6.L120.B0', { width: 0, playable: false }),
  ];
  const flags = await decodingOf(variants, capabilities);
  assert.deepEqual([...flags], [14, 14, 15, 12, 11, 14, 4]);
  assert.equal(capabilities.asked.length, 5, 'one for both of H.264, none without a size');
  assert.deepEqual(capabilities.asked[1], {
    type: 'media-source',
    video: {
      contentType: 'video/mp4; codecs="av01.0.08M.08"',
      width: 1920,
      height: 960,
      bitrate: 4e6,
      framerate: 60,
    },
  });
});

test('nobody is asked about one codec, and a browser without the interface answers by what plays', async () => {
  const capabilities = browser({});
  const same = [
    variant('avc1.640028,mp4a.40.2'),
    variant('avc3.640028,ec-3'),
    variant(''),
    variant('mp4a.40.2'),
  ];
  assert.equal(await decodingOf(same, capabilities), null);
  assert.equal(
    await decodingOf([variant('hvc1.1.6.L93.B0'), variant('hev1.1.6.L93.B0')], capabilities),
    null,
  );
  assert.deepEqual(capabilities.asked, []);
  const two = [variant('avc1.640028'), variant('dvh1.05.06', { playable: false, videoRange: 'PQ' })];
  assert.deepEqual([...(await decodingOf(two, null))], [14, 0]);
  const refusing = browser({ avc1: [false, false, false], dvh1: [false, false, false] });
  assert.deepEqual([...(await decodingOf(two, refusing))], [12, 0], 'not smooth, but it may play');
});
