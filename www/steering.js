// @ts-check
/**
 * Content steering in the worker (RFC 8216bis 4.4.6.6 and 7), loaded with the first stream whose multivariant playlist
 * asks for it.
 *
 * In: that playlist, and the steering server's manifests. Out: `steer` for the engine: which pathways to use, and those
 * that the server had cloned, as a multivariant playlist of their own. What a manifest says is bounded, and one that
 * makes no sense changes nothing. Which pathway works is the engine's to find out.
 */

/** @import { EngineEvent, SteerMessage } from './protocol.d.ts' */

/**
 * @typedef {object} Worker what of it is needed
 * @property {string} home the stream's address
 * @property {RequestInit} options of the request for the playlist
 * @property {(url: string, init: RequestInit, resource: string) => Promise<Response>} ask
 * @property {(message: SteerMessage) => void} tell to the engine
 * @property {(event: EngineEvent) => void} post to the page
 * @property {() => { pathway?: string, bps?: number | null }} situation what plays, and the measured throughput
 *
 * @typedef {{ name: string, attributes: Map<string, string>, uri: string }} Entry a tag, and where what it is about
 *   lies; texts of attributes with their quotation marks
 * @typedef {{ host?: string, params: [string, string][], variants: Record<string, unknown>, renditions: Record<string, unknown> }} Replacement
 * @typedef {{ id: string, base: string, replacement: Replacement }} Clone
 * @typedef {{ ttlSecs: number, reloadUri: string | undefined, pathways: string[], clones: Clone[] }} Manifest
 */

const TAG = '#EXT-X-CONTENT-STEERING:';
const NAMES = ['EXT-X-MEDIA', 'EXT-X-STREAM-INF', 'EXT-X-I-FRAME-STREAM-INF'];
/** Attributes of variants that name groups of renditions with addresses. */
const GROUPS = { AUDIO: 'AUDIO', VIDEO: 'VIDEO', SUBTITLES: 'SUBTITLES' };
const PATHWAY_ID = /^[\w.-]+$/;
const DEFAULT_TTL_SECS = 300;
const MIN_TTL_SECS = 1;
/** A day, and less than `setTimeout` takes. */
const MAX_TTL_SECS = 86_400;
const MOST_BYTES = 256 << 10;
const MOST_PATHWAYS = 64;
/** Of all that is listed and cloned. */
const MOST_ENTRIES = 2000;
const TIMEOUT_MILLIS = 10_000;

export class Steering {
  #to;
  #list;
  #url;
  #ttlSecs = DEFAULT_TTL_SECS;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #isOver = false;

