/**
 * The clients for S3 and SQS, the same against AWS and a local stand-in (`AWS_ENDPOINT_URL`).
 */

import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';

/** Whether the services are a stand-in, not AWS. */
export function isLocal(env = process.env) {
  return Boolean(env.AWS_ENDPOINT_URL || env.AWS_ENDPOINT_URL_S3);
}

/** @returns {{ s3: S3Client, sqs: SQSClient }} */
export function clients() {
  const maxAttempts = Number(process.env.AWS_MAX_ATTEMPTS) || 5;
  return {
    // Stand-ins seldom resolve BUCKET.host.
    s3: new S3Client({ forcePathStyle: isLocal(), maxAttempts }),
    sqs: new SQSClient({ maxAttempts }),
  };
}

/** Whether an error says that an object, a bucket or a queue does not exist. */
export function isMissing(error) {
  return error?.$metadata?.httpStatusCode === 404 || error?.name === 'NoSuchKey' || error?.name === 'NotFound';
}

/** Whether a conditional write found that somebody else was first. */
export function isOvertaken(error) {
  // 409 is S3's answer when two conditional writes meet.
  return [409, 412].includes(error?.$metadata?.httpStatusCode);
}
