// @ts-check
/**
 * What the `<source>` and `<track>` children of an element say (HTML 4.8.11.5, 4.8.11.11.1).
 *
 * In: the element. Out: its sources that can be played here, in their order, and its tracks on the
 * media element inside, which is where text tracks live.
 */
import { canPlayType, toAbsoluteUrl } from './values.js';

/**
 * @param {Element} element @param {HTMLVideoElement} video
 * @returns {{ child: HTMLSourceElement, src: string, type: string }[]}
 */
export function playableSources(element, video) {
  const children = /** @type {NodeListOf<HTMLSourceElement>} */ (
    element.querySelectorAll(':scope > source[src]')
  );
  return [...children]
    .filter(({ type, media }) => (!type || canPlayType(type, video)) && (!media || matchMedia(media).matches))
    .map((child) => ({ child, src: toAbsoluteUrl(child.getAttribute('src')), type: child.type }));
}

/** Those of the element's own document order; a track that is there already is not loaded again.
 * @param {Element} element @param {HTMLVideoElement} video */
export function mirrorTracks(element, video) {
  const wanted = [...element.querySelectorAll(':scope > track')];
  const present = [...video.querySelectorAll('track')];
  const isSame =
    wanted.length === present.length && wanted.every((track, at) => track.isEqualNode(present[at]));
  if (isSame) return;
  for (const track of present) track.remove();
  video.append(...wanted.map((track) => track.cloneNode()));
}
