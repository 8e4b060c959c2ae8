/**
 * Recordings become video on demand, and nothing is lost on the way: real programs, S3 and SQS by
 * moto_server, and a proxy that kills, stalls and loses at the worst moments.
 *
 * Wants `MOTO_SERVER` and ffmpeg; `cargo xtask test` sees to both.
 */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { write } from '../lib/message.mjs';
import { readMedia } from '../lib/playlists.mjs';
import { Bed, run } from './bed.mjs';

const LIMIT = { timeout: 120_000 };
const SEGMENT = /^PUT .*\.m4s$/;

/** Parses `#EXT-X-STREAM-INF` lines and their URIs. */
function variants(text) {
  const lines = text.split('\n');
  return lines.flatMap((line, at) => {
    const [, attributes] = /^#EXT-X-STREAM-INF:(.*)/.exec(line) ?? [];
    if (!attributes) return [];
    const pairs = [...attributes.matchAll(/([A-Z-]+)=("[^"]*"|[^,]*)/g)];
    return { uri: lines[at + 1], ...Object.fromEntries(pairs.map(([, name, value]) => [name, value.replaceAll('"', '')])) };
  });
}

/** The attempts that left something in the egress bucket. */
const attempts = (keys) => new Set(keys.map((key) => /\/([0-9a-f]{12})\//.exec(key)?.[1]).filter(Boolean));

const isAlive = (pid) => access(`/proc/${pid}/fd/0`).then(() => true, () => false);

describe('recording → video on demand', { timeout: 600_000 }, () => {
  /** @type {Bed} */
  let bed;
  before(async () => {
    bed = await Bed.make();
  });
  after(() => bed?.remove());

  /** Uploads a recording and returns the key of its playlist. */
  async function handOver(name, how) {
    const file = await bed.recording(name, how);
    await bed.program('upload.mjs', file, '--name', 'camera', '--keep');
    return `camera/${name.replace(/\.\w+$/, '')}/index.m3u8`;
  }

  test('a recording becomes a ladder that plays, and its message goes last', LIMIT, async () => {
    await bed.fresh();
    const file = await bed.recording('camera-100.flv', { size: '960x480' });
    await bed.program('upload.mjs', file, '--name', 'camera');
    await assert.rejects(access(file), 'what bucket and queue have is removed');
    const worker = await bed.worker();
    await worker.says(/published http/);
    assert.deepEqual(await bed.waiting(), [0, 0]);

    const master = await bed.text('camera/camera-100/index.m3u8');
    const ladder = variants(master);
    assert.deepEqual(ladder.map(({ RESOLUTION }) => RESOLUTION), ['960x480', '720x360', '480x240']);
    const lists = [];
    for (const { uri, RESOLUTION, BANDWIDTH, CODECS, ...rates } of ladder) {
      assert.match(CODECS, /^avc1\.[0-9a-f]{6},mp4a\.40\.2$/);
      const url = bed.url(`camera/camera-100/${uri}`);
      const show = ['-show_entries', 'format=duration:stream=codec_name,profile,width,height,level', '-of', 'json'];
      const { streams, format } = JSON.parse((await run('ffprobe', ['-v', 'error', ...show, url])).stdout);
      const [video, audio] = ['h264', 'aac'].map((name) => streams.find((stream) => stream.codec_name === name));
      assert.equal(`${video.width}x${video.height}`, RESOLUTION);
      assert.equal(Number.parseInt(CODECS.slice(9, 11), 16), video.level);
      assert.equal(audio.profile, 'LC');
      assert.ok(Math.abs(format.duration - 9) < 0.2, `${format.duration} s`);
      const text = await bed.text(`camera/camera-100/${uri}`);
      assert.match(text, /#EXT-X-PLAYLIST-TYPE:VOD\n(.*\n)*#EXT-X-ENDLIST\n$/);
      lists.push(readMedia(text).segments);
      assert.ok(Number(BANDWIDTH) >= Number(rates['AVERAGE-BANDWIDTH']));
      // The whole of it, decoded: no error, no gap.
      const { stderr } = await run('ffmpeg', ['-v', 'warning', '-i', url, '-f', 'null', '-']);
      assert.equal(stderr, '');
    }
    assert.ok(lists[0].length >= 3);
    for (const list of lists) assert.deepEqual(list, lists[0], 'key frames lie at the same times');

    const order = bed.proxy.seen.map(({ what }) => what);
    const last = order.findLastIndex((what) => SEGMENT.test(what) || /^PUT .*p\/index\.m3u8$/.test(what));
    const top = order.indexOf(`PUT /${bed.settings.VOD_EGRESS_BUCKET}/camera/camera-100/index.m3u8`);
    const removed = order.indexOf('SQS DeleteMessage');
    assert.ok(0 < last && last < top && top < removed, `${last} < ${top} < ${removed}`);
    assert.equal(await worker.kill('SIGTERM'), 0);
  });

  test('a page on another site may read a video, ask for its head, and ask first', LIMIT, async () => {
    await bed.fresh();
    const key = await handOver('camera-150.flv', { secs: 2 });
    const worker = await bed.worker();
    await worker.says(/published http/);
    const Origin = 'https://page.example';
    const answer = (method, headers = {}) => fetch(bed.url(key), { method, headers: { Origin, ...headers } });
    const [got, head] = [await answer('GET'), await answer('HEAD')];
    assert.deepEqual([got.status, head.status], [200, 200]);
    for (const { headers } of [got, head]) {
      assert.match(headers.get('access-control-allow-origin'), /^(\*|https:\/\/page\.example)$/);
      assert.equal(headers.get('content-length'), String((await bed.text(key)).length));
    }
    const asked = await answer('OPTIONS', {
      'Access-Control-Request-Method': 'GET',
      'Access-Control-Request-Headers': 'range,if-none-match,cmcd-request',
    });
    assert.equal(asked.status, 200);
    assert.match(asked.headers.get('access-control-allow-headers'), /^(\*|range, ?if-none-match, ?cmcd-request)$/);
    assert.match(asked.headers.get('access-control-allow-methods'), /GET/);
    assert.equal(asked.headers.get('access-control-max-age'), '86400');
  });

  test('a worker killed in the middle loses nothing and leaves nothing behind', LIMIT, async () => {
    await bed.fresh({ hiddenSecs: 3 });
    const key = await handOver('camera-200.flv', { secs: 24 });
    bed.env.VOD_PRESET = 'veryslow';
    const killed = await bed.worker();
    await bed.proxy.until(SEGMENT, { answered: true });
    const below = await killed.descendants();
    assert.ok(below.some(({ name }) => name === 'ffmpeg'), JSON.stringify(below));
    assert.equal(await killed.kill('SIGKILL'), 'SIGKILL');
    while ((await Promise.all(below.map(({ pid }) => isAlive(pid)))).some(Boolean));
    assert.ok(!(await bed.published()).includes(key), 'half a video is not published');
    assert.deepEqual(await bed.waiting().then(([shown, hidden]) => shown + hidden), 1);

    bed.env.VOD_PRESET = 'ultrafast';
    const second = await bed.worker();
    await second.says(/try 2 of 3/);
    await second.says(/published http/);
    const keys = await bed.published();
    assert.ok(keys.includes(key));
    assert.equal(attempts(keys).size, 1, 'what the killed one had uploaded is gone');
    assert.deepEqual(await bed.waiting(), [0, 0]);
    const { stdout } = await run('ls', [bed.env.VOD_WORK_FOLDER]);
    assert.equal(stdout, '', 'its files are gone');
  });

  test('a worker that is asked to end gives its job back at once', LIMIT, async () => {
    await bed.fresh({ hiddenSecs: 3600 });
    await handOver('camera-300.flv');
    bed.proxy.rule = (what) => (SEGMENT.test(what) ? new Promise(() => {}) : undefined);
    const first = await bed.worker();
    await bed.proxy.until(SEGMENT);
    bed.proxy.rule = () => undefined;
    assert.equal(await first.kill('SIGTERM'), 0);
    assert.deepEqual(await bed.waiting(), [1, 0]);
    const second = await bed.worker();
    await second.says(/published http/);
    assert.equal(attempts(await bed.published()).size, 1);
  });

  test('a long job stays hidden from other workers by heartbeat', LIMIT, async () => {
    await bed.fresh({ hiddenSecs: 3 });
    await handOver('camera-400.flv');
    let goOn;
    const held = new Promise((resolve) => {
      goOn = resolve;
    });
    bed.proxy.rule = (what) => (SEGMENT.test(what) ? held : undefined);
    const [first, second] = [await bed.worker(), await bed.worker()];
    // Five beats of a second: by far longer than it would have stayed hidden by itself.
    await bed.proxy.until(/ChangeMessageVisibility/, { count: 5, answered: true });
    assert.deepEqual(await bed.waiting(), [0, 1]);
    goOn();
    await Promise.race([first.says(/published http/), second.says(/published http/)]);
    const tries = [...first.lines, ...second.lines].filter((line) => /try \d/.test(line));
    assert.equal(tries.length, 1, tries.join('\n'));
  });

  test('delivered twice, a recording is one video', LIMIT, async () => {
    await bed.fresh();
    const key = await handOver('camera-500.flv');
    await bed.send(write({ bucket: bed.settings.VOD_INGEST_BUCKET, key: 'camera/camera-500.flv' }));
    // Both reach the last step; one of them gets there second.
    let met;
    const meeting = new Promise((resolve) => {
      met = resolve;
    });
    const top = `PUT /${bed.settings.VOD_EGRESS_BUCKET}/${key}`;
    bed.proxy.rule = (what) => {
      if (what !== top) return undefined;
      if (bed.proxy.seen.filter((seen) => seen.what === top).length === 2) met();
      return meeting;
    };
    const workers = [await bed.worker(), await bed.worker()];
    await Promise.all(workers.map((worker) => worker.says(/published http/)));
    const dropped = workers.flatMap(({ lines }) => lines).filter((line) => /mine is dropped/.test(line));
    assert.equal(dropped.length, 1);
    const keys = await bed.published();
    assert.equal(attempts(keys).size, 1);
    for (const { uri } of variants(await bed.text(key))) {
      assert.ok(keys.includes(`camera/camera-500/${uri}`), `${uri} is there`);
    }
    assert.deepEqual(await bed.waiting(), [0, 0]);
    // And once more, long after.
    await bed.send(write({ bucket: bed.settings.VOD_INGEST_BUCKET, key: 'camera/camera-500.flv' }));
    await Promise.race(workers.map((worker) => worker.says(/published already/)));
    assert.deepEqual(await bed.published(), keys);
  });

  test('the answer to the last write is lost: the video stays', LIMIT, async () => {
    await bed.fresh();
    const key = await handOver('camera-600.flv');
    const top = `PUT /${bed.settings.VOD_EGRESS_BUCKET}/${key}`;
    let lost = 0;
    bed.proxy.rule = (what) => (what === top && lost++ === 0 ? 'lose' : undefined);
    const worker = await bed.worker();
    await worker.says(/published http/);
    assert.deepEqual(bed.proxy.all(/index\.m3u8$/).filter(({ what }) => what === top).map(({ status }) => status), [200, 412]);
    const keys = await bed.published();
    for (const { uri } of variants(await bed.text(key))) assert.ok(keys.includes(`camera/camera-600/${uri}`), uri);
  });

  test('poison is set aside with its reason, and the next job is done', LIMIT, async () => {
    await bed.fresh();
    const bucket = bed.settings.VOD_INGEST_BUCKET;
    const noise = path.join(bed.folder, 'noise-1.flv');
    await writeFile(noise, Buffer.alloc(50_000, 'not a video'));
    await bed.program('upload.mjs', noise, '--name', 'camera', '--keep');
    const silent = path.join(bed.folder, 'sound-1.flv');
    await run('ffmpeg', ['-v', 'error', '-y', '-f', 'lavfi', '-i', 'sine', '-t', '1', '-c:a', 'aac', silent]);
    await bed.program('upload.mjs', silent, '--name', 'camera', '--keep');
    // Each plays, by whatever plays playlists: of files that are no recordings.
    const secret = await bed.recording('secret.ts', { secs: 2 });
    const padding = '\n'.repeat(400_000);
    const playlists = {
      'hls-1.flv': `#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n${secret}\n#EXT-X-ENDLIST\n${padding}`,
      'concat-1.mp4': `ffconcat version 1.0\nfile secret.ts\n${padding}`,
      'sdp-1.ts': `v=0\nc=IN IP4 127.0.0.1\nm=video 9 RTP/AVP 96\na=rtpmap:96 H264/90000\n${padding}`,
    };
    for (const [name, text] of Object.entries(playlists)) {
      await writeFile(path.join(bed.folder, name), text);
      await bed.program('upload.mjs', path.join(bed.folder, name), '--name', 'camera', '--keep');
    }
    await bed.send('{"version": 1, "bucket"');
    await bed.send(write({ bucket: bed.settings.VOD_EGRESS_BUCKET, key: 'camera/camera-700.flv' }));
    await bed.send(write({ bucket, key: 'camera/nobody.flv' }));
    await bed.send(write({ bucket, key: '../../etc/passwd' }));
    await bed.send(write({ bucket, key: 'a/b.flv', projection: 'flat' }));
    const key = await handOver('camera-700.flv');
    const worker = await bed.worker();
    await worker.says(/published http/);
    await worker.says(/set aside: /, 10);
    const found = [];
    for (let message = await bed.setAside(); message; message = await bed.setAside()) found.push(message);
    const reasons = found.map(({ reason }) => reason).sort();
    const expected = [
      /ffprobe cannot read the recording: .*Invalid data/,
      /names no recording/,
      /names the bucket ".*-egress", not VOD_INGEST_BUCKET/,
      ...Object.keys(playlists).map(() => /is no FLV, MP4, .*: others are not opened/),
      /not JSON/,
      /the projection is "flat"/,
      /holds no video/,
      /there is no recording s3:\/\/.*nobody\.flv/,
    ];
    assert.equal(reasons.length, expected.length, reasons.join('\n'));
    const left = [...reasons];
    for (const pattern of expected) {
      const at = left.findIndex((reason) => pattern.test(reason));
      assert.notEqual(at, -1, `${pattern} in ${left.join('\n')}`);
      left.splice(at, 1);
    }
    assert.deepEqual(await bed.waiting(), [0, 0]);
    assert.ok((await bed.published()).includes(key));
  });

  test('what fails comes back later; the last failure is set aside, and can be tried again', LIMIT, async () => {
    await bed.fresh({ tries: 2 });
    const key = await handOver('camera-800.flv');
    bed.proxy.rule = (what) => (SEGMENT.test(what) ? 'refuse' : undefined);
    const first = await bed.worker();
    await first.says(/failed, comes again/);
    assert.deepEqual(await bed.waiting(), [0, 1], 'hidden for a while, not gone');
    assert.equal(bed.proxy.all(/DeleteMessage/).length, 0);
    await first.kill('SIGKILL');
    // Its pause would be half a minute.
    await bed.fresh({ tries: 1 });
    await bed.program('upload.mjs', path.join(bed.folder, 'camera-800.flv'), '--name', 'camera', '--keep');
    bed.proxy.rule = (what) => (SEGMENT.test(what) ? 'refuse' : undefined);
    const second = await bed.worker();
    await second.says(/set aside: /);
    bed.proxy.rule = () => undefined;
    assert.match((await bed.program('set_aside.mjs')).stdout, /camera-800\.flv.*\n {2}.*\n1 set aside/);
    assert.deepEqual((await bed.published()), [], 'half a video is tidied away');
    assert.match((await bed.program('set_aside.mjs', '--retry')).stdout, /1 put back/);
    await second.says(/published http/);
    assert.ok((await bed.published()).includes(key));
  });

  test('a recording becomes a cube', LIMIT, async () => {
    await bed.fresh();
    const faces = ['red', 'lime', 'blue', 'yellow', 'magenta', 'cyan'];
    const tiles = faces.map((colour, at) => `color=${colour}:s=160x160:r=25[t${at}]`);
    const layout = '0_0|w0_0|w0+w1_0|0_h0|w0_h0|w0+w1_h0';
    const joined = `${faces.map((_, at) => `[t${at}]`).join('')}xstack=inputs=6:layout=${layout}`;
    const picture = [...tiles, `${joined},v360=c3x2:equirect:w=640:h=320[out0]`].join(';');
    const file = await bed.recording('camera-900.flv', { picture, secs: 2, sound: false });
    await bed.program('upload.mjs', file, '--name', 'camera', '--projection', 'cubemap');
    const worker = await bed.worker();
    await worker.says(/published http/);
    const master = await bed.text('camera/camera-900-cubemap/index.m3u8');
    assert.match(master, /SESSION-DATA:DATA-ID="[\w.]+projection",VALUE="cubemap"/);
    const [top] = variants(master);
    assert.equal(top.RESOLUTION, '480x320');
    assert.match(top.CODECS, /^avc1\.[0-9a-f]{6}$/, 'no sound is claimed where there is none');
    const url = bed.url(`camera/camera-900-cubemap/${top.uri}`);
    const raw = ['-v', 'error', '-i', url, '-frames:v', '1', '-vf', 'scale=3:2:flags=area', '-pix_fmt', 'rgb24', '-f', 'rawvideo', '-'];
    const { stdout } = await run('ffmpeg', raw, { encoding: 'buffer' });
    const wanted = [[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 0], [255, 0, 255], [0, 255, 255]].flat();
    assert.equal(stdout.length, wanted.length);
    wanted.forEach((value, at) => assert.ok(Math.abs(value - stdout[at]) < 40, `${[...stdout]}`));
  });

  test('recordings that a crash left behind are handed over', LIMIT, async () => {
    await bed.fresh();
    const folder = path.join(bed.folder, 'left');
    await run('mkdir', [folder]);
    for (const name of ['left/camera-1.flv', 'left/stage-left-2.flv']) await bed.recording(name, { secs: 1 });
    await bed.program('upload.mjs', '--folder', folder, '--idle', '3600');
    assert.deepEqual(await bed.waiting(), [0, 0], 'one that still grows is left alone');
    await bed.program('upload.mjs', '--folder', folder, '--idle', '0');
    assert.deepEqual(await bed.waiting(), [2, 0]);
    assert.equal((await run('ls', [folder])).stdout, '');
    const worker = await bed.worker();
    await worker.says(/published http/, 2);
    const keys = await bed.published();
    assert.ok(keys.includes('camera/camera-1/index.m3u8') && keys.includes('stage-left/stage-left-2/index.m3u8'));
  });

  test('all in one: a worker that is killed is replaced, and all end together', LIMIT, async () => {
    const folder = path.join(bed.folder, 'local');
    const program = new URL('../local.mjs', import.meta.url).pathname;
    const local = spawn(process.execPath, [program, '--folder', folder], { stdio: ['pipe', 'pipe', 'pipe'] });
    const ended = new Promise((resolve) => {
      local.on('close', resolve);
    });
    const log = createInterface({ input: local.stderr })[Symbol.asyncIterator]();
    const said = async (pattern) => {
      for (;;) {
        const { value, done } = await log.next();
        assert.ok(!done, `it ended before it said ${pattern}`);
        const match = pattern.exec(value);
        if (match) return match[1];
      }
    };
    const [, endpoint] = /^ready (http.*)\n/.exec(String((await once(local.stdout, 'data'))[0]));
    const first = Number(await said(/process (\d+) is waiting/));
    process.kill(first, 'SIGKILL');
    const second = Number(await said(/process (\d+) is waiting/));
    assert.notEqual(first, second);
    const settings = await readFile(path.join(folder, 'vod.env'), 'utf8');
    assert.ok(settings.includes(`AWS_ENDPOINT_URL=${endpoint}\n`));
    // Whoever started it may just be gone.
    local.stdin.end();
    assert.equal(await ended, 0);
    assert.ok(!(await isAlive(second)));
    await assert.rejects(fetch(endpoint));
  });

  test('what a person can get wrong is said in a sentence', LIMIT, async () => {
    await bed.fresh();
    const failing = async (name, args, env) => {
      const options = { env: { ...bed.env, ...env } };
      const program = new URL(`../${name}`, import.meta.url).pathname;
      const error = await run(process.execPath, [program, ...args], options).then(() => null, (failed) => failed);
      assert.equal(error?.code, 1, name);
      assert.doesNotMatch(error.stderr, /\n\s+at /, 'no stack');
      return error.stderr;
    };
    assert.match(await failing('worker.mjs', [], { VOD_QUEUE_URL: '' }), /VOD_QUEUE_URL, the queue.*npm run setup/);
    const nowhere = bed.settings.VOD_QUEUE_URL.replace(/-jobs$/, '-nothing');
    assert.match(await failing('worker.mjs', [], { VOD_QUEUE_URL: nowhere }), /there is no queue/);
    const setAside = bed.settings.VOD_QUEUE_URL.replace(/-jobs$/, '-set-aside');
    assert.match(await failing('worker.mjs', [], { VOD_QUEUE_URL: setAside }), /has no dead-letter queue/);
    assert.match(await failing('worker.mjs', [], { PATH: '/nowhere' }), /install ffmpeg/);
    assert.match(await failing('worker.mjs', [], { VOD_LADDER: 'high' }), /VOD_LADDER is high: it wants heights/);
    assert.match(await failing('upload.mjs', ['nothing.flv', '--name', 'a'], {}), /there is no file nothing\.flv/);
    assert.match(await failing('upload.mjs', ['--what'], {}), /usage: /);
    assert.match(await failing('setup.mjs', [], { AWS_ENDPOINT_URL: '' }), /examples\/aws\/self-hosted\.yaml/);
  });
});
