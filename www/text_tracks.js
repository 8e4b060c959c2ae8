// @ts-check
/**
 * The text tracks of a stream as those of the media element (HTML 4.8.11.11), loaded with the first stream
 * that has any.
 *
 * In: what the manifest names, and cues. Out: a TextTrack of each, with VTTCues, in the element's own list, so
 * that skins list and show them; which of them are loaded, by their `mode`. A `<track>` of ours stands for
 * each, as only that can be taken away again. Forced subtitles are `metadata`, which no menu lists.
 */
import { captionStyle } from './caption_style.js';
import { openEnd } from './compat/cues.js';

/**
 * @import { CaptionChange, CueChange, PlainCue, StreamEvent, TextTrackInfo } from './protocol.d.ts'
 */

/**
 * @typedef {object} Entry
 * @property {TextTrackInfo} info
 * @property {HTMLTrackElement} element
 * @property {TextTrack} track
 * @property {Map<number, VTTCue>} cues by the reader's numbers
 * @property {boolean} isOn as it was last seen
 * @property {Map<VTTCue, number>} runs of captions: which reading of the media they are of
 */

/** Captions that begin so near to one another are the same. */
const SAME_MOMENT_SECS = 0.05;
/** Captions of a channel that are kept, but for those that are over. */
const MOST_CAPTIONS = 500;
const LONG_OVER_SECS = 120;

export class TextTracks {
  #video;
  #select;
  /** @type {Map<number, Entry>} */
  #entries = new Map();
  /** What is loaded, as it was last said. */
  #selected = '';
  /** @type {WeakMap<TextTrackCue, PlainCue>} */
  #plain = new WeakMap();
  /** @type {import('./captions.js').Captions | undefined} */
  #captions;
  #isDrawing = false;
  #eventCount = 0;
  #signal;
  #stage;
  #mark;

