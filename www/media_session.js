// @ts-check
/**
 * What plays, for the system: the lock screen, the keys of a headset, the browser's media hub (Media
 * Session Standard). Loaded with the first title, artist or artwork.
 *
 * In: an element and the words for it. Out: `navigator.mediaSession`, of which a page has one: it is the
 * element's that was played last, and is left as it was found when that one goes.
 */

/** @import { VideoSphereElement } from './element.d.ts' */
/** @typedef {{ title: string, artist: string, artwork: string }} Words */

const SEEK_SECS = 10;
const POSITION_EVENTS = ['durationchange', 'ratechange', 'seeked', 'playing', 'pause', 'emptied'];

/** @type {PageMedia | null} */
let owner = null;

export class PageMedia {
  #media;
  #words;
  #abort = new AbortController();

  /** @param {VideoSphereElement} media @param {Words} words */
  constructor(media, words) {
    this.#media = media;
    this.#words = words;
    const { signal } = this.#abort;
    media.addEventListener('play', () => this.#claim(), { signal });
    for (const type of POSITION_EVENTS) media.addEventListener(type, () => this.#tell(), { signal });
    if (!media.paused) this.#claim();
  }

  /** @param {Words} words */
  set words(words) {
    this.#words = words;
    if (owner === this) this.#describe();
  }

  destroy() {
    this.#abort.abort();
    if (owner !== this) return;
    owner = null;
    const session = navigator.mediaSession;
    for (const action of this.#actions.keys()) setHandler(action, null);
    session.metadata = null;
    session.playbackState = 'none';
    session.setPositionState?.();
  }

  get #actions() {
    const media = this.#media;
    const by = (/** @type {number} */ secs) => (media.currentTime = Math.max(0, media.currentTime + secs));
    return new Map(
      /** @type {[MediaSessionAction, MediaSessionActionHandler][]} */ ([
        ['play', () => media.play().catch(() => {})],
        ['pause', () => media.pause()],
        ['seekbackward', ({ seekOffset }) => by(-(seekOffset ?? SEEK_SECS))],
        ['seekforward', ({ seekOffset }) => by(seekOffset ?? SEEK_SECS)],
        ['seekto', ({ seekTime }) => seekTime !== undefined && (media.currentTime = seekTime)],
      ]),
    );
  }

  #claim() {
    if (owner === this) return;
    owner = this;
    for (const [action, handler] of this.#actions) setHandler(action, handler);
    this.#describe();
    this.#tell();
  }

  #describe() {
    const { title, artist, artwork } = this.#words;
    navigator.mediaSession.metadata = new MediaMetadata({
      title,
      artist,
      artwork: artwork ? [{ src: artwork }] : [],
    });
  }

  #tell() {
    if (owner !== this) return;
    const { paused, duration, currentTime, playbackRate } = this.#media;
    const session = navigator.mediaSession;
    session.playbackState = paused ? 'paused' : 'playing';
    // A live stream has no length, and no place in it.
    const hasPosition = Number.isFinite(duration) && duration > 0 && playbackRate > 0;
    const position = Math.min(currentTime, duration);
    session.setPositionState?.(hasPosition ? { duration, position, playbackRate } : undefined);
  }
}

/** @param {MediaSessionAction} action @param {MediaSessionActionHandler | null} handler */
function setHandler(action, handler) {
  try {
    navigator.mediaSession.setActionHandler(action, handler);
  } catch {
    // An action that this browser does not know.
  }
}
