// @ts-check
/**
 * Looks whether what is appended says how its picture lies on the sphere: boxes of an init segment, SEI messages of a
 * fragment's first picture. What reads them is loaded by streams that have any.
 *
 * In: appends of tracks with pictures. Out: what the stream says (`spherical_metadata.js`), each time it changes. It
 * refuses sample lengths of other than four bytes, and pictures that are not the first of their `mdat`.
 */

/** @import { SphericalEvent } from './protocol.d.ts' */

/** Where such boxes stand, an init segment is small. */
const MOST_INIT_BYTES = 65_536;
const MOST_UNITS = 32;
/** Payload types: frame packing, equirectangular, cubemap projection (ITU-T H.264 D.1, H.265 D.2). */
const TELLING = [45, 150, 151];

export class SphericalWatch {
  #tell;
  #fail;
  /** @type {Uint8Array | undefined} */
  #init;
  /** How many streams were before. */
  #stream = 0;
  #isHevc = false;
  #isTelling = false;
  /** What was told last, as text. */
  #last = '';
  /** In their order, also while the reader is loading. @type {Promise<void>} */
  #reading = Promise.resolve();

  /** @param {(event: SphericalEvent) => void} tell @param {(reason: unknown) => void} fail */
  constructor(tell, fail) {
    this.#tell = tell;
    this.#fail = fail;
  }

  /** Another stream begins. */
  reset() {
    this.#stream += 1;
    this.#init = undefined;
    this.#last = '';
  }

  /** @param {Uint8Array} bytes as appended @param {boolean} isInit it begins with an init segment @param {number} offsetSecs of the source buffer */
  look(bytes, isInit, offsetSecs) {
    if (isInit) {
      const init = bytes.slice(0, MOST_INIT_BYTES);
      const text = new TextDecoder('latin1').decode(init);
      if (!text.includes('vide')) return;
      this.#init = init;
      this.#isHevc = /hvc1|hev1/.test(text);
      this.#isTelling = /sv3d|st3d|vexu|GSpherical/.test(text);
    }
    const [moof, mdat] = this.#init ? partsOf(bytes) : [];
    if (!this.#init || !moof || !mdat) return;
    const messages = [...seiMessages(mdat, this.#isHevc)].filter(([type]) => TELLING.includes(type));
    if (!this.#isTelling && messages.length === 0) return;
    const [init, head, stream] = [this.#init, moof.slice(), this.#stream];
    this.#reading = this.#reading.then(async () => {
      try {
        const { readSpherical } = await import('./spherical_metadata.js');
        const { startSecs, ...format } = readSpherical(init, head, messages);
        const told = JSON.stringify(format);
        if (stream !== this.#stream || told === this.#last) return;
        this.#last = told;
        this.#tell({ kind: 'spherical', startSecs: startSecs + offsetSecs, format });
      } catch (reason) {
        this.#fail(reason);
      }
    });
  }
}

/** The first `moof` and what is there of the `mdat` behind it. @param {Uint8Array} bytes */
function partsOf(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  /** @type {Uint8Array | undefined} */
  let moof;
  for (let at = 0; at + 16 <= bytes.length; ) {
    const size = view.getUint32(at);
    const type = view.getUint32(at + 4);
    if (type === 0x6d_6f_6f_66) moof ??= bytes.subarray(at, at + size);
    if (type === 0x6d_64_61_74) return [moof, bytes.subarray(at + (size === 1 ? 16 : 8))];
    if (size < 8) break;
    at += size;
  }
  return [];
}

/**
 * The SEI messages in front of the first slice: payload type and bytes (ITU-T H.264 7.3.2.3).
 * @param {Uint8Array} mdat samples with their NAL units' lengths @param {boolean} isHevc
 * @returns {Generator<[type: number, payload: Uint8Array]>}
 */
function* seiMessages(mdat, isHevc) {
  const view = new DataView(mdat.buffer, mdat.byteOffset, mdat.length);
  for (let at = 0, units = 0; at + 6 < mdat.length && units < MOST_UNITS; units += 1) {
    const type = isHevc ? (mdat[at + 4] >> 1) & 63 : mdat[at + 4] & 31;
    if (isHevc ? type < 32 : type > 0 && type < 6) return;
    const end = at + 4 + view.getUint32(at);
    if (type === (isHevc ? 39 : 6)) yield* messagesOf(rbspOf(mdat.subarray(at + (isHevc ? 6 : 5), end)));
    at = end;
  }
}

/** Without the bytes that keep start codes out. @param {Uint8Array} unit */
const rbspOf = (unit) => unit.filter((byte, at) => byte !== 3 || unit[at - 1] !== 0 || unit[at - 2] !== 0);

/** @param {Uint8Array} rbsp @returns {Generator<[type: number, payload: Uint8Array]>} */
function* messagesOf(rbsp) {
  let at = 0;
  const number = () => {
    let sum = 0;
    while (rbsp[at] === 255) {
      sum += 255;
      at += 1;
    }
    sum += rbsp[at] ?? 0;
    at += 1;
    return sum;
  };
  // A stop bit is behind the last one.
  while (at + 2 < rbsp.length) {
    const type = number();
    const length = number();
    yield [type, rbsp.subarray(at, at + length)];
    at += length;
  }
}
