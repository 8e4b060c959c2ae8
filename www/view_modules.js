// @ts-check
/**
 * The two view modules: which one this browser can use, loaded once each.
 *
 * In: the renderer that was asked for. Out: the names to try in their order, and the initialised
 * wasm module of a name. WebGPU is offered only where the browser really has an adapter: many have
 * `navigator.gpu` and nothing behind it. A software adapter is passed over, since WebGL2 on the
 * same machine is no slower and uploads video more cheaply.
 */

/** @typedef {'webgpu' | 'webgl2'} Renderer */

/** Literal addresses, so that bundlers find the modules and split them off. */
const MODULES = {
  webgpu: {
    load: () => import('./wasm/view_webgpu.js'),
    wasmUrl: () => new URL('./wasm/view_webgpu_bg.wasm', import.meta.url),
  },
  webgl2: {
    load: () => import('./wasm/view_webgl2.js'),
    wasmUrl: () => new URL('./wasm/view_webgl2_bg.wasm', import.meta.url),
  },
};

/** @type {Map<Renderer, Promise<any>>} */
const loading = new Map();

/**
 * The module of a renderer, initialised; a failed load is forgotten, so that it can be tried again.
 * @param {Renderer} renderer
 * @param {string | URL} [wasmUrl] where its `_bg.wasm` is, if not beside it
 */
export function loadModule(renderer, wasmUrl) {
  let module = loading.get(renderer);
  if (!module) {
    const known = MODULES[renderer];
    module = known.load().then(async (loaded) => {
      await loaded.default({ module_or_path: wasmUrl ?? known.wasmUrl() });
      return loaded;
    });
    module.catch(() => loading.delete(renderer));
    loading.set(renderer, module);
  }
  return module;
}

/**
 * The renderers to try, best first.
 * @param {'auto' | Renderer} wanted
 * @returns {Promise<Renderer[]>}
 */
export async function renderersToTry(wanted) {
  if (wanted !== 'auto') return [wanted];
  return (await hasWebGpu()) ? ['webgpu', 'webgl2'] : ['webgl2'];
}

async function hasWebGpu() {
  try {
    // @ts-ignore: not yet in every version of lib.dom
    const adapter = await navigator.gpu?.requestAdapter();
    if (!adapter) return false;
    return !(adapter.info?.isFallbackAdapter ?? adapter.isFallbackAdapter);
  } catch {
    return false;
  }
}
