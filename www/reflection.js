// @ts-check
/**
 * The attributes of a `<video-sphere>`, and the properties that are one and nothing else (HTML 2.6.1, "Reflecting
 * content attributes in IDL attributes").
 *
 * In: a prototype. Out: an accessor each on it, and the list of attributes whose changes matter.
 */
import { define } from './members.js';
import { toAbsoluteUrl } from './values.js';

/** What the system shows of it. */
export const SESSION_ATTRIBUTES = ['media-title', 'media-artist', 'media-artwork'];
export const OBSERVED_ATTRIBUTES = [
  'audio-language',
  'autoplay',
  'cmcd',
  'config',
  'controls',
  'controlslist',
  'crossorigin',
  'disablepictureinpicture',
  'fov',
  'gesture-handling',
  'height',
  'high-quality-src',
  'hotkeys',
  'loop',
  ...SESSION_ATTRIBUTES,
  'motion',
  'muted',
  'pitch',
  'poster',
  'preload',
  'projection',
  'quality',
  'renderer',
  'request',
  'src',
  'stereo',
  'target-latency',
  'type',
  'width',
  'yaw',
];

const STRINGS = { mediaTitle: 'media-title', mediaArtist: 'media-artist', type: 'type' };
const BOOLEANS = {
  autoplay: 'autoplay',
  controls: 'controls',
  defaultMuted: 'muted',
  disablePictureInPicture: 'disablepictureinpicture',
  loop: 'loop',
  playsInline: 'playsinline',
};
const NUMBERS = { height: 'height', width: 'width' };
const URLS = {
  engineUrl: 'engine-url',
  highQualitySrc: 'high-quality-src',
  mediaArtwork: 'media-artwork',
  poster: 'poster',
  tracksUrl: 'tracks-url',
  transmuxUrl: 'transmux-url',
  wasmUrls: 'wasm-urls',
  workerUrl: 'worker-url',
};
/** Those that the media element inside reflects in its way: `copyAttribute` hands them down. */
const OF_THE_VIDEO = { controlsList: 'controlslist', preload: 'preload' };

/** @typedef {keyof typeof STRINGS | keyof typeof BOOLEANS | keyof typeof NUMBERS | keyof typeof URLS
 *   | keyof typeof OF_THE_VIDEO} Reflected */

/** As HTML reflects an unsigned long: what is negative is none. @param {unknown} value */
const toSize = (value) => Math.max(0, Number.parseInt(String(value), 10) || 0);

/** @param {Element} to @param {string} name @param {string | null} value */
export function copyAttribute(to, name, value) {
  if (value === null) to.removeAttribute(name);
  else to.setAttribute(name, value);
}

/** @typedef {HTMLElement & { video: HTMLVideoElement }} Reflecting */

/** @param {Reflecting} prototype */
export function reflectAttributes(prototype) {
  /**
   * @param {Record<string, string>} names
   * @param {(element: Reflecting, attribute: string, name: string) => unknown} read
   * @param {(value: unknown) => string | boolean} write
   */
  const reflect = (names, read, write) => {
    for (const [name, attribute] of Object.entries(names)) {
      define(prototype, name, {
        get() {
          return read(this, attribute, name);
        },
        set(value) {
          const written = write(value);
          if (typeof written === 'string') this.setAttribute(attribute, written);
          else this.toggleAttribute(attribute, written);
        },
      });
    }
  };
  reflect(STRINGS, (element, attribute) => element.getAttribute(attribute) ?? '', String);
  reflect(URLS, (element, attribute) => toAbsoluteUrl(element.getAttribute(attribute)), String);
  reflect(
    NUMBERS,
    (element, attribute) => toSize(element.getAttribute(attribute)),
    (px) => String(toSize(px)),
  );
  reflect(BOOLEANS, (element, attribute) => element.hasAttribute(attribute), Boolean);
  reflect(OF_THE_VIDEO, (element, _, name) => Reflect.get(element.video, name), String);
}
