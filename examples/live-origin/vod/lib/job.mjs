/**
 * One recording becomes one video on demand.
 *
 * In: a message. Out: `FOLDER/index.m3u8` in the egress bucket, and under `FOLDER/ATTEMPT/` what it
 * names. That one playlist is written last and only if nobody else has written it, so that a job
 * that is done twice, or twice at once, or half, leaves exactly one whole video.
 */

import { DeleteObjectsCommand, GetObjectCommand, HeadObjectCommand, paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { isMissing, isOvertaken } from './aws.mjs';
import { commandLine, encode } from './encode.mjs';
import { Hopeless, sentence } from './failure.mjs';
import { ladder as ladderFor } from './ladder.mjs';
import { megabytes } from './log.mjs';
import { egressFolder } from './message.mjs';
import { writeMedia, writeMultivariant } from './playlists.mjs';
import { probe } from './probe.mjs';
import { Shelf, demandSpace, publishSegments } from './publish.mjs';

const PLAYLIST = 'index.m3u8';
const PROGRESS_MS = 5000;

/**
 * @param {import('./message.mjs').Message} message
 * @param {{ s3: import('@aws-sdk/client-s3').S3Client, settings: any, log: import('./log.mjs').Log,
 *   signal: AbortSignal }} with_
 * @returns {Promise<string>} the key of the playlist
 */
export async function transcode(message, { s3, settings, log, signal }) {
  const folder = egressFolder(message);
  const shelf = new Shelf({ s3, bucket: settings.egressBucket, folder });
  const source = await headSource(s3, message, signal);
  const published = await publishedAs(shelf, signal);
  if (published?.source === source.etag) {
    log('this recording is published already: nothing to do');
    await sweep(shelf, (attempt) => attempt !== published.attempt);
    return `${folder}/${PLAYLIST}`;
  }
  if (source.bytes > settings.maxSourceBytes) {
    throw new Hopeless(`the recording has ${megabytes(source.bytes)}, more than VOD_MAX_SOURCE_BYTES`);
  }
  const attempt = randomBytes(6).toString('hex');
  const work = path.join(settings.workFolder, `${process.pid}-${attempt}`);
  await mkdir(work, { recursive: true });
  try {
    const context = { s3, settings, log, signal, source, work, attempt };
    const playlist = await make(message, context).catch(async (error) => {
      // When this program is being ended there is no time; the next attempt tidies up.
      if (!signal.aborted) await sweep(shelf, (its) => its === attempt).catch((also) => log(sentence(also)));
      throw error;
    });
    await shelf.put(PLAYLIST, playlist, {
      ...{ signal, cache: 'public, max-age=60', Metadata: { source: source.etag, attempt } },
      IfNoneMatch: published ? undefined : '*',
    });
  } catch (error) {
    if (!isOvertaken(error)) throw error;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  // By now a playlist is there: mine, that of another worker, or mine although the answer was lost
  // and the write repeated. What no playlist names goes: other attempts, killed or overtaken.
  const winner = (await publishedAs(shelf, signal))?.attempt;
  if (winner !== attempt) log('another worker published this recording meanwhile: mine is dropped');
  await sweep(shelf, (its) => its !== winner);
  return `${folder}/${PLAYLIST}`;
}

/** Everything but the last playlist, which it returns. */
async function make(message, { s3, settings, log, signal, source, work, attempt }) {
  const file = path.join(work, `source${path.extname(message.key)}`);
  await demandSpace(work, source.bytes + settings.minFreeBytes);
  await download(s3, message, { file, signal });
  log(`downloaded ${megabytes(source.bytes)}`);
  const about = await probe(file, { bytes: source.bytes, signal });
  const ladder = ladderFor(about, { heights: settings.ladder, projection: message.projection });
  const rungs = ladder.rungs.map(({ name, videoBps }) => `${name} ${(videoBps / 1e6).toFixed(1)} Mbit/s`);
  log(`${about.widthPx}×${about.heightPx}, ${about.durationSecs?.toFixed(1) ?? '?'} s → ${rungs.join(', ')}`);

  const folder = path.join(work, 'hls');
  await mkdir(folder);
  const { projection } = message;
  const place = `${egressFolder(message)}/${attempt}`;
  const shelf = new Shelf({ s3, bucket: settings.egressBucket, folder: place });
  // Either half ends the other when it fails.
  const halves = new AbortController();
  const both = AbortSignal.any([signal, halves.signal]);
  const args = commandLine({ file, folder, ladder, projection, preset: settings.preset });
  const encoding = encode(args, { signal: both, onProgress: progress(log, about.durationSecs) });
  const { minFreeBytes } = settings;
  let renditions;
  try {
    renditions = await publishSegments({ folder, ladder, shelf, encoding, minFreeBytes, signal: both });
  } catch (error) {
    halves.abort(error);
    // The folder must not be removed under a program that still writes.
    await encoding.catch(() => {});
    throw error;
  }
  const empty = renditions.find(({ segments }) => segments.length === 0);
  if (empty) throw new Hopeless('the recording holds no frame that can be decoded');
  for (const rendition of renditions) {
    await shelf.put(`${rendition.name}/${PLAYLIST}`, writeMedia(rendition), { signal });
  }
  const all = renditions.flatMap(({ segments }) => segments);
  log(`uploaded ${all.length} segments, ${megabytes(all.reduce((sum, { bytes }) => sum + bytes, 0))}`);
  return writeMultivariant(renditions, { folder: attempt, frameRate: ladder.frameRate, projection });
}

async function headSource(s3, { bucket, key }, signal) {
  try {
    const head = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }), { abortSignal: signal });
    return { bytes: head.ContentLength ?? 0, etag: (head.ETag ?? '').replaceAll('"', '') };
  } catch (error) {
    // It is uploaded before the message is sent, and S3 shows at once what it holds.
    if (isMissing(error)) throw new Hopeless(`there is no recording s3://${bucket}/${key}`);
    throw error;
  }
}

/** Of what and by whom the published video was made; null where there is none. */
async function publishedAs({ s3, bucket, folder }, signal) {
  const request = new HeadObjectCommand({ Bucket: bucket, Key: `${folder}/${PLAYLIST}` });
  try {
    return (await s3.send(request, { abortSignal: signal })).Metadata ?? {};
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

async function download(s3, { bucket, key }, { file, signal }) {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }), { abortSignal: signal });
  await pipeline(Body, createWriteStream(file), { signal });
}

/** Deletes what those attempts have left of which `isUnwanted` holds, and nothing else. */
async function sweep({ s3, bucket, folder }, isUnwanted) {
  const pages = paginateListObjectsV2({ client: s3 }, { Bucket: bucket, Prefix: `${folder}/` });
  for await (const { Contents = [] } of pages) {
    const keys = Contents.map(({ Key }) => Key).filter((key) => {
      const attempt = /^([0-9a-f]{12})\//.exec(key.slice(folder.length + 1))?.[1];
      return attempt && isUnwanted(attempt);
    });
    const Delete = { Objects: keys.map((Key) => ({ Key })), Quiet: true };
    if (keys.length) await s3.send(new DeleteObjectsCommand({ Bucket: bucket, Delete }));
  }
}

/** Says now and then how far ffmpeg is. */
function progress(log, durationSecs) {
  let said = Date.now();
  return (doneSecs) => {
    if (Date.now() - said < PROGRESS_MS) return;
    said = Date.now();
    const share = durationSecs ? ` of ${durationSecs.toFixed(0)} s, ${Math.floor((doneSecs / durationSecs) * 100)} %` : ' s';
    log(`transcoded ${doneSecs.toFixed(0)}${share}`);
  };
}
