// @ts-check
/**
 * Shows for a moment which gesture moves the view, where one has gone to the page. In: a shadow
 * tree of `<video-sphere>` and the gesture. Out: a line over the picture, read aloud as well, that
 * takes no click. Loaded with the first gesture of this kind.
 */
import { h } from './html.js';
import { labels } from './labels.js';

/** Long enough to be read; each further gesture starts it again. */
const SHOWN_MILLIS = 1800;
const isMac = /mac|iphone|ipad/i.test(navigator.platform);

/** @type {WeakMap<ShadowRoot, {element: HTMLElement, timer: number}>} */
const hints = new WeakMap();

/** @param {ShadowRoot} root @param {'wheel' | 'touch'} gesture */
export function showGestureHint(root, gesture) {
  let hint = hints.get(root);
  if (!hint) {
    const element = h('p', { class: 'hint', part: 'hint', role: 'status', dir: 'auto', hidden: true });
    root.querySelector('.stage')?.after(element);
    hint = { element, timer: 0 };
    hints.set(root, hint);
  }
  const { element } = hint;
  const text = gesture === 'touch' ? labels.touchHint : labels.wheelHint(isMac ? '⌘' : 'Ctrl');
  element.hidden = false;
  element.lang = labels.lang;
  if (element.textContent !== text) element.textContent = text;
  clearTimeout(hint.timer);
  hint.timer = window.setTimeout(() => {
    element.hidden = true;
    element.textContent = '';
  }, SHOWN_MILLIS);
}