  /** @param {string} text of the multivariant playlist @param {string} url where it came from @param {Worker} to */
  constructor(text, url, to) {
    this.#to = to;
    this.#list = new List(text, url);
    const server = unquoted(this.#list.steering?.get('SERVER-URI'));
    this.#url = server === undefined ? '' : absolute(server, url);
    if (this.#url) this.#ask();
  }

  /** Another stream. */
  end() {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  async #ask() {
    const url = this.#url;
    let waitSecs = this.#ttlSecs;
    try {
      const answer = await this.#answer(url);
      if (this.#isOver) return;
      // Not to be asked again in this session.
      if (answer.status === 410) return;
      if (answer.status === 429) {
        waitSecs = retryAfterSecs(answer.headers) ?? waitSecs;
      } else if (!answer.ok) {
        throw new Error(`it answered with status ${answer.status}`);
      } else {
        this.#take(manifestOf(await boundedText(answer)), answer.url || url);
        waitSecs = this.#ttlSecs;
      }
    } catch (problem) {
      if (!this.#isOver) this.#warn(problem instanceof Error ? problem.message : 'no answer', url);
    }
    if (!this.#isOver) this.#timer = setTimeout(() => this.#ask(), clamp(waitSecs) * 1000);
  }

  /** @param {string} url */
  #answer(url) {
    if (url.startsWith('data:')) return fromDataUrl(url);
    const { home, options, ask, situation } = this.#to;
    const { pathway, bps } = situation();
    // The page's headers are for the stream's origin alone.
    const headers = new URL(url).origin === new URL(home).origin ? options.headers : {};
    const { credentials } = options;
    const signal = AbortSignal.timeout(TIMEOUT_MILLIS);
    const init = { headers, credentials, signal, cache: /** @type {const} */ ('no-store') };
    return ask(withSituation(url, pathway, bps), init, 'manifest');
  }

  /** @param {string} detail @param {string} url */
  #warn(detail, url) {
    const message = `the steering server is of no use: ${detail}; the stream goes on from where it is`;
    this.#to.post({
      kind: 'error',
      code: 'steering-failed',
      severity: 'warning',
      message,
      context: { url, detail },
    });
  }

  /** @param {Manifest} manifest @param {string} from */
  #take({ ttlSecs, reloadUri, pathways, clones }, from) {
    if (this.#isOver) return;
    this.#ttlSecs = ttlSecs;
    if (reloadUri !== undefined) {
      // Beside what is in the playlist itself there is nothing.
      const base = from.startsWith('data:') ? this.#list.url : from;
      this.#url = absolute(reloadUri, base) || this.#url;
    }
    const made = clones.map((clone) => this.#list.clone(clone)).join('');
    this.#to.tell({
      kind: 'steer',
      pathways: pathways.filter((pathway) => this.#list.has(pathway)),
      clones: made && `#EXTM3U\n${made}`,
    });
  }
}

/** A multivariant playlist, as far as pathways are concerned. */
export class List {
  /** @type {Entry[]} */
  #entries = [];
  /** The attributes of the tag. @type {Map<string, string> | undefined} */
  steering;

  /** @param {string} text @param {string} url */
  constructor(text, url) {
    this.url = url;
    const lines = defined(text, url).split(/\r?\n/);
    for (const [index, line] of lines.entries()) {
      if (line.startsWith(TAG)) this.steering = attributesOf(line.slice(TAG.length));
      const [, name, rest] = /^#([A-Z0-9-]+):(.*)$/.exec(line) ?? [];
      if (!NAMES.includes(name) || this.#entries.length >= MOST_ENTRIES) continue;
      const attributes = attributesOf(rest);
      const isVariant = name === 'EXT-X-STREAM-INF';
      const next = () => lines.slice(index + 1).find((each) => each && !each.startsWith('#'));
      const uri = isVariant ? next() : unquoted(attributes.get('URI'));
      this.#entries.push({ name, attributes, uri: uri === undefined ? '' : absolute(uri.trim(), url) });
    }
  }

  /** @param {string} pathway */
  has(pathway) {
    return this.#entries.some((entry) => entry.name === 'EXT-X-STREAM-INF' && pathwayOf(entry) === pathway);
  }

  /** The lines of a clone; none where it is known, or its base is not. @param {Clone} clone */
  clone({ id, base, replacement }) {
    if (this.has(id) || !this.has(base)) return '';
    const variants = this.#entries.filter(
      (entry) => entry.name !== 'EXT-X-MEDIA' && pathwayOf(entry) === base,
    );
    const groups = new Set();
    const copied = variants.map(({ name, attributes, uri }) => {
      const own = new Map(attributes).set('PATHWAY-ID', `"${id}"`);
      for (const [attribute, type] of Object.entries(GROUPS)) {
        const group = unquoted(attributes.get(attribute));
        if (group === undefined) continue;
        groups.add(`${type} ${group}`);
        own.set(attribute, `"${id}#${group}"`);
      }
      const stable = unquoted(attributes.get('STABLE-VARIANT-ID'));
      return { name, attributes: own, uri: replaced(uri, replacement, replacement.variants, stable) };
    });
    const renditions = this.#entries.filter(({ name, attributes }) => {
      const group = `${attributes.get('TYPE')} ${unquoted(attributes.get('GROUP-ID'))}`;
      return name === 'EXT-X-MEDIA' && groups.has(group);
    });
    const copies = renditions.map(({ name, attributes, uri }) => {
      const own = new Map(attributes).set('GROUP-ID', `"${id}#${unquoted(attributes.get('GROUP-ID'))}"`);
      const stable = unquoted(attributes.get('STABLE-RENDITION-ID'));
      const to = uri && replaced(uri, replacement, replacement.renditions, stable);
      return { name, attributes: own, uri: to };
    });
    const all = [...copies, ...copied];
    if (this.#entries.length + all.length > MOST_ENTRIES) return '';
    this.#entries.push(...all);
    return all.map(written).join('');
  }
}

