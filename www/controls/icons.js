// @ts-check
/** The bar's pictures, drawn for it: 24 × 24, one stroke width, in the colour of the text. */

const SVG = 'http://www.w3.org/2000/svg';

/** Path data; a trailing `!` means filled. */
const PATHS = {
  play: 'M7 4.5v15l12.5-7.5z!',
  pause: 'M7 5h3.4v14H7zM13.6 5H17v14h-3.4z!',
  replay: 'M5 5v4.5h4.5M5.6 9.5a7 7 0 1 1-.5 4.5',
  volume: 'M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM15.5 9a4.2 4.2 0 0 1 0 6M18 6.5a7.8 7.8 0 0 1 0 11',
  muted: 'M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM16 9.5l5 5M21 9.5l-5 5',
  recenter: 'M12 3v4M12 17v4M3 12h4M17 12h4M12 8.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 1 0 0-7z',
  motion:
    'M8.5 5h7a1 1 0 0 1 1 1v12a1 1 0 0 1-1 1h-7a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1zM4.5 9.5 2.5 12l2 2.5M19.5 9.5l2 2.5-2 2.5',
  quality:
    'M4 7h9M18 7h2M15.5 4.8a2.2 2.2 0 1 0 0 4.4 2.2 2.2 0 1 0 0-4.4zM4 17h2M11 17h9M8.5 14.8a2.2 2.2 0 1 0 0 4.4 2.2 2.2 0 1 0 0-4.4z',
  audio: 'M4 10v4M8 7v10M12 4.5v15M16 8v8M20 10.5v3',
  headset:
    'M4.5 8h15A1.5 1.5 0 0 1 21 9.5v6A2.5 2.5 0 0 1 18.5 18h-2.2a2 2 0 0 1-1.65-.87l-1.15-1.7a1.8 1.8 0 0 0-3 0l-1.15 1.7A2 2 0 0 1 7.7 18H5.5A2.5 2.5 0 0 1 3 15.5v-6A1.5 1.5 0 0 1 4.5 8zM6 8l1-2.5h10L18 8',
  captions:
    'M5 5.5h14A1.5 1.5 0 0 1 20.5 7v10a1.5 1.5 0 0 1-1.5 1.5H5A1.5 1.5 0 0 1 3.5 17V7A1.5 1.5 0 0 1 5 5.5zM10.5 10.4a2.2 2.2 0 1 0 0 3.2M17 10.4a2.2 2.2 0 1 0 0 3.2',
  fullscreen: 'M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5',
  unfullscreen: 'M9 4v5H4M20 9h-5V4M15 20v-5h5M4 15h5v5',
  pictureInPicture:
    'M12 19H5.5A1.5 1.5 0 0 1 4 17.5v-11A1.5 1.5 0 0 1 5.5 5h13A1.5 1.5 0 0 1 20 6.5V11M14 14h6.5v5.5H14z',
  help: 'M9.3 9.2a2.8 2.8 0 1 1 4.3 2.35c-1 .65-1.6 1.25-1.6 2.45M12 17.3v.2',
  close: 'M6 6l12 12M18 6 6 18',
};

/** @param {keyof typeof PATHS} name */
export function icon(name) {
  const data = PATHS[name];
  const isFilled = data.endsWith('!');
  const svg = document.createElementNS(SVG, 'svg');
  const path = document.createElementNS(SVG, 'path');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  path.setAttribute('d', isFilled ? data.slice(0, -1) : data);
  path.setAttribute('class', isFilled ? 'filled' : 'line');
  svg.append(path);
  return svg;
}
