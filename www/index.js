// @ts-check
/**
 * `Player`: a 360° HLS player that speaks like a `<video>`.
 *
 * In: a container (or canvas) and the URL of an HLS stream. Out: everything an HTMLMediaElement has,
 * handed on from the `<video>` inside, and beyond it only what a `<video>` lacks: variants, view
 * direction, projection, immersive session, live edge, statistics. Importing has no side effects
 * and works without a browser. The contract is `index.d.ts`. It joins `playback.js` (engine) and
 * `picture.js` (view), and decides nothing that belongs to either.
 */
import { audioTracksOf } from './audio_tracks.js';
import { VideoSphereError } from './errors.js';
import { EventLog } from './event_log.js';
import { Loading } from './loading.js';
import { forwardMediaEvents, forwardMediaMembers } from './media_members.js';
import { handOn, handOnCalls } from './members.js';
import { Picture } from './picture.js';
import { PendingPlay } from './pending_play.js';
import { Playback } from './playback.js';
import { checkedOptions } from './player_options.js';
import { PictureFormat } from './picture_format.js';
import { PICTURE_PROPERTIES, PLAYBACK_PROPERTIES, PROPERTIES } from './properties.js';
import { StreamText } from './stream_text.js';
import { prepareSurface } from './surface.js';
import { Viewport } from './viewport.js';
import { canPlayType, toQuality } from './values.js';

export { VideoSphereError };

/**
 * @import {
 *   CaptureOptions, MediaMembers, Player as Contract, PlayerOptions, SessionData, ThumbnailOptions,
 * } from './index.js'
 * @import { PictureProperty, PlaybackProperty, Property } from './properties.js'
 * @import { Failure } from './protocol.d.ts'
 */

/** Kept by the parts, and checked there or by `PROPERTIES`. */
const LOADING_PROPERTIES = /** @type {const} */ (['src', 'type', 'srcObject', 'highQualitySrc']);
const PICTURE_METHODS = /** @type {const} */ ([
  'recenter',
  'requestPermissionForMotion',
  'requestPictureInPicture',
  'exitImmersive',
]);

/** Whether HTMLMediaElement's members have been put on the prototype: at first use, not import. */
let isComplete = false;

/**
 * @typedef {typeof LOADING_PROPERTIES[number] | typeof PICTURE_METHODS[number] | 'currentSrc' | 'timeline' | 'variants' | 'sessionData'
 *   | 'selectVariant'} HandedOn
 */

/**
 * All of the contract but what is handed on from the media element, and to a part of the player.
 * @implements {Omit<Contract, PictureProperty | PlaybackProperty | HandedOn | Exclude<keyof MediaMembers, 'canPlayType' | 'currentTime' | 'load' | 'pause' | 'play'>>}
 */
export class Player extends EventTarget {
  #playback;
  #picture;
  #format;
  #surface;
  #abort = new AbortController();
  #log = new EventLog();
  #loading;
  /** @type {VideoSphereError | null} */
  #error = null;
  #viewport;
  #pendingPlay;
  #text;

