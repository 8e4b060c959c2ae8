/** `import 'videosphere/element'` defines `<video-sphere>`; without a browser it does nothing. */
import type {
  AllEvents,
  GestureHandling,
  MediaMembers,
  Player,
  PlayerMembers,
  Projection,
  Quality,
  Renderer,
  Stereo,
  Variant,
  VideoSphereError,
} from './index.js';

export { Player, VideoSphereError } from './index.js';

/** A `<video>` from outside, a sphere from inside. */
export class VideoSphereElement extends HTMLElement {
  /** The player inside; `null` while the element is in no document. */
  readonly player: Player | null;
  /** What draws; setting it restarts the player with that renderer. */
  get renderer(): Renderer | null;
  set renderer(renderer: Renderer | 'auto');
  readonly canvas: HTMLCanvasElement | null;
  /** Where `worker.js` is served, if not beside the module; read when the element enters a document. */
  workerUrl: string;
  /** Where `engine_bg.wasm` is served, if not beside the worker; read as `workerUrl` is. */
  engineUrl: string;
  /** Where `transmux_bg.wasm` is served, if not beside the worker; read as `workerUrl` is. */
  transmuxUrl: string;
  /** The folder of the modules that read captions and metadata, if not beside the worker; read as `workerUrl` is. */
  tracksUrl: string;
  /** The folder that the view modules' `.wasm` files are served from; read as `workerUrl` is. */
  wasmUrls: string;
  /** For the system's own controls (Media Session), once one of these is set; the poster is the artwork without one. */
  mediaTitle: string;
  mediaArtist: string;
  mediaArtwork: string;

  /** The variants, for the quality menus of skins (Media UI Extensions). */
  readonly videoRenditions: VideoRenditions;
  /** `'unknown'` until the stream says; `streamtypechange` tells. */
  readonly streamType: StreamType;
  /** `NaN` for what is not live, 0 for what is live alone, `Infinity` where it can be wound back by a minute or more. */
  readonly targetLiveWindow: number;
  /** `currentTime` from here on is live; `NaN` for what is not. */
  readonly liveEdgeStart: number;

  addEventListener<Type extends keyof ElementEvents>(
    type: Type,
    listener: (this: VideoSphereElement, event: ElementEvents[Type]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | AddEventListenerOptions,
  ): void;
  removeEventListener<Type extends keyof ElementEvents>(
    type: Type,
    listener: (this: VideoSphereElement, event: ElementEvents[Type]) => unknown,
    options?: boolean | EventListenerOptions,
  ): void;
  removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | EventListenerOptions,
  ): void;
}
export interface VideoSphereElement extends PlayerMembers, MediaMembers {}

/** The events of the element beside those of every HTML element: the player's, a media element's, and what skins listen for. */
export interface VideoSphereEvents extends AllEvents {
  /** {@link VideoSphereElement.streamType} is another. */
  streamtypechange: Event;
  /** {@link VideoSphereElement.targetLiveWindow} is another. */
  targetlivewindowchange: Event;
}

type ElementEvents = Omit<HTMLElementEventMap, keyof VideoSphereEvents> & VideoSphereEvents;

export type StreamType = 'live' | 'on-demand' | 'unknown';

/** A variant as skins know it. */
export interface VideoRendition {
  /** {@link Variant.id} as text. */
  readonly id: string;
  readonly width: number;
  readonly height: number;
  /** Bits per second. */
  readonly bitrate: number;
  readonly frameRate?: number;
  readonly codec: string;
  /** Whether it is pinned; setting it pins it, or hands back. */
  selected: boolean;
}

/**
 * An array-like list of what this browser plays. Events: `addrendition` and `removerendition`, with the
 * rendition in `rendition`, and `change`.
 */
