// @ts-check
/**
 * The demo page: what a page can do with `<video-sphere>`, and nothing it could not.
 *
 * In: `?url=` (a stream), `?hq=` (its 4K stream), `?quality=` (auto, max or a height), `?renderer=`
 * (webgpu, webgl2), `?projection=`, `?stereo=`, `?target-latency=` (seconds); else the streams that the server lists in
 * `/streams.json`. Out: a player, its figures, and what it had to say.
 */
import '../element.js';
import { $ } from './elements.js';
import { showFigures } from './figures.js';

const NOTICES_KEPT = 5;
const COPIED_MILLIS = 2500;
const player = $('player');
const given = new URLSearchParams(location.search);

/** @typedef {{name: string, url: string, hq?: string, live?: boolean}} Stream */

start();

async function start() {
  for (const name of ['renderer', 'quality', 'projection', 'stereo', 'target-latency']) {
    const value = given.get(name);
    if (value) player.setAttribute(name, value);
  }
  listen();
  showFigures(player);

  const streams = await localStreams();
  const own = given.get('url');
  if (own) streams.unshift({ name: 'Your stream', url: own, hq: given.get('hq') ?? undefined });
  fillPicker(streams);
  if (streams[0]) play(streams[0]);
}

/** What `cargo xtask demo` serves; another server need not list anything. @returns {Promise<Stream[]>} */
async function localStreams() {
  try {
    const answer = await fetch('/streams.json');
    return answer.ok ? await answer.json() : [];
  } catch {
    return [];
  }
}

/** @param {Stream[]} streams */
function fillPicker(streams) {
  const picker = $('streams');
  picker.replaceChildren(...streams.map(({ name }, index) => new Option(name, String(index))));
  picker.disabled = streams.length === 0;
  if (streams.length === 0) picker.append(new Option('No streams here: give an address'));
  picker.addEventListener('change', () => play(streams[Number(picker.value)]));
}

/** @param {Stream} stream */
function play({ url, hq }) {
  $('news').hidden = true;
  $('news-list').replaceChildren();
  $('url').value = new URL(url, document.baseURI).href;
  if (hq) player.highQualitySrc = hq;
  else player.removeAttribute('high-quality-src');
  player.src = url;
  player.play().catch(() => {});
}

function listen() {
  $('open').addEventListener('submit', (event) => {
    event.preventDefault();
    play({ name: '', url: $('url').value });
  });
  $('source').addEventListener('change', ({ target }) => {
    // A height comes as text, which the element takes as a number.
    player.quality = /** @type {'auto' | 'max'} */ (/** @type {HTMLInputElement} */ (target).value);
    showQuality();
  });
  for (const name of /** @type {const} */ (['projection', 'stereo'])) {
    $(name).addEventListener('change', () => player.setAttribute(name, $(name).value));
  }
  $('target-latency').addEventListener('change', () => {
    player.setAttribute('target-latency', $('target-latency').value);
  });
  player.addEventListener('timelinechange', () => ($('latency').hidden = !player.isLive));
  const showView = () => {
    const degrees = (/** @type {number} */ value) =>
      `${value < -0.5 ? '−' : ''}${Math.abs(Math.round(value))}°`;
    $('direction').value = `${degrees(player.yaw)} · ${degrees(player.pitch)}`;
  };
  const showProjection = () => {
    $('projection').value = player.projection;
    $('stereo').value = player.stereo;
  };
  const showQuality = () => {
    for (const element of document.querySelectorAll('[name=source]')) {
      const radio = /** @type {HTMLInputElement} */ (element);
      radio.checked = radio.value === String(player.quality);
    }
  };
  player.addEventListener('viewchange', showView);
  player.addEventListener('projectionchange', showProjection);
  player.addEventListener('variantchange', showQuality);
  // The bar's quality menu is the other way to set it.
  player.addEventListener('statschange', showQuality);
  for (const type of /** @type {const} */ (['error', 'warning'])) {
    player.addEventListener(type, ({ detail }) => showNotice(detail));
  }
  document.addEventListener('keydown', (event) => {
    const isText = /** @type {Element} */ (event.target).closest?.('input:not([type=radio]), select');
    const isModified = event.ctrlKey || event.altKey || event.metaKey;
    if (event.key.toLowerCase() === 'd' && !isText && !isModified) copyDiagnostics();
  });
  showProjection();
  showQuality();
}

/** For a bug report. */
async function copyDiagnostics() {
  const text = JSON.stringify(await player.diagnostics(), null, 2);
  const copied = await navigator.clipboard.writeText(text).then(
    () => true,
    () => false,
  );
  $('copied').value = copied ? 'Copied.' : 'The browser does not let this page copy: see the console.';
  if (!copied) console.info(text);
  setTimeout(() => ($('copied').value = ''), COPIED_MILLIS);
}

/** @param {{name: string, severity: string, message: string}} error */
function showNotice({ name, severity, message }) {
  const list = $('news-list');
  const line = document.createElement('li');
  const title = document.createElement('b');
  line.className = severity;
  title.textContent = name;
  line.append(title, document.createElement('br'), message);
  list.prepend(line);
  while (list.children.length > NOTICES_KEPT) list.lastElementChild?.remove();
  $('news').hidden = false;
}
