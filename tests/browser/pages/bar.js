/**
 * A player with its bar, and what a test asks of it. In: `make(attributes)`. Out: `sphere`, what it
 * kept in `received`, and where a control is.
 */
import '/element.js';

const place = document.querySelector('#place');

const watch = (sphere) => {
  window.sphere = sphere;
  window.received = [];
  let heard = '';
  for (const type of ['play', 'pause']) {
    sphere.addEventListener(type, () => {
      heard = type;
      received.push(type);
    });
  }
  // `play` wakes the bar, and a slow machine may deliver it when playback is long under way.
  window.isPlaying = () => !sphere.paused && heard === 'play';
  // To 0 goes the loop, by itself.
  sphere.addEventListener('seeking', () => {
    const secs = Math.round(sphere.currentTime);
    if (secs) received.push(secs);
  });
};

/** The last press: a slow machine can make a long one of a tap, which clicks nothing. */
window.tap = { heldMillis: 0, hasClicked: false };
let downMillis = 0;
const listen = (type, run) => addEventListener(type, run, { capture: true });
listen('pointerdown', ({ timeStamp }) => {
  downMillis = timeStamp;
  Object.assign(tap, { heldMillis: 0, hasClicked: false });
});
listen('pointerup', ({ timeStamp }) => (tap.heldMillis = timeStamp - downMillis));
listen('click', () => (tap.hasClicked = true));
// Chromium gives no click for a finger on a slider.
listen('input', () => (tap.hasClicked = true));

/** Makes a new player in place of the one before. */
window.make = (attributes) => {
  place.innerHTML = `<video-sphere muted loop controls ${attributes}></video-sphere>`;
  watch(place.firstElementChild);
};

/** The same inside of a page's own component. */
window.makeNested = (attributes) => {
  const card = document.createElement('div');
  card.attachShadow({
    mode: 'open',
  }).innerHTML = `<style>video-sphere { display: block; width: 640px; height: 360px }</style>
     <video-sphere muted loop controls ${attributes}></video-sphere>`;
  place.replaceChildren(card);
  watch(card.shadowRoot.querySelector('video-sphere'));
};

window.inside = (selector) => sphere.shadowRoot.querySelector(selector);
window.menu = (name) => inside(`.menu[aria-label="${name}"]`);
window.named = (name) => inside(`.bar [aria-label="${name}"]`);
window.isAwake = () => !inside('.controls').classList.contains('idle');
window.isShown = (element) => element.checkVisibility();

/** What the engine says of a link, by its stand-in. */
window.warnOfSlowLink = () => {
  const context = { neededBps: 4e6, hadBps: 2e6 };
  const detail = { code: 'link-too-slow', severity: 'warning', message: 'the link is too slow', context };
  playback.dispatchEvent(new CustomEvent('error', { detail }));
};
window.carry = (bandwidthBps) => {
  playback.stats = { ...playback.stats, bandwidthBps };
  playback.dispatchEvent(new CustomEvent('stats', { detail: playback.stats }));
};

/** Whole pixels, at this share of the way across. */
window.pointOf = (element, share = 0.5) => {
  const { left, top, width, height } = element.getBoundingClientRect();
  return [Math.round(left + width * share), Math.round(top + height / 2)];
};

/** Whether a press there would reach it. */
window.isOnTop = (element) => {
  const [x, y] = pointOf(element);
  const top = sphere.shadowRoot.elementFromPoint(x, y);
  return top === element || element.contains(top);
};

window.resize = (width, height) => {
  Object.assign(sphere.style, { width: `${width}px`, height: `${height}px` });
};

/** Whether none of it is cut off by the element's edge. */
window.isWithin = (element) => {
  const [outer, inner] = [sphere, element].map((each) => each.getBoundingClientRect());
  return (
    inner.left >= outer.left &&
    inner.right <= outer.right &&
    inner.top >= outer.top &&
    inner.bottom <= outer.bottom
  );
};

/** What of a bar that waits to be started is not as it should be. */
window.wrongShapes = () => {
  const rect = (element) => element.getBoundingClientRect();
  const [host, big, arrow, seek, row] = [
    sphere,
    inside('.big-play'),
    inside('.big-play svg'),
    inside('.seek'),
    inside('.buttons'),
  ].map(rect);
  const isNear = (a, b) => Math.abs(a - b) < 1;
  return Object.entries({
    square: isNear(big.width, big.height) && big.width >= 44,
    centred: isNear(big.left + big.width / 2, host.left + host.width / 2),
    arrow:
      isNear(arrow.left - big.left, big.right - arrow.right) &&
      isNear(arrow.top - big.top, big.bottom - arrow.bottom),
    symmetric: isNear(seek.left - host.left, host.right - seek.right),
    free: big.bottom <= seek.top || seek.top - host.top > host.height / 2,
    whole: row.left >= host.left && inside('.buttons').scrollWidth <= row.width + 1,
  })
    .filter(([, isRight]) => !isRight)
    .map(([name]) => name);
};

/** For failures: the last events, and whether the bar is shown. */
const last = [];
for (const type of [
  'pointerdown',
  'pointerup',
  'pointercancel',
  'contextmenu',
  'click',
  'dblclick',
  'input',
  'pointermove',
  'pointerleave',
  'focusin',
  'focusout',
  'play',
  'pause',
  'fullscreenchange',
]) {
  listen(type, (event) => {
    const [target] = event.composedPath();
    const name = target.getAttribute?.('aria-label') ?? target.className ?? target.localName;
    last.push(`${type} ${event.pointerType ?? ''} ${event.clientX},${event.clientY} ${event.detail} ${name}`);
    last.splice(0, last.length - 24);
  });
}
window.barState = () => ({ isAwake: isAwake(), tap, received, last });

window.isReady = true;
