/**
 * Visits to pages by a browser that knows nothing of them yet, and when each showed its sphere.
 *
 * In: where a Chromium speaks its DevTools protocol, and a plan as JSON: `rounds`, and `visits` in their
 * order, each `{case, peer, url, playMillis}`. Out: a line of JSON a visit: `{case, peer,
 * first_picture_millis}`, and after `playMillis` more `main_thread_millis` and `renderer_cpu_millis`
 * a drawn frame.
 *
 * Each visit has a browser context of its own, so an empty cache. What the compositor shows is sent to
 * us as small pictures (Page.startScreencast), each with the time at which it was shown; the first
 * that is mostly the blue of the sample's front face counts, from the navigation's start on.
 */
import { inflateSync } from 'node:zlib';

const [address, planText] = process.argv.slice(2);
const plan = JSON.parse(planText);

const LIMIT_MILLIS = 60_000;
const POLL_MILLIS = 20;
/** A new window loads pages of the browser's own for a while. */
const SETTLED_MILLIS = 1500;
/** The page, and the pictures of it that are sent. */
const SIZE_PX = { width: 960, height: 540 };
const SENT_PX = { maxWidth: 96, maxHeight: 54 };

/** The DevTools protocol over one WebSocket, with a session for each page. */
class DevTools {
  #socket;
  #lastId = 0;
  #waiting = new Map();
  /** By session: takes an event's method and parameters. */
  listeners = new Map();

  static async connect() {
    const version = await (await fetch(`http://${address}/json/version`)).json();
    const socket = new WebSocket(version.webSocketDebuggerUrl);
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = () => reject(new Error(`no DevTools at ${address}`));
    });
    return new DevTools(socket);
  }

  constructor(socket) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => this.#take(JSON.parse(data));
  }

  send(method, params = {}, sessionId = undefined) {
    this.#lastId += 1;
    const id = this.#lastId;
    this.#socket.send(JSON.stringify({ id, method, params, sessionId }));
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject, method }));
  }

  close() {
    this.#socket.close();
  }

  #take({ id, result, error, method, params, sessionId }) {
    if (id === undefined) {
      this.listeners.get(sessionId)?.(method, params);
      return;
    }
    const { resolve, reject, method: asked } = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error) reject(new Error(`${asked}: ${error.message}`));
    else resolve(result);
  }
}

const sleep = (millis) => new Promise((resolve) => setTimeout(resolve, millis));

/** Rows of RGB or RGBA of a PNG without interlacing (RFC 2083). */
function pixelsOf(png) {
  let at = 8;
  let head;
  const data = [];
  while (at < png.length) {
    const length = png.readUInt32BE(at);
    const kind = png.toString('latin1', at + 4, at + 8);
    const body = png.subarray(at + 8, at + 8 + length);
    if (kind === 'IHDR') head = { width: body.readUInt32BE(0), height: body.readUInt32BE(4), colour: body[9] };
    if (kind === 'IDAT') data.push(body);
    at += length + 12;
  }
  const channels = { 2: 3, 6: 4 }[head.colour];
  if (!channels) throw new Error(`a PNG of colour type ${head.colour}`);
  const bytes = inflateSync(Buffer.concat(data));
  const stride = head.width * channels;
  const out = Buffer.alloc(stride * head.height);
  for (let y = 0; y < head.height; y += 1) {
    const filter = bytes[y * (stride + 1)];
    for (let x = 0; x < stride; x += 1) {
      const left = x < channels ? 0 : out[y * stride + x - channels];
      const up = y === 0 ? 0 : out[(y - 1) * stride + x];
      const corner = x < channels || y === 0 ? 0 : out[(y - 1) * stride + x - channels];
      const add = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter];
      out[y * stride + x] = bytes[y * (stride + 1) + 1 + x] + add;
    }
  }
  return { ...head, channels, bytes: out };
}

function paeth(left, up, corner) {
  const guess = left + up - corner;
  const [toLeft, toUp, toCorner] = [left, up, corner].map((it) => Math.abs(guess - it));
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}

