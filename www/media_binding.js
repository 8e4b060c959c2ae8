// @ts-check
/**
 * The media element on the engine's behalf: its source, its seeks, its rate (HTML 4.8.11; Media Source
 * Extensions).
 *
 * In: what the engine wants of it. Out: the same done, so that a change of source is no end of playing; and
 * what the element does, as messages for the engine. It knows no stream.
 */
import {
  isPausedByError,
  keepPlaying,
  keepRate,
  letManagedSourceOpen,
  mayForgetSeek,
} from './compat/media.js';

/** @import { ToWorker } from './protocol.d.ts' */

/** The media element's events after which its state is posted to the engine at once. */
const STATE_EVENTS = [
  'canplay',
  'emptied',
  'ended',
  'loadedmetadata',
  'pause',
  'play',
  'playing',
  'ratechange',
  'seeked',
  'seeking',
  'stalled',
  'timeupdate',
  'waiting',
];
/**
 * While playing, or with nothing to show yet, it is told this often even when nothing happens: a
 * stall makes no events.
 */
const STATE_INTERVAL_MILLIS = 250;
/** From this `readyState` on there is a picture at the playhead. */
const HAVE_CURRENT_DATA = 2;
/** A seek asked for before there was metadata counts as done when the playhead is this near. */
const SEEK_TOLERANCE_SECS = 0.1;

export class MediaBinding {
  #video;
  #post;
  /** Which of the engine's media sources is on the element, or in the sink. */
  generation = 0;
  /** @type {string | null} the object URL on the element */
  #objectUrl = null;
  #isAttached = false;
  /** Whether the viewer means it to play, by its events; errors pause it too. */
  #wantsToPlay = false;
  /** @type {number | null} a seek that waits for metadata */
  #pendingSeekSecs = null;
  /** Where the engine sought last, and where the page wanted to begin. */
  #ownSeekSecs = NaN;
  #startSecs = NaN;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #stateTimer;
  #listeners = new AbortController();
  /** The rate that keeps playback at the live point, while it is in force. */
  #ownRate = 1;

  /**
   * @param {HTMLVideoElement} video
   * @param {(message: ToWorker) => void} post
   */
  constructor(video, post) {
    this.#video = video;
    this.#post = post;
  }

  /** Another stream: nothing of the old one's holds. @param {number} [startSecs] where the page wants to begin */
  forget(startSecs) {
    this.#wantsToPlay = false;
    this.#pendingSeekSecs = null;
    this.#ownSeekSecs = NaN;
    this.#startSecs = startSecs ?? NaN;
  }

