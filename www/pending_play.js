// @ts-check
/**
 * `play()` as a promise that always ends: resolved when the element really plays, rejected when it
 * will not (a fatal error, `pause()`, no source any more).
 *
 * In: what the page asks and what becomes of the stream. Out: the promise. The browser's own is
 * not enough: it is aborted by each exchange of the media source, and stays pending for good on a
 * media source that nothing comes into.
 */

import { isPausedByError, playKeepingRate } from './compat/media.js';

/** From this `readyState` on there is something to play. */
const HAVE_FUTURE_DATA = 3;

/** What says nothing of the stream: its source is being exchanged, or failed and will be. */
const NOT_THE_END = ['AbortError', 'NotSupportedError'];

export class PendingPlay {
  #video;
  /** A source has been asked for, and the one on the element, if any, is about to go. */
  #isSourceComing = false;
  /** Counts sources: a promise of one that has gone says nothing. */
  #sources = 0;
  /** On the element when another was asked for. @type {HTMLVideoElement['srcObject']} */
  #leaving = null;
  /** The source that the element was last asked to play; null where it had none that stays. @type {object | number | null} */
  #asked = null;
  /** @type {Error | null} why nothing more will come of the present stream */
  #failure = null;
  /** @type {{promise: Promise<void>, resolve: () => void, reject: (why: Error) => void} | null} */
  #waiting = null;

  /** @param {HTMLVideoElement} video @param {AbortSignal} signal */
  constructor(video, signal) {
    this.#video = video;
    video.addEventListener('loadstart', () => this.#begin(), { signal });
    video.addEventListener(
      'pause',
      () => {
        // By page or viewer, but not for an error of the media, of which the engine may make nothing.
        // Loading another source makes no such event.
        if (video.paused && !isPausedByError(video)) this.#reject(interrupted('pause()'));
      },
      { signal },
    );
  }

  /** A promise of `play()` is pending. */
  get isWaiting() {
    return this.#waiting !== null;
  }

  /** @returns {Promise<void>} */
  play() {
    const { promise } = (this.#waiting ??= withResolvers());
    // No unhandled rejection where the page ignores the promise.
    promise.catch(() => {});
    if (this.#failure) this.fail(this.#failure);
    // Inside the click, and whatever there is: Safari wants to see it there.
    if (this.isWaiting) this.#ask();
    return promise;
  }

  /** From now until the next source is attached, `play()` means that one. */
  expectSource() {
    this.#isSourceComing = true;
    this.#leaving = this.#video.srcObject;
    this.#failure = null;
  }

  /** The old source has gone, which pauses; `play()` was meant for the new one. */
  keep() {
    if (this.isWaiting) this.#video.play()?.catch(() => {});
  }

  /** There is no source, and none is coming. */
  expectNothing() {
    this.#isSourceComing = false;
    this.#reject(interrupted('the end of its stream'));
  }

  pause() {
    this.#reject(interrupted('pause()'));
    this.#video.pause();
  }

  /**
   * The stream has failed for good. What is buffered of it may still be played.
   * @param {Error} reason
   */
  fail(reason) {
    this.#failure = reason;
    if (this.#video.error || this.#video.readyState < HAVE_FUTURE_DATA) this.#reject(reason);
  }

  destroy() {
    this.#failure = interrupted('destroy()');
    this.#reject(this.#failure);
  }

  get #isAttached() {
    return this.#video.srcObject != null || this.#video.hasAttribute('src');
  }

  #begin() {
    // A source taken away begins a load as well, which loads nothing.
    if (!this.#isAttached) return;
    this.#isSourceComing = false;
    this.#leaving = null;
    this.#sources += 1;
    // Where it was asked of this one already, the page may have paused it since: its event is still to come.
    if (this.isWaiting && this.#asked !== this.#source) this.#ask();
  }

  /** What is on the element and stays. */
  get #source() {
    const { srcObject } = this.#video;
    if (srcObject && srcObject !== this.#leaving) return srcObject;
    return this.#isSourceComing || !this.#isAttached ? null : this.#sources;
  }

  #ask() {
    const source = this.#source;
    this.#asked = source;
    const isPresent = () => source !== null && source === this.#source;
    playKeepingRate(this.#video).then(
      () => {
        if (!isPresent()) return;
        this.#waiting?.resolve();
        this.#waiting = null;
      },
      (reason) => {
        if (isPresent() && !NOT_THE_END.includes(reason.name)) this.#reject(reason);
      },
    );
  }

  /** @param {Error} reason */
  #reject(reason) {
    this.#waiting?.reject(reason);
    this.#waiting = null;
  }
}

/** @param {string} what */
const interrupted = (what) => new DOMException(`play() was interrupted by ${what}`, 'AbortError');

/** `Promise.withResolvers`, which Safari before 17.4 lacks. */
function withResolvers() {
  const parts =
    /** @type {{promise: Promise<void>, resolve: () => void, reject: (why: Error) => void}} */ ({});
  parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }));
  return parts;
}
