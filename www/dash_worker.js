// @ts-check
/**
 * DASH in the worker, loaded with the first manifest (ISO/IEC 23009-1).
 *
 * In: the engine's requests for a manifest and for the made-up addresses of the playlists that stand for it.
 * Out: answers with HLS playlists. The manifest is asked for again when it says so, once for all its
 * playlists, a file's index before its playlist, and the time where the manifest says how. Reading is the
 * `dash` module's.
 */

// @ts-ignore: not there before it is built
import initDash, * as dash from './wasm/dash.js';
import { dashSource } from './worker_addresses.js';

/** @import { EngineEvent } from './protocol.d.ts' */

/**
 * As the engine's requests are made.
 * @typedef {(url: string, init: RequestInit, resource: string) => Promise<Response>} Ask
 */

/**
 * @typedef {object} Manifest
 * @property {number} number in the module
 * @property {string} url what the stream was loaded by
 * @property {string} next what it is asked for by from now on
 * @property {number} askedAt
 * @property {number} updateMillis how old it may get
 * @property {Promise<Response | undefined> | undefined} renewal under way; what came instead of a manifest
 * @property {Promise<number>} clock milliseconds that the server's is ahead of ours
 */

const MARK = '#dash-track=';
const HEADERS = { 'content-type': 'application/vnd.apple.mpegurl' };
/** A manifest that may change at any time is not asked for more often. */
const MIN_UPDATE_MILLIS = 500;
/** A manifest of more is refused, and so is a file's index. */
const MOST_BYTES = 16 << 20;
const RENEWAL_TIMEOUT_MILLIS = 10_000;
const CLOCK_TIMEOUT_MILLIS = 3000;

export class DashReader {
  /** @param {string | undefined} url of the wasm module */
  static async load(url) {
    await initDash({ module_or_path: url ?? dashSource() });
    return new DashReader();
  }

  #utf8 = new TextDecoder();
  #count = 0;
  /** @type {Manifest[]} */
  #manifests = [];
  /** What is wrong, by the address of the request that it was found at. @type {Map<string, string>} */
  #problems = new Map();

  /** Another stream. */
  reset() {
    for (const { number } of this.#manifests) dash.forget(number);
    this.#manifests = [];
    this.#problems.clear();
  }

  /**
   * The engine's error with what it is really about.
   * @template {EngineEvent} Event
   * @param {Event} event @returns {Event}
   */
  explained(event) {
    if (event.kind !== 'error') return event;
    const problem = this.#problems.get(String(event.context.url));
    return problem === undefined ? event : { ...event, message: problem };
  }

  /**
   * The multivariant playlist of a manifest that has come.
   * @param {string} url @param {Response} answer @param {Ask} ask @param {RequestInit} init
   */
  async manifest(url, answer, ask, init) {
    this.#count += 1;
    /** @type {Manifest} */
    const manifest = {
      number: this.#count,
      url,
      next: answer.url || url,
      askedAt: performance.now(),
      updateMillis: Infinity,
      renewal: undefined,
      clock: Promise.resolve(0),
    };
    const problem = await this.#take(manifest, answer);
    if (problem) return this.#refuse(url, problem);
    const [, , ...timings] = this.#facts(manifest);
    if (timings.length > 0)
      manifest.clock = serverAhead(timings, manifest.next, (to, wanted) =>
        ask(to, withRange(url, to, { ...init, ...wanted }), 'manifest'),
      );
    this.#manifests = this.#manifests.filter((known) => known.url !== url);
    this.#manifests.push(manifest);
    return playlist(url, dash.multivariant(manifest.number, url));
  }

  /**
   * The media playlist at a made-up address.
   * @param {string} url @param {RequestInit} init @param {Ask} ask
   */
  async playlist(url, init, ask) {
    const [home, place] = url.split(MARK);
    const [track, base] = place.split('.').map(Number);
    const manifest = this.#manifests.find((known) => known.url === home);
    if (!manifest) return this.#refuse(url, 'the manifest is no longer loaded: load it again');
    if (performance.now() - manifest.askedAt >= manifest.updateMillis) {
      manifest.renewal ??= this.#renew(manifest, init, ask).finally(() => (manifest.renewal = undefined));
      const instead = await manifest.renewal;
      // The engine asks again, as it does of any list.
      if (instead) return named(instead.clone(), url);
    }
    const ahead = await manifest.clock;
    for (let attempt = 0; ; attempt += 1) {
      const bytes = dash.media(manifest.number, track, base, Date.now() + ahead);
      const kind = String.fromCharCode(bytes[0]);
      if (kind === 'P') return playlist(url, bytes.subarray(1));
      const text = this.#utf8.decode(bytes.subarray(1));
      // Each period may have a file of its own.
      if (kind !== 'R' || attempt > 64) return this.#refuse(url, text);
      const problem = await this.#index(manifest, text, init, ask);
      if (problem instanceof Response) return named(problem, url);
      if (problem) return this.#refuse(url, problem);
    }
  }

  /** @param {Manifest} manifest @param {RequestInit} init @param {Ask} ask */
  async #renew(manifest, init, ask) {
    // One for all lists: none of them gives it up for the others.
    const signal = AbortSignal.timeout(RENEWAL_TIMEOUT_MILLIS);
    const asked = { ...withRange(manifest.url, manifest.next, init), signal };
    const answer = await ask(manifest.next, asked, 'manifest');
    if (!answer.ok) return answer;
    const problem = await this.#take(manifest, answer);
    // It may be whole again at the next try.
    return problem ? new Response(null, { status: 502 }) : undefined;
  }

