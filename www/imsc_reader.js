// @ts-check
/** Reads subtitles of IMSC, loaded where a page wants them: the `imsc` module's functions, once it is there. */

// @ts-ignore: not there before it is built
import init, { forget, readText, reset, setInit } from './wasm/imsc.js';

/** @param {unknown} source what the module's start takes */
export async function load(source) {
  await init({ module_or_path: source });
  return { forget, readText, reset, setInit };
}
