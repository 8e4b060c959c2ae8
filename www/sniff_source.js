// @ts-check
/**
 * What lies at an address that was taken for a playlist and is none (MIME Sniffing, 6.2). Loaded when
 * that has happened.
 *
 * In: the address. Out: whether the browser should play it, by its first bytes and its content type.
 */
import { kindOfType } from './source_kind.js';

const HEAD_BYTES = 512;

/**
 * @param {string} url @param {(url: string, init: RequestInit) => Promise<Response>} fetchBy
 * @returns {Promise<boolean>} false where nothing comes
 */
export async function isFile(url, fetchBy) {
  try {
    const abort = new AbortController();
    const range = `bytes=0-${HEAD_BYTES - 1}`;
    const response = await fetchBy(url, { headers: { Range: range }, signal: abort.signal });
    if (!response.ok) return false;
    const { value } = (await response.body?.getReader().read()) ?? {};
    abort.abort();
    const kind = kindOfType(response.headers.get('Content-Type') ?? '');
    return kind === 'file' || isMedia(value ?? new Uint8Array());
  } catch {
    return false;
  }
}

/** @param {Uint8Array} bytes */
function isMedia(bytes) {
  const text = String.fromCharCode(...bytes.subarray(0, 12));
  return text.slice(4, 8) === 'ftyp' || text.startsWith('\x1aE\xdf\xa3') || text.startsWith('OggS');
}
