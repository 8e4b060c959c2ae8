/**
 * One line per event on standard error: when, which job, what. `journalctl` and CloudWatch both take
 * it as it is; standard output stays free for what a program is asked to print.
 */

/** @typedef {(what: string) => void} Log */

/**
 * @param {string} [about] the job, for lines that belong to one
 * @returns {Log}
 */
export function log(about) {
  return (what) => {
    const time = new Date().toISOString().slice(0, 19);
    process.stderr.write(`${time}Z ${about ? `[${about}] ` : ''}${what}\n`);
  };
}

/** @param {number} bytes */
export function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
