/**
 * In: a recording on disk. Out: what a ladder needs to know of it, by ffprobe.
 *
 * Opened are the containers that cameras and recorders write, and nothing that names other files: a
 * playlist under a recording's name would bring whatever lies on this machine before the public.
 */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Hopeless, Misconfigured } from './failure.mjs';

/** Options of ffprobe and ffmpeg, before the file they read: by content, whatever its name. */
export const ONLY_RECORDINGS = ['-protocol_whitelist', 'file', '-format_whitelist', 'flv,mov,mpegts,matroska'];

/**
 * @typedef {object} Source
 * @property {number} widthPx
 * @property {number} heightPx
 * @property {number} frameRate
 * @property {number | null} durationSecs null where the file does not say, as after a crash
 * @property {number | null} videoBps null where neither file nor size says
 * @property {number} audioChannels 0 without sound
 */

/**
 * @param {string} file
 * @param {{ bytes: number, signal?: AbortSignal }} about the file's size
 * @returns {Promise<Source>}
 */
export async function probe(file, { bytes, signal }) {
  const show = 'format=duration:stream=codec_type,width,height,avg_frame_rate,r_frame_rate,bit_rate,channels';
  const wanted = ['-v', 'error', ...ONLY_RECORDINGS, '-show_entries', show, '-of', 'json', file];
  let printed;
  try {
    const options = { signal, maxBuffer: 1 << 20 };
    printed = (await promisify(execFile)('ffprobe', wanted, options)).stdout;
  } catch (error) {
    if (error.code === 'ENOENT') {
      throw new Misconfigured('ffprobe is missing: install ffmpeg (Debian: apt-get install ffmpeg)');
    }
    // Ended by a signal, ours or the system's, it has said nothing about the file.
    if (typeof error.code !== 'number') throw error;
    if (/Format not on whitelist/.test(error.stderr)) {
      throw new Hopeless('the recording is no FLV, MP4, QuickTime, MPEG-TS, Matroska or WebM file: others are not opened');
    }
    throw new Hopeless(`ffprobe cannot read the recording: ${lastLine(error.stderr).replace(`${file}: `, '')}`);
  }
  return understand(JSON.parse(printed), bytes);
}

/**
 * @param {any} printed ffprobe's JSON
 * @param {number} bytes
 * @returns {Source}
 */
export function understand({ streams = [], format = {} }, bytes) {
  const video = streams.find((stream) => stream.codec_type === 'video');
  const audio = streams.find((stream) => stream.codec_type === 'audio');
  if (!video?.width || !video?.height) throw new Hopeless('the recording holds no video');
  const durationSecs = positive(format.duration);
  const wholeBps = durationSecs && (bytes * 8) / durationSecs;
  return {
    widthPx: video.width,
    heightPx: video.height,
    frameRate: frameRate(video),
    durationSecs,
    // FLV's header gives the rate that the encoder was asked for, which may be fiction.
    videoBps: wholeBps ?? positive(video.bit_rate),
    audioChannels: audio?.channels ?? 0,
  };
}

/**
 * FLV counts milliseconds: an average over a few frames makes 24.4 of 24. The rate that fits all
 * time stamps is right where it is near; where it is not, frames come irregularly.
 */
function frameRate({ avg_frame_rate, r_frame_rate }) {
  const [average, fitting] = [fraction(avg_frame_rate), fraction(r_frame_rate)];
  if (average && fitting && Math.abs(average - fitting) < average * 0.05) return fitting;
  return average ?? fitting ?? 30;
}

function positive(text) {
  const number = Number(text);
  return Number.isFinite(number) && number > 0 ? number : null;
}

function fraction(text = '') {
  const [above, below = 1] = text.split('/').map(Number);
  const rate = positive(above / below);
  // A clock's rate is no frame rate.
  return rate && rate <= 240 ? rate : null;
}

function lastLine(text = '') {
  return text.trim().split('\n').at(-1) || 'it says nothing';
}
