// @ts-check
/**
 * What the browser plays by itself: files and objects, and HLS where there is no Media Source Extensions
 * at all (iPhones before iOS 17.1).
 *
 * In: a URL or an object. Out: `timeline` and `error`, as events of the engine. The browser chooses the
 * variant; there is no quality to set, and no figures.
 */

import { keepRate } from './compat/media.js';

/** @import { EngineEvent } from './protocol.d.ts' */

/** MediaError.code to what happened. @type {Record<number, import('./index.js').ErrorName>} */
const ERROR_CODES = { 2: 'network-unreachable', 3: 'decode', 4: 'unsupported-container' };

/**
 * Nearer to the end than this is "live". The engine, which knows how the edge moves between two
 * playlists, says 2 s (`LIVE_SECS` of `src/engine/latency.rs`); here the end moves by a segment at a
 * time, and the playhead falls behind by as much before each step.
 */
const LIVE_EDGE_TOLERANCE_SECS = 5;

export class NativeStream {
  #video;
  #emit;
  /** @type {string | MediaProvider | null} */
  #source = null;
  /** @type {string | null} of an object that has to have an address */
  #objectUrl = null;
  #startSecs = 0;
  #listeners = new AbortController();

  /**
   * @param {HTMLVideoElement} video
   * @param {(event: EngineEvent) => void} emit
   */
  constructor(video, emit) {
    this.#video = video;
    this.#emit = emit;
    const { signal } = this.#listeners;
    for (const type of ['durationchange', 'progress']) {
      video.addEventListener(type, () => this.#emitTimeline(), { signal });
    }
    video.addEventListener(
      'loadedmetadata',
      () => {
        if (this.#startSecs > 0) {
          video.currentTime = this.#startSecs;
        }
      },
      { signal },
    );
    video.addEventListener('error', () => this.#emitError(), { signal });
  }

  /**
   * @param {string | MediaProvider} source
   * @param {number} [startSecs]
   */
  load(source, startSecs = 0) {
    this.#revoke();
    this.#source = source;
    this.#startSecs = startSecs;
    const video = this.#video;
    keepRate(video, () => {
      video.srcObject = null;
      if (typeof source === 'string') video.src = source;
      // These alone every browser takes as they are.
      else if (source instanceof MediaStream) video.srcObject = source;
      else video.src = this.#objectUrl = URL.createObjectURL(/** @type {Blob} */ (source));
    });
  }

  unload() {
    this.#source = null;
    this.#revoke();
    this.#video.srcObject = null;
    this.#video.removeAttribute('src');
    keepRate(this.#video, () => this.#video.load());
  }

  goLive() {
    const { seekable, duration } = this.#video;
    if (duration === Infinity && seekable.length > 0) {
      this.#video.currentTime = seekable.end(seekable.length - 1);
    }
  }

  /** Whether what plays is live. */
  get isAtLiveEdge() {
    const { seekable, duration, currentTime } = this.#video;
    return (
      duration === Infinity &&
      seekable.length > 0 &&
      currentTime >= seekable.end(seekable.length - 1) - LIVE_EDGE_TOLERANCE_SECS
    );
  }

  destroy() {
    this.#listeners.abort();
    this.unload();
  }

  #revoke() {
    if (this.#objectUrl !== null) URL.revokeObjectURL(this.#objectUrl);
    this.#objectUrl = null;
  }

  #emitTimeline() {
    const { seekable, duration } = this.#video;
    if (this.#source === null || seekable.length === 0) {
      return;
    }
    const live = duration === Infinity;
    const end = seekable.end(seekable.length - 1);
    const liveEdge = live ? end : null;
    const timeline = { live, start: seekable.start(0), end, liveEdge, zeroUnixMillis: null };
    this.#emit({ kind: 'timeline', timeline });
  }

  #emitError() {
    const { error } = this.#video;
    if (!error || this.#source === null) {
      return;
    }
    const url = typeof this.#source === 'string' ? this.#source : '';
    const why = error.message ? ` (${error.message})` : '';
    this.#emit({
      kind: 'error',
      code: ERROR_CODES[error.code] ?? 'decode',
      severity: 'fatal',
      message: `the browser could not play ${url || 'the object given'}: check that it is there, that its server sends Access-Control-Allow-Origin, and that this browser knows its format${why}`,
      context: { url, detail: error.message },
    });
  }
}
