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
} from './index.js';

export { Player, VideoSphereError } from './index.js';

/** A `<video>` from outside, a sphere from inside. */
export class VideoSphereElement extends HTMLElement {
  /** The player inside; `null` while the element is in no document. */
  readonly player: Player | null;
  /** What draws; setting it starts the player anew with that renderer. */
  get renderer(): Renderer | null;
  set renderer(renderer: Renderer | 'auto');
  readonly canvas: HTMLCanvasElement | null;
  /** Where `worker.js` is served, if not beside the module; read when the element enters a document. */
  workerUrl: string;
  /** Where `engine_bg.wasm` is served, if not beside the worker; read as `workerUrl` is. */
  engineUrl: string;
  /** The folder that the view modules' `.wasm` files are served from; read as `workerUrl` is. */
  wasmUrls: string;

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

type ElementEvents = Omit<HTMLElementEventMap, keyof AllEvents> & AllEvents;

/** Attributes, for templates that are type-checked (JSX, Vue, Svelte). */
export interface VideoSphereAttributes {
  src?: string;
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
  'target-latency'?: number | string;
  /** JSON of the property of the same name. */
  request?: string;
  config?: string;
  'worker-url'?: string;
  'engine-url'?: string;
  'wasm-urls'?: string;
  controls?: boolean | '';
  muted?: boolean | '';
  autoplay?: boolean | '';
  loop?: boolean | '';
  playsinline?: boolean | '';
  preload?: '' | 'none' | 'metadata' | 'auto';
  poster?: string;
  crossorigin?: '' | 'anonymous' | 'use-credentials';
  width?: number | string;
  height?: number | string;
}

/** Every word shown or read aloud; overwrite before the first element is made. */
export const labels: Record<string, unknown>;

declare global {
  interface HTMLElementTagNameMap {
    'video-sphere': VideoSphereElement;
  }
}
