// @ts-check
/**
 * A module worker from anywhere. In: its address. Out: the worker; one of another origin is refused
 * by browsers, but may be imported by a script of our own.
 *
 * @param {URL} url
 */
export function workerFrom(url) {
  if (url.origin === location.origin || url.protocol === 'blob:' || url.protocol === 'data:') {
    return new Worker(url, { type: 'module' });
  }
  const script = new Blob([`import ${JSON.stringify(url.href)};`], { type: 'text/javascript' });
  const scriptUrl = URL.createObjectURL(script);
  const worker = new Worker(scriptUrl, { type: 'module' });
  // The first message says that it has been read; a worker that fails to load is not kept either.
  for (const type of ['message', 'error']) {
    worker.addEventListener(type, () => URL.revokeObjectURL(scriptUrl), { once: true });
  }
  return worker;
}
