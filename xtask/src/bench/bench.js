// Runs in the page of `cargo xtask bench`: ours and its peers, turn by turn in one session.
import init, { bench_playlist, bench_transmux } from './wasm/bench.js';
import Hls, {
  ChunkMetadata, M3U8Parser, TransmuxConfig, TransmuxState, Transmuxer,
} from './hls.mjs';

await init();

const WARM_UP = 4;
const median = values => values.toSorted((a, b) => a - b)[values.length >> 1];

/**
 * Milliseconds per call of each contestant: medians of interleaved rounds. Each round times so
 * many calls as take long enough for the page's clock.
 */
async function race(contestants, rounds) {
  const times = new Map(contestants.map(({ name }) => [name, []]));
  for (let round = -WARM_UP; round < rounds; round += 1) {
    for (const { name, run, calls } of contestants) {
      const start = performance.now();
      for (let call = 0; call < calls; call += 1) run();
      const took = (performance.now() - start) / calls;
      if (round >= 0) times.get(name).push(took);
      // Garbage of one is not collected in the time of the next, as far as a page can help it.
      await new Promise(resolve => setTimeout(resolve));
    }
  }
  return Object.fromEntries([...times].map(([name, list]) => [name, median(list)]));
}

const silent = { log() {}, debug() {}, info() {}, warn() {}, error() {}, trace() {} };

function transmuxByHlsJs(bytes) {
  const errors = [];
  const observer = { emit: (_, name, data) => errors.push(data), on() {}, off() {}, removeAllListeners() {} };
  const supported = { mpeg: false, mp3: false, ac3: false };
  const transmuxer = new Transmuxer(observer, supported, Hls.DefaultConfig, '', 'main', silent);
  transmuxer.configure(new TransmuxConfig('mp4a.40.2', 'avc1.4d4028', undefined, 20));
  const meta = new ChunkMetadata(0, 0, 0, bytes.byteLength);
  const state = new TransmuxState(true, false, true, true, 0, true);
  const results = [transmuxer.push(bytes, null, meta, state), ...transmuxer.flush(meta)];
  transmuxer.destroy();
  if (errors.length) throw new Error(`hls.js: ${JSON.stringify(errors[0])}`);
  let out = 0;
  for (const { remuxResult } of results) {
    for (const track of [remuxResult?.audio, remuxResult?.video]) {
      out += (track?.data1?.byteLength ?? 0) + (track?.data2?.byteLength ?? 0);
    }
  }
  return out;
}

function transmuxByMuxJs(bytes) {
  const transmuxer = new muxjs.mp4.Transmuxer();
  let out = 0;
  transmuxer.on('data', segment => { out += segment.data.byteLength; });
  transmuxer.push(bytes);
  transmuxer.flush();
  transmuxer.dispose();
  return out;
}

/** Transport stream to fragmented MP4. */
export async function transmux(name, urls, rounds) {
  const parts = await Promise.all(urls.map(async url => (await fetch(url)).arrayBuffer()));
  const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
  const copy = new Uint8Array(bytes.byteLength);
  const contestants = [
    { name: 'ours', run: () => bench_transmux(bytes), calls: 3 },
    { name: 'hls.js', run: () => transmuxByHlsJs(bytes), calls: 1 },
    { name: 'mux.js', run: () => transmuxByMuxJs(bytes), calls: 1 },
    { name: 'memcpy', run: () => { copy.set(bytes); return copy.byteLength; }, calls: 5 },
  ];
  // Who drops the picture is fast and no peer.
  for (const { name: who, run } of contestants) {
    const out = run();
    if (!(out > bytes.byteLength * 0.8)) throw new Error(`${who} made ${out} of ${bytes.byteLength}`);
  }
  return { case: name, bytes: bytes.byteLength, millis: await race(contestants, rounds) };
}

function mediaPlaylist(segments) {
  const lines = ['#EXTM3U', '#EXT-X-VERSION:6', '#EXT-X-TARGETDURATION:2', '#EXT-X-MEDIA-SEQUENCE:7'];
  for (let index = 0; index < segments; index += 1) {
    const date = new Date(1.7e12 + index * 2000).toISOString();
    lines.push(`#EXT-X-PROGRAM-DATE-TIME:${date}`, '#EXTINF:2.000,live');
    lines.push(`2160p/stream-a/segment-${String(index).padStart(9, '0')}.ts?session=4f2a9c`);
  }
  return `${lines.join('\n')}\n`;
}

/**
 * A media playlist to its segments. Each gets what it gets in a player: ours the bytes of the body
 * (their copy into wasm, their check and the model's end are in its time), hls.js the string that
 * its loader has the browser make of them (which is not in its time).
 */
export async function playlist(name, segments, rounds) {
  const text = mediaPlaylist(segments);
  const body = new TextEncoder().encode(text);
  const url = 'https://media.example/live/index.m3u8';
  const calls = Math.max(1, Math.ceil(5000 / segments));
  const contestants = [
    { name: 'ours', run: () => bench_playlist(body, url), calls: calls * 4 },
    {
      name: 'hls.js',
      run: () => M3U8Parser.parseLevelPlaylist(text, url, 0, 'main', 0, null).fragments.length,
      calls,
    },
  ];
  for (const { name: who, run } of contestants) {
    const found = run();
    if (found !== segments) throw new Error(`${who} found ${found} of ${segments} segments`);
  }
  return { case: name, bytes: body.length, millis: await race(contestants, rounds) };
}
