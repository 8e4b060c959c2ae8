// @ts-check
/**
 * Text and timed metadata in the worker, loaded with the first track that is chosen.
 *
 * In: bodies of subtitle renditions, as the engine hands them on, what is appended to the media source, and tags of
 * segments that are transmuxed. Out: what changed among cues and captions, and what was wrong with them. Reading is the `tracks` module's.
 */

// @ts-ignore: not there before it is built
import initTracks, * as tracks from './wasm/tracks.js';
import { tracksSource } from './worker_addresses.js';

/** @import { CaptionChange, CueChange, DateRange, StreamEvent, TextEvent, TrackName } from './protocol.d.ts' */
/** @typedef {typeof import('./wasm/transmux.js')} Transmux */

/** Their numbers there. @type {TrackName[]} */
const SOURCE_BUFFERS = ['video', 'audio', 'muxed'];

export class TracksReader {
  /** @param {string | undefined} url of the wasm module */
  static async load(url) {
    await initTracks({ module_or_path: url ?? tracksSource() });
    return new TracksReader();
  }

  #utf8 = new TextDecoder();
  /** Those that are loaded. @type {number[]} */
  #selected = [];

  /**
   * @param {TextEvent} event
   * @returns {{ changes: CueChange[], problem?: string }}
   */
  text({ track, bytes, init, start, end, offset }) {
    if (init) {
      tracks.setInit(track, bytes);
      return { changes: [] };
    }
    return this.#parse(tracks.readText(track, bytes, start, end, offset ?? NaN));
  }

  /**
   * What is appended to a source buffer.
   * @param {TrackName} track @param {Uint8Array} bytes @param {number} offsetSecs
   * @returns {{ found: string[], captions: CaptionChange[], events: StreamEvent[] }}
   */
  media(track, bytes, offsetSecs) {
    return this.#parse(tracks.readMedia(SOURCE_BUFFERS.indexOf(track), bytes, offsetSecs));
  }

  /** Events of ID3 tags. @param {Uint8Array} bytes @param {number} startSecs @returns {StreamEvent[]} */
  tags(bytes, startSecs) {
    return this.#parse(tracks.readId3(bytes, startSecs));
  }

  /**
   * Gives the tags of segments as they are transmuxed, until they are wanted no more.
   * @param {Transmux} transmux its module @param {Pick<Transmux, 'push' | 'endSegment'>} functions as the engine calls them
   * @param {() => boolean} isWanted @param {(bytes: Uint8Array, startSecs: number) => void} give
   */
  watchTags(transmux, functions, isWanted, give) {
    const { push, endSegment } = transmux;
    transmux.readSideData(true);
    const look = () => {
      if (!isWanted()) {
        Object.assign(functions, { push, endSegment });
        transmux.readSideData(false);
      }
      while (transmux.sideData()) give(transmux.bytes(), transmux.startSecs());
    };
    functions.push = (transmuxer, bytes) => {
      push(transmuxer, bytes);
      look();
    };
    functions.endSegment = (transmuxer) => {
      endSegment(transmuxer);
      look();
    };
  }

  /**
   * @param {DateRange} range @param {DateRange[]} all by which one may end when the next of its class begins
   * @returns {StreamEvent[]}
   */
  dateRange({ id, class: kind, start, end, planned, attributes }, all) {
    const lines = [id, kind ?? ''];
    for (let at = 0; at < attributes.length; at += 2) lines.push(`${attributes[at]}=${attributes[at + 1]}`);
    const isOpen = end === null && kind !== null && lines.includes('END-ON-NEXT=YES');
    const later = all.filter((other) => isOpen && other.class === kind && other.start > start);
    const next = later.length > 0 ? Math.min(...later.map((other) => other.start)) : NaN;
    const bytes = new TextEncoder().encode(lines.join('\n'));
    return this.#parse(tracks.readDateRange(bytes, start, end ?? next, planned ?? NaN));
  }

  /** What is loaded from now on: of what no longer is, all cues are new when it is again. @param {number[]} ids */
  select(ids) {
    for (const id of this.#selected) if (!ids.includes(id)) tracks.forget(id);
    this.#selected = ids;
  }

  /** Another stream. */
  reset() {
    this.#selected = [];
    tracks.reset();
  }

  /** @param {Uint8Array} json */
  #parse(json) {
    return JSON.parse(this.#utf8.decode(json));
  }
}
