// @ts-check
/**
 * Which keys are the player's, as `hotkeys` says: the bar, or the view, asks before it takes one.
 *
 * In: words, parted by spaces. One for a group: `all`, `view` (looking around and zooming), `playback`
 * (what the bar knows), `none`. And any number that leave a key out of it, as in media-chrome:
 * `noarrowleft`, `nospace`, `nok`, `noshift+arrowright`. Out: yes or no.
 */

const GROUPS = ['all', 'view', 'playback', 'none'];

/** @param {unknown} value @returns {string} */
export function toHotkeys(value) {
  const words = String(value ?? '')
    .toLowerCase()
    .split(/\s+/)
    .filter(Boolean);
  // `none` is a group, and no key is called `ne`.
  const groups = words.filter((word) => GROUPS.includes(word) || !word.startsWith('no'));
  const unknown = groups.find((word, at) => at > 0 || !GROUPS.includes(word));
  if (unknown !== undefined) {
    throw new TypeError(
      `videosphere: hotkeys is one of ${GROUPS.join(', ')}, then keys to leave out (noarrowleft nospace), not “${value}”.`,
    );
  }
  return words.join(' ') || 'all';
}

/**
 * @param {string} hotkeys as `toHotkeys` gives them
 * @param {'view' | 'playback'} group whose key it would be
 * @param {{key: string, shiftKey: boolean}} event
 */
export function isHotkey(hotkeys, group, { key, shiftKey }) {
  const words = hotkeys.split(' ');
  const wanted = words.find((word) => GROUPS.includes(word)) ?? 'all';
  if (wanted !== 'all' && wanted !== group) return false;
  const name = key === ' ' ? 'space' : key.toLowerCase();
  const isWith = shiftKey && name.length > 1;
  return !words.includes(`no${isWith ? 'shift+' : ''}${name}`);
}
