// @ts-check
/** Reads captions within the media, loaded where a page wants them: the `captions` module's functions, once it is there. */

// @ts-ignore: not there before it is built
import init, { readMedia, reset } from './wasm/captions.js';

/** @param {unknown} source what the module's start takes */
export async function load(source) {
  await init({ module_or_path: source });
  return { readMedia, reset };
}
