// @ts-check
/**
 * The key frame in a stretch of a transport stream (ISO/IEC 13818-1).
 *
 * In: packets that begin with a picture's, with the program's tables before them or not, as packagers differ; the last
 * one may be cut. Out: the first picture as the bytes are (Annex B), with its codec where they say it. `null` where
 * there is none: nothing is read beyond the bytes, whatever they say.
 */
import { hex } from './key_frame_boxes.js';

/** @import { KeyFrame } from './key_frame_boxes.js' */

const PACKET_BYTES = 188;
const SYNC = 0x47;
/** Stream types (ISO/IEC 13818-1 table 2-34); the last is Apple's, of SAMPLE-AES. */
const FORMATS = /** @type {Record<number, string>} */ ({ 27: 'avc1', 36: 'hvc1', 219: 'encrypted' });
const SEQUENCE_PARAMETERS = 7;
/** Of NAL units; beyond it parameter sets are of no picture that begins here. */
const MOST_UNITS = 64;

/** @param {Uint8Array} bytes */
export const isTransportStream = (bytes) => syncAt(bytes) >= 0;

/** @param {Uint8Array<ArrayBuffer>} bytes @returns {KeyFrame | null} */
export function keyFrameOfPackets(bytes) {
  const start = syncAt(bytes);
  if (start < 0) return null;
  /** @type {number | undefined} */
  let tableId;
  /** @type {{ id: number, format?: string } | undefined} */
  let picture;
  /** @type {Uint8Array[]} */
  const parts = [];
  for (let at = start; at + 4 < bytes.length; at += PACKET_BYTES) {
    // Damage within; what came before may be all.
    if (bytes[at] !== SYNC) break;
    const packet = bytes.subarray(at, at + PACKET_BYTES);
    const isStart = (packet[1] & 0x40) !== 0;
    const id = ((packet[1] & 0x1f) << 8) | packet[2];
    const payload = packet.subarray(packet[3] & 0x20 ? 5 + packet[4] : 4);
    if (!(packet[3] & 0x10) || payload.length === 0) continue;
    if (!picture && id === 0 && isStart) tableId = mapId(payload);
    else if (!picture && id === tableId && isStart) picture = pictureOf(payload);
    else if (!picture && isStart && isPicture(payload)) picture = { id };
    if (picture?.id !== id) continue;
    if (isStart && parts.length > 0) break;
    if (isStart || parts.length > 0) parts.push(payload);
  }
  const data = elementary(joined(parts));
  if (!data) return null;
  const codec = avcCodec(data);
  const format = picture?.format ?? (codec ? 'avc1' : 'hvc1');
  return {
    data,
    format,
    codec: format === 'avc1' ? codec : undefined,
    isEncrypted: format === 'encrypted',
  };
}

/** Where packets begin; −1 where there are none. @param {Uint8Array} bytes */
function syncAt(bytes) {
  for (let at = 0; at < Math.min(PACKET_BYTES, bytes.length); at += 1) {
    const next = at + PACKET_BYTES;
    if (bytes[at] === SYNC && (next >= bytes.length || bytes[next] === SYNC)) return at;
  }
  return -1;
}

/** A table that begins in a packet, behind its pointer. @param {Uint8Array} payload */
const section = (payload) => payload.subarray(1 + payload[0]);

/** Of the first program (PAT). @param {Uint8Array} payload */
function mapId(payload) {
  const table = section(payload);
  for (let at = 8; at + 4 <= table.length - 4; at += 4) {
    if ((table[at] << 8) | table[at + 1]) return ((table[at + 2] & 0x1f) << 8) | table[at + 3];
  }
  return undefined;
}

/** The first stream of pictures (PMT). @param {Uint8Array} payload */
function pictureOf(payload) {
  const table = section(payload);
  const end = Math.min(table.length, 3 + (((table[1] & 0x0f) << 8) | table[2]) - 4);
  for (let at = 12 + (((table[10] & 0x0f) << 8) | table[11]); at + 5 <= end; ) {
    const format = FORMATS[table[at]];
    if (format) return { id: ((table[at + 1] & 0x1f) << 8) | table[at + 2], format };
    at += 5 + (((table[at + 3] & 0x0f) << 8) | table[at + 4]);
  }
  return undefined;
}

/** Whether a PES packet of pictures begins here. @param {Uint8Array} payload */
const isPicture = ([zero, nought, one, stream]) =>
  zero === 0 && nought === 0 && one === 1 && (stream & 0xf0) === 0xe0;

/** What a PES packet carries. @param {Uint8Array<ArrayBuffer>} pes */
function elementary(pes) {
  const data = isPicture(pes) && pes.length > 9 ? pes.slice(9 + pes[8]) : null;
  return data && data.length > 0 ? data : null;
}

/** As its sequence parameter set has it (ISO/IEC 14496-15 A.1). @param {Uint8Array} data Annex B */
function avcCodec(data) {
  let units = 0;
  for (let at = 0; at + 6 < data.length && units < MOST_UNITS; at += 1) {
    if (data[at] !== 0 || data[at + 1] !== 0 || data[at + 2] !== 1) continue;
    units += 1;
    if ((data[at + 3] & 0x9f) !== SEQUENCE_PARAMETERS) continue;
    return `avc1.${[...data.subarray(at + 4, at + 7)].map(hex).join('')}`;
  }
  return undefined;
}

/** @param {Uint8Array[]} parts */
function joined(parts) {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
