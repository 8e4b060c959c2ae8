// @ts-check
/**
 * Reports of what happens, as CMCD's event mode has them (CTA-5004-B): loaded with `cmcd.js`.
 *
 * In: a target as the page gave it, and the events as they happen. Out: POSTs of `application/cmcd`, one event a
 * line. A report that does not arrive is kept for the next one, up to a bound; a target that answers 410 gets no more.
 */
import { cmcdText } from './cmcd_text.js';

/**
 * @import { CmcdEvent, CmcdEventTarget } from './index.js'
 * @import { CmcdData } from './cmcd_text.js'
 */

/** @type {readonly CmcdEvent[]} */
export const EVENTS = ['ps', 'bc', 'e', 't', 'pr', 'm', 'um', 'b', 'c'];
/** Lines that wait for a server that does not take them; the oldest goes. */
const MOST_LINES = 200;
/** Browsers take 64 KiB, of all such requests together. */
const MOST_KEPT_ALIVE = 30_000;
const DEFAULT_INTERVAL_SECS = 30;

export class EventTargetQueue {
  #target;
  /** @type {string[]} */
  #lines = [];
  /** Of events since the session began. */
  #count = 0;
  #isGone = false;
  #isSending = false;
  /** What the server asked for (Retry-After). */
  #silentUntil = 0;
  /** So many stalls have been told of. */
  stallsTold = 0;
  isStartTold = false;

  /** @param {CmcdEventTarget} target checked */
  constructor(target) {
    this.#target = target;
  }

  get intervalSecs() {
    return this.#target.intervalSecs ?? DEFAULT_INTERVAL_SECS;
  }

  get includeKeys() {
    return this.#target.includeKeys;
  }

  /** @param {CmcdEvent} event */
  wants(event) {
    return !this.#isGone && (this.#target.events ?? EVENTS).includes(event);
  }

  nextNumber() {
    return this.#count++;
  }

  /** @param {CmcdData} data */
  add(data) {
    this.#lines.push(cmcdText(data, 2));
    this.#lines.splice(0, this.#lines.length - MOST_LINES);
    if (this.#lines.length >= (this.#target.batchSize ?? 1)) this.send();
  }

  /** Sends what there is. @param {boolean} [isLast] the page may be gone before there is an answer */
  async send(isLast = false) {
    const isHeld = !isLast && (this.#isSending || performance.now() < this.#silentUntil);
    if (isHeld || this.#isGone || this.#lines.length === 0) return;
    const lines = this.#lines;
    this.#lines = [];
    this.#isSending = true;
    const isTaken = await this.#post(lines).catch(() => false);
    this.#isSending = false;
    if (isTaken) return;
    this.#lines = [...lines, ...this.#lines].slice(-MOST_LINES);
  }

  /** @param {string[]} lines @returns {Promise<boolean>} whether it need not be sent again */
  async #post(lines) {
    const body = `${lines.join('\n')}\n`;
    const { status, headers } = await fetch(this.#target.url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/cmcd' },
      body,
      // A report of the end outlives the page, where it is not too long for that.
      keepalive: body.length < MOST_KEPT_ALIVE,
    });
    this.#isGone ||= status === 410;
    const isRefused = status === 429 || status >= 500;
    const waitSecs = Number(headers.get('Retry-After') ?? 0);
    if (isRefused && waitSecs > 0) this.#silentUntil = performance.now() + waitSecs * 1000;
    return !isRefused;
  }
}
