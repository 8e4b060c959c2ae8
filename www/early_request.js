// @ts-check
/**
 * The stream's first playlist, asked for by the page while the engine is on its way (Fetch Standard).
 *
 * In: its address and the page's request options. Out: the answer through a port, as it arrives: a head,
 * then chunks, then an end or a break (`EarlyPart`); the other end is `early_response.js`. The request
 * is the one that the engine would make (`init_of` in `src/web/fetch.rs`), and nothing is decided here:
 * statuses, sizes and retries are the engine's.
 */

/** @import { EarlyPart, RequestOptions } from './protocol.d.ts' */

/**
 * @param {string} url of the stream's own origin, which gets the page's headers
 * @param {RequestOptions} request
 * @returns {{ port: MessagePort, abort(): void }} the end for the worker, to be transferred
 */
export function requestEarly(url, request) {
  const { port1, port2 } = new MessageChannel();
  const abort = new AbortController();
  // All that the other end ever says: that it wants no more.
  port1.onmessage = () => abort.abort();
  /** @param {EarlyPart} part @param {Transferable[]} [transfer] */
  const send = (part, transfer = []) => port1.postMessage(part, transfer);
  stream(url, initOf(request, abort.signal), send)
    .catch(() => send({ kind: 'break' }))
    .finally(() => port1.close());
  return { port: port2, abort: () => abort.abort() };
}

/**
 * @param {string} url @param {RequestInit} init
 * @param {(part: EarlyPart, transfer?: Transferable[]) => void} send
 */
async function stream(url, init, send) {
  const response = await fetch(url, init);
  send({ kind: 'head', url: response.url, status: response.status, headers: [...response.headers] });
  const reader = response.body?.getReader();
  for (;;) {
    const { value } = (await reader?.read()) ?? {};
    if (!value) break;
    send({ kind: 'chunk', bytes: value }, [value.buffer]);
  }
  send({ kind: 'end' });
}

/**
 * @param {RequestOptions} request as the page gave it: what is no text is no header
 * @param {AbortSignal} signal
 * @returns {RequestInit}
 */
function initOf({ headers, credentials }, signal) {
  const isText = (/** @type {[string, unknown]} */ [, value]) => typeof value === 'string';
  return {
    headers: Object.fromEntries(Object.entries(headers ?? {}).filter(isText)),
    ...(credentials && { credentials }),
    cache: 'no-cache',
    signal,
  };
}
