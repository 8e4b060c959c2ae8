// @ts-check
/**
 * `<video-sphere>`: a `<video>` from outside, a sphere from inside.
 *
 * In: the attributes and properties of a `<video>` and ours (`element.d.ts`). Out: the members and
 * events of HTMLMediaElement, so that control skins made for `<video>` work, and with `controls`
 * our own bar. The player is made when the element enters a document and freed when it leaves.
 * Importing defines the element; where there is no browser it does nothing.
 */
import { VideoSphereError } from './errors.js';
import { Player } from './index.js';
import { forwardMediaEvents, forwardMediaMembers } from './media_members.js';
import { toHotkeys } from './hotkeys.js';
import { labels, labelsChange } from './labels.js';
import { StreamKind, VideoRenditions } from './media_ui.js';
import { makeOverlays } from './overlays.js';
import { mirrorTracks, playableSources } from './source_children.js';
import { makeVideo } from './surface.js';
import {
  canPlayType,
  toAbsoluteUrl,
  toConfig,
  toDegrees,
  toGestureHandling,
  toProjection,
  toQuality,
  toRenderer,
  toRequest,
  toSrcObject,
  toStereo,
  toTargetLatency,
} from './values.js';

export { Player, VideoSphereError, labels };

/**
 * @import { VideoSphereElement as Contract } from './element.d.ts'
 * @import { CaptureOptions, MediaMembers, PlayerOptions, VideoSphereError as Failure } from './index.js'
 */

/** Our events; those of the media element come from it directly. */
const PLAYER_EVENTS = [
  'contextrestored',
  'downscaled',
  'error',
  'gesturehint',
  'immersiveend',
  'immersivestart',
  'projectionchange',
  'rendererchange',
  'statschange',
  'timelinechange',
  'variantchange',
  'variants',
  'viewchange',
  'warning',
];
/**
 * Properties of the player that can be set before there is one: the check, and the default.
 * @typedef {'quality' | 'projection' | 'stereo' | 'yaw' | 'pitch' | 'fov' | 'motion' | 'gestureHandling'
 *   | 'targetLatency' | 'request' | 'config' | 'hotkeys' | 'srcObject'} ViewProperty
 * @type {Record<ViewProperty, {check: (value: unknown) => unknown, byDefault: unknown}>}
 */
const VIEW_PROPERTIES = {
  quality: { check: toQuality, byDefault: 'auto' },
  projection: { check: toProjection, byDefault: 'auto' },
  stereo: { check: toStereo, byDefault: 'auto' },
  yaw: { check: (value) => toDegrees(value, 'yaw'), byDefault: 0 },
  pitch: { check: (value) => toDegrees(value, 'pitch'), byDefault: 0 },
  fov: { check: (value) => toDegrees(value, 'fov'), byDefault: 75 },
  motion: { check: Boolean, byDefault: false },
  gestureHandling: { check: toGestureHandling, byDefault: 'auto' },
  srcObject: { check: toSrcObject, byDefault: null },
  hotkeys: { check: toHotkeys, byDefault: 'all' },
  targetLatency: { check: toTargetLatency, byDefault: null },
  request: { check: toRequest, byDefault: null },
  config: { check: toConfig, byDefault: null },
};
/** Failures that another source would not mend. */
const OF_THE_PICTURE = ['renderer-unavailable', 'context-lost', 'internal'];
/** Those whose attributes hold JSON. */
const JSON_PROPERTIES = ['request', 'config'];
/** Their attributes, where the name is another. @type {Record<string, string>} */
const ATTRIBUTE_PROPERTIES = {
  'gesture-handling': 'gestureHandling',
  'target-latency': 'targetLatency',
};
/**
 * Properties of the player that can only be read: what they are without one.
 * @satisfies {Partial<Contract>}
 */
