// @ts-check
/**
 * Binds one media element to one engine worker.
 *
 * In: what the page wants (`load`, `quality`, …) and what the media element does. Out: DOM events
 * of this object; the media source on the element. The stream itself is the engine's; playing,
 * pausing and seeking are the media element's own.
 */

import { absolute, engineAddress, transmuxAddress, workerAddress } from './addresses.js';
import {
  canPlayNatively,
  canRunInWorker,
  isManaged,
  isPausedByError,
  keepPlaying,
  keepRate,
  letManagedSourceOpen,
  mayForgetSeek,
  mediaSourceClass,
} from './compat/media.js';
import { requestEarly } from './early_request.js';
import { engineModule } from './engine_module.js';
import { MISSING_FILE_CURE } from './errors.js';
import { watchWorker } from './heartbeat.js';
import { MediaSink, perform } from './media_sink.js';
import { NativeStream } from './native_stream.js';
import { workerFrom } from './worker_from.js';

/**
 * @import { EngineConfig, Quality, Stats, Timeline, Variant } from './index.js'
 * @import { EngineEvent, FromWorker, RequestOptions, ToWorker } from './protocol.d.ts'
 */

/**
 * @typedef {object} PlaybackOptions
 * @property {boolean} [isEngineWanted] false where the first source is none of the engine's
 * @property {string | URL} [workerUrl] where `worker.js` lies, if not beside this file
 * @property {string | URL} [engineUrl] where `engine_bg.wasm` lies, if not in `wasm/` beside it
 * @property {string | URL} [transmuxUrl] the same of `transmux_bg.wasm`
 * @property {EngineConfig | null} [config] the engine's settings: `{buffer, abr, live, retry, seed}`
 * @property {RequestOptions | null} [request] headers for the stream's own origin and `origins`, credentials for
 *   every request
 */

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
/**
 * A worker whose engine has grown beyond this is not kept for another stream, as WebAssembly memory
 * never shrinks.
 */
const MAX_KEPT_BYTES = 128 * 2 ** 20;
/** A seek asked for before there was metadata counts as done when the playhead is this near. */
const SEEK_TOLERANCE_SECS = 0.1;

/**
 * Events: `variants`, `variantchange` {id, auto}, `timeline`, `stats`, and `error` {code,
 * severity, message, context}; each is a CustomEvent with its data in `detail`.
 */