/** Whether this is the sphere: nothing else on these pages is blue. */
function showsSphere(png) {
  const { width, height, channels, bytes } = pixelsOf(png);
  let blue = 0;
  for (let at = 0; at < bytes.length; at += channels) {
    if (bytes[at + 2] > bytes[at] + 40 && bytes[at + 2] > bytes[at + 1] + 15) blue += 1;
  }
  return blue > (width * height) / 3;
}

async function rendererCpuSecs(devTools) {
  const { processInfo } = await devTools.send('SystemInfo.getProcessInfo');
  const renderers = processInfo.filter(({ type }) => type === 'renderer');
  return renderers.reduce((sum, { cpuTime }) => sum + cpuTime, 0);
}

/** One page from an empty cache on. */
async function visit(devTools, { url, playMillis }) {
  const { browserContextId } = await devTools.send('Target.createBrowserContext');
  try {
    const { targetId } = await devTools.send('Target.createTarget', {
      url: 'about:blank',
      browserContextId,
      ...SIZE_PX,
    });
    const { sessionId } = await devTools.send('Target.attachToTarget', { targetId, flatten: true });
    const page = (method, params) => devTools.send(method, params, sessionId);
    const evaluate = async (expression) => {
      const { result, exceptionDetails } = await page('Runtime.evaluate', { expression, returnByValue: true });
      if (exceptionDetails) throw new Error(`${url}: ${exceptionDetails.exception?.description}`);
      return result.value;
    };
    let shownAt;
    const said = [];
    devTools.listeners.set(sessionId, (method, params) => {
      if (method === 'Runtime.exceptionThrown') said.push(params.exceptionDetails.exception?.description);
      if (method !== 'Page.screencastFrame') return;
      page('Page.screencastFrameAck', { sessionId: params.sessionId }).catch(() => {});
      if (shownAt === undefined && showsSphere(Buffer.from(params.data, 'base64'))) {
        shownAt = params.metadata.timestamp * 1000;
      }
    });
    await page('Page.enable');
    await page('Runtime.enable');
    await page('Performance.enable');
    await page('Emulation.setDeviceMetricsOverride', { ...SIZE_PX, deviceScaleFactor: 1, mobile: false });
    await page('Page.startScreencast', { format: 'png', ...SENT_PX, everyNthFrame: 1 });
    await sleep(SETTLED_MILLIS);
    await page('Page.navigate', { url });
    for (const began = Date.now(); shownAt === undefined; await sleep(POLL_MILLIS)) {
      if (Date.now() - began > LIMIT_MILLIS) {
        throw new Error(`${url} showed no sphere in ${LIMIT_MILLIS / 1000} s: ${said.join(' | ')}`);
      }
    }
    await page('Page.stopScreencast');
    const first_picture_millis = shownAt - (await evaluate('performance.timeOrigin'));
    if (!playMillis) return { first_picture_millis };
    const now = async () => {
      const { metrics } = await page('Performance.getMetrics');
      const frames = await evaluate('framesDrawn()');
      const taskSecs = metrics.find(({ name }) => name === 'TaskDuration').value;
      return { frames, taskSecs, cpuSecs: await rendererCpuSecs(devTools) };
    };
    const before = await now();
    await sleep(playMillis);
    const after = await now();
    const frames = after.frames - before.frames;
    const perFrame = (key) => (frames > 0 ? ((after[key] - before[key]) * 1000) / frames : null);
    const [main_thread_millis, renderer_cpu_millis] = [perFrame('taskSecs'), perFrame('cpuSecs')];
    return { first_picture_millis, frames, main_thread_millis, renderer_cpu_millis };
  } finally {
    await devTools.send('Target.disposeBrowserContext', { browserContextId });
  }
}

const devTools = await DevTools.connect();
// A browser's very first page pays for more than itself.
await visit(devTools, plan.visits[0]);
for (let round = 0; round < plan.rounds; round += 1) {
  // Nobody is always the first of a round.
  const first = round % plan.visits.length;
  for (const each of [...plan.visits.slice(first), ...plan.visits.slice(0, first)]) {
    const { case: name, peer } = each;
    console.log(JSON.stringify({ case: name, peer, round, ...(await visit(devTools, each)) }));
  }
}
devTools.close();
