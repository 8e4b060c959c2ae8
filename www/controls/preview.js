// @ts-check
/**
 * The picture over the seek bar, loaded with the first place that is looked at.
 *
 * In: the moments that the viewer points at. Out: a canvas with what is ahead then, hidden where there is no picture.
 * One is asked for at a time, and after it the last place that was pointed at meanwhile: a hand that moves on and on
 * sees pictures all the way.
 */

/** @import { VideoSphereElement } from '../element.d.ts' */
/** @import { Thumbnail } from '../index.js' */

const WIDTH_PX = 160;
const HEIGHT_PX = 90;

/** What takes longer is given up for the next place. */
const PATIENCE_MILLIS = 1000;

export class Preview {
  #canvas = document.createElement('canvas');
  #media;
  #bubble;
  #wantedSecs = NaN;
  /** What is asked for now. @type {{ abort: AbortController, sinceMillis: number } | undefined} */
  #asked;

  /** @param {VideoSphereElement} media @param {HTMLElement} bubble gets the canvas */
  constructor(media, bubble) {
    this.#media = media;
    this.#bubble = bubble;
    [this.#canvas.width, this.#canvas.height] = [WIDTH_PX, HEIGHT_PX];
    Object.assign(this.#canvas.style, { display: 'block', margin: '2px auto 4px', borderRadius: '4px' });
    this.#canvas.hidden = true;
    bubble.prepend(this.#canvas);
  }

  /** Shows the moment, once its picture is here. @param {number} secs */
  async show(secs) {
    this.#wantedSecs = secs;
    if (this.#asked) {
      if (performance.now() - this.#asked.sinceMillis > PATIENCE_MILLIS) this.#asked.abort.abort();
      return;
    }
    for (let last = NaN; last !== this.#wantedSecs && this.#wantedSecs >= 0; ) {
      last = this.#wantedSecs;
      this.#asked = { abort: new AbortController(), sinceMillis: performance.now() };
      this.#draw(await this.#ask(last, this.#asked.abort.signal));
    }
    this.#asked = undefined;
  }

  /** There is none of this stream. */
  hide() {
    this.#wantedSecs = NaN;
    this.#asked?.abort.abort();
    this.#draw(null);
  }

  /** @param {number} secs @param {AbortSignal} signal */
  #ask(secs, signal) {
    // Why there is none is of no use here; who calls it by themselves is told.
    return this.#media.getThumbnail(secs, { width: WIDTH_PX, signal }).catch(() => null);
  }

  /** @param {Thumbnail | null} thumbnail */
  #draw(thumbnail) {
    this.#canvas.hidden = !thumbnail;
    this.#bubble.classList.toggle('has-picture', Boolean(thumbnail));
    if (!thumbnail) return;
    this.#canvas.getContext('2d')?.drawImage(thumbnail.image, 0, 0);
    thumbnail.image.close();
  }
}
