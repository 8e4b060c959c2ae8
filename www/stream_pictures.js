// @ts-check
/**
 * The pictures that a stream itself offers for its seek bar. Loaded where the page has no storyboard of the moment.
 *
 * In: the stream's address, how its requests are made, and its timeline. Out: the picture of a moment. The multivariant
 * playlist is read once more, mostly out of the browser's cache: so the engine knows nothing of all this. Lists of live
 * streams are asked for again when a moment lies behind their end, once a target duration. It refuses what is encrypted.
 */
import { fittingRendition, pictureAt, picturesOf, renditionsOf } from './picture_lists.js';

/**
 * @import { ErrorName, Timeline } from './index.js'
 * @import { Entry, PictureList, PictureRendition, Resource } from './picture_lists.js'
 * @import { Moment, Picture, Source } from './thumbnails.js'
 */

/** @typedef {(url: string, init: RequestInit, resource: string) => Promise<Response>} Ask `resource` in the engine's words */
/** @typedef {{ bytes: Uint8Array<ArrayBuffer>, type: string, url: string }} Body `url` after redirects */

/** @typedef {PictureList & { endSecs: number }} Placed where the stream ended as the list was read, in seconds of `currentTime` */

/** Most bytes of a playlist, or of a picture. */
const MOST_BYTES = 16 * 2 ** 20;
const LIMIT_MILLIS = 10_000;
/** Between two requests for a list without EXT-X-TARGETDURATION. */
const RELOAD_SECS = 5;
/** Wider pictures are kept smaller, unless a page wants them: a sphere's third is plenty for a seek bar. */
const USUAL_WIDTH_PX = 960;

export class StreamPictures {
  url;
  #ask;
  #timeline;
  /** @type {Promise<ReturnType<typeof renditionsOf>> | undefined} */
  #renditions;
  /** By address. @type {Map<string, { list: Promise<Placed>, sinceMillis: number }>} */
  #lists = new Map();
  /** @type {{ key: string, body: Promise<Body> } | undefined} */
  #lastInit;

  /** @param {string} url @param {Ask} ask @param {() => Timeline | null} timeline */
  constructor(url, ask, timeline) {
    this.url = url;
    this.#ask = ask;
    this.#timeline = timeline;
  }

