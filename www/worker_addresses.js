// @ts-check
/**
 * Where the worker's wasm modules lie, if the page does not say.
 *
 * In: literal addresses, in the one form that bundlers find and put their own in the place of. Out: what
 * a module's start takes. The one-file package has `standalone_worker_addresses.js` in its place.
 */
export const engineSource = () => new URL('./wasm/engine_bg.wasm', import.meta.url);
export const transmuxSource = () => new URL('./wasm/transmux_bg.wasm', import.meta.url);
export const dashSource = () => new URL('./wasm/dash_bg.wasm', import.meta.url);
/** What reads text, by its kind. */
export const tracksSources = {
  captions: () => new URL('./wasm/captions_bg.wasm', import.meta.url),
  webvtt: () => new URL('./wasm/webvtt_bg.wasm', import.meta.url),
  imsc: () => new URL('./wasm/imsc_bg.wasm', import.meta.url),
  metadata: () => new URL('./wasm/metadata_bg.wasm', import.meta.url),
};
