/**
 * The contract of `videosphere`. Hand-written; what stands here stays until the next major version.
 *
 * A {@link Player} is a `<video>` in everything that a `<video>` does (play, seek, sound, buffering,
 * events), and adds what a `<video>` lacks.
 */

/** `'auto'`: by throughput and picture size; `'max'`: the largest; a number: that height in pixels. */
export type Quality = 'auto' | 'max' | number;

/** Which part of the sphere a frame holds. */
export type Projection = 'equirect-360' | 'equirect-180';

/** How two eyes share a frame. */
export type Stereo = 'mono' | 'top-bottom' | 'side-by-side';

/** What draws. */
export type Renderer = 'webgpu' | 'webgl2';

/**
 * Whose gestures on the picture are, as with maps. `'cooperative'`: the page's is the plain wheel and
 * one finger upwards or downwards, the view's are Ctrl or ⌘ with the wheel, two fingers, and one
 * finger sideways. `'greedy'`: all are the view's, and the page scrolls once the zoom is at its end.
 * `'none'`: all are the page's, keys excepted. `'auto'`: greedy where there is nothing to scroll,
 * cooperative elsewhere and in a frame of another origin. In full screen, `'cooperative'` and
 * `'auto'` are greedy.
 */
export type GestureHandling = 'auto' | 'cooperative' | 'greedy' | 'none';

/**
 * Who says how the picture lies on the sphere, in the order in which they are heard: the page; boxes of the media
 * (Spherical Video V2 `sv3d` and `st3d`, Apple's `vexu`, V1's `uuid`); SEI messages; for pages that say `'auto'` a guess
 * by words in the address (`name`) or the picture's size (`shape`); else `'default'`.
 */
export type ProjectionSource =
  | 'page'
  | 'sv3d'
  | 'st3d'
  | 'vexu'
  | 'uuid'
  | 'sei'
  | 'name'
  | 'shape'
  | 'default';

/** See {@link PlayerMembers.captureFrame}. */
export interface CaptureOptions {
  /** `'view'` (the default): what the page's view shows; `'frame'`: all of the video, unwrapped. */
  source?: 'view' | 'frame';
  /** In pixels, at most 8192; without both, those of the canvas or of the video. One follows the other. */
  width?: number;
  height?: number;
  /** As for HTMLCanvasElement's `toBlob`, `'image/png'` by default; `quality` from 0 to 1. */
  type?: string;
  quality?: number;
}

/** See {@link PlayerMembers.getThumbnail}. */
export interface ThumbnailOptions {
  /** Of the picture that is given, in pixels, 1 to 4096; 160 by default. The height follows, as 16 : 9. */
  width?: number;
  /** Gives the request up; the promise rejects with its reason. */
  signal?: AbortSignal;
}

/** A small picture of a moment. */
export interface Thumbnail {
  /** What is straight ahead: for a canvas of your own. It is yours: `close()` frees it. */
  readonly image: ImageBitmap;
  /** In pixels. */
  readonly width: number;
  readonly height: number;
  /** From when on it is the picture to show, in seconds of `currentTime`; and until when. */
  readonly startTime: number;
  readonly endTime: number;
}

/** Whether playback goes on. */
export type ErrorSeverity = 'warning' | 'fatal';

