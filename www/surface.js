// @ts-check
/**
 * The two elements that a player lives in: a `<video>` that decodes and a `<canvas>` that shows.
 *
 * In: what the page gave (a container, a canvas, a video, or some of them). Out: both, in the
 * document, the video at full size underneath: browsers stop decoding what is `display: none`, and
 * Safari what is one pixel large.
 */

const FILL = { position: 'absolute', inset: '0', width: '100%', height: '100%' };

/**
 * @param {{container?: HTMLElement, canvas?: HTMLCanvasElement, video?: HTMLVideoElement,
 *   crossOrigin?: string | null}} given
 * @returns {{video: HTMLVideoElement, canvas: HTMLCanvasElement,
 *   remove: (canvas: HTMLCanvasElement) => void}} `remove` takes the canvas in use in the end
 */
export function prepareSurface({ container, canvas, video, crossOrigin = 'anonymous' }) {
  if (!container && !canvas) {
    throw new TypeError('videosphere: new Player({…}) needs a `container` element or a `canvas`.');
  }
  const ourCanvas = canvas ?? document.createElement('canvas');
  const ourVideo = video ?? makeVideo();

  prepareVideo(ourVideo, crossOrigin);
  if (container && getComputedStyle(container).position === 'static') {
    container.style.position = 'relative';
  }
  if (!canvas) {
    Object.assign(ourCanvas.style, FILL, { display: 'block' });
    container?.prepend(ourCanvas);
  }
  const isOurVideoPlaced = !ourVideo.isConnected;
  // A video that already stands in a document stays where its page put it.
  if (isOurVideoPlaced) ourCanvas.before(ourVideo);
  return {
    video: ourVideo,
    canvas: ourCanvas,
    remove(inUse) {
      if (!canvas) inUse.remove();
      if (isOurVideoPlaced) ourVideo.remove();
    },
  };
}

/** A video for the decoder alone: not seen, not focused, hidden from screen readers. */
export function makeVideo() {
  const video = document.createElement('video');
  settle(video);
  Object.assign(video.style, FILL, { opacity: '0', pointerEvents: 'none', objectFit: 'fill' });
  video.setAttribute('aria-hidden', 'true');
  video.tabIndex = -1;
  return video;
}

/**
 * @param {HTMLVideoElement} video
 * @param {string | null} crossOrigin
 */
function prepareVideo(video, crossOrigin) {
  // Without CORS the decoded pixels may not be drawn (canvas taint); with media source it is moot.
  const hasMedia = video.srcObject || video.hasAttribute('src') || video.querySelector('source');
  if (!hasMedia) video.crossOrigin = crossOrigin;
  settle(video);
}

/** Those whose settings are the page's from now on. @type {WeakSet<HTMLVideoElement>} */
const settled = new WeakSet();

/** @param {HTMLVideoElement} video */
function settle(video) {
  if (settled.has(video)) return;
  settled.add(video);
  video.playsInline = true;
  // The flat picture-in-picture or AirPlay of an unwrapped sphere is of no use, and WebKit's
  // ManagedMediaSource opens only where remote playback is off.
  video.disablePictureInPicture = true;
  video.disableRemotePlayback = true;
}
