// @ts-check
/** The bar's buttons: a picture, and a name for those who hear it or rest on it. */
import { h } from '../html.js';
import { icon } from './icons.js';

/**
 * @param {Parameters<typeof icon>[0]} name
 * @param {string} label
 * @param {() => void} press
 * @param {string} [className]
 */
export function button(name, label, press, className = '') {
  const made = h('button', { type: 'button', class: `button ${className}`.trim() });
  face(made, name, label);
  made.addEventListener('click', press);
  return made;
}

/**
 * Picture and name of a button, changed only when they differ: a screen reader speaks each change.
 * @param {HTMLElement} made
 * @param {Parameters<typeof icon>[0]} name
 * @param {string} label
 */
export function face(made, name, label) {
  if (made.dataset.icon === name && made.getAttribute('aria-label') === label) return;
  made.dataset.icon = name;
  made.setAttribute('aria-label', label);
  made.title = label;
  made.replaceChildren(icon(name));
}
