// @ts-check
/**
 * `play()` before there is anything to play. In: a click that comes before the media source is
 * attached. Out: a promise that lives until the element really plays, which the browser's own would
 * not: attaching a source aborts it.
 */
export class PendingPlay {
  #video;
  /** A source has been asked for, and the one on the element, if any, is about to go. */
  #isSourceComing = false;
  /** @type {{promise: Promise<void>, resolve: () => void, reject: (why: Error) => void} | null} */
  #waiting = null;

  /** @param {HTMLVideoElement} video @param {AbortSignal} signal */
  constructor(video, signal) {
    this.#video = video;
    video.addEventListener('loadstart', () => this.#settle(), { signal });
  }

  /** @returns {Promise<void>} */
  play() {
    const playing = this.#video.play() ?? Promise.resolve();
    if (!this.#isSourceComing && this.#isAttached) return playing;
    // The call above still had to be made: inside the click is where Safari wants to see it.
    playing.catch(() => {});
    const waiting = (this.#waiting ??= withResolvers());
    // Whoever does not wait for it is not to be told of an unhandled rejection.
    waiting.promise.catch(() => {});
    return waiting.promise;
  }

  /** From now until the next source is attached, `play()` means that one. */
  expectSource() {
    this.#isSourceComing = true;
  }

  /** @param {Error} reason */
  reject(reason) {
    this.#waiting?.reject(reason);
    this.#waiting = null;
  }

  get #isAttached() {
    return this.#video.srcObject != null || this.#video.hasAttribute('src');
  }

  #settle() {
    // A source taken away begins a load as well, which comes to nothing.
    if (!this.#isAttached) return;
    this.#isSourceComing = false;
    const waiting = this.#waiting;
    this.#waiting = null;
    if (waiting) this.#video.play().then(waiting.resolve, waiting.reject);
  }
}

/** `Promise.withResolvers`, which Safari before 17.4 lacks. */
function withResolvers() {
  /** @type {any} */
  const parts = {};
  parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }));
  return parts;
}
