// @ts-check
/**
 * Text and timed metadata in the worker, loaded with the first track that is chosen.
 *
 * In: bodies of subtitle renditions, as the engine hands them on, what is appended to the media source, and tags
 * of segments that are transmuxed. Out: what changed among cues and captions, and what was wrong with them. Reading
 * is done by wasm modules, each loaded with the first thing that it is for: `captions`, `webvtt`, `imsc`, `metadata`.
 */

import { tracksSources } from './worker_addresses.js';

/** @import { CaptionChange, CueChange, DateRange, StreamEvent, TextEvent, TextModule, TrackName } from './protocol.d.ts' */
/**
 * What is used here of the `transmux` module, which may not be built yet.
 * @typedef {object} Transmux
 * @property {(transmuxer: number, bytes: Uint8Array) => void} push
 * @property {(transmuxer: number) => void} endSegment
 * @property {(isWanted: boolean) => void} readSideData
 * @property {() => boolean} sideData whether there is a next tag
 * @property {() => Uint8Array} bytes the tag's
 * @property {() => number} startSecs the tag's
 */

/** Their numbers there. @type {TrackName[]} */
const SOURCE_BUFFERS = ['video', 'audio', 'muxed'];

/** @type {{ [Name in TextModule]: () => Promise<{ load(source: unknown): Promise<Modules[Name]> }> }} */
const LOADERS = {
  captions: () => import('./captions_reader.js'),
  webvtt: () => import('./webvtt_reader.js'),
  imsc: () => import('./imsc_reader.js'),
  metadata: () => import('./metadata_reader.js'),
};

/** @typedef {Awaited<ReturnType<typeof import('./captions_reader.js').load>>} Captions */
/** @typedef {Awaited<ReturnType<typeof import('./webvtt_reader.js').load>>} Subtitles */
/** @typedef {Awaited<ReturnType<typeof import('./metadata_reader.js').load>>} Metadata */
/** @typedef {{ captions: Captions, webvtt: Subtitles, imsc: Subtitles, metadata: Metadata }} Modules */

export class TracksReader {
  #urls;
  #utf8 = new TextDecoder();
  /** Those that are loaded. @type {number[]} */
  #selected = [];
  /** By track, where its init segment says. @type {Map<number, 'webvtt' | 'imsc'>} */
  #formats = new Map();
  /** @type {Map<TextModule, Promise<unknown>>} */
  #loading = new Map();
  /** @type {Partial<Record<'webvtt' | 'imsc', Subtitles>>} */
  #subtitles = {};
  /** @type {Captions | undefined} */
  #captions;
  /** @type {Metadata | undefined} */
  #metadata;
  #wanted = { captions: false, metadata: false };

  /** @param {Partial<Record<TextModule, string>>} urls of the wasm modules, where they are not beside the worker */
  constructor(urls) {
    this.#urls = urls;
  }

  /**
   * @param {TextEvent} event
   * @returns {Promise<{ changes: CueChange[], problem?: string }>}
   */
  async text({ track, bytes, init, start, end, offset }) {
    if (init) this.#formats.set(track, holds(bytes, 'stpp') ? 'imsc' : 'webvtt');
    const format = this.#formats.get(track) ?? (isXml(bytes) ? 'imsc' : 'webvtt');
    /** @type {Subtitles} */
    const module = await this.#load(format);
    this.#subtitles[format] = module;
    if (init) {
      module.setInit(track, bytes);
      return { changes: [] };
    }
    const { changes, problem } = this.#parse(module.readText(track, bytes, start, end, offset ?? NaN));
    if (format === 'webvtt') return { changes, problem };
    // Each module counts by itself.
    const own = changes.map((/** @type {CueChange} */ change) => ({ ...change, number: -1 - change.number }));
    return { changes: own, problem };
  }

  /** Whether that is more than what is read now. @param {{ captions: boolean, metadata: boolean }} wanted */
  wantsMore(wanted) {
    const { captions, metadata } = this.#wanted;
    return (wanted.captions && !captions) || (wanted.metadata && !metadata);
  }

