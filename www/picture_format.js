// @ts-check
/**
 * How the picture lies on the sphere: what the page says of it, else what the stream says, else what is usual.
 *
 * In: the page's projection and stereo layout, what the stream says from which moment on (`spherical`), and, where
 * the page says `auto`, a guess by address and size. Out: both on the picture, and an event with who says so.
 */
import { toProjection, toStereo } from './values.js';

/**
 * @import { Picture } from './picture.js'
 * @import { Playback } from './playback.js'
 * @import { ProjectionSource } from './index.js'
 * @import { Failure, SphericalEvent, SphericalFormat } from './protocol.d.ts'
 * @typedef {'projection' | 'stereo'} Part
 */

/** @type {Record<Part, (value: unknown) => string>} */
const CHECKS = { projection: toProjection, stereo: toStereo };
const PARTS = /** @type {const} */ (['projection', 'stereo']);
/** The oldest of what the stream said goes. */
const MOST_MOMENTS = 64;

export class PictureFormat {
  #picture;
  #video;
  #options;
  /** What the page says; `auto` as well. @type {{ projection?: unknown, stereo?: unknown }} */
  #wish = {};
  /** In their order. @type {{ startSecs: number, format: SphericalFormat }[]} */
  #moments = [];
  /** @type {SphericalFormat} */
  #guess = {};
  /** @type {{ projection: ProjectionSource, stereo: ProjectionSource }} */
  #sources = { projection: 'default', stereo: 'default' };
  #warned = '';
  #frame = 0;

  /**
   * @param {Picture} picture @param {HTMLVideoElement} video @param {Playback} playback
   * @param {{ projection?: unknown, stereo?: unknown, signal: AbortSignal, address: () => string,
   *   tell(detail: object): void, warn(failure: Failure): void }} options what the page said at first, and whom to tell
   */
  constructor(picture, video, playback, options) {
    this.#picture = picture;
    this.#video = video;
    this.#options = options;
    for (const part of PARTS) {
      this.#wish[part] = options[part];
      if (isSaid(options[part])) this.#sources[part] = 'page';
    }
    const { signal } = options;
    playback.addEventListener('streamchange', () => this.#forget(), { signal });
    playback.addEventListener(
      'spherical',
      (event) => this.#take(/** @type {CustomEvent<SphericalEvent>} */ (event).detail),
      { signal },
    );
    video.addEventListener('seeking', () => this.#apply(), { signal });
    for (const type of ['loadedmetadata', 'resize']) {
      video.addEventListener(type, () => this.#look(), { signal });
    }
  }

  get projection() {
    return this.#picture.projection;
  }

  get stereo() {
    return this.#picture.stereo;
  }

  /** @param {Part} part @param {unknown} value */
  set(part, value) {
    CHECKS[part](value);
    this.#wish[part] = value;
    this.#apply();
    this.#look();
  }

  /** Another stream says for itself. */
  #forget() {
    this.#moments = [];
    this.#guess = {};
    this.#warned = '';
    this.#apply();
  }

  /** @param {SphericalEvent} said */
  #take({ startSecs, format }) {
    this.#moments = [...this.#moments.filter((each) => each.startSecs !== startSecs), { startSecs, format }]
      .sort((a, b) => a.startSecs - b.startSecs)
      .slice(-MOST_MOMENTS);
    this.#apply();
  }

  /** A guess is made for those alone who ask for it: names and shapes of other streams say the same by chance. */
  async #look() {
    const { videoWidth, videoHeight } = this.#video;
    if (!PARTS.some((part) => this.#wish[part] === 'auto') || !videoWidth) return;
    const { guessFormat } = await import('./spherical_guess.js');
    this.#guess = guessFormat(this.#options.address(), videoWidth, videoHeight);
    this.#apply();
  }

  #apply() {
    const { currentTime } = this.#video;
    const next = this.#moments.find(({ startSecs }) => startSecs > currentTime);
    const told = this.#moments.filter(({ startSecs }) => startSecs <= currentTime).at(-1) ?? next;
    let isChanged = false;
    for (const part of PARTS) isChanged = this.#applyPart(part, told?.format ?? {}) || isChanged;
    if (isChanged) {
      this.#options.tell({
        projection: this.projection,
        stereo: this.stereo,
        projectionSource: this.#sources.projection,
        stereoSource: this.#sources.stereo,
      });
    }
    if (next && next !== told) this.#waitFor(next.startSecs);
  }

  /** @param {Part} part @param {SphericalFormat} told @returns {boolean} whether anything is another than before */
  #applyPart(part, told) {
    const wish = this.#wish[part];
    let source = /** @type {ProjectionSource | undefined} */ (told[`${part}Source`]);
    let value = isSaid(wish) ? wish : told[part];
    if (isSaid(wish)) source = 'page';
    else if (value === undefined && this.#guess[part] && wish === 'auto') {
      value = this.#guess[part];
      source = /** @type {ProjectionSource} */ (this.#guess[`${part}Source`]);
    }
    let checked;
    try {
      checked = CHECKS[part](value);
    } catch {
      this.#warnOf(part, String(value));
      checked = CHECKS[part]('auto');
    }
    const isSame = this.#picture[part] === checked && this.#sources[part] === (source ?? 'default');
    this.#sources[part] = source ?? 'default';
    if (this.#picture[part] !== checked) Object.assign(this.#picture, { [part]: checked });
    return !isSame;
  }

  /** @param {Part} part @param {string} value that is not drawn here */
  #warnOf(part, value) {
    if (this.#warned === value) return;
    this.#warned = value;
    this.#options.warn({
      code: 'unsupported-projection',
      severity: 'warning',
      message: `the stream says that its ${part} is “${value}”, which is not drawn here: it is shown as ${CHECKS[part]('auto')}; set \`${part}\` if you know better`,
      context: { [part]: value },
    });
  }

  /** Until a frame is shown that another format is said for. @param {number} startSecs */
  #waitFor(startSecs) {
    const video = this.#video;
    video.cancelVideoFrameCallback?.(this.#frame);
    if (!video.requestVideoFrameCallback) {
      video.addEventListener('timeupdate', () => this.#apply(), { once: true, signal: this.#options.signal });
      return;
    }
    this.#frame = video.requestVideoFrameCallback((_, { mediaTime }) => {
      if (this.#options.signal.aborted) return;
      if (mediaTime >= startSecs) this.#apply();
      else this.#waitFor(startSecs);
    });
  }
}

/** @param {unknown} wish */
const isSaid = (wish) => wish !== undefined && wish !== null && wish !== 'auto';
