/**
 * The playlist that the page asks for before the engine is there: what goes out, and that the engine's
 * request gets what it would have got by itself.
 */
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { readFileSync } from 'node:fs';
import { requestEarly } from '../../www/early_request.js';
import { EarlyResponse } from '../../www/early_response.js';
import { askEarly, likelyPlaylist } from '../../www/early_stream.js';
import { initialBps, startBps } from '../../www/link_estimate.js';

// Node 20 has none.
globalThis.navigator ??= {};

const URL_ASKED = 'https://a.example/x.m3u8?token=1';
const browserFetch = globalThis.fetch;
afterEach(() => (globalThis.fetch = browserFetch));

/** The page's request answered by this, and the worker's end of it. */
function ask(answer, request = {}) {
  const asked = {};
  globalThis.fetch = (url, init) => {
    Object.assign(asked, { url, init });
    return answer(init);
  };
  const { port, abort } = requestEarly(URL_ASKED, request);
  return { asked, abort, early: new EarlyResponse({ kind: 'asked', load: 1, url: URL_ASKED, port }) };
}

/** As `fetch` gives it: with an address of its own, which a made one lacks. */
const answered = (body, init, url = URL_ASKED) =>
  Promise.resolve(Object.defineProperty(new Response(body, init), 'url', { value: url }));

/** No answer, until it is given up. */
const never = ({ signal }) =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

const brokenAfter = (text) =>
  new ReadableStream({
    start: (controller) => controller.enqueue(new TextEncoder().encode(text)),
    pull: (controller) => controller.error(new TypeError('network error')),
  });

test('what goes out is what the engine would ask', async () => {
  const headers = { 'X-Token': 'secret', 'X-Number': 3 };
  const { asked, early } = ask(() => answered('#EXTM3U'), { headers, credentials: 'include' });
  assert.equal(asked.url, URL_ASKED);
  const { signal, ...init } = asked.init;
  assert.deepEqual(init, { headers: { 'X-Token': 'secret' }, credentials: 'include', cache: 'no-cache' });
  assert.equal(signal.aborted, false);
  assert.equal(await (await early.take(null)).text(), '#EXTM3U');
});

test('it answers one request, of its stream and address', () => {
  const { early, abort } = ask(never);
  assert.equal(early.isFor(URL_ASKED, 1), true);
  assert.equal(early.isFor(URL_ASKED, 2), false);
  assert.equal(early.isFor('https://a.example/y.m3u8', 1), false);
  early.forgo();
  abort();
});

test('status, headers and the address after redirects are the server’s', async () => {
  const init = { status: 503, headers: { 'retry-after': '7' } };
  const { early } = ask(() => answered('busy', init, 'https://b.example/z/x.m3u8'));
  const response = await early.take(null);
  assert.deepEqual(
    [response.ok, response.status, response.url, response.headers.get('retry-after')],
    [false, 503, 'https://b.example/z/x.m3u8', '7'],
  );
  const empty = await ask(() => answered(null, { status: 204 })).early.take(null);
  assert.deepEqual([empty.status, empty.body], [204, null]);
});

test('a body that breaks off brings what came of it, then breaks off', async () => {
  const { early } = ask(() => answered(brokenAfter('#EXT'), { headers: { 'content-length': '90' } }));
  const response = await early.take(null);
  assert.equal(response.headers.get('content-length'), '90');
  const reader = response.body.getReader();
  assert.equal(new TextDecoder().decode((await reader.read()).value), '#EXT');
  await assert.rejects(reader.read());
});

test('no answer is a rejection, and none that nobody handles', async () => {
  const failing = () => Promise.reject(new TypeError('Failed to fetch'));
  await assert.rejects(ask(failing).early.take(null), TypeError);
  // Taken by nobody: an unhandled rejection would fail this file.
  const { early } = ask(failing);
  await new Promise((resolve) => setImmediate(resolve));
  early.forgo(new Error('left'));
});

test('a request that the engine gives up is given up on the page', async () => {
  const { asked, early } = ask(never);
  const engine = new AbortController();
  const response = early.take(engine.signal);
  engine.abort();
  await assert.rejects(response, { name: 'AbortError' });
  if (!asked.init.signal.aborted) {
    await new Promise((resolve) => asked.init.signal.addEventListener('abort', resolve));
  }
});

/** What `askEarly` posts, its requests answered by these texts. */
async function walked(texts, isChoiceUsual = true) {
  globalThis.MediaSource = { isTypeSupported: (type) => !type.includes('hvc1') };
  const asked = [];
  globalThis.fetch = (url) => {
    asked.push(url);
    return answered(texts[url] ?? '', {}, url);
  };
  const posted = [];
  const stream = { url: URL_ASKED, load: 1, request: {}, isChoiceUsual, startBps: startBps(initialBps()) };
  const walk = askEarly(stream, (message) => posted.push(message));
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  walk.abort();
  for (const { port } of posted) port?.close();
  Reflect.deleteProperty(globalThis, 'MediaSource');
  return { asked, kinds: posted.map(({ kind }) => kind) };
}

