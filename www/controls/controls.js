// @ts-check
/**
 * The control bar of `<video-sphere controls>`.
 *
 * In: the element, of which it uses only what any page could. Out: a bar in the element's shadow
 * tree that keyboards, fingers, screen readers and high-contrast modes can all use. It keeps no
 * state of its own: what it shows is read from the element at each event.
 */
import { h } from '../html.js';
import { labels } from '../labels.js';
import { isFullscreen, toggleFullscreen } from './fullscreen.js';
import { icon } from './icons.js';
import { listenToKeys, togglePlay } from './keyboard.js';
import { Menu } from './menu.js';
import { qualityItems } from './quality_items.js';
import { SeekBar, seekRange } from './seek_bar.js';
import { controlsStyle } from './style.js';
import { clock } from './time_words.js';

/** The bar leaves the picture alone after this long without a sign of the viewer. */
const IDLE_MILLIS = 3000;
/** A press that moves less than this was no look around but a click. */
const CLICK_RADIUS_PX = 6;
const TOAST_MILLIS = 6000;

export class Controls {
  #media;
  #root;
  #abort = new AbortController();
  #idleTimer = 0;
  #toastTimer = 0;
  /** @type {any} */ help;
  /** @type {any} */ headset;
  /** @type {any} */ quality;

  /** @param {any} media the `<video-sphere>` @param {ShadowRoot} root */
  constructor(media, root) {
    this.#media = media;
    this.#root = root;
    const { signal } = this.#abort;
    root.adoptedStyleSheets = [...new Set([...root.adoptedStyleSheets, controlsStyle()])];
    this.#build(signal);
    this.#listen(signal);
    this.#update();
    this.#findHeadset();
  }

