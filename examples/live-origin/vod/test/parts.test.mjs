/** The parts that need no service: messages, settings, ladders, playlists. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandLine } from '../lib/encode.mjs';
import { Hopeless, Misconfigured, sentence } from '../lib/failure.mjs';
import { ladder } from '../lib/ladder.mjs';
import { egressFolder, read, write } from '../lib/message.mjs';
import { averageBps, codecs, peakBps, readMedia, writeMedia, writeMultivariant } from '../lib/playlists.mjs';
import { understand } from '../lib/probe.mjs';
import { VARIABLES, settings } from '../lib/settings.mjs';

/** Where recordings are taken from. */
const IN = { ingestBucket: 'in' };
const HEIGHTS = [2160, 1440, 1080, 720, 540, 360, 240];
const SOURCE = { widthPx: 3840, heightPx: 1920, frameRate: 30, durationSecs: 60, videoBps: 20e6, audioChannels: 2 };

test('a message survives the queue', () => {
  const job = { bucket: 'in', key: 'camera/camera-1.flv', projection: 'cubemap' };
  assert.deepEqual(read(write(job), IN), { version: 1, ...job });
  assert.equal(egressFolder(job), 'camera/camera-1-cubemap');
  assert.equal(egressFolder(read(write({ bucket: 'in', key: 'a.b/c' }), IN)), 'a.b/c');
});

test('foreign messages are refused with a reason', () => {
  for (const text of [undefined, '', 'null', '[]', '1', '{}', '{"version":2}', '{"version":1,"bucket":7}']) {
    assert.throws(() => read(text, IN), Hopeless, String(text));
  }
  for (const key of ['', '/a', 'a/', 'a//b', '../a', 'a/../b', 'a/./b', 'a b', 'a\nb', 'a'.repeat(600)]) {
    assert.throws(() => read(write({ bucket: 'in', key }), IN), Hopeless, key);
  }
  assert.throws(() => read(write({ bucket: 'other', key: 'a.flv' }), IN), /"other", not VOD_INGEST_BUCKET \(in\)/);
});

test('nothing in a ladder goes above its source', () => {
  for (const [widthPx, heightPx] of [[3840, 1920], [1920, 1080], [960, 480], [641, 321], [64, 32]]) {
    for (const videoBps of [300_000, 20e6, null]) {
      for (const projection of ['equirect', 'cubemap']) {
        const { rungs } = ladder({ ...SOURCE, widthPx, heightPx, videoBps }, { heights: HEIGHTS, projection });
        assert.ok(rungs.length >= 1 && rungs.length <= 5);
        rungs.forEach((rung, at) => {
          assert.ok(rung.widthPx % 2 === 0 && rung.heightPx % 2 === 0);
          assert.ok(rung.videoBps <= (videoBps ?? Infinity));
          assert.ok(rung.widthPx <= widthPx + 1 && rung.heightPx <= heightPx + 1);
          const above = rungs[at - 1];
          assert.ok(!above || (rung.heightPx < above.heightPx && rung.videoBps <= above.videoBps * 0.71));
        });
      }
    }
  }
});

test('ladders are those the field uses', () => {
  const { rungs, audioBps } = ladder(SOURCE, { heights: HEIGHTS, projection: 'equirect' });
  const list = rungs.map(({ widthPx, heightPx, videoBps }) => `${widthPx}x${heightPx} ${(videoBps / 1e6).toFixed(1)}`);
  assert.deepEqual(list, ['3840x1920 11.6', '2880x1440 7.5', '2160x1080 4.9', '1440x720 2.7', '1080x540 1.7']);
  assert.equal(audioBps, 128_000);
  const fast = ladder({ ...SOURCE, frameRate: 120, audioChannels: 0 }, { heights: [480], projection: 'cubemap' });
  assert.deepEqual([fast.frameRate, fast.audioBps, fast.rungs[0].widthPx, fast.rungs[0].heightPx], [60, null, 2880, 1920]);
});

