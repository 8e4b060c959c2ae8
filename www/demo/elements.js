// @ts-check
/** The demo page's elements by their ids (`index.html`). In: an id. Out: the element, as what it is. */

/**
 * @typedef {{
 *   player: import('../element.d.ts').VideoSphereElement,
 *   streams: HTMLSelectElement, open: HTMLFormElement, url: HTMLInputElement, source: HTMLFieldSetElement,
 *   projection: HTMLSelectElement, stereo: HTMLSelectElement, direction: HTMLOutputElement,
 *   throughput: HTMLOutputElement, buffer: HTMLOutputElement,
 *   'throughput-line': SVGElement, 'buffer-line': SVGElement, figures: HTMLDListElement,
 *   latency: HTMLDivElement, 'target-latency': HTMLInputElement,
 *   news: HTMLElement, 'news-list': HTMLOListElement, copied: HTMLOutputElement,
 * }} PageElements
 */

/**
 * @template {keyof PageElements} Id
 * @param {Id} id
 */
export const $ = (id) =>
  /** @type {PageElements[Id]} */ (/** @type {unknown} */ (document.getElementById(id)));
