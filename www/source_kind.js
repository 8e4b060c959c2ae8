// @ts-check
/**
 * Whose a source is: a playlist is the engine's, a file the browser's own.
 *
 * In: an address, and what a page says of its type. Out: `hls` (or DASH, which the worker makes HLS of), `file`, or `unknown` where neither
 * tells; that is taken for HLS until its answer says otherwise (`sniff_source.js`).
 */

/** @typedef {'hls' | 'file' | 'unknown'} SourceKind */

const HLS_TYPE = /^((application|audio)\/(vnd\.apple\.|x-)?mpegurl|application\/dash\+xml)/i;
const FILE_TYPE = /^(video|audio)\//i;
const HLS_PATH = /\.(m3u8?|mpd)$/i;
const FILE_PATH = /\.(mp4|m4v|mov|webm|mkv|ogv|ogg|3gp|mp3|m4a|wav)$/i;

/** @param {string} type a MIME type @returns {SourceKind} */
export function kindOfType(type) {
  if (HLS_TYPE.test(type)) return 'hls';
  return FILE_TYPE.test(type) ? 'file' : 'unknown';
}

/** @param {string} url absolute @param {string} [type] @returns {SourceKind} */
export function kindOf(url, type = '') {
  const byType = kindOfType(type);
  if (byType !== 'unknown') return byType;
  // The engine loads neither; a page makes them of files.
  const [scheme, rest] = url.split(/:(.*)/s);
  if (scheme === 'blob') return 'file';
  if (scheme === 'data') return kindOfType(rest);
  const path = url.replace(/[?#].*/s, '');
  if (HLS_PATH.test(path)) return 'hls';
  return FILE_PATH.test(path) ? 'file' : 'unknown';
}
