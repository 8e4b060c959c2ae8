// @ts-check
/**
 * What an EXT-X-SESSION-DATA leads to (RFC 8216bis 4.4.6.4), loaded where a page asks for it.
 *
 * In: an entry of `player.sessionData`, and how the stream is asked for. Out: its text, what its JSON holds, or its
 * bytes. It refuses what is no answer, is no JSON, or is too long.
 */
import { VideoSphereError } from './errors.js';

/** @import { SessionData } from './index.js' */
/** @import { Failure } from './protocol.d.ts' */

/** More than anything that is said of a stream. */
const MOST_BYTES = 16 << 20;

/**
 * @param {SessionData} entry @param {(url: string, init: RequestInit) => Promise<Response>} fetch
 * @returns {Promise<unknown>}
 */
export async function loadSessionData({ id, value, url, format }, fetch) {
  if (url === null) return value;
  const fail = (/** @type {Failure['code']} */ name, /** @type {string} */ why) =>
    new VideoSphereError({
      name,
      severity: 'warning',
      message: `session data ${id}: ${url} ${why}`,
      context: { url },
    });
  let bytes;
  try {
    const response = await fetch(url, {});
    if (!response.ok) throw fail('network-status', `was answered with status ${response.status}`);
    bytes = await read(response.body);
  } catch (error) {
    throw error instanceof VideoSphereError
      ? error
      : fail(
          'network-unreachable',
          `could not be loaded (${error instanceof Error ? error.message : error})`,
        );
  }
  if (!bytes) throw fail('network-too-large', `is longer than ${MOST_BYTES} bytes`);
  if (format === 'raw') return bytes.buffer;
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw fail('damaged-media', 'is not JSON, as its FORMAT says: serve JSON there, or say FORMAT=RAW');
  }
}

/** All of a body; nothing where it is too long. @param {ReadableStream<Uint8Array> | null} body */
async function read(body) {
  /** @type {Uint8Array[]} */
  const chunks = [];
  let length = 0;
  const reader = body?.getReader();
  for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
    length += next.value.length;
    if (length > MOST_BYTES) {
      reader?.cancel().catch(() => {});
      return null;
    }
    chunks.push(next.value);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
