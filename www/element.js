// @ts-check
/**
 * `<video-sphere>`: a `<video>` from outside, a sphere from inside.
 *
 * In: the attributes and properties of a `<video>` and ours (`element.d.ts`). Out: the members and
 * events of HTMLMediaElement, so that control skins made for `<video>` work, and with `controls`
 * our own bar. The player is made when the element enters a document and freed when it leaves.
 * Importing defines the element; where there is no browser it does nothing.
 */
import { audioTracksOf } from './audio_tracks.js';
import { propertyOf, requestedRenderer, takeEarlyProperties, readAttribute } from './attribute_values.js';
import { ElementExtras } from './element_extras.js';
import { VideoSphereError } from './errors.js';
import { Player } from './index.js';
import { labels, labelsChange } from './labels.js';
import { forwardMediaEvents, forwardMediaMembers } from './media_members.js';
import { StreamKind, VideoRenditions } from './media_ui.js';
import { define, handOn, handOnCalls } from './members.js';
import { makeOverlays } from './overlays.js';
import { NO_PLAYER, PLAYER_EVENTS } from './player_face.js';
import { PROPERTIES } from './properties.js';
import { copyAttribute, OBSERVED_ATTRIBUTES, reflectAttributes } from './reflection.js';
import { SourceChildren } from './source_children.js';
import { makeVideo } from './surface.js';
import { canPlayType, toAbsoluteUrl, toRenderer } from './values.js';

export { Player, VideoSphereError, labels };

/**
 * @import { VideoSphereElement as Contract } from './element.d.ts'
 * @import { MediaMembers, PlayerOptions } from './index.js'
 * @import { Property } from './properties.js'
 * @import { Reflected } from './reflection.js'
 */

/** Failures that another source would not mend. */
const OF_THE_PICTURE = ['renderer-unavailable', 'context-lost', 'internal'];
/** @type {readonly (keyof StreamKind)[]} */
const STREAM_KIND = ['liveEdgeStart', 'streamType', 'targetLiveWindow'];
const PROPERTY_NAMES = /** @type {Property[]} */ (Object.keys(PROPERTIES));
const HTMLElementOrNothing = globalThis.HTMLElement ?? class {};

/**
 * What is defined by tables, or comes with HTMLElement or the media element.
 * @typedef {Property | Reflected | keyof typeof NO_PLAYER
 *   | Exclude<keyof MediaMembers, 'canPlayType' | 'crossOrigin' | 'currentTime' | 'load' | 'networkState' | 'pause' | 'play'>
 *   | keyof StreamKind | keyof HTMLElement} DefinedElsewhere
 */

/** @implements {Omit<Contract, DefinedElsewhere>} */
export class VideoSphereElement extends HTMLElementOrNothing {
  static observedAttributes = OBSERVED_ATTRIBUTES;

