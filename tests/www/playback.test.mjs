/**
 * What an exchange of media sources and of streams leaves of the viewer's wish to play, and what is
 * reported of the old ones: `Playback` against a stand-in for the media element and the worker.
 */
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { FakeVideo, FakeWorker, tasks } from './fake_media.mjs';

const { Playback } = await import('../../www/playback.js');
const { audioTracksOf } = await import('../../www/audio_tracks.js');

let video;
let playback;
let reported;
const say = (message) => FakeWorker.last.say(message);
const attach = (generation) => say({ kind: 'attach', generation, source: new globalThis.MediaSource() });
const errorsPosted = () => FakeWorker.posted.filter(({ kind }) => kind === 'mediaerror');

beforeEach(() => {
  playback?.destroy();
  video = new FakeVideo();
  playback = new Playback(/** @type {any} */ (video));
  playback.load('https://a.example/a.m3u8');
  reported = [];
  for (const type of ['variants', 'timeline', 'stats', 'variantchange', 'error']) {
    playback.addEventListener(type, () => reported.push(type));
  }
  FakeWorker.posted = [];
  attach(1);
});

test.after(() => playback.destroy());

test('a media source that the engine exchanges leaves the video playing', () => {
  video.play().catch(() => {});
  video.fill();
  say({ kind: 'detach' });
  assert.equal(video.paused, false, 'between the two');
  attach(3);
  assert.equal(video.paused, false);
  assert.equal(video.readyState, 0, 'it is another source');
});

test('the page’s rate outlives the load of each media source', () => {
  video.playbackRate = 2;
  for (const generation of [3, 5]) {
    say({ kind: 'detach' });
    assert.equal(video.playbackRate, 2);
    attach(generation);
    assert.equal(video.playbackRate, 2);
  }
});

test('where the stream begins by itself is known from where the page seeks', () => {
  assert.equal(playback.isSeekOwn, false);
  say({ kind: 'seek', toSecs: 30 });
  assert.equal(playback.isSeekOwn, true);
  video.currentTime = 20;
  assert.equal(playback.isSeekOwn, false);
  // The engine goes where the page wanted to begin.
  playback.load('https://a.example/a.m3u8', { startSecs: 12 });
  attach(3);
  say({ kind: 'seek', toSecs: 12 });
  assert.deepEqual([video.currentTime, playback.isSeekOwn], [12, false]);
});

test('a pause that a media error makes is not the viewer’s', async () => {
  for (const [wasPlaying, isTasked] of [
    [true, false],
    [true, true],
    [false, true],
  ]) {
    if (wasPlaying) video.play().catch(() => {});
    else video.pause();
    await tasks();
    video.fail({ pauses: true });
    if (isTasked) await tasks();
    say({ kind: 'detach' });
    attach(3);
    assert.equal(video.paused, !wasPlaying);
  }
});

test('a pause() while there is no source is one, and so is one before', () => {
  video.play().catch(() => {});
  say({ kind: 'detach' });
  video.pause();
  attach(3);
  assert.equal(video.paused, true);
  say({ kind: 'detach' });
  attach(5);
  assert.equal(video.paused, true);
});

test('another stream begins paused, as with a <video>; what is played meanwhile is kept', () => {
  video.play().catch(() => {});
  playback.load('https://a.example/b.m3u8');
  assert.equal(video.paused, true);
  say({ kind: 'detach' });
  assert.equal(video.paused, true);
  video.play().catch(() => {});
  attach(3);
  assert.equal(video.paused, false);
  playback.destroy();
  assert.equal(video.paused, true, 'freed, it is not played again');
});

test('a media error names the source it is of', () => {
  video.fail();
  assert.deepEqual(
    errorsPosted().map(({ generation, code }) => [generation, code]),
    [[1, 3]],
  );
  say({ kind: 'detach' });
  attach(3);
  video.fail();
  assert.equal(errorsPosted().at(-1).generation, 3);
});

