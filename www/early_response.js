// @ts-check
/**
 * An answer that the page asked for early, as the engine's own request would have got it.
 *
 * In: the port of `early_request.js`. Out: for `fetch`, which the engine calls for each of its requests: the
 * first one for that address gets the page's answer, every other goes to the browser, and so does one for a
 * live list that has grown since. A request that
 * the engine gives up is given up on the page too.
 */

/** @import { AskedMessage, EarlyPart } from './protocol.d.ts' */

/** What passes is no answer any more after this time. */
const MAX_AGE_MILLIS = 1000;
/** Statuses whose answers have no body, by the Fetch Standard. */
const BODILESS = [101, 103, 204, 205, 304];

export class EarlyResponse {
  #port;
  #url;
  #load;
  /** @type {(response: Response) => void} */
  #resolve = () => {};
  /** @type {(reason: unknown) => void} */
  #reject = () => {};
  /** @type {ReadableStreamDefaultController<Uint8Array> | undefined} */
  #body;
  /** When a list that grows was whole. */
  #wholeAt = Infinity;
  /** @type {Promise<Response>} */
  #response = new Promise((resolve, reject) => {
    this.#resolve = resolve;
    this.#reject = reject;
  });

  /** @param {AskedMessage} message */
  constructor({ url, load, port }) {
    this.#url = url;
    this.#load = load;
    this.#port = port;
    port.onmessage = ({ data }) => this.#take(data);
    // The stream may have been left before anyone asked.
    this.#response.catch(() => {});
  }

  /**
   * Whether it is the answer to this request.
   * @param {string} url @param {number} load the stream that asks
   */
  isFor(url, load) {
    const isFresh = !(performance.now() - this.#wholeAt > MAX_AGE_MILLIS);
    return url === this.#url && load === this.#load && isFresh;
  }

  /**
   * The answer, once, with the abort of the request that it stands for.
   * @param {AbortSignal | null | undefined} signal
   * @returns {Promise<Response>}
   */
  take(signal) {
    signal?.addEventListener('abort', () => this.forgo(signal.reason), { once: true });
    return this.#response;
  }

  /** @param {unknown} [reason] why nobody wants it any more */
  forgo(reason) {
    this.#port.postMessage(null);
    this.#fail(reason);
  }

  /** @param {EarlyPart} part */
  #take(part) {
    switch (part.kind) {
      case 'head':
        return this.#open(part);
      case 'chunk':
        return this.#body?.enqueue(part.bytes);
      case 'end':
        if (part.isPassing) this.#wholeAt = performance.now();
        this.#body?.close();
        return this.#close();
      case 'break':
        return this.#fail(part.isHeld ? null : new TypeError('Failed to fetch'));
      default:
        /** @satisfies {never} */ (part);
    }
  }

  /** @param {Extract<EarlyPart, { kind: 'head' }>} head */
  #open({ url, status, headers }) {
    const body = new ReadableStream({ start: (controller) => void (this.#body = controller) });
    const response = new Response(BODILESS.includes(status) ? null : body, { status, headers });
    // Of a response that is made it is empty, and playlists are relative to it.
    Object.defineProperty(response, 'url', { value: url });
    this.#resolve(response);
  }

  /** @param {unknown} reason */
  #fail(reason) {
    this.#body?.error(reason);
    this.#reject(reason);
    this.#close();
  }

  #close() {
    this.#body = undefined;
    this.#port.onmessage = null;
  }
}
