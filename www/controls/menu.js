// @ts-check
/**
 * A button that opens a menu of which one thing is chosen (ARIA menu button, menuitemradio).
 *
 * In: a function giving the items at the moment of opening. Out: the item chosen. Arrow keys,
 * Home, End and Escape work as the ARIA Authoring Practices have them; Tab leaves.
 */
import { h } from '../html.js';

/**
 * @typedef {object} MenuItem
 * @property {string} text
 * @property {string} [note]
 * @property {boolean} [isChosen] without it, it is no choice among others, but goes from value to value
 * @property {() => void} choose
 */

export class Menu {
  #items;
  #root;

  /**
   * @param {{button: HTMLButtonElement, label: string, root: ShadowRoot, items: () => MenuItem[]}} options
   * @param {AbortSignal} signal
   */
  constructor({ button, label, root, items }, signal) {
    this.button = button;
    this.#items = items;
    this.#root = root;
    this.list = h('div', { class: 'menu', role: 'menu', 'aria-label': label, hidden: true });
    this.element = h('div', { class: 'menu-holder' }, button, this.list);
    button.setAttribute('aria-haspopup', 'menu');
    button.setAttribute('aria-expanded', 'false');

    button.addEventListener('click', () => (this.isOpen ? this.close() : this.open()));
    this.list.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => this.#onKey(event));
    this.element.addEventListener('focusout', (/** @type {FocusEvent} */ event) => {
      const to = /** @type {Node | null} */ (event.relatedTarget);
      if (to && !this.element.contains(to)) this.close();
    });
    root.addEventListener(
      'pointerdown',
      (event) => {
        if (this.isOpen && !this.element.contains(/** @type {Node} */ (event.target))) this.close();
      },
      { signal, capture: true },
    );
  }

  get isOpen() {
    return !this.list.hidden;
  }

  open() {
    this.list.replaceChildren(...this.#items().map((item) => this.#row(item)));
    this.list.hidden = false;
    this.button.setAttribute('aria-expanded', 'true');
    const chosen = this.list.querySelector('[aria-checked=true]') ?? this.list.firstElementChild;
    /** @type {HTMLElement | null} */ (chosen)?.focus();
  }

  /** Shows what a row made of its value, and stays. @param {HTMLElement} row */
  #refresh(row) {
    const at = [...this.list.children].indexOf(row);
    this.list.replaceChildren(...this.#items().map((item) => this.#row(item)));
    /** @type {HTMLElement | undefined} */ (this.list.children[at])?.focus();
  }

  close() {
    if (!this.isOpen) return;
    const hadFocus = this.list.contains(this.#root.activeElement);
    this.list.hidden = true;
    this.button.setAttribute('aria-expanded', 'false');
    if (hadFocus) this.button.focus();
  }

  /** @param {MenuItem} item */
  #row({ text, note, isChosen, choose }) {
    const row = h(
      'button',
      {
        type: 'button',
        role: isChosen === undefined ? 'menuitem' : 'menuitemradio',
        'aria-checked': isChosen === undefined ? null : String(isChosen),
        tabindex: -1,
        class: 'menu-item',
      },
      h('span', { class: 'menu-text' }, text),
      h('span', { class: 'menu-note' }, note ?? ''),
    );
    row.addEventListener('click', () => {
      choose();
      if (isChosen === undefined) this.#refresh(row);
      else this.close();
    });
    return row;
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const rows = /** @type {HTMLElement[]} */ ([...this.list.children]);
    const at = rows.indexOf(/** @type {HTMLElement} */ (this.#root.activeElement));
    const targets = {
      ArrowDown: rows[(at + 1) % rows.length],
      ArrowUp: rows.at(at - 1),
      Home: rows[0],
      End: rows.at(-1),
    };
    if (event.key === 'Escape') this.close();
    else if (event.key in targets) targets[/** @type {keyof typeof targets} */ (event.key)]?.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
