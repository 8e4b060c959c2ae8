// @ts-check
/**
 * HLS by the browser itself, where there is no Media Source Extensions at all (iPhones before iOS
 * 17.1).
 *
 * In: a URL. Out: `timeline` and `error`, as events of the engine. The browser chooses the
 * variant; there is no quality to set, and no figures.
 */

import { keepRate } from './compat/media.js';

/** @import { EngineEvent } from './protocol.d.ts' */

/** MediaError.code to what happened. @type {Record<number, import('./index.js').ErrorName>} */
const ERROR_CODES = { 2: 'network-unreachable', 3: 'decode', 4: 'media-source-unsupported' };

/**
 * Nearer to the end than this is "live". The engine, which knows how the edge moves between two
 * playlists, says 2 s (`LIVE_SECS` of `src/engine/latency.rs`); here the end moves by a segment at a
 * time, and the playhead falls behind by as much before each step.
 */
const LIVE_EDGE_TOLERANCE_SECS = 5;

export class NativeStream {
  #video;
  #emit;
  #url = '';
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
   * @param {string} url
   * @param {number} [startSecs]
   */
  load(url, startSecs = 0) {
    this.#url = url;
    this.#startSecs = startSecs;
    keepRate(this.#video, () => (this.#video.src = url));
  }

  unload() {
    this.#url = '';
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

  #emitTimeline() {
    const { seekable, duration } = this.#video;
    if (seekable.length === 0) {
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
    if (!error || this.#url === '') {
      return;
    }
    this.#emit({
      kind: 'error',
      code: ERROR_CODES[error.code] ?? 'decode',
      severity: 'fatal',
      message: `the browser could not play ${this.#url}: ${error.message || 'it does not say why'}`,
      context: { url: this.#url, detail: error.message },
    });
  }
}
