/**
 * The rules of hls.js and Shaka, and BOLA-E, over the same links as ours: `node peers.mjs PLAN MODULES`.
 *
 * In: a plan (`plan.rs` says how it is written). Out: a line of JSON a trace, case and player.
 * hls.js' `AbrController` and Shaka's `SimpleAbrManager` are the packages' own, driven by a player
 * loop that does what their stream controllers do around them: one segment at a time, the buffer
 * goal, progress, giving up. Not modelled, to their favour: playlists cost nothing, an append no
 * time. hls.js buffers as by default (30 s, of low rungs up to 60 MB and 600 s). Shaka would keep
 * 10 s, with which it stalls more; it is given 30, as pages do. BOLA-E keeps 30 s too. Live, all
 * follow the edge as ours does (`livePace`), stalls that move it back included; by themselves hls.js
 * and Shaka would fall back with each stall for good.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { bolaE } from './bola.mjs';

const [planPath, modules] = process.argv.slice(2);
const STEP_SECS = 0.02;

/** The clock that the packages see. */
let nowSecs = 0;
let timers = [];
globalThis.self = globalThis;
globalThis.window = globalThis;
Object.defineProperty(globalThis, 'performance', { value: { now: () => nowSecs * 1000 } });

const hls = await import(pathToFileURL(`${modules}/hls.js/dist/hls.mjs`));
const require = createRequire(pathToFileURL(`${modules}/`));
// Shaka looks at these when it loads.
globalThis.navigator ??= { userAgent: '', onLine: true };
globalThis.document ??= { createElement: () => ({ canPlayType: () => '' }), addEventListener() {} };
globalThis.location ??= { protocol: 'https:', href: 'https://bench.example/' };
const shaka = require(`${modules}/shaka-player/dist/shaka-player.compiled.js`);
Date.now = () => nowSecs * 1000;
self.setInterval = (call, millis) => {
  const timer = { call, everySecs: millis / 1000, dueSecs: nowSecs + millis / 1000 };
  timers.push(timer);
  timer.id = ++timerIds;
  return timer.id;
};
self.clearInterval = (id) => { timers = timers.filter((timer) => timer.id !== id); };
let timerIds = 0;

function runTimers() {
  for (const timer of [...timers]) {
    if (timers.includes(timer) && timer.dueSecs <= nowSecs + 1e-9) {
      timer.dueSecs += timer.everySecs;
      timer.call();
    }
  }
}

/** hls.js: the controller with the parts of `Hls` that it asks. */
function hlsRules(play) {
  const { Events, AbrController } = hls;
  const listeners = new Map();
  const silent = () => {};
  const logger = { log: silent, warn: silent, info: silent, trace: silent, debug: silent, error: silent };
  const details = { live: play.isLive, averagetargetduration: play.segmentSecs };
  const levels = play.ladder.map((bitrate, index) => ({
    bitrate, maxBitrate: bitrate, averageBitrate: bitrate, realBitrate: 0, codecSet: 'avc1', codecs: 'avc1',
    videoRange: 'SDR', frameRate: 25, loadError: 0, fragmentError: 0, height: 240 * (index + 1), width: 480 * (index + 1),
    details, supportedResult: { supported: true, decodingInfoResults: [] }, attrs: {}, audioGroups: undefined, score: 0,
  }));
  const fake = {
    logger, levels, allAudioTracks: [], firstLevel: 0, minAutoLevel: 0, maxAutoLevel: levels.length - 1,
    autoLevelEnabled: true, loadLevel: -1, latestLevelDetails: details,
    config: { ...hls.default.DefaultConfig, abrEwmaDefaultEstimate: Math.max(play.ladder[0], 5e5), useMediaCapabilities: false },
    media: { paused: false, playbackRate: 1, get readyState() { return play.hasBegun ? 4 : 0; } },
    get mainForwardBufferInfo() { return { len: play.aheadSecs }; },
    get loadLevelObj() { return levels[this.loadLevel]; },
    set nextLoadLevel(level) { this.loadLevel = level; },
    get nextLoadLevel() { return this.loadLevel; },
    set nextAutoLevel(level) { controller.nextAutoLevel = level; },
    get nextAutoLevel() { return controller.nextAutoLevel; },
    on(event, call, context) { listeners.set(event, call.bind(context)); },
    off: silent,
    trigger(event) {
      // The stream controller goes idle and loads the level that was set.
      if (event === Events.FRAG_LOAD_EMERGENCY_ABORTED) play.abandon();
    },
  };
  const controller = new AbrController(fake);
  const emit = (event, data) => listeners.get(event)?.(event, data);
  let frag;
  const millis = (secs) => secs * 1000;
  emit(Events.MANIFEST_LOADING, {});
  emit(Events.LEVEL_LOADED, { details, stats: { loading: { first: 0, end: 0 } }, levelInfo: levels[0] });
  return {
    goalSecs: (level) => Math.min(Math.max(8 * fake.config.maxBufferSize / play.ladder[level], fake.config.maxBufferLength), fake.config.maxMaxBufferLength),
    choose: () => { fake.loadLevel = fake.nextAutoLevel; return fake.loadLevel; },
    begin(download) {
      frag = {
        type: 'main', sn: download.number, level: download.level, duration: play.segmentSecs,
        bitrate: play.ladder[download.level], bitrateTest: false, abortRequests() {},
        stats: { aborted: false, loaded: 0, total: download.bytes, loading: { start: millis(nowSecs), first: 0, end: 0 }, parsing: { end: 0 } },
      };
      emit(Events.FRAG_LOADING, { frag });
    },
    progress(download) {
      frag.stats.loading.first ||= millis(nowSecs);
      frag.stats.loaded = Math.floor(download.received);
    },
    done(download) {
      frag.stats.loaded = download.bytes;
      frag.stats.loading.end = frag.stats.parsing.end = millis(nowSecs);
      emit(Events.FRAG_LOADED, { frag });
      emit(Events.FRAG_BUFFERED, { frag, stats: frag.stats });
    },
    abandoned() { frag.stats.aborted = true; },
    end() { controller.destroy(); },
  };
}

