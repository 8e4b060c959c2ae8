/** Whose a source is, by its type, its address, or its first bytes. */
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';

const { kindOf } = await import('../../www/source_kind.js');
const { isFile } = await import('../../www/sniff_source.js');

test('the type goes before the address', () => {
  assert.equal(kindOf('https://a.example/x.mp4', 'application/vnd.apple.mpegurl'), 'hls');
  assert.equal(kindOf('https://a.example/x.m3u8', 'video/mp4; codecs="avc1.64001f"'), 'file');
  assert.equal(kindOf('https://a.example/x.mp4', 'nonsense'), 'file');
});

test('the address tells by its path alone', () => {
  assert.equal(kindOf('https://a.example/x.m3u8?file=a.mp4'), 'hls');
  assert.equal(kindOf('https://a.example/X.WEBM?token=a.m3u8#t=3'), 'file');
  assert.equal(kindOf('https://a.example/watch?v=a.mp4'), 'unknown');
  assert.equal(kindOf(''), 'unknown');
});

test('what a page made is a file, unless it says that it is a playlist', () => {
  assert.equal(kindOf('blob:https://a.example/7a'), 'file');
  assert.equal(kindOf('blob:https://a.example/7a', 'audio/mpegurl'), 'hls');
  assert.equal(kindOf('data:video/mp4;base64,AAAA'), 'file');
  assert.equal(kindOf('data:application/x-mpegURL,%23EXTM3U'), 'hls');
});

const { fetch } = globalThis;
const ask = (url, init) => globalThis.fetch(url, init);
afterEach(() => (globalThis.fetch = fetch));

const answers = (body, type, status = 200) => {
  const asked = [];
  globalThis.fetch = async (url, init) => {
    asked.push([url, init.headers]);
    return new Response(body, { status, headers: { 'Content-Type': type } });
  };
  return asked;
};
const bytes = (text) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

test('a file is known by its content type or its first bytes', async () => {
  const asked = answers('', 'video/webm');
  assert.equal(await isFile('https://a.example/x', ask), true);
  assert.deepEqual(asked, [['https://a.example/x', { Range: 'bytes=0-511' }]]);
  for (const head of ['\0\0\0\x18ftypisom', '\x1aE\xdf\xa3\x01', 'OggS\0']) {
    answers(bytes(head), 'application/octet-stream');
    assert.equal(await isFile('https://a.example/x', ask), true, head);
  }
});

test('a page, a playlist, an error and silence are none', async () => {
  for (const [body, type, status] of [
    ['<!doctype html>', 'text/html', 200],
    ['#EXTM3U', 'application/vnd.apple.mpegurl', 200],
    [bytes('\0\0\0\x18ftypisom'), 'video/mp4', 404],
    ['', 'application/octet-stream', 200],
  ]) {
    answers(body, type, status);
    assert.equal(await isFile('https://a.example/x', ask), false, type);
  }
  globalThis.fetch = () => Promise.reject(new TypeError('no network'));
  assert.equal(await isFile('https://a.example/x', ask), false);
});
