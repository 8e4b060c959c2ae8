/**
 * In: what ffprobe says about a recording. Out: the rungs to encode, the highest first.
 *
 * Nothing goes above the source, in pixels, frames or bits: that would cost money and show nothing
 * more.
 */

/** Below this share of the rung above, a rung is worth its storage. */
const WORTHWHILE = 0.8;
/** As many rungs as a player can make use of. */
const MAX_RUNGS = 5;
/** Beyond this no viewer's display follows. */
const MAX_FRAME_RATE = 60;

/**
 * @typedef {object} Rung
 * @property {string} name
 * @property {number} widthPx
 * @property {number} heightPx
 * @property {number} videoBps
 *
 * @typedef {object} Ladder
 * @property {Rung[]} rungs
 * @property {number} frameRate
 * @property {number | null} audioBps null without sound
 */

/**
 * @param {import('./probe.mjs').Source} source
 * @param {{ heights: number[], projection: string }} wanted
 * @returns {Ladder}
 */
export function ladder(source, { heights, projection }) {
  const frameRate = Math.min(source.frameRate, MAX_FRAME_RATE);
  const top = even(projection === 'cubemap' ? cube(source.widthPx) : source);
  const rungs = [];
  let ceilingBps = source.videoBps ?? Infinity;
  for (const heightPx of [top.heightPx, ...heights]) {
    const above = rungs.at(-1);
    if (above && heightPx > above.heightPx * WORTHWHILE) continue;
    if (rungs.length === MAX_RUNGS) break;
    const size = even({ widthPx: (top.widthPx * heightPx) / top.heightPx, heightPx });
    const videoBps = Math.round(Math.min(usualBps(size, frameRate), ceilingBps));
    rungs.push({ name: `${size.heightPx}p`, ...size, videoBps });
    // Where the source is poor, lower rungs still have to be lighter than the one above.
    ceilingBps = videoBps * 0.7;
  }
  const { audioChannels } = source;
  const audioBps = audioChannels ? Math.max(96_000, audioChannels * 64_000) : null;
  return { rungs, frameRate, audioBps };
}

/** Three faces by two, each with the pixels that a quarter of the horizon had. */
function cube(equirectWidthPx) {
  const face = equirectWidthPx / 4;
  return { widthPx: face * 3, heightPx: face * 2 };
}

/**
 * Bits per second that H.264 wants for such a picture: 4.5 Mbit/s at 1080p30, and less per pixel
 * the more pixels there are.
 */
function usualBps({ widthPx, heightPx }, frameRate) {
  return 6.4 * (widthPx * heightPx * frameRate) ** 0.75;
}

/** 4:2:0 wants even sides. */
function even({ widthPx, heightPx }) {
  const side = (px) => Math.max(2, 2 * Math.round(px / 2));
  return { widthPx: side(widthPx), heightPx: side(heightPx) };
}
