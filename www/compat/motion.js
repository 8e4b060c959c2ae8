// @ts-check
/**
 * Leave to follow the motion sensor.
 *
 * In: a click, since iOS asks its question only inside one. Out: whether readings come. Elsewhere
 * nobody is asked, but many machines have the event and no sensor, and then send nothing or an
 * event without angles: so a reading is waited for.
 */

/** How long a sensor may take to wake up. */
const FIRST_READING_MILLIS = 1500;

/** @returns {Promise<boolean>} */
export async function requestMotion() {
  const Orientation = /** @type {{ requestPermission?: () => Promise<PermissionState> } | undefined} */ (
    /** @type {unknown} */ (globalThis.DeviceOrientationEvent)
  );
  if (!Orientation) return false;
  if (Orientation.requestPermission) {
    try {
      // First thing in the click: an `await` before it would lose the click.
      return (await Orientation.requestPermission()) === 'granted';
    } catch {
      return false;
    }
  }
  return firstReading();
}

/** @returns {Promise<boolean>} */
function firstReading() {
  return new Promise((resolve) => {
    const done = (/** @type {boolean} */ found) => {
      removeEventListener('deviceorientation', onReading);
      clearTimeout(timer);
      resolve(found);
    };
    const onReading = (/** @type {DeviceOrientationEvent} */ event) => done(event.alpha !== null);
    const timer = setTimeout(() => done(false), FIRST_READING_MILLIS);
    addEventListener('deviceorientation', onReading);
  });
}
