// @ts-check
/**
 * The pictures that thumbnails are cut from: loaded a few at a time, and the last ones kept.
 *
 * In: a name, how the picture of that name is loaded, and what is to be made of it. Out: what was made. Who asked
 * last is served first, as a hand on a seek bar is past what it asked for before; what nobody waits for any more is
 * given up. What failed is not kept, so that it can be asked for again.
 */

/** @import { Picture } from './thumbnails.js' */

/**
 * @typedef {object} Job
 * @property {string} key
 * @property {(signal: AbortSignal) => Promise<Picture>} load
 * @property {AbortController} abort
 * @property {Promise<Picture>} done
 * @property {(picture: Picture) => void} resolve
 * @property {(reason: unknown) => void} reject
 * @property {Picture} [picture] once it is there
 * @property {number} users who wait for it, or make something of it
 */

const AT_ONCE = 2;
const MOST_PICTURES = 32;
/** Of pixels; the last one is kept however large it is. */
const MOST_BYTES = 32 * 2 ** 20;

export class PictureLoads {
  /** By name, the latest last. @type {Map<string, Job>} */
  #jobs = new Map();
  /** Not begun, the latest last. @type {Job[]} */
  #waiting = [];
  #running = 0;

  /**
   * @template Made
   * @param {string} key
   * @param {(signal: AbortSignal) => Promise<Picture>} load
   * @param {(picture: Picture) => Promise<Made>} make
   * @param {AbortSignal | undefined} signal of whoever asks: the load ends once nobody is left
   * @returns {Promise<Made>}
   */
  async use(key, load, make, signal) {
    const job = this.#jobs.get(key) ?? this.#add(key, load);
    this.#jobs.delete(key);
    this.#jobs.set(key, job);
    job.users += 1;
    const over = new AbortController();
    const gone = new Promise((_, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason), { signal: over.signal });
    });
    try {
      await Promise.race([job.done, gone]);
      return await make(await job.done);
    } finally {
      over.abort();
      job.users -= 1;
      if (job.users === 0 && !job.picture) this.#giveUp(job);
      this.#evict();
    }
  }

  /** Ends what is under way, and forgets the rest. */
  clear() {
    for (const job of this.#jobs.values()) {
      if (!job.picture) this.#giveUp(job);
      else if (job.users === 0) close(job);
    }
    this.#jobs.clear();
  }

  /** @param {string} key @param {Job['load']} load */
  #add(key, load) {
    /** @type {Pick<Job, 'resolve' | 'reject'>} */
    let settle = { resolve() {}, reject() {} };
    /** @type {Promise<Picture>} */
    const done = new Promise((resolve, reject) => (settle = { resolve, reject }));
    // Whoever asked may have left.
    done.catch(() => {});
    /** @type {Job} */
    const job = { key, load, abort: new AbortController(), done, ...settle, users: 0 };
    this.#waiting.push(job);
    this.#next();
    return job;
  }

  async #next() {
    const job = this.#running < AT_ONCE && this.#waiting.pop();
    if (!job) return;
    this.#running += 1;
    try {
      job.picture = await job.load(job.abort.signal);
      job.resolve(job.picture);
    } catch (reason) {
      this.#giveUp(job, reason);
    } finally {
      this.#running -= 1;
      this.#next();
    }
  }

  /** @param {Job} job @param {unknown} [reason] */
  #giveUp(job, reason = new DOMException('nobody waits for this picture', 'AbortError')) {
    job.abort.abort(reason);
    job.reject(reason);
    this.#waiting = this.#waiting.filter((each) => each !== job);
    if (this.#jobs.get(job.key) === job) this.#jobs.delete(job.key);
  }

  #evict() {
    const kept = [...this.#jobs.values()].filter(({ picture }) => picture);
    let bytes = kept.reduce((sum, job) => sum + bytesOf(job), 0);
    let { length } = kept;
    for (const job of kept.slice(0, -1)) {
      if (length <= MOST_PICTURES && bytes <= MOST_BYTES) return;
      if (job.users > 0) continue;
      bytes -= bytesOf(job);
      length -= 1;
      this.#jobs.delete(job.key);
      close(job);
    }
  }
}

/** @param {Job} job */
const bytesOf = ({ picture }) => (picture ? picture.width * picture.height * 4 : 0);

/** @param {Job} job */
function close({ picture }) {
  if (picture && 'close' in picture.image) picture.image.close();
}
