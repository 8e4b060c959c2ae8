// @ts-check
/**
 * The engine's worker of one player: started, given the stream's first playlist, watched, kept for the next
 * stream or ended.
 *
 * In: the page's settings, messages for the engine. Out: the worker's messages as they come, and a failure
 * where it does not start or stops answering. What the messages say is no concern of it.
 */
import {
  absolute,
  dashAddress,
  engineAddress,
  tracksAddresses,
  transmuxAddress,
  workerAddress,
} from './addresses.js';
import { canRunInWorker } from './compat/media.js';
import { askEarly } from './early_stream.js';
import { engineModule } from './engine_module.js';
import { MISSING_FILE_CURE, notLoadedSentence } from './errors.js';
import { initialBps, startBps } from './link_estimate.js';
import { watchWorker } from './heartbeat.js';
import { workerFrom } from './worker_from.js';

/**
 * @import { Cmcd } from './cmcd.js'
 * @import { CmcdOptions, EngineConfig, RequestFunction, RequestOptions } from './index.js'
 * @import { EngineEvent, FromWorker, ToWorker } from './protocol.d.ts'
 * @import { RequestHook } from './request_hook.js'
 */

/**
 * @typedef {object} WorkerOptions
 * @property {string | URL} [workerUrl] where `worker.js` lies, if not beside this file
 * @property {string | URL} [engineUrl] where `engine_bg.wasm` lies, if not in `wasm/` beside it
 * @property {string | URL} [transmuxUrl] the same of `transmux_bg.wasm`
 * @property {string | URL} [tracksUrl] the folder of the modules that read text, as they are named
 * @property {EngineConfig | null} [config] the engine's settings: `{buffer, abr, live, audio, retry, seed}`
 * @property {string} [audioLanguage] BCP 47, with commas where there are more
 * @property {RequestOptions | RequestFunction | null} [request] headers for the stream's own origin and `origins`,
 *   credentials for every request; or who is asked about each
 * @property {CmcdOptions | null} [cmcd] what is told to the servers
 */

/**
 * A worker whose engine has grown beyond this is not kept for another stream, as WebAssembly memory
 * never shrinks.
 */
const MAX_KEPT_BYTES = 128 * 2 ** 20;

/** @param {string} url of a folder */
function textModulesIn(url) {
  const folder = url.replace(/\/?$/, '/');
  const names = ['captions', 'webvtt', 'imsc', 'metadata'];
  return Object.fromEntries(names.map((name) => [name, `${folder}${name}_bg.wasm`]));
}

export class WorkerHost {
  video;
  #to;
  /** @type {Worker | null} */
  #worker = null;
  /** The settings it was started with, as text. */
  #workerSettings = '';
  /** It has been given no stream yet: its engine is on its way. */
  #isWorkerFresh = false;
  /** @type {{ abort(): void } | undefined} the stream's first playlists, asked for meanwhile */
  #early;
  /** What its engine takes for the link before it has measured. */
  #initialBps = 0;
  /** The engine in it is lost. */
  #isWorkerDead = false;
  /** The size of the engine's memory, as last reported. */
  #memoryBytes = 0;
  /** @type {ReturnType<typeof watchWorker> | undefined} */
  #heartbeat;
  /** The page's word on each request, where it has one. @type {Promise<RequestHook> | undefined} */
  #hook;
  /** The same, once it is there. @type {RequestHook | undefined} */
  #loadedHook;
  /** The addresses of the stream that the page named. @type {string[]} */
  home = [];
  /** Whether the stream offers pictures for the seek bar, where its first playlist was seen. @type {boolean | undefined} */
  hasPictures;
  /** When the stream was loaded; 0 where there is none. */
  begunAt = 0;
  /** Where the page wants any. @type {Cmcd | undefined} */
  cmcd;

  /**
   * @param {HTMLVideoElement} video
   * @param {WorkerOptions} options
   * @param {{ handle(message: Exclude<FromWorker, { kind: 'release' }>): void, fail(event: EngineEvent): void, stopped(): void }} to
   */
  constructor(video, options, to) {
    this.video = video;
    /** `config`, `request` and `cmcd` may change; the next worker is started with them. */
    this.options = { ...options };
    this.#to = to;
  }

  get isUp() {
    return this.#worker !== null;
  }

