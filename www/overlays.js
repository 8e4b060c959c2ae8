// @ts-check
/**
 * What `<video-sphere>` lays over its picture even without `controls`: poster, waiting sign, and a
 * failure in words. In: the element's events and a few calls. Out: three elements of its shadow
 * tree, and its style.
 */
import { elementStyle } from './element_style.js';
import { h } from './html.js';
import { labels } from './labels.js';
import { makeSheet, adoptSheet } from './sheets.js';

/** Which moments change whether the viewer is waiting. */
const WAITING_EVENTS = [
  'loadstart',
  'waiting',
  'seeking',
  'play',
  'playing',
  'canplay',
  'seeked',
  'pause',
  'emptied',
  'timeupdate',
  'ended',
];

/**
 * @param {ShadowRoot} root
 * @param {import('./element.d.ts').VideoSphereElement} host
 */
export function makeOverlays(root, host) {
  const sizes = new Map();
  const sizeStyle = () => `:host { ${[...sizes.values()].join(' ')} }`;
  /** @type {CSSStyleSheet | undefined} */
  let sizeSheet;
  const adoptStyles = () => {
    adoptSheet(root, elementStyle);
    sizeSheet = makeSheet(root, sizeStyle());
    if (sizeSheet) root.adoptedStyleSheets.push(sizeSheet);
  };
  adoptStyles();

  const poster = h('img', { class: 'poster', part: 'poster', alt: '', hidden: true });
  const waiting = h(
    'div',
    { class: 'waiting', part: 'waiting', role: 'status', hidden: true },
    h('span', { class: 'sr-only' }),
  );
  const message = h('p', { class: 'failure-message', dir: 'auto' });
  const code = h('p', { class: 'failure-code' });
  const retry = h('button', { type: 'button', class: 'pill' });
  const title = h('p', { class: 'failure-title', dir: 'auto' });
  const failure = h(
    'div',
    { class: 'failure', part: 'failure', role: 'alert', hidden: true },
    title,
    message,
    code,
    retry,
  );

  /** @type {import('./index.js').VideoSphereError | undefined} */
  let shown;
  const relabel = () => {
    /** @type {Element} */ (waiting.firstElementChild).textContent = labels.loading;
    retry.textContent = labels.retry;
    title.textContent = labels.failed;
    for (const each of [waiting, retry, title]) each.lang = labels.lang;
    if (shown) tell(shown);
  };
  /** @param {import('./index.js').VideoSphereError} error */
  const tell = (error) => {
    const words = labels.failure?.(error);
    message.textContent = words ?? sentence(error.message);
    message.lang = words ? labels.lang : 'en';
  };
  relabel();

  retry.addEventListener('click', () => {
    host.load();
    host.play().catch(() => {});
    host.canvas?.focus();
  });
  const updateWaiting = () => {
    const isWanted = !host.paused || host.autoplay;
    waiting.hidden = !(
      (host.currentSrc || host.srcObject) &&
      !host.error &&
      !host.ended &&
      isWanted &&
      host.readyState < 3
    );
  };
  for (const type of WAITING_EVENTS) host.addEventListener(type, updateWaiting);
  host.addEventListener('error', updateWaiting);
  // HTML's "show poster flag". Where the stream itself begins elsewhere, the viewer has not sought.
  let isPosterDue = true;
  const updatePoster = () => (poster.hidden = !(isPosterDue && poster.hasAttribute('src')));
  host.addEventListener('seeking', () => {
    // Not for pages: `index.js` has it beyond its contract.
    const player = /** @type {{ isSeekOwn?: boolean } | null} */ (host.player);
    isPosterDue &&= player?.isSeekOwn ?? false;
  });
  host.addEventListener('seeked', updatePoster);
  host.addEventListener('playing', () => {
    isPosterDue = false;
    updatePoster();
    failure.hidden = true;
  });

  return {
    elements: [poster, waiting, failure],

    /** The element is in another document. */
    adoptStyles,

    /** `labels` are others. */
    relabel,

    /** A stream begins again; another one with its poster. @param {boolean} isOther */
    reset(isOther) {
      failure.hidden = true;
      isPosterDue ||= isOther;
      updatePoster();
    },

    /** @param {string | null} url */
    setPoster(url) {
      if (url) poster.setAttribute('src', url);
      else poster.removeAttribute('src');
      updatePoster();
    },

    /** @param {string} name @param {string | null} value pixels, as in HTML */
    setSize(name, value) {
      const px = Number.parseInt(value ?? '', 10);
      sizes.set(name, px >= 0 ? `${name}: ${px}px;` : '');
      sizeSheet?.replaceSync(sizeStyle());
    },

    /** @param {import('./index.js').VideoSphereError} error */
    showError(error) {
      shown = error;
      tell(error);
      code.textContent = error.name;
      failure.hidden = false;
      waiting.hidden = true;
    },
  };
}

/** A sentence; URLs and codecs, first or last, stay as they are. @param {string} text */
const sentence = (text) =>
  text.replace(/^[a-z](?=[a-z'-]*[ ,])/, (letter) => letter.toUpperCase()) +
  (/[.!?]$|:\/\/\S*$/.test(text) ? '' : '.');
