// @ts-check
/**
 * What the `<source>` and `<track>` children of an element say (HTML 4.8.11.5, 4.8.11.11.1).
 *
 * In: the element. Out: which of its sources is to be played, in their order, each as long as nothing came of
 * those before it; and its tracks on the media element inside, which is where text tracks live.
 */
import { OF_STREAM } from './stream_track_mark.js';
import { canPlayType, toAbsoluteUrl } from './values.js';

/** @typedef {{ child: HTMLSourceElement, src: string, type: string }} Source */

export class SourceChildren {
  #element;
  #video;
  /** The one that plays, where there is no `src`. @type {Source | undefined} */
  current;

  /** @param {HTMLElement} element @param {HTMLVideoElement} video */
  constructor(element, video) {
    this.#element = element;
    this.#video = video;
  }

  /** The first one, unless there is a `src`. */
  begin() {
    mirrorTracks(this.#element, this.#video);
    this.current = this.#isOverruled ? undefined : this.#playable[0];
    return this.current;
  }

  /** Children came or went: whether another one is to be played. */
  get isOther() {
    mirrorTracks(this.#element, this.#video);
    return !this.#isOverruled && !this.current?.child.isConnected;
  }

  /** Nothing came of the one that plays: the next one, as with a `<video>`. @returns {Source | undefined} */
  next() {
    const before = this.current;
    if (!before || this.#isOverruled || this.#video.readyState > 0) return undefined;
    const sources = this.#playable;
    const next = sources[sources.findIndex(({ child }) => child === before.child) + 1];
    before.child.dispatchEvent(new Event('error'));
    return next;
  }

  get #isOverruled() {
    return this.#element.hasAttribute('src');
  }

  /** @returns {Source[]} */
  get #playable() {
    const children = /** @type {NodeListOf<HTMLSourceElement>} */ (
      this.#element.querySelectorAll(':scope > source[src]')
    );
    return [...children]
      .filter(
        ({ type, media }) =>
          (!type || canPlayType(type, this.#video)) && (!media || matchMedia(media).matches),
      )
      .map((child) => ({ child, src: toAbsoluteUrl(child.getAttribute('src')), type: child.type }));
  }
}

/** Those of the element's own document order; a track that is there already is not loaded again.
 * @param {Element} element @param {HTMLVideoElement} video */
function mirrorTracks(element, video) {
  const wanted = [...element.querySelectorAll(':scope > track')];
  const present = [...video.querySelectorAll(`track:not([${OF_STREAM}])`)];
  const isSame =
    wanted.length === present.length && wanted.every((track, at) => track.isEqualNode(present[at]));
  if (isSame) return;
  for (const track of present) track.remove();
  video.append(...wanted.map((track) => track.cloneNode()));
}
