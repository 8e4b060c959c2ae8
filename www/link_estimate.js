// @ts-check
/**
 * What the browser knows of the link before anything was asked for (Network Information).
 *
 * In: the browser's own measurement, where it tells one (Chromium: 10 Mbit/s at most, rounded). Out: the throughput that
 * the engine begins with. A playlist of a kilobyte measures the round trip and not the rate, so it is no substitute.
 */

/** As `AbrConfig` in `src/config.rs` has it: what is taken for the rate, and how much of it a first variant may use. */
const INITIAL_BPS = 1_500_000;
const UP_FACTOR = 0.7;
/** With `UP_FACTOR` half the rate: two seconds of media, a usual first segment, come within one. */
const SHARE_OF_DOWNLINK = 0.5 / UP_FACTOR;

/** @typedef {Navigator & { connection?: { downlink?: number } }} NavigatorWithConnection */

/** Bits per second. */
export function initialBps() {
  const { downlink = 0 } = /** @type {NavigatorWithConnection} */ (navigator).connection ?? {};
  return downlink > 0 ? Math.round(downlink * SHARE_OF_DOWNLINK * 1e6) : INITIAL_BPS;
}

/** Up to which BANDWIDTH the engine begins. @param {number} bps as of `initialBps` */
export const startBps = (bps) => Math.round(bps * UP_FACTOR);
