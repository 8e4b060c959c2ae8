/** The pictures that a stream offers: where a list lies in time, when it is read again, and what is refused. */

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { StreamPictures } from '../../www/stream_pictures.js';

/** What is served, by path: a text, a status, or a handler. */
const served = new Map();
const asked = [];
const server = createServer((request, response) => {
  const { pathname } = new URL(request.url, 'http://a');
  asked.push(pathname);
  const what = served.get(pathname);
  if (typeof what === 'function') return what(request, response);
  response.statusCode = typeof what === 'string' ? 200 : (what ?? 404);
  response.end(what === undefined || typeof what === 'number' ? '' : what);
});
let origin = '';
before(async () => {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${server.address().port}`;
});
after(() => {
  server.closeAllConnections();
  server.close();
});

const MASTER = '#EXTM3U\n#EXT-X-IMAGE-STREAM-INF:BANDWIDTH=1,RESOLUTION=240x120,URI="images.m3u8"\n';
const list = (count, { more = '', target = 2 } = {}) =>
  `#EXTM3U\n#EXT-X-TARGETDURATION:${target}\n#EXT-X-IMAGES-ONLY\n${more}` +
  Array.from({ length: count }, (_, at) => `#EXTINF:2,\n${at}.jpg\n`).join('');

/** @param {object | null} timeline what the player knows */
function pictures(timeline = null) {
  asked.length = 0;
  served.set('/master.m3u8', MASTER);
  const state = { timeline };
  const stream = new StreamPictures(
    `${origin}/master.m3u8`,
    (url, init) => fetch(url, init),
    () => state.timeline,
  );
  const [images] = stream.sources;
  const at = async (secs) => {
    const moment = await images.find(secs, 240);
    return moment && [moment.key.split('/').at(-1), moment.startTime, moment.endTime];
  };
  return { at, state, images, stream };
}

test('what is on demand begins where the stream begins', async () => {
  served.set('/images.m3u8', `${list(3)}#EXT-X-ENDLIST`);
  const { at } = pictures();
  assert.deepEqual(await at(0), ['0.jpg', 0, 2]);
  assert.deepEqual(await at(5.9), ['2.jpg', 4, 6]);
  assert.equal(await at(6), null);
  assert.deepEqual(asked, ['/master.m3u8', '/images.m3u8']);
});

test('live, dates say where a list lies, and it is read again once it is behind', async () => {
  const dated = (count, target) =>
    list(count, { more: '#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:20Z\n', target });
  const zeroUnixMillis = Date.parse('2026-01-01T00:00:10Z');
  const timeline = { live: true, start: 0, end: 30, liveEdge: 28, zeroUnixMillis };
  served.set('/images.m3u8', dated(3, 1000));
  const { at } = pictures(timeline);
  assert.deepEqual(await at(10), ['0.jpg', 10, 12]);
  assert.equal(await at(9), null);
  // Not yet: there cannot be anything new in it.
  assert.equal(await at(16), null);
  assert.deepEqual(asked, ['/master.m3u8', '/images.m3u8']);

  served.set('/images.m3u8', dated(3, 0.000001));
  const quick = pictures(timeline);
  assert.deepEqual(await quick.at(15), ['2.jpg', 14, 16]);
  served.set('/images.m3u8', dated(4, 0.000001));
  assert.deepEqual(await quick.at(16), ['3.jpg', 16, 18]);
  assert.deepEqual(asked, ['/master.m3u8', '/images.m3u8', '/images.m3u8']);
});

test('live without dates, a list ends where the stream ended as it was read', async () => {
  served.set('/images.m3u8', list(3, { target: 1000 }));
  const timeline = { live: true, start: 0, end: 30, liveEdge: 28, zeroUnixMillis: null };
  const { at, state } = pictures(timeline);
  assert.deepEqual(await at(29), ['2.jpg', 28, 30]);
  state.timeline = { ...timeline, end: 34 };
  assert.deepEqual(await at(29), ['2.jpg', 28, 30]);
  assert.equal(await at(31), null);
});

test('a stream that offers none, a manifest of DASH, a file: nothing, and no more than their heads', async () => {
  const { at } = pictures();
  served.set('/master.m3u8', '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\na.m3u8');
  assert.equal(await at(1), null);
  const manifest = pictures();
  served.set('/master.m3u8', '<?xml version="1.0"?><MPD></MPD>');
  assert.equal(await manifest.at(1), null);
  // A film without an end is left at once.
  const film = pictures();
  let left = () => {};
  const isLeft = new Promise((resolve) => (left = resolve));
  served.set('/master.m3u8', (_, response) => {
    response.write(Buffer.alloc(65_536, 'ftyp'));
    response.on('close', left);
  });
  assert.equal(await film.at(1), null);
  await isLeft;
});

test('what cannot be had is said by name, and asked for again', async () => {
  const { at } = pictures();
  served.delete('/images.m3u8');
  const said = async () =>
    at(1).then(String, ({ code, severity, context }) => [code, severity, context.status]);
  assert.deepEqual(await said(), ['network-status', 'warning', 404]);
  served.set('/images.m3u8', '<html></html>');
  assert.deepEqual((await said())[0], 'not-a-playlist');
  served.set('/images.m3u8', '#EXTM3U\n#EXTINF:2,\na.ts');
  assert.deepEqual((await said())[0], 'playlist-invalid');
  served.set('/images.m3u8', (_, response) => response.destroy());
  assert.deepEqual((await said())[0], 'network-unreachable');
  served.set('/images.m3u8', list(1));
  assert.deepEqual(await at(1), ['0.jpg', 0, 2]);
  const refused = new StreamPictures(
    `${origin}/master.m3u8`,
    () => Promise.reject(null),
    () => null,
  );
  await assert.rejects(refused.sources[0].find(1, 240), { code: 'request-function-failed' });
});

test('no more than 16 MiB of a picture, and none that is encrypted', async () => {
  served.set('/images.m3u8', list(1));
  served.set('/0.jpg', (_, response) => {
    const more = () => {
      while (response.write(Buffer.alloc(1 << 20)));
      response.once('drain', more);
    };
    more();
  });
  const { images } = pictures();
  const moment = await images.find(1, 240);
  await assert.rejects(moment.load(new AbortController().signal), { code: 'network-too-large' });
  // Given up, it ends with the reason of whoever gave it up.
  served.set('/0.jpg', () => {});
  const abort = new AbortController();
  const loading = moment.load(abort.signal);
  abort.abort('another place');
  await assert.rejects(loading, (reason) => reason === 'another place');

  served.set('/images.m3u8', list(1, { more: '#EXT-X-KEY:METHOD=AES-128,URI="k"\n' }));
  const locked = await pictures().images.find(1, 240);
  await assert.rejects(locked.load(new AbortController().signal), { code: 'encrypted' });
});
