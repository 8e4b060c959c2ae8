#!/usr/bin/env node
/**
 * Takes recordings from the queue, one at a time, and publishes each as video on demand.
 *
 * In: messages of `upload.mjs`. Out: playlists and segments in the egress bucket. A message is
 * deleted only when its video is published. Until then it is hidden by heartbeat: when this program
 * is killed the message comes back by itself, and when it is asked to end (SIGTERM, SIGINT) at once.
 * What no try can repair goes to the dead-letter queue with the reason.
 *
 * One job at a time; for more at once start more of it, on one machine or on many.
 */

import { execFile } from 'node:child_process';
import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { clients } from './lib/aws.mjs';
import { Hopeless, Misconfigured, run, sentence } from './lib/failure.mjs';
import { transcode } from './lib/job.mjs';
import { log as logger } from './lib/log.mjs';
import { read } from './lib/message.mjs';
import { Queue } from './lib/queue.mjs';
import { settings as settingsOf } from './lib/settings.mjs';

const RECONNECT_MS = 5000;

await run(async () => {
  const settings = settingsOf(process.env, [
    'VOD_INGEST_BUCKET',
    'VOD_EGRESS_BUCKET',
    'VOD_QUEUE_URL',
    'VOD_PUBLIC_URL',
    'VOD_WORK_FOLDER',
    'VOD_LADDER',
    'VOD_PRESET',
    'VOD_MAX_SOURCE_BYTES',
    'VOD_MIN_FREE_BYTES',
  ]);
  const log = logger();
  const stop = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT']) {
    process.once(name, () => {
      log(`${name}: ending; a job at work goes back to the queue`);
      stop.abort(new Error(name));
    });
  }
  await demandPrograms();
  await tidy(settings.workFolder);
  const { s3, sqs } = clients();
  const queue = await Queue.open(sqs, settings.queueUrl);
  log(`process ${process.pid} is waiting for recordings at ${settings.queueUrl}`);
  while (!stop.signal.aborted) {
    const delivery = await next(queue, { signal: stop.signal, log });
    if (delivery) await handle(delivery, { s3, settings, stop: stop.signal });
  }
});

/** The next message, whatever the network does meanwhile. */
async function next(queue, { signal, log }) {
  try {
    return await queue.receive(signal);
  } catch (error) {
    if (signal.aborted) return null;
    log(`the queue does not answer, trying again: ${sentence(error)}`);
    await pause(RECONNECT_MS, undefined, { signal }).catch(() => {});
    return null;
  }
}

/** Never throws: what goes wrong with one message must not keep the next from its turn. */
async function handle(delivery, { s3, settings, stop }) {
  const log = logger(delivery.id.slice(0, 8));
  const lost = new AbortController();
  const release = delivery.keep(lost);
  try {
    const message = read(delivery.body, settings);
    log(`try ${delivery.tries} of ${delivery.queue.maxTries}: s3://${message.bucket}/${message.key} → ${message.projection}`);
    const signal = AbortSignal.any([stop, lost.signal]);
    const key = await transcode(message, { s3, settings, log, signal });
    release();
    await delivery.remove();
    log(`published ${settings.publicUrl ? `${settings.publicUrl}/${key}` : `s3://${settings.egressBucket}/${key}`}`);
  } catch (error) {
    release();
    await dispose(delivery, { error, stop, lost: lost.signal, log }).catch((also) => {
      // Then its visibility timeout brings it back.
      log(`the queue did not take that: ${sentence(also)}`);
    });
  }
}

/** What becomes of a message whose job failed. */
async function dispose(delivery, { error, stop, lost, log }) {
  if (stop.aborted) {
    await delivery.hide(0);
    log('back to the queue');
  } else if (lost.aborted) {
    log(`given up: ${sentence(lost.reason)}`);
  } else if (error instanceof Hopeless || delivery.isLastTry) {
    await delivery.setAside(sentence(error));
    log(`set aside: ${sentence(error)}`);
  } else {
    await delivery.retryLater();
    log(`failed, comes again: ${sentence(error)}`);
  }
}

async function demandPrograms() {
  for (const program of ['ffmpeg', 'ffprobe']) {
    await promisify(execFile)(program, ['-version']).catch(() => {
      throw new Misconfigured(`${program} is missing: install ffmpeg (Debian: apt-get install ffmpeg)`);
    });
  }
}

/** Removes the files of workers that were killed. */
async function tidy(folder) {
  await mkdir(folder, { recursive: true });
  for (const name of await readdir(folder)) {
    const pid = Number(/^(\d+)-[0-9a-f]{12}$/.exec(name)?.[1]);
    if (pid && !isRunning(pid)) await rm(path.join(folder, name), { recursive: true, force: true });
  }
}

function isRunning(pid) {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
