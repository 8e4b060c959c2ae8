// @ts-check
/**
 * Reads how a picture lies on the sphere, as its stream says it. Loaded by the first stream that does.
 *
 * In: an init segment (ISO/IEC 14496-12), the `moof` of a fragment, SEI messages. Out: projection and stereo layout in
 * the words of `index.d.ts`, with who says each; what is said but not drawn here keeps its name, so that the page can
 * tell. Where they disagree, Spherical Video V2 (`sv3d`, `st3d`) goes before Apple's `vexu`, that before V1's `uuid`,
 * and SEI come last. It refuses nothing: what cannot be read says nothing.
 */

/** @import { SphericalFormat, Told } from './protocol.d.ts' */

/** Of a VisualSampleEntry, before its boxes (ISO/IEC 14496-12, 12.1.3). */
const VISUAL_ENTRY_BYTES = 78;
const UUID_V1 = 'ffcc8263f8554a938814587a02521fdd';
const HALF = 0x80_00_00_00;

/** A box's body. @typedef {Uint8Array} Body */

/**
 * @param {Uint8Array} init
 * @param {Uint8Array} moof
 * @param {[type: number, payload: Uint8Array][]} messages
 * @returns {SphericalFormat & { startSecs: number }}
 */
export function readSpherical(init, moof, messages) {
  const trak = childrenAt(init, ['moov'])
    .filter(([type]) => type === 'trak')
    .map(([, body]) => body)
    .find((body) => text(first(body, ['mdia', 'hdlr'])?.subarray(8, 12)) === 'vide');
  const [, entry] = trak ? (childrenAt(trak, ['mdia', 'minf', 'stbl', 'stsd'], 8)[0] ?? []) : [];
  const boxes = entry?.subarray(VISUAL_ENTRY_BYTES) ?? new Uint8Array();
  const all = [...sphericalV2(boxes), ...apple(boxes), ...(trak ? sphericalV1(trak) : []), ...sei(messages)];
  const told = (/** @type {Told['what']} */ what) => all.find((each) => each.what === what);
  const { value: projection, source } = told('projection') ?? {};
  const { value: stereo, source: stereoSource } = told('stereo') ?? {};
  const isSwapped = all.find(({ source, what }) => what === 'swapped' && source === stereoSource);
  return {
    ...(projection && { projection, projectionSource: source }),
    ...(stereo && { stereo, stereoSource }),
    ...(isSwapped && { eyesSwapped: true }),
    startSecs: startOf(moof, trak),
  };
}

/** Google's Spherical Video V2. @param {Body} boxes @returns {Generator<Told>} */
function* sphericalV2(boxes) {
  const packed = first(boxes, ['st3d'])?.[4];
  const layouts = { 0: 'mono', 1: 'top-bottom', 2: 'side-by-side', 4: 'side-by-side' };
  const layout = layouts[/** @type {0} */ (packed)];
  if (layout) yield { what: 'stereo', value: layout, source: 'st3d' };
  if (packed === 4) yield { what: 'swapped', source: 'st3d' };
  for (const [type, body] of childrenAt(boxes, ['sv3d', 'proj'])) {
    const value = { equi: equirect(body), cbmp: 'cubemap-3x2', mshp: 'mesh' }[type];
    if (value) yield { what: 'projection', value, source: 'sv3d' };
  }
}

/** Bounds are fractions of 2³² that are cut off. @param {Body} equi */
const equirect = (equi) =>
  equi.length >= 20 && u32(equi, 12) + u32(equi, 16) >= HALF ? 'equirect-180' : 'equirect-360';

/** Apple's (QuickTime and ISO Base Media File Formats and Spatial and Immersive Media). @param {Body} boxes @returns {Generator<Told>} */
function* apple(boxes) {
  const source = 'vexu';
  const kind = text(first(boxes, ['vexu', 'proj', 'prji'])?.subarray(4, 8));
  const projections = {
    rect: 'flat',
    equi: 'equirect-360',
    hequ: 'equirect-180',
    fish: 'fisheye',
    prim: 'parametric',
  };
  const projection = projections[/** @type {'rect'} */ (kind)];
  if (projection) yield { what: 'projection', value: projection, source };
  const eyes = first(boxes, ['vexu', 'eyes', 'stri'])?.[4] ?? 0;
  const packing = text(first(boxes, ['vexu', 'pack', 'pkin'])?.subarray(4, 8));
  const stereo = { side: 'side-by-side', over: 'top-bottom' }[packing];
  if (stereo) yield { what: 'stereo', value: stereo, source };
  // Without a packing the eyes are layers of MV-HEVC, of which browsers decode the first.
  else if (projection) yield { what: 'stereo', value: 'mono', source };
  if (stereo && eyes & 8) yield { what: 'swapped', source };
}

