// @ts-check
/**
 * Binds one media element to one engine worker.
 *
 * In: what the page wants (`load`, `quality`, …) and what the media element does. Out: DOM events
 * of this object; the media source on the element. The stream itself is the engine's; playing,
 * pausing and seeking are the media element's own.
 */

import { audioTracksOf } from './audio_tracks.js';
import { canPlayNatively, canRunInWorker, isManaged, mediaSourceClass } from './compat/media.js';
import { MediaBinding } from './media_binding.js';
import { MediaSink, perform } from './media_sink.js';
import { NativeStream } from './native_stream.js';
import { WorkerHost } from './worker_host.js';

/**
 * @import { Quality, SessionData, Stats, Timeline, Variant } from './index.js'
 * @import { CuesEvent, EngineEvent, FromWorker, InBandEvent, SphericalEvent } from './protocol.d.ts'
 * @import { WorkerOptions } from './worker_host.js'
 */

/** @typedef {WorkerOptions & { isEngineWanted?: boolean }} PlaybackOptions it is not where the first source is none of the engine's */

/**
 * Events: `streamchange` {byEngine}, `variants`, `variantchange` {id, auto}, `pathwaychange` {pathway}, `timeline`, `stats`, `sessiondata`, `texttracks`, `cues`
 * {track, changes}, `inband` {found, captions, events}, and `error` {code, severity, message, context}; each is a CustomEvent with its data in `detail`.
 */
export class Playback extends EventTarget {
  #video;
  #media;
  #host;
  /** @type {MediaSink | null} on this thread, where the worker cannot have one */
  #sink = null;
  /** Counts streams: messages about one that has been left may still be on their way. */
  #load = 0;
  /** The sink's command under way is of a stream that has been left. */
  #isCommandStale = false;
  /** @type {NativeStream | null} what the browser plays by itself */
  #native = null;
  /** The browser plays all of it. */
  #isAllNative = false;
  /** @type {number | null} */
  #targetLatencySecs = null;
  /** @type {Quality} */
  #quality = 'auto';
  #viewportPx = 0;
  /** @type {readonly Variant[]} */
  #variants = [];
  #pathway = '.';
  /** @type {readonly SessionData[]} */
  #sessionData = [];
  /** @type {Timeline | null} */
  #timeline = null;
  /** @type {Stats} */
  #stats = {};
  #isDestroyed = false;
  #setUnderWay = () => {};
  /**
   * Settles when the engine has its media source, or where there will be none: until then the worker
   * has its start and its engine by way of this thread.
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
    this.#host = new WorkerHost(video, options, {
      handle: (message) => this.#handle(message),
      fail: (event) => this.#dispatch(event),
      stopped: () => {
        this.#sink?.close();
        this.#sink = null;
      },
    });
    this.#media = new MediaBinding(video, (message) => this.#host.post(message));
    if (!mediaSourceClass() && canPlayNatively(video)) {
      this.#isAllNative = true;
      this.#playNatively();
      this.#setUnderWay();
      return;
    }
    this.#media.listen();
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
    this.#forget(startSecs);
    // So that the engine gets nothing more of the old stream's playhead and errors.
    this.#media.detach();
    this.#host.dismiss();
    if (!this.#host.isUp) {
      this.#startWorker();
    }
    const isUsual = highQualityUrl === undefined && quality === 'auto' && !this.#viewportPx;
    this.#host.askEarly(this.#load, url, { highQualityUrl, isUsual });
    this.#host.post({ kind: 'load', load: this.#load, url, highQualityUrl, startSecs, quality });
    this.#host.watch();
    this.#changeStream(true);
  }

  /**
   * Leaves a source to the browser, and the engine with nothing to do.
   * @param {string | MediaProvider} source
   * @param {number} [startSecs]
   */
  loadNatively(source, startSecs) {
    if (this.#host.isUp) {
      this.unload();
    }
    this.#setUnderWay();
    this.#forget();
    this.#playNatively().load(source, startSecs);
    this.#changeStream(false);
  }

  #playNatively() {
    return (this.#native ??= new NativeStream(this.#video, (event) => this.#dispatch(event)));
  }