test('nothing of a stream that has been left is reported, but that the engine is lost', () => {
  const old = { load: 1 };
  say({ ...old, kind: 'timeline', timeline: { live: true } });
  assert.deepEqual(reported.splice(0), ['timeline']);
  playback.load('https://a.example/b.m3u8');
  const fatal = { kind: 'error', severity: 'fatal', message: '', context: {} };
  for (const events of [
    { ...fatal, code: 'network-status' },
    { kind: 'variants', variants: [{ id: 0 }] },
    { kind: 'timeline', timeline: { live: true } },
    { kind: 'stats', stats: {} },
    { kind: 'variantchange', id: 0, auto: true },
    { kind: 'seek', toSecs: 40 },
    { kind: 'rate', rate: 1.1 },
    { kind: 'attach', generation: 3, source: new globalThis.MediaSource() },
  ])
    say({ ...old, ...events });
  assert.deepEqual([reported, playback.variants, playback.timeline], [[], [], null]);
  assert.deepEqual([video.currentTime, video.playbackRate, video.hasAttribute('src')], [0, 1, false]);
  playback.unload();
  say({ load: 2, kind: 'timeline', timeline: { live: true } });
  assert.deepEqual(reported, []);
  say({ ...old, ...fatal, code: 'internal' });
  assert.deepEqual(reported, ['error']);
});

test('a sink on this thread keeps count with the engine, and only the present stream is attached', () => {
  const command = (load, generation, name) =>
    say({ load, kind: 'sink', generation, command: { kind: name } });
  playback.load('https://a.example/b.m3u8');
  command(1, 3, 'close');
  command(1, 4, 'open');
  assert.equal(video.hasAttribute('src'), false, 'of the old stream');
  command(2, 5, 'close');
  command(2, 6, 'open');
  assert.equal(video.hasAttribute('src'), true);
  video.fail();
  assert.equal(errorsPosted().at(-1).generation, 6);
});

test('a worker that has grown large is ended with its stream, one of usual size is kept', () => {
  const MIB = 2 ** 20;
  const first = FakeWorker.last;
  say({ kind: 'pong', memoryBytes: 60 * MIB });
  playback.load('https://a.example/b.m3u8');
  assert.equal(FakeWorker.last, first, 'kept');
  say({ kind: 'pong', memoryBytes: 600 * MIB });
  assert.equal(first.isTerminated, false, 'while it plays');
  playback.targetLatency = 3;
  FakeWorker.posted = [];
  playback.load('https://a.example/c.m3u8');
  assert.equal(first.isTerminated, true);
  assert.notEqual(FakeWorker.last, first);
  const posted = FakeWorker.posted.map(({ kind }) => kind);
  assert.deepEqual(posted, ['init', 'targetlatency', 'asked', 'load'], 'with the settings of before');
  say({ kind: 'error', code: 'network-status', severity: 'warning', memoryBytes: 600 * MIB });
  playback.unload();
  assert.equal(FakeWorker.last.isTerminated, true, 'at once, though no other stream comes');
  assert.equal(reported.at(-1), 'error');
});

const init = () => FakeWorker.posted.find(({ kind }) => kind === 'init');

test('settings that were changed are those of the next load, and only they start another worker', () => {
  const first = FakeWorker.last;
  playback.request = { headers: { 'X-Token': 'a' } };
  playback.config = { seed: 7, live: { targetLatencySecs: 4 } };
  assert.equal(first.isTerminated, false, 'what plays goes on');
  assert.deepEqual(
    FakeWorker.posted.filter(({ kind }) => kind === 'targetlatency').map(({ secs }) => secs),
    [4],
    'this one counts at once',
  );
  FakeWorker.posted = [];
  playback.load('https://a.example/b.m3u8');
  assert.equal(first.isTerminated, true);
  const { abr, audio, ...config } = init().config;
  assert.deepEqual(abr, { initialBps: 1_500_000 }, 'no browser that knows the link');
  assert.deepEqual([config, init().request], [playback.config, playback.request]);
  assert.deepEqual(audio, { viewerLanguages: [...(navigator.languages ?? [])] });
  const second = FakeWorker.last;
  playback.load('https://a.example/c.m3u8');
  assert.equal(FakeWorker.last, second);
  // The page's own goes before the engine's.
  playback.targetLatency = 2;
  FakeWorker.posted = [];
  playback.config = null;
  assert.deepEqual(FakeWorker.posted, []);
});

