/** `videosphere/element` with its worker and its wasm modules inside: one file that needs no other. */
export * from './element.js';