  /** Closes the stream. */
  unload() {
    this.#setUnderWay();
    this.#forget();
    this.#native?.unload();
    this.#host.post({ kind: 'unload', load: this.#load });
    this.#host.unwatch();
    if (!this.#native) {
      this.#media.detach();
      this.#host.dismiss();
    }
    this.#changeStream(false);
  }

  /** @param {boolean} byEngine */
  #changeStream(byEngine) {
    this.dispatchEvent(new CustomEvent('streamchange', { detail: { byEngine } }));
  }

  /** Frees everything. The object is of no use afterwards. */
  destroy() {
    if (this.#isDestroyed) {
      return;
    }
    this.#isDestroyed = true;
    this.#native?.destroy();
    if (!this.#native) {
      this.#media.detach();
    }
    this.#host.stop();
    this.#media.destroy();
  }

  /** Wanted distance from the live edge in seconds, `null` to leave it to the stream. */
  get targetLatency() {
    return this.#targetLatencySecs;
  }

  set targetLatency(secs) {
    this.#targetLatencySecs = secs;
    this.#host.post({ kind: 'targetlatency', secs });
  }

  /** Languages of sound that are wanted, those wanted most first, from the next load on. */
  get audioLanguage() {
    return this.#host.options.audioLanguage ?? '';
  }

  set audioLanguage(languages) {
    this.#host.options.audioLanguage = languages;
  }

  /** Headers and credentials, from the next load on. */
  get request() {
    return this.#host.options.request ?? null;
  }

  set request(request) {
    this.#host.options.request = request;
  }

  /** The engine's settings from the next load on; the target latency, where no other is set, at once. */
  get config() {
    return this.#host.options.config ?? null;
  }

  set config(config) {
    this.#host.options.config = config;
    const secs = config?.live?.targetLatencySecs ?? null;
    if (this.#targetLatencySecs === null) this.#host.post({ kind: 'targetlatency', secs });
  }

  /** What is told to the servers, from the next load on. */
  get cmcd() {
    return this.#host.options.cmcd ?? null;
  }

  set cmcd(cmcd) {
    this.#host.options.cmcd = cmcd;
  }

  /** Plays at the live edge again. */
  goLive() {
    this.#native?.goLive();
    this.#host.post({ kind: 'golive' });
  }

  /** @returns {Quality} */
  get quality() {
    return this.#quality;
  }

  set quality(quality) {
    this.#quality = quality;
    this.#host.post({ kind: 'quality', quality });
  }

  /** Whether the playhead is where the engine moved it to of itself. */
  get isSeekOwn() {
    return this.#media.isSeekOwn;
  }

  /** Whether the stream may have pictures for the seek bar: where that is not known, it may. */
  get mayHavePictures() {
    return !this.#native && this.#host.hasPictures !== false;
  }

  get variants() {
    return this.#variants;
  }

  /** What the manifest says of the whole stream. */
  get sessionData() {
    return this.#sessionData;
  }

  /** @param {number} id */
  selectVariant(id) {
    this.#host.post({ kind: 'variant', id });
  }

  /**
   * Has these text tracks loaded, and no others; and read what travels in the media.
   * @param {number[]} tracks @param {boolean} captions @param {boolean} metadata
   */
  selectText(tracks, captions, metadata) {
    this.#host.post({ kind: 'selecttext', tracks, captions, metadata });
  }

  /** @param {number} panoramaWidthPx device pixels that a full turn takes at the present zoom */
  setViewport(panoramaWidthPx) {
    if (panoramaWidthPx > 0 && Number.isFinite(panoramaWidthPx)) {
      this.#viewportPx = Math.ceil(panoramaWidthPx);
      this.#host.post({ kind: 'viewport', widthPx: this.#viewportPx });
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

  /**
   * As the engine asks for something: the page's headers go to the stream's own origins and to those it names alone.
   * @param {string} url @param {RequestInit} init @param {string} [resource] in the engine's words
   */
  fetch(url, init, resource) {
    const { credentials, headers, origins = [] } = this.#host.settings.request ?? {};
    const { origin } = new URL(url);
    const own = this.#host.home.map((address) => new URL(address).origin);
    const isTrusted = ['*', origin].some((each) => [...origins, ...own].includes(each));
    const all = { ...(isTrusted && headers), ...init.headers };
    return this.#host.fetch(url, { credentials, ...init, headers: all }, resource);
  }

  /** @param {number} [startSecs] */
  #forget(startSecs) {
    audioTracksOf(this.#video).renew([], () => {});
    this.#load += 1;
    this.#host.forgoEarly();
    this.#media.forget(startSecs);
    this.#variants = [];
    this.#pathway = '.';
    this.#sessionData = [];
    this.#timeline = null;
    this.#stats = {};
  }

  #startWorker() {
    this.#host.start();
    if (this.#viewportPx > 0) {
      this.#host.post({ kind: 'viewport', widthPx: this.#viewportPx });
    }
    if (this.#targetLatencySecs !== null) {
      this.#host.post({ kind: 'targetlatency', secs: this.#targetLatencySecs });
    }
  }

  /** @param {Exclude<FromWorker, { kind: 'release' }>} message */
  #handle(message) {
    const isStale = message.load !== this.#load;
    switch (message.kind) {
      case 'pong':
        return;
      case 'sink':
        // Each of them, stale ones too: the sink and the engine count together.
        this.#media.generation = message.generation;
        this.#isCommandStale = isStale;
        perform((this.#sink ??= this.#makeSink()), message.command);
        if (!isStale) this.#setUnderWay();
        return;
      case 'error':
        if (message.code === 'internal' && message.severity === 'fatal') {
          this.#host.lose();
          this.#dispatch(message);
          return;
        }
    }
    if (isStale) {
      return;
    }
    switch (message.kind) {
      case 'attach':
        this.#media.generation = message.generation;
        this.#media.attach(message.source);
        this.#setUnderWay();
        return;
      case 'detach':
        this.#media.exchange();
        return;
      case 'seek':
        this.#media.seek(message.toSecs);
        return;
      case 'rate':
        this.#media.setRate(message.rate);
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
      attach: (source) => ifCurrent(() => this.#media.attach(source)),
      detach: () => ifCurrent(() => this.#media.exchange()),
      seek: (toSecs) => ifCurrent(() => this.#media.seek(toSecs)),
      setRate: (rate) => ifCurrent(() => this.#media.setRate(rate)),
      report: (event) => this.#host.post({ ...event, generation: this.#media.generation }),
    });
  }

  /**
   * Where there are several codecs the engine chooses by the browser's word; until then by the list's order.
   * @param {readonly Variant[]} variants
   */
  async #askDecoding(variants) {
    if (new Set(variants.map(({ codecs }) => codecs.replace(/\.[^,]*/g, ''))).size < 2) return;
    try {
      const { decodingOf } = await import('./decoding.js');
      const supported = await decodingOf(variants);
      // Not of a stream that is gone.
      if (supported && this.#variants === variants) this.#host.post({ kind: 'decoding', supported });
    } catch {
      // The script did not come: the list's order is as good a guess.
    }
  }

  /** @param {number} variant */
  #followPathway(variant) {
    const pathway = this.#variants.find(({ id }) => id === variant)?.pathway ?? '.';
    if (pathway === this.#pathway) return;
    this.#pathway = pathway;
    this.dispatchEvent(new CustomEvent('pathwaychange', { detail: { pathway } }));
  }

  /** @param {EngineEvent | CuesEvent | InBandEvent | SphericalEvent} event becomes a DOM event of its kind */
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
        this.#askDecoding(event.variants);
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
        this.#followPathway(event.id);
        break;
      case 'texttracks':
        fire(event.tracks);
        break;
      case 'sessiondata':
        fire((this.#sessionData = event.entries));
        break;
      case 'cues':
        fire({ track: event.track, changes: event.changes });
        break;
      case 'inband':
      case 'spherical':
        fire(event);
        break;
      case 'audiotracks':
        audioTracksOf(this.#video).renew(event.tracks, (id) => this.#host.post({ kind: 'audiotrack', id }));
        break;
      case 'audiotrackchange':
        audioTracksOf(this.#video).follow(event.id, event.auto);
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
}
