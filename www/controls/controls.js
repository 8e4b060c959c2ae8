// @ts-check
/**
 * The control bar of `<video-sphere controls>`.
 *
 * In: the element, of which it uses only what any page could. Out: a bar in the element's shadow
 * tree that keyboards, fingers, screen readers and high-contrast modes can all use. It keeps no
 * state of its own: what it shows is read from the element at each event.
 */
import { xrSystem } from '../compat/display.js';
import { h } from '../html.js';
import { labels } from '../labels.js';
import { adoptSheet } from '../sheets.js';
import { audioItems } from './audio_items.js';
import { button, face } from './button.js';
import { isFullscreen, toggleFullscreen } from './fullscreen.js';
import { listenToKeys, togglePlay } from './keyboard.js';
import { Menu } from './menu.js';
import { pictureInPictureButton } from './picture_in_picture_button.js';
import { listenToPresses } from './presses.js';
import { qualityItems } from './quality_items.js';
import { SeekBar, seekRange } from './seek_bar.js';
import { slowLinkNote } from './slow_link.js';
import { controlsStyle } from './style.js';
import { clock } from './time_words.js';

/** @import { VideoSphereElement } from '../element.d.ts' */

/** The bar leaves the picture alone after this long without a sign of the viewer. */
const IDLE_MILLIS = 3000;
const TOAST_MILLIS = 6000;

export class Controls {
  #media;
  #root;
  #abort = new AbortController();
  #idleTimer = 0;
  #toastTimer = 0;
  /** Once there is text to choose. @type {import('./captions_menu.js').CaptionsMenu | undefined} */
  #captions;
  /** The mouse rests on the bar. (`:hover` stays where a finger was last.) */
  #isHovered = false;
  /** A key brought the focus to the bar, which then stays in sight. (`:focus-visible` is also what
   * a mouse has left and a key was pressed on.) */
  #isKeyFocused = false;

