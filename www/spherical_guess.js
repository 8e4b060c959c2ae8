// @ts-check
/**
 * A guess how a picture lies on the sphere, for pages that ask for one (`projection="auto"`) of streams that do not say.
 *
 * In: an address, and the picture's size. Out: what the words in its name mean among makers of 360° players, else
 * what its shape suggests. It refuses to guess a projection from less than two to one, where ordinary videos are.
 */

/** @import { SphericalFormat } from './protocol.d.ts' */

/** In the order in which they are looked for: `180x180` before `180`. @type {[RegExp, Partial<SphericalFormat>][]} */
const WORDS = [
  [/^(180x180|180|vr180|hequ)$/, { projection: 'equirect-180' }],
  [/^(360|360x180|equirect|equirectangular)$/, { projection: 'equirect-360' }],
  [/^eac$/, { projection: 'eac' }],
  [/^(f180|fisheye|fisheye\d{3}|mkx200|rf52)$/, { projection: 'fisheye' }],
  [/^(lr|sbs|3dh|hsbs)$/, { stereo: 'side-by-side' }],
  [/^rl$/, { stereo: 'side-by-side', eyesSwapped: true }],
  [/^(tb|ou|3dv|hou)$/, { stereo: 'top-bottom' }],
  [/^bt$/, { stereo: 'top-bottom', eyesSwapped: true }],
  [/^mono$/, { stereo: 'mono' }],
];

/**
 * @param {string} url @param {number} widthPx @param {number} heightPx
 * @returns {SphericalFormat}
 */
export function guessFormat(url, widthPx, heightPx) {
  const [path] = url.split(/[?#]/);
  const words = decoded(path)
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  /** @type {SphericalFormat} */
  const named = {};
  for (const word of words) Object.assign(named, WORDS.find(([pattern]) => pattern.test(word))?.[1]);
  const shaped = byShape(widthPx / heightPx, named.projection);
  return {
    ...shaped,
    ...named,
    projectionSource: named.projection ? 'name' : 'shape',
    stereoSource: named.stereo ? 'name' : 'shape',
  };
}

/** @param {number} ratio @param {string | undefined} projection @returns {SphericalFormat} */
function byShape(ratio, projection) {
  const is = (/** @type {number} */ wanted) => Math.abs(ratio / wanted - 1) < 0.02;
  if (projection === 'equirect-180') return is(2) ? { stereo: 'side-by-side' } : {};
  if (is(4)) return { stereo: 'side-by-side' };
  if (is(1)) return { stereo: 'top-bottom' };
  if (is(2)) return { projection: 'equirect-360', stereo: 'mono' };
  if (is(6)) return { projection: 'cubemap-6x1' };
  return {};
}

/** @param {string} path */
function decoded(path) {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
