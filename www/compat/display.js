// @ts-check
/**
 * Where browsers differ about canvases, graphics and headsets: one function each. In: the canvas,
 * context, adapter or video that it is about. Out: the answer, or the fault made good.
 */

/** @import { XrScope } from '../view_module.d.ts' */

/**
 * Whether its style lets an element be seen. Safari before 17.4 cannot tell, and draws.
 * @see https://drafts.csswg.org/cssom-view/#dom-element-checkvisibility
 * @param {Element} element
 */
export function canBeSeen(element) {
  return element.checkVisibility?.({ visibilityProperty: true, opacityProperty: true }) ?? true;
}

/**
 * Whether an adapter is software; older browsers say so on the adapter itself.
 * @see https://gpuweb.github.io/gpuweb/#dom-gpuadapterinfo-isfallbackadapter
 * @param {{ info?: GPUAdapterInfo, isFallbackAdapter?: boolean }} adapter
 */
export function isFallbackAdapter({ info, isFallbackAdapter }) {
  return Boolean(info?.isFallbackAdapter ?? isFallbackAdapter);
}

/**
 * What draws WebGL. Chromium says `WebKit WebGL` of all, and the name in an extension; Firefox says
 * the name at once, and writes a warning where the extension is asked for.
 * @see https://registry.khronos.org/webgl/extensions/WEBGL_debug_renderer_info/
 * @param {WebGL2RenderingContext} gl
 * @returns {string}
 */
export function rendererName(gl) {
  const name = gl.getParameter(gl.RENDERER);
  const info = name === 'WebKit WebGL' ? gl.getExtension('WEBGL_debug_renderer_info') : null;
  return info ? gl.getParameter(info.UNMASKED_RENDERER_WEBGL) : name;
}

/**
 * Hides a canvas without a context, on which Chromium shows its sign for a broken one on white.
 * @see https://registry.khronos.org/webgl/specs/latest/1.0/#5.15.2
 * @param {HTMLCanvasElement} canvas
 * @returns {() => void} shows it again
 */
export function hideWhileLost({ style }) {
  const { filter } = style;
  style.filter = 'opacity(0)';
  return () => (style.filter = filter);
}

/**
 * Decodes the frame of a paused video again: Chromium loses it with its graphics process. One that
 * plays is soon followed by the next; at the end, a seek would fire `ended` again.
 * @see https://html.spec.whatwg.org/multipage/media.html#dom-media-seek
 * @param {HTMLVideoElement} video
 */
export function decodePausedFrameAgain(video) {
  if (video.paused && !video.ended && !video.seeking && video.readyState > 1) {
    const { currentTime } = video;
    video.currentTime = currentTime;
  }
}

/**
 * WebXR, where this page may use it. Chromium writes into the console of a frame without permission
 * at the first question, and alone can say beforehand that it will.
 * @see https://developer.mozilla.org/docs/Web/API/FeaturePolicy/allowsFeature
 */
export function xrSystem() {
  const { document, navigator } = /** @type {XrScope} */ (/** @type {unknown} */ (globalThis));
  const isAllowed = document?.featurePolicy?.allowsFeature('xr-spatial-tracking') ?? true;
  return isAllowed ? navigator?.xr : undefined;
}
