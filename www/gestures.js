// @ts-check
/**
 * Whose a gesture on the picture is: the view's, or the page's that scrolls past it.
 *
 * In: a policy, named and meant as `gestureHandling` of Google Maps, and the events of a canvas.
 * Out: an answer for the view module (`takes`), fingers kept from the browser or left to it, a
 * call when a gesture went to the page that may have been meant for the view, and a mouse pointer
 * that shows the picture can be held. What can be scrolled is looked up at each event, since pages
 * change without one. It refuses to trap a page: whatever fills a window and can still be scrolled
 * past counts as a part of its page.
 */

/** @typedef {'auto' | 'cooperative' | 'greedy' | 'none'} GestureHandling */

/** `auto` and `cooperative` also hold two fingers, and in full screen every one: see `touchmove`. */
const TOUCH_ACTIONS = { auto: 'pan-y', cooperative: 'pan-y', greedy: 'none', none: 'auto' };
/** A page that is longer than its window by less than this share is as good as filled. */
const LONGER = 1.1;
/** What covers this share of the window fills it. */
const FILLED = 0.9;
const CURSORS = { pointerenter: 'grab', pointerdown: 'grabbing', pointerup: 'grab', pointerleave: '' };

export class Gestures {
  #canvas = /** @type {HTMLCanvasElement | null} */ (null);
  #policy = /** @type {GestureHandling} */ ('auto');
  #attached = new AbortController();
  #missed;
  /** The cursor that is ours, if one is. */
  #cursor = '';
  #touchActionBefore = '';

  /** @param {(gesture: 'wheel' | 'touch') => void} missed is called for gestures that went to the page */
  constructor(missed) {
    this.#missed = missed;
  }

  get policy() {
    return this.#policy;
  }

  set policy(policy) {
    this.#policy = policy;
    if (this.#canvas) this.#canvas.style.touchAction = TOUCH_ACTIONS[policy];
  }

  /** @param {HTMLCanvasElement} canvas in the place of the one before */
  attach(canvas) {
    this.detach();
    this.#canvas = canvas;
    this.#attached = new AbortController();
    this.#touchActionBefore = canvas.style.touchAction;
    this.policy = this.#policy;
    const { signal } = this.#attached;
    canvas.addEventListener('touchmove', (event) => this.#onTouchMove(event), { passive: false, signal });
    canvas.addEventListener(
      'pointercancel',
      ({ pointerType }) => {
        // The browser has taken the finger, to scroll.
        if (pointerType === 'touch' && this.#policy !== 'none' && !this.#isGreedy()) this.#missed('touch');
      },
      { signal },
    );
    for (const [type, cursor] of Object.entries(CURSORS)) {
      canvas.addEventListener(
        type,
        (event) => {
          const { pointerType, button } = /** @type {PointerEvent} */ (event);
          if (pointerType === 'mouse' && button < 1) this.#setCursor(this.#policy === 'none' ? '' : cursor);
        },
        { signal },
      );
    }
  }

  detach() {
    this.#attached.abort();
    if (!this.#canvas) return;
    this.#setCursor('');
    this.#canvas.style.touchAction = this.#touchActionBefore;
    this.#canvas = null;
  }

  /**
   * Whether a wheel or a pointer that goes down is the view's. A finger is, until the browser
   * takes it.
   * @param {WheelEvent | PointerEvent} event
   */
  takes(event) {
    if (this.#policy === 'none') return false;
    // With the control key it is a trackpad's pinch as well.
    if (!('deltaY' in event) || event.ctrlKey || event.metaKey || this.#isGreedy()) return true;
    if (Math.abs(event.deltaY) > Math.abs(event.deltaX)) this.#missed('wheel');
    return false;
  }

  /** The canvas's `touch-action` leaves vertical strokes to the browser; here some are taken back. @param {TouchEvent} event */
  #onTouchMove(event) {
    if (!event.cancelable || this.#policy === 'none') return;
    if (event.targetTouches.length > 1 || this.#isGreedy()) event.preventDefault();
  }

  #isGreedy() {
    const canvas = this.#canvas;
    if (!canvas || this.#policy === 'greedy' || isFullscreen(canvas)) return true;
    return this.#policy === 'auto' && !canScrollPast(canvas);
  }

  /** @param {string} cursor */
  #setCursor(cursor) {
    const canvas = /** @type {HTMLCanvasElement} */ (this.#canvas);
    const { style } = canvas;
    // The page has one of its own, here or further out.
    if (style.cursor !== this.#cursor) return;
    style.cursor = '';
    if (cursor && getComputedStyle(canvas).cursor === 'auto') style.cursor = cursor;
    this.#cursor = style.cursor;
  }
}

/**
 * Up through slots, shadow trees and frames.
 * @param {Element} element
 * @returns {Generator<Element>}
 */
function* ancestors(element) {
  /** @typedef {Node & { assignedSlot?: Element | null, host?: Element }} Inner an element or a shadow root */
  for (
    let node = /** @type {Inner | null | undefined} */ (element);
    node;
    node = node.assignedSlot ?? node.parentNode ?? node.host
  ) {
    if (node.nodeType === Node.ELEMENT_NODE) yield/** @type {Element} */ (node);
  }
}

/** Full screen, by the browser or by a box that is fixed over the page. @param {Element} canvas */
function isFullscreen(canvas) {
  const { documentElement: window, fullscreenElement } = canvas.ownerDocument;
  const { width, height } = canvas.getBoundingClientRect();
  if (width < window.clientWidth * FILLED || height < window.clientHeight * FILLED) return false;
  return (
    fullscreenElement !== null ||
    [...ancestors(canvas)].some((element) => getComputedStyle(element).position === 'fixed')
  );
}

/**
 * Whether there is something to scroll upwards and downwards around an element.
 * @param {Element} inner
 * @returns {boolean}
 */
function canScrollPast(inner) {
  const { body, documentElement, scrollingElement, defaultView } = inner.ownerDocument;
  for (const element of ancestors(inner)) {
    const isScroller = /auto|scroll/.test(getComputedStyle(element).overflowY);
    if (isScroller && element.clientHeight > 0 && isLonger(element)) return true;
  }
  // The window's overflow is the root's, or if that says nothing the body's.
  const outer = [documentElement, body].map((element) => element && getComputedStyle(element).overflowY);
  const ofWindow = outer[0] === 'visible' ? outer[1] : outer[0];
  if (scrollingElement && !/hidden|clip/.test(ofWindow ?? '') && isLonger(scrollingElement)) return true;
  if (!defaultView || defaultView.parent === defaultView) return false;
  // A frame of another origin hides what is around it, which is a page as a rule.
  return !defaultView.frameElement || canScrollPast(defaultView.frameElement);
}

/** @param {Element} element */
const isLonger = ({ scrollHeight, clientHeight }) => scrollHeight > clientHeight * LONGER;
