// @ts-check
/**
 * Full screen. iPhones give it to a `<video>` alone, which would show the unwrapped picture, so
 * there the element fills the page instead.
 */

/** @param {HTMLElement} element */
export function isFullscreen(element) {
  return document.fullscreenElement === element || element.hasAttribute('data-fills-page');
}

/** @param {HTMLElement} element */
export async function toggleFullscreen(element) {
  if (element.hasAttribute('data-fills-page')) element.removeAttribute('data-fills-page');
  else if (document.fullscreenElement) await document.exitFullscreen();
  else if (document.fullscreenEnabled) await element.requestFullscreen();
  else element.setAttribute('data-fills-page', '');
}
