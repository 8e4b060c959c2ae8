// @ts-check
/**
 * `addresses.js` of the one-file package: nothing lies anywhere, all of it is in this script.
 *
 * In: the worker as a text and the wasm modules as base64 of gzip, which `xtask/bundle.mjs` puts in. Out:
 * the same functions; the worker has a blob's address, a module a made-up one that `fetchFile` knows. Nothing
 * is decoded before it is asked for.
 */

// @ts-ignore: made while bundling
import { modules, workerSource } from './standalone_files.js';
import { unpack } from './standalone_unpack.js';

const SCHEME = 'videosphere:';

/** @param {string | URL} url */
export const absolute = (url) => new URL(String(url), document.baseURI).href;

/** @type {string | undefined} one for all workers */
let workerUrl;
export const workerAddress = () =>
  (workerUrl ??= URL.createObjectURL(new Blob([workerSource], { type: 'text/javascript' })));
export const engineAddress = () => `${SCHEME}engine`;
/** The worker has it inside. @returns {string | undefined} */
export const transmuxAddress = () => undefined;
/** The same. @returns {string | undefined} */
export const dashAddress = () => undefined;
/** The same. @returns {Record<string, string> | undefined} */
export const tracksAddresses = () => undefined;
export const viewAddresses = {
  webgpu: () => `${SCHEME}view_webgpu`,
  webgl2: () => `${SCHEME}view_webgl2`,
};

/**
 * What lies at one of these addresses.
 * @param {string} url @param {RequestPriority} priority @param {AbortSignal} [signal]
 */
export async function fetchFile(url, priority, signal) {
  if (!url.startsWith(SCHEME)) return fetch(url, { priority, signal });
  return unpack(moduleAt(url));
}

/**
 * For a worker that is to compile a module itself, as it cannot fetch it.
 * @param {string} url
 * @returns {Promise<ArrayBuffer> | null}
 */
export const bytesAt = (url) => (url.startsWith(SCHEME) ? unpack(moduleAt(url)).arrayBuffer() : null);

/** @param {string} url @returns {string} */
const moduleAt = (url) => modules[url.slice(SCHEME.length)];
