// @ts-check
/**
 * The seek bar: a native range input, so that keyboards, switches and screen readers know it.
 *
 * In: the player's clock, timeline and buffered ranges. Out: `currentTime` when the viewer lets go
 * (each step of a drag would be a seek of its own).
 */
import { h } from '../html.js';
import { labels } from '../labels.js';
import { clock, spoken } from './time_words.js';

const STEP_SECS = 5;
const PAGE_SECS = 60;

/**
 * Where one can seek: the DVR window of a live stream, else the whole.
 * @param {any} media
 */
export function seekRange(media) {
  const { timeline, duration } = media;
  if (timeline?.live) return { start: timeline.start, end: timeline.liveEdge ?? timeline.end };
  if (duration > 0 && duration < Infinity) return { start: 0, end: duration };
  return { start: timeline?.start ?? 0, end: timeline?.end ?? 0 };
}

export class SeekBar {
  #media;
  #isDragging = false;

  /** @param {any} media @param {AbortSignal} signal */
  constructor(media, signal) {
    this.#media = media;
    this.input = h('input', {
      type: 'range', class: 'seek', min: 0, max: 0, step: 'any', value: 0, 'aria-label': labels.seek,
    });
    this.bubble = h('output', { class: 'seek-bubble', hidden: true, 'aria-hidden': 'true' });
    this.element = h('div', { class: 'seek-row' }, this.input, this.bubble);

    this.input.addEventListener('input', () => {
      this.#isDragging = true;
      this.#show(Number(this.input.value));
    });
    this.input.addEventListener('change', () => {
      this.#isDragging = false;
      media.currentTime = Number(this.input.value);
    });
    this.input.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => this.#onKey(event));
    this.element.addEventListener('pointermove', (/** @type {PointerEvent} */ event) => this.#preview(event));
    this.element.addEventListener('pointerleave', () => (this.bubble.hidden = true));
    for (const type of [
      'timeupdate', 'progress', 'durationchange', 'seeking', 'seeked', 'timelinechange', 'emptied',
    ]) {
      media.addEventListener(type, () => this.update(), { signal });
    }
    this.update();
  }

  update() {
    const { start, end } = seekRange(this.#media);
    this.input.disabled = !(end > start);
    this.input.min = String(start);
    this.input.max = String(end);
    if (!this.#isDragging) this.#show(this.#media.currentTime);
  }

  /** @param {number} timeSecs */
  #show(timeSecs) {
    const { start, end } = seekRange(this.#media);
    const share = (/** @type {number} */ secs) =>
      end > start ? Math.min(1, Math.max(0, (secs - start) / (end - start))) : 0;
    if (!this.#isDragging) this.input.value = String(timeSecs);
    this.input.style.setProperty('--played', `${share(timeSecs) * 100}%`);
    this.input.style.setProperty('--buffered', `${share(this.#bufferedEnd(timeSecs)) * 100}%`);
    this.input.setAttribute('aria-valuetext', this.#media.isLive
      ? labels.behindLive(spoken(end - timeSecs))
      : labels.seekPosition(spoken(timeSecs), spoken(end)));
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
      ArrowLeft: -STEP_SECS, ArrowDown: -STEP_SECS, ArrowRight: STEP_SECS, ArrowUp: STEP_SECS,
      PageDown: -PAGE_SECS, PageUp: PAGE_SECS,
    };
    const step = steps[/** @type {keyof typeof steps} */ (event.key)];
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    seekBy(this.#media, step);
  }

  /** @param {PointerEvent} event */
  #preview(event) {
    const { left, width } = this.input.getBoundingClientRect();
    const { start, end } = seekRange(this.#media);
    if (!(end > start) || event.pointerType === 'touch') return;
    const share = Math.min(1, Math.max(0, (event.clientX - left) / width));
    const secs = start + share * (end - start);
    this.bubble.hidden = false;
    this.bubble.textContent = this.#media.isLive ? `−${clock(end - secs)}` : clock(secs);
    this.bubble.style.left = `${share * 100}%`;
  }
}

/** @param {any} media @param {number} secs */
export function seekBy(media, secs) {
  const { start, end } = seekRange(media);
  media.currentTime = Math.min(end, Math.max(start, media.currentTime + secs));
}