  /** Whether the playhead is where the engine moved it to of itself. */
  get isSeekOwn() {
    const isAt = (/** @type {number} */ secs) =>
      Math.abs(this.#video.currentTime - secs) < SEEK_TOLERANCE_SECS;
    return isAt(this.#ownSeekSecs) && !isAt(this.#startSecs);
  }

  /** @param {MediaSource | MediaSourceHandle} source of this thread, or the handle of one in the worker */
  attach(source) {
    keepPlaying(this.#video, () => {
      this.detach();
      this.#isAttached = true;
      this.#setSource(source);
    });
  }

  /** @param {MediaSource | MediaSourceHandle} source */
  #setSource(source) {
    const video = this.#video;
    // To lib.dom a handle is no MediaProvider yet, and looks like any object.
    const mediaSource = /** @type {MediaSource} */ (source);
    if (typeof MediaSourceHandle !== 'undefined' && source instanceof MediaSourceHandle) {
      keepRate(video, () => (video.srcObject = mediaSource));
      return;
    }
    letManagedSourceOpen(video);
    const url = (this.#objectUrl = URL.createObjectURL(mediaSource));
    keepRate(video, () => (video.src = url));
    mediaSource.addEventListener('sourceopen', () => this.#revoke(), { once: true });
  }

  /**
   * The engine takes its media source away, to open another: the viewer is to notice a pause at
   * most. Played without a source the element waits for one, and a `pause()` meanwhile counts.
   */
  exchange() {
    const video = this.#video;
    const wantsToPlay = this.#isAttached && (!video.paused || (video.error && this.#wantsToPlay));
    this.detach();
    if (wantsToPlay) {
      video.play().catch(() => {});
    }
  }

  detach() {
    this.#pendingSeekSecs = null;
    this.setRate(1);
    this.#revoke();
    if (!this.#isAttached) {
      return;
    }
    this.#isAttached = false;
    const video = this.#video;
    keepRate(video, () => {
      video.srcObject = null;
      video.removeAttribute('src');
      // Without this the last picture and the old source would stay.
      video.load();
    });
  }

  #revoke() {
    if (this.#objectUrl !== null) {
      URL.revokeObjectURL(this.#objectUrl);
      this.#objectUrl = null;
    }
  }

  /** @param {number} toSecs */
  seek(toSecs) {
    this.#pendingSeekSecs = mayForgetSeek(this.#video) ? toSecs : null;
    this.#ownSeekSecs = toSecs;
    this.#video.currentTime = toSecs;
  }

  /**
   * A rate to keep up with a live stream. The page's own goes before it: one that is set while ours
   * is in force stays.
   * @param {number} rate
   */
  setRate(rate) {
    const video = this.#video;
    this.#noticeRate();
    if (video.playbackRate !== this.#ownRate || rate === this.#ownRate) {
      return;
    }
    this.#ownRate = rate;
    video.preservesPitch = true;
    video.playbackRate = rate;
  }

  /** The page set another rate: ours is no longer in force. */
  #noticeRate() {
    if (this.#video.playbackRate !== this.#ownRate) {
      this.#ownRate = 1;
    }
  }

  /** From now on the engine is told what the element does. */
  listen() {
    const { signal } = this.#listeners;
    const video = this.#video;
    video.addEventListener(
      'loadedmetadata',
      () => {
        const toSecs = this.#pendingSeekSecs;
        this.#pendingSeekSecs = null;
        if (toSecs !== null && Math.abs(video.currentTime - toSecs) > SEEK_TOLERANCE_SECS) {
          video.currentTime = toSecs;
        }
      },
      { signal },
    );
    video.addEventListener(
      'play',
      () => {
        this.#wantsToPlay = true;
      },
      { signal },
    );
    video.addEventListener(
      'pause',
      () => {
        this.#wantsToPlay &&= isPausedByError(video);
      },
      { signal },
    );
    for (const type of STATE_EVENTS) {
      video.addEventListener(type, () => this.#postState(type === 'seeking'), { signal });
    }
    video.addEventListener(
      'error',
      () => {
        const { error } = video;
        if (error && this.#isAttached) {
          // One failure may be reported here and by the source buffer: the engine takes the first only.
          const { code, message } = error;
          this.#post({ kind: 'mediaerror', generation: this.generation, code, detail: message ?? '' });
        }
      },
      { signal },
    );
    for (const [type, on] of /** @type {const} */ ([
      ['online', true],
      ['offline', false],
    ])) {
      globalThis.addEventListener(type, () => this.#post({ kind: 'online', on }), { signal });
    }
    // A hidden page's timers sleep: catch up at once.
    document.addEventListener('visibilitychange', () => this.#postState(), { signal });
    this.#stateTimer = setInterval(() => {
      // WebKit stays before a gap at the start, where others pass it: paused, too.
      if (!video.paused || video.readyState < HAVE_CURRENT_DATA) {
        this.#postState();
      }
    }, STATE_INTERVAL_MILLIS);
  }

  /** @param {boolean} [isSeek] a seek began; it may be over when its event comes */
  #postState(isSeek = false) {
    if (!this.#isAttached) {
      return;
    }
    const { currentTime, paused, ended, playbackRate, readyState } = this.#video;
    this.#noticeRate();
    const ownRate = playbackRate !== 1 && playbackRate === this.#ownRate;
    const seeking = isSeek || this.#video.seeking;
    const { hidden } = this.#video.ownerDocument;
    this.#post({
      kind: 'playback',
      currentTime,
      paused,
      seeking,
      ended,
      playbackRate,
      ownRate,
      readyState,
      hidden,
    });
  }

  /** It is listened to no longer; what is on it stays until `detach`. */
  destroy() {
    this.#listeners.abort();
    clearInterval(this.#stateTimer);
  }
}