  playButton = button('play', labels.play, () => togglePlay(this.#media));
  bigPlay = button('play', labels.play, () => togglePlay(this.#media), 'big-play');
  muteButton = button('volume', labels.mute, () => (this.#media.muted = !this.#media.muted));
  volume = h('input', {
    type: 'range',
    class: 'volume',
    min: 0,
    max: 1,
    step: 0.05,
    'aria-label': labels.volume,
  });
  time = h('span', { class: 'time' });
  live = h('button', { type: 'button', class: 'live' }, labels.live);
  recenter = button('recenter', labels.recenter, () => this.#media.recenter(), 'wide-only');
  motion = button('motion', labels.motionOn, () => this.#toggleMotion());
  helpButton = button('help', labels.help, () => this.#toggleHelp(), 'wide-only pointer-only');
  headset = button('headset', labels.enterImmersive, () => this.#toggleImmersive());
  fullscreen = button('fullscreen', labels.enterFullscreen, () => toggleFullscreen(this.#media));
  toast = h('p', { class: 'toast', role: 'status', hidden: true });
  help = this.#buildHelp();
  bar = h('div', { class: 'bar', part: 'bar' });
  frame = h('div', {
    class: 'controls',
    part: 'controls',
    role: 'group',
    lang: labels.lang,
    'aria-label': labels.player,
  });

  /** @param {VideoSphereElement} media @param {ShadowRoot} root its shadow tree */
  constructor(media, root) {
    this.#media = media;
    this.#root = root;
    const { signal } = this.#abort;
    adoptSheet(root, controlsStyle);
    this.seek = new SeekBar(media, signal);
    this.quality = new Menu(
      {
        button: button('quality', labels.quality, () => {}),
        label: labels.quality,
        root,
        items: () => qualityItems(media),
      },
      signal,
    );
    this.audio = new Menu(
      {
        button: button('audio', labels.audio, () => {}),
        label: labels.audio,
        root,
        items: () => audioItems(media),
      },
      signal,
    );
    this.pictureInPicture = pictureInPictureButton(media, (sentence) => this.#say(sentence), signal);
    this.slowLink = slowLinkNote(media, () => this.quality.button.focus(), signal);
    this.#layOut();
    this.#listen(signal);
    this.#findCaptions(signal);
    this.#update();
    // Whatever was played before the bar was there.
    this.#wake();
    this.#findHeadset();
  }

  destroy() {
    this.#abort.abort();
    clearTimeout(this.#idleTimer);
    clearTimeout(this.#toastTimer);
    this.frame.remove();
  }

  #layOut() {
    const media = this.#media;
    this.volume.addEventListener('input', () => {
      media.volume = Number(this.volume.value);
      media.muted = media.volume === 0;
    });
    this.live.addEventListener('click', () => {
      media.goLive();
      if (media.paused) media.play().catch(() => {});
    });
    this.motion.hidden = !(
      'DeviceOrientationEvent' in window && globalThis.matchMedia?.('(pointer: coarse)').matches
    );
    this.headset.hidden = true;
    this.bar.append(
      this.seek.element,
      h(
        'div',
        { class: 'buttons' },
        this.playButton,
        this.muteButton,
        this.volume,
        this.live,
        this.time,
        h('span', { class: 'space' }),
        this.recenter,
        this.motion,
        this.audio.element,
        this.quality.element,
        this.helpButton,
        this.pictureInPicture,
        this.headset,
        this.fullscreen,
      ),
    );
    this.frame.append(this.bigPlay, this.slowLink, this.toast, this.help, this.bar);
    this.#root.append(this.frame);
  }

  #buildHelp() {
    const rows = labels.keys.map(([keys, does]) => h('div', {}, h('dt', {}, keys), h('dd', {}, does)));
    const close = button('close', labels.close, () => this.#toggleHelp(), 'help-close');
    return h(
      'div',
      { class: 'help', role: 'dialog', dir: 'auto', 'aria-label': labels.help, hidden: true },
      close,
      h('p', { class: 'help-title' }, labels.help),
      h('dl', {}, ...rows),
    );
  }

  /** @param {AbortSignal} signal */
  #listen(signal) {
    const media = this.#media;
    for (const type of [
      'play',
      'pause',
      'playing',
      'ended',
      'seeking',
      'volumechange',
      'timeupdate',
      'durationchange',
      'emptied',
      'timelinechange',
      'immersivestart',
      'immersiveend',
      'error',
      'loadedmetadata',
      'variants',
      'fullscreenchange',
    ]) {
      media.addEventListener(type, () => this.#update(), { signal });
    }
    for (const type of ['addtrack', 'removetrack']) {
      media.audioTracks.addEventListener(type, () => this.#update(), { signal });
    }
    const filling = new MutationObserver(() => this.#update());
    filling.observe(media, { attributeFilter: ['data-fills-page'] });
    signal.addEventListener('abort', () => filling.disconnect(), { once: true });

    listenToKeys(
      this.#root,
      {
        media,
        wake: () => this.#wake(),
        toggleFullscreen: () => toggleFullscreen(media),
        toggleHelp: () => this.#toggleHelp(),
        toggleCaptions: () => this.#captions?.toggle(),
        closeAll: () => this.#closeAll(),
      },
      signal,
    );
    listenToPresses(
      /** @type {HTMLElement} */ (this.#root.querySelector('.stage')),
      {
        media,
        isAwake: () => !this.frame.classList.contains('idle'),
        wake: () => this.#wake(),
        sleep: () => this.#sleep(),
        closeOpen: () => this.#closeOpen(),
        toggleFullscreen: () => toggleFullscreen(media),
      },
      signal,
    );
    // A mouse is there also when it presses nothing. A finger and a pen come with `pointerenter`
    // and leave with each press: they look around, and tap for the bar.
    media.addEventListener(
      'pointermove',
      (/** @type {PointerEvent} */ event) => {
        const isMouse = event.pointerType === 'mouse';
        // Not `pointerenter`, which Chromium also gives to a mouse that it thinks is where a pen was,
        // nor the bar's `pointerleave`, which WebKit leaves out for a mouse that jumps.
        this.#isHovered = isMouse && event.composedPath().includes(this.bar);
        if (isMouse) this.#wake();
      },
      { signal },
    );
    media.addEventListener(
      'pointerleave',
      (/** @type {PointerEvent} */ event) => {
        this.#isHovered = false;
        if (event.pointerType === 'mouse') this.#sleep();
      },
      { signal },
    );
    for (const type of ['focusin', 'play']) {
      media.addEventListener(type, () => this.#wake(), { signal });
    }
    this.#listenToBar();
    xrSystem()?.addEventListener?.('devicechange', () => this.#findHeadset(), { signal });
  }

  #listenToBar() {
    const { bar } = this;
    bar.addEventListener('focusin', (/** @type {FocusEvent} */ event) => {
      this.#isKeyFocused = /** @type {Element} */ (event.target).matches(':focus-visible');
    });
    bar.addEventListener('focusout', () => (this.#isKeyFocused = false));
    for (const type of ['pointerdown', 'pointerup', 'input', 'change', 'focusout']) {
      bar.addEventListener(type, () => this.#wake());
    }
    bar.addEventListener('input', () => this.#updateTime());
  }

  #update() {
    const media = this.#media;
    const isPaused = media.paused || media.ended;
    const start = media.ended ? 'replay' : 'play';
    face(this.playButton, isPaused ? start : 'pause', labels[isPaused ? start : 'pause']);
    face(this.bigPlay, start, labels[start]);
    this.bigPlay.hidden = !(
      isPaused &&
      (media.currentSrc || media.srcObject) &&
      !media.error &&
      (media.ended || media.played.length === 0)
    );
    const isSilent = media.muted || media.volume === 0;
    face(this.muteButton, isSilent ? 'muted' : 'volume', isSilent ? labels.unmute : labels.mute);
    this.volume.value = String(media.muted ? 0 : media.volume);
    this.volume.style.setProperty('--played', `${Number(this.volume.value) * 100}%`);
    const isFull = isFullscreen(media);
    this.fullscreen.hidden = /\bnofullscreen\b/i.test(media.getAttribute('controlslist') ?? '');
    face(
      this.fullscreen,
      isFull ? 'unfullscreen' : 'fullscreen',
      isFull ? labels.exitFullscreen : labels.enterFullscreen,
    );
    face(this.motion, 'motion', media.motion ? labels.motionOff : labels.motionOn);
    this.motion.setAttribute('aria-pressed', String(media.motion));
    face(this.headset, 'headset', media.isImmersive ? labels.exitImmersive : labels.enterImmersive);
    this.audio.element.hidden = media.audioTracks.length < 2;
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
    const { timeSecs, isDragging } = this.seek;
    if (!media.isLive) this.time.textContent = `${clock(timeSecs - start)} / ${clock(end - start)}`;
    else this.time.textContent = media.isAtLiveEdge && !isDragging ? '' : `−${clock(end - timeSecs)}`;
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

  /** The menu comes with the first track that it could list. @param {AbortSignal} signal */
  #findCaptions(signal) {
    const tracks = this.#media.textTracks;
    // Where there is no browser.
    if (!tracks?.addEventListener) return;
    const look = async () => {
      if (![...tracks].some(({ kind }) => kind === 'subtitles' || kind === 'captions')) {
        this.#captions?.hide();
        return;
      }
      const { CaptionsMenu } = await import('./captions_menu.js');
      if (signal.aborted) return;
      this.#captions ??= new CaptionsMenu(this.#media, this.#root, this.quality.element, signal);
      this.#captions.update();
    };
    for (const type of ['addtrack', 'removetrack', 'change']) tracks.addEventListener(type, look, { signal });
    look();
  }

  #toggleHelp() {
    const { help } = this;
    help.hidden = !help.hidden;
    if (help.hidden) this.helpButton.focus();
    else help.querySelector('button')?.focus();
    this.#wake();
  }

  get #isOpen() {
    return (
      this.quality.isOpen || this.audio.isOpen || Boolean(this.#captions?.menu.isOpen) || !this.help.hidden
    );
  }

  /** @returns {boolean} whether anything was open */
  #closeOpen() {
    const wasOpen = this.#isOpen;
    this.quality.close();
    this.audio.close();
    this.#captions?.menu.close();
    if (!this.help.hidden) this.#toggleHelp();
    if (wasOpen) this.#wake();
    return wasOpen;
  }

  /** @returns {boolean} whether there was anything to close or leave */
  #closeAll() {
    const wasOpen = this.#closeOpen();
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
    // The end of each of these wakes it again.
    const isBusy =
      media.paused ||
      media.ended ||
      this.#isOpen ||
      this.seek.isDragging ||
      this.#isHovered ||
      this.#isKeyFocused;
    this.frame.classList.toggle('idle', !isBusy);
  }
}
