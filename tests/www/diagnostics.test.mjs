/** What a bug report may hold: the last events, and nothing secret. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const { EventLog } = await import('../../www/event_log.js');
const { VERSION, withoutSecrets } = await import('../../www/diagnostics.js');

test('the last two hundred events are kept, without those that come all the time', () => {
  const log = new EventLog();
  log.add(new Event('play'));
  log.add(new Event('timeupdate'));
  assert.deepEqual(
    log.entries.map(({ type }) => type),
    ['play'],
  );
  for (let at = 0; at < 250; at += 1) log.add(new CustomEvent('warning', { detail: at }));
  const { entries } = log;
  assert.deepEqual([entries.length, entries[0].detail, entries.at(-1).detail], [200, 50, 249]);
  assert.ok(entries.every(({ atMillis }, at) => at === 0 || atMillis >= entries[at - 1].atMillis));
});

test('addresses lose query, fragment and user, wherever they stand', () => {
  for (const [text, left] of [
    ['https://a.example/x.m3u8?token=s3cret#t=1', 'https://a.example/x.m3u8'],
    ['https://me:s3cret@a.example/x.m3u8', 'https://a.example/x.m3u8'],
    [
      'the manifest https://a.example/x.m3u8?token=s3cret&b=1 (HTTP 403): see http://b.example/?s3cret, or https://s3cret@c.example',
      'the manifest https://a.example/x.m3u8 (HTTP 403): see http://b.example/ or https://c.example',
    ],
    ['blob:https://a.example/7a#s3cret', 'blob:https://a.example/7a'],
    ['data:video/mp4;base64,s3cret', 'data:…'],
    ['user@a.example, 5 > 3? yes', 'user@a.example, 5 > 3? yes'],
  ]) {
    assert.equal(withoutSecrets(text), left);
  }
});

test('the version is the package’s', () => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  assert.equal(VERSION, version);
});
