// @ts-check
/**
 * What happened last: the events of a player, kept as they are for `diagnostics.js`.
 *
 * In: each event. Out: the last of them with their times. One write into a ring each, nothing is made
 * of them until someone asks; those that come many times a second are left out.
 */

const KEPT = 200;
const FREQUENT = ['progress', 'statschange', 'timeupdate', 'viewchange'];

/** @typedef {{ atMillis: number, type: string, detail: unknown }} LoggedEvent `atMillis` since the page began */

export class EventLog {
  /** @type {LoggedEvent[]} */
  #ring = [];
  #next = 0;

  /** @param {Event} event */
  add(event) {
    const { type, detail } = /** @type {CustomEvent} */ (event);
    if (FREQUENT.includes(type)) return;
    this.#ring[this.#next] = { atMillis: performance.now(), type, detail };
    this.#next = (this.#next + 1) % KEPT;
  }

  /** Oldest first. */
  get entries() {
    return [...this.#ring.slice(this.#next), ...this.#ring.slice(0, this.#next)];
  }
}
