// @ts-check
/**
 * The one owner of a MediaSource and its SourceBuffers (Media Source Extensions, W3C).
 *
 * In: the engine's commands, one method each. Out: events, by `report`, always after the method
 * has returned. It runs in the worker where the browser has MediaSource there, else on the main
 * thread; it decides nothing: what to append, evict and when is the engine's.
 */

import { mediaSourceClass } from './compat/media.js';

/** @import { Sink, SinkCommand, SinkEvent, TrackName } from './protocol.d.ts' */

/**
 * @typedef {object} SinkHost
 * @property {(source: MediaSource | MediaSourceHandle) => void} attach Gives it to the media element.
 * @property {() => void} detach Takes it away again.
 * @property {(toSecs: number) => void} seek Sets the media element's currentTime.
 * @property {(rate: number) => void} setRate Sets its playbackRate, unless the page did.
 * @property {(event: SinkEvent) => void} report
 */

/**
 * An operation that waits: for its own track's buffer, or for all buffers where `track` is null.
 * @typedef {{ track: TrackName | null, run: () => void }} Operation
 */

/**
 * A command that came as a message.
 * @param {Sink} sink
 * @param {SinkCommand} command
 */
export function perform(sink, command) {
  switch (command.kind) {
    case 'open':
      return sink.open();
    case 'close':
      return sink.close();
    case 'addTrack':
      return sink.addTrack(command.track, command.mime);
    case 'changeType':
      return sink.changeType(command.track, command.mime);
    case 'setTimestampOffset':
      return sink.setTimestampOffset(command.track, command.offsetSecs);
    case 'setAppendWindow':
      return sink.setAppendWindow(command.track, command.startSecs);
    case 'append':
      return sink.append(command.track, command.bytes);
    case 'remove':
      return sink.remove(command.track, command.startSecs, command.endSecs);
    case 'setDuration':
      return sink.setDuration(command.secs);
    case 'setLiveSeekableRange':
      return sink.setLiveSeekableRange(command.startSecs, command.endSecs);
    case 'endOfStream':
      return sink.endOfStream();
    case 'seek':
      return sink.seek(command.toSecs);
    case 'setRate':
      return sink.setRate(command.rate);
    case 'probe':
      return sink.probe(command.codecs);
    default:
      /** @satisfies {never} */ (command);
  }
}

/**
 * @param {string} codec one entry of CODECS
 * @returns {boolean}
 */
function isCodecSupported(codec) {
  // `video/mp4` may hold sound alone too.
  return Boolean(mediaSourceClass()?.isTypeSupported(`video/mp4; codecs="${codec}"`));
}

/** One SourceBuffer and the operation that is under way on it. */
class Track {
  /**
   * @param {TrackName} name
   * @param {SourceBuffer} buffer
   */
  constructor(name, buffer) {
    this.name = name;
    this.buffer = buffer;
    /** True from the start of an operation until its event. */
    this.isBusy = false;
    /** @type {string | undefined} why the operation under way failed */
    this.failure = undefined;
  }

  /** Start and end in turn, in seconds. Throws once the buffer is removed from its source. */
  buffered() {
    const ranges = this.buffer.buffered;
    const edges = new Float64Array(ranges.length * 2);
    for (let index = 0; index < ranges.length; index += 1) {
      edges[index * 2] = ranges.start(index);
      edges[index * 2 + 1] = ranges.end(index);
    }
    return edges;
  }
}

/** @implements {Sink} */
export class MediaSink {
  /** @type {SinkHost} */
  #host;
  /** Counts sources, so that nothing is reported of one that has been dropped. */
  #generation = 0;
  /** @type {MediaSource | null} */
  #source = null;
  /** @type {Map<TrackName, Track>} */
  #tracks = new Map();
  /** @type {Operation[]} in the order in which they were asked for */
  #waiting = [];
  /** Ends the listeners of the present source. */
  #listeners = new AbortController();

  /** @param {SinkHost} host */
  constructor(host) {
    this.#host = host;
  }

  /** Creates a media source and attaches it; events: `opened` or `unsupported`. */
  open() {
    this.#drop();
    const generation = this.#generation;
    const Source = mediaSourceClass();
    if (!Source) {
      this.#reportSoon({ kind: 'unsupported' });
      return;
    }
    const source = new Source();
    this.#source = source;
    this.#listeners = new AbortController();
    const { signal } = this.#listeners;
    source.addEventListener('sourceopen', () => this.#report(generation, { kind: 'opened' }), {
      once: true,
      signal,
    });
    for (const [type, on] of /** @type {const} */ ([
      ['startstreaming', true],
      ['endstreaming', false],
    ])) {
      source.addEventListener(type, () => this.#report(generation, { kind: 'streaming', on }), { signal });
    }
    // In a worker the page gets the handle; `handle` throws where the source stays on its thread.
    const isWorker = typeof document === 'undefined';
    this.#host.attach(isWorker ? handleOf(source) : source);
  }

