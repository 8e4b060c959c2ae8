// @ts-check
/**
 * The seek bar: a native range input, so that keyboards, switches and screen readers know it.
 *
 * In: the player's clock, timeline and buffered ranges. Out: `currentTime` when the viewer lets go.
 * Meanwhile a bubble says where one is, and the picture follows where that costs no download: in
 * what is buffered, one seek after the other. The bubble shows a picture of the moment where there is one.
 */
import { h } from '../html.js';
import { labels } from '../labels.js';
import { clock, spoken } from './time_words.js';

/** @import { VideoSphereElement } from '../element.d.ts' */

const STEP_SECS = 5;
const PAGE_SECS = 60;
/** As in `style.js`. */
const THUMB_PX = 14;

/**
 * Where one can seek: the DVR window of a live stream, else the whole.
 * @param {VideoSphereElement} media
 */
export function seekRange(media) {
  const { timeline, duration } = media;
  if (timeline?.live) return { start: timeline.start, end: timeline.liveEdge ?? timeline.end };
  if (duration > 0 && duration < Infinity) return { start: 0, end: duration };
  return { start: timeline?.start ?? 0, end: timeline?.end ?? 0 };
}

export class SeekBar {
  #media;
  #bubbleText = h('span');
  /** Once a place is looked at, where there are pictures. @type {import('./preview.js').Preview | undefined} */
  #preview;
  #isPreviewAsked = false;
  isDragging = false;
  /** By keys: some browsers forget that who has pointed before now uses them. */
  #isKeyed = false;

  /** @param {VideoSphereElement} media @param {AbortSignal} signal */
  constructor(media, signal) {
    this.#media = media;
    this.input = h('input', {
      type: 'range',
      class: 'seek',
      min: 0,
      max: 0,
      step: 'any',
      value: 0,
      'aria-label': labels.seek,
    });
    this.bubble = h(
      'output',
      { class: 'seek-bubble', hidden: true, 'aria-hidden': 'true' },
      this.#bubbleText,
    );
    this.element = h('div', { class: 'seek-row' }, this.input, this.bubble);

    this.input.addEventListener('input', () => {
      this.isDragging = true;
      this.update();
      follow();
    });
    let followedSecs = NaN;
    const follow = () => {
      const secs = this.timeSecs;
      if (!this.isDragging || media.seeking || followedSecs === secs) return;
      if (this.#bufferedEnd(secs) > secs) media.currentTime = followedSecs = secs;
    };
    media.addEventListener('seeked', follow, { signal });
    const commit = () => {
      if (!this.isDragging) return;
      const secs = this.timeSecs;
      this.isDragging = false;
      this.bubble.hidden = true;
      media.currentTime = secs;
    };
    this.input.addEventListener('change', commit);
    // Brought back to where it began, an input has not changed. Else `change` comes in this task.
    for (const type of ['pointerup', 'pointercancel']) {
      this.input.addEventListener(type, () => setTimeout(commit));
    }
    this.input.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => this.#onKey(event));
    this.input.addEventListener('pointerdown', () => (this.#isKeyed = false));
    this.input.addEventListener('blur', () => {
      this.#isKeyed = false;
      this.bubble.hidden = true;
    });
    this.element.addEventListener('pointermove', (/** @type {PointerEvent} */ event) => this.#point(event));
    this.element.addEventListener('pointerleave', () => (this.bubble.hidden = !this.isDragging));
    for (const type of [
      'timeupdate',
      'progress',
      'durationchange',
      'seeking',
      'seeked',
      'timelinechange',
      'emptied',
    ]) {
      media.addEventListener(type, () => this.update(), { signal });
    }
    this.update();
  }

  /** Where the viewer is, or drags to. */
  get timeSecs() {
    return this.isDragging ? Number(this.input.value) : this.#media.currentTime;
  }

  update() {
    const { input, timeSecs } = this;
    const { start, end } = seekRange(this.#media);
    input.disabled = !(end > start);
    input.min = String(start);
    input.max = String(end);
    if (!this.isDragging) input.value = String(timeSecs);
    const share = (/** @type {number} */ secs) =>
      end > start ? Math.min(1, Math.max(0, (secs - start) / (end - start))) : 0;
    input.style.setProperty('--played', `${share(timeSecs) * 100}%`);
    input.style.setProperty('--buffered', `${share(this.#bufferedEnd(timeSecs)) * 100}%`);
    input.setAttribute(
      'aria-valuetext',
      this.#media.isLive
        ? labels.behindLive(spoken(end - timeSecs))
        : labels.seekPosition(spoken(timeSecs), spoken(end)),
    );
    // Keys and fingers have no place of their own to ask about.
    if (this.isDragging || this.#isKeyed || input.matches(':focus-visible'))
      this.#showBubble(share(timeSecs));
  }

  /** The end of the range the playhead is in. @param {number} timeSecs */
  #bufferedEnd(timeSecs) {
    const { buffered } = this.#media;
    for (let index = 0; index < buffered.length; index += 1) {
      if (buffered.start(index) <= timeSecs + 0.1 && buffered.end(index) >= timeSecs) {
        return buffered.end(index);
      }
    }
    return timeSecs;
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const steps = {
      ArrowLeft: -STEP_SECS,
      ArrowDown: -STEP_SECS,
      ArrowRight: STEP_SECS,
      ArrowUp: STEP_SECS,
      PageDown: -PAGE_SECS,
      PageUp: PAGE_SECS,
    };
    const step = steps[/** @type {keyof typeof steps} */ (event.key)];
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    this.#isKeyed = true;
    seekBy(this.#media, step);
  }

  /** @param {PointerEvent} event */
  #point(event) {
    if (this.input.disabled || this.isDragging || event.pointerType === 'touch') return;
    const { left, width } = this.input.getBoundingClientRect();
    // The middle of the thumb runs from half its width to half its width before the end.
    const share = (event.clientX - left - THUMB_PX / 2) / (width - THUMB_PX);
    this.#showBubble(Math.min(1, Math.max(0, share)));
  }

  /** @param {number} share of the way */
  #showBubble(share) {
    const { start, end } = seekRange(this.#media);
    const secs = start + share * (end - start);
    this.bubble.hidden = false;
    this.#showPicture(secs);
    this.#bubbleText.textContent = this.#media.isLive ? `−${clock(end - secs)}` : clock(secs);
    this.bubble.style.setProperty('--at', String(share));
  }

  /** @param {number} secs */
  async #showPicture(secs) {
    if (!hasPictures(this.#media)) return this.#preview?.hide();
    this.#preview?.show(secs);
    if (this.#isPreviewAsked) return;
    this.#isPreviewAsked = true;
    const { Preview } = await import('./preview.js');
    this.#preview = new Preview(this.#media, this.bubble);
    this.#preview.show(secs);
  }
}

/** Whether there may be pictures: the page's own, or the stream's. @param {VideoSphereElement} media */
const hasPictures = (media) =>
  media.querySelector(':scope > track[kind=metadata i][label=thumbnails i]') !== null ||
  (media.player !== null && Reflect.get(media.player, 'mayHavePictures'));

/** @param {VideoSphereElement} media @param {number} secs */
export function seekBy(media, secs) {
  const { start, end } = seekRange(media);
  media.currentTime = Math.min(end, Math.max(start, media.currentTime + secs));
}
