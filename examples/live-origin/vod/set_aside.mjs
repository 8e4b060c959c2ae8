#!/usr/bin/env node
/**
 * Shows the messages that were set aside, each with its reason; with `--retry` puts them back into
 * the queue.
 *
 *     node set_aside.mjs [--retry]
 */

import { ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { parseArgs } from 'node:util';
import { clients } from './lib/aws.mjs';
import { run } from './lib/failure.mjs';
import { Delivery, Queue } from './lib/queue.mjs';
import { settings as settingsOf } from './lib/settings.mjs';

/** While they are listed, none must show up twice. */
const HIDDEN_SECS = 60;

await run(async () => {
  const { values } = parseArgs({ options: { retry: { type: 'boolean', default: false } } });
  const settings = settingsOf(process.env, ['VOD_QUEUE_URL']);
  const { sqs } = clients();
  const queue = await Queue.open(sqs, settings.queueUrl);
  const seen = [];
  for (;;) {
    const request = new ReceiveMessageCommand({
      QueueUrl: queue.setAsideUrl,
      MaxNumberOfMessages: 10,
      MessageAttributeNames: ['All'],
      VisibilityTimeout: HIDDEN_SECS,
      WaitTimeSeconds: 1,
    });
    const { Messages = [] } = await sqs.send(request);
    if (!Messages.length) break;
    for (const message of Messages) {
      const reason = message.MessageAttributes?.reason?.StringValue ?? 'its worker died each time';
      process.stdout.write(`${message.Body}\n  ${reason}\n`);
      seen.push(new Delivery({ ...queue, url: queue.setAsideUrl }, message));
    }
  }
  for (const message of seen) {
    if (values.retry) {
      await sqs.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody: message.body }));
      await message.remove();
    } else {
      await message.hide(0);
    }
  }
  const what = values.retry ? 'put back into the queue' : 'set aside; --retry puts them back into the queue';
  process.stdout.write(`${seen.length} ${what}\n`);
});
