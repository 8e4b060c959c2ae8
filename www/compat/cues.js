// @ts-check
/** Where browsers differ in cues of text tracks. In: a cue's times. Out: what this browser takes. */

/**
 * The end of a cue that is still open: `Infinity`, which older browsers refuse.
 * @see https://html.spec.whatwg.org/multipage/media.html#text-track-cue-end-time
 * @param {number | undefined} end
 */
export function openEnd(end) {
  if (end !== undefined) return end;
  try {
    return new VTTCue(0, Infinity, '').endTime;
  } catch {
    return Number.MAX_SAFE_INTEGER;
  }
}
