/**
 * A queue with its dead-letter queue, as the worker sees it.
 *
 * In: the queue's URL; how often a message is delivered, for how long it is hidden and where it
 * goes in the end are read from the queue itself. Out: one `Delivery` at a time.
 */

import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { isMissing } from './aws.mjs';
import { Misconfigured, sentence } from './failure.mjs';

const LONG_POLL_SECS = 20;
/** A failed try waits so long for the next, times the tries so far. */
const BACK_OFF_SECS = 30;

export class Queue {
  /**
   * @param {import('@aws-sdk/client-sqs').SQSClient} sqs
   * @param {string} url
   */
  static async open(sqs, url) {
    const names = ['RedrivePolicy', 'VisibilityTimeout'];
    const request = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: names });
    const { Attributes = {} } = await sqs.send(request).catch((error) => {
      if (isMissing(error) || /NonExistentQueue|QueueDoesNotExist/.test(error.name)) {
        throw new Misconfigured(`there is no queue ${url}: check VOD_QUEUE_URL`);
      }
      throw error;
    });
    if (!Attributes.RedrivePolicy) {
      throw new Misconfigured(`the queue ${url} has no dead-letter queue, so a bad message would come back for ever`);
    }
    const { deadLetterTargetArn, maxReceiveCount } = JSON.parse(Attributes.RedrivePolicy);
    // A dead-letter queue is always in its queue's region and account.
    const setAsideUrl = url.replace(/[^/]+$/, deadLetterTargetArn.split(':').at(-1));
    const about = { maxTries: Number(maxReceiveCount), hiddenSecs: Number(Attributes.VisibilityTimeout) };
    return Object.assign(new Queue(), { sqs, url, setAsideUrl, ...about });
  }

  /**
   * Waits for a message.
   * @param {AbortSignal} signal
   * @returns {Promise<Delivery | null>} null when none came for a while
   */
  async receive(signal) {
    const request = new ReceiveMessageCommand({
      QueueUrl: this.url,
      MaxNumberOfMessages: 1,
      WaitTimeSeconds: LONG_POLL_SECS,
      MessageSystemAttributeNames: ['ApproximateReceiveCount'],
    });
    const { Messages = [] } = await this.sqs.send(request, { abortSignal: signal });
    return Messages.length ? new Delivery(this, Messages[0]) : null;
  }
}

/** A message that is ours until its visibility timeout runs out. */
export class Delivery {
  /** @param {Queue} queue */
  constructor(queue, message) {
    this.queue = queue;
    this.id = message.MessageId;
    this.body = message.Body;
    this.tries = Number(message.Attributes?.ApproximateReceiveCount ?? 1);
    this.handle = message.ReceiptHandle;
  }

  /** Whether the queue would set it aside rather than deliver it again. */
  get isLastTry() {
    return this.tries >= this.queue.maxTries;
  }

  /** Hides it for so long from now on; 0 shows it at once. */
  async hide(secs) {
    const { sqs, url: QueueUrl } = this.queue;
    const request = { QueueUrl, ReceiptHandle: this.handle, VisibilityTimeout: Math.round(secs) };
    await sqs.send(new ChangeMessageVisibilityCommand(request));
  }

  /**
   * Keeps it hidden while something lasts.
   * @param {AbortController} lost aborted when the message is no longer ours
   * @returns {() => void} ends it
   */
  keep(lost) {
    const { hiddenSecs } = this.queue;
    let until = Date.now() + hiddenSecs * 1000;
    const beat = async () => {
      try {
        const from = Date.now();
        await this.hide(hiddenSecs);
        until = from + hiddenSecs * 1000;
      } catch (error) {
        // A hiccup is survived as long as the queue still believes us.
        if (Date.now() < until && error.$metadata?.httpStatusCode !== 400) return;
        lost.abort(new Error(`the message is no longer mine: ${sentence(error)}`));
      }
    };
    const timer = setInterval(beat, (hiddenSecs * 1000) / 3);
    return () => clearInterval(timer);
  }

  /** Done: it never comes again. */
  async remove() {
    const { sqs, url: QueueUrl } = this.queue;
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: this.handle }));
  }

  /** Back to the queue, after a pause that grows with the tries. */
  async retryLater() {
    await this.hide(Math.min(BACK_OFF_SECS * this.tries, 900));
  }

  /**
   * To the dead-letter queue, with the reason, which the queue's own redrive cannot give. That
   * remains for messages that kill their worker.
   * @param {string} reason
   */
  async setAside(reason) {
    const text = (StringValue) => ({ DataType: 'String', StringValue });
    const request = new SendMessageCommand({
      QueueUrl: this.queue.setAsideUrl,
      MessageBody: this.body,
      MessageAttributes: { reason: text(plain(reason)), message: text(this.id), tries: text(String(this.tries)) },
    });
    // In this order: ended in between, it lies in both, never in neither.
    await this.queue.sqs.send(request);
    await this.remove();
  }
}

/** SQS refuses attributes with control characters. */
function plain(text) {
  return text.replaceAll(/[^\x20-\uD7FF\uE000-\uFFFD]+/g, ' ').slice(0, 1000) || 'unknown';
}
