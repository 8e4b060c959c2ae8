// @ts-check
/**
 * What a stream needs first, asked for by the page while the engine is on its way.
 *
 * In: the stream's address and request options. Out: messages for the worker: the multivariant playlist
 * (`asked`), the media playlist that the engine will most likely choose (the same), and that the segments
 * will need the transmuxer (`transmux`). The engine still decides: an answer that it does not ask
 * for is left, and costs one small request. Nothing is guessed where the page's own settings decide.
 */
import { mediaSourceClass } from './compat/media.js';
import { requestEarly } from './early_request.js';

/**
 * @import { RequestOptions } from './index.js'
 * @import { ToWorker } from './protocol.d.ts'
 */

/**
 * @typedef {object} EarlyStream
 * @property {string} url absolute
 * @property {number} load as of `LoadMessage`
 * @property {RequestOptions} request
 * @property {(url: string, init: RequestInit) => Promise<Response>} [fetchBy] as the engine's requests are made
 * @property {(text: string) => void} [onText] gets the first playlist
 * @property {boolean} isChoiceUsual neither the page nor the viewer has a say in the first variant
 * @property {number} startBps up to which BANDWIDTH the engine begins
 */

/**
 * @param {EarlyStream} stream
 * @param {(message: ToWorker, transfer?: Transferable[]) => void} post to the worker
 * @returns {{ abort(): void }} for when the stream is left
 */
export function askEarly({ url, load, request, isChoiceUsual, startBps, fetchBy, onText: onFirst }, post) {
  /** @type {(() => void)[]} */
  const aborts = [];
  const ask = (/** @type {string} */ address, /** @type {boolean} */ isLast) => {
    const onText = (/** @type {string} */ text, /** @type {string} */ from) => read(text, from, isLast);
    const { port, abort } = requestEarly(address, request, onText, fetchBy);
    aborts.push(abort);
    post({ kind: 'asked', load, url: address, port }, [port]);
  };
  const read = (/** @type {string} */ text, /** @type {string} */ from, /** @type {boolean} */ isLast) => {
    if (!isLast) onFirst?.(text);
    if (text.includes('#EXTINF')) {
      if (!text.includes('#EXT-X-MAP')) post({ kind: 'transmux' });
      return;
    }
    const next = isChoiceUsual && !isLast && likelyPlaylist(text, from, startBps);
    // Elsewhere the page's headers may not go, and the engine's request would lack them.
    if (next && new URL(next).origin === new URL(url).origin) ask(next, true);
  };
  ask(url, false);
  return {
    abort() {
      for (const abort of aborts) abort();
    },
  };
}

/**
 * The media playlist that the engine would choose at first, as `choose_auto` in `src/abr/choose.rs` does before
 * anything is measured.
 * @param {string} text of a multivariant playlist (RFC 8216bis 4.4.6)
 * @param {string} from its address
 * @param {number} startBps
 * @returns {string | undefined} absolute; nothing where it does not say plainly
 */
export function likelyPlaylist(text, from, startBps) {
  const variants = variantsOf(text)
    .filter(({ codecs }) => isPlayable(codecs))
    .filter(isOfFirst);
  const carried = variants.filter(({ bps }) => bps <= startBps);
  const best = carried.length
    ? carried.reduce((a, b) => (b.px > a.px || (b.px === a.px && b.bps >= a.bps) ? b : a))
    : variants.reduce((a, b) => (b.bps < a.bps ? b : a), variants[0]);
  // With a variable of EXT-X-DEFINE in it, or of several places.
  if (!best || best.uri.includes('{$') || text.includes('-STEERING:')) return undefined;
  return URL.canParse(best.uri, from) ? new URL(best.uri, from).href : undefined;
}

/** @param {string} text */
function variantsOf(text) {
  const variants = [];
  let tag = '';
  for (const line of text.split('\n').map((each) => each.trim())) {
    if (line.startsWith('#EXT-X-STREAM-INF:')) tag = line;
    if (!tag || !line || line.startsWith('#')) continue;
    const [, width, height] = /RESOLUTION=(\d+)x(\d+)/.exec(tag) ?? [];
    variants.push({
      uri: line,
      bps: Number(/[:,]BANDWIDTH=(\d+)/.exec(tag)?.[1] ?? 0),
      px: Number(width ?? 0) * Number(height ?? 0),
      codecs: /CODECS="([^"]*)"/.exec(tag)?.[1],
    });
    tag = '';
  }
  return variants;
}

/**
 * Of several codecs the first plays, until more is known.
 * @param {{ codecs?: string }} variant @param {number} _index @param {{ codecs?: string }[]} all
 */
function isOfFirst({ codecs }, _index, [first]) {
  return kindOf(codecs) === kindOf(first?.codecs);
}

/** @param {string | undefined} codecs */
const kindOf = (codecs) => codecs?.replace(/\.[^,]*/g, '');

/** @param {string | undefined} codecs */
function isPlayable(codecs) {
  return codecs === undefined || mediaSourceClass()?.isTypeSupported(`video/mp4; codecs="${codecs}"`);
}
