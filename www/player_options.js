// @ts-check
/**
 * How a player begins, checked: what can be refused is read before anything is made that would have to be freed
 * again.
 *
 * In: a page's `PlayerOptions`. Out: the same with values of the contract, or a TypeError that says which there are.
 */
import { PROPERTIES } from './properties.js';
import { kindOf } from './source_kind.js';
import { toAbsoluteUrl, toProjection, toQuality, toRenderer, toStereo, toWasmUrls } from './values.js';

/** @import { PlayerOptions } from './index.js' */

/** @param {PlayerOptions} options */
export function checkedOptions(options) {
  /** @type {PlayerOptions & Record<string, unknown>} */
  const given = { ...options };
  for (const [name, { check }] of Object.entries(PROPERTIES)) {
    if (given[name] !== undefined) given[name] = check(given[name]);
  }
  const type = String(options.type ?? '');
  return {
    ...given,
    type,
    quality: toQuality(options.quality ?? 'auto'),
    renderer: toRenderer(options.renderer ?? 'auto'),
    projection: toProjection(options.projection),
    stereo: toStereo(options.stereo),
    wasmUrls: toWasmUrls(options.wasmUrls),
    isEngineWanted: !options.srcObject && kindOf(toAbsoluteUrl(options.src), type) !== 'file',
  };
}
