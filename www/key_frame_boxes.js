// @ts-check
/**
 * The key frame in a stretch of fragmented MP4 (ISO/IEC 14496-12).
 *
 * In: an init section, and bytes that begin with a fragment, or with boxes before one; they may end with the frame.
 * Out: the first sample of the picture's track, and what a decoder is set up with. `null` where there is none: nothing
 * is read beyond the bytes, whatever they say.
 */

/** @typedef {{ type: string, at: number, start: number, end: number }} Box `start` is behind its header */
/**
 * @typedef {object} KeyFrame
 * @property {Uint8Array<ArrayBuffer>} data
 * @property {string} format as the sample entry, or the coding, is named: `avc1`, `hvc1`, `av01`, …
 * @property {string} [codec] where the bytes say it
 * @property {Uint8Array<ArrayBuffer>} [description] as VideoDecoder has it
 * @property {boolean} [isEncrypted]
 */

/** With the configuration in each (ISO/IEC 14496-15, AV1 and VP9 bindings); of the last two decoders want none. */
const CONFIGURATIONS = /** @type {const} */ ({
  avc1: 'avcC',
  avc3: 'avcC',
  hvc1: 'hvcC',
  hev1: 'hvcC',
  dvh1: 'hvcC',
  dvhe: 'hvcC',
  av01: '',
  vp09: '',
});
/** Fields of VisualSampleEntry before its boxes. */
const ENTRY_BYTES = 78;

/**
 * @param {Uint8Array<ArrayBuffer>} init @param {Uint8Array<ArrayBuffer>} bytes
 * @param {number} offset of the bytes in their resource
 * @returns {KeyFrame | null}
 */
export function keyFrameOfBoxes(init, bytes, offset) {
  const track = pictureTrack(init);
  const data = track && firstSample(bytes, offset, track);
  if (!track || !data) return null;
  const { format, configuration: config } = track;
  const isAvc = format === 'avc1' || format === 'avc3';
  const [profile, constraints, level] = [...(config?.subarray(1, 4) ?? [])].map(hex);
  const codec = isAvc && level ? `${format}.${profile}${constraints}${level}` : undefined;
  return { data, format, codec, description: config, isEncrypted: format === 'encv' };
}

/** @param {number} byte */
export const hex = (byte) => byte.toString(16).padStart(2, '0');

/** @param {Uint8Array<ArrayBuffer>} init */
function pictureTrack(init) {
  const view = viewOf(init);
  const moov = child(view, whole(view), 'moov');
  if (!moov) return null;
  for (const trak of boxes(view, moov)) {
    const tkhd = trak.type === 'trak' && child(view, trak, 'tkhd');
    const stsd = child(view, trak, 'mdia', 'minf', 'stbl', 'stsd');
    if (!tkhd || !stsd) continue;
    const entry = child(view, { ...stsd, start: stsd.start + 8 });
    const format = entry?.type ?? '';
    if (!entry || !(format in CONFIGURATIONS || format === 'encv')) continue;
    const wanted = CONFIGURATIONS[/** @type {keyof typeof CONFIGURATIONS} */ (format)];
    const config = wanted && child(view, { ...entry, start: entry.start + ENTRY_BYTES }, wanted);
    const id = u32(view, tkhd.start + (u32(view, tkhd.start) >>> 24 === 1 ? 20 : 12));
    const configuration = config ? init.slice(config.start, config.end) : undefined;
    return { id, format, configuration, defaultSize: defaultSize(view, moov, id) };
  }
  return null;
}

/** Of a track's samples (`trex`). @param {DataView} view @param {Box} moov @param {number} id */
function defaultSize(view, moov, id) {
  const mvex = child(view, moov, 'mvex');
  for (const trex of mvex ? boxes(view, mvex) : []) {
    if (trex.type === 'trex' && u32(view, trex.start + 4) === id) return u32(view, trex.start + 16);
  }
  return 0;
}

/**
 * @param {Uint8Array<ArrayBuffer>} bytes @param {number} offset
 * @param {{ id: number, defaultSize: number }} track
 */
function firstSample(bytes, offset, { id, defaultSize }) {
  const view = viewOf(bytes);
  for (const moof of boxes(view, whole(view))) {
    if (moof.type !== 'moof') continue;
    for (const traf of boxes(view, moof)) {
      const tfhd = traf.type === 'traf' && child(view, traf, 'tfhd');
      const trun = child(view, traf, 'trun');
      if (!tfhd || !trun || u32(view, tfhd.start + 4) !== id) continue;
      const head = fragmentHead(view, tfhd);
      const run = runHead(view, trun);
      // Of the whole resource, of which these bytes are a part.
      const base = head.base === undefined ? moof.at : head.base - offset;
      const start = run.offset === undefined ? mediaAfter(view, moof) : base + run.offset;
      const size = run.size ?? (head.size || defaultSize);
      if (start < 0 || size === 0 || start >= bytes.length) return null;
      return bytes.slice(start, start + size);
    }
  }
  return null;
}

/** @param {DataView} view @param {Box} tfhd */
function fragmentHead(view, { start }) {
  const flags = u32(view, start) & 0xffffff;
  let at = start + 8;
  const base = flags & 1 ? u32(view, at) * 2 ** 32 + u32(view, at + 4) : undefined;
  at += (flags & 1 ? 8 : 0) + (flags & 2 ? 4 : 0) + (flags & 8 ? 4 : 0);
  return { base, size: flags & 0x10 ? u32(view, at) : 0 };
}

/** @param {DataView} view @param {Box} trun */
function runHead(view, { start }) {
  const flags = u32(view, start) & 0xffffff;
  let at = start + 8;
  const offset = flags & 1 ? u32(view, at) | 0 : undefined;
  at += (flags & 1 ? 4 : 0) + (flags & 4 ? 4 : 0) + (flags & 0x100 ? 4 : 0);
  return { offset, size: flags & 0x200 ? u32(view, at) : undefined };
}

/** @param {DataView} view @param {Box} moof */
function mediaAfter(view, moof) {
  const mdat = child(view, { ...moof, start: moof.end, end: view.byteLength }, 'mdat');
  return mdat ? mdat.start : -1;
}

/** @param {Uint8Array} bytes */
const viewOf = ({ buffer, byteOffset, byteLength }) => new DataView(buffer, byteOffset, byteLength);

/** @param {DataView} view @returns {Box} */
const whole = ({ byteLength }) => ({ type: '', at: 0, start: 0, end: byteLength });

/** 0 beyond the end. @param {DataView} view @param {number} at */
const u32 = (view, at) => (at >= 0 && at + 4 <= view.byteLength ? view.getUint32(at) : 0);

/** The first box of a path, or the first of all. @param {DataView} view @param {Box} parent @param {string[]} path @returns {Box | undefined} */
function child(view, parent, ...path) {
  const [type, ...rest] = path;
  for (const box of boxes(view, parent)) {
    if (type === undefined) return box;
    if (box.type === type) return rest.length > 0 ? child(view, box, ...rest) : box;
  }
  return undefined;
}

/** @param {DataView} view @param {Box} parent @returns {Generator<Box>} */
function* boxes(view, { start, end }) {
  for (let at = start; at + 8 <= end; ) {
    const short = u32(view, at);
    const [size, head] =
      short === 1 ? [u32(view, at + 8) * 2 ** 32 + u32(view, at + 12), 16] : [short || end - at, 8];
    if (size < head || at + head > end) return;
    const type = String.fromCharCode(...[4, 5, 6, 7].map((byte) => view.getUint8(at + byte)));
    yield { type, at, start: at + head, end: Math.min(end, at + size) };
    at += size;
  }
}
