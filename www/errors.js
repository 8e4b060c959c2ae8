// @ts-check
/**
 * A failure as the page sees it. In: the plain `{code, severity, message, context}` that
 * `playback.js` and `picture.js` report. Out: a real `Error`, so that it can be thrown, rejected
 * with, logged with a stack, and still be read field by field. It has the shape of a media element's
 * `MediaError`, whose four numbers skins read; the word for what happened is its `name`
 * (`src/error.rs`).
 */
/** @import { Failure } from './protocol.d.ts' */
/** @import { VideoSphereError as Contract } from './index.js' */

/** As `Error::Internal` says it (`src/error.rs`), where the module that would has trapped. @param {string} detail */
export const defectSentence = (detail) => `videosphere has a defect, please report it: ${detail}`;

/** What to do where a file of ours is not there: most often a build tool left it behind. */
export const MISSING_FILE_CURE =
  "if a build tool left it behind, use videosphere/standalone instead, or serve the package's dist folder";

/** Beside that, what a wasm file needs. */
export const WASM_CURE = `a Content-Security-Policy has to allow 'wasm-unsafe-eval'; ${MISSING_FILE_CURE}`;

/** @param {string} module @param {unknown} reason */
export const notLoadedSentence = (module, reason) =>
  `the ${module} module did not load: ${WASM_CURE} (${reason})`;

/** MediaError's numbers. */
const MEDIA_ERR_NETWORK = 2;
const MEDIA_ERR_DECODE = 3;
const MEDIA_ERR_SRC_NOT_SUPPORTED = 4;

/** Names that mean damage on the way or in the data; all others mean something that is not supported. */
const DECODE_NAMES = [
  'append-rejected',
  'buffer-full',
  'context-lost',
  'damaged-media',
  'decode',
  'internal',
];
const NETWORK_NAMES = ['live-playlist-stalled', 'playback-stalled', 'request-function-failed'];

/** @param {string} name */
function mediaErrorCode(name) {
  if (name.startsWith('network-') || NETWORK_NAMES.includes(name)) return MEDIA_ERR_NETWORK;
  return DECODE_NAMES.includes(name) ? MEDIA_ERR_DECODE : MEDIA_ERR_SRC_NOT_SUPPORTED;
}

/** @implements {Contract} */
export class VideoSphereError extends Error {
  /**
   * @param {{name?: Failure['code'], severity?: Failure['severity'], message?: string,
   *   context?: Failure['context'], cause?: unknown}} fields
   */
  constructor({ name = 'internal', severity = 'fatal', message = name, context = {}, cause } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    /** @type {Failure['code']} */
    this.name = name;
    this.code = mediaErrorCode(name);
    this.severity = severity;
    this.context = context;
  }

  /** True where playback cannot go on. */
  get isFatal() {
    return this.severity === 'fatal';
  }

  /** `message` is not enumerable on an Error; a log line wants it. */
  toJSON() {
    const { name, code, severity, message, context } = this;
    return { name, code, severity, message, context };
  }

  /**
   * Whatever was thrown or reported, as one of these.
   * @param {unknown} thrown
   */
  static from(thrown) {
    if (thrown instanceof VideoSphereError) return thrown;
    const { code, severity, message, context } = /** @type {Partial<Failure>} */ (thrown ?? {});
    if (typeof code === 'string') return new VideoSphereError({ name: code, severity, message, context });
    return new VideoSphereError({ message: String(message ?? thrown), cause: thrown });
  }
}
