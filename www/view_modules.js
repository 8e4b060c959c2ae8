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

/** The engine is waited for so long before the first question about graphics. */
const MAX_WAIT_MILLIS = 1000;
/** The context that answered it is kept so long. */
const LOSE_AFTER_MILLIS = 4000;

/** As `src/web/webgl2/mod.rs` asks for it. @type {WebGLContextAttributes} */
const WEBGL2_ATTRIBUTES = {
  alpha: false,
  antialias: false,
  depth: false,
  powerPreference: 'high-performance',
};
/** @type {HTMLCanvasElement | undefined} */
let spare;

/** @type {Map<Renderer, Promise<ViewModule>>} */
const loading = new Map();
/** WebGL2's wasm, asked for before it is sure. @type {{ url: string, wasm: Promise<Response>, abort(): void } | undefined} */
let ahead;
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
    const url = wasmAddress(renderer, wasmUrl);
    const wasm = ahead?.url === url ? ahead.wasm : fetchFile(url, 'low');
    ahead = undefined;
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

/** @param {Renderer} renderer @param {string | URL} [wasmUrl] */
const wasmAddress = (renderer, wasmUrl) => (wasmUrl ? absolute(wasmUrl) : viewAddresses[renderer]());

/**
 * The renderers to try, best first.
 * @param {'auto' | Renderer} wanted
 * @param {Promise<unknown>} first what this thread must not be held up in meanwhile
 * @param {string | URL} [webgl2Url] where WebGL2's `_bg.wasm` is, if not beside its JavaScript
 * @returns {Promise<Renderer[]>}
 */
export async function renderersToTry(wanted, first, webgl2Url) {
  if (wanted !== 'auto') return [wanted];
  return (await (webGpu ??= hasWebGpu(first, webgl2Url))) ? ['webgpu', 'webgl2'] : ['webgl2'];
}

/** @param {Promise<unknown>} first @param {string | URL} [webgl2Url] */
async function hasWebGpu(first, webgl2Url) {
  if (!navigator.gpu) return false;
  // Making a context takes a good while where there is no GPU, and this thread is held up meanwhile.
  await Promise.race([first, new Promise((resolve) => setTimeout(resolve, MAX_WAIT_MILLIS))]);
  askAhead(webgl2Url);
  try {
    const adapter = hasGpu() && (await navigator.gpu.requestAdapter());
    const isThere = adapter ? !isFallbackAdapter(adapter) : false;
    if (isThere) giveUpAhead();
    return isThere;
  } catch {
    return false;
  }
}

/**
 * Asks for WebGL2's module while the question is open. Where that takes long the answer is WebGL2; where
 * it is WebGPU, it comes before much has been sent; the 4 KB of JavaScript serve a headset then.
 * @param {string | URL} [wasmUrl]
 */
function askAhead(wasmUrl) {
  if (loading.has('webgl2')) return;
  const abort = new AbortController();
  const url = wasmAddress('webgl2', wasmUrl);
  const wasm = fetchFile(url, 'low', abort.signal);
  wasm.catch(() => {});
  MODULES.webgl2().catch(() => {});
  ahead = { url, wasm, abort: () => abort.abort() };
}

function giveUpAhead() {
  ahead?.abort();
  ahead = undefined;
}

/** Whether WebGL is drawn by a GPU; it writes nothing to the console either way. */
function hasGpu() {
  const canvas = document.createElement('canvas');
  const gl = canvas.getContext('webgl2', WEBGL2_ATTRIBUTES);
  if (!gl) return false;
  const name = rendererName(gl);
  const isGpu = !/swiftshader|llvmpipe|software/i.test(name);
  // To make another would take as long again.
  if (!isGpu) spare = canvas;
  // Not now: the end of a context holds up the graphics process, which has the first picture to draw.
  setTimeout(() => {
    if (!isGpu && spare !== canvas) return;
    spare = undefined;
    gl.getExtension('WEBGL_lose_context')?.loseContext();
  }, LOSE_AFTER_MILLIS);
  return isGpu;
}

/** A canvas that has the context of the WebGL2 renderer already, for the first who asks. */
export function takeSpareCanvas() {
  const canvas = spare;
  spare = undefined;
  return canvas;
}
