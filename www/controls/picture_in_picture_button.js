// @ts-check
/**
 * The bar's button for the browser's small window (Picture-in-Picture). It is there where the browser can put what a
 * canvas shows into one, and the page allows it. Out: the button; what fails is said, not thrown.
 */
import { labels } from '../labels.js';
import { button, face } from './button.js';

/** @import { VideoSphereElement } from '../element.d.ts' */

/**
 * @param {VideoSphereElement} media
 * @param {(sentence: string) => void} say
 * @param {AbortSignal} signal the end of the bar
 */
export function pictureInPictureButton(media, say, signal) {
  const isOpen = () =>
    /** @type {Document | ShadowRoot} */ (media.getRootNode()).pictureInPictureElement === media;
  const press = () => {
    // Called in the click itself: the browser wants to see the gesture.
    const done = isOpen() ? media.ownerDocument.exitPictureInPicture() : media.requestPictureInPicture();
    done.catch((/** @type {Error} */ { message }) => say(`${labels.pictureInPictureFailed}: ${message}`));
  };
  const made = button('pictureInPicture', labels.enterPictureInPicture, press, 'wide-only');
  const isSupported =
    media.ownerDocument.pictureInPictureEnabled && 'captureStream' in HTMLCanvasElement.prototype;
  const update = () => {
    made.hidden = !isSupported || media.disablePictureInPicture;
    face(made, 'pictureInPicture', isOpen() ? labels.exitPictureInPicture : labels.enterPictureInPicture);
  };
  for (const type of ['enterpictureinpicture', 'leavepictureinpicture']) {
    media.addEventListener(type, update, { signal });
  }
  const allowing = new MutationObserver(update);
  allowing.observe(media, { attributeFilter: ['disablepictureinpicture'] });
  signal.addEventListener('abort', () => allowing.disconnect(), { once: true });
  update();
  return made;
}
