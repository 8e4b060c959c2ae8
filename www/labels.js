// @ts-check
/**
 * Every word that `<video-sphere>` shows or has read aloud.
 *
 * In: what a page in another language puts in their place, at any time: `Object.assign(labels, pack)`
 * with a pack of `labels/`, or words of its own. Out: the words, and one event for all that changed in
 * a task.
 */

/** @type {import('./element.d.ts').Labels} */
const words = {
  lang: 'en',
  // Names of things
  player: '360° video player',
  picture: '360° video. Arrow keys look around, plus and minus zoom, Home looks ahead.',
  seek: 'Seek',
  volume: 'Volume',
  quality: 'Quality',
  audio: 'Audio',
  live: 'Live',
  // What buttons do
  play: 'Play',
  pause: 'Pause',
  replay: 'Play again',
  mute: 'Mute',
  unmute: 'Unmute',
  goLive: 'Go to the live edge',
  atLiveEdge: 'Playing live',
  recenter: 'Look ahead',
  motionOn: 'Follow the movement of this device',
  motionOff: 'Stop following the movement of this device',
  enterImmersive: 'Watch in the headset',
  exitImmersive: 'Leave the headset',
  enterFullscreen: 'Full screen',
  exitFullscreen: 'Leave full screen',
  enterPictureInPicture: 'Picture-in-picture',
  exitPictureInPicture: 'Leave picture-in-picture',
  pictureInPictureFailed: 'No picture-in-picture',
  help: 'Keyboard help',
  close: 'Close',
  retry: 'Try again',
  // States
  loading: 'Loading',
  failed: 'This video cannot be played',
  motionDenied: 'The motion sensors are not available. Allow motion access for this site.',
  immersiveFailed: 'The headset session could not be started',
  slowLink: 'The connection is too slow for this quality.',
  switchToAuto: 'Switch to auto',
  /** @param {string} key the one that zooms a page */
  wheelHint: (key) => `Use ${key} + scroll to zoom`,
  touchHint: 'Use two fingers to look around',
  // Quality
  auto: 'Auto',
  max: 'Best',
  highQualitySource: '4K source',
  // Subtitles and captions
  subtitles: 'Subtitles',
  off: 'Off',
  captionSize: 'Text size',
  captionColor: 'Text colour',
  captionBackground: 'Text background',
  white: 'White',
  yellow: 'Yellow',
  black: 'Black',
  translucent: 'Translucent',
  /** @param {string} now @param {string} end */
  seekPosition: (now, end) => `${now} of ${end}`,
  /** @param {string} behind */
  behindLive: (behind) => `${behind} behind live`,
  /** Of failures: the engine's own are these words. */
  failure: undefined,
  /** The keyboard help: keys and what they do. */
  keys: [
    ['Space, K', 'Play or pause'],
    ['M', 'Mute or unmute'],
    ['F', 'Full screen'],
    ['C', 'Subtitles on or off'],
    ['← ↑ → ↓', 'Look around'],
    ['+ −', 'Zoom'],
    ['Home', 'Look ahead'],
    ['Shift + ← →', 'Back or forward 5 seconds'],
    ['J, L', 'Back or forward 10 seconds'],
    ['?', 'This help'],
  ],
};

/** `change` is fired here. */
export const labelsChange = new EventTarget();
let isChangeDue = false;

export const labels = new Proxy(words, {
  set(target, name, value) {
    if (!isChangeDue) {
      isChangeDue = true;
      queueMicrotask(() => {
        isChangeDue = false;
        labelsChange.dispatchEvent(new Event('change'));
      });
    }
    return Reflect.set(target, name, value);
  },
});
