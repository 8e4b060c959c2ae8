// @ts-check
/**
 * `worker_addresses.js` of the one-file package. In: what it loads later as base64 of gzip, which
 * `xtask/bundle.mjs` puts in. Out: the same functions; the page gives the engine itself.
 */

// @ts-ignore: made while bundling
import { dashModule, textModules, transmuxModule } from './standalone_worker_files.js';
import { unpack } from './standalone_unpack.js';

export const engineSource = () => undefined;
export const transmuxSource = () => unpack(transmuxModule);
export const dashSource = () => unpack(dashModule);
export const tracksSources = {
  captions: () => unpack(textModules.captions),
  webvtt: () => unpack(textModules.webvtt),
  imsc: () => unpack(textModules.imsc),
  metadata: () => unpack(textModules.metadata),
};