/** Every `code` an error can have. New ones may come with a minor version. */
export type ErrorName =
  /** An attribute or property of the element has a value that is not used; `context.name` says which. */
  | 'invalid-option'
  /** What was given is no absolute http(s) URL. */
  | 'invalid-url'
  /** No answer: offline, DNS, refused, TLS, or CORS; a browser does not say which. */
  | 'network-unreachable'
  /** No answer, or no further bytes, in the time allowed. */
  | 'network-timeout'
  /** An HTTP status outside 200–299. */
  | 'network-status'
  /** A body that ended before its announced length. */
  | 'network-truncated'
  /** A body longer than the engine would hold. */
  | 'network-too-large'
  /**
   * The page's `request` function threw, gave something that is no request, or did not answer in time; `context.detail`
   * has its words.
   */
  | 'request-function-failed'
  /** The server that says from where the stream is played (EXT-X-CONTENT-STEERING) is of no use; always a warning. */
  | 'steering-failed'
  /** The answer is no HLS playlist at all: an HTML page, say. */
  | 'not-a-playlist'
  /** A playlist that breaks a rule playback depends on. */
  | 'playlist-invalid'
  /** No variant has codecs that this browser plays. */
  | 'no-playable-variant'
  /** A segment holds a codec that this browser, or this library, cannot play. */
  | 'unsupported-codec'
  /** The stream says of its projection or stereo layout what is not drawn here; `context` has the word. */
  | 'unsupported-projection'
  /** A segment is neither MPEG-TS, fragmented MP4, nor packed AAC; or the browser does not play a file. */
  | 'unsupported-container'
  /** Encrypted in a way that nothing here decrypts (`context.method`). */
  | 'encrypted'
  /** What came from a key's URL is no key: it is not 16 bytes long (`context.byteLength`), a login page, say. */
  | 'key-invalid'
  /** Something does not decrypt with its key: EXT-X-KEY names another key, or another IV. */
  | 'decryption-failed'
  /** Nothing can be decrypted here: the page is not served by HTTPS, most often. */
  | 'decryption-unavailable'
  /** Damaged bytes; what could be read was kept. */
  | 'damaged-media'
  /** The browser refused bytes. */
  | 'append-rejected'
  /** The browser's buffer is full even after eviction. */
  | 'buffer-full'
  /** The media element could not decode. */
  | 'decode'
  /** No MediaSource and no ManagedMediaSource here. */
  | 'media-source-unsupported'
  /** A live playlist stopped changing. */
  | 'live-playlist-stalled'
  /**
   * Something failed and is left out for a while: a variant (others play instead), a rendition, the
   * second source, a sound that this browser does not play, or all of a live stream, which is then waited for. The
   * message says what and why.
   */
  | 'variant-excluded'
  /** A segment could not be had and was left out. */
  | 'segment-skipped'
  /** Playback fell behind the live window and was moved to the live point. */
  | 'behind-live-window'
  /**
   * The quality that was chosen takes more than the network carries (`context.neededBps`,
   * `context.hadBps`): playback waits for a good while of it at a time. `quality = 'auto'` plays on.
   */
  | 'link-too-slow'
  /** Neither WebGPU nor WebGL2 gives a picture. */
  | 'renderer-unavailable'
  /** The graphics context was lost; it is being rebuilt. */
  | 'context-lost'
  /** The video's pixels may not be read: it comes from another origin without CORS. */
  | 'video-tainted'
  /** There is no frame to capture: nothing is loaded yet, or the player is destroyed. */
  | 'no-frame'
  /** No immersive session can be had. */
  | 'immersive-unavailable'
  /** The viewer or the browser refused motion sensors. */
  | 'motion-denied'
  /**
   * Nothing was loaded or played for half a minute, though it should have been. Fatal after a minute
   * and a half, unless it is a live stream that has played.
   */
  | 'playback-stalled'
  /** A defect in videosphere itself. */
  | 'internal';

/**
 * A failure: as `detail` of an `error` or `warning` event, as `error`, or thrown. It has the shape of
 * a `MediaError`.
 */
export class VideoSphereError extends Error {
  constructor(fields: {
    name?: ErrorName;
    severity?: ErrorSeverity;
    /** A sentence for a person that says what to do. */
    message?: string;
    context?: Record<string, unknown>;
    cause?: unknown;
  });
  /** What happened. */
  readonly name: ErrorName;
  /**
   * The nearest of MediaError's numbers: `MEDIA_ERR_NETWORK` (2), `MEDIA_ERR_DECODE` (3) or
   * `MEDIA_ERR_SRC_NOT_SUPPORTED` (4).
   */
  readonly code: number;
  readonly severity: ErrorSeverity;
  /** The facts: `url`, `status`, `codec`, … according to the name. */
  readonly context: Record<string, unknown>;
  readonly isFatal: boolean;
  toJSON(): { name: ErrorName; code: number; severity: ErrorSeverity; message: string; context: object };
}

/** A variant of the stream (EXT-X-STREAM-INF). */
export interface Variant {
  /** For {@link PlayerMembers.selectVariant}; stable for the life of the stream. */
  readonly id: number;
  /** BANDWIDTH, bits per second. */
  readonly bandwidth: number;
  /** RESOLUTION, 0 where unknown. */
  readonly width: number;
  readonly height: number;
  readonly frameRate: number | null;
  readonly codecs: string;
  /** PATHWAY-ID, of streams whose server says from where they are played; `'.'` of others. */
  readonly pathway: string;
  /** VIDEO-RANGE: `'SDR'` where it is not said, `'HLG'`, `'PQ'`. */
  readonly videoRange: string;
  /** SCORE, the higher the better; it counts where every variant has one. */
  readonly score: number | null;
  /** STABLE-VARIANT-ID, by which another list names the same variant. */
  readonly stableId: string | null;
  /** Whether this browser plays it. */
  readonly playable: boolean;
  /** Whether it comes from the second source. */
  readonly highQualitySource: boolean;
}

