/**
 * Makes the wasm modules of this thread ones that can be made to fall: after a message on
 * `BroadcastChannel('trap')`, or `fall()`, the next call of any of their exports runs into a real
 * wasm trap, as a panic in it would. On a page with `?trap=create` a view module falls in the middle
 * of making its first view, when it first waits.
 */
// (module (func (export "fall") unreachable))
// biome-ignore format: bytes
const FALL = Uint8Array.of(
  0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0,
  7, 8, 1, 4, 102, 97, 108, 108, 0, 0, 10, 5, 1, 3, 0, 0, 11,
);
const { fall: trap } = new WebAssembly.Instance(new WebAssembly.Module(FALL)).exports;

let isArmed = false;
globalThis.fall = () => (isArmed = true);
new BroadcastChannel('trap').onmessage = globalThis.fall;
if (location.search === '?trap=create') {
  const { queueMicrotask } = globalThis;
  globalThis.queueMicrotask = (task) => {
    if (/view_web/.test(new Error().stack)) globalThis.fall();
    queueMicrotask(task);
  };
}

const armed = ([name, right]) => [
  name,
  typeof right === 'function' ? (...values) => (isArmed ? trap() : right(...values)) : right,
];
const exportsOf = (instance) => Object.fromEntries(Object.entries(instance.exports).map(armed));

const { instantiate, instantiateStreaming } = WebAssembly;
WebAssembly.instantiateStreaming = async (...given) => {
  const { instance, module } = await instantiateStreaming(...given);
  return { instance: { exports: exportsOf(instance) }, module };
};
// A module that was compiled elsewhere.
WebAssembly.instantiate = async (module, imports) => {
  const instance = Object.create(WebAssembly.Instance.prototype);
  return Object.defineProperty(instance, 'exports', {
    value: exportsOf(await instantiate(module, imports)),
  });
};
