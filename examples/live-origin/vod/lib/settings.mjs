/**
 * In: environment variables. Out: the settings of one program, checked, or a `Misconfigured` that
 * says what to set.
 *
 * Credentials, region and endpoints are the SDK's own affair: `AWS_REGION`, `AWS_PROFILE`,
 * `AWS_ENDPOINT_URL`, an instance's role. Nothing here knows whether it talks to AWS.
 */

import os from 'node:os';
import path from 'node:path';
import { Misconfigured } from './failure.mjs';

/** One gibibyte. */
const GIB = 2 ** 30;

/**
 * Every variable: what it is for, and what holds without it. A function of the default is called
 * when it is needed; `undefined` means that the variable must be set.
 */
export const VARIABLES = {
  VOD_INGEST_BUCKET: { what: 'the bucket that recordings are put into, and taken from' },
  VOD_EGRESS_BUCKET: { what: 'the bucket that finished videos are published from' },
  VOD_QUEUE_URL: { what: 'the queue that says which recordings wait' },
  VOD_PUBLIC_URL: { what: 'where the egress bucket is seen from outside, for the log', otherwise: '' },
  VOD_WORK_FOLDER: {
    what: 'where a job keeps its files while it runs',
    otherwise: () => path.join(os.tmpdir(), 'videosphere-vod'),
  },
  VOD_LADDER: {
    what: 'heights in pixels of the rungs below the source',
    otherwise: '2160,1440,1080,720,540,360,240',
    read: heights,
  },
  VOD_PRESET: { what: "libx264's preset", otherwise: 'veryfast' },
  VOD_MAX_SOURCE_BYTES: { what: 'the largest recording taken', otherwise: 64 * GIB, read: count },
  VOD_MIN_FREE_BYTES: {
    what: 'disk space that a job leaves free, or fails',
    otherwise: GIB,
    read: count,
  },
};

/**
 * The settings named, by name without `VOD_`, in camel case.
 * @param {Record<string, string | undefined>} env
 * @param {(keyof typeof VARIABLES)[]} names
 */
export function settings(env, names) {
  const found = {};
  const missing = [];
  for (const name of names) {
    const { what, otherwise, read = (text) => text } = VARIABLES[name];
    const text = env[name];
    const fallback = typeof otherwise === 'function' ? otherwise() : otherwise;
    if (!text && fallback === undefined) {
      missing.push(`${name}, ${what}`);
      continue;
    }
    found[camelCase(name)] = read(String(text || fallback), name);
  }
  if (missing.length) {
    throw new Misconfigured(
      `not set: ${missing.join('; ')}. \`npm run setup -- --env FILE\` makes them on a local ` +
        'stand-in, examples/aws/self-hosted.yaml on AWS; then start with `node --env-file=FILE`',
    );
  }
  return found;
}

function camelCase(name) {
  const words = name.toLowerCase().split('_').slice(1);
  return words.map((word, at) => (at ? word[0].toUpperCase() + word.slice(1) : word)).join('');
}

function count(text, name) {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 0) {
    throw new Misconfigured(`${name} is ${text}: it wants a whole number of bytes`);
  }
  return number;
}

function heights(text, name) {
  const all = text.split(',').map(Number);
  if (all.some((height) => !Number.isSafeInteger(height) || height < 16)) {
    throw new Misconfigured(`${name} is ${text}: it wants heights in pixels, such as 1080,540`);
  }
  return all.sort((a, b) => b - a);
}