  /** Images before I-frames, which are larger and have to be decoded. @returns {Source[]} */
  get sources() {
    return [
      { find: (secs, widthPx) => this.#findImage(secs, widthPx) },
      { find: (secs, widthPx) => this.#findKeyFrame(secs, widthPx) },
    ];
  }

  /** @param {number} secs @param {number} pictureWidthPx */
  async #findImage(secs, pictureWidthPx) {
    const { images } = await this.#known();
    const rendition = fittingRendition(images, pictureWidthPx);
    return rendition ? this.#imageAt(rendition, secs) : null;
  }

  /** @param {number} secs @param {number} pictureWidthPx @returns {Promise<Moment | null>} */
  async #findKeyFrame(secs, pictureWidthPx) {
    const { iframes } = await this.#known();
    if (iframes.length === 0) return null;
    const { decodable, pictureOf } = await import('./key_frames.js');
    const rendition = fittingRendition(await decodable(iframes), pictureWidthPx);
    const found = rendition && (await this.#at(rendition, secs));
    if (!found) return null;
    const { entry, moment } = found;
    const mostWidthPx = pictureWidthPx > USUAL_WIDTH_PX ? Infinity : USUAL_WIDTH_PX;
    const load = async (/** @type {AbortSignal} */ signal) => {
      const [init, { bytes }] = await Promise.all([this.#init(entry.map), this.#clear(entry, signal)]);
      const offset = entry.range?.offset ?? 0;
      const { codecs } = rendition;
      return pictureOf({ init, bytes, offset, codecs, url: entry.url }, mostWidthPx);
    };
    return { ...moment, key: `${moment.key} ${mostWidthPx}`, box: () => undefined, load };
  }

  /** An init section, which most I-frames of a list share. @param {Resource | undefined} map */
  async #init(map) {
    if (!map) return undefined;
    const key = `${map.url} ${map.range?.offset ?? ''}`;
    if (this.#lastInit?.key !== key) {
      const body = this.#body(map, 'init segment');
      this.#lastInit = { key, body };
      // To be asked for again.
      body.catch(() => (this.#lastInit = undefined));
    }
    return (await this.#lastInit.body).bytes;
  }

  /** @param {PictureRendition} rendition @param {number} secs @returns {Promise<Moment | null>} */
  async #imageAt(rendition, secs) {
    const found = await this.#at(rendition, secs);
    if (!found) return null;
    const { entry, tile } = found;
    const box = (/** @type {Picture} */ { width, height }) => {
      if (!tile || !entry.tiles) return undefined;
      const [wide, high] = [width / entry.tiles.columns, height / entry.tiles.rows];
      return [tile.column * wide, tile.row * high, wide, high];
    };
    const load = async (/** @type {AbortSignal} */ signal) => imageOf(await this.#clear(entry, signal));
    return { ...found.moment, box, load };
  }

  /** What a list has of a moment. @param {PictureRendition} rendition @param {number} secs of `currentTime` */
  async #at({ url }, secs) {
    let list = await this.#list(url);
    let zeroSecs = this.#zeroSecs(list);
    if (!list.isEnded && secs >= zeroSecs + list.secs && this.#isOld(url, list)) {
      this.#lists.delete(url);
      list = await this.#list(url);
      zeroSecs = this.#zeroSecs(list);
    }
    const found = pictureAt(list, secs - zeroSecs);
    if (!found) return null;
    const { entry, startSecs, endSecs } = found;
    const key = entry.range ? `${entry.url} ${entry.range.offset}` : entry.url;
    return { ...found, moment: { key, startTime: zeroSecs + startSecs, endTime: zeroSecs + endSecs } };
  }

  /**
   * Where the list begins, in seconds of `currentTime`: by dates where the stream moves on, or else because it ends
   * where the stream does.
   * @param {Placed} list
   */
  #zeroSecs({ isEnded, secs, startUnixMillis, endSecs }) {
    const timeline = this.#timeline();
    if (isEnded || !timeline?.live) return timeline?.start ?? 0;
    if (startUnixMillis !== null && timeline.zeroUnixMillis !== null) {
      return (startUnixMillis - timeline.zeroUnixMillis) / 1000;
    }
    return endSecs - secs;
  }

  /** @param {string} url @param {PictureList} list */
  #isOld(url, { targetSecs }) {
    const { sinceMillis = -Infinity } = this.#lists.get(url) ?? {};
    return performance.now() - sinceMillis > (targetSecs || RELOAD_SECS) * 1000;
  }

  #known() {
    if (!this.#renditions) {
      this.#renditions = this.#text(this.url, 'manifest').then(({ text, url }) =>
        renditionsOf(text ?? '', url),
      );
      // To be asked for again.
      this.#renditions.catch(() => (this.#renditions = undefined));
    }
    return this.#renditions;
  }

  /** @param {string} url */
  #list(url) {
    let known = this.#lists.get(url);
    if (!known) {
      known = { list: this.#readList(url), sinceMillis: performance.now() };
      this.#lists.set(url, known);
      // To be asked for again.
      known.list.catch(() => this.#lists.delete(url));
    }
    return known.list;
  }

  /** @param {string} asked */
  async #readList(asked) {
    const { variables } = await this.#known();
    const { text, url } = await this.#text(asked, 'media playlist');
    const list = text === undefined ? null : picturesOf(text, url, variables);
    if (list) return { ...list, endSecs: this.#timeline()?.end ?? list.secs };
    const message =
      'what should be a playlist of pictures is none: its address has to lead to a playlist with ' +
      `EXT-X-I-FRAMES-ONLY or EXT-X-IMAGES-ONLY (${asked})`;
    throw failure(text === undefined ? 'not-a-playlist' : 'playlist-invalid', message, { url: asked });
  }

  /** A playlist; without `text` where it is none, which is known by its first bytes. @param {string} asked @param {string} resource */
  async #text(asked, resource) {
    const isPlaylist = (/** @type {Uint8Array} */ head) =>
      /^(\xef\xbb\xbf)?#EXTM3U/.test(String.fromCharCode(...head.subarray(0, 10)));
    const body = await this.#body({ url: asked }, resource, undefined, isPlaylist);
    const { bytes, url } = body;
    return { text: isPlaylist(bytes) ? new TextDecoder().decode(bytes) : undefined, url };
  }