  start() {
    const { workerUrl, engineUrl, transmuxUrl, tracksUrl } = this.options;
    let url = 'worker.js';
    try {
      url = workerUrl ? absolute(workerUrl) : workerAddress();
      this.#worker = workerFrom(url);
    } catch (error) {
      this.#failToStart(url, error instanceof Error ? error.message : String(error));
      return;
    }
    const worker = this.#worker;
    worker.addEventListener('message', (/** @type {MessageEvent<FromWorker>} */ { data }) => {
      if (worker === this.#worker) {
        this.#heartbeat?.received();
        this.#memoryBytes = data.memoryBytes;
        this.cmcd?.hear(data);
        if (data.kind === 'release') this.#release(data);
        else if (data.kind === 'error') this.#to.handle(this.#loadedHook?.explained(data) ?? data);
        else this.#to.handle(data);
      }
    });
    worker.addEventListener('error', (event) => {
      // Its own errors the worker reports itself; this one did not even load.
      if (worker === this.#worker && !event.message) {
        this.#failToStart(url, 'its script could not be loaded');
      }
    });
    this.#isWorkerFresh = true;
    this.#initialBps = initialBps();
    const settings = this.settings;
    this.#workerSettings = JSON.stringify(settings);
    if (settings.asksPage) this.#loadHook();
    // A worker from elsewhere has its wasm beside it.
    const ownEngineUrl = workerUrl ? undefined : engineAddress();
    const ownTransmuxUrl = workerUrl ? undefined : transmuxAddress();
    const ownTracksUrls = workerUrl ? undefined : tracksAddresses();
    const wasmUrl = engineUrl ? absolute(engineUrl) : ownEngineUrl;
    this.post({
      kind: 'init',
      engineUrl: wasmUrl,
      transmuxUrl: transmuxUrl ? absolute(transmuxUrl) : ownTransmuxUrl,
      tracksUrls: tracksUrl ? textModulesIn(absolute(tracksUrl)) : ownTracksUrls,
      dashUrl: workerUrl ? undefined : dashAddress(),
      ...settings,
      // Of no account for the next stream, whose worker has measured by then.
      config: { ...settings.config, abr: { initialBps: this.#initialBps, ...settings.config.abr } },
      sinkInWorker: canRunInWorker(),
    });
    const module = wasmUrl ? engineModule(wasmUrl) : Promise.resolve(null);
    module.then((module) => worker === this.#worker && this.post({ kind: 'module', module }));
    if (!navigator.onLine) {
      this.post({ kind: 'online', on: false });
    }
  }

  /**
   * A stream is about to be loaded.
   * @param {number} load its number @param {string} url what the engine will ask for first
   * @param {{ highQualityUrl?: string, isUsual: boolean }} options whether neither page nor viewer has a say in the
   *   first variant, but by `config`
   */
  askEarly(load, url, { highQualityUrl, isUsual }) {
    this.home = highQualityUrl ? [url, highQualityUrl] : [url];
    this.hasPictures = undefined;
    this.begunAt = performance.now();
    this.cmcd?.begin();
    if (!this.#worker || !this.#isWorkerFresh) return;
    this.#isWorkerFresh = false;
    const { config, request = {} } = this.settings;
    const fetchBy = (/** @type {string} */ address, /** @type {RequestInit} */ init) =>
      this.fetch(address, init);
    const onText = (/** @type {string} */ text) => {
      this.hasPictures = /^#EXT-X-I(-FRAME|MAGE)-STREAM-INF/m.test(text);
    };
    const isChoiceUsual = isUsual && !config?.abr;
    const bps = startBps(this.#initialBps);
    const stream = { url, load, request, isChoiceUsual, startBps: bps, fetchBy, onText };
    this.#early = askEarly(stream, (message, transfer) => this.post(message, transfer));
  }

  /**
   * As the engine asks for something, with the page's word on it, where it has one.
   * @param {string} url @param {RequestInit} init @param {string} [resource] in the engine's words, a playlist otherwise
   */
  async fetch(url, init, resource) {
    return this.#hook ? (await this.#hook).fetch(url, init, resource) : fetch(url, init);
  }

  #loadHook() {
    this.#hook ??= import('./request_hook.js').then(({ RequestHook }) => {
      this.#loadedHook = new RequestHook(this);
      return this.#loadedHook;
    });
    if (this.options.cmcd && !this.cmcd) this.#hook = this.#withCmcd(this.#hook);
    this.#hook.catch((reason) => {
      this.#hook = undefined;
      const message = notLoadedSentence('request', reason);
      this.#to.fail({ kind: 'error', code: 'internal', severity: 'fatal', message, context: {} });
    });
  }

