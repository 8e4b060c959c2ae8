/**
 * A proxy in front of moto_server: remembers every request in its order, and holds, refuses or
 * loses those that a test picks.
 */

import http from 'node:http';

/**
 * @typedef {object} Seen
 * @property {string} what such as `PUT /bucket/key` or `SQS DeleteMessage`
 * @property {number} [status] once it is answered
 *
 * @typedef {undefined | Promise<void> | 'refuse' | 'lose'} Fate `lose` lets it happen, but not its
 *   answer through
 */

export class Proxy {
  /** @type {Seen[]} */
  seen = [];
  /** @type {(what: string) => Fate} */
  rule = () => undefined;
  #waiting = new Set();

  /** @param {string} target */
  static async before(target) {
    const proxy = new Proxy();
    proxy.target = new URL(target);
    proxy.server = http.createServer((request, response) => proxy.#serve(request, response));
    await new Promise((resolve) => proxy.server.listen(0, '127.0.0.1', resolve));
    proxy.url = `http://127.0.0.1:${proxy.server.address().port}`;
    return proxy;
  }

  /** Forgets everything. */
  reset() {
    this.seen = [];
    this.rule = () => undefined;
  }

  /** The requests so far of which the text matches. */
  all(pattern) {
    return this.seen.filter(({ what }) => pattern.test(what));
  }

  /** Waits until so many requests match; they have been answered when `answered`. */
  async until(pattern, { count = 1, answered = false } = {}) {
    const enough = () => this.all(pattern).filter(({ status }) => !answered || status).length >= count;
    while (!enough()) await new Promise((resolve) => this.#waiting.add(resolve));
  }

  close() {
    this.server.closeAllConnections();
    this.server.close();
  }

  #news() {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }

  async #serve(request, response) {
    request.on('error', () => {});
    response.on('error', () => {});
    const action = request.headers['x-amz-target'];
    const what = action ? action.replace('AmazonSQS.', 'SQS ') : `${request.method} ${request.url.split('?')[0]}`;
    const seen = { what };
    this.seen.push(seen);
    this.#news();
    const fate = this.rule(what);
    if (fate === 'refuse') {
      request.resume();
      response.writeHead(503).end();
      return;
    }
    await fate;
    const { hostname, port } = this.target;
    const { method, url: path, headers } = request;
    const onward = http.request({ hostname, port, method, path, headers }, (answer) => {
      seen.status = answer.statusCode;
      this.#news();
      if (fate === 'lose') {
        answer.resume().on('end', () => request.socket.destroy());
        return;
      }
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => request.socket.destroy());
    request.pipe(onward);
  }
}
