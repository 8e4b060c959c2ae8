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
import { VideoSphereError } from './errors.js';
import { EventLog } from './event_log.js';
import { toHotkeys } from './hotkeys.js';
import { forwardMediaEvents, forwardMediaMembers } from './media_members.js';
import { Picture } from './picture.js';
import { PendingPlay } from './pending_play.js';
import { Playback } from './playback.js';
import { kindOf } from './source_kind.js';
import { prepareSurface } from './surface.js';
import {
  canPlayType,
  toAbsoluteUrl,
  toConfig,
  toDegrees,
  toGestureHandling,
  toProjection,
  toQuality,
  toRenderer,
  toRequest,
  toSrcObject,
  toStereo,
  toTargetLatency,
  toWasmUrls,
} from './values.js';

export { VideoSphereError };

/**
 * @import { CaptureOptions, MediaMembers, Player as Contract, PlayerOptions } from './index.js'
 * @import { Failure } from './protocol.d.ts'
 */

/** Headsets show about 22 pixels a degree; the engine chooses variants for a full turn of them. */
const IMMERSIVE_PANORAMA_WIDTH_PX = 8192;
/** A change of the picture's size on screen below this share is not worth a message. */
const VIEWPORT_TOLERANCE = 0.05;

/** What the engine says of a file. */
const MAYBE_A_FILE = ['not-a-playlist', 'network-too-large'];

/** Whether HTMLMediaElement's members have been put on the prototype: at first use, not import. */
let isComplete = false;

/**
 * All of the contract but what is handed on from the media element.
 * @implements {Omit<Contract, Exclude<keyof MediaMembers, 'canPlayType' | 'currentTime' | 'load' | 'pause' | 'play'>>}
 */
export class Player extends EventTarget {
  #playback;
  #picture;
  #surface;
  #abort = new AbortController();
  #log = new EventLog();
  #src = '';
  #type = '';
  /** @type {MediaProvider | null} */
  #srcObject = null;
  /** An address of which nothing was known, and which holds a file. */
  #fileUrl = '';
  #highQualitySrc = '';
  #quality;
  #startSecs;
  /** @type {VideoSphereError | null} */
  #error = null;
  #isLoadScheduled = false;
  /** `load()` was called: nothing is put off. */
  #isLoadWanted = false;
  /** `src` waits for `play()` or a seek, as `preload="none"` has it. */
  #isPutOff = false;
  #isImmersive = false;
  #viewportPx = 0;
  #pendingPlay;

