// @ts-check
/** The audio menu's items. In: the tracks of sound. Out: one item each, in the stream's order. */

/** How many channels are how many loudspeakers. @type {Record<string, string>} */
const LAYOUTS = { 1: 'Mono', 2: 'Stereo', 6: '5.1', 8: '7.1' };

/**
 * @param {import('../element.d.ts').VideoSphereElement} media
 * @returns {import('./menu.js').MenuItem[]}
 */
export function audioItems(media) {
  const tracks = [...media.audioTracks];
  // What all have tells none apart.
  const isTold = tracks.some(({ channels }) => channels !== tracks[0]?.channels);
  return tracks.map((track) => {
    const [channels] = track.channels.split('/');
    return {
      text: track.label || nameOf(track.language),
      note: isTold ? (LAYOUTS[channels] ?? track.channels) : '',
      isChosen: track.enabled,
      choose: () => (track.enabled = true),
    };
  });
}

/** @param {string} language */
function nameOf(language) {
  try {
    return new Intl.DisplayNames([language], { type: 'language' }).of(language) ?? language;
  } catch {
    // No tag at all: as its author wrote it.
    return language;
  }
}