/** Shaka: progress comes each 100 ms; a switch is taken for the next segment, or gives up this one. */
function shakaRules(play) {
  const manager = new shaka.abr.SimpleAbrManager();
  const config = shaka.util.PlayerConfiguration.createDefault();
  config.abr.droppedFrames = false;
  manager.configure(config.abr);
  const variants = play.ladder.map((bandwidth, index) => ({
    id: index, bandwidth, allowedByApplication: true, allowedByKeySystem: true, disabledUntilTime: 0, decodingInfos: [],
    video: { id: index, bandwidth, width: 480 * (index + 1), height: 240 * (index + 1), frameRate: 25, segmentIndex: null, fastSwitching: false }, audio: null,
  }));
  let level;
  let last = { at: 0, received: 0 };
  manager.init((variant) => {
    if (variant.id === level) return;
    level = variant.id;
    const download = play.download;
    if (!download) return;
    // StreamingEngine.shouldAbortCurrentRequest_, with rebufferingGoal 0.
    const bits = play.ladder[level] * play.segmentSecs;
    const isInTime = bits / manager.getBandwidthEstimate() < play.aheadSecs;
    if (isInTime || download.bytes - download.received > bits / 8) play.abandon();
  }, () => {});
  manager.setVariants(variants);
  manager.enable();
  level = manager.chooseVariant().id;
  const report = (received) => {
    const before = last;
    last = { at: nowSecs, received };
    manager.segmentDownloaded((nowSecs - before.at) * 1000, received - before.received, true);
  };
  return {
    goalSecs: () => 30,
    choose: () => level,
    begin() { last = { at: nowSecs, received: 0 }; },
    progress({ received }) {
      if (nowSecs - last.at > 0.1 && received - last.received >= 16e3) report(received);
    },
    done: ({ bytes }) => report(bytes),
    abandoned() {},
    end() { manager.release(); },
  };
}

/** Bits per second at a time; the trace begins again when it ends. */
function link(steps) {
  const ends = [];
  let total = 0;
  for (const [millis] of steps) ends.push(total += millis / 1000);
  let index = 0;
  return (secs) => {
    const at = secs % total;
    if (index > 0 && at < ends[index - 1]) index = 0;
    while (index < ends.length - 1 && at >= ends[index]) index++;
    return steps[index][1] * 1000;
  };
}

/**
 * How a live edge is followed: as the engine's `latency.rs` does, so that all have the same reserve.
 * A stall moves the wanted distance back, thirty seconds without one bring it forward again.
 */
function livePace(holdBackSecs, isLive) {
  const [stepSecs, maxSteps] = [Math.min(Math.max(holdBackSecs / 4, 0.3), 1.5), 6];
  const tolerance = Math.min(Math.max(holdBackSecs * 0.15, 0.15), 1);
  let [extra, drive, calmSecs, isCalmTried] = [0, 0, 30, false];
  let [isRunning, isStalled, runningSecs, calmSince] = [false, false, 0, 0];
  const targetSecs = () => holdBackSecs + extra * stepSecs;
  return {
    targetSecs,
    isLost: (fromEdgeSecs) => fromEdgeSecs - targetSecs() > 2 * holdBackSecs,
    jumped() { isRunning = false; },
    stall() {
      // Just after the start the buffer is thin by itself.
      if (isRunning && !isStalled && nowSecs - runningSecs >= 3) {
        extra = Math.min(extra + 1, maxSteps);
        if (isCalmTried) calmSecs = Math.min(2 * calmSecs, 600);
        isCalmTried = false;
      }
      isStalled = true;
    },
    rate(fromEdgeSecs, aheadSecs) {
      if (!isLive) return 1;
      if (!isRunning) runningSecs = nowSecs;
      if (!isRunning || isStalled) calmSince = nowSecs;
      [isRunning, isStalled] = [true, false];
      if (nowSecs - calmSince >= calmSecs) {
        calmSince = nowSecs;
        isCalmTried = extra > 0;
        extra = Math.max(extra - 1, 0);
      }
      const behind = fromEdgeSecs - targetSecs();
      const isOff = (way) => way * behind > (drive === way ? tolerance / 4 : tolerance);
      drive = isOff(1) && aheadSecs > (drive === 1 ? 0.6 : 1) ? 1 : isOff(-1) ? -1 : 0;
      if (drive === 0) return 1;
      return Math.min(Math.max(1 + behind / 4, drive === 1 ? 1.02 : 0.95), drive === 1 ? 1.1 : 0.98);
    },
  };
}

