// @ts-check
/**
 * The properties of a player that a page sets and reads alike.
 *
 * In: nothing. Out: of each how its values are checked, what it is by default, and who keeps it. `index.js` makes
 * accessors of those that its parts keep, `element.js` of all, with the attributes that they have.
 */
import { toHotkeys } from './hotkeys.js';
import {
  toAudioLanguage,
  toCmcd,
  toConfig,
  toDegrees,
  toGestureHandling,
  toProjection,
  toQuality,
  toRequest,
  toSrcObject,
  toStereo,
  toTargetLatency,
} from './values.js';

/**
 * @typedef {'yaw' | 'pitch' | 'fov' | 'motion' | 'gestureHandling' | 'hotkeys'} PictureProperty kept by the picture
 * @typedef {'targetLatency' | 'audioLanguage' | 'request' | 'config' | 'cmcd'} PlaybackProperty kept by the playback
 * @typedef {PictureProperty | PlaybackProperty | 'quality' | 'projection' | 'stereo' | 'srcObject'} Property
 */

/** @type {readonly PictureProperty[]} */
export const PICTURE_PROPERTIES = ['yaw', 'pitch', 'fov', 'motion', 'gestureHandling', 'hotkeys'];
/** @type {readonly PlaybackProperty[]} */
export const PLAYBACK_PROPERTIES = ['targetLatency', 'audioLanguage', 'request', 'config', 'cmcd'];

/** @type {(check: (value: unknown) => unknown) => (value: unknown) => unknown} */
const orAuto = (check) => (value) => (value === 'auto' || value == null ? 'auto' : check(value));

/**
 * The check, the default, and what is read of a value as long as there is no player, where that is another.
 * @type {Record<Property, {check: (value: unknown) => unknown, byDefault: unknown, shown?: (value: unknown) => unknown}>}
 */
export const PROPERTIES = {
  quality: { check: toQuality, byDefault: 'auto' },
  projection: { check: orAuto(toProjection), byDefault: 'auto', shown: toProjection },
  stereo: { check: orAuto(toStereo), byDefault: 'auto', shown: toStereo },
  yaw: { check: (value) => toDegrees(value, 'yaw'), byDefault: 0 },
  pitch: { check: (value) => toDegrees(value, 'pitch'), byDefault: 0 },
  fov: { check: (value) => toDegrees(value, 'fov'), byDefault: 75 },
  motion: { check: Boolean, byDefault: false },
  gestureHandling: { check: toGestureHandling, byDefault: 'auto' },
  srcObject: { check: toSrcObject, byDefault: null },
  hotkeys: { check: toHotkeys, byDefault: 'all' },
  targetLatency: { check: toTargetLatency, byDefault: null },
  audioLanguage: { check: toAudioLanguage, byDefault: '' },
  request: { check: toRequest, byDefault: null },
  config: { check: toConfig, byDefault: null },
  cmcd: { check: toCmcd, byDefault: null },
};
