// @ts-check
/**
 * Where the other files of the package lie.
 *
 * In: literal addresses, in the one form that bundlers find and put their own in the place of. Out:
 * absolute addresses as text, whatever a bundler made of them: Next's are relative and no `URL`. The
 * one-file package has `standalone_addresses.js` in its place.
 */

/** @param {string | URL} url */
export const absolute = (url) => new URL(String(url), document.baseURI).href;

export const workerAddress = () => absolute(new URL('./worker.js', import.meta.url));
export const engineAddress = () => absolute(new URL('./wasm/engine_bg.wasm', import.meta.url));
export const transmuxAddress = () => absolute(new URL('./wasm/transmux_bg.wasm', import.meta.url));
export const dashAddress = () => absolute(new URL('./wasm/dash_bg.wasm', import.meta.url));
/** What reads text, by its kind. */
export const tracksAddresses = () => ({
  captions: absolute(new URL('./wasm/captions_bg.wasm', import.meta.url)),
  webvtt: absolute(new URL('./wasm/webvtt_bg.wasm', import.meta.url)),
  imsc: absolute(new URL('./wasm/imsc_bg.wasm', import.meta.url)),
  metadata: absolute(new URL('./wasm/metadata_bg.wasm', import.meta.url)),
});
export const viewAddresses = {
  webgpu: () => absolute(new URL('./wasm/view_webgpu_bg.wasm', import.meta.url)),
  webgl2: () => absolute(new URL('./wasm/view_webgl2_bg.wasm', import.meta.url)),
};

/**
 * What lies at one of these addresses.
 * @param {string} url @param {RequestPriority} priority @param {AbortSignal} [signal]
 */
export const fetchFile = (url, priority, signal) => fetch(url, { priority, signal });

/**
 * For a worker that is to compile a module itself: here it fetches it.
 * @param {string} _url
 * @returns {Promise<ArrayBuffer> | null}
 */
export const bytesAt = (_url) => null;
