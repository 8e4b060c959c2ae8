// @ts-check
/** The quality menu's items. In: variants and what is chosen. Out: one item a height, best first. */
import { labels } from '../labels.js';

/**
 * @param {import('../element.d.ts').VideoSphereElement} media
 * @returns {import('./menu.js').MenuItem[]}
 */
export function qualityItems(media) {
  const playable = media.variants.filter((variant) => variant.playable);
  const byHeight = new Map();
  for (const variant of playable) {
    const known = byHeight.get(variant.height);
    if (variant.height > 0 && !(known?.bandwidth >= variant.bandwidth)) {
      byHeight.set(variant.height, variant);
    }
  }
  const heights = [...byHeight.keys()].sort((a, b) => b - a);
  const now = playable.find(({ id }) => id === media.stats.variant);
  const pick = (/** @type {'auto' | 'max' | number} */ quality) => () => (media.quality = quality);

  const items = [
    {
      text: labels.auto,
      note: media.quality === 'auto' && now?.height ? `${now.height}p` : '',
      isChosen: media.quality === 'auto',
      choose: pick('auto'),
    },
  ];
  // The second source's variants are known only once it is asked for.
  const isSourceKnown = playable.some((variant) => variant.highQualitySource);
  if ((media.highQualitySrc && !isSourceKnown) || media.quality === 'max') {
    items.push({
      text: media.highQualitySrc ? labels.highQualitySource : labels.max,
      note: '',
      isChosen: media.quality === 'max',
      choose: pick('max'),
    });
  }
  for (const height of heights) {
    const { width, bandwidth } = byHeight.get(height);
    items.push({
      text: `${height}p`,
      note: [width && `${width} × ${height}`, bitRate(bandwidth)].filter(Boolean).join(' · '),
      isChosen: media.quality === height,
      choose: pick(height),
    });
  }
  return items;
}

/** @param {number} bps */
export function bitRate(bps) {
  if (!(bps > 0)) return '';
  return bps < 950_000 ? `${Math.round(bps / 1000)} kbit/s` : `${(bps / 1e6).toFixed(1)} Mbit/s`;
}
