/**
 * Players of a picture with two sounds, ours and others, each as it is out of the box.
 *
 * In: `measure(name, url, count)`. Out: for each change of the sound after how many seconds the new one was heard,
 * and how long nothing was; how often the player waited. What is heard decides (`ear.js`), not what a player
 * says of itself.
 */

/** Between two changes. */
const PAUSE_MILLIS = 900;
/** A change that nobody heard by then. */
const LIMIT_MILLIS = 5000;

/** @typedef {{video: HTMLVideoElement, choose(index: number): void, destroy(): unknown}} Contestant */

const makers = {
  /** @returns {Promise<Contestant>} */
  async ours(url) {
    const { Player } = await import('/index.js');
    const container = document.createElement('div');
    document.body.append(container);
    const player = new Player({ container, src: url, config: { audio: { viewerLanguages: [] } } });
    return {
      video: player.video,
      choose: (index) => (player.audioTracks[index].enabled = true),
      destroy: () => player.destroy(),
    };
  },

  async 'hls.js'(url) {
    const { default: Hls } = await import('/modules/hls.js/dist/hls.mjs');
    const video = document.createElement('video');
    document.body.append(video);
    const hls = new Hls();
    hls.loadSource(url);
    hls.attachMedia(video);
    return { video, choose: (index) => (hls.audioTrack = index), destroy: () => hls.destroy() };
  },

  async shaka(url) {
    const { shaka } = /** @type {any} */ (window);
    const video = document.createElement('video');
    document.body.append(video);
    const player = new shaka.Player();
    await player.attach(video);
    // This Chromium says that it plays HLS by itself.
    player.configure({ streaming: { preferNativeHls: false }, preferredAudio: [{ language: 'en' }] });
    await player.load(url);
    return {
      video,
      choose: (index) =>
        player.selectAudioTrack(player.getAudioTracks().find(({ language }) => language === ['en', 'de'][index])),
      destroy: () => player.destroy(),
    };
  },
};

const after = (millis) => new Promise((resolve) => setTimeout(resolve, millis));

/** @param {keyof typeof makers} name @param {string} url @param {number} count */
export async function measure(name, url, count) {
  const { video, choose, destroy } = await makers[name](new URL(url, location.href).href);
  const context = new AudioContext();
  await context.audioWorklet.addModule(new URL('ear.js', import.meta.url));
  const ear = new AudioWorkletNode(context, 'ear');
  context.createMediaElementSource(video).connect(ear).connect(context.destination);
  const heard = { tone: '', atSecs: 0, silenceSecs: 0 };
  let onTone = () => {};
  ear.port.onmessage = ({ data }) => {
    Object.assign(heard, data);
    if (data.tone) onTone();
  };
  const hear = (tone) =>
    Promise.race([
      new Promise((resolve) => {
        onTone = () => heard.tone === tone && resolve(true);
        onTone();
      }),
      after(LIMIT_MILLIS).then(() => false),
    ]);
  await video.play();
  if (!(await hear('low'))) throw new Error(`${name} is not heard`);
  await after(PAUSE_MILLIS);
  let waits = 0;
  video.addEventListener('waiting', () => (waits += 1));
  const changes = [];
  for (let index = 1; index <= count; index += 1) {
    ear.port.postMessage('reset');
    heard.silenceSecs = 0;
    const fromSecs = context.currentTime;
    choose(index % 2);
    const isHeard = await hear(index % 2 ? 'high' : 'low');
    const afterSecs = isHeard ? heard.atSecs - fromSecs : null;
    // What the change tears open may be heard a little later.
    await after(PAUSE_MILLIS);
    changes.push({ afterSecs, silenceSecs: heard.silenceSecs });
  }
  await destroy();
  await context.close();
  video.remove();
  return { name, waits, changes };
}
