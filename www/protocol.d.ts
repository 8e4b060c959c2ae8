/**
 * Every message between the page (`playback.js`) and the engine's worker (`worker.js`), and
 * between a media sink (`media_sink.js`) and the engine (`src/web/`). Types only: nothing of this
 * file is loaded, nor packed.
 *
 * A message is a plain object with a literal `kind`. The engine reads and writes the same names in
 * `src/web/messages.rs` and `src/web/media_source.rs`; `tests/www/protocol.test.mjs` compares both
 * sides. Times are seconds of the media element's `currentTime` unless a name says otherwise.
 */

import type {
  EngineConfig,
  ErrorName,
  ErrorSeverity,
  Quality,
  RequestOptions,
  SessionData,
  Stats,
  Timeline,
  Variant,
} from './index.js';

/** One message, either way. */
export type Message = ToWorker | FromWorker;

/** From the page to the worker. */
export type ToWorker =
  | InitMessage
  | ModuleMessage
  | AskedMessage
  | TransmuxMessage
  | ReleasedMessage
  | PingMessage
  | EngineMessage;

/** What the engine itself takes in (`input_of` in `src/web/messages.rs`). */
export type EngineMessage = PageMessage | SinkEventMessage | RereadMessage | SteerMessage;

/** What the page wants, and what the media element does. */
export type PageMessage =
  | LoadMessage
  | UnloadMessage
  | QualityMessage
  | VariantMessage
  | AudioTrackMessage
  | ViewportMessage
  | DecodingMessage
  | GoLiveMessage
  | SelectTextMessage
  | TargetLatencyMessage
  | PlaybackMessage
  | OnlineMessage
  | MediaErrorMessage;

/**
 * A sink's event as the main thread posts it, where Media Source Extensions are not in the worker.
 * In the worker the sink hands the engine the bare {@link SinkEvent}.
 */
export type SinkEventMessage = SinkEvent & {
  /** See {@link AttachMessage.generation}. */
  generation: number;
};

// —— to the worker ——

/** The first message: what the engine is made with. Those for the engine wait until it is. */
export interface InitMessage {
  kind: 'init';
  /** Absolute URL of `engine_bg.wasm`; without one it lies in `wasm/` beside the worker. */
  engineUrl?: string;
  /** The same of `transmux_bg.wasm`, which is asked for with the first segment that may need it. */
  transmuxUrl?: string;
  /** The same of the modules that read text, each asked for with the first of its kind that is wanted. */
  tracksUrls?: Partial<Record<TextModule, string>>;
  /** The same of `dash_bg.wasm`, which is asked for with the first DASH manifest. */
  dashUrl?: string;
  /** The page's settings as it gave them: the engine checks them. */
  config?: EngineConfig;
  /** For each request: headers for the stream's own origin and `origins`, credentials for all. */
  request?: RequestOptions;
  /** The page has a word of its own on each request: it is asked with a {@link ReleaseMessage}. */
  asksPage: boolean;
  /** Whether the worker makes the media source itself: only the page's thread knows. */
  sinkInWorker: boolean;
}

/** A wasm module that reads text: captions within the media, subtitles by their format, timed metadata. */
export type TextModule = 'captions' | 'webvtt' | 'imsc' | 'metadata';

/** The engine's wasm, which the page asked for before the worker ran: the engine waits for this message. */
export interface ModuleMessage {
  kind: 'module';
  /**
   * Its bytes, or null, where the page could not compile it: the worker compiles them, or what it loads,
   * by itself then, and says why it cannot.
   */
  module: WebAssembly.Module | ArrayBuffer | null;
}

/** The page has asked for a playlist already: the stream's, before its {@link LoadMessage}, or the one likely next. */
export interface AskedMessage {
  kind: 'asked';
  /** As of {@link LoadMessage.load}. */
  load: number;
  /** Absolute. */
  url: string;
  /** Transferred. It brings each {@link EarlyPart}; any message back says that no more is wanted. */
  port: MessagePort;
}

/** Segments will need the transmuxer: its module is loaded before the engine asks. */
export interface TransmuxMessage {
  kind: 'transmux';
}

/** A piece of the answer to a request that the page made early. */
export type EarlyPart = EarlyHead | EarlyChunk | EarlyEnd | EarlyBreak;

