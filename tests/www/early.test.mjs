/**
 * The playlist that the page asks for before the engine is there: what goes out, and that the engine's
 * request gets what it would have got by itself.
 */
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { requestEarly } from '../../www/early_request.js';
import { EarlyResponse } from '../../www/early_response.js';

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
