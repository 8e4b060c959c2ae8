// @ts-check
/**
 * Captions drawn over the picture, loaded with the first track that is shown: the `<video>`, which browsers
 * draw them on, is not seen.
 *
 * In: the cues that are on screen, plain where they are the stream's, and the viewer's style. Out: boxes of
 * text where WebVTT has them (7.2, less the search for room), rolled-up regions, and the colours of CEA-608 and
 * IMSC. It knows no format and loads nothing.
 */
import { captionStyle } from './caption_style.js';
import { captionsCss } from './captions_style.js';
import { h } from './html.js';
import { adoptSheet } from './sheets.js';

/** @import { PlainCue, PlainPlacement, PlainRegion, PlainSpan } from './protocol.d.ts' */
/** @typedef {{ cue: TextTrackCue, plain?: PlainCue, language: string }} Shown */

/** Lines of text that a picture is high: a line is 5.33 % of it by default (WebVTT 7.4). */
const LINES = 15;

export class Captions {
  #video;
  #shown;
  /** What was drawn, so that the same is not drawn again. */
  #drawn = '';
  #layer = h('div', { class: 'captions', part: 'captions', 'aria-live': 'off' });

  /**
   * @param {HTMLVideoElement} video @param {HTMLElement} stage
   * @param {() => Shown[]} shown what is on screen now @param {AbortSignal} signal
   */
  constructor(video, stage, shown, signal) {
    this.#video = video;
    this.#shown = shown;
    const root = /** @type {ShadowRoot} */ (stage.getRootNode());
    adoptSheet(root, captionsCss);
    stage.append(this.#layer);
    const draw = () => this.draw();
    for (const type of ['addtrack', 'removetrack']) {
      video.textTracks.addEventListener(type, () => this.#listen(signal), { signal });
    }
    this.#listen(signal);
    for (const type of ['seeked', 'emptied']) video.addEventListener(type, draw, { signal });
    captionStyle.addEventListener('change', () => this.#dress(), { signal });
    this.#dress();
    signal.addEventListener('abort', () => this.#layer.remove(), { once: true });
  }

  /** Tracks tell of their cues one by one. @param {AbortSignal} signal */
  #listen(signal) {
    for (const track of this.#video.textTracks) {
      track.addEventListener('cuechange', this.#redraw, { signal });
    }
  }

  #redraw = () => this.draw();

  /** Shows what is on screen now. */
  draw() {
    const shown = this.#shown();
    const drawn = JSON.stringify(
      shown.map(({ cue, plain, language }) => [plain ?? cue.id, textOf(cue), language]),
    );
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    /** @type {Map<string, HTMLElement>} */
    const regions = new Map();
    const bottom = h('div', { class: 'caption-stack' });
    this.#layer.replaceChildren(bottom);
    for (const { cue, plain, language } of shown) {
      const it = plain ?? plainOf(/** @type {VTTCue} */ (cue));
      const box = cueBox(it, language);
      const placement = it.placement ?? {};
      if (placement.region) this.#inRegion(regions, placement.region, box);
      else if (placement.row === undefined && placement.line === undefined && !placement.vertical) {
        bottom.prepend(box);
      } else this.#layer.append(box);
    }
  }

  /** @param {Map<string, HTMLElement>} regions @param {PlainRegion} region @param {HTMLElement} box */
  #inRegion(regions, region, box) {
    const key = JSON.stringify(region);
    const known = regions.get(key);
    const element = known ?? regionBox(region);
    regions.set(key, element);
    if (!known) this.#layer.append(element);
    element.append(box);
  }

  /** The viewer's own style goes before the stream's. */
  #dress() {
    const { sizePercent, color, background } = captionStyle.style;
    const { style } = this.#layer;
    style.setProperty('--caption-size', String(sizePercent / 100));
    const set = (/** @type {string} */ name, /** @type {string | null} */ value) =>
      value === null ? style.removeProperty(name) : style.setProperty(name, value);
    set('--caption-color', color);
    set('--caption-background', background);
    this.#layer.classList.toggle('own-color', color !== null);
    this.#layer.classList.toggle('own-background', background !== null);
  }
}

/** @param {TextTrackCue} cue */
const textOf = (cue) => ('text' in cue ? cue.text : '');

/** @param {PlainRegion} region */
function regionBox({ width, lines, height, anchor, viewportAnchor, scrolls, background, displayAlign }) {
  const box = h('div', { class: `caption-region${scrolls ? ' scrolls' : ''}` });
  const tall = height ?? (lines * 100) / LINES;
  Object.assign(box.style, {
    width: `${width}%`,
    left: `${viewportAnchor[0] - (anchor[0] * width) / 100}%`,
    top: `${viewportAnchor[1] - (anchor[1] * tall) / 100}%`,
    height: `${tall}%`,
    justifyContent: scrolls ? 'end' : flexOf(displayAlign),
    ...(background && { background }),
  });
  return box;
}

/** @param {string | undefined} side */
const flexOf = (side) => ({ center: 'center', end: 'end' })[side ?? ''] ?? 'start';

/** @param {PlainCue} cue @param {string} language */
function cueBox({ placement = {}, lines }, language) {
  const box = h('div', { class: 'caption', lang: language || null, dir: 'auto' });
  for (const spans of lines) {
    box.append(h('div', { class: 'caption-line' }, ...spans.map(spanOf)));
  }
  if (!placement.region) settle(box.style, placement);
  if (placement.align) box.style.textAlign = placement.align;
  return box;
}

/** Where a cue stands that is in no region (WebVTT 7.2). @param {CSSStyleDeclaration} style @param {PlainPlacement} placement */
function settle(
  style,
  { vertical, row, line, lineAlign, position, positionAlign, size = 100, align, region },
) {
  if (region) return;
  const isLeft = align === 'left' || align === 'start';
  const isRight = align === 'right' || align === 'end';
  const at = position ?? (isLeft ? 0 : isRight ? 100 : 50);
  const side = positionAlign ?? (isLeft ? 'left' : isRight ? 'right' : 'center');
  const before = side === 'center' ? 0.5 : side === 'left' || side === 'start' ? 0 : 1;
  const most = before === 0 ? 100 - at : before === 1 ? at : 2 * Math.min(at, 100 - at);
  const wide = Math.min(size, most);
  const [start, length] = vertical ? ['top', 'height'] : ['left', 'width'];
  style.setProperty(length, `${wide}%`);
  const isStacked = row === undefined && line === undefined && !vertical;
  style.setProperty(isStacked ? 'margin-left' : start, `${at - wide * before}%`);
  if (isStacked) return;
  style.position = 'absolute';
  if (vertical) style.writingMode = vertical === 'rl' ? 'vertical-rl' : 'vertical-lr';
  const first = vertical === 'rl' ? 'right' : vertical ? 'left' : 'top';
  const last = { right: 'left', left: 'right', top: 'bottom' }[first];
  if (line !== undefined) {
    style.setProperty(first, `${line}%`);
    const back = lineAlign === 'center' ? 50 : lineAlign === 'end' ? 100 : 0;
    style.translate = vertical ? `${vertical === 'rl' ? back : -back}%` : `0 ${-back}%`;
  } else if (row !== undefined && row >= 0) style.setProperty(first, `${(row * 100) / LINES}%`);
  else style.setProperty(last, `${((-(row ?? -1) - 1) * 100) / LINES}%`);
}

/** @param {PlainSpan} span */
function spanOf(span) {
  const { text, bold, italic, underlined, flashing, color, background, size, language, ruby, classes } = span;
  const inner = ruby ? h('ruby', {}, text, h('rt', {}, ruby)) : text;
  // Names of the stream's, for the page's style sheet: `::part(cue-yellow)`.
  const part = classes?.map((name) => `cue-${name}`).join(' ');
  const look = `caption-text${flashing ? ' flashes' : ''}`;
  const element = h('span', { class: look, part, lang: language ?? null }, inner);
  const { style } = element;
  if (bold) style.fontWeight = 'bold';
  if (italic) style.fontStyle = 'italic';
  if (underlined) style.textDecoration = 'underline';
  if (color) style.setProperty('--color', color);
  if (background) style.setProperty('--background', background);
  if (size) style.fontSize = `${size}em`;
  return element;
}

/**
 * What a page's own cue says: its text less its markup, which the browser reads.
 * @param {VTTCue} cue @returns {PlainCue}
 */
function plainOf(cue) {
  const text = cue.getCueAsHTML?.().textContent ?? cue.text ?? '';
  const row = cue.snapToLines && cue.line !== 'auto' ? Number(cue.line) : undefined;
  const line = !cue.snapToLines && cue.line !== 'auto' ? Number(cue.line) : undefined;
  const sides = /** @type {Record<string, 'left' | 'right' | 'center'>} */ ({
    'line-left': 'left',
    'line-right': 'right',
    center: 'center',
  });
  return {
    start: cue.startTime,
    end: cue.endTime,
    lines: text.split('\n').map((words) => [{ text: words }]),
    placement: {
      vertical: cue.vertical || undefined,
      row,
      line,
      size: cue.size,
      align: cue.align,
      position: cue.position === 'auto' ? undefined : cue.position,
      positionAlign: sides[cue.positionAlign],
    },
  };
}
