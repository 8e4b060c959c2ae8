/**
 * A job as it lies in the queue: a JSON object.
 *
 * Read with distrust: anyone who may send to the queue could have written it, and the key becomes
 * part of other keys.
 */

import { Hopeless } from './failure.mjs';

/** How a video is laid out: as it was recorded, or re-projected to the six faces of a cube. */
export const PROJECTIONS = ['equirect', 'cubemap'];

/**
 * @typedef {object} Message
 * @property {1} version
 * @property {string} bucket of the recording
 * @property {string} key of the recording
 * @property {'equirect' | 'cubemap'} projection of the result
 */

/**
 * @param {{ bucket: string, key: string, projection?: string }} job
 * @returns {string}
 */
export function write({ bucket, key, projection = 'equirect' }) {
  return JSON.stringify({ version: 1, bucket, key, projection });
}

/**
 * @param {string | undefined} text
 * @param {{ ingestBucket: string }} settings the one bucket that recordings are taken from
 * @returns {Message}
 */
export function read(text, { ingestBucket }) {
  let message;
  try {
    message = JSON.parse(text ?? '');
  } catch {
    throw new Hopeless('the message is not JSON');
  }
  if (message?.version !== 1) throw new Hopeless('the message has no version that is known (1)');
  const { bucket, key, projection } = message;
  if (bucket !== ingestBucket) {
    throw new Hopeless(`the message names the bucket ${JSON.stringify(bucket)}, not VOD_INGEST_BUCKET (${ingestBucket})`);
  }
  if (typeof key !== 'string' || !isPlainKey(key)) {
    throw new Hopeless('the message names no recording (a key of letters, digits, - _ . and /)');
  }
  if (!PROJECTIONS.includes(projection)) {
    throw new Hopeless(`the projection is ${JSON.stringify(projection)}, not one of ${PROJECTIONS.join(', ')}`);
  }
  return { version: 1, bucket, key, projection };
}

function isPlainKey(key) {
  const parts = key.split('/');
  return key.length <= 512 && parts.every((part) => /^[\w.-]+$/.test(part) && !/^\.+$/.test(part));
}

/**
 * Where the result of a job goes in the egress bucket: the recording's key without its extension.
 * @param {Message} message
 */
export function egressFolder({ key, projection }) {
  const stem = key.replace(/\.[^./]*$/, '');
  return projection === 'equirect' ? stem : `${stem}-${projection}`;
}
