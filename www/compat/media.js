// @ts-check
/**
 * Where browsers differ about media elements and media sources: one function each.
 *
 * In: the element, and what is to be done with it. Out: the same in every browser. No function here
 * asks which browser it is; each asks for what it needs, or does what is harmless elsewhere.
 */

/**
 * What this thread has; lib.dom knows no ManagedMediaSource yet.
 * @type {{ MediaSource?: typeof MediaSource, ManagedMediaSource?: typeof MediaSource }}
 */
const scope = globalThis;

/**
 * The MediaSource class to use on this thread, if there is one. Safari wants ManagedMediaSource
 * used: on iPhones it is the only one (iOS 17.1), elsewhere it spares the battery.
 * @see https://w3c.github.io/media-source/#managedmediasource-interface
 * @returns {typeof MediaSource | undefined}
 */
export function mediaSourceClass() {
  return scope.ManagedMediaSource ?? scope.MediaSource;
}

/** Whether the class in use is ManagedMediaSource. */
export function isManaged() {
  return scope.ManagedMediaSource !== undefined;
}

/**
 * Whether a MediaSource can live in a worker and hand the page a handle: Chromium alone, so far.
 * @see https://w3c.github.io/media-source/#dom-mediasource-canconstructindedicatedworker
 */
export function canRunInWorker() {
  return !isManaged() && Boolean(scope.MediaSource?.canConstructInDedicatedWorker);
}

/**
 * Whether the browser plays HLS by itself: iPhones before iOS 17.1 have no media source at all.
 * @see https://datatracker.ietf.org/doc/html/rfc8216#section-10
 * @param {HTMLVideoElement} video
 */
export function canPlayNatively(video) {
  return video.canPlayType('application/vnd.apple.mpegurl') !== '';
}

/**
 * Safari opens a ManagedMediaSource only where no remote device could be asked to play.
 * @see https://w3c.github.io/media-source/#managedmediasource-interface
 * @param {HTMLVideoElement} video
 */
export function letManagedSourceOpen(video) {
  if (isManaged()) video.disableRemotePlayback = true;
}

/**
 * Attaches a source. WebKit forgets a `play()` that came before it; others keep it, as HTML says.
 * @see https://html.spec.whatwg.org/multipage/media.html#dom-media-play
 * @param {HTMLVideoElement} video
 * @param {() => void} attach
 */
export function keepPlaying(video, attach) {
  const wantsToPlay = !video.paused;
  attach();
  if (wantsToPlay && video.paused) video.play().catch(() => {});
}

/**
 * Whether a `pause` event says nothing of the viewer: Chromium pauses what it cannot decode.
 * @see https://html.spec.whatwg.org/multipage/media.html#fatal-decode-error
 * @param {HTMLVideoElement} video
 */
export function isPausedByError(video) {
  return video.error !== null;
}

/**
 * Whether a seek now has to be made sure of later: before there is metadata, not every browser keeps
 * it as its default playback start position.
 * @see https://html.spec.whatwg.org/multipage/media.html#default-playback-start-position
 * @param {HTMLVideoElement} video
 */
export function mayForgetSeek(video) {
  return video.readyState === 0;
}

/**
 * A load that is no other stream: the playback rate stays, which each load sets back to the default.
 * @see https://html.spec.whatwg.org/multipage/media.html#media-element-load-algorithm
 * @param {HTMLVideoElement} video
 * @param {() => void} load
 */
export function keepRate(video, load) {
  const { playbackRate } = video;
  load();
  video.playbackRate = playbackRate;
}

/**
 * `play()`; Firefox takes it for a load where there is no source yet, and resets the rate.
 * @see https://html.spec.whatwg.org/multipage/media.html#internal-play-steps
 * @param {HTMLVideoElement} video
 * @returns {Promise<void>}
 */
export function playKeepingRate(video) {
  /** @type {Promise<void> | undefined} */
  let asked;
  keepRate(video, () => (asked = video.play()));
  return asked ?? Promise.resolve();
}

/** From the end no nearer than this, in seconds, playback is elsewhere. */
const END_SECS = 0.1;

/**
 * Whether an event is an `ended` that says nothing new. WebKitGTK may find out how long the stream was
 * after it said so, seeks to that end by itself, and says it again. To be asked of each event.
 * @see https://html.spec.whatwg.org/multipage/media.html#reaches-the-end
 * @param {HTMLVideoElement} video
 * @returns {(event: Event) => boolean}
 */
export function repeatedEnds(video) {
  let hasEnded = false;
  return ({ type }) => {
    hasEnded &&= video.currentTime > video.duration - END_SECS;
    const isRepeated = type === 'ended' && hasEnded;
    hasEnded ||= type === 'ended';
    return isRepeated;
  };
}