  /**
   * @param {HTMLVideoElement} video
   * @param {{ stage: HTMLElement, mark: string, select: (ids: number[], inBand: boolean) => void, signal: AbortSignal }} options
   *   `stage` is what captions are drawn in; `mark` is an attribute that tells its tracks from the page's; `select` has these tracks loaded, and captions in the media read
   */
  constructor(video, { stage, mark, select, signal }) {
    this.#video = video;
    this.#stage = stage;
    this.#mark = mark;
    this.#select = select;
    this.#signal = signal;
    video.textTracks.addEventListener('change', () => this.#follow(), { signal });
    signal.addEventListener('abort', () => this.open([]), { once: true });
  }

  /**
   * Those of another stream take the place of what was there.
   * @param {readonly TextTrackInfo[]} infos @param {string | null} [language] what the page wants
   */
  open(infos, language = null) {
    for (const { element } of this.#entries.values()) element.remove();
    this.#entries.clear();
    this.#selected = 'false';
    for (const info of infos) this.#add(info);
    this.#choose(language);
    this.#captions?.draw();
    this.#follow();
  }

  /** @param {number} id @param {readonly CueChange[]} changes */
  take(id, changes) {
    const entry = this.#entries.get(id);
    // It was switched off while this was on its way.
    if (!entry || entry.track.mode === 'disabled') return;
    for (const { number, cue } of changes) this.#change(entry, number, cue);
    this.#captions?.draw();
  }

  /**
   * Captions of all channels of the media: those that nobody reads are there when somebody does.
   * @param {readonly string[]} found @param {readonly CaptionChange[]} captions
   */
  takeCaptions(found, captions) {
    const of = (/** @type {string} */ channel) =>
      [...this.#entries.values()].find(({ info }) => info.channel === channel);
    for (const channel of found.filter((it) => !of(it))) {
      // The manifest says nothing of them.
      const info = { label: channel, language: '', default: false, autoselect: false, forced: false };
      this.#add({ ...info, id: -1 - this.#entries.size, channel, forDeaf: true });
    }
    for (const { channel, number, run, cue, end } of captions) {
      const entry = of(channel);
      if (!entry) continue;
      const known = entry.cues.get(number);
      if (end !== undefined && known) known.endTime = Math.max(end, known.startTime);
      if (!cue) continue;
      if (!known) forgetOthers(entry, cue.start, run ?? 0, this.#video.currentTime);
      this.#change(entry, number, cue);
      const now = entry.cues.get(number);
      if (now) entry.runs.set(now, run ?? 0);
    }
    this.#captions?.draw();
  }

  /**
   * Events as cues of `metadata` tracks, one for each scheme, with what they say as JSON.
   * @param {readonly StreamEvent[]} events
   */
  takeEvents(events) {
    for (const event of events) {
      const scheme = event.scheme ?? '';
      const label = scheme || 'metadata';
      const isIt = (/** @type {Entry} */ { info }) => info.channel === `metadata ${label}`;
      let entry = [...this.#entries.values()].find(isIt);
      if (!entry) {
        const info = {
          label,
          language: '',
          default: false,
          autoselect: false,
          forced: false,
          forDeaf: false,
        };
        entry = this.#add({ ...info, id: -1 - this.#entries.size, channel: `metadata ${label}` });
        entry.element.kind = 'metadata';
        entry.track.mode = 'hidden';
      }
      const { track, cues } = entry;
      // One without an ID is known by what it says.
      const isSame = (/** @type {VTTCue} */ cue) =>
        cue.id === (event.id ?? '') &&
        Math.abs(cue.startTime - event.start) < SAME_MOMENT_SECS &&
        (event.id || `${JSON.parse(cue.text).data}` === `${event.data}`);
      const same = [...cues].find(([, cue]) => isSame(cue));
      if (same) remove(track, same[1]);
      const number = same?.[0] ?? (cues.size > MOST_CAPTIONS ? [...cues.keys()][0] : this.#eventCount++);
      const cue = new VTTCue(event.start, openEnd(event.end), JSON.stringify(event));
      cue.id = event.id ?? '';
      const oldest = cues.get(number);
      if (oldest && !same) remove(track, oldest);
      cues.set(number, cue);
      track.addCue(cue);
    }
  }

  /** Those that are drawn: what is shown, and what is forced. */
  get #drawn() {
    const forced = [...this.#entries.values()].filter(({ info }) => info.forced).map(({ track }) => track);
    return [...this.#video.textTracks].filter((track) =>
      isReadable(track) ? track.mode === 'showing' : forced.includes(track) && track.mode === 'hidden',
    );
  }

  /** What is on screen now. @returns {{ cue: TextTrackCue, plain?: PlainCue, language: string }[]} */
  get shown() {
    return this.#drawn.flatMap((track) =>
      [...(track.activeCues ?? [])].map((cue) => ({
        cue,
        plain: this.#plain.get(cue),
        language: track.language,
      })),
    );
  }

  /** @param {TextTrackInfo} info */
  #add(info) {
    const element = this.#video.ownerDocument.createElement('track');
    element.kind = kindOf(info);
    element.label = info.label;
    element.srclang = info.language;
    element.setAttribute(this.#mark, String(info.id));
    this.#video.append(element);
    const { track } = element;
    /** @type {Entry} */
    const entry = { info, element, track, cues: new Map(), runs: new Map(), isOn: false };
    this.#entries.set(info.id, entry);
    // Chromium shows a track that no script has touched, of its own accord.
    track.mode = 'hidden';
    track.mode = 'disabled';
    // And empties it once, as it has no address to load from.
    element.addEventListener('error', () => addAgain(entry), { once: true });
    return entry;
  }

  /**
   * What is shown before the viewer says anything: what they chose last, else what the page wants, else what
   * the author prefers.
   * @param {string | null} language
   */
  #choose(language) {
    const entries = [...this.#entries.values()].filter(({ info }) => !info.forced);
    if (captionStyle.isShown === false) return;
    const wanted = captionStyle.language ?? language;
    const byDefault = entries.find(({ info }) => info.default);
    const chosen =
      (wanted && best(entries, wanted)) || byDefault || (captionStyle.isShown ? entries[0] : undefined);
    if (chosen) chosen.track.mode = 'showing';
  }

  /** A mode changed: what is not disabled is loaded, and signs in a language nobody reads are forced. */
  #follow() {
    const entries = [...this.#entries.values()];
    const isOn = (/** @type {Entry} */ { track }) => track.mode !== 'disabled';
    const regular = entries.filter((entry) => !entry.info.forced && !isOfEvents(entry));
    this.#force(entries, regular.find(isOn)?.info.language);
    for (const entry of entries) {
      if (!isOn(entry) && entry.info.channel === null) this.#empty(entry);
      if (isOn(entry) && !entry.isOn) addAgain(entry);
      entry.isOn = isOn(entry);
    }
    const on = entries.filter((entry) => isOn(entry) && !isOfEvents(entry)).map(({ info }) => info);
    const ids = on.filter(({ channel }) => channel === null).map(({ id }) => id);
    const inBand = on.length > ids.length;
    if (`${ids}${inBand}` !== this.#selected) {
      this.#selected = `${ids}${inBand}`;
      this.#select(ids, inBand);
    }
    this.#draw();
  }

  /**
   * Subtitles hold what is forced: it is shown beside none, and in the viewer's language.
   * @param {Entry[]} entries @param {string | undefined} readLanguage of the subtitles that are on
   */
  #force(entries, readLanguage) {
    const forced = entries.filter(({ info }) => info.forced);
    const languages = this.#video.ownerDocument.defaultView?.navigator.languages ?? [];
    const wanted =
      readLanguage === undefined
        ? (forced.find(({ info }) => info.default) ??
          languages.map((language) => best(forced, language)).find(Boolean))
        : undefined;
    for (const entry of forced) entry.track.mode = entry === wanted ? 'hidden' : 'disabled';
  }

  async #draw() {
    if (this.#captions || this.#isDrawing || this.#drawn.length === 0) {
      this.#captions?.draw();
      return;
    }
    this.#isDrawing = true;
    const { Captions } = await import('./captions.js');
    if (this.#signal.aborted) return;
    this.#captions = new Captions(this.#video, this.#stage, () => this.shown, this.#signal);
    this.#captions.draw();
  }

  /** @param {Entry} entry @param {number} number @param {PlainCue | undefined} plain none where it is gone */
  #change({ track, cues }, number, plain) {
    const known = cues.get(number);
    if (!plain) {
      if (known) remove(track, known);
      cues.delete(number);
      return;
    }
    const cue = known ?? new VTTCue(plain.start, openEnd(plain.end), '');
    cue.startTime = plain.start;
    cue.endTime = openEnd(plain.end);
    cue.id = plain.id ?? '';
    cue.text = textOf(plain);
    place(cue, plain);
    this.#plain.set(cue, plain);
    if (known) return;
    cues.set(number, cue);
    track.addCue(cue);
  }

  /** @param {Entry} entry */
  #empty({ track, cues }) {
    for (const cue of cues.values()) remove(track, cue);
    cues.clear();
  }
}

/**
 * What was read of the same media before, and what is long over: it is read again where it plays again.
 * @param {Entry} entry @param {number} startSecs @param {number} run @param {number} nowSecs
 */
function forgetOthers({ track, cues, runs }, startSecs, run, nowSecs) {
  for (const [number, cue] of cues) {
    const isSame = runs.get(cue) !== run && Math.abs(cue.startTime - startSecs) < SAME_MOMENT_SECS;
    const isOver = cues.size > MOST_CAPTIONS && cue.endTime < nowSecs - LONG_OVER_SECS;
    if (!isSame && !isOver) continue;
    remove(track, cue);
    cues.delete(number);
    runs.delete(cue);
  }
}

/** What came while it was off is never active in Chromium, as if it were still to load. @param {Entry} entry */
function addAgain({ track, cues }) {
  for (const cue of cues.values()) track.addCue(cue);
}

/** Takes a cue away; Chromium may have, see `#add`. @param {TextTrack} track @param {TextTrackCue} cue */
function remove(track, cue) {
  if (cue.track === track) track.removeCue(cue);
}

/** Its track is of events, which are read for another reason. @param {Entry} entry */
const isOfEvents = ({ info }) => info.channel?.startsWith('metadata ') ?? false;

/** @param {TextTrack} track */
const isReadable = ({ kind }) => kind === 'subtitles' || kind === 'captions';

/** @param {TextTrackInfo} info @returns {TextTrackKind} */
function kindOf({ forced, forDeaf, channel }) {
  if (forced) return 'metadata';
  return forDeaf || channel !== null ? 'captions' : 'subtitles';
}

/**
 * The track in a language, or in another form of it (`pt` and `pt-BR`).
 * @param {Entry[]} entries @param {string} language
 */
function best(entries, language) {
  const primary = (/** @type {string} */ tag) => tag.toLowerCase().split('-')[0];
  const isExact = (/** @type {Entry} */ { info }) => info.language.toLowerCase() === language.toLowerCase();
  const isNear = (/** @type {Entry} */ { info }) => primary(info.language) === primary(language);
  return entries.find(isExact) ?? entries.find(isNear);
}

const ESCAPES = /** @type {Record<string, string>} */ ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' });

/**
 * A cue's text as WebVTT has it, for whoever reads or draws it.
 * @param {PlainCue} plain
 */
function textOf({ lines }) {
  return lines.map((spans) => spans.map(spanText).join('')).join('\n');
}

/** @param {PlainCue['lines'][number][number]} span */
function spanText({ text, bold, italic, underlined, voice, language, ruby, classes }) {
  let whole = text.replace(/[&<>]/g, (character) => ESCAPES[character]);
  const wrap = (/** @type {string} */ tag, /** @type {string} */ words = '') =>
    (whole = `<${tag}${words}>${whole}</${tag}>`);
  if (ruby) whole = `<ruby>${whole}<rt>${ruby.replace(/[&<>]/g, (it) => ESCAPES[it])}</rt></ruby>`;
  if (bold) wrap('b');
  if (italic) wrap('i');
  if (underlined) wrap('u');
  if (classes?.length) wrap('c', `.${classes.join('.')}`);
  if (language) wrap('lang', ` ${language}`);
  if (voice) wrap('v', ` ${voice.replace(/[&<>]/g, (it) => ESCAPES[it])}`);
  return whole;
}

/** Where it is shown, as far as a VTTCue can say. @param {VTTCue} cue @param {PlainCue} plain */
function place(cue, { placement = {} }) {
  const { vertical, row, line, lineAlign, position, positionAlign, size, align, region } = placement;
  cue.vertical = vertical ?? '';
  cue.snapToLines = line === undefined;
  cue.line = row ?? line ?? 'auto';
  cue.position = position ?? 'auto';
  cue.size = size ?? 100;
  cue.align = align ?? 'center';
  // Firefox has regions by a setting alone, WebKit no alignment of lines.
  const isSide = (/** @type {string | undefined} */ side) =>
    side === 'start' || side === 'center' || side === 'end';
  if ('lineAlign' in cue && isSide(lineAlign)) cue.lineAlign = /** @type {LineAlignSetting} */ (lineAlign);
  if ('positionAlign' in cue && positionAlign) {
    const sides = {
      start: 'line-left',
      left: 'line-left',
      center: 'center',
      end: 'line-right',
      right: 'line-right',
    };
    cue.positionAlign = /** @type {PositionAlignSetting} */ (sides[positionAlign]);
  }
  if (!region || !('VTTRegion' in globalThis)) return;
  const box = new VTTRegion();
  box.id = region.id ?? '';
  box.width = region.width;
  if (region.lines) box.lines = region.lines;
  [box.regionAnchorX, box.regionAnchorY] = region.anchor;
  [box.viewportAnchorX, box.viewportAnchorY] = region.viewportAnchor;
  box.scroll = region.scrolls ? 'up' : '';
  cue.region = box;
}
