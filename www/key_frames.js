// @ts-check
/**
 * Pictures of key frames, decoded by the browser (WebCodecs). Loaded with the first one.
 *
 * In: the bytes of an I-frame as its playlist has them, with its init section. Out: a picture. It fetches nothing. It
 * refuses what this browser does not decode, and what is encrypted, with a sentence that says what to do.
 */
import { keyFrameOfBoxes } from './key_frame_boxes.js';
import { isTransportStream, keyFrameOfPackets } from './key_frame_packets.js';

/**
 * @import { ErrorName } from './index.js'
 * @import { KeyFrame } from './key_frame_boxes.js'
 * @import { PictureRendition } from './picture_lists.js'
 * @import { Picture } from './thumbnails.js'
 */

/** Of a browser whose decoder never answers. */
const LIMIT_MILLIS = 5000;
const INSTEAD = 'offer an image playlist (EXT-X-IMAGE-STREAM-INF) or a storyboard';
const VIDEO = /^(avc[13]|hvc1|hev1|dvh1|dvhe|av01|vp09)\./;

/**
 * Those that this browser decodes, as far as their CODECS tell.
 * @param {PictureRendition[]} renditions @returns {Promise<PictureRendition[]>} at least one
 */
export async function decodable(renditions) {
  if (typeof VideoDecoder === 'undefined') {
    const message =
      'this browser decodes no single frames (WebCodecs, which it may have on pages served by HTTPS alone), so the ' +
      `seek bar shows none of the stream's I-frames: ${INSTEAD} as well`;
    throw failure('unsupported-codec', message, { codec: renditions[0].codecs });
  }
  const are = await Promise.all(
    renditions.map(({ codecs }) => {
      const codec = videoCodec(codecs);
      return !codec || isDecodable({ codec });
    }),
  );
  const left = renditions.filter((_, at) => are[at]);
  if (left.length === 0) throw notDecodable(renditions[0].codecs);
  return left;
}

/**
 * @param {{ init?: Uint8Array<ArrayBuffer>, bytes: Uint8Array<ArrayBuffer>, offset: number, codecs: string, url: string }} from
 *   `offset` is where the bytes lie in their resource
 * @param {number} mostWidthPx wider ones are made smaller
 * @returns {Promise<Picture>}
 */
export async function pictureOf({ init, bytes, offset, codecs, url }, mostWidthPx) {
  const frame = isTransportStream(bytes)
    ? keyFrameOfPackets(withTables(init, bytes))
    : keyFrameOfBoxes(init ?? bytes, bytes, offset);
  if (!frame) {
    const message = `an I-frame playlist names bytes that hold no picture: its ranges have to be those of the segments (${url})`;
    throw failure('damaged-media', message, { url });
  }
  if (frame.isEncrypted) {
    const message = `the stream's I-frames are encrypted, which is not read here: ${INSTEAD} (${url})`;
    throw failure('encrypted', message, { method: frame.format, url });
  }
  const codec = frame.codec ?? videoCodec(codecs);
  if (!codec) {
    const message = `CODECS is missing in EXT-X-I-FRAME-STREAM-INF, without which ${frame.format} is not decoded (${url})`;
    throw failure('unsupported-codec', message, { codec: frame.format, url });
  }
  const config = { codec, ...(frame.description && { description: frame.description }) };
  if (!(await isDecodable(config))) throw notDecodable(codec);
  return decoded(config, frame, mostWidthPx, url);
}

/** Of a transport stream an EXT-X-MAP holds the program's tables. @param {Uint8Array<ArrayBuffer> | undefined} init @param {Uint8Array<ArrayBuffer>} bytes */
function withTables(init, bytes) {
  if (!init) return bytes;
  const both = new Uint8Array(init.length + bytes.length);
  both.set(init);
  both.set(bytes, init.length);
  return both;
}

/** @param {VideoDecoderConfig} config @param {KeyFrame} frame @param {number} mostWidthPx @param {string} url @returns {Promise<Picture>} */
async function decoded(config, { data }, mostWidthPx, url) {
  /** @type {VideoFrame | undefined} */
  let frame;
  /** @type {unknown} */
  let reason;
  const output = (/** @type {VideoFrame} */ each) => {
    frame?.close();
    frame = each;
  };
  const decoder = new VideoDecoder({ output, error: (error) => (reason = error) });
  const close = () => decoder.state !== 'closed' && decoder.close();
  // What is waited for then fails.
  const timer = setTimeout(close, LIMIT_MILLIS);
  try {
    decoder.configure({ ...config, optimizeForLatency: true });
    decoder.decode(new EncodedVideoChunk({ type: 'key', timestamp: 0, data }));
    await decoder.flush();
  } catch (error) {
    reason ??= error;
  } finally {
    clearTimeout(timer);
    close();
  }
  if (!frame) {
    const message = `an I-frame could not be decoded: its playlist has to name the bytes of a whole key frame (${url})`;
    throw failure('decode', message, { url, codec: config.codec, detail: String(reason) });
  }
  const isWide = frame.displayWidth > mostWidthPx;
  const image = await createImageBitmap(frame, isWide ? { resizeWidth: mostWidthPx } : {});
  frame.close();
  return { image, width: image.width, height: image.height };
}

/** @param {VideoDecoderConfig} config */
async function isDecodable(config) {
  try {
    return (await VideoDecoder.isConfigSupported(config)).supported === true;
  } catch {
    return false;
  }
}

/** That of the pictures. @param {string} codecs */
const videoCodec = (codecs) =>
  codecs
    .split(',')
    .map((each) => each.trim())
    .find((each) => VIDEO.test(each));

/** @param {string} codec */
const notDecodable = (codec) =>
  failure('unsupported-codec', `this browser decodes no I-frames of ${codec}: ${INSTEAD} as well`, { codec });

/** @param {ErrorName} code @param {string} message @param {Record<string, unknown>} context */
const failure = (code, message, context) => ({ code, severity: 'warning', message, context });
