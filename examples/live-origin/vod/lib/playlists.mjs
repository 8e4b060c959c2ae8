/**
 * In: what was encoded, segment by segment. Out: the playlists that are published (RFC 8216).
 *
 * ffmpeg's own are left behind: its media playlists say EVENT, and its multivariant playlist states
 * the rates that were asked for, not those that came out.
 */

/**
 * @typedef {object} Segment
 * @property {string} uri
 * @property {number} durationSecs
 * @property {number} bytes
 *
 * @typedef {object} Rendition
 * @property {string} name
 * @property {number} widthPx
 * @property {number} heightPx
 * @property {string} initUri
 * @property {string} codecs
 * @property {Segment[]} segments
 */

/**
 * The segments and the init segment that a growing playlist of ffmpeg lists.
 * @param {string} text
 */
export function readMedia(text) {
  const segments = [];
  let durationSecs = 0;
  let initUri = null;
  for (const line of text.split('\n')) {
    const map = /^#EXT-X-MAP:URI="([^"]+)"/.exec(line);
    if (map) initUri = map[1];
    if (line.startsWith('#EXTINF:')) durationSecs = Number.parseFloat(line.slice(8));
    if (line && !line.startsWith('#')) segments.push({ uri: line.trim(), durationSecs });
  }
  return { initUri, segments };
}

/** @param {Rendition} rendition */
export function writeMedia({ initUri, segments }) {
  return [
    '#EXTM3U',
    '#EXT-X-VERSION:7',
    `#EXT-X-TARGETDURATION:${targetSecs(segments)}`,
    '#EXT-X-MEDIA-SEQUENCE:0',
    '#EXT-X-PLAYLIST-TYPE:VOD',
    '#EXT-X-INDEPENDENT-SEGMENTS',
    `#EXT-X-MAP:URI="${initUri}"`,
    ...segments.flatMap(({ uri, durationSecs }) => [`#EXTINF:${durationSecs.toFixed(6)},`, uri]),
    '#EXT-X-ENDLIST',
    '',
  ].join('\n');
}

/**
 * @param {Rendition[]} renditions
 * @param {{ folder: string, frameRate: number, projection: string }} about `folder` is where the
 *   renditions lie as seen from this playlist
 */
export function writeMultivariant(renditions, { folder, frameRate, projection }) {
  const variants = renditions.flatMap((rendition) => {
    const { name, widthPx, heightPx, codecs, segments } = rendition;
    const attributes = [
      `BANDWIDTH=${peakBps(segments)}`,
      `AVERAGE-BANDWIDTH=${averageBps(segments)}`,
      `RESOLUTION=${widthPx}x${heightPx}`,
      `FRAME-RATE=${frameRate.toFixed(3)}`,
      `CODECS="${codecs}"`,
    ];
    return [`#EXT-X-STREAM-INF:${attributes.join(',')}`, `${folder}/${name}/index.m3u8`];
  });
  return [
    '#EXTM3U',
    '#EXT-X-VERSION:7',
    '#EXT-X-INDEPENDENT-SEGMENTS',
    // Pixels do not tell a cube from a sphere.
    `#EXT-X-SESSION-DATA:DATA-ID="io.github.videosphere.projection",VALUE="${projection}"`,
    ...variants,
    '',
  ].join('\n');
}

/** RFC 8216, 4.3.3.1: no segment is longer, when both are rounded. */
function targetSecs(segments) {
  return Math.max(1, ...segments.map(({ durationSecs }) => Math.round(durationSecs)));
}

/**
 * RFC 8216, 4.1: the highest rate of any run of segments that together last between half and one
 * and a half times the target. A scrap at the end, by itself, says nothing about a peak.
 * @param {Segment[]} segments
 */
export function peakBps(segments) {
  const target = targetSecs(segments);
  let peak = averageBps(segments);
  for (let from = 0; from < segments.length; from += 1) {
    let [bytes, secs] = [0, 0];
    for (const segment of segments.slice(from, from + 16)) {
      bytes += segment.bytes;
      secs += segment.durationSecs;
      if (secs > target * 1.5) break;
      if (secs >= target * 0.5) peak = Math.max(peak, Math.ceil((bytes * 8) / secs));
    }
  }
  return peak;
}

/** @param {Segment[]} segments */
export function averageBps(segments) {
  const bytes = segments.reduce((sum, segment) => sum + segment.bytes, 0);
  const secs = segments.reduce((sum, segment) => sum + segment.durationSecs, 0);
  return secs > 0 ? Math.ceil((bytes * 8) / secs) : 0;
}

/**
 * The CODECS of an init segment, from its own boxes: RFC 6381, ISO/IEC 14496-15.
 * @param {Buffer} init
 */
export function codecs(init) {
  const found = [];
  const avc = init.indexOf('avcC');
  if (avc >= 0) found.push(`avc1.${init.subarray(avc + 5, avc + 8).toString('hex')}`);
  // Our encoder's sound is AAC-LC, always.
  if (init.includes('mp4a')) found.push('mp4a.40.2');
  if (avc < 0) throw new Error('the init segment holds no H.264 configuration');
  return found.join(',');
}
