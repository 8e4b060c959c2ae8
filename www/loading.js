// @ts-check
/**
 * Which source a player has, and when it is loaded (HTML 4.8.11.5, its resource selection).
 *
 * In: `src`, `srcObject` and the rest as the page sets them, in any order; `preload`, `autoplay`, `play()`. Out:
 * one load for all that changes in a task, given to the engine, or to the browser what is none of the
 * engine's; put off as `preload="none"` has it.
 */
import { kindOf } from './source_kind.js';
import { toAbsoluteUrl, toSrcObject } from './values.js';

/**
 * @import { Quality } from './index.js'
 * @import { PendingPlay } from './pending_play.js'
 * @import { Picture } from './picture.js'
 * @import { Playback } from './playback.js'
 */

/** What the engine says of a file. */
const MAYBE_A_FILE = ['not-a-playlist', 'network-too-large'];

export class Loading {
  #video;
  #playback;
  #picture;
  #pendingPlay;
  #signal;
  #begin;
  /** Where the next load begins. @type {number | undefined} */
  #startSecs;
  #src = '';
  #type = '';
  /** @type {MediaProvider | null} */
  #srcObject = null;
  /** An address of which nothing was known, and which holds a file. */
  #fileUrl = '';
  #highQualitySrc = '';
  #isLoadScheduled = false;
  /** `load()` was called: nothing is put off. */
  #isLoadWanted = false;
  /** Something has been loaded, or put off. */
  #isOpen = false;
  /** What tells that it is left, once that has happened. @type {string[]} */
  #leaving = [];
  /** `src` waits for `play()` or a seek, as `preload="none"` has it. */
  #isPutOff = false;