export interface EarlyHead {
  kind: 'head';
  /** After redirects. */
  url: string;
  status: number;
  /** Those that the server lets this origin see. */
  headers: [string, string][];
}

export interface EarlyChunk {
  kind: 'chunk';
  /** Transferred. */
  bytes: Uint8Array;
}

/** The body is whole. */
export interface EarlyEnd {
  kind: 'end';
  /** A list that grows: soon it is no answer any more. */
  isPassing: boolean;
}

/** No answer came, or its body broke off. */
export interface EarlyBreak {
  kind: 'break';
  /** The page itself did not release the request. */
  isHeld: boolean;
}

/** The answer to a {@link ReleaseMessage}. */
export interface ReleasedMessage {
  kind: 'released';
  /** As of {@link ReleaseMessage.id}. */
  id: number;
  /** As the page wants it; null where it gives none. */
  released: Released | null;
}

/** A request as the page wants it: what `fetch` takes. */
export interface Released {
  url: string;
  method: string;
  headers: Record<string, string>;
  credentials: RequestCredentials;
}

/** Asks for a {@link PongMessage}: a browser ends a worker without an event. */
export interface PingMessage {
  kind: 'ping';
}

/** Opens a stream, ending any other. */
export interface LoadMessage {
  kind: 'load';
  /** The number of this stream; every message that concerns it bears it, so that later ones stand apart. */
  load: number;
  /** Absolute URL of the playlist. */
  url: string;
  /** Absolute URL of the second stream, for `'max'` and heights that the first lacks. */
  highQualityUrl?: string;
  /** Where to begin, in seconds; without it the start, or the live edge. */
  startSecs?: number;
  /** With the load, so that the first segment is of it already. */
  quality: Quality;
}

/** Closes the stream. */
export interface UnloadMessage {
  kind: 'unload';
  /** As of {@link LoadMessage.load}: messages about the old stream are stale from here on. */
  load: number;
}

/** Another quality, from the next segment on. */
export interface QualityMessage {
  kind: 'quality';
  quality: Quality;
}

/** One variant and no other. */
export interface VariantMessage {
  kind: 'variant';
  /** {@link Variant.id}. */
  id: number;
}

/** Plays one audio track, as soon as its sound is there. */
export interface AudioTrackMessage {
  kind: 'audiotrack';
  /** {@link AudioTrackInfo.id}. */
  id: number;
}

/** How large the picture is seen: variants beyond it are not worth their bytes. */
export interface ViewportMessage {
  kind: 'viewport';
  /** Device pixels that a full turn would take at the present zoom, whole. */
  widthPx: number;
}

/** How the variants of the last `variants` are decoded and shown. */
export interface DecodingMessage {
  kind: 'decoding';
  /** For each: 8 supported, 4 its video range is shown, 2 smooth, 1 power-efficient; added up. */
  supported: Uint8Array;
}

/** To the live edge. */
export interface GoLiveMessage {
  kind: 'golive';
}

/** The text tracks to load, and no others. */
export interface SelectTextMessage {
  kind: 'selecttext';
  /** {@link TextTrackInfo.id}. */
  tracks: number[];
  /** Whether captions that travel in the media are read: the engine does not know of them. */
  captions: boolean;
  /** The same of events, and of those in the playlist. */
  metadata: boolean;
}

/** From the worker itself: what is buffered is loaded again, for whoever looks at what is appended. */
export interface RereadMessage {
  kind: 'reread';
}

/** From the worker itself: content steering (RFC 8216bis 7). */
export interface SteerMessage {
  kind: 'steer';
  /** The best first. */
  pathways: string[];
  /** A multivariant playlist of those cloned since the last time, its URLs absolute; empty where none was. */
  clones: string;
}

/** The page's own target latency. */
export interface TargetLatencyMessage {
  kind: 'targetlatency';
  /** Seconds behind the end of the live playlist; null leaves it to the stream. */
  secs: number | null;
}