const PLAYER_STATE = {
  canvas: null,
  error: null,
  isAtLiveEdge: false,
  isImmersive: false,
  isLive: false,
  stats: {},
  timeline: null,
  variants: [],
};
/** What the system shows of it. */
const SESSION_ATTRIBUTES = ['media-title', 'media-artist', 'media-artwork'];
const STRING_ATTRIBUTES = { mediaTitle: 'media-title', mediaArtist: 'media-artist', type: 'type' };
/** Properties that are an attribute, and nothing else. */
const BOOLEAN_ATTRIBUTES = {
  autoplay: 'autoplay',
  controls: 'controls',
  defaultMuted: 'muted',
  loop: 'loop',
  playsInline: 'playsinline',
};
const NUMBER_ATTRIBUTES = ['height', 'width'];
const URL_ATTRIBUTES = {
  engineUrl: 'engine-url',
  highQualitySrc: 'high-quality-src',
  mediaArtwork: 'media-artwork',
  poster: 'poster',
  transmuxUrl: 'transmux-url',
  wasmUrls: 'wasm-urls',
  workerUrl: 'worker-url',
};
const HTMLElementOrNothing = globalThis.HTMLElement ?? class {};

/**
 * What is defined by the tables above, or comes with HTMLElement or the media element.
 * @typedef {ViewProperty | keyof typeof PLAYER_STATE | keyof typeof BOOLEAN_ATTRIBUTES | keyof typeof URL_ATTRIBUTES
 *   | keyof typeof STRING_ATTRIBUTES
 *   | Exclude<keyof MediaMembers, 'canPlayType' | 'crossOrigin' | 'currentTime' | 'load' | 'pause' | 'play' | 'preload'>
 *   | keyof HTMLElement} DefinedElsewhere
 */

/** @implements {Omit<Contract, DefinedElsewhere>} */
export class VideoSphereElement extends HTMLElementOrNothing {
  static observedAttributes = [
    'autoplay',
    'config',
    'controls',
    'controlslist',
    'crossorigin',
    'fov',
    'gesture-handling',
    'height',
    'high-quality-src',
    'hotkeys',
    'loop',
    ...SESSION_ATTRIBUTES,
    'motion',
    'muted',
    'pitch',
    'poster',
    'preload',
    'projection',
    'quality',
    'renderer',
    'request',
    'src',
    'stereo',
    'target-latency',
    'type',
    'width',
    'yaw',
  ];