  destroy() {
    this.#abort.abort();
    clearTimeout(this.#idleTimer);
    clearTimeout(this.#toastTimer);
    this.frame.remove();
  }

  /** @param {AbortSignal} signal */
  #build(signal) {
    const media = this.#media;
    this.seek = new SeekBar(media, signal);
    this.playButton = button('play', labels.play, () => togglePlay(media));
    this.bigPlay = button('play', labels.play, () => togglePlay(media), 'big-play');
    this.muteButton = button('volume', labels.mute, () => (media.muted = !media.muted));
    this.volume = h('input', {
      type: 'range', class: 'volume', min: 0, max: 1, step: 0.05, 'aria-label': labels.volume,
    });
    this.volume.addEventListener('input', () => {
      media.volume = Number(this.volume.value);
      media.muted = media.volume === 0;
    });
    this.time = h('span', { class: 'time' });
    this.live = h('button', { type: 'button', class: 'live' }, labels.live);
    this.live.addEventListener('click', () => {
      media.goLive();
      if (media.paused) media.play().catch(() => {});
    });
    this.recenter = button('recenter', labels.recenter, () => media.recenter(), 'wide-only');
    this.motion = button('motion', labels.motionOn, () => this.#toggleMotion());
    this.motion.hidden = !('DeviceOrientationEvent' in window && matchMedia('(pointer: coarse)').matches);
    this.quality = new Menu({
      button: button('quality', labels.quality, () => {}),
      label: labels.quality,
      root: this.#root,
      items: () => qualityItems(media),
    }, signal);
    this.helpButton = button('help', labels.help, () => this.#toggleHelp(), 'wide-only pointer-only');
    this.headset = button('headset', labels.enterImmersive, () => this.#toggleImmersive());
    this.headset.hidden = true;
    this.fullscreen = button('fullscreen', labels.enterFullscreen, () => toggleFullscreen(media));
    this.toast = h('p', { class: 'toast', role: 'status', hidden: true });
    this.help = this.#buildHelp();
    this.bar = h('div', { class: 'bar', part: 'bar' },
      this.seek.element,
      h('div', { class: 'buttons' },
        this.playButton, this.muteButton, this.volume, this.live, this.time,
        h('span', { class: 'space' }),
        this.recenter, this.motion, this.quality.element, this.helpButton, this.headset,
        this.fullscreen));
    this.frame = h('div', { class: 'controls', part: 'controls', role: 'group', 'aria-label': labels.player },
      this.bigPlay, this.toast, this.help, this.bar);
    this.#root.append(this.frame);
  }

  #buildHelp() {
    const rows = labels.keys.map(([keys, does]) =>
      h('div', {}, h('dt', {}, keys), h('dd', {}, does)));
    const close = button('close', labels.close, () => this.#toggleHelp(), 'help-close');
    return h('div', { class: 'help', role: 'dialog', 'aria-label': labels.help, hidden: true },
      close, h('p', { class: 'help-title' }, labels.help), h('dl', {}, ...rows));
  }

  /** @param {AbortSignal} signal */
  #listen(signal) {
    const media = this.#media;
    for (const type of [
      'play', 'pause', 'playing', 'ended', 'volumechange', 'timeupdate', 'durationchange', 'emptied',
      'timelinechange', 'immersivestart', 'immersiveend', 'error', 'loadedmetadata', 'variants',
    ]) {
      media.addEventListener(type, () => this.#update(), { signal });
    }
    document.addEventListener('fullscreenchange', () => this.#update(), { signal });
    const filling = new MutationObserver(() => this.#update());
    filling.observe(media, { attributeFilter: ['data-fills-page'] });
    signal.addEventListener('abort', () => filling.disconnect(), { once: true });

    listenToKeys(this.#root, {
      media,
      wake: () => this.#wake(),
      toggleFullscreen: () => toggleFullscreen(media),
      toggleHelp: () => this.#toggleHelp(),
      closeAll: () => this.#closeAll(),
    }, signal);
    this.#listenToPresses(signal);
    media.addEventListener('pointermove', () => this.#wake(), { signal });
    media.addEventListener('pointerleave', () => this.#sleep(), { signal });
    media.addEventListener('focusin', () => this.#wake(), { signal });
    media.addEventListener('play', () => this.#wake(), { signal });
    /** @type {any} */ (navigator).xr?.addEventListener?.('devicechange', () => this.#findHeadset(), { signal });
  }

  /**
   * A click on the picture plays and pauses, a tap shows and hides the bar, a double click fills
   * the screen; a drag does none of it. @param {AbortSignal} signal
   */
  #listenToPresses(signal) {
    const stage = /** @type {HTMLElement} */ (this.#root.querySelector('.stage'));
    /** @type {{x: number, y: number, wasAwake: boolean} | null} */
    let press = null;
    stage.addEventListener('pointerdown', (event) => {
      press = event.isPrimary && event.button === 0
        ? { x: event.clientX, y: event.clientY, wasAwake: !this.frame.classList.contains('idle') }
        : null;
    }, { signal });
    stage.addEventListener('pointerup', (event) => {
      if (!press || !event.isPrimary) return;
      const isClick = Math.hypot(event.clientX - press.x, event.clientY - press.y) < CLICK_RADIUS_PX;
      if (isClick && event.pointerType === 'mouse') togglePlay(this.#media);
      else if (isClick && press.wasAwake) this.#sleep();
      else this.#wake();
      press = null;
    }, { signal });
    stage.addEventListener('dblclick', () => toggleFullscreen(this.#media), { signal });
  }

  #update() {
    const media = this.#media;
    const isPaused = media.paused || media.ended;
    face(this.playButton, isPaused ? 'play' : 'pause', isPaused ? labels.play : labels.pause);
    this.bigPlay.hidden = !(isPaused && media.currentSrc && !media.error && media.played.length === 0);
    const isSilent = media.muted || media.volume === 0;
    face(this.muteButton, isSilent ? 'muted' : 'volume', isSilent ? labels.unmute : labels.mute);
    this.volume.value = String(media.muted ? 0 : media.volume);
    this.volume.style.setProperty('--played', `${Number(this.volume.value) * 100}%`);
    const isFull = isFullscreen(media);
    face(this.fullscreen, isFull ? 'unfullscreen' : 'fullscreen',
      isFull ? labels.exitFullscreen : labels.enterFullscreen);
    face(this.motion, 'motion', media.motion ? labels.motionOff : labels.motionOn);
    this.motion.setAttribute('aria-pressed', String(media.motion));
    face(this.headset, 'headset', media.isImmersive ? labels.exitImmersive : labels.enterImmersive);
    this.#updateTime();
    // The failure stands over the whole element and has a button of its own.
    this.frame.hidden = Boolean(media.error);
    if (isPaused) this.#wake();
  }

  #updateTime() {
    const media = this.#media;
    const { start, end } = seekRange(media);
    this.live.hidden = !media.isLive;
    this.live.classList.toggle('at-edge', media.isAtLiveEdge);
    this.live.setAttribute('aria-label', media.isAtLiveEdge ? labels.atLiveEdge : labels.goLive);
    const behind = end - media.currentTime;
    if (!media.isLive) this.time.textContent = `${clock(media.currentTime - start)} / ${clock(end - start)}`;
    else this.time.textContent = media.isAtLiveEdge ? '' : `−${clock(behind)}`;
  }

  async #toggleMotion() {
    const media = this.#media;
    if (media.motion) media.motion = false;
    else if (await media.requestPermissionForMotion()) media.motion = true;
    else this.#say(labels.motionDenied);
    this.#update();
  }

  #toggleImmersive() {
    const media = this.#media;
    // Called in the click itself: the browser wants to see the gesture.
    const done = media.isImmersive ? media.exitImmersive() : media.enterImmersive();
    done.catch((/** @type {Error} */ reason) => this.#say(`${labels.immersiveFailed}: ${reason.message}`));
  }

  async #findHeadset() {
    const isSupported = await this.#media.isImmersiveSupported().catch(() => false);
    this.headset.hidden = !isSupported;
  }

  #toggleHelp() {
    const { help } = this;
    help.hidden = !help.hidden;
    if (help.hidden) this.helpButton.focus();
    else help.querySelector('button').focus();
    this.#wake();
  }

  /** @returns {boolean} whether anything was open */
  #closeAll() {
    const wasOpen = this.quality.isOpen || !this.help.hidden;
    this.quality.close();
    if (!this.help.hidden) this.#toggleHelp();
    const fillsPage = this.#media.hasAttribute('data-fills-page');
    if (!wasOpen && fillsPage) this.#media.removeAttribute('data-fills-page');
    return wasOpen || fillsPage;
  }

  /** @param {string} text */
  #say(text) {
    clearTimeout(this.#toastTimer);
    this.toast.textContent = text;
    this.toast.hidden = false;
    this.#toastTimer = window.setTimeout(() => (this.toast.hidden = true), TOAST_MILLIS);
  }

  #wake() {
    clearTimeout(this.#idleTimer);
    this.frame.classList.remove('idle');
    this.#idleTimer = window.setTimeout(() => this.#sleep(), IDLE_MILLIS);
  }

  #sleep() {
    const media = this.#media;
    const isBusy = media.paused || media.ended || this.quality.isOpen || !this.help.hidden;
    this.frame.classList.toggle('idle', !isBusy);
  }
}

/**
 * @param {Parameters<typeof icon>[0]} name
 * @param {string} label
 * @param {() => void} press
 * @param {string} [className]
 */
function button(name, label, press, className = '') {
  const made = h('button', { type: 'button', class: `button ${className}`.trim() });
  face(made, name, label);
  made.addEventListener('click', press);
  return made;
}

/**
 * Picture and name of a button, changed only when they differ: a screen reader speaks each change.
 * @param {HTMLElement} made
 * @param {Parameters<typeof icon>[0]} name
 * @param {string} label
 */
function face(made, name, label) {
  if (made.dataset.icon === name && made.getAttribute('aria-label') === label) return;
  made.dataset.icon = name;
  made.setAttribute('aria-label', label);
  made.title = label;
  made.replaceChildren(icon(name));
}
