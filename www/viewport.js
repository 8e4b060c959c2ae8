// @ts-check
/**
 * How large a picture is seen, so that no variant beyond it is loaded.
 *
 * In: the picture, the element that gives it its size, whether a headset shows it. Out: the width of a full turn
 * in device pixels, told once it is another one.
 */

/** @import { Picture } from './picture.js' */

/** Headsets show about 22 pixels a degree; the engine chooses variants for a full turn of them. */
const IMMERSIVE_PANORAMA_WIDTH_PX = 8192;
/** A change of the picture's size on screen below this share is not worth a message. */
const VIEWPORT_TOLERANCE = 0.05;

export class Viewport {
  #picture;
  #tell;
  #px = 0;
  #isImmersive = false;

  /**
   * @param {Picture} picture
   * @param {Element} box
   * @param {AbortSignal} signal ends it
   * @param {(widthPx: number) => void} tell
   */
  constructor(picture, box, signal, tell) {
    this.#picture = picture;
    this.#tell = tell;
    picture.addEventListener('viewchange', () => this.#update(), { signal });
    // jsdom has none.
    const resized = globalThis.ResizeObserver && new ResizeObserver(() => this.#update());
    resized?.observe(box);
    signal.addEventListener('abort', () => resized?.disconnect(), { once: true });
  }

  /** Whether a headset shows it. */
  get isImmersive() {
    return this.#isImmersive;
  }

  set isImmersive(isImmersive) {
    this.#isImmersive = isImmersive;
    this.#update();
  }

  #update() {
    const now = this.#isImmersive ? IMMERSIVE_PANORAMA_WIDTH_PX : this.#picture.panoramaWidthPx;
    if (!(now > 0) || Math.abs(now - this.#px) < this.#px * VIEWPORT_TOLERANCE) return;
    this.#px = now;
    this.#tell(Math.round(now));
  }
}