  /**
   * @param {HTMLVideoElement} video
   * @param {Playback} playback @param {Picture} picture @param {PendingPlay} pendingPlay who loads it, and who is told
   * @param {AbortSignal} signal the end of the player
   * @param {() => boolean} begin a load was asked for; whether what there was had failed
   * @param {{ type?: string, startSecs?: number, quality: Quality }} options
   */
  constructor(video, playback, picture, pendingPlay, signal, begin, { type, startSecs, quality }) {
    this.#video = video;
    this.#playback = playback;
    this.#picture = picture;
    this.#pendingPlay = pendingPlay;
    this.#signal = signal;
    this.#begin = begin;
    this.#type = String(type ?? '');
    this.#startSecs = startSecs;
    this.quality = quality;
    video.addEventListener('play', () => this.loadNow(), { signal });
    const attributes = new MutationObserver(() => this.#mayLoad && this.loadNow());
    attributes.observe(video, { attributeFilter: ['autoplay', 'preload'] });
    signal.addEventListener('abort', () => attributes.disconnect(), { once: true });
  }

  get src() {
    return this.#src;
  }

  set src(url) {
    this.#resetRate();
    this.open(url);
  }

  /** @param {unknown} url */
  open(url) {
    this.#src = toAbsoluteUrl(url);
    this.#scheduleLoad();
  }

  get type() {
    return this.#type;
  }

  set type(type) {
    this.#type = String(type ?? '');
  }

  get srcObject() {
    return this.#srcObject;
  }

  set srcObject(source) {
    const before = this.#srcObject;
    this.#srcObject = toSrcObject(source);
    if (!before && !this.#srcObject) return;
    // As with a `<video>` it goes before `src`, which has its turn again afterwards.
    this.load();
  }

  get currentSrc() {
    return this.#srcObject ? '' : this.#src;
  }

  /** Whether the browser is to play it by itself. */
  get isNative() {
    const isFile = this.#fileUrl === this.#src || kindOf(this.#src, this.#type) === 'file';
    return this.#srcObject !== null || isFile;
  }

  /** What is no playlist may be a file, whose address does not say so. @param {string} name of the engine's failure */
  mayBeFile(name) {
    return MAYBE_A_FILE.includes(name) && !this.isNative && kindOf(this.#src, this.#type) !== 'hls';
  }

  /** `src` was found to be a file. */
  takeAsFile() {
    this.#fileUrl = this.#src;
    this.#load();
  }

  get highQualitySrc() {
    return this.#highQualitySrc;
  }

  set highQualitySrc(url) {
    const absolute = toAbsoluteUrl(url);
    if (absolute === this.#highQualitySrc) return;
    this.#highQualitySrc = absolute;
    if (!this.#src || this.#isLoadScheduled || this.#isPutOff) return;
    // The engine takes both addresses together; come back to the same place.
    if (this.#playback.timeline)
      this.#startSecs = this.#playback.timeline.live ? undefined : this.#video.currentTime;
    const wasPlaying = !this.#video.paused;
    this.#load();
    if (wasPlaying) this.#pendingPlay.play().catch(() => {});
  }

  /** As HTML has it, but at once: what the page sets next is for the new stream. */
  #resetRate() {
    this.#video.playbackRate = this.#video.defaultPlaybackRate;
  }

  /** Loads `src`, again if need be, whatever `preload` says. */
  load() {
    this.#resetRate();
    this.#load();
  }

  #load() {
    this.#isLoadWanted = true;
    this.#scheduleLoad();
  }

  /** Several changes in one go make one load, as with a `<video>`. */
  #scheduleLoad() {
    const hadFailed = this.#begin();
    if (this.#isLoadScheduled) return;
    // As HTML has it: what failed is not aborted.
    const leaving = hadFailed ? ['emptied'] : ['abort', 'emptied'];
    this.#leaving = this.#isOpen ? leaving : [];
    this.#pendingPlay.expectSource();
    this.#isLoadScheduled = true;
    queueMicrotask(() => {
      this.#isLoadScheduled = false;
      if (!this.#signal.aborted) this.#loadOrPutOff();
    });
  }

  #loadOrPutOff() {
    this.#exchange();
    // Of the media element, as its other events: those who listen there get it too.
    for (const type of this.#leaving) this.#video.dispatchEvent(new Event(type));
    if (this.#isPutOff) this.#video.dispatchEvent(new Event('suspend'));
  }

  #exchange() {
    this.#isPutOff = false;
    const isWanted = this.#isLoadWanted || this.#mayLoad || this.#pendingPlay.isWaiting;
    this.#isLoadWanted = false;
    const source = this.#srcObject ?? this.#src;
    this.#isOpen = Boolean(source);
    if (!source || !isWanted) this.#playback.unload();
    // What comes back to its place keeps its picture until then.
    if (this.#startSecs === undefined) this.#picture.forgetFrame();
    if (!source) return this.#pendingPlay.expectNothing();
    // A `<video>` on which `play()` was called before it had a source still plays.
    if (!isWanted && this.#video.paused) {
      this.#isPutOff = true;
      return;
    }
    const startSecs = this.#startSecs;
    this.#startSecs = undefined;
    if (this.isNative) this.#playback.loadNatively(source, startSecs);
    else {
      this.#playback.load(this.#src, {
        highQualityUrl: this.#highQualitySrc || undefined,
        startSecs,
        quality: this.quality,
      });
    }
    this.#pendingPlay.keep();
  }

  /** Whether the media element's attributes let a stream be loaded before it is played. */
  get #mayLoad() {
    return this.#video.autoplay || this.#video.preload !== 'none';
  }

  /** Loads what `preload="none"` has put off. */
  loadNow() {
    if (this.#isPutOff) this.#load();
  }

  /** The page seeks: what is put off begins there. @param {number} secs */
  seek(secs) {
    this.#video.currentTime = secs;
    if (this.#isPutOff) this.#startSecs = Number(secs);
    this.loadNow();
  }

  /** HTML's; the media element has none of it before the engine has something for it. @param {boolean} hasFailed */
  networkState(hasFailed) {
    const { networkState, NETWORK_EMPTY, NETWORK_IDLE, NETWORK_LOADING, NETWORK_NO_SOURCE } = this.#video;
    const hasSource = this.#srcObject !== null || this.#src !== '';
    if (!hasSource) return networkState;
    if (this.#isPutOff) return NETWORK_IDLE;
    if (networkState !== NETWORK_EMPTY && networkState !== NETWORK_NO_SOURCE) return networkState;
    return hasFailed ? NETWORK_NO_SOURCE : NETWORK_LOADING;
  }
}
