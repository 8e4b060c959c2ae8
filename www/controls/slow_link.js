// @ts-check
/**
 * A note that the link does not carry the quality that was chosen, with a button for `auto`.
 *
 * In: the element's `link-too-slow` warnings, figures and choices. Out: an element that is empty while
 * there is nothing to say, as screen readers speak what is put into it. The note goes when a quality is
 * chosen, once the link is a better one, with its stream, and when it is closed.
 */
import { h } from '../html.js';
import { labels } from '../labels.js';
import { button } from './button.js';

/** Of what was needed: from there on the engine takes a link that slows down again for news. */
const AMPLE = 1.5;

/**
 * @param {import('../element.d.ts').VideoSphereElement} media
 * @param {() => void} takeFocus from a note that goes
 * @param {AbortSignal} signal
 */
export function slowLinkNote(media, takeFocus, signal) {
  const holder = h('div', { role: 'status' });
  const hide = () => {
    // Not `:focus-within`, which in WebKit none is whose window has no focus.
    const { activeElement } = /** @type {ShadowRoot} */ (holder.getRootNode());
    const isFocused = holder.contains(activeElement);
    holder.replaceChildren();
    if (isFocused) takeFocus();
  };
  const offer = h('button', { type: 'button', class: 'pill' }, labels.switchToAuto);
  offer.addEventListener('click', () => {
    media.quality = 'auto';
    hide();
  });
  const note = h('p', { class: 'toast note' }, labels.slowLink, offer, button('close', labels.close, hide));

  let isOver = () => true;
  media.addEventListener(
    'warning',
    ({ detail }) => {
      if (detail.name !== 'link-too-slow') return;
      const { quality, currentSrc } = media;
      const ampleBps = Number(detail.context.neededBps) * AMPLE;
      isOver = () =>
        media.quality !== quality ||
        media.currentSrc !== currentSrc ||
        (media.stats.bandwidthBps ?? 0) >= ampleBps;
      holder.replaceChildren(note);
    },
    { signal },
  );
  for (const type of /** @type {const} */ (['statschange', 'emptied'])) {
    media.addEventListener(type, () => isOver() && hide(), { signal });
  }
  return holder;
}
