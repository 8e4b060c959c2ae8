// @ts-check
/**
 * The bar's keys, wherever the focus is inside the element. Arrows, plus and minus belong to the
 * picture when it has the focus; a key that a focused button or slider knows stays with it. Nothing
 * is taken with Ctrl, Alt or Meta, and Tab always goes on.
 */
import { isHotkey } from '../hotkeys.js';
import { seekBy } from './seek_bar.js';

/** @import { VideoSphereElement } from '../element.d.ts' */

/**
 * @param {ShadowRoot} root
 * @param {{media: VideoSphereElement, toggleFullscreen: () => void, toggleHelp: () => void,
 *   toggleCaptions: () => void, closeAll: () => boolean, wake: () => void}} actions
 * @param {AbortSignal} signal
 */
export function listenToKeys(root, actions, signal) {
  const { media } = actions;
  const keys = /** @type {Record<string, () => void>} */ ({
    ' ': () => togglePlay(media),
    k: () => togglePlay(media),
    m: () => (media.muted = !media.muted),
    f: () => actions.toggleFullscreen(),
    c: () => actions.toggleCaptions(),
    j: () => seekBy(media, -10),
    l: () => seekBy(media, 10),
    Home: () => media.recenter(),
    '?': () => actions.toggleHelp(),
    'Shift+ArrowLeft': () => seekBy(media, -5),
    'Shift+ArrowRight': () => seekBy(media, 5),
  });
  root.addEventListener(
    'keydown',
    (raw) => {
      const event = /** @type {KeyboardEvent} */ (raw);
      if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
      actions.wake();
      if (event.key === 'Escape') {
        if (actions.closeAll()) event.preventDefault();
        return;
      }
      const isArrow = event.key.startsWith('Arrow');
      const name = event.shiftKey && isArrow ? `Shift+${event.key}` : event.key;
      const action = keys[name.length === 1 ? name.toLowerCase() : name];
      const target = /** @type {Element} */ (event.target);
      // What a page puts into the element (a form, say) keeps all its keys.
      if (!action || !root.contains(target) || belongsTo(target, event.key)) return;
      if (!isHotkey(media.hotkeys, 'playback', event)) return;
      event.preventDefault();
      // Before the picture's own listener: Shift with an arrow seeks and does not turn.
      event.stopPropagation();
      action();
    },
    { signal, capture: true },
  );
}

/** Whether the focused control has its own use for the key. @param {Element} target @param {string} key */
function belongsTo(target, key) {
  if (target.closest('[role=menu]')) return key !== '?';
  // Not by their classes, which are each document's own.
  if (target.localName === 'button') return key === ' ';
  if (target.localName === 'input') return key === 'Home' || key.startsWith('Arrow');
  return false;
}

/** @param {VideoSphereElement} media */
export function togglePlay(media) {
  if (media.paused || media.ended) media.play().catch(() => {});
  else media.pause();
}
