// @ts-check
/**
 * What the picture needs of its canvas beside pixels: a size, and a name.
 *
 * In: the page's canvas. Out: the same, with a size that does not depend on its own pixels, and
 * reachable by keyboard and screen reader, wherever the page has not said otherwise. All of it is
 * taken back in the end. Hands and their gestures are those of `gestures.js`.
 */

const LABEL = '360° video. Arrow keys look around, plus and minus zoom, Home looks ahead.';

/** @type {WeakMap<HTMLCanvasElement, (() => void)[]>} */
const undoings = new WeakMap();

/** @param {HTMLCanvasElement} canvas */
export function describeCanvas(canvas) {
  /** @type {(() => void)[]} */
  const undo = [];
  const attribute = (/** @type {string} */ name, /** @type {string} */ value) => {
    if (canvas.hasAttribute(name)) return;
    canvas.setAttribute(name, value);
    undo.push(() => canvas.removeAttribute(name));
  };
  const style = (/** @type {string} */ name, /** @type {string} */ value) => {
    const before = canvas.style.getPropertyValue(name);
    canvas.style.setProperty(name, value);
    undo.push(() => canvas.style.setProperty(name, before));
  };
  attribute('tabindex', '0');
  // Screen readers then pass the arrow keys on.
  attribute('role', 'application');
  attribute('aria-label', LABEL);

  // A canvas that no CSS sizes takes its size from its pixels, whose number we take from its size:
  // on a screen with more device than CSS pixels it would grow for ever.
  const { clientWidth, clientHeight, width, height } = canvas;
  canvas.width = width + 1;
  canvas.height = height + 1;
  const isSizedByPixels = clientWidth > 0 && canvas.clientWidth !== clientWidth;
  const isHighByPixels = clientHeight > 0 && canvas.clientHeight !== clientHeight;
  canvas.width = width;
  canvas.height = height;
  if (isSizedByPixels) style('width', `${clientWidth}px`);
  if (isHighByPixels) style('height', `${clientHeight}px`);
  undoings.set(canvas, undo);
}

/** @param {HTMLCanvasElement} canvas */
export function restoreCanvas(canvas) {
  for (const undo of undoings.get(canvas) ?? []) undo();
  undoings.delete(canvas);
}

/**
 * Makes one canvas look like another to the page. Not by a `style` attribute, which a
 * Content-Security-Policy may forbid.
 * @param {HTMLCanvasElement} from @param {HTMLCanvasElement} to
 */
export function copyAttributes(from, to) {
  for (const { name, value } of from.attributes) {
    if (name !== 'style') to.setAttribute(name, value);
  }
  to.style.cssText = from.style.cssText;
}
