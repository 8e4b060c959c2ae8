/**
 * BOLA-E (Spiteri, Sitaraman, Sparacio: From Theory to Practice, MMSys 2018): BOLA over a buffer
 * level to which a placeholder is added where the throughput says that BOLA alone would start low
 * (BOLA-E), with insufficient-buffer safety and giving up segments under way.
 *
 * In: the player loop's `play` (peers.mjs). Out: its rules. Throughput is the harmonic mean of the
 * last four segments, a tenth of it kept back, as in the reference implementation.
 */
const GOAL_SECS = 30;
const SAFETY = 0.9;
const SAMPLES = 4;

export function bolaE(play, now) {
  const { ladder, segmentSecs } = play;
  const sizes = ladder.map((bps) => bps * segmentSecs);
  const utilities = ladder.map((bps) => Math.log(bps / ladder[0]) + 1);
  const top = ladder.length - 1;
  // Parameters such that the lowest rung is taken at ten seconds, the highest near the goal.
  const minSecs = 10;
  const gp = (utilities[top] - 1) / (GOAL_SECS / minSecs - 1);
  const vp = minSecs / gp;
  let placeholderSecs = 0;
  let isStarting = true;
  let samples = [];
  let last = 0;
  let lastEndSecs = now();
  const throughput = () => samples.length ? SAFETY * samples.length / samples.reduce((sum, bps) => sum + 1 / bps, 0) : 0;
  const byThroughput = () => Math.max(0, ladder.findLastIndex((bps) => bps <= throughput()));
  const score = (level, levelSecs) => (vp * (utilities[level] + gp - 1) - levelSecs) / sizes[level];
  const byBuffer = (levelSecs) => ladder.reduce((best, _, level) => score(level, levelSecs) >= score(best, levelSecs) ? level : best, 0);
  /** The buffer level from which BOLA would take this rung. */
  const secsFor = (level) => {
    let least = 0;
    for (let below = level - 1; below >= 0; below--) {
      if (utilities[below] < utilities[level]) {
        const cross = (sizes[level] * utilities[below] - sizes[below] * utilities[level]) / (sizes[level] - sizes[below]);
        least = Math.max(least, vp * (gp - 1 + cross));
      }
    }
    return least;
  };
  return {
    goalSecs: () => GOAL_SECS,
    choose() {
      if (isStarting) {
        const level = byThroughput();
        placeholderSecs = Math.max(0, secsFor(level) - play.aheadSecs);
        // The start is over once BOLA by itself would do as well.
        if (play.aheadSecs >= segmentSecs && byBuffer(play.aheadSecs) >= level) isStarting = false;
        return last = level;
      }
      // Waiting that was not for want of room raises the placeholder, so that it makes no one go down.
      const cap = Math.max(0, secsFor(top) - play.aheadSecs);
      placeholderSecs = Math.min(placeholderSecs, cap);
      let level = byBuffer(play.aheadSecs + placeholderSecs);
      // BOLA-O: no oscillation; up no further than the throughput sustains, or where one is.
      if (level > last) level = Math.max(last, Math.min(level, byThroughput()));
      // Insufficient buffer: what half the buffer can bring.
      const safe = throughput() * (play.aheadSecs / 2) / segmentSecs;
      if (play.aheadSecs < 2 * segmentSecs) level = Math.min(level, Math.max(0, ladder.findLastIndex((bps) => bps <= safe)));
      return last = level;
    },
    begin(download) {
      const waited = now() - lastEndSecs;
      if (play.isLive && !isStarting) placeholderSecs += Math.max(0, waited - 0.05);
      download.level = Math.min(download.level, top);
    },
    progress(download) {
      // BOLA's own rule: give up where a lower rung, from its start, scores better than what is left.
      const elapsed = now() - download.sentSecs;
      if (download.level === 0 || elapsed < 0.5 || download.received >= download.bytes) return;
      const bps = download.received * 8 / elapsed;
      const left = (download.bytes - download.received) * 8;
      if (left / bps <= play.aheadSecs) return;
      const lower = Math.max(0, ladder.findLastIndex((rung) => rung <= bps * SAFETY));
      if (lower < download.level && sizes[lower] < left) {
        samples = [...samples, bps].slice(-SAMPLES);
        isStarting = true;
        play.abandon();
      }
    },
    done(download) {
      lastEndSecs = now();
      samples = [...samples, download.bytes * 8 / Math.max(now() - download.sentSecs, 1e-3)].slice(-SAMPLES);
    },
    abandoned() { lastEndSecs = now(); },
    end() {},
  };
}