/** A track of sound (EXT-X-MEDIA), as HTML has it. */
export interface AudioTrack {
  /** Stable for the life of the stream. */
  readonly id: string;
  /** `'main'` is the author's choice (DEFAULT), `'main-desc'` also says what is seen. */
  readonly kind: 'main' | 'main-desc' | 'alternative';
  /** NAME. */
  readonly label: string;
  /** BCP 47; empty where unknown. */
  readonly language: string;
  /** CHANNELS (`'2'`, `'6'`, `'16/JOC'`); empty where unknown. */
  readonly channels: string;
  /**
   * Whether it is heard, or about to be. `true` makes it so, and the others `false`: its sound is loaded while the old
   * one plays on, and taken over without a gap. `false` alone changes nothing; silence is `muted`.
   */
  enabled: boolean;
}

/**
 * An array-like list of the stream's tracks of sound, as HTML's AudioTrackList; empty where the stream names none,
 * and for what the browser plays by itself. Events: `addtrack` and `removetrack`, with the track in `track`, and
 * `change`, also where a track could not be had (a `warning` says why) and the one before plays on.
 */
export interface AudioTracks extends EventTarget {
  readonly length: number;
  readonly [index: number]: AudioTrack;
  [Symbol.iterator](): Iterator<AudioTrack>;
  getTrackById(id: string): AudioTrack | null;
}

/** Something that the stream says at a moment. */
export interface TimedMetadata {
  /**
   * What kind: `org.id3` (of MPEG-TS and packed audio), `com.apple.quicktime.HLS` (EXT-X-DATERANGE), or the scheme
   * of an `emsg` box, such as `https://aomedia.org/emsg/ID3` or `urn:scte:scte35:2013:bin`.
   */
  readonly scheme: string;
  /** Tells it from others of the scheme; said again with the same, it says more. */
  readonly id: string;
  /** Seconds of `currentTime`. */
  readonly startTime: number;
  /** The same; null where it is not known. */
  readonly endTime: number | null;
  /**
   * What it says, by name: frames of ID3 (`TIT2`, `TXXX`, …), attributes of EXT-X-DATERANGE (`CLASS`,
   * `X-…`; SCTE-35 is decoded), fields of SCTE-35; of a name that stands twice, a list. `bytes` is the message as
   * it came.
   */
  readonly data: Readonly<Record<string, unknown>> & { readonly bytes: Uint8Array };
}

/**
 * `data` of {@link TimedMetadata} where its `CLASS` is `com.apple.hls.interstitial` (RFC 8216bis Appendix D): something
 * else that is to be played there. The player says so and plays on; an attribute that is not there is no field, and
 * one that cannot be read is its text.
 */
export interface InterstitialData {
  readonly CLASS: 'com.apple.hls.interstitial';
  /** Absolute address of the one asset. */
  readonly 'X-ASSET-URI'?: string;
  /** Absolute address of JSON that names several. */
  readonly 'X-ASSET-LIST'?: string;
  /** Seconds after `startTime` where the stream goes on; without it, as long as the interstitial has taken. */
  readonly 'X-RESUME-OFFSET'?: number;
  /** Seconds that it plays at most. */
  readonly 'X-PLAYOUT-LIMIT'?: number;
  /** Which of its ends are moved to a segment's border. */
  readonly 'X-SNAP'?: { readonly OUT?: true; readonly IN?: true };
  /** What the viewer may not do: skip within it, or jump over it. */
  readonly 'X-RESTRICT'?: { readonly SKIP?: true; readonly JUMP?: true };
  /** False where each viewer gets the same. */
  readonly 'X-CONTENT-MAY-VARY'?: boolean;
  /** What it takes of a seek bar. */
  readonly 'X-TIMELINE-OCCUPIES'?: 'POINT' | 'RANGE';
  /** Whether a seek bar tells it from the stream. */
  readonly 'X-TIMELINE-STYLE'?: 'HIGHLIGHT' | 'PRIMARY';
  /** Seconds into it from when on it may be skipped. */
  readonly 'X-SKIP-CONTROL-OFFSET'?: number;
  /** Seconds for which that is offered. */
  readonly 'X-SKIP-CONTROL-DURATION'?: number;
  /** Before all, after all, and not again, instead of at `startTime`. */
  readonly CUE?: { readonly PRE?: true; readonly POST?: true; readonly ONCE?: true };
  /** None. */
  readonly bytes: Uint8Array;
}