/** The state of the media element: the engine has no other clock of what is played. */
export interface PlaybackMessage {
  kind: 'playback';
  /** `currentTime`, seconds. */
  currentTime: number;
  paused: boolean;
  /** A seek is under way, or has just begun: it may be over when its event comes. */
  seeking: boolean;
  ended: boolean;
  /** As it is, the page's or the engine's. */
  playbackRate: number;
  /** Whether that rate is the engine's own ({@link RateMessage}): one of the page's is left alone. */
  ownRate: boolean;
  /** HTMLMediaElement.readyState, 0 to 4: it shows a stall. */
  readyState: number;
  /** Whether the document is hidden: its timers are slow then, and silence is no sleep of the machine. */
  hidden: boolean;
}

/** The browser went online or offline. */
export interface OnlineMessage {
  kind: 'online';
  on: boolean;
}

/** The media element failed. */
export interface MediaErrorMessage {
  kind: 'mediaerror';
  /** See {@link AttachMessage.generation}: an error of a source that has gone is none. */
  generation: number;
  /** MediaError.code. */
  code: number;
  /** MediaError.message; browsers put what helps to find the cause there. */
  detail: string;
}

// —— events of a media sink ——

export type TrackName = 'video' | 'audio' | 'muxed';

/** What a media sink answers; never before the method that asked has returned. */
export type SinkEvent =
  | OpenedEvent
  | UnsupportedEvent
  | UpdatedEvent
  | QuotaExceededEvent
  | RejectedEvent
  | StreamingEvent
  | CodecsEvent;

/** The media source is open: tracks can be added. */
export interface OpenedEvent {
  kind: 'opened';
}

/** There is no media source on this thread. */
export interface UnsupportedEvent {
  kind: 'unsupported';
}

/** An operation ended well, or the browser evicted. */
export interface UpdatedEvent {
  kind: 'updated';
  track: TrackName;
  /** Start and end of each buffered range in turn, seconds: one array is cheaper than objects. */
  buffered: Float64Array;
  /** The browser evicted by itself (ManagedSourceBuffer): no operation ended with this. */
  unasked?: boolean;
}

/** An append found the buffer full. */
export interface QuotaExceededEvent {
  kind: 'quotaexceeded';
  track: TrackName;
}

/** An operation failed. */
export interface RejectedEvent {
  kind: 'rejected';
  track: TrackName;
  /** Why, in the browser's words. */
  detail: string;
}

/** A ManagedMediaSource wants data, or wants none for now. */
export interface StreamingEvent {
  kind: 'streaming';
  on: boolean;
}

/** The answer to {@link ProbeCommand}; of the browser, so it is true of any generation. */
export interface CodecsEvent {
  kind: 'codecs';
  /** Those that were asked for. */
  codecs: string[];
  /** 1 for each that can be played, else 0. */
  supported: Uint8Array;
}

// —— from the worker ——

/** Before it is sent. */
export type WorkerMessage =
  | PongMessage
  | ReleaseMessage
  | EngineEvent
  | CuesEvent
  | InBandEvent
  | SphericalEvent
  | ElementMessage
  | SinkMessage;

/** From the worker to the page. */
export type FromWorker = WorkerMessage & WorkerState;

/** Goes with each message from the worker. */
export interface WorkerState {
  /** The last {@link LoadMessage.load} that the engine was given: of another one, the message is stale. */
  load: number;
  /** Bytes of the engine's memory, which never shrinks; by it a worker is kept or ended. */
  memoryBytes: number;
}

/** The answer to a {@link PingMessage}. */
export interface PongMessage {
  kind: 'pong';
}

/** The engine is about to make a request, and the page has a word on it. */
export interface ReleaseMessage {
  kind: 'release';
  id: number;
  asked: AskedOfPage;
}

export interface AskedOfPage {
  url: string;
  /** What it is for, in the engine's words: `Resource` of `src/error.rs`. */
  resource: string;
  /** The status, where the server refused what the page released before. */
  refusedWith?: number;
  headers?: Record<string, string>;
  credentials?: RequestCredentials;
  about?: MediaFacts;
}

/**
 * Of a request for media: what there is in it (`av`, `v`, `a`, or `c` for text), its duration in seconds, and the
 * variant's BANDWIDTH, 0 where it is none of a variant.
 */
export type MediaFacts = [object: 'av' | 'v' | 'a' | 'c', durationSecs: number, bandwidthBps: number];

