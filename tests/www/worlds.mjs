/**
 * Documents without a browser. In: `jsdom` or `happy-dom`, and a script. Out: what it wrote, from a process of
 * its own, where the names of that document's window are global, as test runners (Vitest, Jest) have it.
 */
import { execFileSync } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** For a process that does nothing else. @param {string} name */
export async function domWorld(name) {
  const html = '<!doctype html><body></body>';
  const url = 'http://localhost/';
  let window;
  if (name === 'jsdom') {
    const { JSDOM } = await import('jsdom');
    ({ window } = new JSDOM(html, { url, pretendToBeVisual: true }));
  } else {
    const { Window } = await import('happy-dom');
    window = new Window({ url });
    window.document.write(html);
  }
  // Node's own events and signals are strangers to such a document.
  const own =
    /^(Event|EventTarget|CustomEvent|MessageEvent|AbortController|AbortSignal|URL|navigator|Blob|File)$/;
  for (const key of Object.getOwnPropertyNames(window)) {
    if (key in globalThis && !own.test(key)) continue;
    Object.defineProperty(globalThis, key, { configurable: true, writable: true, value: window[key] });
  }
  for (const key of ['addEventListener', 'removeEventListener', 'dispatchEvent']) {
    globalThis[key] = window[key].bind(window);
  }
  globalThis.window = window;
  return window;
}

const here = dirname(fileURLToPath(import.meta.url));

/** What happens in it; the last line of its output is JSON. @param {string} world @param {string} script */
export function inWorld(world, script) {
  const code = `
    process.on('unhandledRejection', (reason) => { console.error(reason); process.exit(3); });
    const { domWorld } = await import('./worlds.mjs');
    const window = await domWorld('${world}');
    window.addEventListener('error', ({ error, message }) => { console.error(error ?? message); process.exit(4); });
    ${script}
    process.exit(0);`;
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', code], {
    cwd: here,
    encoding: 'utf8',
    timeout: 60_000,
  });
  return JSON.parse(output.trim().split('\n').at(-1));
}
