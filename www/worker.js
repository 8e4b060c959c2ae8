// @ts-check
/**
 * The engine's worker: loads the engine module, the transmuxer's where a stream needs it, and what reads text
 * where somebody wants it; forwards messages.
 *
 * In: messages of `playback.js`, the first of which is `init`; the engine's module, compiled by the page,
 * and the answers for the first playlists come with others (`module`, `asked`), and its word on a request, where it has
 * one (`released`). Out: the engine's events, and what
 * the media element is to do (`attach`, `detach`, `seek`, `rate`), or the commands of a media sink that
 * lives on the main thread (`sink`). Each bears the number of the last `load` or `unload` it came
 * after, and how large the engine's memory is. It knows nothing of HLS.
 */

// @ts-ignore: not there before it is built
import init, { EngineWorker } from './wasm/engine.js';
// @ts-ignore: the same
import initTransmux, * as transmux from './wasm/transmux.js';
import { EarlyResponse } from './early_response.js';
import { defectSentence, notLoadedSentence, WASM_CURE } from './errors.js';
import { hookedFetch } from './hooked_fetch.js';
import { MediaSink } from './media_sink.js';
import { MediaTap } from './media_tap.js';
import { SphericalWatch } from './spherical_watch.js';
import { engineSource, transmuxSource } from './worker_addresses.js';

/**
 * @import {
 *   AskedOfPage, Cipher, DateRange, DateRangesEvent, Engine, EngineEvent, EngineMessage, FromWorker, InitMessage,
 *   Released, Sink, SinkCommand, SinkEvent, TextEvent, ToWorker, TrackName, WorkerMessage,
 * } from './protocol.d.ts'
 * @import { Stats, Variant } from './index.js'
 * @import { Steering } from './steering.js'
 * @import { TracksReader } from './tracks_worker.js'
 */

/**
 * What of a dedicated worker's global is used; the types of both threads at once contradict each other.
 * @typedef {object} WorkerScope
 * @property {(message: FromWorker, transfer: Transferable[]) => void} postMessage
 * @property {Window['addEventListener']} addEventListener
 */

const scope = /** @type {WorkerScope} */ (/** @type {unknown} */ (self));

/**
 * Stands in for a MediaSink on the main thread: the same methods, posted. Bytes are copied once,
 * here, and then travel without a copy.
 * @implements {Sink}
 */
class RemoteSink {
  #generation = 0;
  /** Tracks with an operation under way. @type {Set<TrackName>} */
  #busy = new Set();

  /**
   * Whether what the main thread says of a media source still matters.
   * @param {NumberedMessage} message
   */
  isCurrent(message) {
    if (message.generation !== this.#generation) {
      return message.kind === 'codecs';
    }
    if (!('track' in message)) {
      return true;
    }
    if (message.kind === 'updated' && message.unasked) {
      // The operation now under way will be answered with newer figures.
      return !this.#busy.has(message.track);
    }
    this.#busy.delete(message.track);
    return true;
  }

  open() {
    this.#renew();
    this.#post({ kind: 'open' });
  }

  close() {
    this.#renew();
    this.#post({ kind: 'close' });
  }

  /** @param {TrackName} track @param {string} mime */
  addTrack(track, mime) {
    this.#post({ kind: 'addTrack', track, mime });
  }

  /** @param {TrackName} track @param {string} mime */
  changeType(track, mime) {
    this.#post({ kind: 'changeType', track, mime });
  }

  /** @param {TrackName} track @param {number} offsetSecs */
  setTimestampOffset(track, offsetSecs) {
    this.#post({ kind: 'setTimestampOffset', track, offsetSecs });
  }

  /** @param {TrackName} track @param {number} startSecs */
  setAppendWindow(track, startSecs) {
    this.#post({ kind: 'setAppendWindow', track, startSecs });
  }

