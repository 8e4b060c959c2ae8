// @ts-check
/**
 * A playlist asked for by the page while the engine is on its way (Fetch Standard).
 *
 * In: its address and the page's request options. Out: the answer through a port, as it arrives: a head,
 * then chunks, then an end or a break (`EarlyPart`); the other end is `early_response.js`. And its text,
 * once it is whole, to whoever may tell by it what comes next. The request
 * is the one that the engine would make (`init_of` in `src/web/fetch.rs`), and nothing is decided here:
 * statuses, sizes and retries are the engine's.
 */

/**
 * @import { RequestOptions } from './index.js'
 * @import { EarlyPart } from './protocol.d.ts'
 */

/**
 * @param {string} url of the stream's own origin, which gets the page's headers
 * @param {RequestOptions} request
 * @param {(text: string, from: string) => void} [onText] gets a good answer, and its address after redirects
 * @param {(url: string, init: RequestInit) => Promise<Response>} [fetchBy]
 * @returns {{ port: MessagePort, abort(): void }} the end for the worker, to be transferred
 */
export function requestEarly(url, request, onText = () => {}, fetchBy = fetch) {
  const { port1, port2 } = new MessageChannel();
  const abort = new AbortController();
  // All that the other end ever says: that it wants no more.
  port1.onmessage = () => abort.abort();
  /** @param {EarlyPart} part @param {Transferable[]} [transfer] */
  const send = (part, transfer = []) => port1.postMessage(part, transfer);
  const onWhole = (/** @type {string} */ text, /** @type {string} */ from) => {
    if (!abort.signal.aborted) onText(text, from);
  };
  stream(fetchBy(url, initOf(request, abort.signal)), send, onWhole)
    .catch((reason) => send({ kind: 'break', isHeld: reason === null }))
    .finally(() => port1.close());
  return { port: port2, abort: () => abort.abort() };
}

/**
 * @param {Promise<Response>} answer
 * @param {(part: EarlyPart, transfer?: Transferable[]) => void} send
 * @param {(text: string, from: string) => void} onText
 */
async function stream(answer, send, onText) {
  const response = await answer;
  send({ kind: 'head', url: response.url, status: response.status, headers: [...response.headers] });
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  let text = '';
  for (;;) {
    const { value } = (await reader?.read()) ?? {};
    if (!value) break;
    text += decoder.decode(value, { stream: true });
    send({ kind: 'chunk', bytes: value }, [value.buffer]);
  }
  // Before the engine has it whole, and asks for what comes next by itself.
  if (response.ok) onText(text, response.url);
  // Without an end it is a list that grows.
  send({ kind: 'end', isPassing: text.includes('#EXTINF') && !text.includes('#EXT-X-ENDLIST') });
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