  /** @param {PlayerOptions} options */
  constructor(options = {}) {
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
    const { workerUrl, engineUrl, transmuxUrl } = options;
    // What can be refused is read before anything is made that would have to be freed again.
    this.#quality = toQuality(options.quality ?? 'auto');
    const renderer = toRenderer(options.renderer ?? 'auto');
    const projection = toProjection(options.projection);
    const stereo = toStereo(options.stereo);
    const wasmUrls = toWasmUrls(options.wasmUrls);
    const config = toConfig(options.config);
    const request = toRequest(options.request);
    toGestureHandling(options.gestureHandling ?? 'auto');
    toHotkeys(options.hotkeys);
    this.#startSecs = options.startSecs;

    this.#surface = prepareSurface(options);
    this.#pendingPlay = new PendingPlay(this.video, this.#abort.signal);
    this.#type = String(options.type ?? '');
    const isEngineWanted = !options.srcObject && kindOf(toAbsoluteUrl(options.src), this.#type) !== 'file';
    this.#playback = new Playback(this.video, {
      workerUrl,
      engineUrl,
      transmuxUrl,
      config,
      request,
      isEngineWanted,
    });
    this.#picture = new Picture(this.#surface.canvas, this.video, {
      renderer,
      projection,
      stereo,
      wasmUrls,
      after: options.src === undefined ? undefined : this.#playback.underWay,
      isCanvasOurs: !options.canvas,
    });
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
    if (options.src !== undefined) this.#open(options.src);
    if (options.srcObject) this.srcObject = options.srcObject;
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

  get src() {
    return this.#src;
  }

  set src(url) {
    this.#resetRate();
    this.#open(url);
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

  /** Whether the browser is to play it by itself. */
  get #isNative() {
    const isFile = this.#fileUrl === this.#src || kindOf(this.#src, this.#type) === 'file';
    return this.#srcObject !== null || isFile;
  }

  /** @param {unknown} url */
  #open(url) {
    this.#src = toAbsoluteUrl(url);
    this.#scheduleLoad();
  }

  /** As HTML has it, but at once: what the page sets next is for the new stream. */
  #resetRate() {
    this.video.playbackRate = this.video.defaultPlaybackRate;
  }

  get currentSrc() {
    return this.#srcObject ? '' : this.#src;
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
    if (this.timeline) this.#startSecs = this.isLive ? undefined : this.video.currentTime;
    const wasPlaying = !this.video.paused;
    this.#load();
    if (wasPlaying) this.play().catch(() => {});
  }

  get request() {
    return this.#playback.request;
  }

  set request(request) {
    this.#playback.request = toRequest(request);
  }

  get config() {
    return this.#playback.config;
  }

  set config(config) {
    this.#playback.config = toConfig(config);
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
    this.#error = null;
    if (this.#isLoadScheduled) return;
    this.#pendingPlay.expectSource();
    this.#isLoadScheduled = true;
    queueMicrotask(() => {
      this.#isLoadScheduled = false;
      if (!this.#abort.signal.aborted) this.#loadOrPutOff();
    });
  }

  #loadOrPutOff() {
    this.#isPutOff = false;
    const isWanted = this.#isLoadWanted || this.#mayLoad || this.#pendingPlay.isWaiting;
    this.#isLoadWanted = false;
    const source = this.#srcObject ?? this.#src;
    if (!source || !isWanted) this.#playback.unload();
    // What comes back to its place keeps its picture until then.
    if (this.#startSecs === undefined) this.#picture.forgetFrame();
    if (!source) return this.#pendingPlay.expectNothing();
    // A `<video>` on which `play()` was called before it had a source still plays.
    if (!isWanted && this.video.paused) {
      this.#isPutOff = true;
      // Of the media element, as its other events: those who listen there get it too.
      this.video.dispatchEvent(new Event('suspend'));
      return;
    }
    const startSecs = this.#startSecs;
    this.#startSecs = undefined;
    if (this.#isNative) this.#playback.loadNatively(source, startSecs);
    else {
      this.#playback.load(this.#src, {
        highQualityUrl: this.#highQualitySrc || undefined,
        startSecs,
        quality: this.#quality,
      });
    }
    this.#pendingPlay.keep();
  }

  /** Whether the media element's attributes let a stream be loaded before it is played. */
  get #mayLoad() {
    return this.video.autoplay || this.video.preload !== 'none';
  }

  /** Loads what `preload="none"` has put off. */
  #loadNow() {
    if (this.#isPutOff) this.#load();
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
    this.video.currentTime = secs;
    if (this.#isPutOff) this.#startSecs = Number(secs);
    this.#loadNow();
  }

  /** The media element has none of it before the engine has something for it. */
  get networkState() {
    const { networkState, NETWORK_EMPTY, NETWORK_IDLE, NETWORK_LOADING, NETWORK_NO_SOURCE } = this.video;
    const hasSource = this.#srcObject !== null || this.#src !== '';
    if (!hasSource) return networkState;
    if (this.#isPutOff) return NETWORK_IDLE;
    if (networkState !== NETWORK_EMPTY && networkState !== NETWORK_NO_SOURCE) return networkState;
    return this.#error ? NETWORK_NO_SOURCE : NETWORK_LOADING;
  }

  /** The last fatal failure, until the next load. Warnings come as events only. */
  get error() {
    return this.#error;
  }

  /** Whether the stream, not the page, moved the playhead to where it is: for the element's poster. */
  get isSeekOwn() {
    return this.#playback.isSeekOwn;
  }

  /** @param {string} type */
  canPlayType(type) {
    return canPlayType(type, this.video);
  }

  // —— quality ——

  get quality() {
    return this.#quality;
  }

  set quality(quality) {
    this.#quality = toQuality(quality);
    this.#playback.quality = this.#quality;
  }

  get variants() {
    return this.#playback.variants ?? [];
  }

  /** @param {number} id */
  selectVariant(id) {
    this.#playback.selectVariant(id);
  }

  // —— live ——

  get timeline() {
    return this.#playback.timeline ?? null;
  }

  get isLive() {
    return this.timeline?.live ?? false;
  }

  /** Whether the playhead is where "live" is. */
  get isAtLiveEdge() {
    return this.isLive && Boolean(this.#playback.stats.atLiveEdge);
  }

  get targetLatency() {
    return this.#playback.targetLatency;
  }

  set targetLatency(secs) {
    this.#playback.targetLatency = toTargetLatency(secs);
  }

  goLive() {
    this.#loadNow();
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
    return this.#picture.projection;
  }

  set projection(projection) {
    this.#setMapping('projection', toProjection(projection));
  }

  get stereo() {
    return this.#picture.stereo;
  }

  set stereo(layout) {
    this.#setMapping('stereo', toStereo(layout));
  }

  get yaw() {
    return this.#picture.yaw;
  }

  set yaw(degrees) {
    this.#picture.yaw = toDegrees(degrees, 'yaw');
  }

  get pitch() {
    return this.#picture.pitch;
  }

  set pitch(degrees) {
    this.#picture.pitch = toDegrees(degrees, 'pitch');
  }

  get fov() {
    return this.#picture.fov;
  }

  set fov(degrees) {
    this.#picture.fov = toDegrees(degrees, 'fov');
  }

  recenter() {
    this.#picture.recenter();
  }

  get gestureHandling() {
    return this.#picture.gestureHandling;
  }

  set gestureHandling(policy) {
    this.#picture.gestureHandling = toGestureHandling(policy);
  }

  get hotkeys() {
    return this.#picture.hotkeys;
  }

  set hotkeys(words) {
    this.#picture.hotkeys = toHotkeys(words);
  }

  /** @param {CaptureOptions} [options] @returns {Promise<Blob>} */
  async captureFrame(options) {
    await this.ready;
    return this.#picture.captureFrame(options);
  }

  get motion() {
    return this.#picture.motion;
  }

  set motion(isOn) {
    this.#picture.motion = Boolean(isOn);
  }

  requestPermissionForMotion() {
    return this.#picture.requestPermissionForMotion();
  }

  // —— headset ——

  get isImmersive() {
    return this.#isImmersive;
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

  exitImmersive() {
    return this.#picture.exitImmersive();
  }

  /** What to put into a bug report. */
  async diagnostics() {
    const { diagnose } = await import('./diagnostics.js');
    return diagnose(/** @type {Contract} */ (/** @type {unknown} */ (this)), this.#log.entries);
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
      variantchange: 'variantchange',
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
      const isKnown = this.#isNative || kindOf(this.#src, this.#type) === 'hls';
      if (error.isFatal && MAYBE_A_FILE.includes(error.name) && !isKnown) {
        this.#tryAsFile(error);
      } else this.#failWith(error);
    });
    on(this.#picture, 'error', (detail) => this.#report(detail));
    this.video.addEventListener('play', () => this.#loadNow(), { signal });
    const attributes = new MutationObserver(() => this.#mayLoad && this.#loadNow());
    attributes.observe(this.video, { attributeFilter: ['autoplay', 'preload'] });
    for (const type of ['immersivestart', 'immersiveend']) {
      on(this.#picture, type, (detail) => {
        this.#isImmersive = type === 'immersivestart';
        this.#reportViewport();
        // Who puts the headset on wants to watch; who paused before goes on when they like.
        if (this.#isImmersive && this.video.played.length === 0) this.play().catch(() => {});
        this.#dispatch(type, detail);
      });
    }
    this.#picture.addEventListener('viewchange', () => this.#reportViewport(), { signal });
    // jsdom has none.
    const resized = globalThis.ResizeObserver && new ResizeObserver(() => this.#reportViewport());
    resized?.observe(this.#surface.canvas.parentElement ?? this.#surface.canvas);
    signal.addEventListener(
      'abort',
      () => {
        resized?.disconnect();
        attributes.disconnect();
      },
      { once: true },
    );
  }

  /** What is no playlist may be a file, whose address does not say so. @param {VideoSphereError} error */
  async #tryAsFile(error) {
    const url = this.#src;
    const { credentials, headers } = this.#playback.settings.request ?? {};
    const { isFile } = await import('./sniff_source.js');
    const isOne = await isFile(url, { credentials, headers });
    if (url !== this.#src || this.#abort.signal.aborted) return;
    if (!isOne) return this.#failWith(error);
    this.#fileUrl = url;
    this.#load();
  }

  /** @param {VideoSphereError} error of the stream */
  #failWith(error) {
    if (error.isFatal) this.#pendingPlay.fail(error);
    this.#report(error);
  }

  #reportViewport() {
    const now = this.#isImmersive ? IMMERSIVE_PANORAMA_WIDTH_PX : this.#picture.panoramaWidthPx;
    if (!(now > 0) || Math.abs(now - this.#viewportPx) < this.#viewportPx * VIEWPORT_TOLERANCE) return;
    this.#viewportPx = now;
    this.#playback.setViewport(Math.round(now));
  }

  /** @param {'projection' | 'stereo'} name @param {string} value */
  #setMapping(name, value) {
    if (this.#picture[name] === value) return;
    Object.assign(this.#picture, { [name]: value });
    this.#dispatch('projectionchange', { projection: this.projection, stereo: this.stereo });
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
    this.exitImmersive().catch(() => {});
  }

  /** @param {string} type @param {unknown} [detail] */
  #dispatch(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