/** What the manifest says of the whole stream (EXT-X-SESSION-DATA, RFC 8216bis 4.4.6.4). */
export interface SessionData {
  /** DATA-ID, a name in reverse DNS such as `com.example.title`; it stands once for each language. */
  readonly id: string;
  /** LANGUAGE (BCP 47), empty where it has none. */
  readonly language: string;
  /** VALUE; null where it lies at `url`. */
  readonly value: string | null;
  /** URI, absolute: nothing is fetched before {@link PlayerMembers.loadSessionData}; null where there is a `value`. */
  readonly url: string | null;
  /** FORMAT of what lies at `url`; null where there is a `value`. */
  readonly format: 'json' | 'raw' | null;
}

/** The presentation timeline, in seconds of `currentTime`. */
export interface Timeline {
  /** Still growing. */
  readonly live: boolean;
  /** First seekable time. */
  readonly start: number;
  /** The end, or the end of the live playlist. */
  readonly end: number;
  /** Where "live" is: the end less hold-back. `null` for what is not live. */
  readonly liveEdge: number | null;
  /** Unix milliseconds of time zero, from EXT-X-PROGRAM-DATE-TIME. */
  readonly zeroUnixMillis: number | null;
}

/** Figures. All but the renderer's are missing until measured. */
export interface Stats {
  /** The throughput estimate. */
  readonly bandwidthBps?: number | null;
  /** {@link Variant.id} of the variant being loaded. */
  readonly variant?: number | null;
  readonly bufferAheadSecs?: number;
  /** From the end of the live playlist to the playhead. */
  readonly liveLatencySecs?: number | null;
  /**
   * The distance from the end of the live playlist that is aimed at: the page's, the playlist's, or
   * more than that where playback stalled recently.
   */
  readonly targetLatencySecs?: number | null;
  /**
   * From the moment at which a picture was dated (EXT-X-PROGRAM-DATE-TIME) to the moment at which
   * it plays: as good as the sender's clock and this machine's agree. `null` where nothing is dated.
   */
  readonly endToEndLatencySecs?: number | null;
  /** See {@link PlayerMembers.isAtLiveEdge}. */
  readonly atLiveEdge?: boolean;
  /** The media element's, set by the page or by us: near 1 where playback keeps up with a live stream. */
  readonly playbackRate?: number;
  /** Times playback ran dry. */
  readonly stalls?: number;
  readonly bytesReceived?: number;
  readonly segmentsLoaded?: number;
  readonly retries?: number;
  readonly gapsJumped?: number;
  /** Whether Media Source Extensions run in the worker. */
  readonly mseInWorker?: boolean;
  /** Whether it is a ManagedMediaSource. */
  readonly managed?: boolean;
  /** Whether the browser plays it by itself: a file, or HLS where there is no media source. No variants, no figures. */
  readonly native?: boolean;
  readonly renderer?: Renderer | null;
  /** How often the picture was drawn: not while nothing changes, or it cannot be seen. */
  readonly framesDrawn?: number | null;
  readonly framesDecoded?: number | null;
  readonly framesDropped?: number | null;
}

/** Where the viewer looks, in degrees: yaw to the right, pitch upwards, fov across the shorter side. */
export interface View {
  readonly yaw: number;
  readonly pitch: number;
  readonly fov: number;
}

/** The engine's settings; `src/config.rs` says what each does and why its default. */
export interface EngineConfig {
  buffer?: { aheadSecs?: number; behindSecs?: number; aheadBytes?: number; maxGapSecs?: number };
  abr?: {
    /** Assumed of the link until it was measured, bits per second: 0.71 of `navigator.connection.downlink`, or 1.5 Mbit/s. */
    initialBps?: number;
    fastHalfLifeSecs?: number;
    slowHalfLifeSecs?: number;
    upFactor?: number;
    capToViewport?: boolean;
  };
  live?: {
    targetLatencySecs?: number;
    minPlaybackRate?: number;
    maxPlaybackRate?: number;
    maxLatencySecs?: number;
  };
  audio?: {
    /** Languages of sound that the page wants, the one wanted most first. {@link PlayerMembers.audioLanguage} goes before. */
    languages?: string[];
    /** The viewer's, of what the author offers for that (AUTOSELECT): `navigator.languages` by default. */
    viewerLanguages?: string[];
  };
  retry?: {
    maxRetries?: number;
    minDelayMillis?: number;
    maxDelayMillis?: number;
    firstByteTimeoutMillis?: number;
    idleTimeoutMillis?: number;
    /** For a whole answer; a segment may take longer while it comes at 100 kbit/s. */
    totalTimeoutMillis?: number;
  };
  /** Seeds the jitter of retries, so that runs can be repeated. */
  seed?: number;
}