const MEDIA = '#EXTM3U\n#EXTINF:2,\na.ts\n#EXT-X-ENDLIST\n';
const main = (uri) => `#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=5\n${uri}\n`;

test('the page walks on to the media playlist and the transmuxer', async () => {
  const media = 'https://a.example/v/i.m3u8';
  const texts = { [URL_ASKED]: main('v/i.m3u8'), [media]: MEDIA };
  assert.deepEqual(await walked(texts), {
    asked: [URL_ASKED, media],
    kinds: ['asked', 'asked', 'transmux'],
  });
  const fmp4 = { ...texts, [media]: MEDIA.replace('#EXTINF', '#EXT-X-MAP:URI="i.mp4"\n#EXTINF') };
  assert.deepEqual((await walked(fmp4)).kinds, ['asked', 'asked']);
  assert.deepEqual((await walked({ [URL_ASKED]: MEDIA })).kinds, ['asked', 'transmux']);
});

test('it stops where the choice is not its to foresee', async () => {
  const only = { asked: [URL_ASKED], kinds: ['asked'] };
  assert.deepEqual(await walked({ [URL_ASKED]: main('v/i.m3u8') }, false), only, 'the page’s');
  const elsewhere = main('https://b.example/i.m3u8');
  assert.deepEqual(await walked({ [URL_ASKED]: elsewhere }), only, 'where headers may not go');
  assert.deepEqual(await walked({ [URL_ASKED]: main('{$name}.m3u8') }), only, 'a variable');
  assert.deepEqual(await walked({ [URL_ASKED]: 'no playlist' }), only);
  const nested = { [URL_ASKED]: main('v/i.m3u8'), 'https://a.example/v/i.m3u8': main('w.m3u8') };
  assert.equal((await walked(nested)).asked.length, 2, 'no deeper');
});

test('the variant is the one that the engine begins with', () => {
  globalThis.MediaSource = { isTypeSupported: (type) => !type.includes('hvc1') };
  const variant = (bps, width, codecs) =>
    `#EXT-X-STREAM-INF:AVERAGE-BANDWIDTH=1,BANDWIDTH=${bps},RESOLUTION=${width}x${width / 2}` +
    `${codecs ? `,CODECS="${codecs}"` : ''}\n\n# a remark\n${width}-${bps}.m3u8\r\n`;
  const likely = (...variants) =>
    likelyPlaylist(`#EXTM3U\n${variants.join('')}`, 'https://a.example/x/m.m3u8', startBps(initialBps()))
      ?.split('/')
      .at(-1);
  const ladder = [variant(4e6, 1920), variant(5e5, 480), variant(1e6, 960), variant(2e6, 1280)];
  assert.equal(likely(...ladder), '960-1000000.m3u8', 'the largest that is carried');
  assert.equal(likely(variant(9e6, 3840), variant(2e6, 960)), '960-2000000.m3u8', 'else the least');
  assert.equal(likely(variant(9e5, 480, 'hvc1.1'), variant(5e5, 240, 'avc1.4d')), '240-500000.m3u8');
  assert.equal(likely(variant(9e5, 480, 'hvc1.1')), undefined);
  const two = [variant(5e5, 480, 'avc1.4d,mp4a.40.2'), variant(9e5, 960, 'av01.0,mp4a.40.2')];
  assert.equal(likely(...two), '480-500000.m3u8', 'of the codec that is first');
  assert.equal(likely(), undefined);
  const steered = '#EXT-X-CONTENT-STEERING:SERVER-URI="s",PATHWAY-ID="B"\n';
  assert.equal(likely(steered, ...ladder), undefined, 'where from is said elsewhere');
  const config = readFileSync(new URL('../../src/config.rs', import.meta.url), 'utf8');
  const figure = (name) => Number(new RegExp(`${name}: ([\\d._]+),`).exec(config)[1].replaceAll('_', ''));
  assert.equal(initialBps(), figure('initial_bps'));
  assert.equal(startBps(initialBps()), figure('initial_bps') * figure('up_factor'));
  Reflect.deleteProperty(globalThis, 'MediaSource');
});

test('the engine begins with what comes in a second, where the browser knows the link', () => {
  const onLink = (downlink) => {
    Object.defineProperty(navigator, 'connection', { value: { downlink }, configurable: true });
    const start = startBps(initialBps());
    Reflect.deleteProperty(navigator, 'connection');
    return start;
  };
  assert.equal(onLink(10), 5e6);
  assert.equal(onLink(0.4), 2e5);
  assert.equal(onLink(0), startBps(initialBps()), 'no measurement');
});

test('a live list is an answer for a second, one that is whole for ever', async (context) => {
  const at = async (text, millis) => {
    const { early } = ask(() => answered(text));
    await (await early.take(null)).text();
    const now = performance.now();
    const mocked = context.mock.method(performance, 'now', () => now + millis);
    const isFor = early.isFor(URL_ASKED, 1);
    mocked.mock.restore();
    return isFor;
  };
  const live = '#EXTM3U\n#EXTINF:2,\na.ts\n';
  assert.deepEqual(
    [await at(live, 900), await at(live, 1100), await at(MEDIA, 1e6), await at('#EXTM3U', 1e6)],
    [true, false, true, true],
  );
});
