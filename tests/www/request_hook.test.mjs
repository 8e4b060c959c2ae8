/**
 * The page's word on each request, against a server of this machine that wants a token which runs out: what is
 * asked, what goes out, and what becomes of a function that fails.
 */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, beforeEach, mock, test } from 'node:test';

globalThis.document = /** @type {any} */ ({ baseURI: 'https://page.example/' });
const { RequestHook } = await import('../../www/request_hook.js');
const { hookedFetch } = await import('../../www/hooked_fetch.js');

/** What the server takes for valid, and what it was sent. */
let token = 'new';
let received = [];
const server = createServer(({ url, method, headers }, response) => {
  received.push({ url, method, token: headers.authorization, range: headers.range });
  if (url.startsWith('/moved')) response.writeHead(302, { Location: `/there?${url.split('?')[1]}` });
  else response.writeHead(headers.authorization === token ? 200 : 401);
  response.end('#EXTM3U');
});
let origin = '';

before(async () => {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${/** @type {any} */ (server.address()).port}`;
});
after(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => (received = []));

const hookOf = (request, home = [`${origin}/live/main.m3u8`]) =>
  new RequestHook({ options: { request }, home });
const failure = (url, code = 'request-function-failed') => ({
  kind: 'error',
  code,
  severity: 'warning',
  message: 'a sentence',
  context: { url },
});

test('a function gets the request and changes it, in place or by what it gives', async () => {
  const asked = [];
  for (const change of [
    (request) => void (request.headers.Authorization = 'new'),
    ({ url, headers }) => ({ url: `${url}?signed`, headers: { ...headers, Authorization: 'new' } }),
    async ({ url }) => ({ url: new URL(`${url}?signed`), headers: new Headers({ Authorization: 'new' }) }),
  ]) {
    const hook = hookOf((request) => {
      asked.push({ ...request, headers: { ...request.headers } });
      return change(request);
    });
    const ask = (request, signal) => hook.release(request, signal);
    const url = `${origin}/a.ts`;
    const response = await hookedFetch(ask, url, { headers: { Range: 'bytes=0-3' } }, 'segment');
    assert.deepEqual([response.status, response.url], [200, url], 'as the engine knows it');
  }
  assert.deepEqual(asked[0], {
    url: `${origin}/a.ts`,
    resource: 'segment',
    method: 'GET',
    headers: { Range: 'bytes=0-3' },
    credentials: 'same-origin',
  });
  assert.deepEqual(
    received.map(({ url, range }) => [url, range]),
    [
      ['/a.ts', 'bytes=0-3'],
      ['/a.ts?signed', 'bytes=0-3'],
      // It gave headers without the range that the engine needs.
      ['/a.ts?signed', 'bytes=0-3'],
    ],
  );
});

test('what is asked for has its word', async () => {
  const words = [];
  const hook = hookOf(({ resource }) => void words.push(resource));
  for (const resource of ['manifest', 'media playlist', 'init segment', 'segment', 'decryption key']) {
    await hook.release({ url: origin, resource });
  }
  assert.deepEqual(words, ['playlist', 'playlist', 'init', 'segment', 'key']);
});

test('a refusal is asked about once more, and no more often', async () => {
  const asked = [];
  const hook = hookOf(({ refusedWith, headers }) => {
    asked.push(refusedWith);
    headers.Authorization = refusedWith ? 'new' : 'old';
  });
  const url = `${origin}/main.m3u8`;
  assert.equal((await hook.fetch(url, {})).status, 200);
  assert.deepEqual(asked, [undefined, 401]);
  token = 'another';
  assert.equal((await hook.fetch(url, {})).status, 401);
  assert.deepEqual(asked.length, 4);
  token = 'new';
});

test('where a server redirects, what it leads to counts', async () => {
  const hook = hookOf(({ headers }) => void (headers.Authorization = 'new'));
  const response = await hook.fetch(`${origin}/moved?x`, {});
  assert.equal(response.url, `${origin}/there?x`);
});

test('a function that throws, rejects or gives nonsense releases nothing, and its words are kept', async () => {
  const url = `${origin}/a.m3u8`;
  const bad = [
    [
      () => {
        throw new Error('no session');
      },
      /no session/,
    ],
    [() => Promise.reject(new Error('signed out')), /signed out/],
    [() => ({ url: 'ftp://a.example/' }), /gave “ftp:\/\/a.example\/” as a url/],
    [() => ({ url: 'http://' }), /Invalid URL/],
    [() => ({ headers: { 'bad name': '1' } }), /bad name/],
    [() => ({ method: 'CONNECT' }), /CONNECT/],
    [() => ({ credentials: 'always' }), /always/],
  ];
  for (const [option, words] of bad) {
    const hook = hookOf(option);
    await assert.rejects(hook.fetch(url, {}), (reason) => reason === null);
    const explained = hook.explained(failure(url));
    assert.match(explained.context.detail, words);
    assert.equal(explained.message, `a sentence (${explained.context.detail})`);
    // Of another address, or another kind, it has nothing to say.
    assert.equal(hook.explained(failure(`${url}?`)).message, 'a sentence');
    assert.equal(hook.explained(failure(url, 'network-status')).message, 'a sentence');
    const excluded = { ...failure(url, 'variant-excluded'), context: { variant: 1, cause: failure(url) } };
    assert.match(hook.explained(excluded).message, words);
  }
  assert.deepEqual(received, []);
});

test('a function that does not answer is given up, by the clock or with the request', async (context) => {
  const hook = hookOf(() => new Promise(() => {}));
  const abort = new AbortController();
  const aborted = assert.rejects(hook.release({ url: origin, resource: 'key' }, abort.signal));
  abort.abort();
  await aborted;
  mock.timers.enable({ apis: ['setTimeout'] });
  context.after(() => mock.timers.reset());
  const late = assert.rejects(hook.release({ url: origin, resource: 'key' }), (reason) => reason === null);
  mock.timers.tick(9000);
  await late;
  assert.match(hook.explained(failure(origin)).message, /no answer in 9 s/);
});

test('a function in the place of another is asked at once', async () => {
  const host = { options: { request: () => ({ url: `${origin}/a` }) }, home: [] };
  const hook = new RequestHook(host);
  assert.equal((await hook.release({ url: origin, resource: 'segment' })).url, `${origin}/a`);
  host.options.request = () => ({ url: `${origin}/b` });
  assert.equal((await hook.release({ url: origin, resource: 'segment' })).url, `${origin}/b`);
});

test('options by resource: headers at home and where the page says, credentials everywhere', async () => {
  const resources = { key: { headers: { Authorization: 'k' }, credentials: 'include' } };
  const ask = (request, url, resource) => hookOf(request).release({ url, resource, headers: { 'X-A': '1' } });
  const key = await ask({ resources }, `${origin}/key`, 'key');
  assert.deepEqual([key.headers, key.credentials], [{ authorization: 'k', 'x-a': '1' }, 'include']);
  const segment = await ask({ resources }, `${origin}/a.ts`, 'segment');
  assert.deepEqual([segment.headers, segment.credentials], [{ 'x-a': '1' }, 'same-origin']);
  const elsewhere = 'https://keys.example/1';
  assert.deepEqual((await ask({ resources }, elsewhere, 'key')).headers, { 'x-a': '1' });
  for (const origins of [['https://keys.example'], ['*']]) {
    assert.equal((await ask({ resources, origins }, elsewhere, 'key')).headers.authorization, 'k');
  }
  await assert.rejects(ask({ resources: { segments: {} } }, elsewhere, 'key'));
  const hook = hookOf({ resources: { segments: {} } });
  await assert.rejects(hook.fetch(origin, {}));
  assert.match(hook.explained(failure(origin)).message, /playlist, init, segment, key, not “segments”/);
});