/** See {@link PlayerMembers.diagnostics}. For people: what is in it may change with any version. */
export interface Diagnostics {
  readonly videosphere: string;
  readonly events: readonly { atMillis: number; type: string; detail?: unknown }[];
  readonly [part: string]: unknown;
}

/** What goes with the requests for a stream. */
export interface RequestOptions {
  /**
   * They go with every request to the origin of `src` and of `highQualitySrc`, and to those in
   * `origins`: what a playlist names elsewhere does not get a viewer's token. A server of these
   * origins that redirects takes them along, `Authorization` excepted, as browsers do.
   */
  headers?: Record<string, string>;
  /** `['https://cdn.example.com']`, or `['*']` for wherever a playlist points to. */
  origins?: string[];
  /** Everywhere; without it `crossOrigin` says: `'use-credentials'` is `'include'`. */
  credentials?: RequestCredentials;
  /** Beside these, and instead of `credentials`, for the requests for one kind of thing. */
  resources?: { [Resource in RequestResource]?: Pick<RequestOptions, 'headers' | 'credentials'> };
}

/** What a request of the stream is for: `'playlist'` is a multivariant one as well. More may come with a minor version. */
export type RequestResource = 'playlist' | 'init' | 'segment' | 'key';

/** A request of the stream before it is made. */
export interface StreamRequest {
  /** Absolute. What a playlist names is relative to the address before it was changed. */
  url: string;
  readonly resource: RequestResource;
  method: string;
  /** By name; a `Range` that the engine asks for stays. */
  headers: Record<string, string>;
  credentials: RequestCredentials;
  /** 401 or 403, where the server refused what this function gave before: it is asked once more. */
  readonly refusedWith?: number;
}

/**
 * Asked before every request of a stream, those that are made again too: for tokens that run out, addresses that are
 * signed. It changes the request or gives (a promise of) another; what that lacks stays as it was. Where it throws, or
 * does not answer in nine seconds, the request has failed (`request-function-failed`), and is tried again as others are.
 */
export type RequestFunction = (
  request: StreamRequest,
) => Partial<StreamRequest> | undefined | Promise<Partial<StreamRequest> | undefined>;

/**
 * Common Media Client Data (CTA-5004; version 2 is CTA-5004-B). What cannot be used is left out, with an
 * `invalid-option` warning. {@link PlayerMembers.request} gets each request with it.
 */
export interface CmcdOptions {
  /**
   * `'query'` by default. Headers to another origin need `Access-Control-Allow-Headers` there, and a preflight each;
   * `'none'` is for reports of events alone.
   */
  mode?: 'query' | 'headers' | 'none';
  /** 1 by default. */
  version?: 1 | 2;
  /** `cid`: what plays; up to 64 characters, 128 in version 2. */
  contentId?: string;
  /** `sid`: up to 64 characters. Without one each load has a random one. */
  sessionId?: string;
  /** All that is known goes out without it. */
  includeKeys?: string[];
  /**
   * Keys of the page's own, in lower case and with a hyphen (`com.example-yaw`), as they are or asked for with each
   * report.
   */
  custom?: CmcdCustom | (() => CmcdCustom);
  /** Who is told of events, with a POST of `application/cmcd`; always version 2. */
  eventTargets?: CmcdEventTarget[];
}

/** See {@link CmcdOptions.custom}. */
export type CmcdCustom = Record<string, string | number | boolean>;

/**
 * `ps` the state changed (`sta`), `bc` another variant, `e` an error (`ec` is its name), `t` a while passed, `pr`
 * another rate, `m` muted, `um` no more, `b` in the background or back, `c` another content.
 */
export type CmcdEvent = 'ps' | 'bc' | 'e' | 't' | 'pr' | 'm' | 'um' | 'b' | 'c';

/** See {@link CmcdOptions.eventTargets}. */
export interface CmcdEventTarget {
  /** Relative to the page. Of another origin it needs CORS with `Content-Type`. */
  url: string;
  /** All by default. */
  events?: CmcdEvent[];
  /** Between two `t`, 30 by default. What waits is sent then too. */
  intervalSecs?: number;
  /** So many events are sent at once; 1 by default. */
  batchSize?: number;
  /** Instead of {@link CmcdOptions.includeKeys}; `e`, `ts` and `v` always go. */
  includeKeys?: string[];
}

