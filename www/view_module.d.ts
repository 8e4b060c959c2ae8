/**
 * The view modules (`src/web/view_module.rs`, `src/web/xr/`) as `picture.js` and `headset.js` use
 * them, what they call back (`src/web/host.rs`), and what of a browser's headset lib.dom lacks.
 * Types only: nothing of this file is loaded, nor packed. Where the modules are built, the type
 * check compares it with wasm-bindgen's own.
 */

import type { Projection, Stereo } from './index.js';
import type { Failure } from './protocol.d.ts';

/** What `wasm/view_webgpu.js` and `wasm/view_webgl2.js` export. */
export interface ViewModule {
  /** Loads the wasm file and initialises the module. */
  default(from: { module_or_path: Promise<Response> }): Promise<unknown>;
  View: {
    /** Rejects with a {@link Failure} where the canvas cannot be drawn on. */
    create(canvas: HTMLCanvasElement, video: HTMLVideoElement, host: ViewHost): Promise<View>;
  };
}

/** The WebGL2 module also runs the headset. */
export interface HeadsetModule extends ViewModule {
  Immersive: {
    /** Asks for a session before it returns, so that a click still counts. */
    request(video: HTMLVideoElement, host: SessionHost): Promise<Immersive>;
  };
}

/** A video on the inside of a sphere, on one canvas. Angles in degrees. */
export interface View {
  /** To the right, −180 to 180. */
  yaw: number;
  /** Upwards, −90 to 90. */
  pitch: number;
  /** Field of view across the shorter side, 30 to 120. */
  fov: number;
  /** Device pixels that a full turn would take at the present zoom. */
  readonly panoramaWidthPx: number;
  /** How often it was drawn. */
  readonly framesDrawn: number;
  /** Refuses an unknown name with false. */
  setProjection(name: string): boolean;
  setStereo(name: string): boolean;
  setMotion(follow: boolean): void;
  setReducedMotion(reduced: boolean): void;
  /** Draws nothing, while it cannot be seen. */
  setSuspended(isSuspended: boolean): void;
  /** Black until the next stream has a frame. */
  forgetFrame(): void;
  recenter(): void;
  /** Lets `read` have the canvas with the view drawn at this size; throws a {@link Failure}. */
  capture(widthPx: number, heightPx: number, read: () => void): void;
  /** Lets go of the canvas, the video and every listener; `free` follows. */
  close(): void;
  free(): void;
}

/** What a {@link View} calls; never from within a call of its own. */
export interface ViewHost {
  /** Whether no style hides the canvas. */
  isShown(): boolean;
  /** Whether a wheel, or a pointer or a key that goes down, is the view's and not the page's. */
  takes(event: WheelEvent | PointerEvent | KeyboardEvent): boolean;
  viewChanged(): void;
  /** The picture is back after a `context-lost`. */
  contextRestored(): void;
  /** The video is wider than any texture. */
  downscaled(videoWidthPx: number, textureWidthPx: number): void;
  report(failure: Failure): void;
  /** This module can draw no more. */
  failed(failure: Failure): void;
  makeError: MakeError;
}

/** Makes the object that a module throws or reports. */
export type MakeError = (
  code: Failure['code'],
  severity: Failure['severity'],
  message: string,
  detail: string,
) => Failure;

/** An immersive session that runs. */
export interface Immersive {
  /** Where the head looks, degrees; setting it turns the picture. */
  yaw: number;
  readonly pitch: number;
  /** `media-layer` or `webgl-layer`; empty once it is over. */
  readonly target: string;
  setPicture(projection: Projection, stereo: Stereo): boolean;
  recenter(): void;
  /** Resolves when the system has taken the screen back. */
  end(): Promise<unknown>;
  free(): void;
}

/** What an immersive session needs of the page's picture. */
export interface ImmersiveHost {
  projection: Projection;
  stereo: Stereo;
  /** Where the page looks, degrees: it lies ahead when the session begins. */
  yaw: number;
  started(): void;
  ended(): void;
  viewChanged(): void;
  report(failure: Failure): void;
  makeError: MakeError;
}

/** The same as the module gets it, with what `headset.js` does itself. */
export interface SessionHost extends ImmersiveHost {
  /** The browser's session, before anything is done with it: it can be ended without the module. */
  granted(session: XrSession): void;
  togglePlayback(): void;
  seekBy(secs: number): void;
}

/** A window, or none, as far as it decides whether there is a headset. */
export interface XrScope {
  document?: {
    /** Of the withdrawn Feature Policy draft; Chromium alone has it. */
    featurePolicy?: { allowsFeature(name: string): boolean };
  };
  navigator?: { xr?: XrSystem };
}

/** WebXR Device API: `XRSession`, as far as JavaScript uses it. */
export interface XrSession {
  end(): Promise<void>;
}

/** WebXR Device API: `navigator.xr`, as far as JavaScript uses it. */
export interface XrSystem extends EventTarget {
  isSessionSupported(mode: string): Promise<boolean>;
}