  /** Without it the stream plays as well. @param {Promise<RequestHook>} hook */
  async #withCmcd(hook) {
    const warn = (/** @type {string} */ message, /** @type {string} */ option) =>
      this.#to.fail({
        kind: 'error',
        code: 'invalid-option',
        severity: 'warning',
        message,
        context: { option },
      });
    try {
      const { Cmcd } = await import('./cmcd.js');
      this.cmcd = new Cmcd(this, warn);
      if (this.begunAt > 0) this.cmcd.begin();
    } catch (reason) {
      warn(notLoadedSentence('cmcd', reason), 'cmcd');
    }
    return hook;
  }

  /** @param {Extract<FromWorker, { kind: 'release' }>} message */
  async #release({ id, asked }) {
    const released = await this.#hook?.then((hook) => hook.release(asked)).catch(() => null);
    this.post({ kind: 'released', id, released: released ?? null });
  }

  /** What was asked for early is of a stream that has been left. */
  forgoEarly() {
    this.begunAt = 0;
    this.cmcd?.end();
    this.#early?.abort();
    this.#early = undefined;
  }

  /** From now until the stream is over it has to answer. */
  watch() {
    this.unwatch();
    this.#heartbeat = watchWorker(
      () => this.post({ kind: 'ping' }),
      () => this.#failSilently(),
    );
  }

  unwatch() {
    this.#heartbeat?.stop();
  }

  /** What a worker is started with. With `crossorigin="use-credentials"` a `<video>` sends cookies. */
  get settings() {
    const { config, request: option, audioLanguage, cmcd } = this.options;
    const languages = audioLanguage?.split(',').map((tag) => tag.trim());
    const wanted = languages ? { ...config?.audio, languages } : config?.audio;
    const asksPage = typeof option === 'function' || Boolean(option?.resources ?? cmcd);
    const request = typeof option === 'function' ? undefined : option;
    const byDefault = this.video.crossOrigin === 'use-credentials' ? 'include' : undefined;
    const credentials = request?.credentials ?? byDefault;
    return {
      config: { ...config, audio: { viewerLanguages: [...(navigator.languages ?? [])], ...wanted } },
      request: credentials ? { ...request, credentials } : (request ?? undefined),
      asksPage,
    };
  }

  /**
   * A stream is over: a worker whose engine trapped, has grown large, or has settings that hold no
   * longer, serves no other.
   */
  dismiss() {
    const isOutdated = JSON.stringify(this.settings) !== this.#workerSettings;
    if (this.#isWorkerDead || isOutdated || this.#memoryBytes > MAX_KEPT_BYTES) {
      this.stop();
    }
  }

  stop() {
    this.unwatch();
    this.forgoEarly();
    this.#worker?.terminate();
    this.#worker = null;
    this.#isWorkerDead = false;
    this.#memoryBytes = 0;
    this.#to.stopped();
  }

  /** The worker is gone, without an error event. What is buffered plays on; the next `load` starts another. */
  #failSilently() {
    const message =
      'the player’s worker stopped answering: the browser may have ended it for lack of memory. Load the stream again';
    this.lose();
    this.#to.fail({ kind: 'error', code: 'internal', severity: 'fatal', message, context: {} });
  }

  /** @param {string} url @param {string} detail */
  #failToStart(url, detail) {
    this.stop();
    const message = `the player's worker could not be started from ${url}: check that the file is served, and that a Content-Security-Policy allows it; ${MISSING_FILE_CURE} (${detail})`;
    // After the caller had a chance to listen.
    queueMicrotask(() =>
      this.#to.fail({
        kind: 'error',
        code: 'internal',
        severity: 'fatal',
        message,
        context: { url, detail },
      }),
    );
  }

  /** @param {ToWorker} message @param {Transferable[]} [transfer] */
  post(message, transfer = []) {
    // Until the worker is up, the browser keeps messages in order; it keeps them until the engine is.
    this.#worker?.postMessage(message, transfer);
  }

  /**
   * The engine is gone, whichever stream it was at, but the worker may hold the media source, and
   * what is buffered still plays. The next `load` starts a fresh worker.
   */
  lose() {
    this.#isWorkerDead = true;
    this.unwatch();
  }
}