export class Playback extends EventTarget {
  #video;
  #options;
  /** @type {Worker | null} */
  #worker = null;
  /** The settings it was started with, as text. */
  #workerSettings = '';
  /** It has been given no stream yet: its engine is on its way. */
  #isWorkerFresh = false;
  /** @type {{ abort(): void } | undefined} the stream's first playlist, asked for meanwhile */
  #early;
  /** The engine in it is lost. */
  #isWorkerDead = false;
  /** The size of the engine's memory, as last reported. */
  #memoryBytes = 0;
  /** @type {ReturnType<typeof watchWorker> | undefined} */
  #heartbeat;
  /** @type {MediaSink | null} on this thread, where the worker cannot have one */
  #sink = null;
  /** Which of the engine's media sources is on the element, or in `#sink`. */
  #generation = 0;
  /** Counts streams: messages about one that has been left may still be on their way. */
  #load = 0;
  /** The sink's command under way is of a stream that has been left. */
  #isCommandStale = false;
  /** @type {NativeStream | null} what the browser plays by itself */
  #native = null;
  /** The browser plays all of it. */
  #isAllNative = false;
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
  /** @type {number | null} */
  #targetLatencySecs = null;
  /** @type {Quality} */
  #quality = 'auto';
  #viewportPx = 0;
  /** @type {readonly Variant[]} */
  #variants = [];
  /** @type {Timeline | null} */
  #timeline = null;
  /** @type {Stats} */
  #stats = {};
  #isDestroyed = false;
  #setUnderWay = () => {};
  /**
   * Settles at the engine's first news of a stream, or where there will be none: until then the worker
   * has its start, its engine and the first playlist by way of this thread.
   * @type {Promise<void>}
   */
  underWay = new Promise((resolve) => (this.#setUnderWay = resolve));

  /**
   * @param {HTMLVideoElement} video
   * @param {PlaybackOptions} [options]
   */
  constructor(video, options = {}) {
    super();
    this.#video = video;
    this.#options = { ...options };
    if (!mediaSourceClass() && canPlayNatively(video)) {
      this.#isAllNative = true;
      this.#playNatively();
      this.#setUnderWay();
      return;
    }
    this.#listen();
    if (options.isEngineWanted ?? true) {
      this.#startWorker();
    }
  }

  /**
   * Opens a stream, ending any other.
   * @param {string} url absolute
   * @param {{ highQualityUrl?: string, startSecs?: number, quality?: Quality }} [options]
   */
  load(url, { highQualityUrl, startSecs, quality = this.#quality } = {}) {
    if (this.#isAllNative) {
      return this.loadNatively(url, startSecs);
    }
    this.#native?.destroy();
    this.#native = null;
    this.#quality = quality;
    this.#forget();
    this.#startSecs = startSecs ?? NaN;
    // So that the engine gets nothing more of the old stream's playhead and errors.
    this.#detach();
    this.#dismissWorker();
    if (!this.#worker) {
      this.#startWorker();
    }
    this.#askEarly(url);
    this.#post({ kind: 'load', load: this.#load, url, highQualityUrl, startSecs, quality });
    this.#heartbeat?.stop();
    this.#heartbeat = watchWorker(
      () => this.#post({ kind: 'ping' }),
      () => this.#failSilently(),
    );
  }

  /**
   * Leaves a source to the browser, and the engine with nothing to do.
   * @param {string | MediaProvider} source
   * @param {number} [startSecs]
   */
  loadNatively(source, startSecs) {
    if (this.#worker) {
      this.unload();
    }
    this.#setUnderWay();
    this.#forget();
    this.#playNatively().load(source, startSecs);
  }

  #playNatively() {
    return (this.#native ??= new NativeStream(this.#video, (event) => this.#dispatch(event)));
  }

  /** Closes the stream. */
  unload() {
    this.#setUnderWay();
    this.#forget();
    this.#native?.unload();
    this.#post({ kind: 'unload', load: this.#load });
    this.#heartbeat?.stop();
    if (!this.#native) {
      this.#detach();
      this.#dismissWorker();
    }
  }

  /** Frees everything. The object is of no use afterwards. */
  destroy() {
    if (this.#isDestroyed) {
      return;
    }
    this.#isDestroyed = true;
    this.#native?.destroy();
    if (!this.#native) {
      this.#detach();
    }
    this.#stopWorker();
    this.#listeners.abort();
    clearInterval(this.#stateTimer);
  }

  /** Wanted distance from the live edge in seconds, `null` to leave it to the stream. */
  get targetLatency() {
    return this.#targetLatencySecs;
  }

  set targetLatency(secs) {
    this.#targetLatencySecs = secs;
    this.#post({ kind: 'targetlatency', secs });
  }

  /** Headers and credentials, from the next load on. */
  get request() {
    return this.#options.request ?? null;
  }

  set request(request) {
    this.#options.request = request;
  }

  /** The engine's settings from the next load on; the target latency, where no other is set, at once. */
  get config() {
    return this.#options.config ?? null;
  }

  set config(config) {
    this.#options.config = config;
    const secs = config?.live?.targetLatencySecs ?? null;
    if (this.#targetLatencySecs === null) this.#post({ kind: 'targetlatency', secs });
  }

  /** Plays at the live edge again. */
  goLive() {
    this.#native?.goLive();
    this.#post({ kind: 'golive' });
  }

  /** @returns {Quality} */
  get quality() {
    return this.#quality;
  }

  set quality(quality) {
    this.#quality = quality;
    this.#post({ kind: 'quality', quality });
  }

  /** Whether the playhead is where the engine moved it to of itself. */
  get isSeekOwn() {
    const isAt = (/** @type {number} */ secs) =>
      Math.abs(this.#video.currentTime - secs) < SEEK_TOLERANCE_SECS;
    return isAt(this.#ownSeekSecs) && !isAt(this.#startSecs);
  }

  get variants() {
    return this.#variants;
  }

  /** @param {number} id */
  selectVariant(id) {
    this.#post({ kind: 'variant', id });
  }

  /** @param {number} panoramaWidthPx device pixels that a full turn takes at the present zoom */
  setViewport(panoramaWidthPx) {
    if (panoramaWidthPx > 0 && Number.isFinite(panoramaWidthPx)) {
      this.#viewportPx = Math.ceil(panoramaWidthPx);
      this.#post({ kind: 'viewport', widthPx: this.#viewportPx });
    }
  }

  /** {live, start, end, liveEdge, zeroUnixMillis}, or null before it is known. */
  get timeline() {
    return this.#timeline;
  }

  /** The engine's last figures, and how this browser plays. @returns {Stats} */
  get stats() {
    const isNative = this.#native !== null;
    return {
      ...(this.#native ? { atLiveEdge: this.#native.isAtLiveEdge } : this.#stats),
      mseInWorker: !isNative && canRunInWorker(),
      managed: !isNative && isManaged(),
      native: isNative,
    };
  }

  #forget() {
    this.#load += 1;
    this.#early?.abort();
    this.#early = undefined;
    this.#wantsToPlay = false;
    this.#variants = [];
    this.#timeline = null;
    this.#stats = {};
    this.#pendingSeekSecs = null;
    this.#ownSeekSecs = NaN;
  }

  // —— the worker ——

  #startWorker() {
    const { workerUrl, engineUrl, transmuxUrl } = this.#options;
    let url = 'worker.js';
    try {
      url = workerUrl ? absolute(workerUrl) : workerAddress();
      this.#worker = workerFrom(url);
    } catch (error) {
      this.#failToStart(url, error instanceof Error ? error.message : String(error));
      return;
    }
    const worker = this.#worker;
    worker.addEventListener('message', ({ data }) => {
      if (worker === this.#worker) {
        this.#heartbeat?.received();
        this.#handle(data);
      }
    });
    worker.addEventListener('error', (event) => {
      // Its own errors the worker reports itself; this one did not even load.
      if (worker === this.#worker && !event.message) {
        this.#failToStart(url, 'its script could not be loaded');
      }
    });
    this.#isWorkerFresh = true;
    const settings = this.settings;
    this.#workerSettings = JSON.stringify(settings);
    // A worker from elsewhere has its wasm beside it.
    const ownEngineUrl = workerUrl ? undefined : engineAddress();
    const ownTransmuxUrl = workerUrl ? undefined : transmuxAddress();
    const wasmUrl = engineUrl ? absolute(engineUrl) : ownEngineUrl;
    this.#post({
      kind: 'init',
      engineUrl: wasmUrl,
      transmuxUrl: transmuxUrl ? absolute(transmuxUrl) : ownTransmuxUrl,
      ...settings,
      sinkInWorker: canRunInWorker(),
    });
    const module = wasmUrl ? engineModule(wasmUrl) : Promise.resolve(null);
    module.then((module) => worker === this.#worker && this.#post({ kind: 'module', module }));
    if (!navigator.onLine) {
      this.#post({ kind: 'online', on: false });
    }
    if (this.#viewportPx > 0) {
      this.#post({ kind: 'viewport', widthPx: this.#viewportPx });
    }
    if (this.#targetLatencySecs !== null) {
      this.#post({ kind: 'targetlatency', secs: this.#targetLatencySecs });
    }
  }

  /** @param {string} url the stream's, which the engine will ask for first */
  #askEarly(url) {
    if (!this.#worker || !this.#isWorkerFresh) return;
    this.#isWorkerFresh = false;
    const early = requestEarly(url, this.settings.request ?? {});
    this.#early = early;
    this.#post({ kind: 'asked', load: this.#load, url, port: early.port }, [early.port]);
  }

  /** What a worker is started with. With `crossorigin="use-credentials"` a `<video>` sends cookies. */
  get settings() {
    const { config, request } = this.#options;
    const byDefault = this.#video.crossOrigin === 'use-credentials' ? 'include' : undefined;
    const credentials = request?.credentials ?? byDefault;
    return {
      config: config ?? undefined,
      request: credentials ? { ...request, credentials } : (request ?? undefined),
    };
  }

  /**
   * A stream is over: a worker whose engine trapped, has grown large, or has settings that hold no
   * longer, serves no other.
   */
  #dismissWorker() {
    const isOutdated = JSON.stringify(this.settings) !== this.#workerSettings;
    if (this.#isWorkerDead || isOutdated || this.#memoryBytes > MAX_KEPT_BYTES) {
      this.#stopWorker();
    }
  }

  #stopWorker() {
    this.#heartbeat?.stop();
    this.#early?.abort();
    this.#worker?.terminate();
    this.#worker = null;
    this.#isWorkerDead = false;
    this.#memoryBytes = 0;
    this.#sink?.close();
    this.#sink = null;
  }

  /** The worker is gone, without an error event. What is buffered plays on; the next `load` starts another. */
  #failSilently() {
    const message =
      'the player’s worker stopped answering: the browser may have ended it for lack of memory. Load the stream again';
    this.#loseWorker();
    this.#dispatch({ kind: 'error', code: 'internal', severity: 'fatal', message, context: {} });
  }

  /** @param {string} url @param {string} detail */
  #failToStart(url, detail) {
    this.#stopWorker();
    const message = `the player's worker could not be started from ${url}: check that the file is served, and that a Content-Security-Policy allows it; ${MISSING_FILE_CURE} (${detail})`;
    // After the caller had a chance to listen.
    queueMicrotask(() =>
      this.#dispatch({
        kind: 'error',
        code: 'internal',
        severity: 'fatal',
        message,
        context: { url, detail },
      }),
    );
  }

  /** @param {ToWorker} message @param {Transferable[]} [transfer] */
  #post(message, transfer = []) {
    // Until the worker is up, the browser keeps messages in order; it keeps them until the engine is.
    this.#worker?.postMessage(message, transfer);
  }

  /**
   * The engine is gone, whichever stream it was at, but the worker may hold the media source, and
   * what is buffered still plays. The next `load` starts a fresh worker.
   */
  #loseWorker() {
    this.#isWorkerDead = true;
    this.#heartbeat?.stop();
  }

  /** @param {FromWorker} message */
  #handle(message) {
    this.#memoryBytes = message.memoryBytes;
    const isStale = message.load !== this.#load;
    switch (message.kind) {
      case 'pong':
        return;
      case 'sink':
        // Each of them, stale ones too: the sink and the engine count together.
        this.#generation = message.generation;
        this.#isCommandStale = isStale;
        perform((this.#sink ??= this.#makeSink()), message.command);
        return;
      case 'error':
        if (message.code === 'internal' && message.severity === 'fatal') {
          this.#loseWorker();
          this.#dispatch(message);
          return;
        }
    }
    if (isStale) {
      return;
    }
    switch (message.kind) {
      case 'attach':
        this.#generation = message.generation;
        this.#attach(message.source);
        return;
      case 'detach':
        this.#exchange();
        return;
      case 'seek':
        this.#seek(message.toSecs);
        return;
      case 'rate':
        this.#setRate(message.rate);
        return;
      default:
        this.#dispatch(message);
    }
  }

  #makeSink() {
    const ifCurrent = (/** @type {() => void} */ act) => {
      if (!this.#isCommandStale) act();
    };
    return new MediaSink({
      attach: (source) => ifCurrent(() => this.#attach(source)),
      detach: () => ifCurrent(() => this.#exchange()),
      seek: (toSecs) => ifCurrent(() => this.#seek(toSecs)),
      setRate: (rate) => ifCurrent(() => this.#setRate(rate)),
      report: (event) => this.#post({ ...event, generation: this.#generation }),
    });
  }

  /** @param {EngineEvent} event becomes a DOM event of its kind */
  #dispatch(event) {
    this.#setUnderWay();
    if (this.#isDestroyed) {
      return;
    }
    const fire = (/** @type {unknown} */ detail) =>
      this.dispatchEvent(new CustomEvent(event.kind, { detail }));
    switch (event.kind) {
      case 'variants':
        fire((this.#variants = event.variants));
        break;
      case 'timeline':
        fire((this.#timeline = event.timeline));
        break;
      case 'stats':
        this.#stats = event.stats;
        fire(this.stats);
        break;
      case 'variantchange':
        fire({ id: event.id, auto: event.auto });
        break;
      case 'error': {
        const { code, severity, message, context } = event;
        fire({ code, severity, message, context });
        break;
      }
      default:
        /** @satisfies {never} */ (event);
    }
  }

  // —— the media element ——

  /** @param {MediaSource | MediaSourceHandle} source of this thread, or the handle of one in the worker */
  #attach(source) {
    keepPlaying(this.#video, () => {
      this.#detach();
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
  #exchange() {
    const video = this.#video;
    const wantsToPlay = this.#isAttached && (!video.paused || (video.error && this.#wantsToPlay));
    this.#detach();
    if (wantsToPlay) {
      video.play().catch(() => {});
    }
  }

  #detach() {
    this.#pendingSeekSecs = null;
    this.#setRate(1);
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
  #seek(toSecs) {
    this.#pendingSeekSecs = mayForgetSeek(this.#video) ? toSecs : null;
    this.#ownSeekSecs = toSecs;
    this.#video.currentTime = toSecs;
  }

  /**
   * A rate to keep up with a live stream. The page's own goes before it: one that is set while ours
   * is in force stays.
   * @param {number} rate
   */
  #setRate(rate) {
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

  #listen() {
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
          this.#post({ kind: 'mediaerror', generation: this.#generation, code, detail: message ?? '' });
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
}
