// @ts-check
/**
 * A wasm module that is part of a script, as an answer from a server would have it.
 * @param {string} text base64 of gzip
 */
export function unpack(text) {
  const packed = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const body = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Response(body, { headers: { 'content-type': 'application/wasm' } });
}
