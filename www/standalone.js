// @ts-check
/**
 * The element, `Player`, and every other file of the package in one script, for whatever moves scripts
 * and leaves other files behind. In: nothing. Out: what `element.js` exports. `xtask/bundle.mjs` builds it with
 * `standalone_addresses.js` in the place of `addresses.js`.
 */
export * from './element.js';
