// @ts-check
/**
 * What of its player a `<video-sphere>` hands on.
 *
 * In: nothing. Out: the names of events, and the members, each as it is while the element is in no document and
 * nothing plays.
 */
import { VideoSphereError } from './errors.js';

/** Our events; those of the media element come from it directly. */
export const PLAYER_EVENTS = [
  'contextrestored',
  'downscaled',
  'error',
  'gesturehint',
  'immersiveend',
  'immersivestart',
  'projectionchange',
  'rendererchange',
  'sessiondata',
  'statschange',
  'timelinechange',
  'variantchange',
  'pathwaychange',
  'variants',
  'viewchange',
  'warning',
];

const unplaced = () => new VideoSphereError({ message: 'this <video-sphere> is in no document yet' });

export const NO_PLAYER = {
  canvas: null,
  currentSrc: '',
  error: null,
  isAtLiveEdge: false,
  isImmersive: false,
  isLive: false,
  sessionData: [],
  stats: {},
  timeline: null,
  variants: [],
  get ready() {
    return Promise.reject(unplaced());
  },
  selectVariant() {},
  goLive() {},
  recenter() {},
  async captureFrame() {
    throw (await import('./capture.js')).noFrame();
  },
  getThumbnail: async () => null,
  async loadSessionData() {
    throw unplaced();
  },
  async diagnostics() {
    throw unplaced();
  },
  async requestPictureInPicture() {
    throw unplaced();
  },
  requestPermissionForMotion: async () => false,
  isImmersiveSupported: async () => false,
  async enterImmersive() {},
  async exitImmersive() {},
};
