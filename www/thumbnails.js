// @ts-check
/**
 * `getThumbnail`: a small picture of a moment, as a seek bar shows it. Loaded with the first one.
 *
 * In: a player, a moment, and how wide a picture is wanted. Out: what is straight ahead at that moment, as the whole
 * picture of a sphere shows little of what one would see; `null` where there is no picture of it. The pictures are the
 * page's storyboard, or else the stream's own. Nothing here touches playback.
 */
import { VideoSphereError } from './errors.js';
import { PictureLoads } from './picture_loads.js';
import { Storyboard, TRACK } from './storyboard.js';

/**
 * @import { Player, Projection, Stereo, Thumbnail, ThumbnailOptions } from './index.js'
 * @import { Ask, StreamPictures } from './stream_pictures.js'
 */

/**
 * @typedef {object} Picture
 * @property {ImageBitmap | HTMLImageElement} image
 * @property {number} width pixels
 * @property {number} height
 */
/**
 * What is there of a moment.
 * @typedef {object} Moment
 * @property {string} key names the picture
 * @property {number} startTime seconds of `currentTime`
 * @property {number} endTime
 * @property {(picture: Picture) => number[] | undefined} box what of it is of this moment: x, y, width, height; all
 *   of it where there is none
 * @property {(signal: AbortSignal) => Promise<Picture>} load
 */
/** @typedef {{ find(secs: number, pictureWidthPx: number): Promise<Moment | null> }} Source */

const WIDTH_PX = 160;
const WIDEST_PX = 4096;
const ASPECT = 16 / 9;
/** As wide as it can be before the bending shows. */
const FIELD_OF_VIEW_DEG = 120;

/** @type {WeakMap<object, Thumbnails>} */
const thumbnails = new WeakMap();

/**
 * @param {Player} player
 * @param {Ask} ask as the stream's requests are made
 * @param {number} secs of `currentTime`
 * @param {ThumbnailOptions} [options]
 * @returns {Promise<Thumbnail | null>}
 */
export async function thumbnailOf(player, ask, secs, { width = WIDTH_PX, signal } = {}) {
  if (!Number.isFinite(secs))
    throw new TypeError(`videosphere: a moment is a number of seconds, not “${secs}”.`);
  if (!(Number.isInteger(width) && width >= 1 && width <= WIDEST_PX)) {
    throw new TypeError(`videosphere: width is whole pixels from 1 to ${WIDEST_PX}, not “${width}”.`);
  }
  signal?.throwIfAborted();
  let own = thumbnails.get(player);
  if (!own) thumbnails.set(player, (own = new Thumbnails(player, ask)));
  try {
    return await own.get(secs, width, signal);
  } catch (reason) {
    if (signal?.aborted) throw signal.reason;
    throw VideoSphereError.from(reason);
  }
}

class Thumbnails {
  #player;
  #ask;
  #loads = new PictureLoads();
  /** @type {Storyboard | undefined} */
  #storyboard;
  /** @type {StreamPictures | undefined} */
  #stream;

  /** @param {Player} player @param {Ask} ask */
  constructor(player, ask) {
    this.#player = player;
    this.#ask = ask;
  }

  /** @param {number} secs @param {number} width @param {AbortSignal | undefined} signal @returns {Promise<Thumbnail | null>} */
  async get(secs, width, signal) {
    const { projection } = this.#player;
    const pictureWidth = Math.ceil(width * (turnOf(projection) / FIELD_OF_VIEW_DEG));
    let failure;
    for await (const source of this.#sources()) {
      signal?.throwIfAborted();
      try {
        const moment = await source.find(secs, pictureWidth);
        if (moment) return await this.#cut(moment, width, signal);
      } catch (reason) {
        if (signal?.aborted) throw reason;
        failure ??= reason;
      }
    }
    if (failure) throw failure;
    return null;
  }

  /** The page's own goes before. @returns {AsyncGenerator<Source>} */
  async *#sources() {
    /** @type {HTMLTrackElement | null} */
    const child = this.#player.video.querySelector(TRACK);
    if (child !== this.#storyboard?.child) this.#storyboard = child ? new Storyboard(child) : undefined;
    if (this.#storyboard) yield this.#storyboard;
    const stream = await this.#streamPictures();
    if (stream) yield* stream.sources;
  }

  /** The stream's own, of the stream that is loaded. */
  async #streamPictures() {
    if (!/^https?:/.test(this.#player.currentSrc)) return undefined;
    const { StreamPictures } = await import('./stream_pictures.js');
    const { currentSrc } = this.#player;
    if (this.#stream?.url !== currentSrc) {
      this.#loads.clear();
      this.#stream = new StreamPictures(currentSrc, this.#ask, () => this.#player.timeline);
    }
    return this.#stream;
  }

  /** @param {Moment} moment @param {number} width @param {AbortSignal | undefined} signal @returns {Promise<Thumbnail>} */
  #cut({ key, startTime, endTime, box, load }, width, signal) {
    const height = Math.max(1, Math.round(width / ASPECT));
    const make = async (/** @type {Picture} */ picture) => {
      const whole = box(picture) ?? [0, 0, picture.width, picture.height];
      const [x, y, wide, high] = partAhead(this.#player, whole);
      const resize = /** @type {const} */ ({
        resizeWidth: width,
        resizeHeight: height,
        resizeQuality: 'medium',
      });
      const image = await createImageBitmap(picture.image, x, y, wide, high, resize);
      return { image, width, height, startTime, endTime };
    };
    return this.#loads.use(key, load, make, signal);
  }
}

/** Degrees that a picture is wide. @param {Projection} projection */
const turnOf = (projection) => (projection === 'equirect-180' ? 180 : 360);

/**
 * What is straight ahead, of the left eye's picture, in whole pixels.
 * @param {{ projection: Projection, stereo: Stereo }} layout @param {number[]} box x, y, width and height of the whole
 */
export function partAhead({ projection, stereo }, [x, y, wide, high]) {
  const width = stereo === 'side-by-side' ? wide / 2 : wide;
  const height = stereo === 'top-bottom' ? high / 2 : high;
  const aheadX = width * (FIELD_OF_VIEW_DEG / turnOf(projection));
  const aheadY = height * (FIELD_OF_VIEW_DEG / ASPECT / 180);
  return [
    Math.round(x + (width - aheadX) / 2),
    Math.round(y + (height - aheadY) / 2),
    Math.max(1, Math.round(aheadX)),
    Math.max(1, Math.round(aheadY)),
  ];
}
