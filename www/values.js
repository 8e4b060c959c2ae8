// @ts-check
/**
 * Values from pages and attributes, checked. In: anything. Out: a value of the contract, or a
 * TypeError that says which values there are.
 */

import { mediaSourceClass } from './compat/media.js';

/**
 * @import {
 *   CmcdOptions, EngineConfig, GestureHandling, Projection, Quality, Renderer, RequestFunction, RequestOptions, Stereo,
 * } from './index.js'
 */

/** What `auto` means until a stream says otherwise. */
const DEFAULT_PROJECTION = 'equirect-360';
const DEFAULT_STEREO = 'mono';
const PROJECTIONS = /** @type {const} */ ([DEFAULT_PROJECTION, 'equirect-180']);
const STEREO_LAYOUTS = /** @type {const} */ ([DEFAULT_STEREO, 'top-bottom', 'side-by-side']);
const RENDERERS = /** @type {const} */ (['auto', 'webgpu', 'webgl2']);
const GESTURE_HANDLINGS = /** @type {const} */ (['auto', 'cooperative', 'greedy', 'none']);

/** @param {unknown} value @returns {Projection} */
export const toProjection = (value) =>
  value === 'auto' || value == null ? DEFAULT_PROJECTION : oneOf(value, 'projection', PROJECTIONS);

/** @param {unknown} value @returns {Stereo} */
export const toStereo = (value) =>
  value === 'auto' || value == null ? DEFAULT_STEREO : oneOf(value, 'stereo', STEREO_LAYOUTS);

/** @param {unknown} value @returns {'auto' | Renderer} */
export const toRenderer = (value) => oneOf(value, 'renderer', RENDERERS);

/** @param {unknown} value @returns {GestureHandling} */
export const toGestureHandling = (value) => oneOf(value, 'gestureHandling', GESTURE_HANDLINGS);

/** @param {unknown} value @returns {Quality} */
export function toQuality(value) {
  if (value === 'auto' || value === 'max') return value;
  const height = Number(value);
  if (Number.isInteger(height) && height > 0) return height;
  throw new TypeError(`videosphere: quality is 'auto', 'max' or a height, not “${value}”.`);
}

/** @param {unknown} value @param {string} name */
export function toDegrees(value, name) {
  const degrees = Number(value);
  if (Number.isFinite(degrees)) return degrees;
  throw new TypeError(`videosphere: ${name} is a number of degrees, not “${value}”.`);
}

/** @param {unknown} value seconds; nothing leaves it to the stream @returns {number | null} */
export function toTargetLatency(value) {
  if (value == null || value === '') return null;
  const secs = Number(value);
  if (Number.isFinite(secs) && secs >= 0) return secs;
  throw new TypeError(`videosphere: targetLatency is a number of seconds or null, not “${value}”.`);
}

/** @param {unknown} value tags of BCP 47 with commas between them, or nothing */
export function toAudioLanguage(value) {
  const text = String(value ?? '').trim();
  if (/^[\w-]*(\s*,\s*[\w-]+)*$/.test(text)) return text;
  throw new TypeError(
    `videosphere: audioLanguage is a language as in HTML's lang, or several with commas between them, not “${value}”.`,
  );
}

/** @param {unknown} value `{headers, origins, credentials}`, a function, or nothing @returns {RequestOptions | RequestFunction | null} */
export function toRequest(value) {
  if (typeof value === 'function') return /** @type {RequestFunction} */ (value);
  const request = /** @type {RequestOptions | null} */ (toOptions(value, 'request'));
  return request?.origins ? { ...request, origins: request.origins.map(toOrigin) } : request;
}

/** @param {unknown} value a MediaStream, a MediaSource or a Blob, or nothing @returns {MediaProvider | null} */
export function toSrcObject(value) {
  if (value == null) return null;
  if (typeof value === 'object') return /** @type {MediaProvider} */ (value);
  throw new TypeError(`videosphere: srcObject is a MediaStream, a MediaSource or a Blob, not “${value}”.`);
}

/** @param {unknown} value what is in it the engine checks @returns {EngineConfig | null} */
export const toConfig = (value) => toOptions(value, 'config');

/** @param {unknown} value what is in it `cmcd.js` checks @returns {CmcdOptions | null} */
export const toCmcd = (value) => toOptions(value, 'cmcd');

/**
 * @param {unknown} value a folder that holds both modules as they are named, or the address of each
 * @returns {Partial<Record<Renderer, string | URL>>}
 */
export function toWasmUrls(value) {
  if (typeof value !== 'string' && !(value instanceof URL)) return toOptions(value, 'wasmUrls') ?? {};
  const folder = toAbsoluteUrl(value).replace(/\/?$/, '/');
  return { webgpu: `${folder}view_webgpu_bg.wasm`, webgl2: `${folder}view_webgl2_bg.wasm` };
}

/** @param {unknown} value @param {string} name @returns {object | null} */
function toOptions(value, name) {
  if (value == null) return null;
  if (typeof value === 'object' && !Array.isArray(value)) return value;
  throw new TypeError(`videosphere: ${name} is an object of options or null, not “${value}”.`);
}

/** @param {unknown} value a URL, or `'*'` for everywhere @returns {string} */
function toOrigin(value) {
  if (value === '*') return value;
  try {
    return new URL(String(value)).origin;
  } catch {
    throw new TypeError(
      `videosphere: request.origins holds addresses such as https://cdn.example.com, not “${value}”.`,
    );
  }
}

/**
 * As `<video src>` reads it. What is no URL goes on as it is: the engine reports `invalid-url`.
 * @param {unknown} value
 */
export function toAbsoluteUrl(value) {
  const text = String(value ?? '').trim();
  try {
    return text && new URL(text, document.baseURI).href;
  } catch {
    return text;
  }
}

/**
 * @template {string} Word
 * @param {unknown} value @param {string} name @param {readonly Word[]} allowed
 * @returns {Word}
 */
function oneOf(value, name, allowed) {
  const known = allowed.find((word) => word === value);
  if (known !== undefined) return known;
  const words = [...new Set(['auto', ...allowed])];
  throw new TypeError(`videosphere: ${name} is one of ${words.join(', ')}, not “${value}”.`);
}

/**
 * `canPlayType` with what this player adds to the browser: HLS, wherever there is a media source.
 * @param {string} type
 * @param {HTMLVideoElement} video
 */
export function canPlayType(type, video) {
  const isHls = /^(application|audio)\/(vnd\.apple\.|x-)?mpegurl/i.test(type);
  return isHls && mediaSourceClass() ? 'maybe' : video.canPlayType(type);
}