function run(plan, trace, isLive, makeRules) {
  nowSecs = 0;
  timers = [];
  const { ladder, segmentSecs, lengthSecs, liveAlreadySecs, holdBackSecs } = plan;
  const startSecs = isLive ? liveAlreadySecs - holdBackSecs : 0;
  const play = {
    ladder, segmentSecs, isLive, hasBegun: false, download: null, at: startSecs, endSecs: startSecs,
    get aheadSecs() { return this.endSecs - this.at; },
    abandon() {
      wasted += this.download.received;
      this.download = null;
      rules.abandoned();
    },
  };
  const rate = link(trace.steps);
  const rules = makeRules(play);
  const levels = new Map();
  let [wasted, stalled, played, steps, lag] = [0, 0, [], 0, 0];
  const behindSecs = () => liveAlreadySecs + nowSecs - play.at;
  const pace = livePace(holdBackSecs, isLive);
  const isOver = () => isLive ? nowSecs >= lengthSecs : play.at >= lengthSecs - 1e-6 || nowSecs >= 3 * lengthSecs;
  while (!isOver()) {
    nowSecs += STEP_SECS;
    const edgeSecs = isLive ? Math.floor((liveAlreadySecs + nowSecs) / segmentSecs + 1e-9) * segmentSecs : lengthSecs;
    let { download } = play;
    if (download && nowSecs - download.sentSecs >= trace.latencySecs - 1e-9) {
      const bytes = rate(nowSecs) / 8 * STEP_SECS;
      if (bytes > 0) {
        download.received = Math.min(download.received + bytes, download.bytes);
        rules.progress(download);
      }
      download = play.download;
      if (download && download.received >= download.bytes) {
        play.download = null;
        levels.set(download.number, download.level);
        play.endSecs = (download.number + 1) * segmentSecs;
        rules.done(download);
      }
    }
    runTimers();
    if (!play.download && play.endSecs < edgeSecs - 1e-6) {
      const level = rules.choose();
      if (play.aheadSecs < rules.goalSecs(level) && !play.download) {
        const number = Math.round(play.endSecs / segmentSecs);
        play.download = { number, level, bytes: ladder[level] * segmentSecs / 8, received: 0, sentSecs: nowSecs };
        rules.begin(play.download);
      }
    }
    // As an element does: a little must be there.
    if (play.aheadSecs > 0.05 || play.aheadSecs > 0 && play.endSecs >= lengthSecs - 1e-6 && !isLive) {
      play.hasBegun = true;
      const number = Math.floor(play.at / segmentSecs + 1e-9);
      if (played.at(-1)?.[0] !== number) played.push([number, levels.get(number)]);
      play.at += Math.min(STEP_SECS * pace.rate(behindSecs(), play.aheadSecs), play.aheadSecs);
    } else if (play.hasBegun) {
      stalled += STEP_SECS;
      pace.stall();
    }
    if (play.hasBegun) {
      steps++;
      lag += behindSecs();
    }
    if (isLive && play.hasBegun && pace.isLost(edgeSecs - play.at)) {
      play.at = edgeSecs - pace.targetSecs();
      pace.jumped();
      if (play.endSecs < play.at) {
        if (play.download) play.abandon();
        play.endSecs = play.at;
      }
    }
  }
  rules.end();
  const latency = isLive ? lag / Math.max(steps, 1) : 0;
  return { levels: played.map(([, level]) => level), stalled_secs: stalled, latency_secs: latency, wasted_bytes: wasted };
}

function readPlan(path) {
  const [head, ...lines] = readFileSync(path, 'utf8').trim().split('\n');
  const [segmentSecs, lengthSecs, liveAlreadySecs, holdBackSecs, ...ladder] = head.split(' ').map(Number);
  const traces = lines.map((line) => {
    const [latencyMillis, ...steps] = line.split(' ');
    return { latencySecs: latencyMillis / 1000, steps: steps.map((step) => step.split(':').map(Number)) };
  });
  return { segmentSecs, lengthSecs, liveAlreadySecs, holdBackSecs, ladder, traces };
}

const plan = readPlan(planPath);
const players = { 'hls.js': hlsRules, shaka: shakaRules, 'bola-e': (play) => bolaE(play, () => nowSecs) };
for (const [index, trace] of plan.traces.entries()) {
  for (const isLive of [false, true]) {
    for (const [player, makeRules] of Object.entries(players)) {
      const result = run(plan, trace, isLive, makeRules);
      console.log(JSON.stringify({ trace: index, case: isLive ? 'live' : 'vod', player, ...result }));
    }
  }
}
