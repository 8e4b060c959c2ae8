// @ts-check
/**
 * The audio tracks of a stream, as HTML has them (AudioTrackList, HTML 4.8.11.10.1): one list for each
 * media element, whichever player plays on it.
 *
 * In: what the engine says of the stream's tracks, and the page's choice. Out: the list with its events, and
 * each choice once, to whoever plays. One track is always enabled: a stream has one sound, and silence is
 * `muted`. It knows no stream.
 */

/** @import { AudioTrack, AudioTracks as List } from './index.d.ts' */
/** @import { AudioTrackInfo } from './protocol.d.ts' */

/** @implements {Omit<List, number>} */
export class AudioTracks extends EventTarget {
  /** @type {readonly AudioTrack[]} */
  #list = [];
  /** @type {AudioTrack | undefined} */
  #enabled;
  /** Choices that the engine has not answered: what it says before is older. */
  #unanswered = 0;
  /** @type {(id: number) => void} */
  #select = () => {};
  onaddtrack = null;
  onremovetrack = null;
  onchange = null;

  get length() {
    return this.#list.length;
  }

  [Symbol.iterator]() {
    return this.#list[Symbol.iterator]();
  }

  /** @param {string} id */
  getTrackById(id) {
    return this.#list.find((track) => track.id === id) ?? null;
  }

  /**
   * The tracks of another stream, or more of the same one.
   * @param {readonly AudioTrackInfo[]} infos
   * @param {(id: number) => void} select
   */
  renew(infos, select) {
    this.#select = select;
    const before = this.#list;
    this.#list = infos.map(
      (info) =>
        before.find(({ id, label }) => id === String(info.id) && label === info.label) ?? this.#make(info),
    );
    const gone = before.filter((track) => !this.#list.includes(track));
    if (this.#enabled && gone.includes(this.#enabled)) this.#enabled = undefined;
    if (infos.length === 0) this.#unanswered = 0;
    // As in an array, and not one longer.
    for (const at of Object.keys(before)) Reflect.deleteProperty(this, at);
    Object.assign(this, this.#list);
    for (const track of gone) this.#fire('removetrack', track);
    for (const track of this.#list) if (!before.includes(track)) this.#fire('addtrack', track);
  }

  /**
   * What the engine plays.
   * @param {number} id
   * @param {boolean} isOwn not an answer to a choice
   */
  follow(id, isOwn) {
    if (!isOwn) this.#unanswered = Math.max(0, this.#unanswered - 1);
    const track = this.getTrackById(String(id));
    if (track && this.#unanswered === 0) this.#enable(track);
  }

  /** @param {AudioTrackInfo} info @returns {AudioTrack} */
  #make({ id, label, language, channels, isDefault, describesVideo }) {
    const self = this;
    return {
      id: String(id),
      kind: describesVideo ? 'main-desc' : isDefault ? 'main' : 'alternative',
      label,
      language,
      channels,
      get enabled() {
        return self.#enabled === this;
      },
      // Disabling the one that plays is left to the enabling of another.
      set enabled(isEnabled) {
        if (!isEnabled || self.#enabled === this || !self.#list.includes(this)) return;
        self.#unanswered += 1;
        self.#enable(this);
        self.#select(id);
      },
    };
  }

  /** @param {AudioTrack} track */
  #enable(track) {
    if (track === this.#enabled) return;
    this.#enabled = track;
    // Afterwards, as HTML has it.
    queueMicrotask(() => this.#fire('change'));
  }

  /** @param {'addtrack' | 'removetrack' | 'change'} type @param {AudioTrack} [track] */
  #fire(type, track) {
    // Not TrackEvent, which takes the browser's own tracks alone.
    const event = Object.assign(new Event(type), track && { track });
    this.dispatchEvent(event);
    /** @type {((event: Event) => void) | null} */ (this[`on${type}`])?.call(this, event);
  }
}

/** @type {WeakMap<HTMLMediaElement, AudioTracks>} */
const lists = new WeakMap();

/** The list of a media element. @param {HTMLMediaElement} video */
export function audioTracksOf(video) {
  let list = lists.get(video);
  if (!list) lists.set(video, (list = new AudioTracks()));
  return list;
}
