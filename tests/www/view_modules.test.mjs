// @ts-check
/**
 * Which renderer is tried, and what is asked for meanwhile: `view_modules.js` with graphics, network and
 * document played by hand.
 */
import assert from 'node:assert/strict';
import test from 'node:test';

/** A fresh copy of the module, in a browser whose WebGL is drawn by `renderer`. */
async function browserWith({ renderer, adapter }) {
  const asked = [];
  const made = [];
  const lost = [];
  const context = (canvas) => ({
    RENDERER: 1,
    getParameter: () => renderer,
    getExtension: (name) => (name === 'WEBGL_lose_context' ? { loseContext: () => lost.push(canvas) } : null),
  });
  const timers = [];
  Object.defineProperty(globalThis, 'navigator', {
    configurable: true,
    value: { gpu: { requestAdapter: async () => adapter } },
  });
  globalThis.document = /** @type {any} */ ({
    baseURI: 'https://page.example/',
    createElement: () => {
      const canvas = { getContext: (_, attributes) => Object.assign(context(canvas), { attributes }) };
      made.push(canvas);
      return canvas;
    },
  });
  globalThis.fetch = /** @type {any} */ (
    (url, options) => {
      asked.push({ url, options });
      return new Promise(() => {});
    }
  );
  const setTimeout = (act, millis) => timers.push({ act, millis });
  globalThis.setTimeout = /** @type {any} */ (setTimeout);
  const module = await import(`../../www/view_modules.js?${Math.random()}`);
  return { ...module, asked, made, lost, timers };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));
const URL_GIVEN = 'https://cdn.example/view_webgl2_bg.wasm';

test('graphics are asked about once the worker is under way, or after a while', async () => {
  for (const how of ['under way', 'timer']) {
    const browser = await browserWith({ renderer: 'Google SwiftShader', adapter: null });
    let begin = () => {};
    const first = new Promise((resolve) => (begin = () => resolve(undefined)));
    const renderers = browser.renderersToTry('auto', first, URL_GIVEN);
    await settled();
    assert.equal(browser.made.length + browser.asked.length, 0, how);
    if (how === 'timer') browser.timers[0].act();
    else begin();
    assert.deepEqual(await renderers, ['webgl2']);
    assert.equal(browser.made.length, 1);
  }
});

test('without a GPU what was asked for ahead is used, and so is the canvas, once', async () => {
  const browser = await browserWith({ renderer: 'llvmpipe', adapter: null });
  await browser.renderersToTry('auto', Promise.resolve(), URL_GIVEN);
  assert.deepEqual(
    browser.asked.map(({ url }) => url),
    [URL_GIVEN],
  );
  assert.equal(browser.asked[0].options.signal.aborted, false);
  browser.loadModule('webgl2', URL_GIVEN).catch(() => {});
  assert.equal(browser.asked.length, 1);
  assert.equal(browser.takeSpareCanvas(), browser.made[0]);
  assert.equal(browser.takeSpareCanvas(), undefined);
  for (const { act } of browser.timers) act();
  assert.deepEqual(browser.lost, [], 'its context is in use');
});

test('a canvas that nobody takes gives its context back', async () => {
  const browser = await browserWith({ renderer: 'llvmpipe', adapter: null });
  await browser.renderersToTry('auto', Promise.resolve());
  for (const { act } of browser.timers) act();
  assert.deepEqual(browser.lost, browser.made);
  assert.equal(browser.takeSpareCanvas(), undefined);
});

test('with a GPU and an adapter the other renderer’s wasm is given up', async () => {
  const browser = await browserWith({ renderer: 'ANGLE (NVIDIA)', adapter: { info: {} } });
  assert.deepEqual(await browser.renderersToTry('auto', Promise.resolve(), URL_GIVEN), ['webgpu', 'webgl2']);
  assert.equal(browser.asked[0].options.signal.aborted, true);
  assert.equal(browser.takeSpareCanvas(), undefined);
  // Asked for anew where WebGPU then fails.
  browser.loadModule('webgl2', URL_GIVEN).catch(() => {});
  assert.equal(browser.asked.length, 2);
  for (const { act } of browser.timers) act();
  assert.deepEqual(browser.lost, browser.made);
});

test('a renderer that was asked for by name asks no question', async () => {
  const browser = await browserWith({ renderer: 'llvmpipe', adapter: null });
  assert.deepEqual(await browser.renderersToTry('webgpu', new Promise(() => {})), ['webgpu']);
  assert.equal(browser.made.length + browser.asked.length, 0);
});
