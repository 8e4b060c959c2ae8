// @ts-check
/**
 * How the viewer wants captions, kept for the next visit where the browser lets pages keep anything.
 *
 * In: choices of a menu, or of the page. Out: the same, checked; `change` for whoever draws. Of what is not
 * set the stream's own style counts.
 */

/**
 * @typedef {object} CaptionStyle
 * @property {number} sizePercent 100 is as large as the stream has it
 * @property {string | null} color of letters, as CSS has it; null leaves it to the stream
 * @property {string | null} background behind letters
 */

const KEY = 'videosphere-captions';
const LEAST_SIZE = 50;
const MOST_SIZE = 300;
/** @type {CaptionStyle} */
const USUAL = { sizePercent: 100, color: null, background: null };

/** @returns {Record<string, unknown>} */
function stored() {
  try {
    const value = JSON.parse(globalThis.localStorage?.getItem(KEY) ?? '{}');
    return typeof value === 'object' && value ? value : {};
  } catch {
    // No storage, or not ours.
    return {};
  }
}

/** @param {unknown} value @returns {CaptionStyle} what of it makes sense */
export function toCaptionStyle(value) {
  const given = /** @type {Record<string, unknown>} */ (value ?? {});
  const size = Number(given.sizePercent);
  const color = (/** @type {unknown} */ it) =>
    typeof it === 'string' && (globalThis.CSS?.supports?.('color', it) ?? true) ? it : null;
  return {
    sizePercent: size > 0 ? Math.min(Math.max(size, LEAST_SIZE), MOST_SIZE) : USUAL.sizePercent,
    color: color(given.color),
    background: color(given.background),
  };
}

class ViewerCaptions extends EventTarget {
  #kept = stored();

  /** @returns {CaptionStyle} */
  get style() {
    return toCaptionStyle(this.#kept);
  }

  set style(style) {
    this.#keep({ ...toCaptionStyle(style) });
  }

  /** Whether captions are wanted; null where the viewer never said. @returns {boolean | null} */
  get isShown() {
    return typeof this.#kept.isShown === 'boolean' ? this.#kept.isShown : null;
  }

  /** The language they were last read in. @returns {string | null} */
  get language() {
    return typeof this.#kept.language === 'string' ? this.#kept.language : null;
  }

  /** The viewer chose a track, or none. @param {string | null} language */
  choose(language) {
    this.#keep({ isShown: language !== null, ...(language === null ? {} : { language }) });
  }

  /** @param {Record<string, unknown>} changes */
  #keep(changes) {
    this.#kept = { ...this.#kept, ...changes };
    try {
      globalThis.localStorage?.setItem(KEY, JSON.stringify(this.#kept));
    } catch {
      // For this page alone, then.
    }
    this.dispatchEvent(new Event('change'));
  }
}

/** One viewer, whatever number of players. */
export const captionStyle = new ViewerCaptions();
