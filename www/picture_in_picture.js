// @ts-check
/**
 * The drawn view in the browser's small window (Picture-in-Picture; Media Capture from DOM Elements). Loaded with the
 * first request for it.
 *
 * In: a picture and its media element. Out: the window, with what the canvas shows; play and pause of the two follow
 * one another, and the window's events are fired on the media element. The video that is shown there stands in the
 * picture's place in the document, so that `document.pictureInPictureElement` is the element around it. A browser draws
 * nothing for a page that nobody sees: in a background tab the window stands still.
 */

/** @import { Picture } from './picture.js' */

/** A canvas's frames as they are drawn, whose rate the video has. */
const EVENTS = /** @type {const} */ (['enterpictureinpicture', 'leavepictureinpicture']);

/**
 * Must be called in a click, or soon after.
 * @param {Picture} picture
 * @param {HTMLVideoElement} media
 * @param {AbortSignal} signal the end of the player, and of the window
 * @returns {Promise<PictureInPictureWindow>}
 */
export async function openPictureInPicture(picture, media, signal) {
  const { host } = /** @type {Partial<ShadowRoot>} */ (picture.canvas.getRootNode());
  if (/** @type {Partial<HTMLVideoElement> | undefined} */ (host)?.disablePictureInPicture) {
    throw new DOMException('the element has disablepictureinpicture', 'InvalidStateError');
  }
  const shown = makeShown(picture.canvas);
  const isSupported = document.pictureInPictureEnabled && 'captureStream' in picture.canvas;
  if (!isSupported || !shown.requestPictureInPicture) {
    shown.remove();
    throw new DOMException('this browser has no picture-in-picture', 'NotSupportedError');
  }
  const end = new AbortController();
  const listen = { signal: end.signal };
  const close = () => {
    if (end.signal.aborted) return;
    end.abort();
    picture.isDrawnUnseen = false;
    if (shownInWindow(shown)) document.exitPictureInPicture().catch(() => {});
    for (const track of stream.getTracks()) track.stop();
    shown.remove();
  };
  // While it is captured it is drawn, in sight or not; also the frame that a pause has left.
  picture.isDrawnUnseen = true;
  const stream = picture.canvas.captureStream();
  for (const type of EVENTS) {
    shown.addEventListener(type, (event) => media.dispatchEvent(copyOf(event)), listen);
  }
  shown.addEventListener('leavepictureinpicture', close, listen);
  signal.addEventListener('abort', close, listen);
  // Another canvas draws from now on.
  picture.addEventListener('rendererchange', close, listen);
  try {
    await metadataOf(shown, stream);
    const window = await shown.requestPictureInPicture();
    follow(shown, media, listen);
    return window;
  } catch (problem) {
    close();
    throw problem;
  }
}

/** @param {HTMLVideoElement} shown */
const shownInWindow = (shown) =>
  /** @type {Document | ShadowRoot} */ (shown.getRootNode()).pictureInPictureElement === shown;

/** @param {HTMLCanvasElement} canvas */
function makeShown(canvas) {
  const shown = document.createElement('video');
  shown.muted = true;
  shown.playsInline = true;
  shown.tabIndex = -1;
  shown.setAttribute('aria-hidden', 'true');
  // Not `display: none`, of which browsers decode nothing.
  Object.assign(shown.style, { position: 'absolute', inset: '0', opacity: '0', pointerEvents: 'none' });
  canvas.before(shown);
  return shown;
}

/** @param {HTMLVideoElement} shown @param {MediaStream} stream */
async function metadataOf(shown, stream) {
  const known = new Promise((resolve, reject) => {
    shown.addEventListener('loadedmetadata', resolve, { once: true });
    shown.addEventListener('error', () => reject(shown.error), { once: true });
  });
  shown.srcObject = stream;
  shown.play().catch(() => {});
  await known;
}

/** The window's buttons are of the one, the page's of the other. @param {HTMLVideoElement} shown
 * @param {HTMLVideoElement} media @param {AddEventListenerOptions} listen */
function follow(shown, media, listen) {
  if (media.paused) shown.pause();
  for (const [leader, follower] of [
    [shown, media],
    [media, shown],
  ]) {
    leader.addEventListener('play', () => follower.paused && follower.play().catch(() => {}), listen);
    leader.addEventListener('pause', () => follower.pause(), listen);
  }
}

/** @param {Event} event */
function copyOf(event) {
  const EventClass = /** @type {typeof Event} */ (event.constructor);
  return new EventClass(event.type, event);
}