/** What the engine reports to the page (`event_to_js` in `src/web/messages.rs`). */
export type EngineEvent =
  | VariantsEvent
  | VariantChangeEvent
  | AudioTracksEvent
  | AudioTrackChangeEvent
  | TimelineEvent
  | StatsEvent
  | TextTracksEvent
  | SessionDataEvent
  | ErrorEvent;

/** The variants are known, or more of them. */
export interface VariantsEvent {
  kind: 'variants';
  variants: readonly Variant[];
}

/** Another variant's segments are being loaded. */
export interface VariantChangeEvent {
  kind: 'variantchange';
  /** {@link Variant.id}. */
  id: number;
  /** Whether the engine chose it, not the page. */
  auto: boolean;
}

/** The audio tracks are known, or more of them; none where the stream names none. */
export interface AudioTracksEvent {
  kind: 'audiotracks';
  tracks: readonly AudioTrackInfo[];
}

/** Another audio track is heard, or will be. */
export interface AudioTrackChangeEvent {
  kind: 'audiotrackchange';
  /** {@link AudioTrackInfo.id}. */
  id: number;
  /** False in answer to an {@link AudioTrackMessage}, each of which gets one. */
  auto: boolean;
}

/** An audio track (EXT-X-MEDIA). */
export interface AudioTrackInfo {
  id: number;
  label: string;
  /** BCP 47, empty where unknown. */
  language: string;
  /** CHANNELS, empty where unknown. */
  channels: string;
  isDefault: boolean;
  /** It says what is seen, too. */
  describesVideo: boolean;
}

/** The timeline changed. */
export interface TimelineEvent {
  kind: 'timeline';
  timeline: Timeline;
}

/** The manifest names subtitles or captions; not sent where it names none. */
export interface TextTracksEvent {
  kind: 'texttracks';
  tracks: readonly TextTrackInfo[];
}

/** The manifest says something of the whole stream (EXT-X-SESSION-DATA); not sent where it does not. */
export interface SessionDataEvent {
  kind: 'sessiondata';
  entries: readonly SessionData[];
}

/** EXT-X-MEDIA of TYPE SUBTITLES or CLOSED-CAPTIONS. */
export interface TextTrackInfo {
  /** Stable for the life of the stream. */
  id: number;
  /** NAME. */
  label: string;
  /** LANGUAGE, empty where unknown. */
  language: string;
  /** INSTREAM-ID (`CC1`, `SERVICE1`) of captions within the pictures; null of a rendition of its own. */
  channel: string | null;
  default: boolean;
  autoselect: boolean;
  forced: boolean;
  /** Tells of sounds, too. */
  forDeaf: boolean;
}

/**
 * A body of a subtitle rendition, from the engine to what reads it in the worker; the page never sees it
 * (`text_to_js` in `src/web/messages.rs`).
 */
export interface TextEvent {
  kind: 'text';
  /** {@link TextTrackInfo.id}. */
  track: number;
  bytes: Uint8Array;
  /** It is the EXT-X-MAP resource of segments to come. */
  init: boolean;
  /** Where the segment stands, seconds of `currentTime`. */
  start: number;
  end: number;
  /** Seconds added to a media time give the presentation time; null where that is not known. */
  offset: number | null;
}

/** What changed among the cues of a text track, read in the worker. */
export interface CuesEvent {
  kind: 'cues';
  track: number;
  changes: readonly CueChange[];
}

/** What travels in the media, or stands in its playlist, read in the worker. */
export interface InBandEvent {
  kind: 'inband';
  /** Channels that the media have, each said once: `CC1`, `SERVICE1`. */
  found: readonly string[];
  captions: readonly CaptionChange[];
  events: readonly StreamEvent[];
}

/** How the stream says that its picture lies on the sphere; what is missing it does not say. */
export interface SphericalFormat {
  /** A `Projection`, or one that is not drawn here. */
  projection?: string;
  /** The box or message that says it: `sv3d`, `vexu`, `uuid`, `sei`. */
  projectionSource?: string;
  stereo?: string;
  stereoSource?: string;
  /** The first picture is the right eye's. */
  eyesSwapped?: boolean;
}

