// @ts-check
/**
 * Playlists of single pictures: I-frames (RFC 8216bis 4.4.3.6, 4.4.6.3) and images (EXT-X-IMAGE-STREAM-INF,
 * EXT-X-IMAGES-ONLY, EXT-X-TILES of the Image Media Playlist specification, which Roku and DASH-IF share).
 *
 * In: the text of a playlist and its address. Out: the renditions that hold pictures; the pictures of one, each with
 * its time from the list's start. Variables (EXT-X-DEFINE) are put in. It knows no network and no clock. Why it is no
 * part of the engine: of pages that show no such pictures not a byte is read for them.
 */

/** @typedef {{ offset: number, length: number }} Range bytes */
/** @typedef {{ url: string, range?: Range }} Resource */
/** @typedef {{ url: string, bandwidth: number, width: number, height: number, codecs: string }} PictureRendition */
/** @typedef {{ columns: number, rows: number, secs: number }} Tiles `secs` is how long one of them is shown */
/**
 * @typedef {Resource & { startSecs: number, secs: number, map?: Resource, tiles?: Tiles, encryption?: string }} Entry
 *   from the list's start; `encryption` is EXT-X-KEY's METHOD
 */
/**
 * @typedef {object} PictureList
 * @property {Entry[]} entries
 * @property {number} secs of all of them
 * @property {number} targetSecs
 * @property {boolean} isEnded nothing more will come
 * @property {number | null} startUnixMillis of the first entry, by EXT-X-PROGRAM-DATE-TIME
 */

const MOST_ENTRIES = 100_000;
const MOST_RENDITIONS = 256;
const MOST_VARIABLES = 1000;
const LONGEST_VALUE = 4096;
const LONGEST_LINE = 65_536;

/**
 * @param {string} text of a multivariant playlist @param {string} from its address
 * @returns {{ images: PictureRendition[], iframes: PictureRendition[], variables: Map<string, string> }}
 */
export function renditionsOf(text, from) {
  /** @type {PictureRendition[]} */
  const images = [];
  /** @type {PictureRendition[]} */
  const iframes = [];
  const variables = new Map();
  for (const [tag, value] of tagsOf(text)) {
    if (tag === '#EXT-X-DEFINE') define(variables, value, from);
    const to = { '#EXT-X-I-FRAME-STREAM-INF': iframes, '#EXT-X-IMAGE-STREAM-INF': images }[tag];
    if (!to || to.length === MOST_RENDITIONS) continue;
    const attributes = attributesOf(value, variables);
    const url = absolute(attributes.get('URI'), from);
    const [width, height] = pairOf(attributes.get('RESOLUTION')) ?? [0, 0];
    const bandwidth = Number(attributes.get('BANDWIDTH')) || 0;
    if (url) to.push({ url, bandwidth, width, height, codecs: attributes.get('CODECS') ?? '' });
  }
  return { images, iframes, variables };
}

/**
 * The smallest that is as wide as is wanted, or else the widest; those that say nothing of it last.
 * @param {PictureRendition[]} renditions @param {number} widthPx @returns {PictureRendition | undefined}
 */
export function fittingRendition(renditions, widthPx) {
  const rank = (/** @type {PictureRendition} */ { width }) =>
    width >= widthPx ? width - widthPx : 1e9 - width;
  return [...renditions].sort((a, b) => rank(a) - rank(b) || a.bandwidth - b.bandwidth)[0];
}

/**
 * @param {string} text of a media playlist @param {string} from its address
 * @param {Map<string, string>} known the multivariant playlist's variables
 * @returns {PictureList | null} where it is none
 */
export function picturesOf(text, from, known = new Map()) {
  /** @type {Entry[]} */
  const entries = [];
  /** @type {PictureList} */
  const list = { entries, secs: 0, targetSecs: 0, isEnded: false, startUnixMillis: null };
  const variables = new Map();
  let isOfPictures = false;
  let entrySecs = 0;
  /** @type {string | undefined} */
  let rangeText;
  /** @type {{ map?: Resource, tiles?: { text: Map<string, string> }, encryption?: string }} */
  const now = {};
  /** Where the last range of each resource ended; of one, as that is all there is to go on from. @type {{ url: string, end: number } | undefined} */
  let before;

  for (const [tag, value] of tagsOf(text)) {
    switch (tag) {
      case '#EXT-X-I-FRAMES-ONLY':
      case '#EXT-X-IMAGES-ONLY':
        isOfPictures = true;
        break;
      case '#EXT-X-TARGETDURATION':
        list.targetSecs = positive(value);
        break;
      case '#EXT-X-ENDLIST':
        list.isEnded = true;
        break;
      case '#EXT-X-DEFINE':
        define(variables, value, from, known);
        break;
      case '#EXT-X-PROGRAM-DATE-TIME': {
        const unixMillis = Date.parse(value);
        if (Number.isFinite(unixMillis)) list.startUnixMillis ??= unixMillis - list.secs * 1000;
        break;
      }
      case '#EXT-X-KEY': {
        const method = attributesOf(value, variables).get('METHOD');
        now.encryption = method === 'NONE' ? undefined : method;
        break;
      }
      case '#EXT-X-MAP': {
        const attributes = attributesOf(value, variables);
        const url = absolute(attributes.get('URI'), from);
        const range = rangeOf(attributes.get('BYTERANGE'), 0);
        now.map = url ? { url, range } : undefined;
        break;
      }
      case '#EXT-X-TILES':
        now.tiles = { text: attributesOf(value, variables) };
        break;
      case '#EXTINF':
        entrySecs = positive(value);
        break;
      case '#EXT-X-BYTERANGE':
        rangeText = value;
        break;
      case '': {
        const url = absolute(withVariables(value, variables), from);
        const range = rangeOf(rangeText, before?.url === url ? before?.end : undefined);
        if (url && entries.length < MOST_ENTRIES) {
          const { map, encryption } = now;
          const tiles = now.tiles && tilesOf(now.tiles.text, entrySecs);
          entries.push({ url, range, startSecs: list.secs, secs: entrySecs, map, tiles, encryption });
          list.secs += entrySecs;
        }
        before = url && range ? { url, end: range.offset + range.length } : undefined;
        rangeText = undefined;
        entrySecs = 0;
      }
    }
  }
  return isOfPictures ? list : null;
}

