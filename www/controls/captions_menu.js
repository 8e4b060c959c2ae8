// @ts-check
/**
 * The menu of subtitles and captions, and of how the viewer wants their text, loaded with the first track.
 *
 * In: the element's text tracks, as any page sees them. Out: one of them shown, or none, and the same
 * remembered for the next stream. A row of a style goes from value to value.
 */
import { captionStyle } from '../caption_style.js';
import { labels } from '../labels.js';
import { button } from './button.js';
import { Menu } from './menu.js';

/** @import { VideoSphereElement } from '../element.d.ts' */
/** @import { MenuItem } from './menu.js' */

const SIZES = [75, 100, 150, 200];
/** Words to values; nothing leaves it to the stream. @type {() => [string, string | null][]} */
const colors = () => [
  [labels.auto, null],
  [labels.white, '#ffffff'],
  [labels.yellow, '#ffff00'],
];
/** @type {() => [string, string | null][]} */
const backgrounds = () => [
  [labels.auto, null],
  [labels.black, '#000000'],
  [labels.translucent, '#00000080'],
  [labels.off, '#00000000'],
];

export class CaptionsMenu {
  #media;
  /** What the key brings back. @type {TextTrack | undefined} */
  #last;

  /**
   * @param {VideoSphereElement} media @param {ShadowRoot} root
   * @param {HTMLElement} before what it stands before @param {AbortSignal} signal
   */
  constructor(media, root, before, signal) {
    this.#media = media;
    const options = {
      button: button('captions', labels.subtitles, () => {}),
      label: labels.subtitles,
      root,
      items: () => this.#items(),
    };
    this.menu = new Menu(options, signal);
    before.before(this.menu.element);
  }

  hide() {
    this.menu.close();
    this.menu.element.hidden = true;
  }

  update() {
    this.menu.element.hidden = false;
    const shown = this.#shown;
    this.#last = shown ?? this.#last;
    this.menu.button.setAttribute('aria-pressed', String(Boolean(shown)));
  }

  /** On, as they were, or off. */
  toggle() {
    const tracks = this.#tracks;
    const last = tracks.find((track) => track === this.#last) ?? tracks[0];
    this.#show(this.#shown ? undefined : last);
  }

  get #tracks() {
    return [...this.#media.textTracks].filter(({ kind }) => kind === 'subtitles' || kind === 'captions');
  }

  get #shown() {
    return this.#tracks.find(({ mode }) => mode === 'showing');
  }

  /** @param {TextTrack | undefined} wanted */
  #show(wanted) {
    for (const track of this.#tracks) {
      if (track !== wanted) track.mode = 'disabled';
    }
    if (wanted) wanted.mode = 'showing';
    captionStyle.choose(wanted ? wanted.language : null);
  }

  /** @returns {MenuItem[]} */
  #items() {
    const shown = this.#shown;
    const rows = this.#tracks.map((track) => ({
      text: track.label || nameOf(track.language) || labels.subtitles,
      note: track.kind === 'captions' ? 'CC' : '',
      isChosen: track === shown,
      choose: () => this.#show(track),
    }));
    const off = { text: labels.off, isChosen: !shown, choose: () => this.#show(undefined) };
    return [off, ...rows, ...(shown ? styleRows() : [])];
  }
}

/** @returns {MenuItem[]} */
function styleRows() {
  const { style } = captionStyle;
  const set = (/** @type {Partial<typeof style>} */ change) =>
    (captionStyle.style = { ...captionStyle.style, ...change });
  /** @type {<T>(list: T[], at: number) => T} */
  const after = (list, at) => list[(at + 1) % list.length];
  const row = (
    /** @type {string} */ text,
    /** @type {'color' | 'background'} */ name,
    /** @type {[string, string | null][]} */ values,
  ) => {
    const at = values.findIndex(([, value]) => value === style[name]);
    const choose = () => set({ [name]: after(values, at)[1] });
    return { text, note: values[at]?.[0] ?? String(style[name]), choose };
  };
  const size = {
    text: labels.captionSize,
    note: `${style.sizePercent} %`,
    choose: () => set({ sizePercent: after(SIZES, SIZES.indexOf(style.sizePercent)) }),
  };
  return [
    size,
    row(labels.captionColor, 'color', colors()),
    row(labels.captionBackground, 'background', backgrounds()),
  ];
}

/** A language in the page's own words. @param {string} language */
function nameOf(language) {
  try {
    return new Intl.DisplayNames([labels.lang], { type: 'language' }).of(language) ?? language;
  } catch {
    return language;
  }
}
