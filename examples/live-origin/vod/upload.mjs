#!/usr/bin/env node
/**
 * Hands recordings over: into the ingest bucket, and a message into the queue.
 *
 *     node upload.mjs FILE --name STREAM [--projection equirect|cubemap] [--keep]
 *     node upload.mjs --folder FOLDER [--idle SECS] [--projection …] [--keep]
 *
 * The first is what nginx-rtmp's `exec_record_done` calls. The second is for what is left after a
 * crash: every recording in the folder to which nothing was written for SECS (60). A file is
 * removed only when bucket and queue have it; sent twice, it becomes one video all the same.
 */

import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { Upload } from '@aws-sdk/lib-storage';
import { createReadStream } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { clients } from './lib/aws.mjs';
import { Misconfigured, run, sentence } from './lib/failure.mjs';
import { log as logger, megabytes } from './lib/log.mjs';
import { PROJECTIONS, write } from './lib/message.mjs';
import { settings as settingsOf } from './lib/settings.mjs';

const USAGE = 'usage: node upload.mjs FILE --name STREAM | --folder FOLDER [--idle SECS]  [--projection equirect|cubemap] [--keep]';

await run(async () => {
  const { values, positionals } = arguments_();
  const settings = settingsOf(process.env, ['VOD_INGEST_BUCKET', 'VOD_QUEUE_URL']);
  const { projection } = values;
  if (!PROJECTIONS.includes(projection)) throw new Misconfigured(`no projection ${projection}. ${USAGE}`);
  const log = logger();
  const services = { ...clients(), settings };
  const how = { projection, keep: values.keep, log, services };
  if (!values.folder) {
    if (positionals.length !== 1) throw new Misconfigured(USAGE);
    await handOver(positionals[0], { ...how, name: values.name ?? streamOf(positionals[0]) });
    return;
  }
  const idleSecs = Number(values.idle);
  if (!(idleSecs >= 0)) throw new Misconfigured(`--idle wants seconds. ${USAGE}`);
  let failed = 0;
  for (const file of await idle(values.folder, idleSecs)) {
    await handOver(file, { ...how, name: streamOf(file) }).catch((error) => {
      failed += 1;
      log(`${file} stays where it is: ${sentence(error)}`);
    });
  }
  if (failed) throw new Error(`${failed} recordings were not handed over`);
});

function arguments_() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        name: { type: 'string' },
        folder: { type: 'string' },
        idle: { type: 'string', default: '60' },
        projection: { type: 'string', default: 'equirect' },
        keep: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new Misconfigured(`${error.message}. ${USAGE}`);
  }
}

async function handOver(file, { name, projection, keep, log, services }) {
  const { s3, sqs, settings } = services;
  const { size } = await stat(file).catch(() => {
    throw new Misconfigured(`there is no file ${file}`);
  });
  const bucket = settings.ingestBucket;
  const key = `${plain(name)}/${plain(path.basename(file))}`;
  const params = { Bucket: bucket, Key: key, Body: createReadStream(file), ContentType: 'video/x-flv' };
  const upload = new Upload({ client: s3, params, partSize: 16 << 20, queueSize: 2 });
  upload.on('httpUploadProgress', ({ loaded = 0 }) => {
    if (loaded < size) log(`${key}: ${megabytes(loaded)} of ${megabytes(size)}`);
  });
  await upload.done();
  const message = write({ bucket, key, projection });
  await sqs.send(new SendMessageCommand({ QueueUrl: settings.queueUrl, MessageBody: message }));
  if (!keep) await rm(file);
  log(`handed over s3://${bucket}/${key}, ${megabytes(size)}`);
}

/** Recordings that nothing has been written to for a while. */
async function idle(folder, idleSecs) {
  const names = (await readdir(folder)).filter((name) => /\.(flv|mp4|ts|mkv)$/.test(name));
  const found = [];
  for (const name of names.sort()) {
    const file = path.join(folder, name);
    const { mtimeMs } = await stat(file);
    if (Date.now() - mtimeMs >= idleSecs * 1000) found.push(file);
  }
  return found;
}

/** nginx-rtmp's `record_unique` makes `STREAM-SECONDS.flv`. */
function streamOf(file) {
  return path.basename(file).replace(/\.[^.]*$/, '').replace(/-\d+$/, '');
}

/** What a publisher called its stream, as part of a key. */
function plain(text) {
  const safe = text.replaceAll(/[^\w.-]+/g, '_').replace(/^\.+/, '_');
  return safe || 'stream';
}
