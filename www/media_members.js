// @ts-check
/**
 * What a `<video>` has, handed on by something that holds one.
 *
 * In: a prototype, and how to get from its instance to the media element. Out: an accessor or
 * method for every member of HTMLVideoElement and HTMLMediaElement which the prototype has not
 * defined itself. The list is read from the browser, so a member that a browser adds, or lacks,
 * is added or lacking here as well.
 */

import { repeatedEnds } from './compat/media.js';

/**
 * The events a media element fires (HTML 4.8.11.16, EME, Picture-in-Picture). `error` is missing on
 * purpose: ours says more than MediaError does.
 */
export const MEDIA_EVENTS = Object.freeze([
  'abort',
  'canplay',
  'canplaythrough',
  'durationchange',
  'emptied',
  'encrypted',
  'ended',
  'enterpictureinpicture',
  'leavepictureinpicture',
  'loadeddata',
  'loadedmetadata',
  'loadstart',
  'pause',
  'play',
  'playing',
  'progress',
  'ratechange',
  'resize',
  'seeked',
  'seeking',
  'stalled',
  'suspend',
  'timeupdate',
  'volumechange',
  'waiting',
  'waitingforkey',
]);

/**
 * What says that a source was left. A browser fires it for each media source; we for each of the page's own, on the
 * media element (`loading.js`).
 */
const OF_OURS = ['abort', 'emptied'];

/**
 * Defines the missing members once per prototype.
 * @template {object} Holder
 * @param {Holder} prototype of the class that holds a media element
 * @param {(holder: Holder) => HTMLVideoElement} videoOf
 */
export function forwardMediaMembers(prototype, videoOf) {
  for (const source of [HTMLVideoElement.prototype, HTMLMediaElement.prototype]) {
    for (const [name, member] of Object.entries(Object.getOwnPropertyDescriptors(source))) {
      if (name === 'constructor' || name in prototype) continue;
      const forwarded = forwarder(name, member, videoOf);
      Object.defineProperty(prototype, name, { configurable: true, enumerable: true, ...forwarded });
    }
  }
}

/**
 * @template {object} Holder
 * @param {string} name
 * @param {PropertyDescriptor} member
 * @param {(holder: Holder) => HTMLVideoElement} videoOf
 * @returns {PropertyDescriptor & ThisType<Holder>}
 */
function forwarder(name, member, videoOf) {
  if (typeof member.value === 'function') {
    return {
      writable: true,
      /** @this {Holder} @param {unknown[]} args */
      value(...args) {
        // By name, not `member.value`: the page may have put its own on the element.
        return Reflect.get(videoOf(this), name).apply(videoOf(this), args);
      },
    };
  }
  // A constant such as HAVE_METADATA has a value and no setter.
  if ('value' in member) return { value: member.value };
  return {
    get() {
      return Reflect.get(videoOf(this), name);
    },
    ...(member.set && {
      /** @this {Holder} @param {unknown} value */
      set(value) {
        Reflect.set(videoOf(this), name, value);
      },
    }),
  };
}

/**
 * Fires each media event of `video` again at `target`, as an event of the same kind.
 * @param {HTMLVideoElement} video
 * @param {EventTarget} target
 * @param {AbortSignal} signal ends it
 */
export function forwardMediaEvents(video, target, signal) {
  const isRepeated = repeatedEnds(video);
  const isInner = (/** @type {Event} */ { type, isTrusted }) => isTrusted && OF_OURS.includes(type);
  for (const type of MEDIA_EVENTS) {
    video.addEventListener(
      type,
      (event) => isRepeated(event) || isInner(event) || target.dispatchEvent(copyOf(event)),
      { signal },
    );
  }
}

/** @param {Event} event */
function copyOf(event) {
  // The constructor of the event itself keeps what only it has (`initData`, `pictureInPictureWindow`).
  const EventClass = /** @type {typeof Event} */ (event.constructor);
  return new EventClass(event.type, event);
}
