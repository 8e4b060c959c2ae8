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

/** One that comes so late, or begins so shortly before where playback lands, is still of this moment. */
const LATE_SECS = 0.1;
/** Kept at most; the earliest goes. */
const MOST_EVENTS = 2000;

export class MetadataEvents {
  #video;
  #fire;
  /** By their start. @type {TimedMetadata[]} */
  #events = [];
  /** Up to where all was told. */
  #toldSecs = -Infinity;
  /** Those that have been told since the last seek. @type {Set<string>} */
  #told = new Set();

  /**
   * @param {HTMLVideoElement} video @param {(event: TimedMetadata) => void} fire @param {AbortSignal} signal
   */
  constructor(video, fire, signal) {
    this.#video = video;
    this.#fire = fire;
    this.#toldSecs = video.currentTime - LATE_SECS;
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
    this.#events = [];
    this.#told.clear();
    this.#toldSecs = -Infinity;
  }

  /** @param {readonly StreamEvent[]} events */
  take(events) {
    for (const event of events) this.#keep(toMetadata(event));
    this.#look(this.#video.currentTime);
  }

  /** What is said again takes the place of what was said. @param {TimedMetadata} event */
  #keep(event) {
    const key = keyOf(event);
    const at = this.#events.findIndex((known) => keyOf(known) === key);
    if (at >= 0) this.#events.splice(at, 1);
    const after = this.#events.findIndex(({ startTime }) => startTime > event.startTime);
    this.#events.splice(after < 0 ? this.#events.length : after, 0, event);
    if (this.#events.length > MOST_EVENTS) this.#events.shift();
  }

  #land() {
    const { currentTime } = this.#video;
    this.#told.clear();
    this.#toldSecs = currentTime - LATE_SECS;
  }

  /** @param {number} nowSecs */
  #look(nowSecs) {
    if (this.#video.seeking) return;
    for (const event of this.#events) {
      if (event.startTime > nowSecs) break;
      const isPassed = event.startTime >= this.#toldSecs;
      const isOn = event.endTime !== null && event.endTime > nowSecs;
      const key = keyOf(event);
      if ((!isPassed && !isOn) || this.#told.has(key)) continue;
      this.#told.add(key);
      this.#fire(event);
    }
    // What comes a little late, as it is read while its frame plays, still has its turn.
    this.#toldSecs = Math.max(this.#toldSecs, nowSecs - LATE_SECS);
  }
}

/** @param {TimedMetadata} event */
const keyOf = ({ scheme, id, startTime }) => `${scheme} ${id} ${Math.round(startTime * 1000)}`;

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
