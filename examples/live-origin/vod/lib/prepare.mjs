/**
 * In: clients of a local stand-in for AWS. Out: buckets, queues, and the settings that name them,
 * as lines of a file for `node --env-file`.
 *
 * The egress bucket is open to every reader, as is right on loopback and nowhere else.
 */

import { CreateBucketCommand, HeadBucketCommand, PutBucketCorsCommand, PutBucketPolicyCommand } from '@aws-sdk/client-s3';
import { CreateQueueCommand, GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { isMissing } from './aws.mjs';

const FORTNIGHT_SECS = 14 * 24 * 3600;

/**
 * @param {{ s3: import('@aws-sdk/client-s3').S3Client, sqs: import('@aws-sdk/client-sqs').SQSClient }} services
 * @param {{ prefix: string, env: Record<string, string | undefined>, hiddenSecs?: number,
 *   tries?: number }} how `tries` is how often a message is delivered before the queue sets it aside
 */
export async function prepare({ s3, sqs }, { prefix, env, hiddenSecs = 60, tries = 3 }) {
  const [ingest, egress] = [`${prefix}-ingest`, `${prefix}-egress`];
  for (const Bucket of [ingest, egress]) await bucket(s3, Bucket);
  const rule = {
    AllowedMethods: ['GET', 'HEAD'],
    AllowedOrigins: ['*'],
    // Whatever a player wants to send: Range, If-None-Match, CMCD-Request, …
    AllowedHeaders: ['*'],
    MaxAgeSeconds: 86400,
  };
  await s3.send(new PutBucketCorsCommand({ Bucket: egress, CORSConfiguration: { CORSRules: [rule] } }));
  // To AWS a HEAD is a GetObject, and OPTIONS is nobody's to permit; moto names each by its method.
  const Action = ['s3:GetObject', 's3:HeadObject', 's3:OptionsObject'];
  const open = { Effect: 'Allow', Principal: '*', Action, Resource: `arn:aws:s3:::${egress}/*` };
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [open] });
  await s3.send(new PutBucketPolicyCommand({ Bucket: egress, Policy }));

  const setAside = await queue(sqs, `${prefix}-set-aside`, { MessageRetentionPeriod: FORTNIGHT_SECS });
  const deadLetterTargetArn = await arn(sqs, setAside);
  const jobs = await queue(sqs, `${prefix}-jobs`, {
    VisibilityTimeout: hiddenSecs,
    MessageRetentionPeriod: FORTNIGHT_SECS,
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount: tries }),
  });
  const endpoint = env.AWS_ENDPOINT_URL ?? env.AWS_ENDPOINT_URL_S3;
  const passedOn = Object.keys(env).filter((name) => name.startsWith('AWS_')).sort();
  const lines = [
    ...passedOn.map((name) => `${name}=${env[name]}`),
    `VOD_INGEST_BUCKET=${ingest}`,
    `VOD_EGRESS_BUCKET=${egress}`,
    `VOD_QUEUE_URL=${jobs}`,
    `VOD_PUBLIC_URL=${new URL(egress, endpoint)}`,
  ];
  return `${lines.join('\n')}\n`;
}

async function bucket(s3, Bucket) {
  try {
    await s3.send(new HeadBucketCommand({ Bucket }));
  } catch (error) {
    if (!isMissing(error)) throw error;
    await s3.send(new CreateBucketCommand({ Bucket }));
  }
}

/** Making a queue that exists, with the same attributes, returns it. */
async function queue(sqs, QueueName, attributes) {
  const Attributes = Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, String(value)]));
  return (await sqs.send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl;
}

async function arn(sqs, QueueUrl) {
  const request = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] });
  return (await sqs.send(request)).Attributes.QueueArn;
}
