// @ts-check
/**
 * Timed metadata as events of the player, loaded with the first listener.
 *
 * In: events of the stream with their times, in any order. Out: each once, at the frame that it is of; again
 * where that is played again, after a seek back. One that lasts also begins where playback lands within it, or
 * where it comes late.
 */

/** @import { StreamEvent } from './protocol.d.ts' */
/** @typedef {import('./index.js').TimedMetadata} TimedMetadata */

/**
 * @typedef {object} Entry
 * @property {TimedMetadata} event
 * @property {boolean} isTold since the last seek
 */

/** Events that begin so near to one another, and say the same, are the same. */
const SAME_MOMENT_SECS = 0.05;
/** One that begins so shortly before where playback lands is still of this moment. */
const LATE_SECS = 0.1;
/** Kept at most; the earliest goes. */
const MOST_EVENTS = 2000;

export class MetadataEvents {
  #video;
  #fire;
  /** By their start. @type {Entry[]} */
  #entries = [];
  /** Where playback landed, or was when somebody began to listen. */
  #fromSecs = -Infinity;

  /**
   * @param {HTMLVideoElement} video @param {(event: TimedMetadata) => void} fire @param {AbortSignal} signal
   */
  constructor(video, fire, signal) {
    this.#video = video;
    this.#fire = fire;
    this.#fromSecs = video.currentTime - LATE_SECS;
    video.addEventListener('seeking', () => this.#land(), { signal });
    // Where no frame comes: hidden, paused, sound alone.
    video.addEventListener('timeupdate', () => this.#look(video.currentTime), { signal });
    if ('requestVideoFrameCallback' in video) {
      const watch = () =>
        video.requestVideoFrameCallback((_, { mediaTime }) => {
          if (signal.aborted) return;
          this.#look(mediaTime);
          watch();
        });
      watch();
    }
  }

  /** Another stream. */
  clear() {
    this.#entries = [];
    this.#fromSecs = -Infinity;
  }

  /** @param {readonly StreamEvent[]} events */
  take(events) {
    for (const event of events) this.#keep(toMetadata(event));
    this.#look(this.#video.currentTime);
  }

  /** What is said again takes the place of what was said. @param {TimedMetadata} event */
  #keep(event) {
    const at = this.#entries.findIndex((known) => isSame(known.event, event));
    const [known] = at < 0 ? [] : this.#entries.splice(at, 1);
    const after = this.#entries.findIndex((other) => other.event.startTime > event.startTime);
    const entry = { event, isTold: known?.isTold ?? false };
    this.#entries.splice(after < 0 ? this.#entries.length : after, 0, entry);
    if (this.#entries.length > MOST_EVENTS) this.#entries.shift();
  }

  #land() {
    const { currentTime } = this.#video;
    for (const entry of this.#entries) entry.isTold = false;
    this.#fromSecs = currentTime - LATE_SECS;
  }

  /** @param {number} nowSecs */
  #look(nowSecs) {
    if (this.#video.seeking) return;
    for (const entry of this.#entries) {
      const { startTime, endTime } = entry.event;
      if (startTime > nowSecs) break;
      // What is read when its frame has played is told late.
      const isPassed = startTime >= this.#fromSecs;
      const isOn = endTime !== null && endTime > nowSecs;
      if ((!isPassed && !isOn) || entry.isTold) continue;
      entry.isTold = true;
      this.#fire(entry.event);
    }
  }
}

/** One without an ID is known by what it says: of tags there may be several at a moment. @param {TimedMetadata} a @param {TimedMetadata} b */
function isSame(a, b) {
  const isNear = Math.abs(a.startTime - b.startTime) < SAME_MOMENT_SECS;
  return (
    isNear &&
    a.scheme === b.scheme &&
    a.id === b.id &&
    (a.id !== '' || `${a.data.bytes}` === `${b.data.bytes}`)
  );
}

/** @param {StreamEvent} event @returns {TimedMetadata} */
function toMetadata({ scheme = '', id = '', start, end, fields = [], data }) {
  return {
    scheme,
    id,
    startTime: start,
    endTime: end ?? null,
    data: Object.freeze({ ...fieldsOf(fields), bytes: new Uint8Array(data ?? []) }),
  };
}

/**
 * Names to values; of one that stands twice, both in a list.
 * @param {NonNullable<StreamEvent['fields']>} fields @returns {Record<string, unknown>}
 */
function fieldsOf(fields) {
  /** @type {Record<string, unknown>} */
  const named = Object.create(null);
  for (const [name, value] of fields) {
    const plain = plainValue(value);
    const known = named[name];
    named[name] = known === undefined ? plain : Array.isArray(known) ? [...known, plain] : [known, plain];
  }
  return named;
}

/** @param {NonNullable<StreamEvent['fields']>[number][1]} value @returns {unknown} */
function plainValue(value) {
  if (Array.isArray(value)) return fieldsOf(value);
  return typeof value === 'object' ? new Uint8Array(value.bytes) : value;
}