  /** @param {Manifest} manifest @param {Response} answer @returns {Promise<string>} what is wrong */
  async #take(manifest, answer) {
    const bytes = await firstBytes(answer, MOST_BYTES + 1);
    if (bytes.length > MOST_BYTES) return 'the manifest is larger than 16 MiB';
    const problem = dash.takeManifest(manifest.number, bytes, answer.url || manifest.next);
    if (problem.length > 0) return this.#utf8.decode(problem);
    const [update, location] = this.#facts(manifest);
    manifest.askedAt = performance.now();
    manifest.updateMillis = update ? Math.max(Number(update), MIN_UPDATE_MILLIS) : Infinity;
    if (location) manifest.next = location;
    return '';
  }

  /** @param {Manifest} manifest @returns {string[]} */
  #facts({ number }) {
    return this.#utf8.decode(dash.facts(number)).split('\n');
  }

  /**
   * Asks for the index of a file.
   * @param {Manifest} manifest @param {string} wanted @param {RequestInit} init @param {Ask} ask
   * @returns {Promise<string | Response>} what is wrong
   */
  async #index(manifest, wanted, init, ask) {
    const [, first, size, url] = /^(\d+) (\d+) (.*)$/s.exec(wanted) ?? [];
    const [from, count] = [Number(first), Number(size)];
    const last = count > 0 ? from + count - 1 : '';
    const range = { Range: `bytes=${from}-${last}` };
    const answer = await ask(url, withRange(manifest.url, url, init, range), 'segment');
    if (!answer.ok) return answer;
    const isPart = answer.status === 206;
    const length = isPart ? count : from + count;
    if (length > MOST_BYTES) return 'the index of a file is larger than 16 MiB, or too far into it';
    const bytes = await firstBytes(answer, length);
    const index = isPart ? bytes : bytes.subarray(from);
    return this.#utf8.decode(dash.giveIndex(manifest.number, url, from, index));
  }

  /** What the engine takes for no playlist, and says what is really wrong. @param {string} url @param {string} problem */
  #refuse(url, problem) {
    this.#problems.set(url, problem);
    return playlist(url, new Uint8Array());
  }
}

/**
 * The page's headers are for the stream's origin alone.
 * @param {string} home @param {string} url @param {RequestInit} init @param {Record<string, string>} [range]
 */
function withRange(home, url, init, range = {}) {
  const isHome = new URL(url).origin === new URL(home).origin;
  const own = isHome ? /** @type {Record<string, string>} */ (init.headers) : {};
  return { ...init, headers: { ...own, ...range } };
}

/** @param {string} url @param {Uint8Array} text */
function playlist(url, text) {
  const body = /** @type {Uint8Array<ArrayBuffer>} */ (text);
  return named(new Response(body, { headers: HEADERS }), url);
}

/** Of a response that is made the address is empty. @param {Response} response @param {string} url */
function named(response, url) {
  return Object.defineProperty(response, 'url', { value: url });
}

/** So many bytes, or fewer, and no more are loaded. @param {Response} answer @param {number} count @returns {Promise<Uint8Array>} */
async function firstBytes(answer, count) {
  const reader = answer.body?.getReader();
  /** @type {Uint8Array[]} */
  const parts = [];
  let length = 0;
  while (length < count) {
    const { value } = (await reader?.read()) ?? {};
    if (!value) break;
    parts.push(value);
    length += value.length;
  }
  reader?.cancel().catch(() => {});
  return new Uint8Array(await new Blob(/** @type {BlobPart[]} */ (parts)).arrayBuffer()).subarray(0, count);
}

/**
 * By how much the server's clock is ahead, by the first way that works (5.8.4.11).
 * @param {string[]} timings schemes and values in turn @param {string} base
 * @param {(url: string, init: RequestInit) => Promise<Response>} fetchBy
 */
async function serverAhead(timings, base, fetchBy) {
  for (let at = 0; at + 1 < timings.length; at += 2) {
    const [, way] = /^urn:mpeg:dash:utc:([a-z-]+):20/.exec(timings[at]) ?? [];
    const value = timings[at + 1].trim();
    const begun = Date.now();
    try {
      const date = await serverDate(way, value, base, fetchBy);
      // It was so late when the answer was on its way.
      if (Number.isFinite(date)) return date - (begun + Date.now()) / 2;
    } catch {
      // The next way.
    }
  }
  return 0;
}

/** @param {string} way @param {string} value @param {string} base @param {(url: string, init: RequestInit) => Promise<Response>} fetchBy */
async function serverDate(way, value, base, fetchBy) {
  if (way === 'direct') return dash.dateMillis(value);
  if (!['http-head', 'http-iso', 'http-xsdate'].includes(way)) return NaN;
  const method = way === 'http-head' ? 'HEAD' : 'GET';
  const signal = AbortSignal.timeout(CLOCK_TIMEOUT_MILLIS);
  const [first] = value.split(/\s+/);
  const answer = await fetchBy(new URL(first, base).href, { method, signal, cache: 'no-store' });
  if (!answer.ok) return NaN;
  if (way === 'http-head') return Date.parse(answer.headers.get('Date') ?? '');
  return dash.dateMillis((await answer.text()).trim());
}
