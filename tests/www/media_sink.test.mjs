/**
 * `MediaSink` against a media source that keeps the rules of Media Source Extensions: what throws
 * while a buffer is updating throws here too. Run with `node --test tests/www/`.
 */

import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { MediaSink } from '../../www/media_sink.js';

class FakeBuffer extends EventTarget {
  updating = false;
  ranges = [];
  #offset = 0;

  constructor(source, mime) {
    super();
    this.source = source;
    this.mime = mime;
  }

  get buffered() {
    const { ranges } = this;
    return { length: ranges.length, start: (at) => ranges[at][0], end: (at) => ranges[at][1] };
  }

  get timestampOffset() {
    return this.#offset;
  }

  set timestampOffset(secs) {
    this.#refuseWhileUpdating();
    this.#offset = secs;
  }

  changeType(mime) {
    this.#refuseWhileUpdating();
    this.mime = mime;
  }

  appendBuffer(bytes) {
    this.#refuseWhileUpdating();
    if (this.source.isFull) throw new DOMException('full', 'QuotaExceededError');
    this.appended = Uint8Array.from(bytes);
    this.source.calls.push(`append ${this.mime} ${[...bytes]}`);
    this.updating = true;
  }

  remove(start, end) {
    this.#refuseWhileUpdating();
    if (start < 0 || !(end > start)) throw new TypeError('bad range');
    this.source.calls.push(`remove ${this.mime} ${start} ${end}`);
    this.updating = true;
  }

  /** What the browser does some time later. */
  finish({ failed = false, ranges = this.ranges } = {}) {
    this.ranges = ranges;
    this.updating = false;
    if (failed) this.dispatchEvent(new Event('error'));
    this.dispatchEvent(new Event('updateend'));
  }

  #refuseWhileUpdating() {
    if (this.updating) throw new DOMException('updating', 'InvalidStateError');
  }
}

class FakeSource extends EventTarget {
  static last;
  static isTypeSupported = (mime) => /avc1|mp4a/.test(mime);
  buffers = [];
  calls = [];
  isFull = false;
  #duration = NaN;

  constructor() {
    super();
    FakeSource.last = this;
  }

  get duration() {
    return this.#duration;
  }

  set duration(secs) {
    this.#refuseWhileUpdating();
    this.calls.push(`duration ${secs}`);
    this.#duration = secs;
  }

  addSourceBuffer(mime) {
    if (!FakeSource.isTypeSupported(mime)) throw new DOMException(mime, 'NotSupportedError');
    const buffer = new FakeBuffer(this, mime.includes('mp4a') ? 'audio' : 'video');
    this.buffers.push(buffer);
    return buffer;
  }

  endOfStream() {
    this.#refuseWhileUpdating();
    this.calls.push('end');
  }

  #refuseWhileUpdating() {
    if (this.buffers.some((buffer) => buffer.updating)) {
      throw new DOMException('updating', 'InvalidStateError');
    }
  }
}

globalThis.MediaSource = FakeSource;
globalThis.document = {}; // this thread is a page's
const microtasks = () => new Promise((resolve) => setImmediate(resolve));
const bytes = (...values) => Uint8Array.from(values);

let events;
let sink;
let source;
let video;
let audio;

beforeEach(() => {
  events = [];
  sink = new MediaSink({
    attach: () => {},
    detach: () => events.push({ kind: 'detached' }),
    seek: () => {},
    report: (one) => events.push(one),
  });
  sink.open();
  source = FakeSource.last;
  source.dispatchEvent(new Event('sourceopen'));
  sink.addTrack('video', 'video/mp4; codecs="avc1.64001f"');
  sink.addTrack('audio', 'audio/mp4; codecs="mp4a.40.2"');
  [video, audio] = source.buffers;
  assert.deepEqual(events.splice(0), [{ kind: 'opened' }]);
});

test('an append is answered with what is buffered, after it has returned', async () => {
  sink.append('video', bytes(1, 2));
  assert.deepEqual(events, []);
  video.finish({
    ranges: [
      [0, 2],
      [4, 6],
    ],
  });
  assert.deepEqual(events, [{ kind: 'updated', track: 'video', buffered: Float64Array.of(0, 2, 4, 6) }]);
});

