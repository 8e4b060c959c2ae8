// @ts-check
/**
 * How this browser decodes the pictures of a stream's variants (Media Capabilities, 2.1). Loaded where they are
 * of several codecs.
 *
 * In: the variants. Out: for each what the engine chooses a ladder by. No answer, an error and a variant that
 * does not say how large it is count as smooth where its codec plays at all. It refuses to call HDR shown:
 * every picture is drawn on a canvas of eight bits in sRGB, whatever the screen shows beside it.
 */

/** @import { Variant } from './index.js' */

const [SUPPORTED, SHOWN, SMOOTH, POWER_EFFICIENT] = [8, 4, 2, 1];
/** Codecs of pictures, as CODECS begins them. */
const PICTURE = /^(avc|hvc1|hev1|dv|av01|vp|mp4v)/i;
/** Where FRAME-RATE is missing. */
const USUAL_FRAME_RATE = 30;

/** @param {Variant} variant */
const pictureOf = ({ codecs }) => codecs.split(',').find((codec) => PICTURE.test(codec)) ?? '';

/**
 * @param {readonly Variant[]} variants
 * @param {MediaCapabilities | undefined} [capabilities]
 * @returns {Promise<Uint8Array | null>} flags of each, added up; null where there is but one codec to choose
 */
export async function decodingOf(variants, capabilities = navigator.mediaCapabilities) {
  // HEVC and H.264 have two names each.
  const kinds = variants.map((variant) =>
    pictureOf(variant).replace(/\..*/, '').toLowerCase().replace('avc3', 'avc1').replace('hev1', 'hvc1'),
  );
  if (new Set(kinds.filter(Boolean)).size < 2) return null;
  /** @type {Map<string, Promise<number>>} */
  const asked = new Map();
  const flags = variants.map((variant) => {
    const { width, height, frameRate, bandwidth } = variant;
    const key = [pictureOf(variant), width, height, frameRate, bandwidth].join();
    const answer = asked.get(key) ?? ask(variant, capabilities);
    asked.set(key, answer);
    return answer.then((it) => it | (variant.videoRange === 'SDR' ? SHOWN : 0));
  });
  return Uint8Array.from(await Promise.all(flags));
}

/**
 * @param {Variant} variant @param {MediaCapabilities | undefined} capabilities
 * @returns {Promise<number>}
 */
async function ask(variant, capabilities) {
  const { width, height, frameRate, bandwidth, playable } = variant;
  const codec = pictureOf(variant);
  const untold = playable ? SUPPORTED | SMOOTH : 0;
  if (!capabilities || !codec || !width || !height || !bandwidth) return untold;
  try {
    const told = await capabilities.decodingInfo({
      type: 'media-source',
      video: {
        contentType: `video/mp4; codecs="${codec}"`,
        width,
        height,
        bitrate: bandwidth,
        framerate: frameRate || USUAL_FRAME_RATE,
      },
    });
    // What the browser refuses is the engine's to leave out: it knows its codecs by other spellings too.
    if (!told.supported) return playable ? SUPPORTED : 0;
    return SUPPORTED | (told.smooth ? SMOOTH : 0) | (told.powerEfficient ? POWER_EFFICIENT : 0);
  } catch {
    return untold;
  }
}