  /**
   * What is read of the media from now on, once it can be.
   * @param {{ captions: boolean, metadata: boolean }} wanted
   */
  async watch(wanted) {
    this.#wanted = wanted;
    if (wanted.captions) this.#captions = await this.#load('captions');
    if (wanted.metadata) this.#metadata = await this.#load('metadata');
  }

  /** Somebody listens for events. */
  get wantsEvents() {
    return this.#wanted.metadata;
  }

  /**
   * What is appended to a source buffer.
   * @param {TrackName} track @param {Uint8Array} bytes @param {number} offsetSecs
   * @returns {{ found: string[], captions: CaptionChange[], events: StreamEvent[] }}
   */
  media(track, bytes, offsetSecs) {
    const number = SOURCE_BUFFERS.indexOf(track);
    const captions = this.#wanted.captions ? this.#captions?.readMedia(number, bytes, offsetSecs) : undefined;
    const events = this.#wanted.metadata ? this.#metadata?.readMedia(number, bytes, offsetSecs) : undefined;
    return {
      ...(captions ? this.#parse(captions) : { found: [], captions: [] }),
      events: events ? this.#parse(events) : [],
    };
  }

  /** Events of ID3 tags. @param {Uint8Array} bytes @param {number} startSecs @returns {StreamEvent[]} */
  tags(bytes, startSecs) {
    return this.#metadata ? this.#parse(this.#metadata.readId3(bytes, startSecs)) : [];
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
   * @returns {StreamEvent[]} none where nobody wants metadata
   */
  dateRange({ id, class: kind, start, end, planned, attributes }, all) {
    if (!this.#wanted.metadata || !this.#metadata) return [];
    const lines = [id, kind ?? ''];
    for (let at = 0; at < attributes.length; at += 2) lines.push(`${attributes[at]}=${attributes[at + 1]}`);
    const isOpen = end === null && kind !== null && lines.includes('END-ON-NEXT=YES');
    const later = all.filter((other) => isOpen && other.class === kind && other.start > start);
    const next = later.length > 0 ? Math.min(...later.map((other) => other.start)) : NaN;
    const bytes = new TextEncoder().encode(lines.join('\n'));
    return this.#parse(this.#metadata.readDateRange(bytes, start, end ?? next, planned ?? NaN));
  }

  /** What is loaded from now on: of what no longer is, all cues are new when it is again. @param {number[]} ids */
  select(ids) {
    for (const id of this.#selected) if (!ids.includes(id)) this.#forget(id);
    this.#selected = ids;
  }

  /** Another stream. */
  reset() {
    this.#selected = [];
    this.#formats.clear();
    for (const module of [...Object.values(this.#subtitles), this.#captions, this.#metadata]) module?.reset();
  }

  /** @param {number} id */
  #forget(id) {
    this.#formats.delete(id);
    for (const module of Object.values(this.#subtitles)) module.forget(id);
  }

  /** @template {TextModule} Name @param {Name} name @returns {Promise<Modules[Name]>} its functions */
  #load(name) {
    const known = /** @type {Promise<Modules[Name]> | undefined} */ (this.#loading.get(name));
    if (known) return known;
    const source = this.#urls[name] ?? tracksSources[name]();
    const loading = LOADERS[name]()
      .then(({ load }) => load(source))
      .catch((error) => {
        // The worker says what to do.
        const detail = error instanceof Error ? error.message : String(error);
        throw Object.assign(new Error(`the ${name} module: ${detail}`), { name: 'NotLoaded' });
      });
    this.#loading.set(name, loading);
    return loading;
  }

  /** @param {Uint8Array} json */
  #parse(json) {
    return JSON.parse(this.#utf8.decode(json));
  }
}

/** Whether it begins like XML, behind a byte order mark and white space. @param {Uint8Array} bytes */
const isXml = (bytes) => bytes.find((byte) => byte > 0x20 && ![0xef, 0xbb, 0xbf].includes(byte)) === 0x3c;

/** @param {Uint8Array} bytes @param {string} kind of a box */
const holds = (bytes, kind) => new TextDecoder('latin1').decode(bytes).includes(kind);