/**
 * A steering manifest (RFC 8216bis 7.1), what of it makes sense.
 * @param {string} text @returns {Manifest}
 */
export function manifestOf(text) {
  /** @type {Record<string, unknown> | null} */
  let json = null;
  try {
    json = JSON.parse(text);
  } catch {
    // Said below.
  }
  if (typeof json !== 'object' || json === null) throw new Error('its manifest is no JSON object');
  const version = json.VERSION;
  if (version !== 1) throw new Error(`its manifest is of version ${JSON.stringify(version)}, and 1 is known`);
  const priority = json['PATHWAY-PRIORITY'];
  const pathways = Array.isArray(priority) ? priority.filter(isPathwayId).slice(0, MOST_PATHWAYS) : [];
  if (pathways.length === 0) throw new Error('its manifest has no PATHWAY-PRIORITY');
  const { TTL: ttl, 'RELOAD-URI': reloadUri, 'PATHWAY-CLONES': clones } = json;
  return {
    ttlSecs: typeof ttl === 'number' ? clamp(ttl) : DEFAULT_TTL_SECS,
    reloadUri: typeof reloadUri === 'string' ? reloadUri : undefined,
    pathways: [...new Set(pathways)],
    clones: Array.isArray(clones) ? clones.slice(0, MOST_PATHWAYS).flatMap(cloneOf) : [],
  };
}

/** @param {unknown} given @returns {Clone[]} none where it makes no sense */
function cloneOf(given) {
  const { ID: id, 'BASE-ID': base, 'URI-REPLACEMENT': replacement } = record(given);
  if (!isPathwayId(id) || !isPathwayId(base)) return [];
  const {
    HOST: host,
    PARAMS: params,
    'PER-VARIANT-URIS': variants,
    'PER-RENDITION-URIS': renditions,
  } = record(replacement);
  const texts = Object.entries(record(params)).filter(([name, value]) => name && typeof value === 'string');
  return [
    {
      id,
      base,
      replacement: {
        host: typeof host === 'string' && host ? host : undefined,
        params: /** @type {[string, string][]} */ (texts).sort(([a], [b]) => (a < b ? -1 : 1)),
        variants: record(variants),
        renditions: record(renditions),
      },
    },
  ];
}

/** @param {unknown} value @returns {Record<string, unknown>} */
const record = (value) =>
  typeof value === 'object' && value !== null ? /** @type {Record<string, unknown>} */ (value) : {};

/** @param {unknown} id @returns {id is string} */
const isPathwayId = (id) => typeof id === 'string' && PATHWAY_ID.test(id);

/**
 * The address of a clone: another host, or one given for this very thing; then parameters.
 * @param {string} uri absolute @param {Replacement} how @param {Record<string, unknown>} own by stable ID
 * @param {string | undefined} stable
 */
function replaced(uri, { host, params }, own, stable) {
  const given = stable === undefined || !Object.hasOwn(own, stable) ? undefined : own[stable];
  const isGiven = typeof given === 'string' && URL.canParse(given);
  if (!isGiven && !URL.canParse(uri)) return uri;
  const url = new URL(isGiven ? given : uri);
  if (host && !isGiven) url.host = host;
  for (const [name, value] of params) url.searchParams.set(name, value);
  return url.href;
}

