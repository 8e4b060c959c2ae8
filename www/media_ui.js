// @ts-check
/**
 * What control skins ask of a media element beyond a `<video>`, as Media UI Extensions name it
 * (https://github.com/video-dev/media-ui-extensions) and media-chrome reads it.
 *
 * In: the element's own members and events. Out: `VideoRenditions`, its variants as a list that can be
 * chosen from, and `StreamKind`, live or on demand. Neither keeps what the element knows already.
 */

/**
 * @import { VideoSphereElement } from './element.d.ts'
 * @import { StreamType, VideoRendition, VideoRenditions as List } from './element.d.ts'
 */

/** A live stream that can be wound back by this much is one to wind back in; no less than skins take for one. */
const MIN_LIVE_WINDOW_SECS = 60;
/** As near to the live point as this is live, or half the target latency: `LIVE_SECS` of `src/engine/latency.rs`. */
const LIVE_SECS = 2;

/** @implements {Omit<List, number>} */
export class VideoRenditions extends EventTarget {
  #media;
  /** @type {readonly VideoRendition[]} */
  #list = [];
  #selectedIndex = -1;
  onaddrendition = null;
  onremoverendition = null;
  onchange = null;

  /** @param {VideoSphereElement} media */
  constructor(media) {
    super();
    this.#media = media;
    const renew = () => this.#renew();
    media.addEventListener('variants', renew);
    media.addEventListener('loadstart', () => media.variants.length || renew());
    media.addEventListener('variantchange', ({ detail: { id, auto } }) => {
      this.#choose(auto ? -1 : this.#list.findIndex((each) => each.id === String(id)));
    });
    this.#renew();
  }

  get length() {
    return this.#list.length;
  }

  [Symbol.iterator]() {
    return this.#list[Symbol.iterator]();
  }

  /** @param {string} id */
  getRenditionById(id) {
    return this.#list.find((each) => each.id === id) ?? null;
  }

  /** −1 is `quality = 'auto'`. */
  get selectedIndex() {
    return this.#selectedIndex;
  }

  set selectedIndex(index) {
    const chosen = this.#list[index];
    if (chosen) this.#media.selectVariant(Number(chosen.id));
    else this.#media.quality = 'auto';
    this.#choose(chosen ? index : -1);
  }

  /** `quality` was set: of `'auto'` no variant tells, where it plays the same. @param {unknown} quality */
  qualityWasSet(quality) {
    if (quality === 'auto') this.#choose(-1);
  }

  /** @param {number} index */
  #choose(index) {
    if (index === this.#selectedIndex) return;
    this.#selectedIndex = index;
    // Afterwards, as track lists do.
    queueMicrotask(() => this.#fire('change'));
  }

  #renew() {
    const before = this.#list;
    const chosen = before[this.#selectedIndex];
    const self = this;
    this.#list = this.#media.variants
      .filter(({ playable, height }) => playable && height > 0)
      .map(({ id, width, height, bandwidth, frameRate, codecs }) => ({
        id: String(id),
        width,
        height,
        bitrate: bandwidth,
        frameRate: frameRate ?? undefined,
        codec: codecs,
        /** @returns {boolean} */
        get selected() {
          return self.#list[self.#selectedIndex] === this;
        },
        set selected(isChosen) {
          const index = self.#list.indexOf(this);
          if (isChosen) self.selectedIndex = index;
          else if (self.#selectedIndex === index) self.selectedIndex = -1;
        },
      }));
    this.#selectedIndex = this.#list.findIndex(({ id }) => id === chosen?.id);
    // As in an array, and not one longer.
    for (const at of Object.keys(before)) Reflect.deleteProperty(this, at);
    Object.assign(this, this.#list);
    for (const rendition of before) this.#fire('removerendition', rendition);
    for (const rendition of this.#list) this.#fire('addrendition', rendition);
  }

  /** @param {'addrendition' | 'removerendition' | 'change'} type @param {VideoRendition} [rendition] */
  #fire(type, rendition) {
    const event = Object.assign(new Event(type), { rendition });
    this.dispatchEvent(event);
    /** @type {((event: Event) => void) | null} */ (this[`on${type}`])?.call(this, event);
  }
}

/** What kind of stream plays. */
export class StreamKind {
  #media;
  /** @type {StreamType} */
  #type = 'unknown';
  #window = NaN;

  /** @param {VideoSphereElement} media gets the events `streamtypechange` and `targetlivewindowchange` */
  constructor(media) {
    this.#media = media;
    for (const type of ['timelinechange', 'durationchange', 'emptied', 'loadstart']) {
      media.addEventListener(type, () => this.#update());
    }
  }

  get streamType() {
    return this.#type;
  }

  /** NaN for what is not live, 0 for what is live alone, Infinity where it can be wound back. */
  get targetLiveWindow() {
    return this.#window;
  }

  /** From here on it is live; NaN for what is not. */
  get liveEdgeStart() {
    const { timeline, stats, isAtLiveEdge, currentTime } = this.#media;
    if (!timeline || timeline.liveEdge === null) return NaN;
    const start = timeline.liveEdge - Math.max(LIVE_SECS, (stats.targetLatencySecs ?? 0) / 2);
    // A list moves the live point by a segment at a time, which puts no one behind it.
    return isAtLiveEdge ? Math.min(start, currentTime) : start;
  }

  #update() {
    const type = this.#typeNow();
    const window = type === 'live' ? this.#windowNow() : NaN;
    const isOther = !Object.is(window, this.#window);
    this.#window = window;
    if (type !== this.#type) {
      this.#type = type;
      this.#media.dispatchEvent(new Event('streamtypechange'));
    }
    if (isOther) this.#media.dispatchEvent(new Event('targetlivewindowchange'));
  }

  /** @returns {StreamType} */
  #typeNow() {
    const { timeline, duration } = this.#media;
    if (timeline) return timeline.live ? 'live' : 'on-demand';
    // A camera's stream has no timeline.
    if (duration === Infinity) return 'live';
    return duration > 0 ? 'on-demand' : 'unknown';
  }

  #windowNow() {
    const { timeline } = this.#media;
    if (!timeline) return 0;
    // Once long enough it stays so: some windows breathe.
    const lengthSecs = (timeline.liveEdge ?? timeline.end) - timeline.start;
    return this.#window === Infinity || lengthSecs >= MIN_LIVE_WINDOW_SECS ? Infinity : 0;
  }
}
