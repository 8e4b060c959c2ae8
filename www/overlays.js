// @ts-check
/**
 * What `<video-sphere>` lays over its picture even without `controls`: poster, waiting sign, and a
 * failure in words. In: the element's events and a few calls. Out: three elements of its shadow
 * tree. Styles come as constructed sheets, which a strict `style-src` allows.
 */
import { elementStyle } from './element_style.js';
import { h } from './html.js';
import { labels } from './labels.js';

/** Which moments change whether the viewer is waiting. */
const WAITING_EVENTS = [
  'loadstart', 'waiting', 'seeking', 'play', 'playing', 'canplay', 'seeked', 'pause', 'emptied',
  'timeupdate', 'ended',
];

/**
 * @param {ShadowRoot} root
 * @param {any} host the `<video-sphere>`
 */
export function makeOverlays(root, host) {
  const size = new CSSStyleSheet();
  const attributes = new Map();
  root.adoptedStyleSheets.push(elementStyle(), size);

  const poster = h('img', { class: 'poster', part: 'poster', alt: '', hidden: true });
  const waiting = h('div', { class: 'waiting', part: 'waiting', role: 'status', hidden: true },
    h('span', { class: 'sr-only' }, labels.loading));
  const message = h('p', { class: 'failure-message' });
  const code = h('p', { class: 'failure-code' });
  const retry = h('button', { type: 'button', class: 'failure-retry' }, labels.retry);
  const failure = h('div', { class: 'failure', part: 'failure', role: 'alert', hidden: true },
    h('p', { class: 'failure-title' }, labels.failed), message, code, retry);

  retry.addEventListener('click', () => {
    host.load();
    host.play().catch(() => {});
    host.canvas?.focus();
  });
  const updateWaiting = () => {
    const isWanted = !host.paused || host.autoplay;
    waiting.hidden = !(
      host.currentSrc && !host.error && !host.ended && isWanted && host.readyState < 3
    );
  };
  for (const type of WAITING_EVENTS) host.addEventListener(type, updateWaiting);
  host.addEventListener('error', updateWaiting);
  host.addEventListener('playing', () => {
    poster.hidden = true;
    failure.hidden = true;
  });

  return {
    elements: [poster, waiting, failure],

    /** A stream begins anew. */
    reset() {
      failure.hidden = true;
      poster.hidden = !poster.getAttribute('src');
    },

    /** @param {string | null} url */
    setPoster(url) {
      if (url) poster.setAttribute('src', url);
      else poster.removeAttribute('src');
      poster.hidden = !url || host.currentTime > 0;
    },

    /** @param {string} name @param {string | null} value pixels, as in HTML */
    setSize(name, value) {
      const px = Number.parseInt(value ?? '', 10);
      attributes.set(name, px >= 0 ? `${name}: ${px}px;` : '');
      size.replaceSync(`:host { ${[...attributes.values()].join(' ')} }`);
    },

    /** @param {{code: string, message: string}} error */
    showError(error) {
      message.textContent = sentence(error.message);
      code.textContent = error.code;
      failure.hidden = false;
      waiting.hidden = true;
    },
  };
}

/** A sentence of our words; URLs and codecs, first or last, stay as they are. @param {string} text */
const sentence = (text) =>
  text.replace(/^[a-z](?=[a-z'-]*[ ,])/, (letter) => letter.toUpperCase())
    + (/[.!?]$|:\/\/\S*$/.test(text) ? '' : '.');
