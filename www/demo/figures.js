// @ts-check
/** The figures panel. In: `stats` of the player, twice a second. Out: numbers, and two lines of a minute. */

import { $ } from './elements.js';

/**
 * @import { VideoSphereElement } from '../element.d.ts'
 * @import { Stats } from '../index.js'
 */

/** Two a second, for a minute. */
const SAMPLES_KEPT = 120;
const SAMPLE_MILLIS = 500;
const SVG = 'http://www.w3.org/2000/svg';

/** @param {VideoSphereElement} player */
export function showFigures(player) {
  const throughput = /** @type {number[]} */ ([]);
  const buffer = /** @type {number[]} */ ([]);

  let shownAt = -Infinity;

  const update = (/** @type {Event} */ { timeStamp }) => {
    if (timeStamp - shownAt < SAMPLE_MILLIS) return;
    shownAt = timeStamp;
    const { stats } = player;
    keep(throughput, stats.bandwidthBps ?? 0);
    keep(buffer, stats.bufferAheadSecs ?? 0);
    draw($('throughput-line'), throughput);
    draw($('buffer-line'), buffer);
    $('throughput').value = stats.bandwidthBps ? megabits(stats.bandwidthBps) : '–';
    $('buffer').value = stats.bufferAheadSecs == null ? '–' : `${stats.bufferAheadSecs.toFixed(1)} s`;
    $('figures').replaceChildren(...rows(player, stats).map(([name, value]) => row(name, value)));
  };
  // The engine reports while it loads; frames are drawn on without it.
  for (const type of ['statschange', 'timeupdate', 'rendererchange']) player.addEventListener(type, update);
  player.addEventListener('emptied', () => {
    throughput.length = buffer.length = 0;
  });
  update(new Event('start'));
}

/** @param {VideoSphereElement} player @param {Stats} stats @returns {[string, string][]} */
function rows(player, stats) {
  const variant = player.variants.find(({ id }) => id === stats.variant);
  const { videoWidth, videoHeight } = player;
  const live = (/** @type {string | null} */ value) => (player.isLive ? value : null);
  const all = /** @type {[string, string | null][]} */ ([
    ['Variant', variant ? `${variant.height}p · ${megabits(variant.bandwidth)}` : '–'],
    ['Codecs', variant?.codecs || '–'],
    ['Video', videoWidth ? `${videoWidth} × ${videoHeight}` : '–'],
    ['Behind live', live(secs(stats.liveLatencySecs))],
    ['Target latency', live(secs(stats.targetLatencySecs))],
    ['Since the camera', live(secs(stats.endToEndLatencySecs))],
    ['Playback rate', live(`× ${(stats.playbackRate ?? 1).toFixed(2)}`)],
    ['Renderer', { webgpu: 'WebGPU', webgl2: 'WebGL2' }[/** @type {string} */ (stats.renderer)] ?? '–'],
    ['Media source', mediaSource(stats)],
    ['Frames drawn', count(stats.framesDrawn)],
    ['Frames dropped', count(stats.framesDropped)],
    ['Received', stats.bytesReceived == null ? '–' : `${(stats.bytesReceived / 1e6).toFixed(1)} MB`],
    ['Segments', count(stats.segmentsLoaded)],
    ['Retries', count(stats.retries)],
    ['Gaps jumped', count(stats.gapsJumped)],
    ['Stalls', count(stats.stalls)],
  ]);
  return /** @type {[string, string][]} */ (all.filter(([, value]) => value !== null));
}

/** @param {Stats} stats */
function mediaSource({ mseInWorker, managed, native }) {
  if (native) return 'the browser’s own HLS';
  if (mseInWorker === undefined) return '–';
  return `${managed ? 'managed, ' : ''}${mseInWorker ? 'in the worker' : 'on the main thread'}`;
}

/** @param {number | null | undefined} value */
const count = (value) => (value == null ? '–' : String(value));

/** @param {number | null | undefined} value */
const secs = (value) => (value == null ? null : `${value.toFixed(1)} s`);

/** @param {number} bps */
const megabits = (bps) => `${(bps / 1e6).toFixed(1)} Mbit/s`;

/** @param {number[]} samples @param {number} sample */
function keep(samples, sample) {
  samples.push(sample);
  if (samples.length > SAMPLES_KEPT) samples.shift();
}

/** @param {string} name @param {string} value */
function row(name, value) {
  const pair = document.createElement('div');
  const term = document.createElement('dt');
  const detail = document.createElement('dd');
  term.textContent = name;
  detail.textContent = value;
  pair.append(term, detail);
  return pair;
}

/** The newest sample at the right edge. @param {SVGElement} svg @param {number[]} samples */
function draw(svg, samples) {
  const top = Math.max(...samples, 1e-9) * 1.1;
  const left = SAMPLES_KEPT - samples.length;
  const points = samples.map((value, at) => `${left + at} ${(30 - (value / top) * 28).toFixed(2)}`);
  svg.setAttribute('viewBox', `0 0 ${SAMPLES_KEPT - 1} 32`);
  svg.setAttribute('preserveAspectRatio', 'none');
  const line = `M${points.join('L')}`;
  svg.replaceChildren(path('area', `${line}L${SAMPLES_KEPT - 1} 32L${left} 32Z`), path('line', line));
}

/** @param {string} name @param {string} data */
function path(name, data) {
  const made = document.createElementNS(SVG, 'path');
  made.setAttribute('class', name);
  made.setAttribute('d', data);
  return made;
}
