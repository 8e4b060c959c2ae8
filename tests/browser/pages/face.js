/**
 * Checks of the face that need no trusted input. In: a browser. Out: `window.results`, a line for
 * each check that failed, and how many there were.
 */
import { Player, VideoSphereElement, labels } from '/element.js';

const checks = [];
const check = (name, run) => checks.push({ name, run });
const $ = (selector) => document.querySelector(selector);
const make = (attributes = '', place = '#first') => {
  $(place).innerHTML = `<video-sphere muted ${attributes}></video-sphere>`;
  return $(`${place} video-sphere`);
};
const task = () => new Promise((resolve) => setTimeout(resolve));
const once = (target, type) =>
  new Promise((resolve) => target.addEventListener(type, resolve, { once: true }));

function is(actual, expected) {
  const [told, wanted] = [actual, expected].map((value) => JSON.stringify(value));
  if (told !== wanted) throw new Error(`${told}, not ${wanted}`);
}

const media = { HTMLMediaElement, HTMLVideoElement };
const memberNames = Object.values(media).flatMap(({ prototype }) =>
  Object.getOwnPropertyNames(prototype).filter((name) => name !== 'constructor'));

check('has every member of a <video>', () => {
  const element = make();
  const player = new Player({ container: $('#second') });
  for (const holder of [element, player]) {
    is(memberNames.filter((name) => !(name in holder)), []);
    // Reading must not throw; methods must be methods.
    const kinds = memberNames.filter((name) =>
      (typeof holder[name] === 'function') !== (typeof $('#model')[name] === 'function'));
    is(kinds, []);
  }
  is([element.HAVE_ENOUGH_DATA, player.NETWORK_IDLE], [4, 1]);
  player.destroy();
  is($('#second').childElementCount, 0);
});

check('attributes are properties, also out of a document', () => {
  const element = document.createElement('video-sphere');
  is([element.attributes.length, element.player, element.error], [0, null, null]);
  element.loop = element.autoplay = element.controls = true;
  element.poster = '/demo/icon.svg';
  element.width = 320;
  is(element.outerHTML.match(/ [a-z]+=/g).sort(), [' autoplay=', ' controls=', ' loop=', ' poster=', ' width=']);
  is([element.video.loop, element.video.autoplay, element.video.controls], [true, true, false]);
  is(element.poster, new URL('/demo/icon.svg', document.baseURI).href);
  element.yaw = '30';
  element.quality = '2160';
  is([element.yaw, element.quality, element.projection, element.fov], [30, 2160, 'equirect-360', 75]);
});

check('what is set before reaches the player', async () => {
  const element = make('src="a.m3u8" high-quality-src="b.m3u8" quality="960" yaw="30" stereo="top-bottom"');
  await task();
  const { load, highQualityUrl, quality } = playback.calls.find((call) => call.load);
  const absolute = (name) => new URL(name, document.baseURI).href;
  is([load, highQualityUrl, quality], [absolute('a.m3u8'), absolute('b.m3u8'), 960]);
  is([element.yaw, element.stereo, element.muted, element.currentSrc], [30, 'top-bottom', true, absolute('a.m3u8')]);
});

check('an unknown keyword in an attribute counts as none; as a value it is refused', () => {
  const { warn } = console;
  const said = [];
  console.warn = (...words) => said.push(words.join(' '));
  const element = make('stereo="both"');
  console.warn = warn;
  is([element.stereo, said.length, said[0].includes('top-bottom')], ['mono', 1, true]);
  for (const [name, value] of [['quality', 'huge'], ['projection', 'cube'], ['yaw', 'left']]) {
    let thrown;
    try {
      element[name] = value;
    } catch (error) {
      thrown = error;
    }
    is([name, thrown instanceof TypeError], [name, true]);
  }
});

