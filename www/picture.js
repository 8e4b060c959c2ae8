// @ts-check
/**
 * `Picture`: one `<video>` on the inside of a sphere, seen on one `<canvas>`.
 *
 * In: both elements and what the page sets. Out: pixels, and events. It chooses the renderer, loads
 * its wasm module when the first picture is made, keeps what is set meanwhile, and takes the other
 * renderer if the first one fails. What moves the camera and when to draw is the module's
 * (`src/web/screen.rs`); what plays in the video is none of its business.
 */

import { decodePausedFrameAgain } from './compat/display.js';
import { requestMotion } from './compat/motion.js';
import { defectSentence, notLoadedSentence } from './errors.js';
import { Gestures } from './gestures.js';
import { Headset } from './headset.js';
import { isHotkey } from './hotkeys.js';
import { copyAttributes, describeCanvas, restoreCanvas } from './picture_canvas.js';
import { Sight } from './sight.js';
import { toDegrees, toProjection, toRenderer, toStereo } from './values.js';
import { loadModule, trappedModule, renderersToTry, rejectOnTrap, takeSpareCanvas } from './view_modules.js';
import { WebGlContext } from './webgl_contexts.js';

/**
 * @import { Projection, Renderer, Stereo } from './index.js'
 * @import { Failure } from './protocol.d.ts'
 * @import { ImmersiveHost, View, ViewHost } from './view_module.d.ts'
 */

/**
 * Events, each a CustomEvent with its data in `detail`: `viewchange` {yaw, pitch, fov},
 * `rendererchange` {renderer, canvas}, `contextrestored`, `downscaled` {videoWidthPx,
 * textureWidthPx}, `gesturehint` {gesture}, `immersivestart`, `immersiveend`, `error` {code, severity,
 * message, context}.
 */
export class Picture extends EventTarget {
  /** Which keys are ours, see `hotkeys.js`. */
  hotkeys = 'all';
  /** @type {HTMLCanvasElement} */ #canvas;
  /** @type {HTMLVideoElement} */ #video;
  #isCanvasOurs;
  /** @type {View | null} */ #view = null;
  /** @type {Renderer | undefined} */ #renderer;
  /** @type {Partial<Record<Renderer, string | URL>>} */ #wasmUrls;
  /** @type {{projection: Projection, stereo: Stereo, yaw: number, pitch: number, fov: number,
   *   motion: boolean}} */
  #settings;
  /** @type {Headset} */ #headset;
  /** What the WebGL2 renderer draws with. @type {WebGlContext | undefined} */ #context;
  /** A loss that we caused is not reported, nor its end. */
  #isOwnLoss = false;
  #isImmersive = false;
  #isDrawnUnseen = false;
  #end = new AbortController();
  #sight = new Sight(() => this.#updateSight());
  #gestures = new Gestures((gesture) => this.#dispatch('gesturehint', { gesture }));
  #isDestroyed = false;
  #reducedMotion = globalThis.matchMedia?.('(prefers-reduced-motion: reduce)');
  #onReducedMotion = () => this.#view?.setReducedMotion(Boolean(this.#reducedMotion?.matches));
  #onTrap = (/** @type {ErrorEvent} */ event) => {
    const trapped = trappedModule(event.error);
    if (!trapped) return;
    if (this.#view && trapped === this.#renderer) this.#fallBack(trapped, defect(event.message));
    if (trapped === 'webgl2') this.#headset.giveUp(event.message);
  };

