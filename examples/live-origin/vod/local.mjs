#!/usr/bin/env node
/**
 * The whole of it on one machine: moto_server in AWS's place, buckets, queues and a worker.
 *
 *     MOTO_SERVER=PATH node local.mjs --folder FOLDER
 *
 * Out: `FOLDER/vod.env` for `node --env-file` (it is written last, so that it is there when
 * everything is ready), then a line `ready ENDPOINT` on standard output; `FOLDER/moto.log`; the worker's log
 * on standard error. It ends with SIGTERM, or when its standard input ends: whoever started it need
 * not live to say so. What moto holds is gone then. A worker that ends by itself is started again.
 */

import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { clients } from './lib/aws.mjs';
import { Misconfigured, run } from './lib/failure.mjs';
import { startMoto } from './lib/moto.mjs';
import { prepare } from './lib/prepare.mjs';

const RESTART_MS = 1000;

await run(async () => {
  const options = { folder: { type: 'string' }, 'no-worker': { type: 'boolean', default: false } };
  const { values } = parseArgs({ options });
  if (!values.folder) throw new Misconfigured('usage: MOTO_SERVER=PATH node local.mjs --folder FOLDER [--no-worker]');
  const folder = path.resolve(values.folder);
  await mkdir(folder, { recursive: true });
  const moto = await startMoto({ program: process.env.MOTO_SERVER, log: createWriteStream(path.join(folder, 'moto.log')) });
  let [worker, isEnding, restart] = [null, false, null];
  const end = () => {
    isEnding = true;
    clearTimeout(restart);
    process.stdin.destroy();
    for (const child of [worker, moto.child]) child?.kill('SIGTERM');
  };
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
  process.stdin.on('end', end).on('error', end).resume();
  moto.child.on('exit', (code, signal) => {
    // Whoever ends a whole group of processes ends this one too.
    if (!isEnding && signal !== 'SIGTERM') {
      console.error(`✗ moto_server ended by itself (${signal ?? code}): see ${folder}/moto.log`);
      process.exitCode = 1;
    }
    end();
  });

  // Only stand-ins' keys: a person's own must not go to a program on loopback.
  Object.assign(process.env, moto.env, { VOD_WORK_FOLDER: path.join(folder, 'work') });
  const lines = await prepare(clients(), { prefix: 'videosphere', env: process.env });
  const named = Object.fromEntries(lines.trim().split('\n').map((line) => line.split(/=(.*)/s).slice(0, 2)));
  const startWorker = () => {
    const program = new URL('worker.mjs', import.meta.url).pathname;
    const env = { ...process.env, ...named };
    worker = spawn(process.execPath, [program], { env, stdio: ['ignore', 'ignore', 'inherit'] });
    worker.on('exit', (code, signal) => {
      if (isEnding || signal === 'SIGTERM') return;
      // Its job comes back by itself; somebody has to be there to take it.
      console.error(`the worker ended by itself (${signal ?? code}): another is started`);
      restart = setTimeout(startWorker, RESTART_MS);
    });
  };
  if (!values['no-worker']) startWorker();
  const file = path.join(folder, 'vod.env');
  await writeFile(`${file}.part`, lines, { mode: 0o600 });
  await rename(`${file}.part`, file);
  process.stdout.write(`ready ${moto.env.AWS_ENDPOINT_URL}\n`);
});
