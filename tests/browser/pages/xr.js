/**
 * A picture in an emulated headset (IWER). In: `window.headset`'s functions. Out: what each eye
 * sees in its middle, as the direction that the video's colours stand for (red to the right, green
 * downwards, blue for the eye it is meant for).
 */
import { XRDevice, metaQuest3 } from '/modules/iwer/build/iwer.module.js';
import { Picture } from '/picture.js';

const device = new XRDevice(metaQuest3);
device.installRuntime({
  forceInstall: true,
  polyfillLayers: new URLSearchParams(location.search).has('layers'),
});
device.stereoEnabled = true;
// Its `local` space lies at this height, and its emulated layers are spheres of 25 m, not infinitely far.
device.position.set(0, 1.6, 0);

const video = document.querySelector('#video');
const picture = new Picture(document.querySelector('#page'), video, { renderer: 'webgl2' });
const events = [];
for (const type of ['immersivestart', 'immersiveend', 'error']) {
  picture.addEventListener(type, ({ detail }) => events.push(detail.code ?? type));
}

/** Whether each request for a session came within the click itself. */
const requests = [];
let isInClick = false;
const { requestSession } = navigator.xr;
navigator.xr.requestSession = (...given) => {
  requests.push(isInClick && navigator.userActivation.isActive);
  return requestSession.apply(navigator.xr, given);
};
let entered = Promise.resolve();
document.querySelector('#enter').addEventListener('click', () => {
  isInClick = true;
  entered = picture.enterImmersive().then(() => 'entered', (reason) => reason);
  isInClick = false;
});

const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
const scratch = document.createElement('canvas').getContext('2d', { willReadFrequently: true });

/** Mean colour of a patch; colours run so gently that this is finer than a step of eight bits. */
function patch(image, x, y, half = 4) {
  const size = 2 * half + 1;
  scratch.canvas.width = scratch.canvas.height = size;
  scratch.drawImage(image, x - half, y - half, size, size, 0, 0, size, size);
  const { data } = scratch.getImageData(0, 0, size, size);
  const sum = [0, 0, 0];
  data.forEach((value, index) => index % 4 < 3 && (sum[index % 4] += value));
  return sum.map((value) => value / (size * size));
}

/**
 * The line through what the browser makes of the video's colours, so that its colour conversion is
 * not what is measured: share of the eye's picture = slope × colour + offset.
 */
function line(channel, at) {
  const [low, high] = [0.1, 0.9].map((share) => [share, patch(video, ...at(share))[channel]]);
  const slope = (high[0] - low[0]) / (high[1] - low[1]);
  return (colour) => low[0] + slope * (colour - low[1]);
}

function seenAt(canvas, x, extentDeg) {
  const { videoWidth: width, videoHeight: height } = video;
  const [eyeWidth, eyeHeight] = {
    mono: [width, height], 'top-bottom': [width, height / 2], 'side-by-side': [width / 2, height],
  }[picture.stereo];
  const across = line(0, (share) => [share * eyeWidth, eyeHeight / 2]);
  const down = line(1, (share) => [eyeWidth / 2, share * eyeHeight]);
  const [red, green, blue] = patch(canvas, x, canvas.height / 2);
  return { yaw: (across(red) - 0.5) * extentDeg, pitch: (0.5 - down(green)) * 180, blue: Math.round(blue) };
}

window.headset = {
  device, picture, video, events, requests,
  entered: () => entered,
  async load(name, stereo = 'mono') {
    picture.stereo = stereo;
    video.src = `/media/${name}.mp4`;
    await new Promise((resolve) => video.addEventListener('loadeddata', resolve, { once: true }));
    await video.play();
  },
  /** Turns the head: to the right, up, and tilted to the left, in degrees. */
  async turn(yaw, pitch, roll = 0) {
    const about = (axis, degrees) => new DOMMatrix().rotateAxisAngle(...axis, degrees);
    const matrix = about([0, 1, 0], -yaw).multiply(about([1, 0, 0], pitch)).multiply(about([0, 0, 1], roll));
    device.quaternion.set(...quaternion(matrix));
    await frame();
    await frame();
  },
  /** What the eyes see, after what was uploaded has been drawn. */
  async see(extentDeg = 360) {
    for (let count = 0; count < 3; count += 1) await frame();
    // Before the frame is over: its pixels are gone afterwards.
    const canvas = device.appCanvas;
    return {
      left: seenAt(canvas, canvas.width / 4, extentDeg),
      right: seenAt(canvas, (canvas.width * 3) / 4, extentDeg),
    };
  },
  frame,
};

/** Of a rotation, by its columns; the largest part first, so that nothing is divided by nought. */
function quaternion(m) {
  const square = {
    w: 1 + m.m11 + m.m22 + m.m33, x: 1 + m.m11 - m.m22 - m.m33,
    y: 1 - m.m11 + m.m22 - m.m33, z: 1 - m.m11 - m.m22 + m.m33,
  };
  const [[largest, value]] = Object.entries(square).sort(([, a], [, b]) => b - a);
  const [yz, zx, xy] = [m.m23 - m.m32, m.m31 - m.m13, m.m12 - m.m21];
  const [sxy, szx, syz] = [m.m12 + m.m21, m.m31 + m.m13, m.m23 + m.m32];
  const raw = {
    w: [yz, zx, xy, value], x: [value, sxy, szx, yz], y: [sxy, value, syz, zx], z: [szx, syz, value, xy],
  }[largest];
  const length = Math.hypot(...raw);
  return raw.map((part) => part / length);
}

await picture.ready;
window.isReady = true;
