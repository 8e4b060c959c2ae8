// @ts-check
/**
 * What a press on the picture means. A click plays and pauses, a tap of a finger or pen shows and
 * hides the bar, a double click fills the screen, and a drag does none of it. A press while a menu
 * or the help is open closes that, and no more.
 *
 * In: presses that begin on the surface. Out: calls. They are judged by `click`, which comes last: a
 * bar shown earlier would lie under the finger by then, and be pressed. A click waits for a second
 * one before it counts, so that a double click does not pause for a moment; native controls do so
 * for taps.
 */
import { togglePlay } from './keyboard.js';

/** @import { VideoSphereElement } from '../element.d.ts' */

/** A press that moves less than this was no look around but a click. */
const CLICK_RADIUS_PX = 6;
/** As long as Chromium's own controls wait for a second tap. */
const DOUBLE_CLICK_MILLIS = 300;

/**
 * @param {HTMLElement} surface
 * @param {{media: VideoSphereElement, isAwake: () => boolean, wake: () => void, sleep: () => void,
 *   closeOpen: () => boolean, toggleFullscreen: () => void}} actions
 * @param {AbortSignal} signal
 */
export function listenToPresses(surface, actions, signal) {
  const { media } = actions;
  /** @type {{x: number, y: number, isMouse: boolean, wasAwake: boolean} | null} */
  let press = null;
  let waiting = 0;
  let hasToggled = false;
  signal.addEventListener('abort', () => clearTimeout(waiting), { once: true });

  // On the element, not the surface: where the bar appears between press and release, the click is
  // their common ancestor's. Captured, to be before a menu that closes itself.
  media.addEventListener(
    'pointerdown',
    (/** @type {PointerEvent} */ event) => {
      const isOnPicture = surface.contains(/** @type {Node} */ (event.composedPath()[0]));
      const wasAwake = actions.isAwake();
      const isPress = isOnPicture && !actions.closeOpen() && event.isPrimary && event.button === 0;
      const isMouse = event.pointerType === 'mouse';
      press = isPress ? { x: event.clientX, y: event.clientY, isMouse, wasAwake } : null;
    },
    { signal, capture: true },
  );

  media.addEventListener(
    'click',
    (/** @type {MouseEvent} */ event) => {
      const begun = press;
      press = null;
      if (event.detail === 1) hasToggled = false;
      if (!begun || Math.hypot(event.clientX - begun.x, event.clientY - begun.y) >= CLICK_RADIUS_PX) return;
      if (!begun.isMouse) (begun.wasAwake ? actions.sleep : actions.wake)();
      else if (event.detail === 1) {
        clearTimeout(waiting);
        waiting = window.setTimeout(() => {
          hasToggled = true;
          togglePlay(media);
        }, DOUBLE_CLICK_MILLIS);
      }
    },
    { signal },
  );

  media.addEventListener(
    'mousedown',
    (/** @type {MouseEvent} */ event) => {
      if (event.detail !== 2) return;
      clearTimeout(waiting);
      // The system's double click may be slower than ours.
      if (hasToggled) togglePlay(media);
      hasToggled = false;
    },
    { signal },
  );

  surface.addEventListener('dblclick', actions.toggleFullscreen, { signal });
}