/** One of the things that a stream says of it. */
export interface Told {
  what: 'projection' | 'stereo' | 'swapped';
  value?: string;
  source: string;
}

/** What the media say of the picture from a moment on, read in the worker. */
export interface SphericalEvent {
  kind: 'spherical';
  startSecs: number;
  format: SphericalFormat;
}

/** Something that the stream says at a moment (`crates/tracks/src/json.rs`). */
export interface StreamEvent {
  scheme?: string;
  id?: string;
  start: number;
  /** Missing where it is not known. */
  end?: number;
  /** Names and values; a name may stand twice. */
  fields?: StreamField[];
  /** The message as it came. */
  data?: number[];
}

export type StreamField = [
  name: string,
  value: string | number | boolean | { bytes: number[] } | StreamField[],
];

/** From the engine to the worker; the page never sees it. */
export interface DateRangesEvent {
  kind: 'dateranges';
  /** Those that are new, or say something else. */
  ranges: readonly DateRange[];
}

/** EXT-X-DATERANGE, placed. */
export interface DateRange {
  id: string;
  class: string | null;
  /** Seconds of `currentTime`. */
  start: number;
  end: number | null;
  /** PLANNED-DURATION, seconds. */
  planned: number | null;
  /** Names and values in turn. */
  attributes: string[];
}

/** A caption that is shown from now on, with the text that it has now; or that has ended. */
export interface CaptionChange {
  channel: string;
  /** Its name within the stream. */
  number: number;
  /** Counts how often the media went on elsewhere: what is loaded again is read again. */
  run?: number;
  cue?: PlainCue;
  end?: number;
}

/** A cue that is new or another, or, without one, gone. */
export interface CueChange {
  /** Its name within the track. */
  number: number;
  cue?: PlainCue;
}

/** A cue as the `tracks` module has it (`crates/tracks/src/json.rs`); what is missing is as usual. */
export interface PlainCue {
  id?: string;
  start: number;
  /** Missing while it is not known. */
  end?: number;
  placement?: PlainPlacement;
  /** Lines of spans. */
  lines: PlainSpan[][];
}

type Side = 'start' | 'center' | 'end' | 'left' | 'right';

/** As the settings of a WebVTT cue. */
export interface PlainPlacement {
  vertical?: 'rl' | 'lr';
  /** Line of text, from the bottom where negative. */
  row?: number;
  /** Percent of the picture. */
  line?: number;
  lineAlign?: Side;
  position?: number;
  positionAlign?: Side;
  size?: number;
  align?: Side;
  region?: PlainRegion;
}

/** Percentages are of the picture. */
export interface PlainRegion {
  id?: string;
  width: number;
  /** 0 where `height` says it. */
  lines: number;
  height?: number;
  /** Percent of the region. */
  anchor: [number, number];
  viewportAnchor: [number, number];
  scrolls?: boolean;
  background?: string;
  displayAlign?: Side;
}

/** A stretch of text in one style. Colours are `#rrggbbaa`. */
export interface PlainSpan {
  text: string;
  /** It counts as said from then on. */
  from?: number;
  bold?: boolean;
  italic?: boolean;
  underlined?: boolean;
  flashing?: boolean;
  color?: string;
  background?: string;
  /** Over the viewer's size. */
  size?: number;
  voice?: string;
  language?: string;
  ruby?: string;
  classes?: string[];
}

/** New figures. */
export interface StatsEvent {
  kind: 'stats';
  stats: Stats;
}

/** A failure. A fatal `internal` one also says that the engine in this worker is lost. */
export interface ErrorEvent extends Failure {
  kind: 'error';
}

/** The plain fields of a `VideoSphereError`; `code` becomes its `name`. */
export interface Failure {
  code: ErrorName;
  severity: ErrorSeverity;
  /** A sentence for a person that says what to do. */
  message: string;
  /** The facts, according to the code. */
  context: Record<string, unknown>;
}

/** What the media element is to do, where the media source is the worker's. */
export type ElementMessage = AttachMessage | DetachMessage | SeekMessage | RateMessage;

/** A media source goes to the element. */
export interface AttachMessage {
  kind: 'attach';
  /** Counts media sources, so that errors of one that has gone can be dropped. */
  generation: number;
  source: MediaSourceHandle;
}