  /** @param {TrackName} track @param {Uint8Array} bytes */
  append(track, bytes) {
    const copy = bytes.slice();
    this.#busy.add(track);
    this.#post({ kind: 'append', track, bytes: copy }, [copy.buffer]);
  }

  /** @param {TrackName} track @param {number} startSecs @param {number} endSecs */
  remove(track, startSecs, endSecs) {
    this.#busy.add(track);
    this.#post({ kind: 'remove', track, startSecs, endSecs });
  }

  /** @param {number} secs */
  setDuration(secs) {
    this.#post({ kind: 'setDuration', secs });
  }

  /** @param {number} startSecs @param {number} endSecs */
  setLiveSeekableRange(startSecs, endSecs) {
    this.#post({ kind: 'setLiveSeekableRange', startSecs, endSecs });
  }

  endOfStream() {
    this.#post({ kind: 'endOfStream' });
  }

  /** @param {number} toSecs */
  seek(toSecs) {
    this.#post({ kind: 'seek', toSecs });
  }

  /** @param {number} rate */
  setRate(rate) {
    this.#post({ kind: 'setRate', rate });
  }

  /** @param {string[]} codecs */
  probe(codecs) {
    this.#post({ kind: 'probe', codecs });
  }

  #renew() {
    this.#generation += 1;
    this.#busy.clear();
  }

  /** @param {SinkCommand} command @param {Transferable[]} [transfer] */
  #post(command, transfer = []) {
    post({ kind: 'sink', generation: this.#generation, command }, transfer);
  }
}

/**
 * The sink of this thread, as far as the page is concerned: the media source goes to its element,
 * and what the element says of it comes back.
 */
