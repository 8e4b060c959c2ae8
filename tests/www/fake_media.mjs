/**
 * A media element and a worker that keep the rules `Playback` and `PendingPlay` depend on (HTML
 * 4.8.11.5 and 4.8.11.8): loading pauses without an event and aborts what waits to play, unless
 * there was no source. Events are fired at once, except `pause` and `loadstart`, which are tasks.
 */
import { setMaxListeners } from 'node:events';

// A player listens to much that its signal ends.
setMaxListeners(100);

/** Every task so far has run. */
export const tasks = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

export class FakeVideo extends EventTarget {
  currentTime = 0;
  paused = true;
  seeking = false;
  ended = false;
  readyState = 0;
  preservesPitch = false;
  error = null;
  played = 0;
  #rate = 1;
  #source = null;
  #waiting = [];
  #isLeaving = false;
  #loads = 0;

  get ownerDocument() {
    return globalThis.document;
  }

  get playbackRate() {
    return this.#rate;
  }

  set playbackRate(rate) {
    if (rate === this.#rate) return;
    this.#rate = rate;
    this.dispatchEvent(new Event('ratechange'));
  }

  get srcObject() {
    return null;
  }

  set srcObject(source) {
    if (source !== null) throw new TypeError('here a source has an address');
  }

  set src(address) {
    this.load();
    this.#source = address;
    this.#fireSoon('loadstart');
  }

  hasAttribute(name) {
    return name === 'src' && this.#source !== null;
  }

  removeAttribute(name) {
    if (name === 'src') this.#isLeaving = true;
  }

  load() {
    this.#loads += 1;
    if (this.#source !== null) {
      this.paused = true;
      this.readyState = 0;
      this.error = null;
      this.#end((promise) => promise.reject(new DOMException('another load', 'AbortError')));
      this.dispatchEvent(new Event('emptied'));
    }
    if (this.#isLeaving) this.#source = null;
    this.#isLeaving = false;
    this.playbackRate = 1;
  }

  play() {
    this.played += 1;
    if (this.paused) {
      this.paused = false;
      this.dispatchEvent(new Event('play'));
    }
    const promise = new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
    if (this.readyState >= 3) this.#end(({ resolve }) => resolve());
    return promise;
  }

  pause() {
    if (this.paused) return;
    this.paused = true;
    this.#end(({ reject }) => reject(new DOMException('pause()', 'AbortError')));
    this.#fireSoon('pause');
  }

  /** Enough has come to play. */
  fill() {
    this.readyState = 4;
    if (!this.paused) this.#end(({ resolve }) => resolve());
  }

  /** The browser cannot decode what it has; Chromium pauses then. */
  fail({ pauses = false } = {}) {
    this.error = { code: 3, message: 'PIPELINE_ERROR_DECODE' };
    this.dispatchEvent(new Event('error'));
    if (pauses) this.pause();
  }

  /** A load takes back what has not been fired yet. */
  #fireSoon(type) {
    const loads = this.#loads;
    setImmediate(() => loads === this.#loads && this.dispatchEvent(new Event(type)));
  }

  #end(how) {
    for (const promise of this.#waiting.splice(0)) how(promise);
  }
}

/** Records its messages; `say` is what `worker.js` would post, of the stream that was loaded last. */
export class FakeWorker extends EventTarget {
  /** @type {any[]} */
  static posted = [];
  /** @type {FakeWorker} */
  static last;
  isTerminated = false;
  #load = 0;

  constructor() {
    super();
    FakeWorker.last = this;
  }

  postMessage(message) {
    FakeWorker.posted.push(message);
    this.#load = message.load ?? this.#load;
  }

  terminate() {
    this.isTerminated = true;
  }

  say(data) {
    this.dispatchEvent(new MessageEvent('message', { data: { load: this.#load, memoryBytes: 0, ...data } }));
  }
}

const put = (name, value) =>
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
put('Worker', FakeWorker);
put('document', Object.assign(new EventTarget(), { baseURI: 'https://a.example/' }));
// Where the scripts lie, which are of its origin then.
put('location', new URL(import.meta.url));
put('navigator', { onLine: true });
put('MediaSource', class extends EventTarget {});
if (!globalThis.addEventListener) {
  const target = new EventTarget();
  put('addEventListener', target.addEventListener.bind(target));
}
URL.createObjectURL = () => 'blob:x';
URL.revokeObjectURL = () => {};