/** It is taken away again; another may follow. */
export interface DetachMessage {
  kind: 'detach';
}

/** Sets `currentTime`. */
export interface SeekMessage {
  kind: 'seek';
  /** Seconds. */
  toSecs: number;
}

/** Sets `playbackRate`, unless the page has set one. */
export interface RateMessage {
  kind: 'rate';
  rate: number;
}

// —— a media sink on the main thread ——

/** A command for the media sink of the page's thread. */
export interface SinkMessage {
  kind: 'sink';
  /** Counts opened and closed media sources; the sink's events bear it. */
  generation: number;
  command: SinkCommand;
}

/** The methods of a `MediaSink`, as messages: each kind is the name of one. */
export type SinkCommand =
  | OpenCommand
  | CloseCommand
  | AddTrackCommand
  | ChangeTypeCommand
  | SetTimestampOffsetCommand
  | SetAppendWindowCommand
  | AppendCommand
  | RemoveCommand
  | SetDurationCommand
  | SetLiveSeekableRangeCommand
  | EndOfStreamCommand
  | SeekCommand
  | SetRateCommand
  | ProbeCommand;

/** Creates and attaches a media source. */
export interface OpenCommand {
  kind: 'open';
}

/** Detaches and frees it. */
export interface CloseCommand {
  kind: 'close';
}

export interface AddTrackCommand {
  kind: 'addTrack';
  track: TrackName;
  /** With its codecs (RFC 6381). */
  mime: string;
}

export interface ChangeTypeCommand {
  kind: 'changeType';
  track: TrackName;
  mime: string;
}

export interface SetTimestampOffsetCommand {
  kind: 'setTimestampOffset';
  track: TrackName;
  offsetSecs: number;
}

export interface SetAppendWindowCommand {
  kind: 'setAppendWindow';
  track: TrackName;
  /** What is shown before is left out of the appends that follow. */
  startSecs: number;
}

export interface AppendCommand {
  kind: 'append';
  track: TrackName;
  /** Transferred, not copied. */
  bytes: Uint8Array;
}

export interface RemoveCommand {
  kind: 'remove';
  track: TrackName;
  startSecs: number;
  /** May be infinite. */
  endSecs: number;
}

export interface SetDurationCommand {
  kind: 'setDuration';
  /** May be infinite. */
  secs: number;
}

export interface SetLiveSeekableRangeCommand {
  kind: 'setLiveSeekableRange';
  startSecs: number;
  endSecs: number;
}

export interface EndOfStreamCommand {
  kind: 'endOfStream';
}

/** As {@link SeekMessage}, but in its turn among the sink's commands. */
export interface SeekCommand {
  kind: 'seek';
  toSecs: number;
}

/** As {@link RateMessage}, in its turn. */
export interface SetRateCommand {
  kind: 'setRate';
  rate: number;
}

/** Asks which codecs the browser plays. */
export interface ProbeCommand {
  kind: 'probe';
  codecs: string[];
}

// —— what both sides of the worker's seam are made of ——

/** The methods that the engine calls (`Sink` in `src/web/media_source.rs`). None throws. */
export interface Sink {
  open(): void;
  close(): void;
  addTrack(track: TrackName, mime: string): void;
  changeType(track: TrackName, mime: string): void;
  setTimestampOffset(track: TrackName, offsetSecs: number): void;
  setAppendWindow(track: TrackName, startSecs: number): void;
  /** The bytes are the caller's again on return. */
  append(track: TrackName, bytes: Uint8Array): void;
  remove(track: TrackName, startSecs: number, endSecs: number): void;
  setDuration(secs: number): void;
  setLiveSeekableRange(startSecs: number, endSecs: number): void;
  endOfStream(): void;
  seek(toSecs: number): void;
  setRate(rate: number): void;
  probe(codecs: string[]): void;
}

/** Decrypts a whole body; rejects where its padding says that the key is another. */
export type Cipher = (bytes: Uint8Array<ArrayBuffer>) => Promise<ArrayBuffer>;

/** The engine as the worker holds it (`EngineWorker` in `src/web/engine_worker.rs`). */
export interface Engine {
  handleMessage(message: EngineMessage | SinkEvent): void;
  free(): void;
}