/**
 * Which picture, and which tile of it, is of a moment.
 * @param {PictureList} list @param {number} secs from its start
 * @returns {{ entry: Entry, startSecs: number, endSecs: number, tile?: { column: number, row: number } } | null}
 */
export function pictureAt({ entries }, secs) {
  let [low, high] = [0, entries.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (entries[middle].startSecs <= secs) low = middle + 1;
    else high = middle;
  }
  const entry = entries[low - 1];
  const endSecs = entry ? entry.startSecs + entry.secs : 0;
  if (!entry || secs >= endSecs) return null;
  const { startSecs, tiles } = entry;
  if (!tiles) return { entry, startSecs, endSecs };
  const { columns, rows, secs: tileSecs } = tiles;
  const last = columns * rows - 1;
  const at = Math.min(last, Math.floor((secs - startSecs) / tileSecs));
  return {
    entry,
    startSecs: startSecs + at * tileSecs,
    endSecs: at === last ? endSecs : Math.min(endSecs, startSecs + (at + 1) * tileSecs),
    tile: { column: at % columns, row: Math.floor(at / columns) },
  };
}

/** Tags with their values, and lines of addresses by an empty name. @param {string} text */
function* tagsOf(text) {
  // No split: a list of many megabytes would be there twice.
  for (let at = 0; at < text.length; ) {
    const found = text.indexOf('\n', at);
    const end = found < 0 ? text.length : found;
    const line = end - at > LONGEST_LINE ? '' : text.slice(at, end).trim();
    at = end + 1;
    if (line.startsWith('#EXT')) {
      const [, tag, value] = /^([^:]*):?(.*)$/.exec(line) ?? [];
      yield [tag, value];
    } else if (line && !line.startsWith('#')) yield ['', line];
  }
}

/** @param {string} list (RFC 8216bis 4.2) @param {Map<string, string>} variables */
function attributesOf(list, variables) {
  /** @type {Map<string, string>} */
  const found = new Map();
  for (const [, name, quoted, plain] of list.matchAll(/(?:^|,)\s*([A-Z0-9-]+)=(?:"([^"]*)"|([^",]*))/g)) {
    if (!found.has(name)) found.set(name, withVariables(quoted ?? plain.trim(), variables));
  }
  return found;
}

/** @param {string} text @param {Map<string, string>} variables */
function withVariables(text, variables) {
  if (variables.size === 0 || text.length > LONGEST_VALUE) return text;
  return text.replaceAll(/\{\$([\w-]+)\}/g, (whole, name) => variables.get(name) ?? whole);
}

/**
 * EXT-X-DEFINE (RFC 8216bis 4.4.2.3).
 * @param {Map<string, string>} variables @param {string} value @param {string} from
 * @param {Map<string, string>} [known] for IMPORT
 */
function define(variables, value, from, known) {
  const attributes = attributesOf(value, variables);
  const [name, imported, parameter] = ['NAME', 'IMPORT', 'QUERYPARAM'].map((key) => attributes.get(key));
  const query = () => new URL(from).searchParams;
  const given = name
    ? attributes.get('VALUE')
    : imported
      ? known?.get(imported)
      : parameter && query().get(parameter);
  const key = name ?? imported ?? parameter;
  if (!key || given === undefined || given === null || given.length > LONGEST_VALUE) return;
  if (variables.size < MOST_VARIABLES) variables.set(key, given);
}

/** @param {string | undefined} uri @param {string} from */
const absolute = (uri, from) => (uri && URL.canParse(uri, from) ? new URL(uri, from).href : undefined);

/** @param {string} text */
function positive(text) {
  const number = Number.parseFloat(text);
  return number > 0 && number < 1e9 ? number : 0;
}

/** `2x3` @param {string | undefined} text */
function pairOf(text) {
  const [, first, second] = /^(\d{1,5})x(\d{1,5})$/.exec(text ?? '') ?? [];
  return first ? [Number(first), Number(second)] : undefined;
}

/** @param {string | undefined} text @param {number | undefined} next where the range before ended @returns {Range | undefined} */
function rangeOf(text, next) {
  const [, length, at] = /^(\d+)(?:@(\d+))?$/.exec(text ?? '') ?? [];
  const offset = at ? Number(at) : next;
  const isOne = length && offset !== undefined && Number.isSafeInteger(offset + Number(length));
  return isOne && Number(length) > 0 ? { offset, length: Number(length) } : undefined;
}

/** @param {Map<string, string>} attributes @param {number} entrySecs @returns {Tiles | undefined} */
function tilesOf(attributes, entrySecs) {
  const [columns, rows] = pairOf(attributes.get('LAYOUT')) ?? [0, 0];
  const secs = positive(attributes.get('DURATION') ?? '') || entrySecs / (columns * rows);
  return columns > 0 && rows > 0 && secs > 0 ? { columns, rows, secs } : undefined;
}