/** Google's Spherical Video V1: RDF in a `uuid` box. @param {Body} trak @returns {Generator<Told>} */
function* sphericalV1(trak) {
  const source = 'uuid';
  const box = childrenAt(trak, []).find(
    ([type, body]) => type === 'uuid' && hex(body.subarray(0, 16)) === UUID_V1,
  );
  if (!box) return;
  const xml = new TextDecoder().decode(box[1].subarray(16));
  const said = (/** @type {string} */ name) =>
    new RegExp(`<GSpherical:${name}>\\s*([^<]*?)\\s*<`).exec(xml)?.[1];
  if (said('ProjectionType') === 'equirectangular') {
    const share = Number(said('CroppedAreaImageWidthPixels')) / Number(said('FullPanoWidthPixels'));
    const value = share > 0 && share <= 0.5 ? 'equirect-180' : 'equirect-360';
    yield { what: 'projection', value, source };
  }
  const layouts = { mono: 'mono', 'left-right': 'side-by-side', 'top-bottom': 'top-bottom' };
  const layout = layouts[/** @type {'mono'} */ (said('StereoMode'))];
  if (layout) yield { what: 'stereo', value: layout, source };
}

/** ITU-T H.264 D.2.26, D.2.35; H.265 D.3.16, D.3.41. @param {[type: number, payload: Uint8Array][]} messages @returns {Generator<Told>} */
function* sei(messages) {
  const source = 'sei';
  for (const [type, payload] of messages) {
    // Both begin with a flag that takes the message before back.
    const isCancelled = (payload[0] ?? 128) >= 128;
    if (type === 150 && !isCancelled) yield { what: 'projection', value: 'equirect-360', source };
    if (type === 151 && !isCancelled) yield { what: 'projection', value: 'cubemap-3x2', source };
    if (type === 45) yield* framePacking(payload);
  }
}

/** @param {Uint8Array} payload @returns {Generator<Told>} */
function* framePacking(payload) {
  const source = 'sei';
  // An Exp-Golomb number, a flag, seven bits, a flag, six bits.
  let bit = 0;
  const bits = (/** @type {number} */ count) => {
    let value = 0;
    for (let each = 0; each < count; each += 1, bit += 1) {
      value = value * 2 + (((payload[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1);
    }
    return value;
  };
  let zeros = 0;
  while (zeros < 32 && bits(1) === 0) zeros += 1;
  bits(zeros);
  if (zeros === 32 || bits(1) === 1) return;
  const layout = { 3: 'side-by-side', 4: 'top-bottom' }[bits(7)];
  bits(1);
  if (!layout) return;
  yield { what: 'stereo', value: layout, source };
  if (bits(6) === 2) yield { what: 'swapped', source };
}

/** When the fragment begins, in seconds of its track. @param {Uint8Array} moof @param {Body} [trak] */
function startOf(moof, trak) {
  const head = first(trak, ['mdia', 'mdhd']);
  const id = first(trak, ['tkhd']);
  if (!head || !id) return 0;
  const timescale = u32(head, head[0] === 1 ? 20 : 12);
  const trackId = u32(id, id[0] === 1 ? 20 : 12);
  const traf = childrenAt(moof, ['moof'])
    .filter(([type]) => type === 'traf')
    .map(([, body]) => body)
    .find((body) => u32(first(body, ['tfhd']) ?? body, 4) === trackId);
  const tfdt = first(traf, ['tfdt']);
  if (!tfdt || timescale === 0) return 0;
  const ticks = tfdt[0] === 1 ? u32(tfdt, 4) * 2 ** 32 + u32(tfdt, 8) : u32(tfdt, 4);
  return ticks / timescale;
}

/** @param {Body | undefined} body @param {string[]} path @returns {Body | undefined} */
function first(body, path) {
  const last = path.at(-1);
  return body && childrenAt(body, path.slice(0, -1)).find(([type]) => type === last)?.[1];
}

/**
 * The boxes in the first box of a path.
 * @param {Body} body @param {string[]} path @param {number} [skip] bytes before the innermost boxes
 * @returns {[type: string, body: Body][]}
 */
function childrenAt(body, path, skip = 0) {
  let inner = body;
  for (const name of path) {
    const found = boxesIn(inner).find(([type]) => type === name);
    if (!found) return [];
    [, inner] = found;
  }
  return boxesIn(inner.subarray(skip));
}

/** @param {Body} body @returns {[type: string, body: Body][]} */
function boxesIn(body) {
  /** @type {[string, Body][]} */
  const boxes = [];
  for (let at = 0; at + 8 <= body.length && boxes.length < 256; ) {
    const size = u32(body, at);
    if (size < 8) break;
    boxes.push([text(body.subarray(at + 4, at + 8)), body.subarray(at + 8, at + size)]);
    at += size;
  }
  return boxes;
}

/** Zero where there is nothing. @param {Uint8Array} bytes @param {number} at */
const u32 = (bytes, at) => bytes.subarray(at, at + 4).reduce((value, byte) => value * 256 + byte, 0);
/** @param {Uint8Array} [bytes] */
const text = (bytes) => String.fromCharCode(...(bytes ?? []));
/** @param {Uint8Array} bytes */
const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
