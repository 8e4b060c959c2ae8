/**
 * Reads the clock that the low-latency streams of `cargo xtask demo` carry in their picture:
 * twelve by two boxes in the middle, each a fortieth of the picture wide. `picture.rs` draws them.
 */

const COLUMNS = 12;
const PERIOD_SECS = 2 ** 20 / 100;

const scratch = new OffscreenCanvas(COLUMNS * 8, 16).getContext('2d', { willReadFrequently: true });

/**
 * Whether the middle of a box is white, or nothing where it is neither white nor black.
 * @param {Uint8ClampedArray} data @param {number} column @param {number} row
 */
function bit(data, column, row) {
  let sum = 0;
  for (let y = 2; y < 6; y += 1) {
    for (let x = 2; x < 6; x += 1) {
      sum += data[((row * 8 + y) * COLUMNS * 8 + column * 8 + x) * 4 + 1];
    }
  }
  const mean = sum / 16;
  return mean > 170 ? 1 : mean < 85 ? 0 : undefined;
}

/** @param {Uint8ClampedArray} data 96 × 16 pixels, 8 × 8 to a box; hundredths, or nothing */
function decode(data) {
  if (bit(data, 0, 0) !== 1 || bit(data, 0, 1) !== 0) return undefined;
  let centis = 0;
  for (let row = 0; row < 2; row += 1) {
    let ones = 0;
    for (let column = 1; column < COLUMNS; column += 1) {
      const value = bit(data, column, row);
      if (value === undefined) return undefined;
      ones += value;
      if (column < COLUMNS - 1) centis = centis * 2 + value;
    }
    // The last column makes the ones of its row even.
    if (ones % 2) return undefined;
  }
  return centis;
}

/** Seconds from a clock's hundredths to now: as late as what is shown is. @param {number} centis */
function age(centis) {
  const late = (Date.now() / 1000 - centis / 100) % PERIOD_SECS;
  // Clocks of encoder and page are the same here; a little below zero would be rounding.
  return late > PERIOD_SECS / 2 ? late - PERIOD_SECS : late;
}

/**
 * How many seconds ago what a video shows was in front of the camera; nothing where there is no
 * clock in the picture.
 * @param {HTMLVideoElement} video @returns {number | undefined}
 */
export function latencyOf(video) {
  const { videoWidth: width, videoHeight: height } = video;
  if (!width) return undefined;
  const box = width / 40;
  scratch.imageSmoothingEnabled = false;
  scratch.drawImage(
    video, (width - COLUMNS * box) / 2, height / 2 - box, COLUMNS * box, 2 * box,
    0, 0, COLUMNS * 8, 16,
  );
  const centis = decode(scratch.getImageData(0, 0, COLUMNS * 8, 16).data);
  return centis === undefined ? undefined : age(centis);
}

/**
 * The same from a canvas that shows the sphere looked at straight ahead: what the viewer sees, our
 * own drawing included.
 * @param {HTMLCanvasElement} canvas whose pixels can be read @param {number} fovDeg vertical
 */
export function latencyOfSphere(canvas, fovDeg) {
  const { width, height } = canvas;
  if (!width || !height) return undefined;
  const whole = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  whole.drawImage(canvas, 0, 0);
  const { data } = whole.getImageData(0, 0, width, height);
  const scale = height / 2 / Math.tan((fovDeg * Math.PI) / 360);
  const out = new Uint8ClampedArray(COLUMNS * 8 * 16 * 4);
  for (let y = 0; y < 16; y += 1) {
    for (let x = 0; x < COLUMNS * 8; x += 1) {
      // A box is nine degrees wide and high.
      const yaw = (((x + 0.5) / 8 - COLUMNS / 2) * 9 * Math.PI) / 180;
      const pitch = ((1 - (y + 0.5) / 8) * 9 * Math.PI) / 180;
      const column = Math.round(width / 2 + Math.tan(yaw) * scale - 0.5);
      const row = Math.round(height / 2 - (Math.tan(pitch) / Math.cos(yaw)) * scale - 0.5);
      if (column < 0 || column >= width || row < 0 || row >= height) return undefined;
      out.set(data.subarray((row * width + column) * 4, (row * width + column) * 4 + 4), (y * COLUMNS * 8 + x) * 4);
    }
  }
  const centis = decode(out);
  return centis === undefined ? undefined : age(centis);
}
