/** What an EXT-X-SESSION-DATA leads to: `loadSessionData` on real responses. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

const { loadSessionData } = await import('../../www/session_data.js');

const url = 'https://a.example/shots.json';
const entry = { id: 'com.example.shots', language: '', value: null, url, format: 'json' };
/** @param {BodyInit | null} body @param {number} [status] */
const answering =
  (body, status = 200) =>
  async (asked) => {
    assert.equal(asked, url);
    return new Response(body, { status });
  };

test('a value is there, JSON is read, and other bytes come as they are', async () => {
  const unasked = () => assert.fail('it was asked for');
  const value = { ...entry, value: 'Harbour', url: null, format: null };
  assert.equal(await loadSessionData(value, unasked), 'Harbour');
  assert.deepEqual(await loadSessionData(entry, answering('{"shots":[1,2]}')), { shots: [1, 2] });
  const raw = await loadSessionData({ ...entry, format: 'raw' }, answering('{"x'));
  assert.deepEqual([...new Uint8Array(raw)], [0x7b, 0x22, 0x78]);
});

test('what cannot be had or read is named', async () => {
  const refused = async () => {
    throw new TypeError('no network');
  };
  const long = new Uint8Array((16 << 20) + 1);
  for (const [fetch, name, said] of [
    [answering('no', 404), 'network-status', '404'],
    [answering('<html>'), 'damaged-media', 'FORMAT=RAW'],
    [answering(null), 'damaged-media', 'not JSON'],
    [answering(long), 'network-too-large', '16777216'],
    [refused, 'network-unreachable', 'no network'],
  ]) {
    await assert.rejects(loadSessionData(entry, fetch), (error) => {
      assert.deepEqual([error.name, error.severity, error.context.url], [name, 'warning', url]);
      return error.message.includes(said) && error.message.includes('com.example.shots');
    });
  }
});