/** @param {Entry} entry */
function written({ name, attributes, uri }) {
  const isVariant = name === 'EXT-X-STREAM-INF';
  const all = isVariant || !uri ? attributes : new Map(attributes).set('URI', `"${uri}"`);
  const text = [...all].map(([key, value]) => `${key}=${value}`).join(',');
  return `#${name}:${text}\n${isVariant ? `${uri}\n` : ''}`;
}

/** @param {Entry} entry */
const pathwayOf = ({ attributes }) => unquoted(attributes.get('PATHWAY-ID')) ?? '.';

/** An attribute list (RFC 8216bis 4.2). @param {string} text */
function attributesOf(text) {
  const pairs = text.matchAll(/([A-Z0-9-]+)=("[^"]*"|[^",]*)/g);
  return new Map([...pairs].map(([, name, value]) => [name, value]));
}

/** @param {string | undefined} value */
const unquoted = (value) => value?.replace(/^"(.*)"$/, '$1');

/** With its variables (EXT-X-DEFINE) put in. @param {string} text @param {string} url */
function defined(text, url) {
  /** @type {Map<string, string>} */
  const values = new Map();
  for (const [, rest] of text.matchAll(/^#EXT-X-DEFINE:(.*)$/gm)) {
    const attributes = attributesOf(rest.trim());
    const name = unquoted(attributes.get('NAME'));
    const parameter = unquoted(attributes.get('QUERYPARAM'));
    if (name !== undefined) values.set(name, unquoted(attributes.get('VALUE')) ?? '');
    else if (parameter !== undefined) values.set(parameter, new URL(url).searchParams.get(parameter) ?? '');
  }
  return values.size > 0 ? text.replace(/\{\$([\w-]+)\}/g, (all, name) => values.get(name) ?? all) : text;
}

/** @param {string} uri @param {string} base @returns {string} empty where it is none */
const absolute = (uri, base) => (URL.canParse(uri, base) ? new URL(uri, base).href : '');

/** `_HLS_pathway` and `_HLS_throughput`, as far as they are known. @param {string} url @param {string} [pathway] @param {number | null} [bps] */
export function withSituation(url, pathway, bps) {
  const asked = new URL(url);
  if (pathway) asked.searchParams.set('_HLS_pathway', pathway);
  if (bps) asked.searchParams.set('_HLS_throughput', String(Math.round(bps)));
  return asked.href;
}

/** @param {number} secs */
const clamp = (secs) => Math.min(Math.max(secs, MIN_TTL_SECS), MAX_TTL_SECS);

/** Seconds or a date (RFC 9110 10.2.3). @param {Headers} headers */
function retryAfterSecs(headers) {
  const text = headers.get('Retry-After');
  if (!text) return undefined;
  const secs = /^\d+$/.test(text.trim()) ? Number(text) : (Date.parse(text) - Date.now()) / 1000;
  return Number.isFinite(secs) ? secs : undefined;
}

/** @param {Response} answer */
async function boundedText(answer) {
  const reader = answer.body?.getReader();
  const decoder = new TextDecoder();
  let [text, length] = ['', 0];
  for (;;) {
    const { value } = (await reader?.read()) ?? {};
    if (!value) return text + decoder.decode();
    length += value.length;
    if (length > MOST_BYTES) {
      reader?.cancel().catch(() => {});
      throw new Error('its manifest is larger than 256 KiB');
    }
    text += decoder.decode(value, { stream: true });
  }
}

/** What is in the playlist itself; a page's policy need not allow to fetch it. @param {string} url */
async function fromDataUrl(url) {
  const [, head, data] = /^data:([^,]*),(.*)$/s.exec(url) ?? [];
  if (data === undefined) throw new Error('its data: address has no data');
  return new Response(/;base64\s*$/i.test(head) ? atob(decodeURIComponent(data)) : decodeURIComponent(data));
}
