// @ts-check
/**
 * What a `<video-sphere>` has beyond its picture, each loaded only where its attribute, or the viewer, asks for
 * it: the control bar, what the system shows, the hint on how the view is moved.
 *
 * In: the element, and whether it is in a document. Out: these parts, made and freed.
 */

import { SESSION_ATTRIBUTES } from './reflection.js';

/** @import { VideoSphereElement } from './element.d.ts' */

export class ElementExtras {
  #element;
  #root;
  #isPlaced = false;
  /** @type {{destroy(): void} | null} */
  #controls = null;
  /** @type {import('./media_session.js').PageMedia | null} */
  #pageMedia = null;

  /** @param {VideoSphereElement} element @param {ShadowRoot} root */
  constructor(element, root) {
    this.#element = element;
    this.#root = root;
  }

  /** Whether the element is in a document. @param {boolean} isPlaced */
  place(isPlaced) {
    this.#isPlaced = isPlaced;
    this.updateControls();
    this.updatePageMedia();
  }

  async updateControls() {
    const wanted = () => this.#isPlaced && this.#element.hasAttribute('controls');
    if (!wanted()) return this.#removeControls();
    const { Controls } = await import('./controls/controls.js');
    // The attribute may have gone while the bar was on its way.
    if (!wanted() || this.#controls) return;
    this.#controls = new Controls(this.#element, this.#root);
  }

  /** The bar is of another document, or language. */
  renewControls() {
    this.#removeControls();
    this.updateControls();
  }

  #removeControls() {
    this.#controls?.destroy();
    this.#controls = null;
  }

  async updatePageMedia() {
    const element = this.#element;
    const isWanted = () =>
      this.#isPlaced &&
      'mediaSession' in navigator &&
      SESSION_ATTRIBUTES.some((name) => element.hasAttribute(name));
    if (!isWanted()) {
      this.#pageMedia?.destroy();
      this.#pageMedia = null;
      return;
    }
    const { PageMedia } = await import('./media_session.js');
    if (!isWanted()) return;
    const { mediaTitle: title, mediaArtist: artist, mediaArtwork, poster } = element;
    const words = { title, artist, artwork: mediaArtwork || poster };
    if (this.#pageMedia) this.#pageMedia.words = words;
    else this.#pageMedia = new PageMedia(element, words);
  }

  /** @param {'wheel' | 'touch'} gesture */
  async showGestureHint(gesture) {
    const { showGestureHint } = await import('./gesture_hint.js');
    showGestureHint(this.#root, gesture);
  }
}
