/** The player's worker, telling the page how large its wasm memory is whenever the page asks. */
import '/worker.js';

const channel = new BroadcastChannel('soak');
const { instantiate, instantiateStreaming } = WebAssembly;
/** @type {WebAssembly.Memory | undefined} */
let memory;

/** @param {any} result what either function gives: an instance, or one in a pair */
function remember(result) {
  memory = (result.instance ?? result).exports.memory;
  return result;
}

WebAssembly.instantiate = async (...given) => remember(await instantiate(...given));
WebAssembly.instantiateStreaming = async (...given) => remember(await instantiateStreaming(...given));
channel.addEventListener('message', ({ data }) => {
  if (data === 'how much?') channel.postMessage({ bytes: memory?.buffer.byteLength ?? 0 });
});