  /** The bytes of a picture. @param {Entry} entry @param {AbortSignal} signal */
  #clear(entry, signal) {
    if (entry.encryption) {
      const message =
        'the pictures for the seek bar are encrypted, which is not read here: offer them in the clear, or a storyboard ' +
        `(EXT-X-KEY:METHOD=${entry.encryption})`;
      throw failure('encrypted', message, { method: entry.encryption, url: entry.url });
    }
    return this.#body(entry, 'segment', signal);
  }

  /**
   * @param {Resource} resource @param {string} what in the engine's words @param {AbortSignal} [signal]
   * @param {(head: Uint8Array) => boolean} [isWanted] tells by the first bytes; the rest is left otherwise
   * @returns {Promise<Body>}
   */
  async #body({ url, range }, what, signal, isWanted) {
    const abort = new AbortController();
    const give = () => abort.abort(signal?.reason);
    signal?.addEventListener('abort', give, { once: true });
    const late = failure(
      'network-timeout',
      `no whole answer in ${LIMIT_MILLIS / 1000} s: ask again (${url})`,
      { url },
    );
    const timer = setTimeout(() => abort.abort(late), LIMIT_MILLIS);
    const headers = range && { Range: `bytes=${range.offset}-${range.offset + range.length - 1}` };
    try {
      const response = await this.#ask(url, { headers, signal: abort.signal }, what);
      if (!response.ok) {
        const { status } = response;
        response.body?.cancel().catch(() => {});
        throw failure('network-status', `the server answered ${status} for ${url}: check the address`, {
          url,
          status,
        });
      }
      const whole = await read(response, url, isWanted);
      // A server may know no ranges.
      const start = range && response.status !== 206 ? range.offset : 0;
      const bytes = range ? whole.subarray(start, start + range.length) : whole;
      return { bytes, type: response.headers.get('Content-Type') ?? '', url: response.url || url };
    } catch (reason) {
      if (abort.signal.aborted) throw abort.signal.reason;
      throw wordsFor(reason, url);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', give);
    }
  }
}

/** @param {unknown} reason @param {string} url */
function wordsFor(reason, url) {
  if (reason === null) {
    return failure('request-function-failed', `the page’s \`request\` function gave nothing for ${url}`, {
      url,
    });
  }
  if (reason && typeof reason === 'object' && 'code' in reason && typeof reason.code === 'string')
    return reason;
  const message = `no answer from ${url}: check the network, and that the server allows this page (CORS)`;
  return failure('network-unreachable', message, { url, detail: String(reason) });
}

/**
 * @param {Response} response @param {string} url @param {(head: Uint8Array) => boolean} [isWanted]
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
async function read(response, url, isWanted) {
  const reader = response.body?.getReader();
  /** @type {Uint8Array[]} */
  const chunks = [];
  let length = 0;
  let isJudged = !isWanted;
  for (;;) {
    const { value } = (await reader?.read()) ?? {};
    if (!value) break;
    chunks.push(value);
    length += value.length;
    const isTooLong = length > MOST_BYTES;
    const isLeft = !isJudged && length >= 10 && !isWanted?.(joined(chunks, length));
    isJudged ||= length >= 10;
    if (isTooLong || isLeft) reader?.cancel().catch(() => {});
    if (isLeft) break;
    if (isTooLong) {
      throw failure(
        'network-too-large',
        `more than ${MOST_BYTES} bytes are not read for a picture (${url})`,
        { url },
      );
    }
  }
  return joined(chunks, length);
}

/** @param {Uint8Array[]} chunks @param {number} length */
function joined(chunks, length) {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** @param {Body} body @returns {Promise<Picture>} */
async function imageOf({ bytes, type, url }) {
  try {
    const image = await createImageBitmap(new Blob([bytes], { type }));
    return { image, width: image.width, height: image.height };
  } catch (cause) {
    const message = `a picture for the seek bar is none that this browser reads: use JPEG, PNG or WebP (${url})`;
    throw failure('damaged-media', message, { url, detail: String(cause) });
  }
}

/** @param {ErrorName} code @param {string} message @param {Record<string, unknown>} context */
const failure = (code, message, context) => ({
  code,
  severity: /** @type {const} */ ('warning'),
  message,
  context,
});