  /**
   * @param {HTMLCanvasElement} canvas sized by CSS, not by its attributes
   * @param {HTMLVideoElement} video with `crossorigin` if it comes from elsewhere
   * @param {{renderer?: 'auto' | Renderer, projection?: Projection, stereo?: Stereo,
   *   wasmUrls?: Partial<Record<Renderer, string | URL>>, after?: Promise<unknown>, isCanvasOurs?: boolean}}
   *   [options] `after`: what goes before the picture's own start; `isCanvasOurs`: no page knows the canvas
   */
  constructor(canvas, video, options = {}) {
    super();
    const { wasmUrls = {}, after = Promise.resolve(), isCanvasOurs = false } = options;
    const renderer = toRenderer(options.renderer ?? 'auto');
    const projection = toProjection(options.projection);
    const stereo = toStereo(options.stereo);
    this.#canvas = canvas;
    this.#video = video;
    this.#wasmUrls = wasmUrls;
    this.#isCanvasOurs = isCanvasOurs;
    this.#settings = { projection, stereo, yaw: 0, pitch: 0, fov: 75, motion: false };
    this.#reducedMotion?.addEventListener('change', this.#onReducedMotion);
    globalThis.addEventListener('error', this.#onTrap);
    describeCanvas(canvas);
    this.#sight.watch(canvas);
    this.#gestures.attach(canvas);
    const load = () => loadModule('webgl2', this.#wasmUrls.webgl2);
    this.#headset = new Headset(video, load, () => this.#immersiveHost());
    /** Resolves when the picture can be seen; rejects with a {@link Failure}. @type {Promise<void>} */
    this.ready = renderersToTry(renderer, after, wasmUrls.webgl2).then((renderers) => this.#start(renderers));
    // An `error` event reports it too: no unhandled rejection on the console.
    this.ready.catch(() => {});
  }

  /** The canvas that is drawn on: another one, in the same place, after a renderer failed. */
  get canvas() {
    return this.#canvas;
  }

  /** Which renderer draws, once ready. */
  get renderer() {
    return this.#renderer;
  }

  /** How the picture covers the sphere. */
  get projection() {
    return this.#settings.projection;
  }

  set projection(name) {
    const projection = (this.#settings.projection = toProjection(name));
    this.#view?.setProjection(projection);
    this.#headset.setPicture(projection, this.stereo);
  }

  /** Where each eye's picture lies in the frame. */
  get stereo() {
    return this.#settings.stereo;
  }

  set stereo(name) {
    const stereo = (this.#settings.stereo = toStereo(name));
    this.#view?.setStereo(stereo);
    this.#headset.setPicture(this.projection, stereo);
  }

  /** Degrees to the right of the picture's centre, −180…180; in an immersive session the head's. */
  get yaw() {
    return (this.#headset.view ?? this.#view ?? this.#settings).yaw;
  }

  set yaw(degrees) {
    this.#setAngle('yaw', degrees);
  }

  /** Degrees above the horizon, −90…90; in an immersive session the head's alone. */
  get pitch() {
    return (this.#headset.view ?? this.#view ?? this.#settings).pitch;
  }

  set pitch(degrees) {
    this.#setAngle('pitch', degrees);
  }

  /** Field of view in degrees across the shorter side (vertical in landscape), 30…120. */
  get fov() {
    return (this.#view ?? this.#settings).fov;
  }

  set fov(degrees) {
    this.#setAngle('fov', degrees);
  }

  /** Whether the motion sensor leads; see {@link Picture#requestPermissionForMotion}. */
  get motion() {
    return this.#settings.motion;
  }

  set motion(follow) {
    this.#settings.motion = Boolean(follow);
    this.#view?.setMotion(this.#settings.motion);
  }

  /** Whose wheel and fingers are. @type {import('./gestures.js').GestureHandling} */
  get gestureHandling() {
    return this.#gestures.policy;
  }

  set gestureHandling(policy) {
    this.#gestures.policy = policy;
  }

  /** Device pixels that a full turn would take at the present zoom; 0 until ready. */
  get panoramaWidthPx() {
    return this.#view?.panoramaWidthPx ?? 0;
  }

  /** Paintings so far: the same while nothing changes. */
  get framesDrawn() {
    return this.#view?.framesDrawn ?? 0;
  }

  /**
   * The present heading becomes the centre of the picture; without a sensor the pitch as well. In
   * an immersive session it is the head's heading.
   */
  recenter() {
    this.#headset.recenter();
    if (this.#view) this.#view.recenter();
    else Object.assign(this.#settings, { yaw: 0, pitch: 0 });
  }

  /**
   * Asks to follow the motion sensor; call it in a click. False, and a `motion-denied` warning,
   * where the viewer or the browser refuses or there is no sensor. Does not switch `motion` on.
   * @returns {Promise<boolean>}
   */
  async requestPermissionForMotion() {
    const isGranted = await requestMotion();
    if (!isGranted && !this.#isDestroyed) {
      this.#report({
        code: 'motion-denied',
        severity: 'warning',
        message:
          'motion sensors were refused or are absent: allow motion and orientation access for this site',
        context: { detail: '' },
      });
    }
    return isGranted;
  }

  /**
   * A still of the view, or of the whole frame; see `capture.js`.
   * @param {import('./index.js').CaptureOptions} [options]
   */
  async captureFrame(options = {}) {
    const { captureFrame } = await import('./capture.js');
    return captureFrame({ view: this.#view, canvas: this.#canvas, video: this.#video }, options);
  }

  /**
   * Whether a headset could show this picture.
   * @returns {Promise<boolean>}
   */
  isImmersiveSupported() {
    return this.#headset.isSupported();
  }

  /**
   * Shows the picture in the headset, with what the page looks at ahead; call it in a click.
   * Rejects with `immersive-unavailable`.
   * @returns {Promise<void>}
   */
  enterImmersive() {
    return this.#headset.enter();
  }

  /**
   * Ends the immersive session, if there is one.
   * @returns {Promise<void>}
   */
  exitImmersive() {
    return this.#headset.exit();
  }

  /** `media-layer` or `webgl-layer`, what shows the picture in the headset; empty without a session. */
  get immersiveTarget() {
    return this.#headset.target;
  }

  /** Frees the graphics, the listeners and what was set on the canvas. */
  destroy() {
    if (this.#isDestroyed) return;
    // Its end is still reported.
    this.#headset.destroy();
    this.#isDestroyed = true;
    this.#end.abort();
    this.#reducedMotion?.removeEventListener('change', this.#onReducedMotion);
    globalThis.removeEventListener('error', this.#onTrap);
    this.#sight.close();
    this.#keepView();
    this.#dropView();
    this.#gestures.detach();
    restoreCanvas(this.#canvas);
  }

  /**
   * The first renderer that works takes the canvas.
   * @param {Renderer[]} renderers
   */
  async #start(renderers) {
    /** @type {Failure[]} */
    const failures = [];
    for (const renderer of renderers) {
      if (this.#isDestroyed) return;
      try {
        await this.#tryRenderer(renderer, failures.length > 0);
        return;
      } catch (thrown) {
        this.#dropView();
        failures.push(toFailure(thrown, renderer));
      }
    }
    const failure = summary(failures, renderers);
    this.#report(failure);
    throw failure;
  }

  /** @param {Renderer} renderer @param {boolean} isSecondTry another renderer has had the canvas */
  async #tryRenderer(renderer, isSecondTry) {
    const module = await loadModule(renderer, this.#wasmUrls[renderer]);
    if (this.#isDestroyed) return;
    if (renderer === 'webgl2' && this.#isCanvasOurs && !isSecondTry) this.#takeSpareCanvas();
    const create = async () => {
      const make = () =>
        rejectOnTrap(renderer, module.View.create(this.#canvas, this.#video, this.#host(renderer)));
      if (renderer === 'webgpu') this.#view = await make();
      else ({ renderer: this.#view, context: this.#context } = await WebGlContext.take(this.#canvas, make));
    };
    try {
      await create();
    } catch (thrown) {
      // A canvas keeps the kind of context it first had.
      if (trappedModule(thrown) || !isSecondTry || !this.#replaceCanvas()) throw thrown;
      await create();
    }
    const view = this.#view;
    if (this.#isDestroyed || !view) return this.#dropView();
    const { projection, stereo, yaw, pitch, fov, motion } = this.#settings;
    this.#renderer = renderer;
    this.#onReducedMotion();
    view.setProjection(projection);
    view.setStereo(stereo);
    Object.assign(view, { yaw, pitch, fov });
    if (motion) view.setMotion(true);
    this.#updateSight();
    this.#dispatch('rendererchange', { renderer, canvas: this.#canvas });
    this.#reportView();
  }

  /**
   * What the module calls back, see `src/web/host.rs`.
   * @param {Renderer} renderer
   * @returns {ViewHost}
   */
  #host(renderer) {
    return {
      isShown: () => this.#sight.isShown,
      takes: (event) =>
        'key' in event ? isHotkey(this.hotkeys, 'view', event) : this.#gestures.takes(event),
      viewChanged: () => this.#reportView(),
      contextRestored: () => this.#onRestored(renderer),
      downscaled: (videoWidthPx, textureWidthPx) =>
        this.#dispatch('downscaled', { videoWidthPx, textureWidthPx }),
      report: (failure) => {
        const isLoss = failure.code === 'context-lost';
        if (isLoss) this.#isOwnLoss = Boolean(this.#context?.takeOwnLoss());
        if (!isLoss || !this.#isOwnLoss) this.#report(failure);
      },
      failed: (failure) => this.#fallBack(renderer, failure),
      makeError: makeFailure,
    };
  }

  /** @param {Renderer} renderer */
  #onRestored(renderer) {
    if (this.#isOwnLoss) return;
    decodePausedFrameAgain(this.#video);
    this.#dispatch('contextrestored', { renderer });
  }

  /**
   * The stream has changed or gone, and its last frame goes with it. Not so when the engine changes
   * the media source under a stream that goes on, which fires `emptied` as well.
   */
  forgetFrame() {
    this.#view?.forgetFrame();
  }

  /** In the browser's small window. To be called in a click. */
  async requestPictureInPicture() {
    const { openPictureInPicture } = await import('./picture_in_picture.js');
    return openPictureInPicture(this, this.#video, this.#end.signal);
  }

  /** Its canvas is shown elsewhere as well: it is drawn in sight or not, and once more now. */
  get isDrawnUnseen() {
    return this.#isDrawnUnseen;
  }

  set isDrawnUnseen(isOn) {
    this.#isDrawnUnseen = isOn;
    if (isOn) this.#view?.setSuspended(true);
    this.#updateSight();
  }

  /** Nothing is drawn that cannot be seen. */
  #updateSight() {
    const { isInSight } = this.#sight;
    if (this.#context) this.#context.isInSight = isInSight;
    this.#view?.setSuspended(this.#isImmersive || !(isInSight || this.#isDrawnUnseen));
  }

  /**
   * A renderer failed while drawing. WebGPU has WebGL2 to stand in for it, even where it was
   * asked for by name: a picture is better than a promise.
   * @param {Renderer} renderer @param {Failure} failure
   */
  #fallBack(renderer, failure) {
    this.#dropView();
    if (renderer !== 'webgpu') {
      this.#report(failure);
      return;
    }
    this.#replaceCanvas();
    this.#start(['webgl2']).catch(() => {});
  }

  #dropView() {
    const view = this.#view;
    this.#view = null;
    try {
      view?.close();
      view?.free();
    } catch {
      // A module that trapped cannot let go either; it has been reported.
    }
    this.#context?.release();
    this.#context = undefined;
  }

  #takeSpareCanvas() {
    const spare = takeSpareCanvas();
    if (spare) this.#replaceCanvas(spare);
  }

  /**
   * A fresh canvas in the place of the old one; false where that has no place in a document.
   * @param {HTMLCanvasElement | undefined} [given] one that has its context already
   */
  #replaceCanvas(given) {
    const old = this.#canvas;
    if (!old.parentNode) return false;
    const hasFocus = /** @type {Document | ShadowRoot} */ (old.getRootNode()).activeElement === old;
    // Restored first, or the copy would take what is ours for the page's, and keep it.
    this.#gestures.detach();
    restoreCanvas(old);
    const fresh = given ?? /** @type {HTMLCanvasElement} */ (old.cloneNode(false));
    if (given) copyAttributes(old, given);
    old.replaceWith(fresh);
    describeCanvas(fresh);
    this.#sight.watch(fresh);
    this.#gestures.attach(fresh);
    if (hasFocus) fresh.focus({ preventScroll: true });
    this.#canvas = fresh;
    return true;
  }

  /** @param {'yaw' | 'pitch' | 'fov'} name @param {number} degrees */
  #setAngle(name, degrees) {
    const value = toDegrees(degrees, name);
    this.#settings[name] = value;
    if (this.#view) this.#view[name] = value;
    // The horizon stays level there, whatever the pitch.
    if (name === 'yaw') this.#headset.yaw = value;
  }

  /** For the next renderer, should this one fail. */
  #keepView() {
    if (!this.#view) return;
    const { yaw, pitch, fov } = this.#view;
    Object.assign(this.#settings, { yaw, pitch, fov });
  }

  #reportView() {
    this.#keepView();
    const { yaw, pitch, fov } = this;
    this.#dispatch('viewchange', { yaw, pitch, fov });
  }

  /** @param {Failure} failure */
  #report(failure) {
    this.#dispatch('error', failure);
  }

  /** @param {string} type @param {object} detail */
  #dispatch(type, detail) {
    if (!this.#isDestroyed) this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  /** What an immersive session needs of the page's picture. @returns {ImmersiveHost} */
  #immersiveHost() {
    const { projection, stereo, yaw } = this;
    return {
      projection,
      stereo,
      yaw,
      started: () => {
        this.#isImmersive = true;
        this.#updateSight();
        this.#dispatch('immersivestart', {});
      },
      ended: () => {
        this.#isImmersive = false;
        this.#updateSight();
        this.#dispatch('immersiveend', {});
        // The page looks where it looked before.
        this.#reportView();
      },
      viewChanged: () => this.#reportView(),
      report: (failure) => this.#report(failure),
      makeError: makeFailure,
    };
  }
}

/** @type {import('./view_module.d.ts').MakeError} */
function makeFailure(code, severity, message, detail) {
  return { code, severity, message, context: { detail } };
}

/**
 * Whatever a module or its loading threw.
 * @param {unknown} thrown @param {Renderer} renderer
 * @returns {Failure}
 */
function toFailure(thrown, renderer) {
  const { code, message, context } = /** @type {Partial<Failure>} */ (thrown ?? {});
  if (typeof code === 'string' && context) return /** @type {Failure} */ (thrown);
  if (trappedModule(thrown)) return defect(message ?? '');
  const detail = notLoadedSentence(renderer, message ?? thrown);
  return makeFailure('renderer-unavailable', 'fatal', detail, detail);
}

/** A module trapped. @param {string} detail */
const defect = (detail) => makeFailure('internal', 'fatal', defectSentence(detail), detail);

/**
 * One failure of all that were tried.
 * @param {Failure[]} failures @param {Renderer[]} renderers
 */
function summary(failures, renderers) {
  const last = failures[failures.length - 1];
  if (failures.length === 1 || last.code !== 'renderer-unavailable') return last;
  const reasons = failures.map(
    ({ context, message }, index) => `${renderers[index]}: ${context.detail || message}`,
  );
  const detail = reasons.join('; ');
  const message = `neither WebGPU nor WebGL2 works here (${detail}): turn on hardware acceleration`;
  return makeFailure('renderer-unavailable', 'fatal', message, detail);
}
