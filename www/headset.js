// @ts-check
/**
 * `Headset`: the immersive session of one picture.
 *
 * In: the page's click. Out: a session that the WebGL2 module runs (`src/web/xr/`), whichever
 * module draws the page. That module is loaded as soon as a headset is reported, so that the
 * browser is asked for the session within the click itself. One session at a time; to enter twice
 * is to enter once. Should the module trap, the session is ended without it.
 */
import { xrSystem } from './compat/display.js';
import { defectSentence, notLoadedSentence } from './errors.js';
import { trappedModule, rejectOnTrap } from './view_modules.js';

/**
 * @import { Projection, Stereo } from './index.js'
 * @import { HeadsetModule, Immersive, ImmersiveHost, XrSession } from './view_module.d.ts'
 */

const MODE = 'immersive-vr';

export class Headset {
  /** @type {HTMLVideoElement} */ #video;
  /** @type {() => Promise<HeadsetModule>} */ #load;
  /** @type {() => ImmersiveHost} */ #host;
  /** @type {HeadsetModule | null} */ #module = null;
  /** @type {Promise<Immersive> | null} */ #entering = null;
  /** @type {Immersive | null} */ #session = null;
  /** The browser's own, once it is granted. @type {XrSession | null} */ #xr = null;
  /** Reports to the host that the session is over, without the module. @type {() => void} */ #conclude =
    () => {};
  /** Reports why. @type {(detail: string) => void} */ #report = () => {};
  /** What was set while the browser still asks. @type {Record<string, (session: Immersive) => void>} */
  #pending = {};
  #isDestroyed = false;
  #onDeviceChange = () => this.#preload();

  /**
   * @param {HTMLVideoElement} video
   * @param {() => Promise<HeadsetModule>} load gives the WebGL2 module
   * @param {() => ImmersiveHost} host what a session that begins now needs of the picture
   */
  constructor(video, load, host) {
    this.#video = video;
    this.#load = load;
    this.#host = host;
    xrSystem()?.addEventListener?.('devicechange', this.#onDeviceChange);
    this.#preload();
  }

  /** What shows the video in the headset: `media-layer` or `webgl-layer`; empty without a session. */
  get target() {
    return this.#session?.target ?? '';
  }

  /** Whether a headset could show this picture. Loads nothing. */
  async isSupported() {
    // Denied by policy is as good as absent.
    return Boolean(
      await xrSystem()
        ?.isSessionSupported(MODE)
        .catch(() => false),
    );
  }

  /**
   * Begins a session; call it in a click. Rejects with `immersive-unavailable`.
   * @returns {Promise<void>}
   */
  async enter() {
    if (this.#session) return;
    this.#entering ??= this.#start().finally(() => {
      this.#entering = null;
    });
    await this.#entering;
  }

  /** Ends the session, also one that is about to begin. */
  async exit() {
    const session = this.#session;
    // One that failed to begin has rejected the promise of `enter`.
    if (!session) await this.#entering?.catch(() => {});
    await (session ?? this.#session)?.end();
  }

  /** The picture's centre comes to where the head is turned. */
  recenter() {
    this.#session?.recenter();
  }

  /** @param {Projection} projection @param {Stereo} stereo */
  setPicture(projection, stereo) {
    this.#whenRunning('picture', (session) => session.setPicture(projection, stereo));
  }

  /** Where the head looks, in degrees; null without a session. @returns {{yaw: number, pitch: number} | null} */
  get view() {
    return this.#session;
  }

  /** Turns the picture, so that this is where the head is turned. @param {number} degrees */
  set yaw(degrees) {
    this.#whenRunning('yaw', (session) => (session.yaw = degrees));
  }

  /** @param {string} name @param {(session: Immersive) => void} act */
  #whenRunning(name, act) {
    if (this.#session) act(this.#session);
    else this.#pending[name] = act;
  }

  /**
   * The module has trapped, and its session is lost.
   * @param {string} detail
   */
  giveUp(detail) {
    if (!this.#session) return;
    this.#abandon();
    this.#report(detail);
  }

  destroy() {
    this.#isDestroyed = true;
    xrSystem()?.removeEventListener?.('devicechange', this.#onDeviceChange);
    // Also one that is about to begin; one that runs is over for the page at once.
    this.exit().catch(() => {});
    this.#conclude();
  }

  /** Up to the request itself nothing here waits, if the module is there. */
  async #start() {
    const host = this.#host();
    if (!xrSystem())
      throw unavailable(host, 'no WebXR in this browser, or in a frame without allow="xr-spatial-tracking"');
    this.#pending = {};
    const module = this.#module ?? (await this.#loaded(host));
    /** @type {Immersive | undefined} */
    let session;
    let hasStarted = false;
    let isOver = false;
    const conclude = () => {
      if (isOver) return;
      isOver = true;
      this.#session = this.#xr = null;
      if (hasStarted) host.ended();
    };
    this.#conclude = conclude;
    // Not of a new host: that would ask the page's view, which may have trapped too.
    this.#report = (detail) => host.report(unavailable(host, defectSentence(detail)));
    const granted = (/** @type {XrSession} */ xr) => (this.#xr = xr);
    const started = () => {
      hasStarted = true;
      host.started();
    };
    const ended = () => {
      conclude();
      // It is on the stack: only afterwards.
      queueMicrotask(() => session?.free());
    };
    const togglePlayback = () => {
      if (this.#video.paused) this.#video.play().catch(() => {});
      else this.#video.pause();
    };
    const seekBy = (/** @type {number} */ secs) => seek(this.#video, secs);
    const whole = { ...host, granted, started, ended, togglePlayback, seekBy };
    /** @type {Immersive} */
    let begun;
    try {
      begun = await rejectOnTrap('webgl2', module.Immersive.request(this.#video, whole));
    } catch (thrown) {
      // The module ends what it began, unless it trapped.
      if (!trappedModule(thrown)) throw thrown;
      this.#abandon();
      throw unavailable(host, defectSentence(/** @type {Error} */ (thrown).message));
    }
    if (isOver) {
      begun.free();
      return begun;
    }
    this.#session = session = begun;
    // The browser may have asked for long.
    for (const act of Object.values(this.#pending)) act(begun);
    return begun;
  }

  /** Ends the browser's session without the module, which has trapped. */
  #abandon() {
    this.#module = null;
    const xr = this.#xr;
    this.#conclude();
    xr?.end().catch(() => {});
  }

  /** @param {ImmersiveHost} host */
  async #loaded(host) {
    try {
      this.#module = await this.#load();
      return this.#module;
    } catch (thrown) {
      throw unavailable(
        host,
        notLoadedSentence('webgl2', /** @type {Partial<Error> | null} */ (thrown)?.message ?? thrown),
      );
    }
  }

  async #preload() {
    if (this.#module || this.#isDestroyed || !(await this.isSupported())) return;
    // If it fails it is tried again in the click, and reported there.
    this.#module = await this.#load().catch(() => null);
  }
}

/**
 * What the module says too (`Error::picture_sentence`), where there is none.
 * @param {ImmersiveHost} host @param {string} detail
 */
function unavailable(host, detail) {
  const message = `the headset cannot show this (${detail}): connect it, allow this site to use it, and start again with a click`;
  return host.makeError('immersive-unavailable', 'warning', message, detail);
}

/**
 * A step, within what can be played.
 * @param {HTMLVideoElement} video @param {number} secs
 */
function seek(video, secs) {
  const { seekable, currentTime } = video;
  if (seekable.length === 0) return;
  const last = seekable.end(seekable.length - 1);
  video.currentTime = Math.min(Math.max(currentTime + secs, seekable.start(0)), last);
}
