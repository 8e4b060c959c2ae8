// @ts-check
/**
 * The two view modules: which one this browser can use, loaded once each.
 *
 * In: the renderer that was asked for. Out: the names to try in their order, and the initialised
 * wasm module of a name, as long as it has not trapped: what trapped once was left half done, and is
 * handed out no more. WebGPU is offered only where the browser really has an adapter: many have
 * `navigator.gpu` and nothing behind it. A software adapter is passed over, since WebGL2 on the
 * same machine is no slower and uploads video more cheaply. It is asked for once, and not where
 * WebGL finds no GPU: Chromium warns on the console whenever it has no adapter.
 */

import { absolute, fetchFile, viewAddresses } from './addresses.js';
import { isFallbackAdapter, rendererName } from './compat/display.js';

/**
 * @import { HeadsetModule, ViewModule } from './view_module.d.ts'
 * @typedef {import('./index.js').Renderer} Renderer
 */

/** What each module exports. @typedef {{ webgpu: ViewModule, webgl2: HeadsetModule }} Modules */

/**
 * Literal addresses, so that bundlers find the modules and split them off.
 * @type {{ [Name in Renderer]: () => Promise<Modules[Name]> }}
 */
const MODULES = {
  // @ts-ignore: not there before it is built
  webgpu: () => import('./wasm/view_webgpu.js'),
  // @ts-ignore: not there before it is built
  webgl2: () => import('./wasm/view_webgl2.js'),
};

/** @type {Map<Renderer, Promise<ViewModule>>} */
const loading = new Map();
/** @type {Set<Renderer>} those whose wasm has trapped */
const trapped = new Set();
/** @type {Promise<boolean> | undefined} */
let webGpu;

/**
 * The module of a renderer, initialised; a failed load is forgotten, so that it can be tried again.
 * @template {Renderer} Name
 * @param {Name} renderer
 * @param {string | URL} [wasmUrl] where its `_bg.wasm` is, if not beside it
 * @returns {Promise<Modules[Name]>}
 */
export function loadModule(renderer, wasmUrl) {
  if (trapped.has(renderer)) {
    const detail = `the ${renderer} module met a defect earlier`;
    const message = `${detail}: reload the page`;
    return Promise.reject({ code: 'renderer-unavailable', severity: 'fatal', message, context: { detail } });
  }
  let module = loading.get(renderer);
  if (!module) {
    // Beside its JavaScript, and behind the engine's, which has further to go until there is a picture.
    const url = wasmUrl ? absolute(wasmUrl) : viewAddresses[renderer]();
    const wasm = fetchFile(url, 'low');
    wasm.catch(() => {});
    module = MODULES[renderer]().then(async (loaded) => {
      await loaded.default({ module_or_path: wasm }).catch((reason) => {
        // WebAssembly's errors do not say of what file.
        throw new Error(`${url}: ${reason instanceof Error ? reason.message : reason}`);
      });
      return loaded;
    });
    module.catch(() => loading.delete(renderer));
    loading.set(renderer, module);
  }
  return /** @type {Promise<Modules[Name]>} */ (module);
}

/**
 * The view module whose wasm trapped, as a panic in it does. Its calls come from the browser
 * (frames, pointers, sizes), so that only the window gets the error.
 * @param {unknown} error
 * @returns {Renderer | undefined}
 */
export function trappedModule(error) {
  if (!(error instanceof WebAssembly.RuntimeError)) return undefined;
  const name = /** @type {Renderer | undefined} */ (/view_(webgpu|webgl2)/.exec(error.stack ?? '')?.[1]);
  if (name) trapped.add(name);
  return name;
}

/**
 * A promise of a module's, rejected if the module traps while it is under way: of itself it would
 * never end then.
 * @template T
 * @param {Renderer} renderer @param {Promise<T>} promise
 * @returns {Promise<T>}
 */
export function rejectOnTrap(renderer, promise) {
  const listening = new AbortController();
  /** @type {Promise<never>} */
  const trap = new Promise((_, reject) => {
    const onError = (/** @type {ErrorEvent} */ { error }) => {
      if (trappedModule(error) === renderer) reject(error);
    };
    globalThis.addEventListener?.('error', onError, { signal: listening.signal });
  });
  return Promise.race([promise, trap]).finally(() => listening.abort());
}

/**
 * The renderers to try, best first.
 * @param {'auto' | Renderer} wanted
 * @returns {Promise<Renderer[]>}
 */
export async function renderersToTry(wanted) {
  if (wanted !== 'auto') return [wanted];
  return (await (webGpu ??= hasWebGpu())) ? ['webgpu', 'webgl2'] : ['webgl2'];
}

async function hasWebGpu() {
  // Making a context can take long, and the page has first to ask for the engine and the stream.
  await new Promise((resolve) => setTimeout(resolve));
  try {
    const adapter = navigator.gpu && hasGpu() && (await navigator.gpu.requestAdapter());
    return adapter ? !isFallbackAdapter(adapter) : false;
  } catch {
    return false;
  }
}

/** Whether WebGL is drawn by a GPU; it writes nothing to the console either way. */
function hasGpu() {
  const gl = document.createElement('canvas').getContext('webgl2');
  if (!gl) return false;
  const name = rendererName(gl);
  gl.getExtension('WEBGL_lose_context')?.loseContext();
  return !/swiftshader|llvmpipe|software/i.test(name);
}
