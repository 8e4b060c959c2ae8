/**
 * Stands in for `Playback`: records its calls, and gives the element a minute of silence
 * that it can play and seek in (`silence.mp4`: ffmpeg -f lavfi -i anullsrc=r=8000:cl=mono -t 60 -c:a aac
 * -b:a 8k -movflags +empty_moov+default_base_moof -frag_duration 60000000). An address with `fails` in
 * it fails; one with `live` is live.
 */

import { keepRate } from '/compat/media.js';

const SECONDS = 60;
const RATE = 8000;

/** A WAV file, which a page can write by hand: all of it is buffered at once. */
function file() {
  const samples = new Uint8Array(SECONDS * RATE).fill(128);
  const head = new DataView(new ArrayBuffer(44));
  const text = (at, word) => {
    for (const [index, letter] of [...word].entries()) head.setUint8(at + index, letter.charCodeAt(0));
  };
  text(0, 'RIFF');
  head.setUint32(4, 36 + samples.length, true);
  text(8, 'WAVEfmt ');
  head.setUint32(16, 16, true);
  head.setUint16(20, 1, true);
  head.setUint16(22, 1, true);
  head.setUint32(24, RATE, true);
  head.setUint32(28, RATE, true);
  head.setUint16(32, 1, true);
  head.setUint16(34, 8, true);
  text(36, 'data');
  head.setUint32(40, samples.length, true);
  return URL.createObjectURL(new Blob([head, samples], { type: 'audio/wav' }));
}

/**
 * Of a file's seeks GStreamer stops WebKitGTK at times; there it plays as the engine does it.
 * (A media source's address is good in its own document alone: elsewhere tests need the file.)
 */
const isWebKit = navigator.vendor.startsWith('Apple');
const SILENCE = isWebKit ? await (await fetch('/pages/silence.mp4')).arrayBuffer() : null;

function mediaSource() {
  const source = new (self.ManagedMediaSource ?? MediaSource)();
  source.addEventListener(
    'sourceopen',
    () => {
      const buffer = source.addSourceBuffer('audio/mp4; codecs="mp4a.40.2"');
      buffer.addEventListener('updateend', () => source.endOfStream(), { once: true });
      buffer.appendBuffer(SILENCE);
    },
    { once: true },
  );
  return URL.createObjectURL(source);
}

const VARIANTS = [240, 480, 960, 1920].map((height, id) => ({
  id,
  bandwidth: height * 4000,
  width: height * 2,
  height,
  frameRate: 30,
  codecs: 'avc1.64001f',
  playable: true,
  highQualitySource: false,
}));

export class Playback extends EventTarget {
  variants = [];
  timeline = null;
  stats = {};
  calls = [];
  #quality = 'auto';

  constructor(video, options) {
    super();
    // As the real one: what the page gave.
    const { workerUrl, engineUrl, request = null, config = null, cmcd = null, audioLanguage = '' } = options;
    Object.assign(this, { addresses: [workerUrl, engineUrl], request, config, cmcd, audioLanguage });
    this.video = video;
    window.playback = this;
  }

  load(url, options) {
    this.calls.push({ load: url, ...options });
    setTimeout(() => {
      if (url.includes('fails')) {
        this.#emit('error', {
          code: 'network-status',
          severity: 'fatal',
          context: { url },
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
    keepRate(this.video, () => (this.video.src = isWebKit ? mediaSource() : file()));
    this.variants = VARIANTS;
    this.timeline = { live, start: 0, end: SECONDS, liveEdge: live ? 45 : null, zeroUnixMillis: null };
    this.stats = { variant: 2, bufferAheadSecs: 12 };
    this.#emit('variants', VARIANTS);
    this.#emit('timeline', this.timeline);
    this.#emit('variantchange', { id: 2, auto: true });
    this.#emit('stats', this.stats);
  }

  loadNatively(source, startSecs) {
    this.calls.push({ native: source, startSecs });
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
    this.variants = [];
    this.timeline = null;
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

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