test("ffprobe's answer is understood, and what is no video refused", () => {
  const video = { codec_type: 'video', width: 640, height: 320, avg_frame_rate: '30000/1001' };
  const source = understand({ streams: [video, { codec_type: 'audio', channels: 4 }], format: { duration: '10' } }, 1e6);
  assert.deepEqual([source.videoBps, source.audioChannels, source.durationSecs], [800_000, 4, 10]);
  assert.ok(Math.abs(source.frameRate - 29.97) < 0.01);
  const bare = understand({ streams: [{ ...video, avg_frame_rate: '0/0', r_frame_rate: '1000/1' }] }, 5);
  assert.deepEqual([bare.frameRate, bare.durationSecs, bare.videoBps, bare.audioChannels], [30, null, null, 0]);
  const rates = (avg_frame_rate, r_frame_rate) => understand({ streams: [{ ...video, avg_frame_rate, r_frame_rate }] }, 5).frameRate;
  assert.deepEqual([rates('293/12', '24/1'), rates('12/1', '30/1'), rates('25/1', '0/0')], [24, 12, 25]);
  assert.throws(() => understand({ streams: [{ codec_type: 'audio' }] }, 5), Hopeless);
  assert.throws(() => understand({}, 5), Hopeless);
});

test('one ffmpeg makes all rungs, with key frames at the same times', () => {
  const plan = ladder({ ...SOURCE, audioChannels: 0 }, { heights: [960], projection: 'equirect' });
  const line = commandLine({ file: 'in.flv', folder: 'out', ladder: plan, projection: 'equirect', preset: 'fast' }).join(' ');
  assert.match(line, /split=2\[whole0\]\[whole1\];\[whole0\]scale=3840:1920/);
  assert.match(line, /-var_stream_map v:0,name:1920p v:1,name:960p out\/%v\/index\.m3u8$/);
  assert.doesNotMatch(line, /aac|v360/);
});

test('peaks are measured over whole target durations', () => {
  const segment = (durationSecs, kilobytes) => ({ uri: 'x', durationSecs, bytes: kilobytes * 1000 });
  const segments = [segment(4, 500), segment(4, 1000), segment(4, 500), segment(0.04, 100)];
  assert.equal(peakBps(segments), 2_000_000, 'the scrap at the end is no peak');
  assert.equal(averageBps(segments), Math.ceil((2_100_000 * 8) / 12.04));
  assert.equal(peakBps([segment(0.4, 50)]), 1_000_000, 'a short video has a rate too');
  assert.equal(peakBps([]), 0);
});

test('playlists say what is there', () => {
  const growing = '#EXTM3U\n#EXT-X-MAP:URI="init_0.mp4"\n#EXTINF:4.000000,\n00000.m4s\n#EXTINF:1.5,\n00001.m4s\n';
  const { initUri, segments } = readMedia(growing);
  assert.deepEqual(segments.map(({ uri, durationSecs }) => [uri, durationSecs]), [['00000.m4s', 4], ['00001.m4s', 1.5]]);
  const sized = segments.map((segment) => ({ ...segment, bytes: 100_000 }));
  const rendition = { name: '320p', widthPx: 640, heightPx: 320, initUri, codecs: 'avc1.64001e', segments: sized };
  const media = writeMedia(rendition);
  assert.match(media, /TARGETDURATION:4\n.*\n#EXT-X-PLAYLIST-TYPE:VOD\n/);
  assert.deepEqual(readMedia(media).segments, segments);
  const top = writeMultivariant([rendition], { folder: 'abc', frameRate: 30, projection: 'equirect' });
  const rates = 'BANDWIDTH=290910,AVERAGE-BANDWIDTH=290910';
  assert.match(top, new RegExp(`#EXT-X-STREAM-INF:${rates},RESOLUTION=640x320,FRAME-RATE=30\\.000,CODECS="avc1\\.64001e"\nabc/320p/index\\.m3u8\n$`));
  assert.throws(() => codecs(Buffer.from('no boxes')));
});

test('settings have defaults, or say what they are for', () => {
  const env = { VOD_QUEUE_URL: 'q', VOD_LADDER: '360,720' };
  assert.deepEqual(settings(env, ['VOD_QUEUE_URL', 'VOD_LADDER', 'VOD_PRESET']), { queueUrl: 'q', ladder: [720, 360], preset: 'veryfast' });
  assert.throws(() => settings({}, ['VOD_QUEUE_URL', 'VOD_EGRESS_BUCKET']), /VOD_QUEUE_URL, the queue.*VOD_EGRESS_BUCKET, the bucket/);
  assert.throws(() => settings({ VOD_MIN_FREE_BYTES: '1 GB' }, ['VOD_MIN_FREE_BYTES']), Misconfigured);
  assert.ok(Object.values(VARIABLES).every(({ what }) => what));
});

test('errors become a sentence', () => {
  assert.equal(sentence(new Hopeless('too bad')), 'too bad');
  assert.equal(sentence(new AggregateError([new Error('refused'), new Error('refused too')])), 'AggregateError: refused; refused too');
  assert.equal(sentence('text'), 'text');
});
