/**
 * Players of live streams with a clock in the picture, ours and others, each as it is out of the
 * box, and how far behind the camera each of them is.
 *
 * In: `start(names, url)`. Out: `report()`, figures of each since `reset()`, errors since the start.
 * The latency is read
 * from the pixels of the frame that is shown, ten times a second, so that what a player believes
 * of itself does not matter.
 */
import { latencyOf } from '/ll/clock.js';

const SAMPLE_MS = 100;
/** A playhead that stood still for so many samples has stalled. */
const STALLED_SAMPLES = 3;

/** @typedef {{video: HTMLVideoElement, target(): number | undefined, stats?(): object}} Player */

const makers = {
  /** @returns {Promise<Player>} */
  async ours(url, errors) {
    const { Player } = await import('/index.js');
    const container = document.createElement('div');
    container.className = 'ours';
    document.body.append(container);
    const player = new Player({ container, src: url, muted: true });
    for (const type of ['error', 'warning']) {
      player.addEventListener(type, ({ detail }) => errors.push(`${type} ${detail.name}`));
    }
    player.play().catch(() => {});
    return { video: player.video, target: () => player.stats?.targetLatencySecs, stats: () => player.stats };
  },

  async 'hls.js'(url, errors) {
    const { default: Hls } = await import('/modules/hls.js/dist/hls.mjs');
    const video = document.createElement('video');
    video.muted = true;
    document.body.append(video);
    const hls = new Hls();
    hls.on(Hls.Events.ERROR, (_, data) => errors.push(`${data.fatal ? 'fatal ' : ''}${data.details}`));
    hls.on(Hls.Events.MANIFEST_PARSED, () => video.play().catch(() => {}));
    hls.loadSource(url);
    hls.attachMedia(video);
    return { video, target: () => hls.targetLatency ?? undefined };
  },

  async shaka(url, errors) {
    const { shaka } = /** @type {any} */ (window);
    const video = document.createElement('video');
    video.muted = true;
    document.body.append(video);
    const player = new shaka.Player();
    await player.attach(video);
    // This Chromium says that it plays HLS by itself.
    player.configure({ streaming: { lowLatencyMode: true, preferNativeHls: false } });
    const isCritical = (detail) => detail.severity === shaka.util.Error.Severity.CRITICAL;
    player.addEventListener('error', ({ detail }) =>
      errors.push(`${isCritical(detail) ? 'fatal ' : ''}${detail.code}`));
    await player.load(url);
    video.play().catch(() => {});
    return { video, target: () => undefined };
  },
};

/** Counts for one player. */
class Watched {
  constructor(name, { video, target, stats }, errors) {
    Object.assign(this, { name, video, target, stats, errors });
    this.reset();
    video.addEventListener('ratechange', () => (this.rateChanges += 1));
    video.addEventListener('seeking', () => (this.jumps += 1));
  }

  reset() {
    this.latencies = [];
    Object.assign(this, { stalls: 0, stalledSamples: 0, stillFor: 0, rateChanges: 0, jumps: 0, unread: 0 });
    this.lastTime = this.video.currentTime;
  }

  sample() {
    const { video } = this;
    if (video.currentTime === this.lastTime) {
      this.stillFor += 1;
      if (this.stillFor === STALLED_SAMPLES) this.stalls += 1;
      if (this.stillFor >= STALLED_SAMPLES) this.stalledSamples += 1;
    } else {
      this.stillFor = 0;
    }
    this.lastTime = video.currentTime;
    const latency = latencyOf(video);
    if (latency === undefined) this.unread += 1;
    else this.latencies.push(latency);
  }

  report() {
    const sorted = this.latencies.toSorted((a, b) => a - b);
    const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? null;
    return {
      name: this.name,
      samples: sorted.length,
      unread: this.unread,
      last: this.latencies.at(-1) ?? null,
      median: at(0.5),
      p95: at(0.95),
      max: sorted.at(-1) ?? null,
      stalls: this.stalls,
      stalledSecs: (this.stalledSamples * SAMPLE_MS) / 1000,
      rateChanges: this.rateChanges,
      jumps: this.jumps,
      rate: this.video.playbackRate,
      target: this.target() ?? null,
      height: this.video.videoHeight,
      errors: this.errors.slice(-10),
    };
  }
}

/** @type {Watched[]} */
const watched = [];

/** Starts players of a stream. @param {string[]} names @param {string} url */
export async function start(names, url) {
  for (const name of names) {
    const errors = [];
    watched.push(new Watched(name, await makers[name](url, errors), errors));
  }
}

/** Forgets the figures so far. */
export const reset = () => watched.forEach((it) => it.reset());

/** Figures of each player since the last reset. */
export const report = () => watched.map((it) => it.report());

/** For failures: the figures, and how each media element stands. */
export const told = () =>
  watched.map((it) => {
    const { video } = it;
    const ranges = Array.from(video.buffered, (_, at) => [video.buffered.start(at), video.buffered.end(at)]);
    const { currentTime, readyState, paused, seeking, playbackRate } = video;
    const state = { currentTime, readyState, paused, seeking, playbackRate, error: video.error?.message };
    return { ...it.report(), ...state, ranges, stats: it.stats?.() };
  });

setInterval(() => watched.forEach((it) => it.sample()), SAMPLE_MS);