export interface VideoRenditions extends EventTarget {
  readonly length: number;
  readonly [index: number]: VideoRendition;
  [Symbol.iterator](): Iterator<VideoRendition>;
  getRenditionById(id: string): VideoRendition | null;
  /** The pinned one, −1 for `quality = 'auto'`; setting it does the same. */
  selectedIndex: number;
}

/** Attributes, for templates that are type-checked (JSX, Vue, Svelte). */
export interface VideoSphereAttributes {
  src?: string;
  type?: string;
  'high-quality-src'?: string;
  quality?: Quality | `${number}`;
  projection?: Projection | 'auto';
  stereo?: Stereo | 'auto';
  renderer?: Renderer | 'auto';
  yaw?: number | string;
  pitch?: number | string;
  fov?: number | string;
  motion?: boolean | '';
  'gesture-handling'?: GestureHandling;
  hotkeys?: string;
  'target-latency'?: number | string;
  'audio-language'?: string;
  /** JSON; or what the property of the same name takes, where the framework sets properties. */
  request?: string | PlayerMembers['request'];
  config?: string | PlayerMembers['config'];
  cmcd?: string | PlayerMembers['cmcd'];
  'worker-url'?: string;
  'engine-url'?: string;
  'transmux-url'?: string;
  'tracks-url'?: string;
  'wasm-urls'?: string;
  controls?: boolean | '';
  muted?: boolean | '';
  autoplay?: boolean | '';
  loop?: boolean | '';
  playsinline?: boolean | '';
  preload?: '' | 'none' | 'metadata' | 'auto';
  poster?: string;
  'media-title'?: string;
  'media-artist'?: string;
  'media-artwork'?: string;
  controlslist?: string;
  disablepictureinpicture?: boolean | '';
  crossorigin?: '' | 'anonymous' | 'use-credentials';
  width?: number | string;
  height?: number | string;
}

/** Every word of `<video-sphere>`. What varies, as a time does, is given to a function. */
export interface Labels {
  /** The language that the words are in, as HTML's `lang`. */
  lang: string;
  player: string;
  picture: string;
  seek: string;
  volume: string;
  quality: string;
  audio: string;
  live: string;
  play: string;
  pause: string;
  replay: string;
  mute: string;
  unmute: string;
  goLive: string;
  atLiveEdge: string;
  recenter: string;
  motionOn: string;
  motionOff: string;
  enterImmersive: string;
  exitImmersive: string;
  enterFullscreen: string;
  exitFullscreen: string;
  enterPictureInPicture: string;
  exitPictureInPicture: string;
  pictureInPictureFailed: string;
  help: string;
  close: string;
  retry: string;
  loading: string;
  failed: string;
  motionDenied: string;
  immersiveFailed: string;
  /** The link does not carry the quality that was chosen; and the button beside it. */
  slowLink: string;
  switchToAuto: string;
  touchHint: string;
  auto: string;
  max: string;
  highQualitySource: string;
  /** The menu of subtitles and captions; no track; and how the viewer wants their text. */
  subtitles: string;
  off: string;
  captionSize: string;
  captionColor: string;
  captionBackground: string;
  white: string;
  yellow: string;
  black: string;
  translucent: string;
  wheelHint(key: string): string;
  seekPosition(now: string, end: string): string;
  behindLive(behind: string): string;
  /**
   * A failure in the page's own words, by its `name` and `context`; without it, and where it gives none,
   * the `message` is shown, which is English. The packs have a sentence for each failure that ends playback, but for a
   * defect of ours (`internal`).
   */
  failure?(error: VideoSphereError): string | undefined;
  /** The keyboard help: keys and what they do. */
  keys: (readonly [keys: string, does: string])[];
}

/**
 * The words in use, on all elements of the page; set some or all at any time:
 * `Object.assign(labels, pack)` with a pack of `videosphere/labels/LANGUAGE`.
 */
export const labels: Labels;

declare global {
  interface HTMLElementTagNameMap {
    'video-sphere': VideoSphereElement;
  }
}
