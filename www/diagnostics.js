// @ts-check
/**
 * `diagnostics()`: what a person can paste into a bug report. Loaded when it is asked for.
 *
 * In: a player and its log. Out: one object that is JSON through and through. Addresses in it, wherever
 * they stand, have lost their query, fragment and user; of the page's headers there are the names alone.
 */
import { rendererName, xrSystem } from './compat/display.js';
import { canRunInWorker, isManaged, mediaSourceClass } from './compat/media.js';

/**
 * @import { Diagnostics, Player, RequestOptions } from './index.js'
 * @import { LoggedEvent } from './event_log.js'
 */

/** As in `package.json`. */
export const VERSION = '0.1.0';

/** What streams are made of: their usual names in CODECS. */
const CODECS = {
  avc: 'video/mp4; codecs="avc1.64001f"',
  hevc: 'video/mp4; codecs="hvc1.1.6.L120.90"',
  av1: 'video/mp4; codecs="av01.0.08M.08"',
  vp9: 'video/mp4; codecs="vp09.00.40.08"',
  aac: 'audio/mp4; codecs="mp4a.40.2"',
  ac3: 'audio/mp4; codecs="ac-3"',
  opus: 'audio/mp4; codecs="opus"',
};

/** An address up to its query, its user left out on the way. */
const ADDRESS = /([a-z][a-z+.-]*:\/\/)(?:[^\s/"'@?#]*@)?([^\s"'<>?#]*)([?#][^\s"'<>)]*)?/gi;

/**
 * @param {Player} player @param {readonly LoggedEvent[]} events
 * @returns {Promise<Diagnostics>}
 */
export async function diagnose(player, events) {
  const { video, stats, variants, request, config } = player;
  const seconds = (/** @type {TimeRanges} */ ranges) =>
    Array.from({ length: ranges.length }, (_, at) => [ranges.start(at), ranges.end(at)]);
  const report = {
    videosphere: VERSION,
    at: new Date().toISOString(),
    browser: {
      userAgent: navigator.userAgent,
      language: navigator.language,
      screenPx: [screen.width, screen.height],
      devicePixelRatio,
      cores: navigator.hardwareConcurrency,
      online: navigator.onLine,
      visibility: document.visibilityState,
      crossOriginIsolated: globalThis.crossOriginIsolated,
    },
    capabilities: await capabilities(),
    settings: {
      config,
      request: typeof request === 'function' ? 'a function' : request && withoutValues(request),
      crossOrigin: video.crossOrigin,
      preload: video.preload,
      quality: player.quality,
      targetLatency: player.targetLatency,
      projection: player.projection,
      stereo: player.stereo,
      gestureHandling: player.gestureHandling,
      hotkeys: player.hotkeys,
    },
    decisions: {
      renderer: player.renderer,
      variant: variants.find(({ id }) => id === stats.variant) ?? null,
      chosenBy: lastDetail(events, 'variantchange'),
      playedBy: stats.native ? 'the browser' : 'the engine',
    },
    source: { src: player.src, highQualitySrc: player.highQualitySrc, type: player.type },
    media: {
      currentTime: video.currentTime,
      duration: video.duration,
      paused: video.paused,
      ended: video.ended,
      muted: video.muted,
      playbackRate: video.playbackRate,
      readyState: video.readyState,
      networkState: player.networkState,
      sizePx: [video.videoWidth, video.videoHeight],
      buffered: seconds(video.buffered),
      seekable: seconds(video.seekable),
    },
    view: { yaw: player.yaw, pitch: player.pitch, fov: player.fov, isImmersive: player.isImmersive },
    error: player.error,
    timeline: player.timeline,
    stats,
    variants,
    events: events.map(({ atMillis, type, detail }) => ({ atMillis: Math.round(atMillis), type, detail })),
  };
  return JSON.parse(JSON.stringify(report, asJson));
}

async function capabilities() {
  const canvas = document.createElement('canvas');
  const gl = canvas.getContext('webgl2');
  const webgl2 = gl && rendererName(gl);
  gl?.getExtension('WEBGL_lose_context')?.loseContext();
  const source = mediaSourceClass();
  const xr = xrSystem();
  return {
    mediaSource: source !== undefined,
    mediaSourceInWorker: canRunInWorker(),
    managedMediaSource: isManaged(),
    // Not asked for an adapter, of which Chromium complains on the console where it has none.
    webgpu: 'gpu' in navigator,
    webgl2,
    webxr: (await xr?.isSessionSupported('immersive-vr').catch(() => false)) ?? false,
    codecs: Object.fromEntries(
      Object.entries(CODECS).map(([name, type]) => [name, source?.isTypeSupported(type) ?? false]),
    ),
  };
}

/** Of headers the names alone. @param {RequestOptions} request @returns {object} */
const withoutValues = ({ headers = {}, resources, ...rest }) => ({
  ...rest,
  headers: Object.keys(headers),
  resources:
    resources && Object.entries(resources).map(([name, { headers = {} }]) => [name, Object.keys(headers)]),
});

/** @param {readonly LoggedEvent[]} events @param {string} type */
const lastDetail = (events, type) => [...events].reverse().find((each) => each.type === type)?.detail ?? null;

/** @param {string} _ @param {unknown} value */
function asJson(_, value) {
  if (typeof value === 'string') return withoutSecrets(value);
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (value instanceof Node) return `<${value.nodeName.toLowerCase()}>`;
  return value;
}

/** @param {string} text */
export const withoutSecrets = (text) =>
  // A page that was made of data is its own content.
  text.replace(/\bdata:[^\s"']*/g, 'data:…').replace(ADDRESS, '$1$2');