  /** Detaches and frees the media source. */
  close() {
    if (this.#drop()) {
      this.#host.detach();
    }
  }

  /**
   * @param {TrackName} name
   * @param {string} mime
   */
  addTrack(name, mime) {
    try {
      if (!this.#source) throw new Error('there is no media source');
      const buffer = this.#source.addSourceBuffer(mime);
      buffer.mode = 'segments';
      const track = new Track(name, buffer);
      this.#tracks.set(name, track);
      const { signal } = this.#listeners;
      const generation = this.#generation;
      buffer.addEventListener(
        'error',
        () => {
          track.failure = 'the browser could not parse or decode it';
        },
        { signal },
      );
      buffer.addEventListener('updateend', () => this.#finish(track, generation), { signal });
      // ManagedSourceBuffer alone: it evicts when it likes.
      buffer.addEventListener(
        'bufferedchange',
        () => {
          if (!track.isBusy) {
            const buffered = this.#bufferedOf(track);
            this.#report(generation, { kind: 'updated', track: name, buffered, unasked: true });
          }
        },
        { signal },
      );
    } catch (error) {
      this.#reportSoon({ kind: 'rejected', track: name, detail: `${mime}: ${describe(error)}` });
    }
  }

  /**
   * @param {TrackName} name
   * @param {string} mime
   */
  changeType(name, mime) {
    this.#quietly(name, (track) => track.buffer.changeType(mime));
  }

  /**
   * @param {TrackName} name
   * @param {number} offsetSecs
   */
  setTimestampOffset(name, offsetSecs) {
    this.#quietly(name, (track) => {
      track.buffer.timestampOffset = offsetSecs;
    });
  }

