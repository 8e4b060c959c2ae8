// @ts-check
/**
 * The page's own word on each request: its `request` function, or `request.resources`. Loaded where there is one.
 *
 * In: what the engine is about to ask for. Out: the same as the page wants it, checked; `null` as a rejection where
 * it gives nothing, and what is the matter, added to the engine's error when that comes. The function runs on the
 * page's thread, and is given up when it takes too long.
 */
import { hookedFetch } from './hooked_fetch.js';

/**
 * @import { RequestFunction, RequestOptions, RequestResource, StreamRequest } from './index.js'
 * @import { AskedOfPage, FromWorker, Released } from './protocol.d.ts'
 * @import { Cmcd } from './cmcd.js'
 */
/** @typedef {Extract<FromWorker, { kind: 'error' }>} Told */

/** Less than the engine waits for an answer to a request, 10 s, as that begins with the asking. */
const LIMIT_MILLIS = 9000;
/** Failures whose words are kept. */
const KEPT = 32;
const CODE = 'request-function-failed';
/** The engine's words (`Resource` of `src/error.rs`), where the page's are others. @type {Record<string, RequestResource>} */
const WORDS = {
  manifest: 'playlist',
  'media playlist': 'playlist',
  'init segment': 'init',
  'decryption key': 'key',
};
/** @type {RequestResource[]} */
const RESOURCES = ['playlist', 'init', 'segment', 'key'];

export class RequestHook {
  #host;
  /** What the page's function did, by the address that it was asked about. @type {Map<string, string>} */
  #failures = new Map();

  /**
   * @param {{ options: { request?: RequestFunction | RequestOptions | null }, home: string[], cmcd?: Cmcd }} host whose
   *   function may become another one; `home` are the stream's own addresses; `cmcd` marks what the function gets
   */
  constructor(host) {
    this.#host = host;
  }

  /** As the engine makes its requests. @param {string} url @param {RequestInit} init @param {string} [resource] */
  fetch(url, init, resource = 'manifest') {
    return hookedFetch((asked, signal) => this.release(asked, signal), url, init, resource);
  }

  /**
   * @param {AskedOfPage} asked
   * @param {AbortSignal | null} [signal]
   * @returns {Promise<Released>}
   */
  async release({ url, resource, refusedWith, headers, credentials = 'same-origin', about }, signal) {
    /** @type {StreamRequest} */
    const request = {
      url,
      resource: WORDS[resource] ?? resource,
      method: 'GET',
      headers: { ...headers },
      credentials,
      ...(refusedWith && { refusedWith }),
    };
    this.#host.cmcd?.mark(request, about);
    // The engine may give the request up before there is an answer.
    this.#note(url, 'no answer in time');
    try {
      const { request: option } = this.#host.options;
      const ask =
        typeof option === 'function' ? option : () => byResource(option ?? {}, this.#host.home, request);
      const given = (await inTime(ask(request), signal)) ?? request;
      const released = checked({ ...request, ...given }, headers?.Range);
      this.#failures.delete(url);
      return released;
    } catch (problem) {
      this.#note(url, String(problem));
      throw null;
    }
  }

  /** @param {string} url @param {string} why */
  #note(url, why) {
    this.#failures.delete(url);
    this.#failures.set(url, why);
    for (const oldest of [...this.#failures.keys()].slice(0, -KEPT)) this.#failures.delete(oldest);
  }

  /**
   * What the page's function did, in an error that comes of it.
   * @param {Told} message
   * @returns {Told}
   */
  explained(message) {
    const cause = /** @type {Told | undefined} */ (message.context.cause);
    const { code, context } = message.code === CODE ? message : (cause ?? message);
    const why = this.#failures.get(String(context.url));
    if (code !== CODE || why === undefined) return message;
    context.detail = why;
    return { ...message, message: `${message.message} (${why})` };
  }
}

/** @template Given @param {Given | Promise<Given>} given @param {AbortSignal | null} [signal] */
async function inTime(given, signal) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @type {Promise<never>} */
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${LIMIT_MILLIS / 1000} s`)), LIMIT_MILLIS);
    signal?.addEventListener('abort', () => reject(new Error('no answer in time')), { once: true });
  });
  try {
    return await Promise.race([given, limit]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * @param {StreamRequest} given what a page's function may have made of it
 * @param {string} [range] what the engine has to have of it
 * @returns {Released}
 */
function checked({ url, method, headers, credentials }, range) {
  const of = (/** @type {string} */ name) => `the \`request\` function gave ${name}`;
  if (!/^https?:/.test(String(new URL(url, document.baseURI)))) throw new TypeError(of(`“${url}” as a url`));
  const sent = new Headers(headers);
  if (range) sent.set('Range', range);
  // Throws where one of them is none that a request can have.
  new Request(document.baseURI, { method, credentials });
  return { url: new URL(url, document.baseURI).href, method, headers: Object.fromEntries(sent), credentials };
}

/**
 * `request.resources`: what it has for one kind of resource goes with it, headers to the stream's own origins and to
 * those of `request.origins` alone.
 * @param {RequestOptions} options @param {string[]} home @param {StreamRequest} request
 */
function byResource({ origins = [], resources = {} }, home, request) {
  const unknown = Object.keys(resources).find((name) => !RESOURCES.some((each) => each === name));
  if (unknown !== undefined) {
    throw new TypeError(`request.resources has ${RESOURCES.join(', ')}, not “${unknown}”`);
  }
  const originOf = (/** @type {string} */ url) => new URL(url).origin;
  const isTrusted =
    origins.includes('*') || [...origins, ...home.map(originOf)].includes(originOf(request.url));
  const { headers, credentials } = resources[request.resource] ?? {};
  if (isTrusted) Object.assign(request.headers, headers);
  if (credentials) request.credentials = credentials;
}
