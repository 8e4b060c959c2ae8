// @ts-check
/**
 * A request of the stream by way of the page's own word on it (Fetch Standard; RFC 9110 for 401 and 403).
 *
 * In: what the engine asks for, and whom to ask. Out: the answer; as the engine knows the address, not as the
 * page made it, so that what stands in a playlist is relative to it and meets the page's word again. A refusal is asked
 * about once more. It rejects with `null` where the page releases nothing: `src/web/fetch.rs` tells by that.
 */

/** @import { AskedOfPage, Released } from './protocol.d.ts' */

/** A token that has run out, most often. */
const REFUSALS = [401, 403];

/**
 * @param {(asked: AskedOfPage, signal: AbortSignal | null | undefined) => Promise<Released>} ask
 * @param {string} url @param {RequestInit & { about?: AskedOfPage['about'] }} init @param {string} resource in the engine's words
 */
export async function hookedFetch(ask, url, init, resource) {
  const { headers, credentials, signal, about } = init;
  const attempt = async (/** @type {number | undefined} */ refusedWith) => {
    const asked = {
      url,
      resource,
      refusedWith,
      headers: /** @type {Record<string, string>} */ (headers),
      credentials,
      about,
    };
    const { url: to, ...rest } = await ask(asked, signal);
    const response = await fetch(to, { ...init, ...rest });
    if (!response.redirected) Object.defineProperty(response, 'url', { value: url });
    return response;
  };
  const response = await attempt(undefined);
  if (!REFUSALS.includes(response.status)) return response;
  response.body?.cancel().catch(() => {});
  return attempt(response.status);
}