  /**
   * What is shown before is left out of the appends that follow.
   * @param {TrackName} name
   * @param {number} startSecs
   */
  setAppendWindow(name, startSecs) {
    this.#quietly(name, (track) => {
      track.buffer.appendWindowStart = startSecs;
    });
  }

  /**
   * Events: `updated`, `quotaexceeded` or `rejected`. The bytes are the caller's again on return.
   * @param {TrackName} name
   * @param {Uint8Array} bytes
   */
  append(name, bytes) {
    if (this.#waiting.length === 0 && !this.#tracks.get(name)?.isBusy) {
      this.#operate(name, (track) => track.buffer.appendBuffer(/** @type {BufferSource} */ (bytes)));
      return;
    }
    // It has to wait, and the caller's bytes may move: they can be a view of wasm memory.
    const copy = bytes.slice();
    this.#enqueue(name, () => this.#operate(name, (track) => track.buffer.appendBuffer(copy)));
  }

  /**
   * Events: `updated` or `rejected`.
   * @param {TrackName} name
   * @param {number} startSecs
   * @param {number} endSecs may be infinite
   */
  remove(name, startSecs, endSecs) {
    this.#enqueue(name, () =>
      this.#operate(name, (track) => {
        const start = Math.max(0, startSecs);
        // Neither without a duration, nor past it, nor backwards does `remove` take a range.
        if (!(start < endSecs) || !(start <= (this.#source?.duration ?? NaN))) {
          return false;
        }
        track.buffer.remove(start, endSecs);
        return true;
      }),
    );
  }

  /** @param {number} secs may be infinite */
  setDuration(secs) {
    this.#enqueueForSource((source) => {
      let end = secs;
      for (const { buffer } of this.#tracks.values()) {
        // A duration inside what is buffered is refused.
        if (buffer.buffered.length > 0) {
          end = Math.max(end, buffer.buffered.end(buffer.buffered.length - 1));
        }
      }
      if (source.duration !== end) {
        source.duration = end;
      }
    });
  }

  /**
   * @param {number} startSecs
   * @param {number} endSecs
   */
  setLiveSeekableRange(startSecs, endSecs) {
    this.#enqueueForSource((source) => source.setLiveSeekableRange?.(Math.max(0, startSecs), endSecs));
  }

  /** Says that nothing more will come. */
  endOfStream() {
    this.#enqueueForSource((source) => source.endOfStream());
  }

  /** @param {number} toSecs */
  seek(toSecs) {
    this.#host.seek(toSecs);
  }

  /** @param {number} rate */
  setRate(rate) {
    this.#host.setRate(rate);
  }

  /**
   * Events: `codecs`.
   * @param {string[]} codecs
   */
  probe(codecs) {
    const supported = Uint8Array.from(codecs, (codec) => Number(isCodecSupported(codec)));
    // Of the browser, not of one source: true whatever is opened or closed meanwhile.
    queueMicrotask(() => this.#host.report({ kind: 'codecs', codecs, supported }));
  }

  /** Forgets the present source. Returns whether there was one. */
  #drop() {
    this.#generation += 1;
    this.#listeners.abort();
    this.#waiting = [];
    this.#tracks.clear();
    const had = this.#source !== null;
    this.#source = null;
    return had;
  }

  /**
   * Runs an operation in its turn: those of one track in order, those of the whole source when
   * every buffer is at rest, as `duration` and `endOfStream` demand.
   * @param {TrackName | null} track
   * @param {() => void} run
   */
  #enqueue(track, run) {
    this.#waiting.push({ track, run });
    this.#advance();
  }

  /** @param {(source: MediaSource) => void} run */
  #enqueueForSource(run) {
    this.#enqueue(null, () => this.#source && run(this.#source));
  }

  #advance() {
    for (;;) {
      const next = this.#waiting[0];
      if (!next) {
        return;
      }
      const isBlocked = next.track
        ? this.#tracks.get(next.track)?.isBusy
        : [...this.#tracks.values()].some((track) => track.isBusy);
      if (isBlocked) {
        return;
      }
      this.#waiting.shift();
      try {
        next.run();
      } catch {
        // Without an answer, and harmless: the source was closed by the page, or has failed
        // already, which the media element's own error event reports.
      }
    }
  }

  /**
   * Something that is done at once and has no answer.
   * @param {TrackName} name
   * @param {(track: Track) => void} action
   */
  #quietly(name, action) {
    this.#enqueue(name, () => {
      const track = this.#tracks.get(name);
      if (!track) {
        return;
      }
      try {
        action(track);
      } catch (error) {
        // The append that follows would be misread: let it be answered with this.
        track.failure = describe(error);
      }
    });
  }

  /**
   * Starts an operation whose end is answered. `action` returns false where nothing was to do.
   * @param {TrackName} name
   * @param {(track: Track) => boolean | void} action
   */
  #operate(name, action) {
    const track = this.#tracks.get(name);
    if (!track) {
      this.#reportSoon({ kind: 'rejected', track: name, detail: 'there is no such source buffer' });
      return;
    }
    track.isBusy = true;
    try {
      if (track.failure !== undefined) {
        throw new Error(track.failure);
      }
      if (action(track) !== false) {
        return;
      }
    } catch (error) {
      const isFull = /** @type {Partial<Error> | null} */ (error)?.name === 'QuotaExceededError';
      track.failure = isFull ? 'quota' : describe(error);
    }
    // No `updateend` will come; and events never come before the method has returned.
    const generation = this.#generation;
    queueMicrotask(() => this.#finish(track, generation));
  }

  /**
   * @param {Track} track
   * @param {number} generation
   */
  #finish(track, generation) {
    if (generation !== this.#generation || !track.isBusy) {
      return;
    }
    track.isBusy = false;
    const { failure, name } = track;
    track.failure = undefined;
    if (failure === 'quota') {
      this.#report(generation, { kind: 'quotaexceeded', track: name });
    } else if (failure !== undefined) {
      this.#report(generation, { kind: 'rejected', track: name, detail: failure });
    } else {
      this.#report(generation, { kind: 'updated', track: name, buffered: this.#bufferedOf(track) });
    }
    this.#advance();
  }

  /** @param {Track} track */
  #bufferedOf(track) {
    try {
      return track.buffered();
    } catch {
      // The page took the media source away from its element.
      return new Float64Array(0);
    }
  }

  /** @param {SinkEvent} event */
  #reportSoon(event) {
    const generation = this.#generation;
    queueMicrotask(() => this.#report(generation, event));
  }

  /**
   * @param {number} generation
   * @param {SinkEvent} event
   */
  #report(generation, event) {
    if (generation === this.#generation) {
      this.#host.report(event);
    }
  }
}

/** @param {MediaSource} source one of a worker, where alone lib.dom knows of its handle */
function handleOf(source) {
  return /** @type {MediaSource & { handle: MediaSourceHandle }} */ (source).handle;
}

/** @param {unknown} error */
function describe(error) {
  const { name, message } = /** @type {Partial<Error>} */ (error ?? {});
  return message ? `${name}: ${message}` : String(error);
}
