/**
 * What a long visit does to a player: it plays at twice the speed, in a loop; now and then it is
 * sent elsewhere, given another quality, another source, and a second player comes and goes.
 *
 * Out, on `window`: `isReady`, `disturb(n)` for the n-th thing that happens, and `held()`, what is
 * held on to at that moment as far as a page can tell.
 */
const [channel, contexts] = [new BroadcastChannel('soak'), []];
const { getContext } = HTMLCanvasElement.prototype;
HTMLCanvasElement.prototype.getContext = function (...given) {
  const context = getContext.apply(this, given);
  if (given[0] === 'webgl2' && context && !contexts.some((it) => it.deref() === context)) {
    contexts.push(new WeakRef(context));
  }
  return context;
};

const { Player } = await import('/element.js');
const MAIN = '/media/ts/master.m3u8';
const OTHER = '/media/cmaf/master.m3u8';

function place() {
  const container = document.createElement('div');
  Object.assign(container.style, { width: '160px', height: '80px', position: 'relative' });
  document.body.append(container);
  return container;
}

const player = new Player({ container: place(), src: MAIN, muted: true, workerUrl: '/soak/worker.js' });
const problems = [];
for (const type of ['error', 'warning']) {
  player.addEventListener(type, ({ detail }) => problems.push(`${type} ${detail.name}`));
}
player.video.loop = true;

/** Plays on, and as fast as before: a new source starts at its default rate. */
async function play() {
  player.video.defaultPlaybackRate = 2;
  player.playbackRate = 2;
  await player.play();
}

/** A visitor of the carousel: there for a moment. */
async function visit() {
  const element = document.createElement('video-sphere');
  Object.assign(element, { muted: true, autoplay: true, controls: true, src: MAIN });
  document.body.append(element);
  await new Promise((resolve) => element.addEventListener('playing', resolve, { once: true }));
  element.remove();
}

const DISTURBANCES = [
  () => (player.currentTime = 3),
  () => (player.quality = 'max'),
  visit,
  () => (player.yaw += 30),
  () => (player.quality = 'auto'),
  async () => {
    player.src = player.src.endsWith(MAIN) ? OTHER : MAIN;
    await play();
  },
];

await play();
let played = 0;
let last = 0;
player.addEventListener('timeupdate', () => {
  const { currentTime } = player;
  // A loop or a seek is no playing.
  if (currentTime > last && currentTime < last + 2) played += currentTime - last;
  last = currentTime;
});

Object.assign(window, {
  disturb: (at) => DISTURBANCES[at % DISTURBANCES.length](),
  async held() {
    const answer = new Promise((resolve) => channel.addEventListener('message', resolve, { once: true }));
    channel.postMessage('how much?');
    const alive = contexts.filter((it) => it.deref() && !it.deref().isContextLost());
    return {
      wasmBytes: (await answer).data.bytes,
      contexts: alive.length,
      playedSecs: played,
      isPlaying: !player.paused && player.playbackRate === 2,
      framesDrawn: player.stats.framesDrawn,
      problems: problems.splice(0),
    };
  },
  isReady: true,
});