check('play() before there is a source is kept', async () => {
  const element = make('src="a.m3u8"');
  const seen = [];
  for (const type of ['play', 'playing', 'loadedmetadata', 'variants', 'timelinechange', 'statschange']) {
    element.addEventListener(type, () => seen.push(type));
  }
  await element.play();
  is([element.paused, element.duration], [false, 20]);
  is(['play', 'loadedmetadata', 'variants', 'timelinechange', 'statschange'].filter((type) => !seen.includes(type)), []);
  element.pause();
  is(element.paused, true);
});

check('pause() takes a waiting play() back', async () => {
  const element = make('src="a.m3u8"');
  const playing = element.play();
  element.pause();
  is((await playing.catch((reason) => reason)).name, 'AbortError');
});

check('several changes in one go are one load; the same address again is another', async () => {
  const element = make('src="a.m3u8"');
  element.src = 'b.m3u8';
  element.highQualitySrc = 'c.m3u8';
  await task();
  const loads = () => playback.calls.filter((call) => call.load).length;
  is(loads(), 1);
  element.src = 'b.m3u8';
  await task();
  is(loads(), 2);
  element.src = '';
  await task();
  is(playback.calls.at(-1), { unload: true });
});

check('moving keeps the player, removing frees it, returning goes on', async () => {
  const element = make('src="a.m3u8" controls');
  const { player } = element;
  await element.play();
  $('#second').append(element);
  await task();
  is(element.player === player, true);
  element.currentTime = 7;
  element.yaw = 40;
  element.quality = 480;
  await once(element, 'seeked');
  const before = playback;
  element.remove();
  await task();
  is([element.player, before.calls.at(-1)], [null, { destroy: true }]);
  is(element.shadowRoot.querySelectorAll('canvas, .bar').length, 0);
  $('#second').append(element);
  await task();
  const { startSecs, quality } = playback.calls.find((call) => call.load);
  is([startSecs >= 7, quality, Math.round(element.yaw)], [true, 480, 40]);
  element.remove();
});

check('a fatal error is told, shown, and gone with the next try', async () => {
  const element = make('src="fails.m3u8"');
  const { detail } = await once(element, 'error');
  is([detail.code, detail.isFatal, element.error === detail], ['network-status', true, true]);
  const failure = element.shadowRoot.querySelector('.failure');
  is([failure.hidden, failure.getAttribute('role')], [false, 'alert']);
  is(failure.textContent.includes('does not exist (HTTP 404): check the URL.'), true);
  failure.querySelector('button').click();
  is([failure.hidden, element.error], [true, null]);
});

check('no headset: said in a typed error', async () => {
  const element = make();
  is(await element.isImmersiveSupported(), false);
  const reason = await element.enterImmersive().catch((error) => error);
  is([reason.code, reason.severity], ['immersive-unavailable', 'warning']);
});

check('names, roles and order of the bar', async () => {
  const element = make('src="live.m3u8" controls');
  await element.play();
  while (!element.shadowRoot.querySelector('.bar')) await task();
  const { shadowRoot } = element;
  const nameless = [...shadowRoot.querySelectorAll('button, input')].filter((each) =>
    !(each.getAttribute('aria-label') || each.textContent.trim()));
  is(nameless.map((each) => each.outerHTML), []);
  const live = shadowRoot.querySelector('.live');
  is([live.hidden, live.getAttribute('aria-label')], [false, labels.goLive]);
  live.click();
  is(playback.calls.at(-1), { goLive: true });
  is(shadowRoot.querySelector('.seek').max, '15');
  element.remove();
});

async function runAll() {
  const model = document.createElement('video');
  model.id = 'model';
  document.body.append(model);
  const failed = [];
  for (const { name, run } of checks) {
    try {
      await run();
    } catch (error) {
      failed.push(`${name}: ${error.message}`);
    }
  }
  $('#first').replaceChildren();
  window.results = { count: checks.length, failed };
}

window.VideoSphereElement = VideoSphereElement;
runAll();
