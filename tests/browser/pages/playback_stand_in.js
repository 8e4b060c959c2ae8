/**
 * Stands in for `Playback`: notes what it is told, and gives the element a minute of silence
 * that it can play and seek in (`silence.mp4`: ffmpeg -f lavfi -i anullsrc=r=8000:cl=mono -t 60 -c:a aac
 * -b:a 8k -movflags +empty_moov+default_base_moof -frag_duration 60000000). An address with `fails` in
 * it fails; one with `live` is live.
 */

import { keepRate } from '/keep_rate.js';

const SECONDS = 60;
const SILENCE = await (await fetch('/pages/silence.mp4')).arrayBuffer();
/** By Media Source Extensions, as the engine does it: of a file's seeks GStreamer stops WebKitGTK at times. */
function silence() {
  const source = new (self.ManagedMediaSource ?? MediaSource)();
  source.addEventListener('sourceopen', () => {
    const buffer = source.addSourceBuffer('audio/mp4; codecs="mp4a.40.2"');
    buffer.addEventListener('updateend', () => source.endOfStream(), { once: true });
    buffer.appendBuffer(SILENCE);
  }, { once: true });
  return URL.createObjectURL(source);
}

const VARIANTS = [240, 480, 960, 1920].map((height, id) => ({
  id, bandwidth: height * 4000, width: height * 2, height, frameRate: 30, codecs: 'avc1.64001f',
  playable: true, highQualitySource: false,
}));

export class Playback extends EventTarget {
  variants = [];
  timeline = null;
  stats = {};
  calls = [];
  #quality = 'auto';

  constructor(video) {
    super();
    this.video = video;
    window.playback = this;
  }

  load(url, options) {
    this.calls.push({ load: url, ...options });
    setTimeout(() => {
      if (url.includes('fails')) {
        this.#tell('error', {
          code: 'network-status', severity: 'fatal', context: { url },
          message: url.includes('by-name')
            ? `${url} does not exist: look at ${url}`
            : `the manifest ${url} does not exist (HTTP 404): check the URL`,
        });
        return;
      }
      this.#attach(url.includes('live'));
    });
  }

  #attach(live) {
    keepRate(this.video, () => (this.video.src = silence()));
    this.variants = VARIANTS;
    this.timeline = { live, start: 0, end: SECONDS, liveEdge: live ? 45 : null, zeroUnixMillis: null };
    this.stats = { variant: 2, bufferAheadSecs: 12 };
    this.#tell('variants', VARIANTS);
    this.#tell('timeline', this.timeline);
    this.#tell('variantchange', { id: 2, auto: true });
    this.#tell('stats', this.stats);
  }

  unload() {
    this.calls.push({ unload: true });
    this.#detach();
  }

  destroy() {
    this.calls.push({ destroy: true });
    this.#detach();
  }

  #detach() {
    this.video.removeAttribute('src');
    keepRate(this.video, () => this.video.load());
  }

  goLive() {
    this.calls.push({ goLive: true });
  }

  get quality() {
    return this.#quality;
  }

  set quality(quality) {
    this.#quality = quality;
    this.calls.push({ quality });
  }

  selectVariant(id) {
    this.calls.push({ selectVariant: id });
  }

  setViewport(px) {
    this.calls.push({ viewport: px });
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
