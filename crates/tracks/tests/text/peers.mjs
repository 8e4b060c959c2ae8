// Cues as hls.js and Shaka read them: a line each, start, end and text, with a tab between.
// Usage: node peers.mjs PEER FORMAT SEGMENT_START_SECS CLOCK_TICKS FILE
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../../../..');
const require = createRequire(resolve(root, 'package.json'));
const [peer, format, start, ticks, file] = process.argv.slice(2);
const bytes = new Uint8Array(readFileSync(file));
const startSecs = Number(start);
const clockTicks = Number(ticks);

Object.assign(globalThis, { self: globalThis, window: globalThis });

async function hlsJs() {
  const { build } = require('esbuild');
  // Its packages are not installed with it; of them it needs a decoder here.
  const decoder = 'exports.utf8ArrayToStr = (bytes) => new TextDecoder().decode(bytes)';
  const bundle = await build({
    stdin: {
      contents: "export { parseWebVTT } from './node_modules/hls.js/src/utils/webvtt-parser.ts'",
      resolveDir: root,
    },
    bundle: true,
    write: false,
    format: 'esm',
    plugins: [
      {
        name: 'decoder',
        setup(bundler) {
          bundler.onResolve({ filter: /^[@a-z]/ }, ({ path }) => ({ path, namespace: 'decoder' }));
          bundler.onLoad({ filter: /.*/, namespace: 'decoder' }, () => ({ contents: decoder }));
        },
      },
    ],
  });
  const source = Buffer.from(bundle.outputFiles[0].contents).toString('base64');
  const { parseWebVTT } = await import(`data:text/javascript;base64,${source}`);
  const timeline = { ccOffset: 0, presentationOffset: 0, 0: { start: 0, prevCC: -1, new: false } };
  const clock = { baseTime: clockTicks, timescale: 90_000 };
  return new Promise((done, fail) => {
    parseWebVTT(bytes.buffer, clock, timeline, 0, startSecs, done, fail);
  });
}

function shaka() {
  const element = { createElement: () => ({}), body: {} };
  Object.assign(globalThis, { document: element, HTMLMediaElement: class {} });
  const navigator = { userAgent: 'node', vendor: '', platform: '' };
  Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true });
  Object.assign(console, { log() {}, info() {}, debug() {} });
  const { text } = require('shaka-player/dist/shaka-player.compiled.debug.js');
  const parser = new (format === 'vtt' ? text.VttTextParser : text.TtmlTextParser)();
  parser.setManifestType('HLS');
  const periodStart = -clockTicks / 90_000;
  const times = { periodStart, segmentStart: startSecs, segmentEnd: startSecs + 2, vttOffset: 0 };
  return parser.parseMedia(bytes, times, file, []);
}

/** Without tags, or of all cues within it. */
function wordsOf(cue) {
  if (peer === 'hls.js') {
    return cue.text.replace(/<[^>]*>/g, '').replace(/&amp;/g, '&');
  }
  return cue.lineBreak ? '\n' : cue.payload + cue.nestedCues.map(wordsOf).join('');
}

/** Shaka puts cues of TTML into the regions and divisions they are in. */
function flat(cue) {
  return cue.isContainer ? cue.nestedCues.flatMap(flat) : [cue];
}

const cues = await (peer === 'hls.js' ? hlsJs() : shaka());
for (const cue of peer === 'hls.js' ? cues : cues.flatMap(flat)) {
  const [start, end] = [cue.startTime, cue.endTime].map((secs) => secs.toFixed(3));
  process.stdout.write(`${start} ${end} ${wordsOf(cue).replace(/\n/g, '|')}\n`);
}
