/**
 * Watches a player. In: `watch(player)`, and what a test does to it. Out: `sphere`, the player;
 * `seen` (how often each event came), `details` (their data; `failure` is of errors and warnings),
 * `times` (from
 * where to where the playhead went back by itself), and functions that read the canvas. It imports
 * nothing, so that it also serves pages that got their player from elsewhere.
 */

const KEPT = 500;
const EVENTS = [
  'play',
  'playing',
  'pause',
  'waiting',
  'stalled',
  'seeking',
  'seeked',
  'ended',
  'emptied',
  'loadedmetadata',
  'canplay',
  'error',
  'warning',
  'variants',
  'variantchange',
  'pathwaychange',
  'timelinechange',
  'rendererchange',
  'contextrestored',
  'downscaled',
  'viewchange',
];

const KEPT_AS = [...EVENTS, 'failure'];

Object.assign(window, {
  seen: Object.fromEntries(KEPT_AS.map((type) => [type, 0])),
  details: Object.fromEntries(KEPT_AS.map((type) => [type, []])),
  times: { last: 0, wentBack: [] },
});

/** @param {EventTarget} player a `<video-sphere>` or a `Player` */
window.watch = (player) => {
  window.sphere = player;
  const keep = (type, detail) => {
    seen[type] += 1;
    if (detail !== null && detail !== undefined && details[type].length < KEPT) {
      details[type].push(detail.toJSON?.() ?? { ...detail });
    }
  };
  // Of a player it says that the page's source is left; here every media source counts.
  const where = (type) => (type === 'emptied' ? player.video : player);
  for (const type of EVENTS) where(type).addEventListener(type, ({ detail }) => keep(type, detail));
  for (const type of ['error', 'warning'])
    player.addEventListener(type, ({ detail }) => keep('failure', detail));
  player.addEventListener('seeking', () => (times.last = 0));
};

/** Chromium's clock may go back by less than an AAC frame (21 ms) as the sound sets in. */
const CLOCK_SETTLES_SECS = 0.03;

const look = () => {
  const { seeking = true, currentTime } = window.sphere?.video ?? {};
  if (!seeking && currentTime < times.last - CLOCK_SETTLES_SECS)
    times.wentBack.push([times.last, currentTime]);
  if (!seeking) times.last = currentTime;
  requestAnimationFrame(look);
};

/** Forgets the events so far. */
window.forget = () => {
  for (const type of KEPT_AS) {
    seen[type] = 0;
    details[type] = [];
  }
  times.wentBack = [];
  times.last = 0;
};

/** What is buffered, as pairs. */
window.ranges = () => {
  const { buffered } = sphere;
  return Array.from({ length: buffered.length }, (_, at) => [buffered.start(at), buffered.end(at)]);
};

window.bufferedEnd = () => ranges().at(-1)?.[1] ?? 0;

const scratch = document.createElement('canvas').getContext('2d', { willReadFrequently: true });

/**
 * The pixels of a part of a picture, in its own pixels.
 * @param {HTMLCanvasElement | HTMLVideoElement} source @param {number[]} part left, top, width, height
 */
function pixels(source, [left, top, width, height]) {
  const [wide, high] = [source.videoWidth ?? source.width, source.videoHeight ?? source.height];
  if (scratch.canvas.width !== wide || scratch.canvas.height !== high) {
    Object.assign(scratch.canvas, { width: wide, height: high });
  }
  scratch.drawImage(source, 0, 0, wide, high);
  return scratch.getImageData(left, top, width, height).data;
}

/** The mean of one channel of pixels. */
function mean(data, channel) {
  let sum = 0;
  for (let at = channel; at < data.length; at += 4) sum += data[at];
  return (sum * 4) / data.length;
}

/** The mean colour of a rectangle, in CSS pixels from the middle of a canvas. */
window.colour = (width, height, right = 0, down = 0, canvas = sphere.canvas) => {
  const scale = canvas.width / (canvas.clientWidth || canvas.width);
  const [wide, high] = [width, height].map((px) => Math.max(1, Math.round(px * scale)));
  const left = Math.round(canvas.width / 2 + right * scale - wide / 2);
  const top = Math.round(canvas.height / 2 + down * scale - high / 2);
  const data = pixels(canvas, [left, top, wide, high]);
  return [0, 1, 2].map((channel) => mean(data, channel));
};

/** Which of rising values, smoothed, is nearest to `wanted`; between two of them, a fraction. */
function find(values, wanted) {
  const smooth = values.map((_, at) => {
    const near = values.slice(Math.max(0, at - 3), at + 4);
    return near.reduce((sum, value) => sum + value) / near.length;
  });
  const above = smooth.findIndex((value) => value >= wanted);
  if (above < 1) return above < 0 ? smooth.length - 1 : 0;
  const step = smooth[above] - smooth[above - 1];
  return step > 0 ? above - 1 + (wanted - smooth[above - 1]) / step : above;
}

/**
 * Where the middle of a canvas looks, in degrees, by the direction-coded pattern: red grows to
 * the right, green downwards. Looked up in the frame itself, so that the codec's own errors of
 * colour, worth a few degrees, are not taken for ours.
 */
window.direction = (canvas = sphere.canvas) => {
  const { video } = sphere;
  const { videoWidth: width, videoHeight: height } = video;
  const [red, , blue] = colour((canvas.clientWidth || canvas.width) / 20, 4, 0, 0, canvas);
  const [, green] = colour(4, (canvas.clientHeight || canvas.height) / 20, 0, 0, canvas);
  // Anything else than the pattern is no direction.
  if (!width || Math.abs(blue - 128) > 24) return null;
  const whole = pixels(video, [0, 0, width, height]);
  const row = (y) => whole.subarray(y * width * 4, (y + 1) * width * 4);
  const y = find(
    Array.from({ length: height }, (_, at) => mean(row(at), 1)),
    green,
  );
  // Columns as they are near that row.
  const top = Math.min(Math.max(0, Math.round(y) - 8), height - 17);
  const column = (x) => {
    let sum = 0;
    for (let at = top; at < top + 17; at += 1) sum += whole[(at * width + x) * 4];
    return sum / 17;
  };
  const x = find(
    Array.from({ length: width }, (_, at) => column(at)),
    red,
  );
  return [((x + 0.5) / width) * 360 - 180, 90 - ((y + 0.5) / height) * 180];
};

/** A still by `captureFrame`: its kind, its size, where its middle looks, and its colour beside that. */
window.still = async (options, right = 0, down = 0) => {
  const blob = await sphere.captureFrame(options);
  const image = await createImageBitmap(blob);
  const canvas = Object.assign(document.createElement('canvas'), {
    width: image.width,
    height: image.height,
  });
  canvas.getContext('2d').drawImage(image, 0, 0);
  return {
    type: blob.type,
    size: [image.width, image.height],
    direction: direction(canvas),
    colour: colour(2, 2, right, down, canvas),
  };
};

/** The colour of the video itself in a direction, by the browser's own drawing. */
window.videoColour = (yaw, pitch) => {
  const { video } = sphere;
  const x = Math.round(((yaw + 180) / 360) * video.videoWidth);
  const y = Math.round(((90 - pitch) / 180) * video.videoHeight);
  const data = pixels(video, [x - 1, y - 1, 2, 2]);
  return [0, 1, 2].map((channel) => mean(data, channel));
};

/** Resolves after so many animation frames. */
window.frames = async (count) => {
  for (let at = 0; at < count; at += 1) await new Promise(requestAnimationFrame);
};

requestAnimationFrame(look);