/** How a {@link Player} begins. Either `container` or `canvas` is needed. */
export interface PlayerOptions {
  /** Gets a canvas and a video, both filling it. */
  container?: HTMLElement;
  /** A canvas of the page's own instead. */
  canvas?: HTMLCanvasElement;
  /** A media element of the page's own. It must not be `display: none`. */
  video?: HTMLVideoElement;
  src?: string | URL;
  /** See {@link PlayerMembers.type}. */
  type?: string;
  /** Goes before `src`: a camera, say. */
  srcObject?: MediaProvider | null;
  /** A second stream for `'max'` and heights that `src` lacks: "the 4K stream". */
  highQualitySrc?: string | URL;
  /** Where to begin; without it the start, or the live edge. */
  startSecs?: number;
  quality?: Quality;
  projection?: Projection | 'auto';
  stereo?: Stereo | 'auto';
  renderer?: Renderer | 'auto';
  yaw?: number;
  pitch?: number;
  fov?: number;
  /** Follow the device's movement (where the browser asks no permission). */
  motion?: boolean;
  /** `'auto'` by default. */
  gestureHandling?: GestureHandling;
  /** See {@link PlayerMembers.hotkeys}. */
  hotkeys?: string;
  muted?: boolean;
  autoplay?: boolean;
  loop?: boolean;
  volume?: number;
  playbackRate?: number;
  /** See {@link PlayerMembers.targetLatency}. */
  targetLatency?: number | null;
  /** See {@link PlayerMembers.audioLanguage}. */
  audioLanguage?: string;
  /**
   * `'none'`: nothing of the stream is fetched until `play()`, a seek, `goLive()`, `load()`, or
   * `autoplay`. Anything else loads what is to be played, `'metadata'` as well.
   */
  preload?: '' | 'none' | 'metadata' | 'auto';
  crossOrigin?: 'anonymous' | 'use-credentials' | null;
  request?: RequestOptions | RequestFunction | null;
  /** Where `worker.js` is served, if not beside the module. */
  workerUrl?: string | URL;
  /** Where `engine_bg.wasm` is served, if not beside the worker. */
  engineUrl?: string | URL;
  /** Where `transmux_bg.wasm` is served, if not beside the worker: streams of MPEG-TS and packed audio load it. */
  transmuxUrl?: string | URL;
  /** The folder of `captions_bg.wasm`, `webvtt_bg.wasm`, `imsc_bg.wasm` and `metadata_bg.wasm`, if not beside the worker: each is loaded where it is wanted. */
  tracksUrl?: string | URL;
  /**
   * Where the view modules' `.wasm` files are served, if not beside their JavaScript: the folder that
   * holds both, or the address of each.
   */
  wasmUrls?: string | URL | { webgpu?: string | URL; webgl2?: string | URL };
  config?: EngineConfig | null;
  /** See {@link PlayerMembers.cmcd}. */
  cmcd?: CmcdOptions | null;
}

/** What a {@link Player} and a `<video-sphere>` have beyond a `<video>`. */
export interface PlayerMembers {
  /**
   * The stream. Setting it loads, and pauses, as with a `<video>`. HLS is played by us; files (MP4, WebM)
   * and `srcObject` by the browser, in the same sphere, and without the engine.
   */
  src: string;
  /**
   * The MIME type of `src`, as of a `<source>`: where the address does not end in `.m3u8` or like a file. Without
   * either it is taken for HLS, and once the answer is something else for a file. Set it before `src`.
   */
  type: string;
  readonly currentSrc: string;
  /**
   * See {@link PlayerOptions.highQualitySrc}. Setting it loads again, and comes back to the same
   * place (or to the live edge), playing if it was.
   */
  highQualitySrc: string;
  /**
   * What goes with the stream's requests. What is set counts from the next load on; a function in the place of another
   * one is asked at once. Files and streams that the browser plays by itself know nothing of it.
   */
  request: RequestOptions | RequestFunction | null;
  /**
   * The engine's settings. What is set counts from the next load on; `live.targetLatencySecs`, unless
   * {@link PlayerMembers.targetLatency} is set, at once.
   */
  config: EngineConfig | null;
  /**
   * What is told to the servers about playback, as Common Media Client Data; nothing by default. What is set counts
   * from the next load on. Files and streams that the browser plays by itself know nothing of it.
   */
  cmcd: CmcdOptions | null;
  /** From the next segment on, without a gap or reload. */
  quality: Quality;
  readonly variants: readonly Variant[];
  /** What the manifest of `src` says of the whole stream, in its order; empty where it says nothing. */
  readonly sessionData: readonly SessionData[];
  /**
   * What an entry says: its `value`; what the JSON at its `url` holds; or the bytes there (`ArrayBuffer`), of
   * `format` `raw`. Asked for like a playlist, with the page's `request`. Rejects with a
   * {@link VideoSphereError} that says why it cannot be had or read.
   */
  loadSessionData(entry: SessionData): Promise<unknown>;
  /** Pins one variant; `quality = 'auto'` hands back. */
  selectVariant(id: number): void;