test('a language of sound goes to the engine, and its tracks are the media element’s', () => {
  playback.config = { audio: { languages: ['fr'], viewerLanguages: ['sv'] } };
  playback.audioLanguage = 'de, en';
  FakeWorker.posted = [];
  playback.load('https://a.example/b.m3u8');
  assert.deepEqual(init().config.audio, { languages: ['de', 'en'], viewerLanguages: ['sv'] });
  const tracks = audioTracksOf(/** @type {any} */ (video));
  const info = { language: 'de', channels: '', isDefault: false, describesVideo: false };
  say({ kind: 'audiotracks', tracks: [5, 8].map((id) => ({ id, label: `${id}`, ...info })) });
  say({ kind: 'audiotrackchange', id: 8, auto: true });
  assert.deepEqual([tracks.length, tracks[1].enabled], [2, true]);
  tracks[0].enabled = true;
  assert.deepEqual(FakeWorker.posted.at(-1), { kind: 'audiotrack', id: 5 });
  playback.unload();
  assert.deepEqual([tracks.length, tracks[0]], [0, undefined]);
});

test('a video that may send cookies sends them with the stream, unless the page says otherwise', () => {
  video.crossOrigin = 'use-credentials';
  FakeWorker.posted = [];
  playback.load('https://a.example/b.m3u8');
  assert.deepEqual(init().request, { credentials: 'include' });
  playback.request = { credentials: 'omit' };
  FakeWorker.posted = [];
  playback.load('https://a.example/b.m3u8');
  assert.deepEqual(init().request, { credentials: 'omit' });
});

test('a file is the browser’s: no worker for it, and none that hears of it', () => {
  playback.destroy();
  const before = FakeWorker.last;
  video = new FakeVideo();
  Object.assign(video, { duration: 60, seekable: { length: 1, start: () => 0, end: () => 60 } });
  playback = new Playback(/** @type {any} */ (video), { isEngineWanted: false });
  playback.loadNatively('https://a.example/a.mp4');
  const told = [];
  playback.addEventListener('timeline', ({ detail }) => told.push(detail.end));
  playback.addEventListener('error', ({ detail }) => told.push([detail.code, detail.severity]));
  assert.deepEqual([FakeWorker.last === before, video.hasAttribute('src')], [true, true]);
  video.dispatchEvent(new Event('durationchange'));
  video.error = { code: 4, message: '' };
  video.dispatchEvent(new Event('error'));
  assert.deepEqual(told, [60, ['unsupported-container', 'fatal']]);
  assert.equal(playback.stats.native, true);

  // A playlist after it has the engine, and what the video then says is the engine's to judge.
  playback.load('https://a.example/b.m3u8');
  assert.notEqual(FakeWorker.last, before);
  attach(1);
  video.fail();
  assert.equal(errorsPosted().at(-1).generation, 1);
  assert.deepEqual([told.length, playback.stats.native], [2, false]);
  // And back.
  playback.loadNatively('https://a.example/a.mp4');
  say({ kind: 'attach', generation: 3, source: new globalThis.MediaSource() });
  assert.deepEqual([playback.stats.native, playback.variants], [true, []]);
});

test('the worker is told where the wasm lies: where the page says, else beside the page’s scripts', () => {
  const told = (options) => {
    FakeWorker.posted = [];
    const other = new Playback(/** @type {any} */ (new FakeVideo()), options);
    other.load('https://a.example/a.m3u8');
    other.destroy();
    const { engineUrl, transmuxUrl } = FakeWorker.posted.find(({ kind }) => kind === 'init');
    return [engineUrl, transmuxUrl];
  };
  assert.deepEqual(told({ transmuxUrl: 'https://cdn.example/t.wasm' })[1], 'https://cdn.example/t.wasm');
  assert.match(told({})[1], /\/www\/wasm\/transmux_bg\.wasm$/);
  assert.deepEqual(told({ workerUrl: 'https://cdn.example/worker.js' }), [undefined, undefined]);
});

test('what the manifest says of the stream is kept until another is opened', () => {
  const entries = [{ id: 'com.example.title', language: '', value: 'Harbour', url: null, format: null }];
  const told = [];
  playback.addEventListener('sessiondata', ({ detail }) => told.push(detail));
  say({ kind: 'sessiondata', entries });
  assert.deepEqual([told, playback.sessionData], [[entries], entries]);
  playback.load('https://a.example/b.m3u8');
  assert.deepEqual(playback.sessionData, []);
});
