/**
 * In: a recording on disk and a ladder. Out: fMP4 segments and media playlists in a folder, one
 * sub-folder per rung, by one ffmpeg that decodes once.
 *
 * The playlists grow while it runs, and a segment is listed only once it is whole, so that others
 * may take it from there. Key frames lie at the same times in all rungs.
 */

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { Hopeless, Misconfigured } from './failure.mjs';
import { ONLY_RECORDINGS } from './probe.mjs';

export const SEGMENT_SECS = 4;
const KEY_FRAME_SECS = 2;

/**
 * Ends its program when its standard input ends: with `abort`, and just as well when this process
 * is killed and can do nothing any more. A program left behind would eat the machine of the next.
 */
const LEASH = `
exec 3<&0
"$@" </dev/null 3<&- &
program=$!
{ cat; kill -9 $program; } <&3 3<&- >/dev/null 2>&1 &
watch=$!
exec 3<&-
wait $program
code=$?
kill $watch 2>/dev/null
exit $code`;

/**
 * @param {{ file: string, folder: string, ladder: import('./ladder.mjs').Ladder,
 *   projection: string, preset: string }} job
 * @returns {string[]} ffmpeg's arguments
 */
export function commandLine({ file, folder, ladder, projection, preset }) {
  const { rungs, frameRate, audioBps } = ladder;
  const labels = rungs.map((_, at) => `[rung${at}]`);
  // Re-projected once, at full size; the rungs below are made of that.
  const whole =
    projection === 'cubemap'
      ? `v360=input=equirect:output=c3x2:interp=cubic:w=${rungs[0].widthPx}:h=${rungs[0].heightPx},`
      : '';
  const split = `[0:v:0]${whole}fps=${frameRate},split=${rungs.length}${rungs.map((_, at) => `[whole${at}]`).join('')}`;
  const scaled = rungs.map(
    ({ widthPx, heightPx }, at) => `[whole${at}]scale=${widthPx}:${heightPx},setsar=1,format=yuv420p${labels[at]}`,
  );
  const sound = audioBps
    ? ['-c:a', 'aac', '-b:a', audioBps, '-af', 'aresample=async=1:first_pts=0']
    : [];
  return [
    ...['-hide_banner', '-loglevel', 'error', '-nostdin', '-nostats', '-progress', 'pipe:1'],
    ...[...ONLY_RECORDINGS, '-i', file],
    ...['-filter_complex', [split, ...scaled].join(';')],
    ...labels.flatMap((label) => (audioBps ? ['-map', label, '-map', '0:a:0'] : ['-map', label])),
    ...['-c:v', 'libx264', '-preset', preset, '-profile:v', 'high', '-sc_threshold', 0, '-g', 250],
    ...['-force_key_frames', `expr:gte(t,n_forced*${KEY_FRAME_SECS})`],
    ...rungs.flatMap(({ videoBps }, at) => [
      ...[`-b:v:${at}`, videoBps],
      ...[`-maxrate:v:${at}`, Math.round(videoBps * 1.1), `-bufsize:v:${at}`, videoBps * 2],
    ]),
    ...sound,
    ...['-f', 'hls', '-hls_time', SEGMENT_SECS, '-hls_list_size', 0, '-hls_playlist_type', 'event'],
    ...['-hls_segment_type', 'fmp4', '-hls_flags', 'temp_file+independent_segments'],
    ...['-hls_fmp4_init_filename', 'init.mp4', '-hls_segment_filename', `${folder}/%v/%05d.m4s`],
    '-var_stream_map',
    rungs.map(({ name }, at) => `v:${at}${audioBps ? `,a:${at}` : ''},name:${name}`).join(' '),
    `${folder}/%v/index.m3u8`,
  ].map(String);
}

/**
 * Runs it to the end.
 * @param {string[]} args
 * @param {{ signal: AbortSignal, onProgress: (doneSecs: number) => void }} how
 */
export async function encode(args, { signal, onProgress }) {
  signal.throwIfAborted();
  const child = spawn('sh', ['-c', LEASH, 'ffmpeg', 'ffmpeg', ...args], { stdio: 'pipe' });
  const letGo = () => child.stdin.end();
  signal.addEventListener('abort', letGo, { once: true });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said = (said + text).slice(-4000);
  });
  child.stdin.on('error', () => {});
  createInterface({ input: child.stdout }).on('line', (line) => {
    const micros = /^out_time_us=(\d+)$/.exec(line)?.[1];
    if (micros) onProgress(Number(micros) / 1e6);
  });
  try {
    const [code, killedBy] = await new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (...ended) => resolve(ended));
      // What is left of the leash holds no more than its input.
      child.on('exit', letGo);
    });
    signal.throwIfAborted();
    if (code === 0) return;
    throw verdict(code, killedBy, said);
  } finally {
    signal.removeEventListener('abort', letGo);
  }
}

/** What an exit code means for another try. */
function verdict(code, killedBy, said) {
  if (code === 127) return new Misconfigured('ffmpeg is missing: install it (Debian: apt-get install ffmpeg)');
  // Short of memory, or somebody's kill. 255 is ffmpeg's own code for having been asked to end.
  if (killedBy || code > 128) return new Error('ffmpeg was ended from outside');
  const last = said.trim().split('\n').slice(-3).join('; ');
  if (/No space left|Cannot allocate|Resource temporarily/.test(said)) return new Error(`ffmpeg: ${last}`);
  return new Hopeless(`ffmpeg cannot transcode the recording: ${last || `it ended with ${code}`}`);
}
