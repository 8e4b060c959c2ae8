// @ts-check
/**
 * Common Media Client Data as text (CTA-5004 for version 1, CTA-5004-B for version 2; RFC 9651 for how lists and
 * strings are written).
 *
 * In: keys and values, and the version. Out: the text of a query argument or an event, or four headers; keys in
 * alphabetical order, numbers rounded as each key wants it, strings in quotes. What a version does not know, and what
 * has no value, is left out. It does not know what the values mean.
 */

/**
 * @typedef {string | number | boolean | undefined} CmcdValue
 * @typedef {Record<string, CmcdValue>} CmcdData
 */

/** @typedef {'Object' | 'Request' | 'Session' | 'Status'} HeaderName */

/**
 * Each key of ours: the header that it goes with, how it is written, and the version that it came with. In version 2 a
 * `list` says of which kind of object each of its numbers is.
 * @type {Record<string, [header: HeaderName, kind: string, since?: 2]>}
 */
const KEYS = {
  ab: ['Object', 'list', 2],
  bg: ['Status', 'flag', 2],
  bl: ['Request', 'list hundreds'],
  br: ['Object', 'list'],
  bs: ['Status', 'flag'],
  cid: ['Session', 'string'],
  d: ['Object', 'integer'],
  dl: ['Request', 'hundreds'],
  e: ['Request', 'token', 2],
  ec: ['Status', 'strings', 2],
  ltc: ['Request', 'integer', 2],
  msd: ['Session', 'integer', 2],
  mtp: ['Request', 'list hundreds'],
  ot: ['Object', 'token'],
  pr: ['Session', 'decimal'],
  sf: ['Session', 'token'],
  sid: ['Session', 'string'],
  sn: ['Request', 'integer', 2],
  st: ['Session', 'token'],
  sta: ['Request', 'token', 2],
  su: ['Request', 'flag'],
  tab: ['Object', 'list', 2],
  tb: ['Object', 'list'],
  ts: ['Request', 'integer', 2],
  v: ['Session', 'integer', 2],
};

/** A key of the page's own: with a hyphen, so that no later version of CMCD takes its name. */
const CUSTOM_KEY = /^[a-z][a-z0-9_.*]*-[a-z0-9_.*-]*$/;

/** @param {string} key */
export const isKnownKey = (key) => key in KEYS || CUSTOM_KEY.test(key);

/** @param {string} key */
export const isCustomKey = (key) => CUSTOM_KEY.test(key);

/**
 * `key=value` with commas between them.
 * @param {CmcdData} data `ot` tells whose the numbers of lists are @param {1 | 2} version
 */
export function cmcdText(data, version) {
  return parts(data, version)
    .map(({ text }) => text)
    .join(',');
}

/**
 * The headers that have something in them.
 * @param {CmcdData} data @param {1 | 2} version @returns {Record<string, string>}
 */
export function cmcdHeaders(data, version) {
  /** @type {Record<string, string>} */
  const headers = {};
  for (const { header, text } of parts(data, version)) {
    const name = `CMCD-${header}`;
    headers[name] = headers[name] ? `${headers[name]},${text}` : text;
  }
  return headers;
}

/**
 * An address with `CMCD=` behind what its query has already, to the letter: it may be signed.
 * @param {string} url absolute @param {string} text
 */
export function withCmcdQuery(url, text) {
  const [address, ...fragment] = url.split('#');
  const joint = !address.includes('?') ? '?' : /[?&]$/.test(address) ? '' : '&';
  return [`${address}${joint}CMCD=${encodeURIComponent(text)}`, ...fragment].join('#');
}

/** @param {CmcdData} data @param {1 | 2} version */
function parts(data, version) {
  return Object.keys(data)
    .sort()
    .flatMap((key) => {
      const [header, kind, since = 1] = KEYS[key] ?? ['Request', 'custom'];
      const text = since > version ? undefined : part(key, data[key], { kind, version, ot: data.ot });
      if (text === undefined) return [];
      // The second version moved it.
      return [{ header: key === 'pr' && version === 2 ? 'Status' : header, text }];
    });
}

/**
 * @param {string} key @param {CmcdValue} value
 * @param {{ kind: string, version: 1 | 2, ot: CmcdValue }} how
 * @returns {string | undefined} nothing where the value is none
 */
function part(key, value, { kind, version, ot }) {
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) return undefined;
    if (kind === 'decimal' || kind === 'custom') return `${key}=${decimal(value, kind, version)}`;
    const step = kind.endsWith('hundreds') ? 100 : 1;
    const whole = Math.round(value / step) * step;
    const isList = version === 2 && kind.startsWith('list');
    return `${key}=${isList ? `(${whole}${ot ? `;${ot}` : ''})` : whole}`;
  }
  if (typeof value === 'boolean') {
    if (value) return key;
    return kind === 'custom' ? `${key}=${version === 2 ? '?0' : 'false'}` : undefined;
  }
  if (typeof value !== 'string') return undefined;
  if (kind === 'token') return `${key}=${value}`;
  return `${key}=${kind === 'strings' ? `(${quoted(value)})` : quoted(value)}`;
}

/** Three digits behind the point at most. In version 2 a decimal has one, or it is an integer. @param {number} value @param {string} kind @param {1 | 2} version */
function decimal(value, kind, version) {
  const text = String(Math.round(value * 1000) / 1000);
  return kind === 'decimal' && version === 2 && !text.includes('.') ? `${text}.0` : text;
}

/** Strings are ASCII: of others the UTF-8 goes as in an address. @param {string} text */
function quoted(text) {
  const ascii = text.replace(/[^\x20-\x7e]+/g, (others) =>
    [...new TextEncoder().encode(others)]
      .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
      .join(''),
  );
  return `"${ascii.replace(/["\\]/g, '\\$&')}"`;
}
