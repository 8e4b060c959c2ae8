// @ts-check
/**
 * A module worker from anywhere. In: its absolute address. Out: the worker; one of another origin is
 * refused by browsers, but may be imported by a script of our own. Where the page has its scripts'
 * addresses vetted (Trusted Types), it has to allow the policy `videosphere`.
 */

/** @typedef {{ createScriptURL(url: string): string }} Policy */

/** @type {Policy | undefined} made once: a page may forbid a second one of the same name */
let policy;

/** @param {string} url */
export function workerFrom(url) {
  const { origin, protocol } = new URL(url);
  if (origin === location.origin || protocol === 'blob:' || protocol === 'data:') return start(url);
  const script = new Blob([`import ${JSON.stringify(url)};`], { type: 'text/javascript' });
  const scriptUrl = URL.createObjectURL(script);
  const worker = start(scriptUrl);
  // The first message says that it has been read; a worker that fails to load is not kept either.
  for (const type of ['message', 'error']) {
    worker.addEventListener(type, () => URL.revokeObjectURL(scriptUrl), { once: true });
  }
  return worker;
}

/** @param {string} url */
function start(url) {
  const { trustedTypes } =
    /** @type {{ trustedTypes?: { createPolicy(name: string, rules: Policy): Policy } }} */ (globalThis);
  policy ??= trustedTypes?.createPolicy('videosphere', { createScriptURL: (address) => address });
  return new Worker(policy?.createScriptURL(url) ?? url, { type: 'module' });
}
