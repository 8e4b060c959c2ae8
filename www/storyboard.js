// @ts-check
/**
 * A storyboard of the page's, as other players have it: `<track kind="metadata" label="thumbnails">`.
 *
 * In: the track, whose cues name pictures and parts of them (`sprite.jpg#xywh=160,0,160,80`, Media Fragments
 * 4.2.2). Out: which picture, and what part of it, is of a moment, and how it is loaded. What is no address is no
 * picture. Pictures of other origins need no CORS, as nothing here reads their pixels.
 */

/** @import { Moment, Picture } from './thumbnails.js' */

export const TRACK = 'track[kind=metadata i][label=thumbnails i]';
const LIMIT_MILLIS = 10_000;

export class Storyboard {
  /** The element of the media element's own. */
  child;
  /** @type {Promise<void> | undefined} */
  #loaded;

  /** @param {HTMLTrackElement} child */
  constructor(child) {
    this.child = child;
  }

  /** @param {number} secs @returns {Promise<Moment | null>} */
  async find(secs) {
    await (this.#loaded ??= cuesOf(this.child));
    const cue = [...(this.child.track.cues ?? [])].find(
      ({ startTime, endTime }) => startTime <= secs && secs < endTime,
    );
    const part = cue && 'text' in cue && partOf(/** @type {VTTCue} */ (cue).text, this.child.src);
    if (!cue || !part) return null;
    const { startTime, endTime } = cue;
    return {
      key: part.url,
      startTime,
      endTime,
      box: () => part.box,
      load: (signal) => load(part.url, signal),
    };
  }
}

/** Has the cues loaded; where they cannot be, there are none. @param {HTMLTrackElement} child @returns {Promise<void>} */
function cuesOf(child) {
  if (child.track.mode === 'disabled') child.track.mode = 'hidden';
  const { LOADED, ERROR } = HTMLTrackElement;
  return new Promise((resolve) => {
    const end = () => resolve();
    if (child.readyState === LOADED || child.readyState === ERROR) return end();
    for (const type of ['load', 'error']) child.addEventListener(type, end, { once: true });
    setTimeout(end, LIMIT_MILLIS);
  });
}

/** @param {string} url @param {AbortSignal} signal @returns {Promise<Picture>} */
async function load(url, signal) {
  const image = new Image();
  signal.addEventListener('abort', () => (image.src = ''), { once: true });
  image.src = url;
  try {
    await image.decode();
  } catch (cause) {
    const message = `a picture of the storyboard could not be loaded: check the address in its WebVTT file (${url})`;
    throw {
      code: 'network-unreachable',
      severity: 'warning',
      message,
      context: { url, detail: String(cause) },
    };
  }
  return { image, width: image.naturalWidth, height: image.naturalHeight };
}

/**
 * What a cue names; nothing where it is no address.
 * @param {string} text @param {string} baseUrl @returns {{ url: string, box?: number[] } | undefined}
 */
export function partOf(text, baseUrl) {
  const [, name, numbers] =
    /^(\S+?)(?:#xywh=(?:pixel:)?(\d+,\d+,[1-9]\d*,[1-9]\d*))?$/.exec(text.trim()) ?? [];
  const url = name && URL.canParse(name, baseUrl) ? new URL(name, baseUrl).href : undefined;
  return url ? { url, box: numbers?.split(',').map(Number) } : undefined;
}