  /** The stream's tracks of sound; in the element too while it is in no document. */
  readonly audioTracks: AudioTracks;
  /**
   * The language of sound to begin with, as HTML's `lang`; several with commas between them, the one wanted most first.
   * Without it, or without such a track, the viewer's languages and the author's choice say. What is set counts
   * from the next load on; {@link AudioTracks} change what plays.
   */
  audioLanguage: string;

  /** `null` before the first playlist. */
  readonly timeline: Timeline | null;
  readonly isLive: boolean;
  /** Whether what plays is live: within two seconds, or half the target latency, of it. */
  readonly isAtLiveEdge: boolean;
  /** Plays at the live edge, and stays there. */
  goLive(): void;
  /**
   * Wanted distance from the live edge in seconds; `null` (the default) leaves it to the playlist.
   * While the viewer is live, playback is kept there by small changes of `playbackRate` (pitch
   * kept), or by a jump from far away; never at a `playbackRate` of the page's own other than 1,
   * nor back in the window. The media element's `ratechange` fires for these changes too.
   */
  targetLatency: number | null;
  readonly stats: Stats;
  /** The last fatal failure, `null` while all is well. */
  readonly error: VideoSphereError | null;

  /** The media element inside. */
  readonly video: HTMLVideoElement;
  /** Resolves when there is a renderer; rejects with `renderer-unavailable`. */
  readonly ready: Promise<void>;
  get projection(): Projection;
  set projection(projection: Projection | 'auto');
  get stereo(): Stereo;
  set stereo(stereo: Stereo | 'auto');
  /**
   * Degrees to the right of the picture's centre. In the headset it follows the head, and setting it
   * turns the scene, so that this lies where the head is turned.
   */
  yaw: number;
  /**
   * Degrees upwards, −90 to 90. While motion leads, the device says it and setting is ignored; so in
   * the headset, where the horizon stays level.
   */
  pitch: number;
  /**
   * Field of view in degrees, 30 to 120, across the shorter side: vertical in landscape, horizontal
   * in portrait.
   */
  fov: number;
  /** Whether the view follows the device's movement. */
  motion: boolean;
  /** Looks ahead again; in motion, makes the present heading "ahead". */
  recenter(): void;
  /** Asks for the motion sensors. Call it in a click: iPhones insist. */
  requestPermissionForMotion(): Promise<boolean>;
  /** Can be set at any time. */
  gestureHandling: GestureHandling;
  /**
   * Which keys are ours, where the focus is in the player: `'all'` (the default), `'view'` (arrows, plus,
   * minus and Home, on the picture), `'playback'` (those of the control bar) or `'none'`, and after it
   * keys to leave out of these: `'all noarrowup noarrowdown nospace'`. A key that is used goes no
   * further; Escape always closes what is open.
   */
  hotkeys: string;
  /**
   * A still as an image file; `createImageBitmap(blob)` makes pixels of it. It waits for `ready`.
   * Rejects with `no-frame`, `video-tainted` or `context-lost`, and with a TypeError for options
   * that do not exist.
   */
  captureFrame(options?: CaptureOptions): Promise<Blob>;
  /**
   * A small picture of a moment, in seconds of `currentTime`, as for a seek bar of your own: what is straight ahead,
   * of the left eye. It comes from a storyboard of the page's (`<track kind="metadata" label="thumbnails">`), or else
   * from the stream: an image playlist (EXT-X-IMAGE-STREAM-INF, with or without EXT-X-TILES), or else an I-frame
   * playlist (EXT-X-I-FRAME-STREAM-INF), which the browser's own decoder reads (WebCodecs). The last ones are kept.
   * `null` where there is no picture of that moment. Rejects with a {@link VideoSphereError} where one could not be had,
   * which stops nothing: `unsupported-codec` where there are I-frames alone and this browser does not decode them,
   * `encrypted` where the pictures are, `network-status`, …; and with a TypeError for options that do not exist.
   */
  getThumbnail(secs: number, options?: ThumbnailOptions): Promise<Thumbnail | null>;

  /**
   * What to put into a bug report: versions, what this browser can do, what was decided and what happened
   * last. It is JSON, and holds no query of an address, no header's value and no credentials.
   */
  diagnostics(): Promise<Diagnostics>;

