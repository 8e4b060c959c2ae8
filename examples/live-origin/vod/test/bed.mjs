/**
 * What the tests with real services share: moto_server behind a proxy, buckets and queues of a
 * test's own, workers as processes, short recordings made by ffmpeg.
 */

import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand, ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { clients } from '../lib/aws.mjs';
import { startMoto } from '../lib/moto.mjs';
import { prepare } from '../lib/prepare.mjs';
import { Proxy } from './proxy.mjs';

const here = (name) => new URL(`../${name}`, import.meta.url).pathname;
export const run = promisify(execFile);

export class Bed {
  static async make() {
    const bed = new Bed();
    bed.moto = await startMoto({ program: process.env.MOTO_SERVER });
    bed.proxy = await Proxy.before(bed.moto.env.AWS_ENDPOINT_URL);
    bed.folder = await mkdtemp(path.join(os.tmpdir(), 'videosphere-vod-test-'));
    Object.assign(process.env, bed.moto.env, { AWS_ENDPOINT_URL: bed.proxy.url });
    Object.assign(bed, clients(), { workers: [], count: 0 });
    return bed;
  }

  async remove() {
    await this.endWorkers();
    this.proxy.close();
    this.moto.child.kill('SIGTERM');
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Buckets and queues that no other test has. */
  async fresh(how = {}) {
    await this.endWorkers();
    this.proxy.reset();
    this.count += 1;
    const lines = await prepare(this, { prefix: `test${this.count}`, env: process.env, ...how });
    this.settings = Object.fromEntries(lines.trim().split('\n').map((line) => line.split(/=(.*)/s).slice(0, 2)));
    this.env = {
      ...process.env,
      ...this.settings,
      VOD_WORK_FOLDER: path.join(this.folder, `work${this.count}`),
      VOD_PRESET: 'ultrafast',
      // Against a service that refuses, quick to give up.
      AWS_MAX_ATTEMPTS: '2',
      VOD_MIN_FREE_BYTES: '1000000',
    };
  }

  /** Runs one of the programs to its end. */
  async program(name, ...args) {
    return run(process.execPath, [here(name), ...args], { env: this.env });
  }

  /** Starts a worker; it is ready when it polls. */
  async worker() {
    const worker = new Worker(this.env);
    this.workers.push(worker);
    await worker.says(/is waiting for recordings/);
    return worker;
  }

  async endWorkers() {
    await Promise.all(this.workers?.map((worker) => worker.kill('SIGKILL')) ?? []);
    this.workers = [];
  }

  async send(body) {
    await this.sqs.send(new SendMessageCommand({ QueueUrl: this.settings.VOD_QUEUE_URL, MessageBody: body }));
  }

  /** Messages of the queue: those that wait and those that are hidden. */
  async waiting() {
    const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'];
    const request = { QueueUrl: this.settings.VOD_QUEUE_URL, AttributeNames: names };
    const { Attributes } = await this.sqs.send(new GetQueueAttributesCommand(request));
    return names.map((name) => Number(Attributes[name]));
  }

  /** Takes a message out of the dead-letter queue. */
  async setAside() {
    const QueueUrl = this.settings.VOD_QUEUE_URL.replace(/-jobs$/, '-set-aside');
    const request = { QueueUrl, MessageAttributeNames: ['All'], WaitTimeSeconds: 1 };
    const { Messages = [] } = await this.sqs.send(new ReceiveMessageCommand(request));
    const [message] = Messages;
    return message && { body: message.Body, reason: message.MessageAttributes?.reason?.StringValue };
  }

  /** The keys in the egress bucket. */
  async published() {
    const { Contents = [] } = await this.s3.send(new ListObjectsV2Command({ Bucket: this.settings.VOD_EGRESS_BUCKET }));
    return Contents.map(({ Key }) => Key);
  }

  async text(Key) {
    const { Body } = await this.s3.send(new GetObjectCommand({ Bucket: this.settings.VOD_EGRESS_BUCKET, Key }));
    return Body.transformToString();
  }

  url(key) {
    return `${this.settings.VOD_PUBLIC_URL}/${key}`;
  }

  /**
   * A recording as nginx-rtmp makes them.
   * @param {string} name
   * @param {{ size?: string, secs?: number, picture?: string, sound?: boolean }} [how]
   */
  async recording(name, { size = '640x320', secs = 9, picture = `testsrc2=s=${size}:r=25`, sound = true } = {}) {
    const file = path.join(this.folder, name);
    const inputs = ['-f', 'lavfi', '-i', picture, ...(sound ? ['-f', 'lavfi', '-i', 'sine=440'] : [])];
    const codecs = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-c:a', 'aac'];
    await run('ffmpeg', ['-v', 'error', '-y', ...inputs, '-t', String(secs), ...codecs, file]);
    return file;
  }
}

class Worker {
  constructor(env) {
    this.child = spawn(process.execPath, [here('worker.mjs')], { env, stdio: ['ignore', 'ignore', 'pipe'] });
    this.lines = [];
    this.listeners = new Set();
    this.ended = new Promise((resolve) => {
      this.child.on('close', (code, signal) => resolve(signal ?? code));
    });
    createInterface({ input: this.child.stderr }).on('line', (line) => {
      this.lines.push(line);
      for (const listener of this.listeners) listener();
    });
  }

  /** Waits until its log holds so many such lines. */
  async says(pattern, count = 1) {
    const enough = () => this.lines.filter((line) => pattern.test(line)).length >= count;
    for (;;) {
      if (enough()) return;
      const more = new Promise((resolve) => this.listeners.add(resolve));
      const ended = await Promise.race([more, this.ended.then((how) => ({ how }))]);
      if (ended && !enough()) throw new Error(`the worker ended (${ended.how}):\n${this.lines.join('\n')}`);
    }
  }

  async kill(signal) {
    this.child.kill(signal);
    return this.ended;
  }

  /** The processes below it, by /proc. */
  async descendants() {
    const parents = new Map();
    for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
      const [, name, parent] = /\((.*)\) \S (\d+)/.exec(stat) ?? [];
      if (parent) parents.set(Number(pid), { name, parent: Number(parent) });
    }
    const below = [{ pid: this.child.pid }];
    for (const { pid: above } of below) {
      for (const [pid, { name, parent }] of parents) if (parent === above) below.push({ pid, name });
    }
    return below.slice(1);
  }
}