  #video = makeVideo();
  #container = document.createElement('div');
  #overlays;
  #streamKind = new StreamKind(asContract(this));
  /** @type {VideoRenditions | undefined} made for the skin that asks */
  #renditions;
  /** @type {Player | null} */
  #player = null;
  /** @type {AbortController | null} */
  #connection = null;
  /** @type {{destroy(): void} | null} */
  #controls = null;
  /** @type {import('./media_session.js').PageMedia | null} */
  #pageMedia = null;
  /** The view properties while there is no player. @type {Pick<PlayerOptions, ViewProperty>} */
  #pendingProperties = {};
  #resumeSecs = /** @type {number | undefined} */ (undefined);
  /** The `<source>` that plays, where there is no `src`. @type {ReturnType<typeof playableSources>[number] | undefined} */
  #source;

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open', delegatesFocus: false });
    this.#container.setAttribute('part', 'stage');
    this.#container.className = 'stage';
    this.#container.append(this.#video);
    this.#overlays = makeOverlays(root, asContract(this));
    const slot = document.createElement('slot');
    slot.addEventListener('slotchange', () => this.#takeChildren());
    root.append(this.#container, ...this.#overlays.elements, slot);
    forwardMediaEvents(this.#video, this, new AbortController().signal);
    // Not here: attributes set during an upgrade cause no callback.
    queueMicrotask(() => this.#takeEarlyProperties());
  }

  connectedCallback() {
    // Moving an element disconnects and connects it in one go: keep the player.
    if (this.#connection) return;
    this.#connection = new AbortController();
    labelsChange.addEventListener('change', () => this.#relabel(), { signal: this.#connection.signal });
    this.#takeEarlyProperties();
    this.#start();
    this.#updateControls();
    this.#updatePageMedia();
  }

  disconnectedCallback() {
    queueMicrotask(() => {
      if (this.isConnected || !this.#connection) return;
      this.#connection.abort();
      this.#connection = null;
      this.#updateControls();
      this.#stop();
      this.#updatePageMedia();
    });
  }

  /** In another document (a frame, Document Picture-in-Picture) the player plays on. */
  adoptedCallback() {
    this.#overlays.adoptStyles();
    this.#removeControls();
    this.#updateControls();
  }

  /** @param {string} name @param {string | null} old @param {string | null} value */
  attributeChangedCallback(name, old, value) {
    if (old === value) return;
    const property = ATTRIBUTE_PROPERTIES[name] ?? name;
    if (isViewProperty(property)) return this.#setFromAttribute(property, value);
    switch (name) {
      case 'src':
      case 'high-quality-src':
        this.#resumeSecs = undefined;
        this.#overlays.reset(name === 'src');
        // Another stream may start by itself again.
        this.#video.autoplay = this.hasAttribute('autoplay');
        if (name === 'src' && this.#source) this.#openSource(undefined);
        if (this.#player) this.#player[name === 'src' ? 'src' : 'highQualitySrc'] = value ?? '';
        break;
      case 'type':
        if (this.#player && !this.#source) this.#player.type = value ?? '';
        break;
      case 'muted':
        // As in HTML: how the element starts, not a switch for later.
        if (!this.#connection) this.#video.muted = value !== null;
        break;
      case 'autoplay':
      case 'loop':
        this.#video[name] = value !== null;
        break;
      case 'preload':
        if (value === null) this.#video.removeAttribute('preload');
        else this.#video.setAttribute('preload', value);
        break;
      case 'poster':
        this.#overlays.setPoster(value);
        this.#updatePageMedia();
        break;
      case 'media-title':
      case 'media-artist':
      case 'media-artwork':
        this.#updatePageMedia();
        break;
      case 'width':
      case 'height':
        this.#overlays.setSize(name, value);
        break;
      case 'controlslist':
        if (value === null) this.#video.removeAttribute(name);
        else this.#video.setAttribute(name, value);
        break;
      case 'controls':
        this.#updateControls();
        break;
      case 'renderer':
      case 'crossorigin':
        this.#restart();
        break;
      default:
    }
  }

  /** The player inside; `null` while the element is in no document. */
  get player() {
    return this.#player;
  }

  /** The media element inside. */
  get video() {
    return this.#video;
  }

  get src() {
    return toAbsoluteUrl(this.getAttribute('src'));
  }

  set src(url) {
    const isSame = this.getAttribute('src') === String(url);
    this.setAttribute('src', url);
    // As with `<video>`: the same address set again loads again.
    if (isSame) this.attributeChangedCallback('src', null, String(url));
  }

  get currentSrc() {
    return this.#player?.currentSrc ?? '';
  }

  get currentTime() {
    return this.#video.currentTime;
  }

  set currentTime(secs) {
    (this.#player ?? this.#video).currentTime = secs;
  }

  get renderer() {
    return this.#player ? this.#player.renderer : null;
  }

  set renderer(name) {
    this.setAttribute('renderer', toRenderer(name));
  }

  get crossOrigin() {
    const value = this.getAttribute('crossorigin')?.toLowerCase() ?? null;
    // What HTML does not know is no leave to send cookies.
    return value === null || value === 'use-credentials' ? value : 'anonymous';
  }

  set crossOrigin(value) {
    if (value === null) this.removeAttribute('crossorigin');
    else this.setAttribute('crossorigin', value);
  }

  get ready() {
    return (
      this.#player?.ready ??
      Promise.reject(
        new VideoSphereError({
          message: 'this <video-sphere> is in no document yet',
        }),
      )
    );
  }

  // —— for control skins ——

  get videoRenditions() {
    this.#renditions ??= new VideoRenditions(asContract(this));
    return /** @type {Contract["videoRenditions"]} */ (/** @type {unknown} */ (this.#renditions));
  }

  get streamType() {
    return this.#streamKind.type;
  }

  get targetLiveWindow() {
    return this.#streamKind.targetLiveWindow;
  }

  get liveEdgeStart() {
    return this.#streamKind.liveEdgeStart;
  }

  /** @param {string} type */
  canPlayType(type) {
    return canPlayType(type, this.#video);
  }

  get networkState() {
    return (this.#player ?? this.#video).networkState;
  }

  /** HTML's own tokens; the bar heeds `nofullscreen`. */
  get controlsList() {
    return this.#video.controlsList;
  }

  set controlsList(tokens) {
    this.setAttribute('controlslist', String(tokens));
  }

  get preload() {
    return this.#video.preload;
  }

  set preload(value) {
    this.setAttribute('preload', value);
  }

  load() {
    this.#overlays.reset(true);
    if (this.#source) this.#openSource(playableSources(this, this.#video)[0]);
    this.#player?.load();
  }

  play() {
    return this.#player ? this.#player.play() : this.#video.play();
  }

  pause() {
    return this.#player ? this.#player.pause() : this.#video.pause();
  }

  /** @param {number} id */
  selectVariant(id) {
    this.#player?.selectVariant(id);
  }

  goLive() {
    this.#player?.goLive();
  }

  recenter() {
    this.#player?.recenter();
  }

  /** @param {CaptureOptions} [options] */
  async captureFrame(options) {
    if (this.#player) return this.#player.captureFrame(options);
    throw (await import('./capture.js')).noFrame();
  }

  async diagnostics() {
    const { player } = this;
    if (!player) throw new VideoSphereError({ message: 'this <video-sphere> is in no document yet' });
    return player.diagnostics();
  }

  async requestPermissionForMotion() {
    return this.#player ? this.#player.requestPermissionForMotion() : false;
  }

  async isImmersiveSupported() {
    return this.#player ? this.#player.isImmersiveSupported() : false;
  }

  async enterImmersive() {
    return this.#player?.enterImmersive();
  }

  async exitImmersive() {
    return this.#player?.exitImmersive();
  }

  /** `<source>` and `<track>` may come after the element itself. */
  #takeChildren() {
    mirrorTracks(this, this.#video);
    if (!this.#player || this.hasAttribute('src') || this.#source?.child.isConnected) return;
    this.#openSource(playableSources(this, this.#video)[0]);
  }

  /** @param {VideoSphereElement['#source']} source */
  #openSource(source) {
    this.#source = source;
    if (!this.#player) return;
    this.#player.type = source?.type ?? this.getAttribute('type') ?? '';
    if (source) this.#player.src = source.src;
  }

  /** Nothing came of one: the next one, as with a `<video>`. @returns {boolean} whether there is one */
  #openNextSource() {
    const before = this.#source;
    if (!before || this.hasAttribute('src') || this.#video.readyState > 0) return false;
    const sources = playableSources(this, this.#video);
    const next = sources[sources.findIndex(({ child }) => child === before.child) + 1];
    before.child.dispatchEvent(new Event('error'));
    if (next) this.#openSource(next);
    return Boolean(next);
  }

  #start() {
    mirrorTracks(this, this.#video);
    this.#source = this.hasAttribute('src') ? undefined : playableSources(this, this.#video)[0];
    const { src, type } = this.#source ?? { src: this.src, type: this.getAttribute('type') ?? '' };
    const player = (this.#player = new Player({
      container: this.#container,
      video: this.#video,
      crossOrigin: /** @type {PlayerOptions['crossOrigin']} */ (this.crossOrigin ?? 'anonymous'),
      renderer: this.#requestedRenderer(),
      workerUrl: this.#urlOf('worker-url'),
      engineUrl: this.#urlOf('engine-url'),
      transmuxUrl: this.#urlOf('transmux-url'),
      wasmUrls: this.#urlOf('wasm-urls'),
      ...this.#pendingProperties,
      highQualitySrc: this.#urlOf('high-quality-src'),
      src: src || undefined,
      type,
      startSecs: this.#resumeSecs,
    }));
    this.#nameCanvas();
    for (const type of PLAYER_EVENTS) {
      player.addEventListener(type, (event) => {
        const { detail } = /** @type {CustomEvent} */ (event);
        if (type === 'error' && !OF_THE_PICTURE.includes(detail.name) && this.#openNextSource()) return;
        if (type === 'error') this.#overlays.showError(detail);
        if (type === 'rendererchange') this.#nameCanvas();
        if (type === 'gesturehint') this.#showGestureHint(detail.gesture);
        this.dispatchEvent(new CustomEvent(type, { detail }));
      });
    }
  }

  /** @param {string} attribute */
  #urlOf(attribute) {
    return toAbsoluteUrl(this.getAttribute(attribute)) || undefined;
  }

  #stop() {
    const player = this.#player;
    if (!player) return;
    if (player.timeline) this.#resumeSecs = player.isLive ? undefined : this.#video.currentTime;
    this.#player = null;
    this.#video.pause();
    player.destroy();
    // Afterwards: in a headset it was the head that looked.
    const names = /** @type {ViewProperty[]} */ (Object.keys(VIEW_PROPERTIES));
    for (const name of names) Object.assign(this.#pendingProperties, { [name]: player[name] });
  }

  #restart() {
    if (!this.#player) return;
    const { paused, played } = this.#video;
    // A pause stays one, which a new load would forget.
    if (paused && played.length > 0) this.#video.autoplay = false;
    this.#stop();
    this.#start();
    if (!paused) this.play().catch(() => {});
  }

  async #updateControls() {
    const wanted = () => this.#connection && this.hasAttribute('controls');
    if (!wanted()) return this.#removeControls();
    const { Controls } = await import('./controls/controls.js');
    // The attribute may have gone while the bar was on its way.
    if (!wanted() || this.#controls) return;
    this.#controls = new Controls(asContract(this), /** @type {ShadowRoot} */ (this.shadowRoot));
  }

  async #updatePageMedia() {
    const isWanted = () =>
      this.#connection &&
      'mediaSession' in navigator &&
      SESSION_ATTRIBUTES.some((name) => this.hasAttribute(name));
    if (!isWanted()) {
      this.#pageMedia?.destroy();
      this.#pageMedia = null;
      return;
    }
    const { PageMedia } = await import('./media_session.js');
    if (!isWanted()) return;
    const { mediaTitle: title, mediaArtist: artist, mediaArtwork, poster } = asContract(this);
    const words = { title, artist, artwork: mediaArtwork || poster };
    if (this.#pageMedia) this.#pageMedia.words = words;
    else this.#pageMedia = new PageMedia(asContract(this), words);
  }

  /** @param {'wheel' | 'touch'} gesture */
  async #showGestureHint(gesture) {
    const { showGestureHint } = await import('./gesture_hint.js');
    showGestureHint(/** @type {ShadowRoot} */ (this.shadowRoot), gesture);
  }

  #relabel() {
    this.#overlays.relabel();
    this.#nameCanvas();
    this.#removeControls();
    this.#updateControls();
  }

  #nameCanvas() {
    const { canvas } = this.#player ?? {};
    canvas?.setAttribute('aria-label', labels.picture);
    canvas?.setAttribute('lang', labels.lang);
  }

  #removeControls() {
    this.#controls?.destroy();
    this.#controls = null;
  }

  /** @param {ViewProperty} name @param {string | null} value */
  #setFromAttribute(name, value) {
    const { byDefault } = VIEW_PROPERTIES[name];
    const isJson = JSON_PROPERTIES.includes(name);
    try {
      const given = isJson && value ? parseJson(value) : (value ?? byDefault);
      this.#setViewProperty(name, name === 'motion' ? value !== null : given);
    } catch (problem) {
      // An unknown keyword counts as none, as everywhere in HTML, but not silently.
      this.#refuse(name, problem, isJson ? 'error' : 'warn');
      this.#setViewProperty(name, byDefault);
    }
  }

  #requestedRenderer() {
    try {
      return toRenderer(this.getAttribute('renderer') ?? 'auto');
    } catch (problem) {
      this.#refuse('renderer', problem);
      return 'auto';
    }
  }

  /**
   * Something given on the element is not used: said on the console, and as a warning to those who
   * listen by the end of the task.
   * @param {string} name @param {unknown} problem @param {'warn' | 'error'} [level]
   */
  #refuse(name, problem, level = 'warn') {
    const message = `<video-sphere ${name}=…>: ${/** @type {Error} */ (problem).message}`;
    console[level](message);
    const detail = new VideoSphereError({
      name: 'invalid-option',
      severity: 'warning',
      message,
      context: { name },
    });
    queueMicrotask(() => this.dispatchEvent(new CustomEvent('warning', { detail })));
  }

  /** What a framework set on the element before this module came; what is refused is left out. */
  #takeEarlyProperties() {
    for (const [name, value] of Object.entries(this)) {
      if (!(name in VideoSphereElement.prototype)) continue;
      Reflect.deleteProperty(this, name);
      try {
        Object.assign(this, { [name]: value });
      } catch (problem) {
        this.#refuse(name, problem);
      }
    }
  }

  /** @param {ViewProperty} name @param {unknown} value */
  #setViewProperty(name, value) {
    const checked = VIEW_PROPERTIES[name].check(value);
    Object.assign(this.#player ?? this.#pendingProperties, { [name]: checked });
    if (name === 'quality') this.#renditions?.qualityWasSet(checked);
  }

  static {
    /** @param {string} name @param {PropertyDescriptor & ThisType<VideoSphereElement>} accessors */
    const define = (name, accessors) =>
      Object.defineProperty(VideoSphereElement.prototype, name, {
        configurable: true,
        enumerable: true,
        ...accessors,
      });

    const names = /** @type {ViewProperty[]} */ (Object.keys(VIEW_PROPERTIES));
    for (const name of names) {
      const { check, byDefault } = VIEW_PROPERTIES[name];
      define(name, {
        get() {
          return this.#player ? this.#player[name] : (this.#pendingProperties[name] ?? check(byDefault));
        },
        set(value) {
          this.#setViewProperty(name, value);
        },
      });
    }
    const states = /** @type {(keyof typeof PLAYER_STATE)[]} */ (Object.keys(PLAYER_STATE));
    for (const name of states) {
      define(name, {
        get() {
          return (this.#player ?? PLAYER_STATE)[name];
        },
      });
    }
    for (const [name, attribute] of Object.entries(BOOLEAN_ATTRIBUTES)) {
      define(name, {
        get() {
          return this.hasAttribute(attribute);
        },
        set(value) {
          this.toggleAttribute(attribute, Boolean(value));
        },
      });
    }
    for (const [name, attribute] of Object.entries(STRING_ATTRIBUTES)) {
      define(name, {
        get() {
          return this.getAttribute(attribute) ?? '';
        },
        set(text) {
          this.setAttribute(attribute, text);
        },
      });
    }
    for (const [name, attribute] of Object.entries(URL_ATTRIBUTES)) {
      define(name, {
        get() {
          return toAbsoluteUrl(this.getAttribute(attribute));
        },
        set(url) {
          this.setAttribute(attribute, url);
        },
      });
    }
    for (const name of NUMBER_ATTRIBUTES) {
      define(name, {
        get() {
          return toSize(this.getAttribute(name) ?? '');
        },
        set(px) {
          this.setAttribute(name, String(toSize(px)));
        },
      });
    }
  }
}

/** @param {string} name @returns {name is ViewProperty} */
const isViewProperty = (name) => name in VIEW_PROPERTIES;

/** With what is defined from tables. @param {unknown} element */
const asContract = (element) => /** @type {Contract} */ (element);

/** As HTML reflects an unsigned long: what is negative is none. @param {unknown} value */
const toSize = (value) => Math.max(0, Number.parseInt(String(value), 10) || 0);

/** @param {string} text */
function parseJson(text) {
  try {
    return JSON.parse(text);
  } catch (problem) {
    throw new TypeError(`videosphere: this is no JSON: ${/** @type {Error} */ (problem).message}.`);
  }
}

if (globalThis.customElements && !customElements.get('video-sphere')) {
  forwardMediaMembers(VideoSphereElement.prototype, (element) => element.video);
  customElements.define('video-sphere', VideoSphereElement);
}
