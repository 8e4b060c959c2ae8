/** `import { VideoSphere } from 'videosphere/react'`: the element as a component of React 18 or 19. */
import type { DetailedHTMLProps, ForwardRefExoticComponent, HTMLAttributes, RefAttributes } from 'react';
import type { VideoSphereAttributes, VideoSphereElement, VideoSphereEvents } from './element.js';

type Camel<Name extends string> = Name extends `${infer Start}-${infer Rest}`
  ? `${Start}${Capitalize<Camel<Rest>>}`
  : Name;

/** As React calls them on a `<video>`; all others are in camel case. */
interface ReactNames {
  autoplay: 'autoPlay';
  controlslist: 'controlsList';
  crossorigin: 'crossOrigin';
  disablepictureinpicture: 'disablePictureInPicture';
  playsinline: 'playsInline';
}

type PropName<Name extends string> = Name extends keyof ReactNames ? ReactNames[Name] : Camel<Name>;

/** The element's attributes. */
export type VideoSphereAttributeProps = {
  [Name in keyof VideoSphereAttributes as PropName<Name>]?: VideoSphereAttributes[Name] | null;
};

/** Its events, each with the DOM's own event. */
interface EventTypes {
  onAbort: 'abort';
  onCanPlay: 'canplay';
  onCanPlayThrough: 'canplaythrough';
  onContextRestored: 'contextrestored';
  onDownscaled: 'downscaled';
  onDurationChange: 'durationchange';
  onEmptied: 'emptied';
  onEncrypted: 'encrypted';
  onEnded: 'ended';
  onEnterPictureInPicture: 'enterpictureinpicture';
  onError: 'error';
  onGestureHint: 'gesturehint';
  onMetadata: 'metadata';
  onImmersiveEnd: 'immersiveend';
  onImmersiveStart: 'immersivestart';
  onLeavePictureInPicture: 'leavepictureinpicture';
  onLoadedData: 'loadeddata';
  onLoadedMetadata: 'loadedmetadata';
  onLoadStart: 'loadstart';
  onPause: 'pause';
  onPlay: 'play';
  onPlaying: 'playing';
  onProgress: 'progress';
  onProjectionChange: 'projectionchange';
  onRateChange: 'ratechange';
  onRendererChange: 'rendererchange';
  onResize: 'resize';
  onSeeked: 'seeked';
  onSeeking: 'seeking';
  onStalled: 'stalled';
  onSessionData: 'sessiondata';
  onStatsChange: 'statschange';
  onStreamTypeChange: 'streamtypechange';
  onSuspend: 'suspend';
  onTargetLiveWindowChange: 'targetlivewindowchange';
  onTimelineChange: 'timelinechange';
  onTimeUpdate: 'timeupdate';
  onVariantChange: 'variantchange';
  onPathwayChange: 'pathwaychange';
  onVariants: 'variants';
  onViewChange: 'viewchange';
  onVolumeChange: 'volumechange';
  onWaiting: 'waiting';
  onWaitingForKey: 'waitingforkey';
  onWarning: 'warning';
}

export type VideoSphereEventProps = {
  [Prop in keyof EventTypes]?: (
    event: EventTypes[Prop] extends keyof VideoSphereEvents ? VideoSphereEvents[EventTypes[Prop]] : Event,
  ) => void;
};

/** The element's attributes and events, and what every element of HTML has. */
export type VideoSphereProps = VideoSphereAttributeProps &
  VideoSphereEventProps &
  Omit<HTMLAttributes<VideoSphereElement>, keyof VideoSphereAttributeProps | keyof VideoSphereEventProps>;

/** `ref` is the element, with all that a `<video>` has. */
export const VideoSphere: ForwardRefExoticComponent<VideoSphereProps & RefAttributes<VideoSphereElement>>;

declare module 'react' {
  namespace JSX {
    interface IntrinsicElements {
      'video-sphere': VideoSphereAttributes & { class?: string } & DetailedHTMLProps<
          Omit<HTMLAttributes<VideoSphereElement>, keyof VideoSphereAttributes>,
          VideoSphereElement
        >;
    }
  }
}