test('the whole source waits until every buffer is at rest, and what comes after waits for it', async () => {
  sink.setDuration(20);
  sink.append('video', bytes(1));
  sink.append('audio', bytes(2));
  sink.setDuration(24);
  video.finish();
  const memory = bytes(3);
  sink.append('video', memory);
  sink.endOfStream();
  memory.fill(9); // the engine's memory moved on
  assert.deepEqual(source.calls, ['duration 20', 'append video 1', 'append audio 2']);
  audio.finish();
  assert.deepEqual(source.calls.slice(3), ['duration 24', 'append video 3']);
  video.finish();
  assert.equal(source.calls.at(-1), 'end');
  assert.deepEqual(
    events.map(({ kind, track }) => `${kind} ${track}`),
    ['updated video', 'updated audio', 'updated video'],
  );
});

test('a duration never cuts what is buffered', () => {
  sink.append('video', bytes(1));
  video.finish({ ranges: [[0, 10.02]] });
  sink.setDuration(10);
  assert.equal(source.duration, 10.02);
});

test('a full buffer is reported apart, and a later append is taken', async () => {
  source.isFull = true;
  sink.append('video', bytes(1));
  assert.deepEqual(events, [], 'never before the method has returned');
  await microtasks();
  assert.deepEqual(events.splice(0), [{ kind: 'quotaexceeded', track: 'video' }]);
  source.isFull = false;
  sink.append('video', bytes(1));
  video.finish({ ranges: [[0, 1]] });
  assert.equal(events[0].kind, 'updated');
});

test('bytes that the browser cannot read are rejected, once', () => {
  sink.append('video', bytes(1));
  video.finish({ failed: true });
  assert.deepEqual(
    events.map(({ kind }) => kind),
    ['rejected'],
  );
});

test('an offset that was refused rejects the append that needed it', async () => {
  video.updating = true; // not by us: the page took hold of the buffer
  sink.setTimestampOffset('video', 5);
  video.updating = false;
  sink.append('video', bytes(1));
  await microtasks();
  assert.equal(events[0].kind, 'rejected');
  assert.match(events[0].detail, /InvalidStateError/);
  assert.deepEqual(source.calls, []);
});

test('removing nothing is done at once; removing something is answered', async () => {
  sink.setDuration(100);
  sink.remove('video', 5, 5);
  await microtasks();
  assert.equal(events.splice(0)[0].kind, 'updated');
  sink.remove('video', -1, Infinity);
  assert.equal(source.calls.at(-1), 'remove video 0 Infinity');
  video.finish();
  assert.equal(events[0].kind, 'updated');
});

test('a track that cannot be, or is not there, is rejected', async () => {
  sink.addTrack('muxed', 'video/mp4; codecs="nonsense"');
  sink.append('muxed', bytes(1));
  await microtasks();
  assert.deepEqual(
    events.map(({ kind, track }) => `${kind} ${track}`),
    ['rejected muxed', 'rejected muxed'],
  );
});

test('nothing more is reported of a source that was closed or replaced', async () => {
  sink.append('video', bytes(1));
  source.isFull = true;
  sink.append('audio', bytes(1));
  sink.close();
  video.finish();
  await microtasks();
  assert.deepEqual(events.splice(0), [{ kind: 'detached' }]);
  sink.open();
  source.dispatchEvent(new Event('sourceopen'));
  assert.deepEqual(events, [], 'the old one opening late is not the new one opening');
  FakeSource.last.dispatchEvent(new Event('sourceopen'));
  assert.deepEqual(events, [{ kind: 'opened' }]);
});

test('codecs are asked one by one, and the answer outlives the source', async () => {
  sink.probe(['avc1.64001f', 'mp4a.40.2', 'nonsense']);
  sink.close();
  sink.open();
  await microtasks();
  const answer = events.find(({ kind }) => kind === 'codecs');
  assert.deepEqual([...answer.supported], [1, 1, 0]);
});

test('where there is no media source, it says so', async () => {
  globalThis.MediaSource = undefined;
  sink.open();
  globalThis.MediaSource = FakeSource;
  await microtasks();
  assert.deepEqual(events.at(-1), { kind: 'unsupported' });
});
