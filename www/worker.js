// @ts-check
/**
 * The engine's worker: loads the engine module, forwards messages.
 *
 * In: messages of `playback.js`, the first of which is `init`. Out: the engine's events, and what
 * the media element is to do (`attach`, `detach`, `seek`, `rate`), or the commands of a media sink that
 * lives on the main thread (`sink`). It knows nothing of HLS.
 */

import init, { EngineWorker } from './wasm/engine.js';
import { MediaSink } from './media_sink.js';

/** @type {any} */
const scope = self;

/**
 * Stands in for a MediaSink on the main thread: the same methods, posted. Bytes are copied once,
 * here, and then travel without a copy.
 */
class RemoteSink {
  /** Counts sources: news of one that has been closed since may still be on its way. */
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
    scope.postMessage({ kind: 'sink', generation: this.#generation, command, args }, transfer);
  }
}

/** @type {RemoteSink | undefined} */
let remoteSink;
/** @type {EngineWorker | undefined} */
let engine;
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
  scope.postMessage({ kind: 'error', code: 'internal', severity: 'fatal', message, context });
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
  scope.postMessage(event);
}

/** @param {any} message */
function handle(message) {
  if (isDead || (message.generation !== undefined && !remoteSink?.isCurrent(message))) {
    return;
  }
  try {
    engine?.handleMessage(message);
  } catch (error) {
    dieOf(error);
  }
}

/** @param {any} message the `init` message */
async function start(message) {
  try {
    await init(message.engineUrl ? { module_or_path: message.engineUrl } : undefined);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    const where = message.engineUrl ? ` from ${message.engineUrl}` : '';
    die(`the engine module could not be loaded${where}: check that the .wasm file is served (${detail})`, { detail });
    return;
  }
  let sink;
  if (message.sinkInWorker) {
    sink = new MediaSink({
      attach: (handle_) => scope.postMessage({ kind: 'attach', source: handle_ }, [handle_]),
      detach: () => scope.postMessage({ kind: 'detach' }),
      seek: (toSecs) => scope.postMessage({ kind: 'seek', toSecs }),
      setRate: (rate) => scope.postMessage({ kind: 'rate', rate }),
      report: handle,
    });
  } else {
    remoteSink = new RemoteSink();
    sink = remoteSink;
  }
  engine = new EngineWorker(/** @type {any} */ (sink), tell, message);
  const waiting = early;
  early = [];
  waiting.forEach(handle);
}

// A trap inside a promise or a timer ends here and nowhere else.
scope.addEventListener('unhandledrejection', (/** @type {any} */ event) => dieOf(event.reason));
scope.addEventListener('error', (/** @type {any} */ event) => dieOf(event.error ?? event.message));

scope.addEventListener('message', (/** @type {MessageEvent} */ { data }) => {
  if (data.kind === 'init') {
    start(data);
  } else if (engine) {
    handle(data);
  } else {
    early.push(data);
  }
});