  /** @param {PlayerOptions} given */
  constructor(given = {}) {
    if (typeof document === 'undefined') {
      throw new Error(
        'videosphere: a Player needs a browser. Import it anywhere, but construct it only there ' +
          '(in onMounted, useEffect, or behind a check for `document`).',
      );
    }
    super();
    if (!isComplete) {
      forwardMediaMembers(Player.prototype, (player) => player.video);
      isComplete = true;
    }
    const options = checkedOptions(given);
    this.#surface = prepareSurface(options);
    this.#pendingPlay = new PendingPlay(this.video, this.#abort.signal);
    this.#playback = new Playback(this.video, options);
    this.#picture = new Picture(this.#surface.canvas, this.video, {
      ...options,
      after: options.src === undefined ? undefined : this.#playback.underWay,
      isCanvasOurs: !options.canvas,
    });
    this.#format = new PictureFormat(this.#picture, this.video, this.#playback, {
      projection: given.projection,
      stereo: given.stereo,
      signal: this.#abort.signal,
      address: () => this.currentSrc,
      tell: (detail) => this.#dispatch('projectionchange', detail),
      warn: (failure) => this.#report(failure),
    });
    this.#text = new StreamText(this.video, this.#playback, {
      stage: () => /** @type {HTMLElement} */ (this.canvas.parentElement),
      tell: (event) => this.#dispatch('metadata', event),
      signal: this.#abort.signal,
    });
    this.#loading = new Loading(
      this.video,
      this.#playback,
      this.#picture,
      this.#pendingPlay,
      this.#abort.signal,
      () => {
        const hadFailed = this.#error !== null;
        this.#error = null;
        return hadFailed;
      },
      options,
    );
    const box = this.#surface.canvas.parentElement ?? this.#surface.canvas;
    this.#viewport = new Viewport(this.#picture, box, this.#abort.signal, (widthPx) =>
      this.#playback.setViewport(widthPx),
    );
    this.#listen();
    this.ready = this.#picture.ready.catch((reason) => {
      throw VideoSphereError.from(reason);
    });
    // The picture's `error` event reports it as well: no unhandled rejection where `ready` is not awaited.
    this.ready.catch(() => {});

    /** @type {(target: object, names: (keyof PlayerOptions)[]) => void} */
    const set = (target, names) => {
      for (const name of names) {
        if (options[name] !== undefined) Object.assign(target, { [name]: options[name] });
      }
    };
    set(this.video, ['muted', 'autoplay', 'loop', 'volume', 'preload', 'playbackRate']);
    set(this, [
      'yaw',
      'pitch',
      'fov',
      'motion',
      'gestureHandling',
      'hotkeys',
      'targetLatency',
      'highQualitySrc',
    ]);
    if (options.src !== undefined) this.#loading.open(options.src);
    if (options.srcObject) this.#loading.srcObject = options.srcObject;
  }

  /** The media element inside: decoding, sound, buffering, and the clock are its. */
  get video() {
    return this.#surface.video;
  }

  /** The element that shows the sphere. (The picture replaces a canvas it cannot use.) */
  get canvas() {
    return this.#picture.canvas;
  }

  // —— the stream ——

  /** Loads `src`, again if need be, whatever `preload` says. */
  load() {
    this.#loading.load();
  }

  /** @returns {Promise<void>} */
  play() {
    return this.#pendingPlay.play();
  }

  pause() {
    this.#pendingPlay.pause();
  }

  get currentTime() {
    return this.video.currentTime;
  }

  set currentTime(secs) {
    this.#loading.seek(secs);
  }

  get networkState() {
    return this.#loading.networkState(this.#error !== null);
  }

  /** The last fatal failure, until the next load. Warnings come as events only. */
  get error() {
    return this.#error;
  }

  /** Whether the stream, not the page, moved the playhead to where it is: for the element's poster. */
  get isSeekOwn() {
    return this.#playback.isSeekOwn;
  }

  /** For the control bar, which asks for none otherwise. */
  get mayHavePictures() {
    return this.#playback.mayHavePictures;
  }

  /** @param {string} type */
  canPlayType(type) {
    return canPlayType(type, this.video);
  }

  get quality() {
    return this.#loading.quality;
  }

  set quality(quality) {
    this.#loading.quality = toQuality(quality);
    this.#playback.quality = this.#loading.quality;
  }

  // —— sound ——

  get audioTracks() {
    return /** @type {Contract["audioTracks"]} */ (/** @type {unknown} */ (audioTracksOf(this.video)));
  }

  // —— live ——

  get isLive() {
    return this.#playback.timeline?.live ?? false;
  }

  /** Whether the playhead is where "live" is. */
  get isAtLiveEdge() {
    return this.isLive && Boolean(this.#playback.stats.atLiveEdge);
  }

  goLive() {
    this.#loading.loadNow();
    this.#playback.goLive();
  }

  get stats() {
    const frames = this.video.getVideoPlaybackQuality?.();
    return {
      ...this.#playback.stats,
      renderer: this.#picture.renderer ?? null,
      framesDrawn: this.#picture.framesDrawn ?? null,
      framesDecoded: frames?.totalVideoFrames ?? null,
      framesDropped: frames?.droppedVideoFrames ?? null,
    };
  }

  // —— the picture ——

  get renderer() {
    return this.#picture.renderer ?? null;
  }

  get projection() {
    return this.#format.projection;
  }

  set projection(projection) {
    this.#format.set('projection', projection);
  }

  get stereo() {
    return this.#format.stereo;
  }

  set stereo(layout) {
    this.#format.set('stereo', layout);
  }

  /** @param {CaptureOptions} [options] @returns {Promise<Blob>} */
  async captureFrame(options) {
    await this.ready;
    return this.#picture.captureFrame(options);
  }

  /** @param {number} secs @param {ThumbnailOptions} [options] */
  async getThumbnail(secs, options) {
    const { thumbnailOf } = await import('./thumbnails.js');
    const ask = (/** @type {Parameters<Playback['fetch']>} */ ...asked) => this.#playback.fetch(...asked);
    return thumbnailOf(/** @type {Contract} */ (/** @type {unknown} */ (this)), ask, secs, options);
  }

  // —— headset ——

  get isImmersive() {
    return this.#viewport.isImmersive;
  }

  async isImmersiveSupported() {
    return Boolean(await this.#picture.isImmersiveSupported());
  }

  /** Must be called in a click: nothing here waits before the picture asks the browser. */
  enterImmersive() {
    // There would be nothing to see, and no message.
    if (this.#error) return Promise.reject(this.#error);
    return this.#picture.enterImmersive().catch((reason) => {
      throw VideoSphereError.from(reason);
    });
  }

  /** What to put into a bug report. */
  async diagnostics() {
    const { diagnose } = await import('./diagnostics.js');
    return diagnose(/** @type {Contract} */ (/** @type {unknown} */ (this)), this.#log.entries);
  }

  /** What an entry of `sessionData` leads to. @param {SessionData} entry */
  async loadSessionData(entry) {
    const { loadSessionData } = await import('./session_data.js');
    return loadSessionData(entry, (...asked) => this.#playback.fetch(...asked));
  }

  /**
   * @param {string} type @param {EventListenerOrEventListenerObject | null} listener
   * @param {boolean | AddEventListenerOptions} [options]
   */
  addEventListener(type, listener, options) {
    super.addEventListener(type, listener, options);
    if (type === 'metadata') this.#text.listen();
  }

  /** @param {Event} event */
  dispatchEvent(event) {
    this.#log.add(event);
    return super.dispatchEvent(event);
  }

  /** Frees the worker, the graphics context, every listener, and the elements it added. */
  destroy() {
    if (this.#abort.signal.aborted) return;
    const { canvas } = this;
    // While it is still listened to: it may end a session.
    this.#picture.destroy();
    this.#abort.abort();
    this.#pendingPlay.destroy();
    this.#playback.destroy();
    this.#surface.remove(canvas);
  }

  #listen() {
    const { signal } = this.#abort;
    forwardMediaEvents(this.video, this, signal);

    /** @type {<Detail>(source: EventTarget, type: string, handle: (detail: Detail) => void) => void} */
    const on = (source, type, handle) =>
      source.addEventListener(
        type,
        (event) => {
          handle(/** @type {CustomEvent} */ (event).detail);
        },
        { signal },
      );
    /** @type {(source: EventTarget, types: Record<string, string>) => void} */
    const forward = (source, types) => {
      for (const [type, ours] of Object.entries(types))
        on(source, type, (detail) => this.#dispatch(ours, detail));
    };
    forward(this.#playback, {
      variants: 'variants',
      sessiondata: 'sessiondata',
      variantchange: 'variantchange',
      pathwaychange: 'pathwaychange',
      timeline: 'timelinechange',
      stats: 'statschange',
    });
    forward(this.#picture, {
      viewchange: 'viewchange',
      rendererchange: 'rendererchange',
      contextrestored: 'contextrestored',
      downscaled: 'downscaled',
      gesturehint: 'gesturehint',
    });

    on(this.#playback, 'error', (/** @type {Failure} */ detail) => {
      const error = VideoSphereError.from(detail);
      if (error.isFatal && this.#loading.mayBeFile(error.name)) {
        this.#tryAsFile(error);
      } else this.#failWith(error);
    });
    on(this.#picture, 'error', (detail) => this.#report(detail));
    for (const type of ['immersivestart', 'immersiveend']) {
      on(this.#picture, type, (detail) => {
        this.#viewport.isImmersive = type === 'immersivestart';
        // Who puts the headset on wants to watch; who paused before goes on when they like.
        if (this.isImmersive && this.video.played.length === 0) this.play().catch(() => {});
        this.#dispatch(type, detail);
      });
    }
  }

  /** What is no playlist may be a file, whose address does not say so. @param {VideoSphereError} error */
  async #tryAsFile(error) {
    const url = this.#loading.src;
    const { isFile } = await import('./sniff_source.js');
    const isOne = await isFile(url, (...asked) => this.#playback.fetch(...asked));
    if (url !== this.#loading.src || this.#abort.signal.aborted) return;
    if (!isOne) return this.#failWith(error);
    this.#loading.takeAsFile();
  }

  /** @param {VideoSphereError} error of the stream */
  #failWith(error) {
    this.#report(error);
    // Whoever heard of it may have loaded something else, which `play()` then waits for.
    if (this.#error === error) this.#pendingPlay.fail(error);
  }

  /** @param {unknown} reported */
  #report(reported) {
    const error = VideoSphereError.from(reported);
    if (!error.isFatal) {
      this.#dispatch('warning', error);
      return;
    }
    this.#error = error;
    this.#dispatch('error', error);
    // The headset would hold on to the last frame; the page says what happened.
    this.#picture.exitImmersive().catch(() => {});
  }

  /** @param {string} type @param {unknown} [detail] */
  #dispatch(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  static {
    const { prototype } = Player;
    const check = (/** @type {string} */ name, /** @type {unknown} */ value) =>
      PROPERTIES[/** @type {Property} */ (name)].check(value);
    handOn(
      prototype,
      LOADING_PROPERTIES,
      (player) => player.#loading,
      (_, value) => value,
    );
    handOn(prototype, PICTURE_PROPERTIES, (player) => player.#picture, check);
    handOn(prototype, PLAYBACK_PROPERTIES, (player) => player.#playback, check);
    handOn(prototype, ['timeline', 'variants', 'sessionData'], (player) => player.#playback);
    handOn(prototype, ['currentSrc'], (player) => player.#loading);
    handOnCalls(prototype, PICTURE_METHODS, (player) => player.#picture);
    handOnCalls(prototype, ['selectVariant'], (player) => player.#playback);
  }
}
