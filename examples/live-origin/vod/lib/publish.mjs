/**
 * In: an ffmpeg at work in a folder. Out: its segments in the egress bucket, taken as they are
 * finished and then deleted here, so that a job's disk holds little more than its source.
 *
 * The playlists are no affair of this: they follow when everything they name is there.
 */

import { PutObjectCommand } from '@aws-sdk/client-s3';
import { readFile, rm, statfs } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { codecs, readMedia } from './playlists.mjs';

const LOOK_MS = 250;
const UPLOADS_AT_ONCE = 4;
/** Every attempt has a folder of its own: what lies there never changes. */
const FOR_EVER = 'public, max-age=31536000, immutable';

/** Puts objects under one folder of a bucket. */
export class Shelf {
  /** @param {{ s3: import('@aws-sdk/client-s3').S3Client, bucket: string, folder: string }} where */
  constructor({ s3, bucket, folder }) {
    Object.assign(this, { s3, bucket, folder });
  }

  /**
   * @param {string} name
   * @param {Buffer | string} body
   * @param {{ signal?: AbortSignal, cache?: string } & Partial<import('@aws-sdk/client-s3').PutObjectCommandInput>} [how]
   */
  async put(name, body, { signal, cache = FOR_EVER, ...more } = {}) {
    const request = new PutObjectCommand({
      Bucket: this.bucket,
      Key: `${this.folder}/${name}`,
      Body: body,
      CacheControl: cache,
      ContentType: name.endsWith('.m3u8') ? 'application/vnd.apple.mpegurl' : 'video/mp4',
      ...more,
    });
    await this.s3.send(request, { abortSignal: signal });
  }
}

/**
 * Uploads until `encoding` has settled and nothing is left; fails when it fails.
 * @param {{ folder: string, ladder: import('./ladder.mjs').Ladder, shelf: Shelf, encoding: Promise<void>,
 *   minFreeBytes: number, signal: AbortSignal }} job
 * @returns {Promise<import('./playlists.mjs').Rendition[]>}
 */
export async function publishSegments({ folder, ladder, shelf, encoding, minFreeBytes, signal }) {
  const renditions = ladder.rungs.map((rung) => ({ ...rung, initUri: '', codecs: '', segments: [] }));
  let over = false;
  const ended = encoding.finally(() => {
    over = true;
  });
  // Its failure is thrown below; here it must only not count as unhandled.
  ended.catch(() => {});
  for (;;) {
    const last = over;
    for (const rendition of renditions) {
      await take(rendition, { folder: path.join(folder, rendition.name), shelf, signal });
    }
    if (last) break;
    await demandSpace(folder, minFreeBytes);
    await Promise.race([ended, pause(LOOK_MS, undefined, { signal })]);
  }
  await ended;
  return renditions;
}

/** Uploads what is new in one rung. */
async function take(rendition, { folder, shelf, signal }) {
  const text = await readFile(path.join(folder, 'index.m3u8'), 'utf8').catch(absent);
  if (text === null) return;
  const { initUri, segments } = readMedia(text);
  const put = async (uri) => {
    const body = await readFile(path.join(folder, uri));
    await shelf.put(`${rendition.name}/${uri}`, body, { signal });
    return body;
  };
  if (!rendition.initUri && initUri) {
    const init = await put(initUri);
    Object.assign(rendition, { initUri, codecs: codecs(init) });
  }
  let fresh = segments.slice(rendition.segments.length);
  while (fresh.length) {
    const batch = fresh.slice(0, UPLOADS_AT_ONCE);
    fresh = fresh.slice(UPLOADS_AT_ONCE);
    const bodies = await Promise.all(batch.map(({ uri }) => put(uri)));
    rendition.segments.push(...batch.map((segment, at) => ({ ...segment, bytes: bodies[at].length })));
    await Promise.all(batch.map(({ uri }) => rm(path.join(folder, uri))));
  }
}

/**
 * @param {string} folder
 * @param {number} bytes
 */
export async function demandSpace(folder, bytes) {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize < bytes) {
    throw new Error(
      `the disk of ${folder} has ${Math.floor((bavail * bsize) / 1e6)} MB left where ` +
        `${Math.ceil(bytes / 1e6)} MB are wanted: free some, or set VOD_WORK_FOLDER`,
    );
  }
}

function absent(error) {
  if (error.code === 'ENOENT') return null;
  throw error;
}
