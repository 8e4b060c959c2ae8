// @ts-check
/**
 * A load that is no other stream. In: the media element, and what makes it load. Out: the playback
 * rate as it was, which each load sets back to the default one (HTML, media element load algorithm).
 */

/** @param {HTMLVideoElement} video @param {() => void} load */
export function keepRate(video, load) {
  const { playbackRate } = video;
  load();
  video.playbackRate = playbackRate;
}
