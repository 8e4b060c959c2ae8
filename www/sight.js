// @ts-check
/**
 * Whether a canvas can be seen.
 *
 * In: the canvas. Out: `isInSight`, with a call at each change: the canvas is laid out and lies in
 * the window, or nearly, through every frame and scroller around it (Intersection Observer). And
 * `isShown`: no style hides it, for which there is no event, so that it is asked for at each drawing.
 * What covers a canvas is not looked for; a page in the background has no animation frames anyway.
 */

import { canBeSeen } from './compat/display.js';

/** So near to the window it is drawn already: scrolled in, it shows its newest frame at once. */
const MARGIN = '100px';

export class Sight {
  /** False until the observer reports, within a frame. */
  isInSight = false;
  /** @type {HTMLCanvasElement | undefined} */ #canvas;
  #observer;

  /** @param {() => void} changed */
  constructor(changed) {
    const options = { rootMargin: MARGIN, scrollMargin: MARGIN };
    const report = (/** @type {IntersectionObserverEntry[]} */ entries) => {
      this.isInSight = entries[entries.length - 1].isIntersecting;
      changed();
    };
    // jsdom has none, and draws nothing.
    this.#observer = globalThis.IntersectionObserver && new IntersectionObserver(report, options);
  }

  /** @param {HTMLCanvasElement} canvas in the place of any other */
  watch(canvas) {
    this.#canvas = canvas;
    this.#observer?.disconnect();
    this.#observer?.observe(canvas);
  }

  /** Whether its style lets it be seen. */
  get isShown() {
    return !this.#canvas || canBeSeen(this.#canvas);
  }

  close() {
    this.#observer?.disconnect();
  }
}
