// @ts-check
/**
 * Whether a worker still lives: a browser that ends one for its memory tells nobody.
 *
 * In: `heard()` for each message that comes from it. Out: a call of `ask` each second, which the
 * worker is to answer, and one of `dead` when it has been silent for too long; then it asks no more. Ticks are counted,
 * not time: a machine that slept, or a page whose timers rest, has missed no answer.
 */

const INTERVAL_MILLIS = 1000;
/** The longest that one piece of work may keep a worker busy. */
const SILENT_TICKS = 10;
/** Until its first word a worker may still be on its way over a slow link. */
const STARTING_TICKS = 60;

/**
 * @param {() => void} ask
 * @param {() => void} dead
 */
export function watchWorker(ask, dead) {
  let silent = 0;
  let limit = STARTING_TICKS;
  const timer = setInterval(() => {
    silent += 1;
    if (silent <= limit) ask();
    else if (silent === limit + 1) dead();
  }, INTERVAL_MILLIS);
  return {
    heard() {
      silent = 0;
      limit = SILENT_TICKS;
    },
    stop: () => clearInterval(timer),
  };
}
