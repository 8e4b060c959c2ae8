// @ts-check
/**
 * Lets others look at what is appended to the media source: captions and events travel in it, and how the picture lies
 * on the sphere.
 *
 * In: a sink, whose methods are watched. Out: each append with what is added to its times; to those who
 * begin late, first the init segments in force. Nothing is kept but these. It changes nothing.
 */

/** @import { Sink, TrackName } from './protocol.d.ts' */
/** @typedef {(track: TrackName, bytes: Uint8Array, offsetSecs: number) => void} Look must keep no view of the bytes */

export class MediaTap {
  /** @type {Map<TrackName, { init?: Uint8Array, offsetSecs: number }>} */
  #tracks = new Map();
  /** @type {Look | null} */
  #look = null;

  /** @param {Sink} sink @param {(bytes: Uint8Array, isInit: boolean, offsetSecs: number) => void} lookAtPicture */
  constructor(sink, lookAtPicture) {
    const { append, open, setTimestampOffset } = sink;
    sink.open = () => {
      this.#tracks.clear();
      open.call(sink);
    };
    sink.setTimestampOffset = (track, offsetSecs) => {
      this.#of(track).offsetSecs = offsetSecs;
      setTimestampOffset.call(sink, track, offsetSecs);
    };
    sink.append = (track, bytes) => {
      const of = this.#of(track);
      const isHead = isInit(bytes);
      if (isHead) of.init = bytes.slice();
      if (track !== 'audio') lookAtPicture(bytes, isHead, of.offsetSecs);
      this.#look?.(track, bytes, of.offsetSecs);
      append.call(sink, track, bytes);
    };
  }

  get isWatched() {
    return this.#look !== null;
  }

  /** @param {Look | null} look null looks no more @param {boolean} [isNew] whether it has seen no init segment */
  watch(look, isNew = true) {
    this.#look = look;
    if (!isNew) return;
    for (const [track, { init, offsetSecs }] of this.#tracks) if (init) look?.(track, init, offsetSecs);
  }

  /** @param {TrackName} track */
  #of(track) {
    const of = this.#tracks.get(track) ?? { offsetSecs: 0 };
    this.#tracks.set(track, of);
    return of;
  }
}

/** `ftyp` leads an init segment. @param {Uint8Array} bytes */
const isInit = (bytes) => String.fromCharCode(...bytes.subarray(4, 8)) === 'ftyp';
