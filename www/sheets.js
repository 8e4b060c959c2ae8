// @ts-check
/**
 * Style sheets of shadow trees, constructed, which a strict `style-src` allows.
 *
 * In: a shadow root and CSS. Out: the root has adopted it. A constructed sheet belongs to one document, and
 * a root that is moved to another loses it: so there is one for each document and text.
 */

/** @type {WeakMap<Document, Map<string, CSSStyleSheet>>} */
const shared = new WeakMap();

/**
 * Adopts the CSS, once.
 * @param {ShadowRoot} root @param {string} css
 */
export function adoptSheet(root, css) {
  const { ownerDocument } = root;
  const sheets = shared.get(ownerDocument) ?? new Map();
  shared.set(ownerDocument, sheets);
  const sheet = sheets.get(css) ?? makeSheet(root, css);
  sheets.set(css, sheet);
  if (sheet && !root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets.push(sheet);
}

/**
 * A sheet for this root alone; none where nothing is shown: in a document without a window, in jsdom.
 * @param {ShadowRoot} root @param {string} css
 * @returns {CSSStyleSheet | undefined}
 */
export function makeSheet(root, css) {
  const { defaultView } = root.ownerDocument;
  const sheet = defaultView && 'adoptedStyleSheets' in root ? new defaultView.CSSStyleSheet() : undefined;
  sheet?.replaceSync(css);
  return sheet;
}
