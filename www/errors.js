// @ts-check
/**
 * A failure as the page sees it. In: the plain `{code, severity, message, context}` that
 * `playback.js` and `picture.js` report. Out: a real `Error`, so that it can be thrown, rejected
 * with, logged with a stack, and still be read field by field. Codes: `src/error.rs`.
 */
/** @import { Failure } from './protocol.d.ts' */
/** @import { VideoSphereError as Contract } from './index.js' */

/** As `Error::Internal` says it (`src/error.rs`), where the module that would has trapped. @param {string} detail */
export const defectSentence = (detail) => `videosphere has a defect, please report it: ${detail}`;

/** @param {string} module @param {unknown} reason */
export const notLoadedSentence = (module, reason) => `the ${module} module did not load: ${reason}`;

/** @implements {Contract} */
export class VideoSphereError extends Error {
  /** @param {Partial<Failure> & {cause?: unknown}} fields */
  constructor({ code = 'internal', severity = 'fatal', message = code, context = {}, cause } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'VideoSphereError';
    this.code = code;
    this.severity = severity;
    this.context = context;
  }

  /** True where playback cannot go on. */
  get isFatal() {
    return this.severity === 'fatal';
  }

  /** `message` is not enumerable on an Error; a log line wants it. */
  toJSON() {
    const { code, severity, message, context } = this;
    return { code, severity, message, context };
  }

  /**
   * Whatever was thrown or reported, as one of these.
   * @param {unknown} thrown
   */
  static from(thrown) {
    if (thrown instanceof VideoSphereError) return thrown;
    const { code, message } = /** @type {Partial<Failure>} */ (thrown ?? {});
    if (typeof code === 'string') return new VideoSphereError(/** @type {Failure} */ (thrown));
    return new VideoSphereError({ message: String(message ?? thrown), cause: thrown });
  }
}
