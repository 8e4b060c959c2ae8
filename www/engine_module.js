// @ts-check
/**
 * The engine's wasm, compiled on the page's thread for all workers.
 *
 * In: its address. Out: the module, asked for before any worker runs and shared by those that follow. A
 * failure is none here: the worker then compiles the module by itself, and says what is wrong.
 */

import { bytesAt, fetchFile } from './addresses.js';

/** @type {Map<string, Promise<WebAssembly.Module | ArrayBuffer | null>>} */
const modules = new Map();

/**
 * @param {string} url absolute
 * @returns {Promise<WebAssembly.Module | ArrayBuffer | null>}
 */
export function engineModule(url) {
  let module = modules.get(url);
  if (!module) {
    module = compile(url).catch(() => {
      modules.delete(url);
      return bytesAt(url);
    });
    modules.set(url, module);
  }
  return module;
}

/** @param {string} url */
async function compile(url) {
  // Nothing is played without it: ahead of the view's module and the control bar.
  return WebAssembly.compileStreaming(fetchFile(url, 'high'));
}
