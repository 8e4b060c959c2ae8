// @ts-check
/** Reads timed metadata, loaded where a page wants them: the `metadata` module's functions, once it is there. */

// @ts-ignore: not there before it is built
import init, { readDateRange, readId3, readMedia, reset } from './wasm/metadata.js';

/** @param {unknown} source what the module's start takes */
export async function load(source) {
  await init({ module_or_path: source });
  return { readDateRange, readId3, readMedia, reset };
}
