// @ts-check
/**
 * The WebGL contexts of all pictures of a page.
 *
 * In: a canvas and how a renderer is made on it; whether it is in sight; when the renderer is gone.
 * Out: contexts lost and restored (WEBGL_lose_context). Browsers keep 16 to a page, Chromium on
 * Android 8, and for one more take away the oldest, seen or not; one that is out of use goes
 * only when garbage is collected. So a context is lost with its renderer, unless the canvas stays in
 * its document for another one, and of the pictures out of sight only those seen last keep theirs. One that the browser took is restored when another has
 * gone, not before, since that would take the next one's. A canvas without a context is hidden.
 */
import { hideWhileLost } from './compat/display.js';

/** Contexts up to which pictures out of sight keep theirs; the page may have some of its own. */
const MAX_KEPT = 6;

/** Kept, since a lost context gives its extension no more. @type {WeakMap<HTMLCanvasElement, WebGlContext>} */
const known = new WeakMap();
/** Those with a renderer, the one seen last at the end. @type {Set<WebGlContext>} */
const inUse = new Set();
/** @type {Promise<unknown>} */
let lastTurn = Promise.resolve();

export class WebGlContext {
  /** @type {'here' | 'going' | 'away' | 'coming'} */
  state = 'here';
  #isInSight = false;
  /** How many others there were when the browser took this one. */
  #othersAtLoss = Infinity;
  /** Losses that we caused and the renderer has yet to report. */
  #unreported = 0;
  #canvas;
  #extension;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {WebGL2RenderingContext | null} gl its context; null where it has none of this kind
   */
  constructor(canvas, gl) {
    this.#canvas = canvas;
    this.#extension = gl?.getExtension('WEBGL_lose_context');
    let show = () => {};
    canvas.addEventListener('webglcontextlost', (event) => {
      // The default is never to restore it.
      event.preventDefault();
      show = hideWhileLost(canvas);
      const isOurs = this.state === 'going';
      this.state = 'away';
      // With no other left, the one it was taken for has gone already.
      const others = countHere();
      this.#othersAtLoss = isOurs || !others ? Infinity : others;
      // It may be wanted again by now, but cannot be restored before its event is over.
      if (this.#othersAtLoss === Infinity) setTimeout(settle);
    });
    canvas.addEventListener('webglcontextrestored', () => {
      show();
      this.state = 'here';
      if (!inUse.has(this)) this.giveBack();
    });
  }

  /**
   * Has a renderer made; one after the other, so that no context is too many in between.
   * @template T
   * @param {HTMLCanvasElement} canvas
   * @param {() => Promise<T>} makeRenderer
   * @returns {Promise<{renderer: T, context: WebGlContext}>} the context is released with the renderer
   */
  static async take(canvas, makeRenderer) {
    if (known.has(canvas)) await contextOf(canvas).#comeBack();
    const taken = lastTurn.then(async () => {
      try {
        const renderer = await makeRenderer();
        const context = contextOf(canvas);
        context.isInSight = context.#isInSight;
        return { renderer, context };
      } catch (thrown) {
        // Of a renderer half made, whose page may never destroy it.
        contextOf(canvas).giveBack();
        contextOf(canvas).release();
        throw thrown;
      }
    });
    lastTurn = taken.catch(() => {});
    return taken;
  }

  get isInSight() {
    return this.#isInSight;
  }

  set isInSight(isInSight) {
    this.#isInSight = isInSight;
    inUse.delete(this);
    inUse.add(this);
    settle();
  }

  /** Whether we caused the loss that the renderer reports; asked once for each. */
  takeOwnLoss() {
    if (!this.#unreported) return false;
    this.#unreported -= 1;
    return true;
  }

  /** The renderer is gone. A canvas that stays in its document keeps its context, for another one. */
  release() {
    inUse.delete(this);
    this.#isInSight = false;
    this.#unreported = 0;
    settle();
    queueMicrotask(() => {
      if (!this.#canvas.isConnected && !inUse.has(this)) this.giveBack();
    });
  }

  giveBack() {
    if (this.state !== 'here' || !this.#extension) return;
    this.state = 'going';
    this.#unreported += 1;
    this.#extension.loseContext();
  }

  /** The browser's, unless that would cost another one. */
  restore() {
    if (this.state !== 'away' || countHere() >= this.#othersAtLoss) return;
    this.state = 'coming';
    this.#extension?.restoreContext();
  }

  /** The context that went with an earlier renderer of this canvas. */
  async #comeBack() {
    this.isInSight = true;
    if (this.state === 'here') return;
    await new Promise((resolve) => {
      this.#canvas.addEventListener('webglcontextrestored', resolve, { once: true });
    });
  }
}

/** @param {HTMLCanvasElement} canvas one that a renderer has had */
function contextOf(canvas) {
  let context = known.get(canvas);
  if (!context) known.set(canvas, (context = new WebGlContext(canvas, canvas.getContext('webgl2'))));
  return context;
}

/** How many have a context, or soon. */
function countHere() {
  return [...inUse].filter(({ state }) => state === 'here' || state === 'coming').length;
}

/** Gives back what is not seen and there is no room for, then restores what is seen. */
function settle() {
  const seen = [...inUse].filter(({ isInSight }) => isInSight);
  const unseen = [...inUse].filter(({ isInSight }) => !isInSight);
  const room = Math.max(MAX_KEPT - seen.length, 0);
  for (const context of unseen.slice(0, Math.max(unseen.length - room, 0))) context.giveBack();
  for (const context of seen) context.restore();
}
