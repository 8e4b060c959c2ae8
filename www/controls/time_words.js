// @ts-check
/** Times for eyes (`1:02:03`) and for ears (`1 hour 2 minutes 3 seconds`). */

/** @param {number} secs */
function parts(secs) {
  const whole = Number.isFinite(secs) ? Math.max(0, Math.floor(secs)) : 0;
  return [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
}

/** @param {number} secs */
export function clock(secs) {
  const [hours, minutes, seconds] = parts(secs);
  const two = (/** @type {number} */ part) => String(part).padStart(2, '0');
  return hours ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
}

/** In the language of the page, by the browser. @param {number} secs */
export function spoken(secs) {
  const units = /** @type {const} */ (['hour', 'minute', 'second']);
  const named = parts(secs).map((value, index) => ({ value, unit: units[index] }));
  const shown = named.filter(({ value, unit }) => value > 0 || (unit === 'second' && secs < 1));
  const language = document.documentElement.lang || undefined;
  return shown
    .map(({ value, unit }) =>
      new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(value),
    )
    .join(' ');
}