  readonly isImmersive: boolean;
  isImmersiveSupported(): Promise<boolean>;
  /**
   * Starts the headset session, with what the page looks at ahead. Call it in a click. Rejects with
   * `immersive-unavailable`. In the session the trigger (or a pinch) plays and pauses, held it
   * recentres, and the stick seeks by ten seconds; leaving is by `exitImmersive()` or the system.
   * A stream that has not been played yet begins to play, whatever `preload` says. A fatal error ends
   * the session, so that the page can show it; after one, until the next load, entering rejects with it.
   */
  enterImmersive(): Promise<void>;
  exitImmersive(): Promise<void>;
}

type OwnNames = keyof PlayerMembers;

/** The members of HTMLVideoElement and HTMLMediaElement that are handed on. */
export type MediaMembers = Omit<
  Pick<HTMLVideoElement, Exclude<keyof HTMLVideoElement, keyof HTMLElement>>,
  OwnNames
>;

/** Our events, each a CustomEvent. */
export interface PlayerEventMap {
  /**
   * Playback cannot go on (what is buffered still plays); `error` holds the same. A live stream that
   * has played is waited for however long it is away, with a `warning` for each round of tries.
   */
  error: CustomEvent<VideoSphereError>;
  /** A failure that was survived: something was skipped, repaired, retried or left out. */
  warning: CustomEvent<VideoSphereError>;
  /** The variants are known, or more of them. */
  variants: CustomEvent<readonly Variant[]>;
  /** The manifest says something of the whole stream: {@link PlayerMembers.sessionData} is there. */
  sessiondata: CustomEvent<readonly SessionData[]>;
  /** Another variant's segments are being loaded; `auto` if not by request. */
  variantchange: CustomEvent<{ id: number; auto: boolean }>;
  /** Segments come by another pathway (PATHWAY-ID), as the stream's steering server wants it or another one failed. */
  pathwaychange: CustomEvent<{ pathway: string }>;
  timelinechange: CustomEvent<Timeline>;
  statschange: CustomEvent<Stats>;
  viewchange: CustomEvent<View>;
  /** What is drawn, or who says so, is another than before. */
  projectionchange: CustomEvent<{
    projection: Projection;
    stereo: Stereo;
    projectionSource: ProjectionSource;
    stereoSource: ProjectionSource;
  }>;
  /** A renderer took over; `canvas` is another element than before where the first one failed. */
  rendererchange: CustomEvent<{ renderer: Renderer; canvas: HTMLCanvasElement }>;
  /** After the warning `context-lost`: the picture is back. */
  contextrestored: CustomEvent<{ renderer: Renderer }>;
  /** The graphics card takes no texture of the video's size; a smaller one is drawn. */
  downscaled: CustomEvent<{ videoWidthPx: number; textureWidthPx: number }>;
  /** A wheel or a finger scrolled the page over the picture; `<video-sphere>` shows how the view is moved. */
  gesturehint: CustomEvent<{ gesture: 'wheel' | 'touch' }>;
  /**
   * The stream says something at the frame that is shown now: ID3, `emsg`, EXT-X-DATERANGE. Once each, and again
   * after a seek back. Read only where somebody listens.
   */
  metadata: CustomEvent<TimedMetadata>;
  immersivestart: CustomEvent<unknown>;
  /** However it ends: by the viewer, the system, an error, or with the player. */
  immersiveend: CustomEvent<unknown>;
}

/** All events: ours, and a media element's. */
export type AllEvents = Omit<HTMLMediaElementEventMap, keyof PlayerEventMap> & PlayerEventMap;

/** A 360° HLS player. Constructing it needs a browser; importing it does not. */
export class Player extends EventTarget {
  constructor(options: PlayerOptions);
  /**
   * Resolves when it really plays. Rejects with the {@link VideoSphereError} that keeps it from
   * doing so, with `NotAllowedError` where the browser wants a click first, and with `AbortError`
   * after `pause()`, a `src` of nothing, or `destroy()`; another `src` is another stream to wait for.
   */
  play(): Promise<void>;
  /** Frees worker, graphics, listeners, and the elements it added. */
  destroy(): void;
  /** `null` until there is one. */
  readonly renderer: Renderer | null;
  /** The element that shows the sphere. */
  readonly canvas: HTMLCanvasElement;

  addEventListener<Type extends keyof AllEvents>(
    type: Type,
    listener: (this: Player, event: AllEvents[Type]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
  removeEventListener<Type extends keyof AllEvents>(
    type: Type,
    listener: (this: Player, event: AllEvents[Type]) => unknown,
    options?: boolean | EventListenerOptions,
  ): void;
  removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | EventListenerOptions,
  ): void;
}
export interface Player extends PlayerMembers, MediaMembers {}
