// @ts-check
/**
 * `captureFrame`: a still of what plays, as an encoded image.
 *
 * In: a picture's view module, canvas and video, and what is wanted. Out: a Blob. A canvas that is
 * shown keeps its pixels for the task in which they were drawn, so the view is drawn and read in
 * one, at another size as well. Loaded with the first still.
 */
import { VideoSphereError } from './errors.js';

/** @import { View } from './view_module.d.ts' */

/** What every WebGPU device and all but the oldest of WebGL2 take. */
const SIDE_MAX_PX = 8192;

/**
 * @param {{view: View | null, canvas: HTMLCanvasElement, video: HTMLVideoElement}} from
 * @param {import('./index.js').CaptureOptions} options
 * @returns {Promise<Blob>}
 */
export async function captureFrame(
  { view, canvas, video },
  { source = 'view', type = 'image/png', quality, ...size },
) {
  if (source !== 'view' && source !== 'frame') {
    throw new TypeError(`videosphere: source is 'view' or 'frame', not “${source}”.`);
  }
  const isWhole = source === 'frame';
  // `readyState` falls while seeking; what the view then shows is the frame before.
  if (!view || (isWhole && video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA)) throw noFrame();
  const { width, height } = isWhole ? { width: video.videoWidth, height: video.videoHeight } : canvas;
  const still = document.createElement('canvas');
  Object.assign(still, sizeOf(size, width / height || 1, width));
  const context = /** @type {CanvasRenderingContext2D} */ (still.getContext('2d', { alpha: false }));
  /** @param {CanvasImageSource} image */
  const draw = (image) => context.drawImage(image, 0, 0, still.width, still.height);
  try {
    if (isWhole) draw(video);
    else view.capture(still.width, still.height, () => draw(canvas));
    return await new Promise((resolve, reject) => {
      const encoded = (/** @type {Blob | null} */ blob) =>
        blob
          ? resolve(blob)
          : reject({ message: `the browser makes no ${type} of ${still.width} × ${still.height} pixels` });
      still.toBlob(encoded, type, quality);
    });
  } catch (thrown) {
    const isTainted = /** @type {Partial<Error>} */ (thrown).name === 'SecurityError';
    throw VideoSphereError.from(isTainted ? refusal(view, canvas) : thrown);
  }
}

/**
 * What the view says of pixels that may not be read: it meets the same refusal.
 * @param {View} view @param {HTMLCanvasElement} canvas
 */
function refusal(view, canvas) {
  try {
    view.capture(canvas.width, canvas.height, () => {});
  } catch (said) {
    return said;
  }
  return { code: 'video-tainted' };
}

/** There is nothing to make a still of. */
export const noFrame = () =>
  new VideoSphereError({
    name: 'no-frame',
    severity: 'warning',
    message: 'there is no frame to capture: wait for `loadeddata`, and do it before the player is destroyed',
  });

/**
 * One side follows the other.
 * @param {{width?: number, height?: number}} size
 * @param {number} aspect @param {number} byDefault the width
 */
function sizeOf({ width, height }, aspect, byDefault) {
  const wide = width ?? (height === undefined ? byDefault : Math.round(height * aspect));
  const high = height ?? Math.round(wide / aspect);
  for (const px of [wide, high]) {
    if (!(Number.isInteger(px) && px >= 1 && px <= SIDE_MAX_PX)) {
      throw new TypeError(
        `videosphere: width and height are whole pixels from 1 to ${SIDE_MAX_PX}, not “${px}”.`,
      );
    }
  }
  return { width: wide, height: high };
}
