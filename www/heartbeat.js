// @ts-check
/**
 * Whether a worker still lives: a browser that ends one for its memory fires no event.
 *
 * In: `received()` for each message from it. Out: a call of `ping` each second, which the worker is to
 * answer, and one of `onDead` when it has been silent for too long; then no more pings. Ticks are
 * counted, not time: a machine that slept, or a page whose timers rest, has missed no answer.
 */

const INTERVAL_MILLIS = 1000;
/** The longest that one piece of work may keep a worker busy. */
const SILENT_TICKS = 10;
/** Until its first message a worker may still be on its way over a slow link. */
const STARTING_TICKS = 60;

/**
 * @param {() => void} ping
 * @param {() => void} onDead
 */
export function watchWorker(ping, onDead) {
  let silent = 0;
  let limit = STARTING_TICKS;
  const timer = setInterval(() => {
    silent += 1;
    if (silent <= limit) ping();
    else if (silent === limit + 1) onDead();
  }, INTERVAL_MILLIS);
  return {
    received() {
      silent = 0;
      limit = SILENT_TICKS;
    },
    stop: () => clearInterval(timer),
  };
}
