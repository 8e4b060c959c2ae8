// @ts-check
/**
 * `<VideoSphere>` for React 18 and 19: the element with props in camel case.
 *
 * In: React, and the props of `react.d.ts`. Out: one `<video-sphere>`. Its attributes and listeners are set
 * here, not by React, whose versions differ in what they make of a custom element's props; each is touched
 * only when its prop changes, so that a view that the viewer moved stays. Effects may run twice (StrictMode).
 */
'use client';

import { createElement, forwardRef, useEffect, useImperativeHandle, useLayoutEffect, useRef } from 'react';
import { VideoSphereElement } from './element.js';

/** @import { VideoSphereEventProps, VideoSphereProps } from './react.d.ts' */

/**
 * Props that are events of the element's own; all others that begin with `on` are React's.
 * @type {(keyof VideoSphereEventProps)[]}
 */
export const EVENT_PROPS = [
  'onAbort',
  'onCanPlay',
  'onCanPlayThrough',
  'onContextRestored',
  'onDownscaled',
  'onDurationChange',
  'onEmptied',
  'onEncrypted',
  'onEnded',
  'onEnterPictureInPicture',
  'onError',
  'onGestureHint',
  'onMetadata',
  'onImmersiveEnd',
  'onImmersiveStart',
  'onLeavePictureInPicture',
  'onLoadedData',
  'onLoadedMetadata',
  'onLoadStart',
  'onPathwayChange',
  'onPause',
  'onPlay',
  'onPlaying',
  'onProgress',
  'onProjectionChange',
  'onRateChange',
  'onRendererChange',
  'onResize',
  'onSeeked',
  'onSeeking',
  'onStalled',
  'onSessionData',
  'onStatsChange',
  'onStreamTypeChange',
  'onSuspend',
  'onTargetLiveWindowChange',
  'onTimelineChange',
  'onTimeUpdate',
  'onVariantChange',
  'onVariants',
  'onViewChange',
  'onVolumeChange',
  'onWaiting',
  'onWaitingForKey',
  'onWarning',
];

/** Attributes by what their props are called in small letters; `src` last, as the others are about it. */
const ATTRIBUTES = new Map(
  [...VideoSphereElement.observedAttributes]
    .sort((a, b) => Number(a === 'src') - Number(b === 'src'))
    .map((name) => [name.replaceAll('-', ''), name]),
);

/** On a server React warns of the other. */
const useEarlyEffect = typeof document === 'undefined' ? useEffect : useLayoutEffect;

/** What no attribute holds. @param {unknown} value */
const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function';

/**
 * @param {VideoSphereElement} element @param {string} prop @param {unknown} value @param {unknown} [before]
 */
function apply(element, prop, value, before) {
  const attribute = ATTRIBUTES.get(prop.toLowerCase()) ?? prop;
  const isNone = value === undefined || value === null || value === false;
  if (isObject(value)) Object.assign(element, { [prop]: value });
  // It was a property, which no attribute takes back.
  else if (isNone && isObject(before)) Object.assign(element, { [prop]: null });
  else if (isNone) element.removeAttribute(attribute);
  else element.setAttribute(attribute, value === true ? '' : String(value));
}

/** @param {Record<string, unknown>} props */
function sort(props) {
  /** @type {Map<string, unknown>} */
  const attributes = new Map();
  /** @type {Map<string, (event: Event) => void>} by the event's type */
  const listeners = new Map();
  /** @type {Record<string, unknown>} */
  const rest = {};
  const names = [...ATTRIBUTES.keys()];
  const place = (/** @type {string} */ prop) => names.indexOf(prop.toLowerCase());
  for (const prop of Object.keys(props).sort((a, b) => place(a) - place(b))) {
    const value = props[prop];
    if (EVENT_PROPS.includes(/** @type {keyof VideoSphereEventProps} */ (prop))) {
      if (value) listeners.set(prop.slice(2).toLowerCase(), /** @type {(event: Event) => void} */ (value));
    } else if (place(prop) >= 0) attributes.set(prop, value);
    // React 18 gives a custom element what it calls `className` under that name.
    else rest[prop === 'className' ? 'class' : prop] = value;
  }
  return { attributes, listeners, rest };
}

export const VideoSphere = forwardRef(
  /** @param {VideoSphereProps} props @param {import('react').ForwardedRef<VideoSphereElement>} ref */
  function VideoSphere(props, ref) {
    /** @type {import('react').RefObject<VideoSphereElement | null>} */
    const element = useRef(null);
    /** @type {import('react').RefObject<Map<string, unknown>>} what the element has of us */
    const applied = useRef(new Map());
    const { attributes, listeners, rest } = sort({ ...props });
    const latest = useRef(listeners);

    useImperativeHandle(ref, () => /** @type {VideoSphereElement} */ (element.current), []);
    useEarlyEffect(() => {
      latest.current = listeners;
    });
    useEarlyEffect(() => {
      const listening = new AbortController();
      for (const prop of EVENT_PROPS) {
        const type = prop.slice(2).toLowerCase();
        const tell = (/** @type {Event} */ event) => latest.current.get(type)?.(event);
        element.current?.addEventListener(type, tell, { signal: listening.signal });
      }
      return () => listening.abort();
    }, []);
    useEarlyEffect(() => {
      if (!element.current) return;
      const before = applied.current;
      for (const prop of before.keys())
        if (!attributes.has(prop)) apply(element.current, prop, undefined, before.get(prop));
      for (const [prop, value] of attributes) {
        if (value !== before.get(prop)) apply(element.current, prop, value, before.get(prop));
      }
      applied.current = attributes;
    });
    return createElement('video-sphere', { ...rest, ref: element });
  },
);