class OwnSink {
  #generation = 0;
  sink = new MediaSink({
    attach: (source) => {
      this.#generation += 1;
      // A worker's media source shows itself by its handle alone.
      const handle = /** @type {MediaSourceHandle} */ (source);
      post({ kind: 'attach', generation: this.#generation, source: handle }, [handle]);
    },
    detach: () => {
      this.#generation += 1;
      post({ kind: 'detach' });
    },
    seek: (toSecs) => post({ kind: 'seek', toSecs }),
    setRate: (rate) => post({ kind: 'rate', rate }),
    report: handle,
  });

  /** @param {NumberedMessage} message */
  isCurrent({ generation }) {
    return generation === this.#generation;
  }
}

/**
 * A message of one media source, by its number.
 * @typedef {Extract<EngineMessage, { generation: number }>} NumberedMessage
 */

/**
 * Counts media sources: a message about one that has been closed may still be on its way.
 * @type {RemoteSink | OwnSink | undefined}
 */
let sources;
/** The page's number of the last `load` or `unload` that the engine was given. */
let load = 0;
/** @type {Engine | undefined} */
let engine;
/** @type {WebAssembly.Memory | undefined} the engine's, which grows and never shrinks */
let memory;
/** @type {WebAssembly.Memory | undefined} the transmuxer's, once it was needed */
let transmuxMemory;
/** @type {Promise<typeof transmux> | undefined} */
let transmuxer;
/** Its functions as the engine calls them, so that what comes of a call can be looked at. */
const transmuxing = { ...transmux };
/** @type {string | undefined} */
let transmuxUrl;
/** @type {string | undefined} where the module lies that reads manifests */
let dashUrl;
/** @type {Promise<import('./dash_worker.js').DashReader> | undefined} */
let dash;
/** @type {import('./dash_worker.js').DashReader | undefined} once it is there */
let dashReader;
/** The stream's server says from where it is played. @type {Steering | undefined} */
let steering;
/** The address of the stream. */
let streamUrl = '';
/** @type {readonly Variant[]} */
let variants = [];
/** @type {Stats} */
let stats = {};
/** Where the modules lie that read text. @type {InitMessage['tracksUrls']} */
let tracksUrls;
/** @type {Promise<TracksReader | undefined> | undefined} */
let tracks;
/** @type {MediaTap | undefined} */
let tap;
/** How the picture lies on the sphere. */
const spherical = new SphericalWatch(post, (reason) => {
  const detail = notLoadedSentence('projection', reason);
  const message = `what the stream says of its projection is left out, set \`projection\` and \`stereo\`: ${detail}`;
  post({ kind: 'error', code: 'internal', severity: 'warning', message, context: { detail } });
});
/** Appended while what reads it was loading. @type {Parameters<import('./media_tap.js').Look>[]} */
let unread = [];
/** How often another choice of what is read was made. */
let selectCount = 0;
/** Of the stream, by ID. @type {Map<string, DateRange>} */
const ranges = new Map();
/** @type {EngineMessage[]} messages that came while the engine module was loading */
let early = [];
/** @type {EarlyResponse[]} to the engine's first requests */
const earlyResponses = [];
/** The page has a word on each request. */
let asksPage = false;
/** Requests that it was asked about, by number. @type {Map<number, (released: Released | null) => void>} */
const held = new Map();
let askedCount = 0;
/** @type {(module: WebAssembly.Module | ArrayBuffer | null) => void} */
let takeModule = () => {};
/** @type {Promise<WebAssembly.Module | ArrayBuffer | null>} the page's; null where it has none */
const pageModule = new Promise((resolve) => (takeModule = resolve));
let isDead = false;
const DASH_PATH = /^[^?#]*\.mpd([?#]|$)/i;
const DASH_TYPE = /^application\/dash\+xml/i;
/** Appends that wait for their reader. */
const MOST_UNREAD = 64;
/** EXT-X-DATERANGE that are kept; the oldest goes. */
const MOST_RANGES = 1000;

/**
 * The engine is lost: say so, once, and touch it no more. What is buffered still plays.
 * @param {string} message
 * @param {Record<string, unknown>} context
 */
function die(message, context) {
  if (isDead) {
    return;
  }
  isDead = true;
  post({ kind: 'error', code: 'internal', severity: 'fatal', message, context });
}

/** @param {unknown} reason */
function dieOf(reason) {
  const detail = reason instanceof Error ? `${reason.name}: ${reason.message}` : String(reason);
  die(defectSentence(detail), { detail });
}

/**
 * What reads text, loaded when it is first needed. Without it text is left out, which is said once.
 */
function takeTracks() {
  return (tracks ??= import('./tracks_worker.js')
    .then(({ TracksReader }) => new TracksReader(tracksUrls ?? {}))
    .catch((error) => loseTracks(`what reads them could not be loaded: ${WASM_CURE}`, error)));
}

/** What is thrown while text is read: the module that does is not there, or has a defect. @param {unknown} error */
function loseTracksOf(error) {
  const isNotLoaded = error instanceof Error && error.name === 'NotLoaded';
  const reason = `what reads them could not be loaded: ${WASM_CURE}`;
  return loseTracks(isNotLoaded ? reason : defectSentence('what reads them failed'), error);
}

/** @param {string} message @param {unknown} error @returns {undefined} */
function loseTracks(message, error) {
  const detail = error instanceof Error ? error.message : String(error);
  tracks = Promise.resolve(undefined);
  tap?.watch(null);
  post({
    kind: 'error',
    code: 'internal',
    severity: 'warning',
    message: `captions and metadata are left out: ${message} (${detail})`,
    context: { urls: tracksUrls, detail },
  });
}

/**
 * Has captions and events within the media read, or no more. What is buffered went by unread: it is loaded again.
 * @param {{ captions: boolean, metadata: boolean }} wanted
 */
async function readMedia(wanted) {
  if (!wanted.captions && !wanted.metadata) {
    selectCount += 1;
    unread = [];
    tap?.watch(null);
    return;
  }
  const known = tap?.isWatched ? await tracks : undefined;
  if (known && !known.wantsMore(wanted)) {
    await known.watch(wanted).catch(loseTracksOf);
    return;
  }
  selectCount += 1;
  const [of, own] = [load, selectCount];
  // What comes while the readers are loading waits for them.
  tap?.watch((track, bytes, offsetSecs) => {
    if (unread.length < MOST_UNREAD) unread.push([track, bytes.slice(), offsetSecs]);
  });
  const reader = await takeTracks();
  const isThere = await reader?.watch(wanted).then(() => true, loseTracksOf);
  if (of !== load || own !== selectCount || !tap) return;
  const waited = unread;
  unread = [];
  if (!reader || !isThere) return;
  /** @type {import('./media_tap.js').Look} */
  const look = (track, bytes, offsetSecs) =>
    tryToRead(() => {
      const { found, captions, events } = reader.media(track, bytes, offsetSecs);
      if (found.length + captions.length + events.length > 0)
        post({ kind: 'inband', found, captions, events });
    });
  tap.watch(look, false);
  for (const each of waited) look(...each);
  if (transmuxMemory) readTags(reader);
  readRanges();
  handle({ kind: 'reread' });
}

/**
 * Tags of segments that are transmuxed go to the page for as long as somebody listens.
 * @param {TracksReader} [reader]
 */
function readTags(reader) {
  if (!reader?.wantsEvents) return;
  const isWanted = () => Boolean(tap?.isWatched) && reader.wantsEvents;
  reader.watchTags(transmux, transmuxing, isWanted, (bytes, startSecs) => {
    tryToRead(() => post({ kind: 'inband', found: [], captions: [], events: reader.tags(bytes, startSecs) }));
  });
}

/**
 * Ranges of the playlist go to the page where somebody listens. One that ends with the next of its class is read
 * again with it.
 * @param {readonly DateRange[]} [news] without them, all there are
 */
async function readRanges(news) {
  for (const range of news ?? []) ranges.set(range.id, range);
  for (const id of ranges.keys()) if (ranges.size > MOST_RANGES) ranges.delete(id);
  const reader = tap?.isWatched ? await tracks : undefined;
  const all = [...ranges.values()];
  const read = all.filter((range) => !news || news.includes(range) || range.end === null);
  if (!reader || read.length === 0) return;
  tryToRead(() => {
    const events = read.flatMap((range) => reader.dateRange(range, all));
    post({ kind: 'inband', found: [], captions: [], events });
  });
}

/** @param {TextEvent} event goes to the page as cues */
async function readText(event) {
  const of = load;
  const reader = await takeTracks();
  // Another stream may have begun.
  if (!reader || of !== load) return;
  let read;
  try {
    read = await reader.text(event);
  } catch (error) {
    // A broken caption never stops the picture.
    loseTracksOf(error);
  }
  if (read && of === load) {
    const { changes, problem } = read;
    if (changes.length > 0) post({ kind: 'cues', track: event.track, changes });
    if (problem !== undefined) {
      const context = { format: 'text', problem };
      post({ kind: 'error', code: 'damaged-media', severity: 'warning', message: problem, context });
    }
  }
}

/** A broken caption never stops the picture. @param {() => void} read */
function tryToRead(read) {
  try {
    read();
  } catch (error) {
    loseTracksOf(error);
  }
}

/** @param {EngineEvent | TextEvent | DateRangesEvent} event */
function postEvent(event) {
  if (event.kind === 'dateranges') {
    readRanges(event.ranges);
    return;
  }
  if (event.kind === 'text') {
    readText(event);
    return;
  }
  if (event.kind === 'variants') variants = event.variants;
  if (event.kind === 'stats') stats = event.stats;
  // A panic: its trap follows, and has nothing to add.
  isDead ||= event.kind === 'error' && event.code === 'internal';
  post(dashReader?.explained(event) ?? event);
}

/** @param {WorkerMessage} message @param {Transferable[]} [transfer] */
function post(message, transfer = []) {
  const bytes = (/** @type {WebAssembly.Memory | undefined} */ of) => of?.buffer.byteLength ?? 0;
  scope.postMessage(
    Object.assign(message, { load, memoryBytes: bytes(memory) + bytes(transmuxMemory) }),
    transfer,
  );
}

/** @param {EngineMessage | SinkEvent} message */
function handle(message) {
  if (isDead || ('generation' in message && !sources?.isCurrent(message))) {
    return;
  }
  if ('load' in message) {
    load = message.load;
    tap?.watch(null);
    unread = [];
    ranges.clear();
    spherical.reset();
    tracks?.then((reader) => reader?.reset());
    dashReader?.reset();
    steering?.end();
    steering = undefined;
    streamUrl = message.kind === 'load' ? message.url : '';
    [variants, stats] = [[], {}];
  }
  if (message.kind === 'selecttext') {
    const ids = message.tracks;
    if (tracks || ids.length > 0) takeTracks().then((reader) => reader?.select(ids));
    readMedia(message);
  }
  try {
    engine?.handleMessage(message);
  } catch (error) {
    dieOf(error);
  }
}

/**
 * For the engine: an answer of the server's, or a playlist made of a DASH manifest.
 * @param {string} url @param {RequestInit} options @param {string} resource
 */
function answerFor(url, options, resource) {
  if (url.includes('#dash-track=')) return takeDash().then((it) => it.playlist(url, options, fetchOrTake));
  const answer = fetchOrTake(url, options, resource);
  return resource === 'manifest' ? answer.then((it) => translated(url, options, it)) : answer;
}

/** @param {string} url @param {RequestInit} options @param {Response} answer */
async function translated(url, options, answer) {
  if (!answer.ok) return answer;
  if (!DASH_PATH.test(url) && !DASH_TYPE.test(answer.headers.get('Content-Type') ?? '')) {
    if (url === streamUrl) steer(answer.clone(), answer.url || url, options);
    return answer;
  }
  const reader = await takeDash();
  return reader.manifest(url, answer, fetchOrTake, options);
}

/**
 * Has a server asked from where the stream is played, if its playlist names one. Without, it plays as well.
 * @param {Response} copy @param {string} from @param {RequestInit} options of the request for it
 */
async function steer(copy, from, options) {
  const of = load;
  // It breaks off where the engine's own does, which says so.
  const text = await copy.text().catch(() => '');
  if (!text.includes('#EXT-X-CONTENT-STEERING:')) return;
  const situation = () => ({
    pathway: variants.find(({ id }) => id === stats.variant)?.pathway,
    bps: stats.bandwidthBps,
  });
  try {
    const { Steering } = await import('./steering.js');
    if (of !== load) return;
    steering?.end();
    steering = new Steering(text, from, {
      home: streamUrl,
      options,
      ask: fetchOrTake,
      tell: handle,
      post,
      situation,
    });
  } catch (error) {
    const message = notLoadedSentence('steering', error);
    post({ kind: 'error', code: 'steering-failed', severity: 'warning', message, context: { url: from } });
  }
}

/** What reads manifests, loaded with the first of them. */
function takeDash() {
  dash ??= import('./dash_worker.js').then(({ DashReader }) => DashReader.load(dashUrl));
  dash.then(
    (reader) => (dashReader = reader),
    (error) => dieOfLoading('dash', dashUrl, error),
  );
  return dash;
}

/**
 * The browser's `fetch`, but for what the page has asked for already, and with its word.
 * @param {string} url @param {RequestInit} options @param {string} resource
 */
function fetchOrTake(url, options, resource) {
  const index = earlyResponses.findIndex((each) => each.isFor(url, load));
  const [response] = index < 0 ? [] : earlyResponses.splice(index, 1);
  if (response) return response.take(options.signal);
  return asksPage ? hookedFetch(askPage, url, options, resource) : fetch(url, options);
}

/** @param {AskedOfPage} asked @param {AbortSignal | null} [signal] @returns {Promise<Released>} */
function askPage(asked, signal) {
  askedCount += 1;
  const id = askedCount;
  post({ kind: 'release', id, asked });
  return new Promise((resolve, reject) => {
    held.set(id, (released) => (released ? resolve(released) : reject(null)));
    // The engine waits no longer, or not for this.
    signal?.addEventListener('abort', () => takeReleased(id, null), { once: true });
  });
}

/** @param {number} id @param {Released | null} released */
function takeReleased(id, released) {
  held.get(id)?.(released);
  held.delete(id);
}

/** @param {string} name @param {string | undefined} url @param {unknown} error */
function dieOfLoading(name, url, error) {
  const detail = error instanceof Error ? error.message : String(error);
  const where = url ? ` from ${url}` : '';
  die(`the ${name} module could not be loaded${where}: ${WASM_CURE} (${detail})`, { url, detail });
}

/**
 * The transmuxer's functions, once its module is there: bodies that may need it wait for that.
 * @param {string | undefined} url
 */
async function loadTransmuxer(url) {
  try {
    ({ memory: transmuxMemory } = await initTransmux({ module_or_path: url ?? transmuxSource() }));
  } catch (error) {
    dieOfLoading('transmux', url, error);
    // Its requests are given up, what they wait for among them.
    engine?.free();
    engine = undefined;
    throw error;
  }
  if (tap?.isWatched) readTags(await tracks);
  return transmuxing;
}

function takeTransmuxer() {
  transmuxer ??= loadTransmuxer(transmuxUrl);
  return transmuxer;
}

/**
 * What decrypts a body, or why nothing does: its script is loaded with the first key.
 * @param {Uint8Array<ArrayBuffer>} key @param {Uint8Array<ArrayBuffer>} iv
 * @returns {Promise<Cipher | string>}
 */
async function openCipher(key, iv) {
  try {
    const cipher = await import('./cipher.js');
    return await cipher.openCipher(key, iv);
  } catch (error) {
    return notLoadedSentence('decryption', error);
  }
}

/** @param {InitMessage} message */
async function start(message) {
  ({ transmuxUrl, tracksUrls, dashUrl } = message);
  try {
    const source = (await pageModule) ?? message.engineUrl ?? engineSource();
    ({ memory } = await init({ module_or_path: source }));
  } catch (error) {
    dieOfLoading('engine', message.engineUrl, error);
    return;
  }
  asksPage = message.asksPage;
  sources = message.sinkInWorker ? new OwnSink() : new RemoteSink();
  const sink = sources instanceof OwnSink ? sources.sink : sources;
  tap = new MediaTap(sink, (...appended) => spherical.look(...appended));
  engine = new EngineWorker(sink, postEvent, answerFor, takeTransmuxer, openCipher, message);
  const waiting = early;
  early = [];
  for (const each of waiting) handle(each);
}

// A trap inside a promise or a timer ends here and nowhere else.
scope.addEventListener('unhandledrejection', (event) => dieOf(event.reason));
scope.addEventListener('error', (event) => dieOf(event.error ?? event.message));

// A module that this browser does not hand to workers.
scope.addEventListener('messageerror', () => takeModule(null));

scope.addEventListener('message', (/** @type {MessageEvent<ToWorker>} */ { data }) => {
  switch (data.kind) {
    case 'ping':
      post({ kind: 'pong' });
      break;
    case 'init':
      start(data);
      break;
    case 'module':
      takeModule(data.module);
      break;
    case 'released':
      takeReleased(data.id, data.released);
      break;
    case 'asked':
      earlyResponses.push(new EarlyResponse(data));
      break;
    case 'transmux':
      takeTransmuxer();
      break;
    default:
      if (engine) handle(data);
      else early.push(data);
  }
});
