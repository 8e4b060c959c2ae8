// @ts-check
/**
 * The engine's worker: loads the engine module, forwards messages.
 *
 * In: messages of `playback.js`, the first of which is `init`. Out: the engine's events, and what
 * the media element is to do (`attach`, `detach`, `seek`, `rate`), or the commands of a media sink that
 * lives on the main thread (`sink`). Each bears the number of the last `load` or `unload` it came
 * after, and how large the engine's memory is. It knows nothing of HLS.
 */

// @ts-ignore: not there before it is built
import init, { EngineWorker } from './wasm/engine.js';
import { MediaSink } from './media_sink.js';

/** @type {any} */
const scope = self;

/**
 * Stands in for a MediaSink on the main thread: the same methods, posted. Bytes are copied once,
 * here, and then travel without a copy.
 */
class RemoteSink {
  #generation = 0;
  /** Tracks with an operation under way. */
  #busy = new Set();

  /**
   * Whether news from the main thread still matters.
   * @param {any} news with the `generation` it belongs to
   */
  isCurrent(news) {
    if (news.generation !== this.#generation) {
      return news.kind === 'codecs';
    }
    if (news.unasked) {
      // The operation now under way will be answered with newer figures.
      return !this.#busy.has(news.track);
    }
    this.#busy.delete(news.track);
    return true;
  }

  open() {
    this.#renew();
    this.#post('open', []);
  }

  close() {
    this.#renew();
    this.#post('close', []);
  }

  /** @param {string} track @param {string} mime */
  addTrack(track, mime) {
    this.#post('addTrack', [track, mime]);
  }

  /** @param {string} track @param {string} mime */
  changeType(track, mime) {
    this.#post('changeType', [track, mime]);
  }

  /** @param {string} track @param {number} offsetSecs */
  setTimestampOffset(track, offsetSecs) {
    this.#post('setTimestampOffset', [track, offsetSecs]);
  }

  /** @param {string} track @param {Uint8Array} bytes */
  append(track, bytes) {
    const copy = bytes.slice();
    this.#busy.add(track);
    this.#post('append', [track, copy], [copy.buffer]);
  }

  /** @param {string} track @param {number} startSecs @param {number} endSecs */
  remove(track, startSecs, endSecs) {
    this.#busy.add(track);
    this.#post('remove', [track, startSecs, endSecs]);
  }

  /** @param {number} secs */
  setDuration(secs) {
    this.#post('setDuration', [secs]);
  }

  /** @param {number} startSecs @param {number} endSecs */
  setLiveSeekableRange(startSecs, endSecs) {
    this.#post('setLiveSeekableRange', [startSecs, endSecs]);
  }

  endOfStream() {
    this.#post('endOfStream', []);
  }

  /** @param {number} toSecs */
  seek(toSecs) {
    this.#post('seek', [toSecs]);
  }

  /** @param {number} rate */
  setRate(rate) {
    this.#post('setRate', [rate]);
  }

  /** @param {string[]} codecs */
  probe(codecs) {
    this.#post('probe', [codecs]);
  }

  #renew() {
    this.#generation += 1;
    this.#busy.clear();
  }

  /**
   * @param {string} command
   * @param {unknown[]} args
   * @param {Transferable[]} [transfer]
   */
  #post(command, args, transfer = []) {
    post({ kind: 'sink', generation: this.#generation, command, args }, transfer);
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
      post({ kind: 'attach', generation: this.#generation, source }, [source]);
    },
    detach: () => {
      this.#generation += 1;
      post({ kind: 'detach' });
    },
    seek: (toSecs) => post({ kind: 'seek', toSecs }),
    setRate: (rate) => post({ kind: 'rate', rate }),
    report: handle,
  });

  /** @param {any} news with the `generation` it belongs to */
  isCurrent({ generation }) {
    return generation === this.#generation;
  }
}

/**
 * Counts media sources: news of one that has been closed since may still be on its way.
 * @type {RemoteSink | OwnSink | undefined}
 */
let sources;
/** The page's number of the last `load` or `unload` that the engine was given. */
let load = 0;
/** @type {EngineWorker | undefined} */
let engine;
/** @type {WebAssembly.Memory | undefined} the engine's, which grows and never shrinks */
let memory;
/** @type {any[]} messages that came while the engine module was loading */
let early = [];
let isDead = false;

/**
 * The engine is lost: say so, once, and touch it no more. What is buffered still plays.
 * @param {string} message
 * @param {object} context
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
  die(`videosphere has a defect, please report it: ${detail}`, { detail });
}

/** @param {any} event an event of the engine */
function tell(event) {
  // A panic: its trap follows, and has nothing to add.
  isDead ||= event.code === 'internal';
  post(event);
}

/** @param {any} message @param {Transferable[]} [transfer] */
function post(message, transfer = []) {
  scope.postMessage(Object.assign(message, { load, memoryBytes: memory?.buffer.byteLength ?? 0 }), transfer);
}

/** @param {any} message */
function handle(message) {
  if (isDead || (message.generation !== undefined && !sources?.isCurrent(message))) {
    return;
  }
  load = message.load ?? load;
  try {
    engine?.handleMessage(message);
  } catch (error) {
    dieOf(error);
  }
}

/** @param {any} message the `init` message */
async function start(message) {
  try {
    ({ memory } = await init(message.engineUrl ? { module_or_path: message.engineUrl } : undefined));
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    const where = message.engineUrl ? ` from ${message.engineUrl}` : '';
    die(`the engine module could not be loaded${where}: check that the .wasm file is served (${detail})`, { detail });
    return;
  }
  sources = message.sinkInWorker ? new OwnSink() : new RemoteSink();
  const sink = sources instanceof OwnSink ? sources.sink : sources;
  engine = new EngineWorker(/** @type {any} */ (sink), tell, message);
  const waiting = early;
  early = [];
  waiting.forEach(handle);
}

// A trap inside a promise or a timer ends here and nowhere else.
scope.addEventListener('unhandledrejection', (/** @type {any} */ event) => dieOf(event.reason));
scope.addEventListener('error', (/** @type {any} */ event) => dieOf(event.error ?? event.message));

scope.addEventListener('message', (/** @type {MessageEvent} */ { data }) => {
  if (data.kind === 'ping') {
    post({ kind: 'pong' });
  } else if (data.kind === 'init') {
    start(data);
  } else if (engine) {
    handle(data);
  } else {
    early.push(data);
  }
});