  #video = makeVideo();
  #container = document.createElement('div');
  #overlays;
  #extras;
  #streamKind = new StreamKind(asContract(this));
  /** @type {VideoRenditions | undefined} made for the skin that asks */
  #renditions;
  /** @type {Player | null} */
  #player = null;
  /** @type {AbortController | null} */
  #connection = null;
  /** The view properties while there is no player. @type {Pick<PlayerOptions, Property>} */
  #pendingProperties = {};
  #resumeSecs = /** @type {number | undefined} */ (undefined);
  /** Somebody listens to the stream's metadata, which are not read otherwise. */
  #wantsMetadata = false;
  #sources = new SourceChildren(this, this.#video);

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open', delegatesFocus: false });
    this.#container.setAttribute('part', 'stage');
    this.#container.className = 'stage';
    this.#container.append(this.#video);
    this.#overlays = makeOverlays(root, asContract(this));
    this.#extras = new ElementExtras(asContract(this), root);
    const slot = document.createElement('slot');
    slot.addEventListener('slotchange', () => this.#takeChildren());
    root.append(this.#container, ...this.#overlays.elements, slot);
    forwardMediaEvents(this.#video, this, new AbortController().signal);
    // Not here: attributes set during an upgrade cause no callback.
    queueMicrotask(() => takeEarlyProperties(this));
  }

  connectedCallback() {
    // Moving an element disconnects and connects it in one go: keep the player.
    if (this.#connection) return;
    this.#connection = new AbortController();
    labelsChange.addEventListener('change', () => this.#relabel(), { signal: this.#connection.signal });
    takeEarlyProperties(this);
    this.#start();
    this.#extras.place(true);
  }

  disconnectedCallback() {
    queueMicrotask(() => {
      if (this.isConnected || !this.#connection) return;
      this.#connection.abort();
      this.#connection = null;
      this.#extras.place(false);
      this.#stop();
    });
  }

  /** In another document (a frame, Document Picture-in-Picture) the player plays on. */
  adoptedCallback() {
    this.#overlays.adoptStyles();
    this.#extras.renewControls();
  }

  /** @param {string} name @param {string | null} old @param {string | null} value */
  attributeChangedCallback(name, old, value) {
    if (old === value) return;
    const property = propertyOf(name);
    if (property) return this.#setProperty(property, readAttribute(this, property, value));
    switch (name) {
      case 'src':
      case 'high-quality-src':
        this.#resumeSecs = undefined;
        this.#overlays.reset(name === 'src');
        // Another stream may start by itself again.
        this.#video.autoplay = this.hasAttribute('autoplay');
        if (name === 'src' && this.#sources.current) this.#openSource(undefined);
        if (this.#player) this.#player[name === 'src' ? 'src' : 'highQualitySrc'] = value ?? '';
        break;
      case 'type':
        if (this.#player && !this.#sources.current) this.#player.type = value ?? '';
        break;
      case 'muted':
        // As in HTML: how the element starts, not a switch for later.
        if (!this.#connection) this.#video.muted = value !== null;
        break;
      case 'autoplay':
      case 'loop':
        this.#video[name] = value !== null;
        break;
      case 'controlslist':
      case 'preload':
        copyAttribute(this.#video, name, value);
        break;
      case 'poster':
        this.#overlays.setPoster(value);
        this.#extras.updatePageMedia();
        break;
      case 'media-title':
      case 'media-artist':
      case 'media-artwork':
        this.#extras.updatePageMedia();
        break;
      case 'width':
      case 'height':
        this.#overlays.setSize(name, value);
        break;
      case 'controls':
        this.#extras.updateControls();
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
    copyAttribute(this, 'crossorigin', value);
  }

  get audioTracks() {
    return /** @type {Contract["audioTracks"]} */ (/** @type {unknown} */ (audioTracksOf(this.#video)));
  }

  // —— for control skins ——

  get videoRenditions() {
    this.#renditions ??= new VideoRenditions(asContract(this));
    return /** @type {Contract["videoRenditions"]} */ (/** @type {unknown} */ (this.#renditions));
  }

  /** @param {string} type */
  canPlayType(type) {
    return canPlayType(type, this.#video);
  }

  get networkState() {
    return (this.#player ?? this.#video).networkState;
  }

  load() {
    this.#overlays.reset(true);
    if (this.#sources.current) this.#openSource(this.#sources.begin());
    this.#player?.load();
  }

  play() {
    return this.#player ? this.#player.play() : this.#video.play();
  }

  pause() {
    return this.#player ? this.#player.pause() : this.#video.pause();
  }

  /** `<source>` and `<track>` may come after the element itself. */
  #takeChildren() {
    if (this.#sources.isOther && this.#player) this.#openSource(this.#sources.begin());
  }

  /** @param {SourceChildren['current']} source */
  #openSource(source) {
    this.#sources.current = source;
    if (!this.#player) return;
    this.#player.type = source?.type ?? this.getAttribute('type') ?? '';
    if (source) this.#player.src = source.src;
  }

  /** @returns {boolean} whether there is one */
  #openNextSource() {
    const next = this.#sources.next();
    if (next) this.#openSource(next);
    return Boolean(next);
  }

  #start() {
    const { src, type } = this.#sources.begin() ?? { src: this.src, type: this.getAttribute('type') ?? '' };
    const player = (this.#player = new Player({
      container: this.#container,
      video: this.#video,
      crossOrigin: /** @type {PlayerOptions['crossOrigin']} */ (this.crossOrigin ?? 'anonymous'),
      renderer: requestedRenderer(this),
      workerUrl: this.#urlOf('worker-url'),
      engineUrl: this.#urlOf('engine-url'),
      transmuxUrl: this.#urlOf('transmux-url'),
      tracksUrl: this.#urlOf('tracks-url'),
      wasmUrls: this.#urlOf('wasm-urls'),
      ...this.#pendingProperties,
      highQualitySrc: this.#urlOf('high-quality-src'),
      src: src || undefined,
      type,
      startSecs: this.#resumeSecs,
    }));
    this.#nameCanvas();
    if (this.#wantsMetadata) this.#forwardMetadata();
    for (const type of PLAYER_EVENTS) {
      player.addEventListener(type, (event) => {
        const { detail } = /** @type {CustomEvent} */ (event);
        if (type === 'error' && !OF_THE_PICTURE.includes(detail.name) && this.#openNextSource()) return;
        if (type === 'error') this.#overlays.showError(detail);
        if (type === 'rendererchange') this.#nameCanvas();
        if (type === 'gesturehint') this.#extras.showGestureHint(detail.gesture);
        this.dispatchEvent(new CustomEvent(type, { detail }));
      });
    }
  }

  /**
   * @param {string} type @param {EventListenerOrEventListenerObject | null} listener
   * @param {boolean | AddEventListenerOptions} [options]
   */
  addEventListener(type, listener, options) {
    super.addEventListener(type, listener, options);
    if (type !== 'metadata' || this.#wantsMetadata) return;
    this.#wantsMetadata = true;
    this.#forwardMetadata();
  }

  #forwardMetadata() {
    this.#player?.addEventListener('metadata', ({ detail }) =>
      this.dispatchEvent(new CustomEvent('metadata', { detail })),
    );
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
    for (const name of PROPERTY_NAMES) Object.assign(this.#pendingProperties, { [name]: player[name] });
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

  #relabel() {
    this.#overlays.relabel();
    this.#nameCanvas();
    this.#extras.renewControls();
  }

  #nameCanvas() {
    const { canvas } = this.#player ?? {};
    canvas?.setAttribute('aria-label', labels.picture);
    canvas?.setAttribute('lang', labels.lang);
  }

  /** @param {Property} name @param {unknown} value */
  #setProperty(name, value) {
    const checked = PROPERTIES[name].check(value);
    Object.assign(this.#player ?? this.#pendingProperties, { [name]: checked });
    if (name === 'quality') this.#renditions?.qualityWasSet(checked);
  }

  static {
    const { prototype } = VideoSphereElement;
    reflectAttributes(prototype);
    const kinds = Object.entries(Object.getOwnPropertyDescriptors(NO_PLAYER));
    const isCall = (/** @type {PropertyDescriptor} */ { value }) => typeof value === 'function';
    for (const [name, member] of kinds) {
      const hand = isCall(member) ? handOnCalls : handOn;
      hand(prototype, [name], (element) => element.#player ?? NO_PLAYER);
    }
    handOn(prototype, STREAM_KIND, (element) => element.#streamKind);
    for (const name of PROPERTY_NAMES) {
      const { check, byDefault, shown = (value) => value } = PROPERTIES[name];
      define(prototype, name, {
        get() {
          if (this.#player) return this.#player[name];
          return shown(this.#pendingProperties[name] ?? check(byDefault));
        },
        set(value) {
          this.#setProperty(name, value);
        },
      });
    }
  }
}

/** With what is defined from tables. @param {unknown} element */
const asContract = (element) => /** @type {Contract} */ (element);

if (globalThis.customElements && !customElements.get('video-sphere')) {
  forwardMediaMembers(VideoSphereElement.prototype, (element) => element.video);
  customElements.define('video-sphere', VideoSphereElement);
}
