// @ts-check
/**
 * Full screen. iPhones give it to a `<video>` alone, which would show the unwrapped picture, so
 * there the element fills the page instead.
 */

/** @param {HTMLElement} element */
function hasScreen(element) {
  // The document's names the outermost host only.
  return /** @type {ShadowRoot} */ (element.getRootNode()).fullscreenElement === element;
}

/** @param {HTMLElement} element */
export function isFullscreen(element) {
  return hasScreen(element) || element.hasAttribute('data-fills-page');
}

/** @param {HTMLElement} element */
export async function toggleFullscreen(element) {
  const { ownerDocument } = element;
  if (element.hasAttribute('data-fills-page')) element.removeAttribute('data-fills-page');
  else if (hasScreen(element)) await ownerDocument.exitFullscreen();
  else if (ownerDocument.fullscreenEnabled) await element.requestFullscreen();
  else element.setAttribute('data-fills-page', '');
}
