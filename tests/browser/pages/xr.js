/**
 * A picture in an emulated headset (IWER). In: `window.headset`'s functions. Out: what each eye
 * sees in its middle, as the direction that the video's colours stand for (red to the right, green
 * downwards, blue for the eye it is meant for).
 */
import { device, frame, patch, turn } from './emulated_headset.js';
import { Picture } from '/picture.js';

if (new URLSearchParams(location.search).has('trap')) await import('./trap.js');
const video = document.querySelector('#video');
const picture = new Picture(document.querySelector('#page'), video, { renderer: 'webgl2' });
const events = [];
for (const type of ['immersivestart', 'immersiveend', 'error']) {
  picture.addEventListener(type, ({ detail }) => events.push(detail.code ?? type));
}

const views = [];
picture.addEventListener('viewchange', ({ detail }) => views.push(detail));

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
  entered = picture.enterImmersive().then(
    () => 'entered',
    (reason) => reason,
  );
  isInClick = false;
});

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
    mono: [width, height],
    'top-bottom': [width, height / 2],
    'side-by-side': [width / 2, height],
  }[picture.stereo];
  const across = line(0, (share) => [share * eyeWidth, eyeHeight / 2]);
  const down = line(1, (share) => [eyeWidth / 2, share * eyeHeight]);
  const [red, green, blue] = patch(canvas, x, canvas.height / 2);
  return { yaw: (across(red) - 0.5) * extentDeg, pitch: (0.5 - down(green)) * 180, blue: Math.round(blue) };
}

window.headset = {
  device,
  picture,
  video,
  events,
  views,
  requests,
  entered: () => entered,
  async load(name, stereo = 'mono') {
    picture.stereo = stereo;
    video.src = `/media/${name}.mp4`;
    await new Promise((resolve, reject) => {
      video.addEventListener('loadeddata', resolve, { once: true });
      video.addEventListener('error', () => reject(new Error(video.error.message)), { once: true });
    });
    await video.play();
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
  turn,
};

await picture.ready;
window.isReady = true;
