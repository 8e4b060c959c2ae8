/**
 * Checks of the face that need no trusted input. In: a browser. Out: `window.results`, a line for
 * each check that failed, and how many there were.
 */
import { Player, VideoSphereElement, labels } from '/element.js';
import { addLifeChecks } from './element_life.js';

const isWebKit = /AppleWebKit/.test(navigator.userAgent) && !/Chrom/.test(navigator.userAgent);
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
  const [reported, wanted] = [actual, expected].map((value) => JSON.stringify(value));
  if (reported !== wanted) throw new Error(`${reported}, not ${wanted}`);
}

const media = { HTMLMediaElement, HTMLVideoElement };
const memberNames = Object.values(media).flatMap(({ prototype }) =>
  Object.getOwnPropertyNames(prototype).filter((name) => name !== 'constructor'),
);

check('has every member of a <video>', () => {
  const element = make();
  const player = new Player({ container: $('#second') });
  for (const holder of [element, player]) {
    is(
      memberNames.filter((name) => !(name in holder)),
      [],
    );
    // Reading must not throw; methods must be methods.
    const kinds = memberNames.filter(
      (name) => (typeof holder[name] === 'function') !== (typeof $('#model')[name] === 'function'),
    );
    is(kinds, []);
  }
  is([element.HAVE_ENOUGH_DATA, player.NETWORK_IDLE], [4, 1]);
  player.destroy();
  is($('#second').childElementCount, 0);
});

const descriptor = (holder, name) => {
  while (holder && !Object.hasOwn(holder, name)) holder = Object.getPrototypeOf(holder);
  return holder ? Object.getOwnPropertyDescriptor(holder, name) : {};
};

/** Members by the types, all and those that can be set: a player's, an element's, a `<video>`'s. */
async function typedMembers() {
  const read = async (path) => (await fetch(path)).text();
  const [index, element] = await Promise.all(['/index.d.ts', '/element.d.ts'].map(read));
  const members = (text, head) => {
    const [block] = text.slice(text.indexOf(head) + head.length).split('\n}');
    const named = (pattern) => [...block.matchAll(pattern)].map(([, name]) => name);
    return {
      all: named(/^ {2}(?:readonly |get |set )?(\w+)[(:]/gm),
      settable: [...named(/^ {2}(\w+): /gm), ...named(/^ {2}set (\w+)\(/gm)],
    };
  };
  return {
    ours: members(index, 'export interface PlayerMembers {'),
    ofElement: members(element, 'export class VideoSphereElement extends HTMLElement {'),
    ofVideo: memberNames.filter((name) => descriptor($('#model'), name).set),
  };
}

check('what the types say can be set can be set', async () => {
  const { ours, ofElement, ofVideo } = await typedMembers();
  is(
    [ours.settable.includes('stereo'), ofElement.settable.slice(-1), ofElement.all.includes('player')],
    [true, ['renderer'], true],
  );
  const player = new Player({ container: $('#second') });
  for (const [holder, { all, settable: own }] of [
    [make(), { all: [...ours.all, ...ofElement.all], settable: [...ours.settable, ...ofElement.settable] }],
    [player, ours],
  ]) {
    is(
      all.filter((name) => !(name in holder)),
      [],
    );
    is(
      [...own, ...ofVideo].filter((name) => !descriptor(holder, name).set),
      [],
    );
  }
  player.destroy();
});

check(
  'the renderer is chosen by its attribute, by its property, and before there is an element',
  async () => {
    // A template's elements are none of ours until they come into a document.
    const template = document.createElement('template');
    template.innerHTML = '<video-sphere></video-sphere>';
    template.content.firstElementChild.renderer = 'webgl2';
    $('#first').replaceChildren(template.content);
    const early = $('#first video-sphere');
    await early.ready;
    is([early.renderer, early.getAttribute('renderer')], ['webgl2', 'webgl2']);

    // None of the browsers here has it without being asked to.
    const element = make('renderer="webgpu"');
    const { player } = element;
    is((await once(element, 'error')).detail.name, 'renderer-unavailable');
    element.renderer = 'webgl2';
    is([element.player === player, element.getAttribute('renderer')], [false, 'webgl2']);
    await element.ready;
    is(element.renderer, 'webgl2');
    let thrown;
    try {
      element.renderer = 'vulkan';
    } catch (error) {
      thrown = error;
    }
    is([thrown instanceof TypeError, element.getAttribute('renderer')], [true, 'webgl2']);
  },
);

check('what starts the player anew lets it play on', async () => {
  const element = make('src="a.m3u8"');
  await element.play();
  element.currentTime = 5;
  await once(element, 'seeked');
  element.crossOrigin = 'use-credentials';
  is([element.paused, element.video.crossOrigin], [false, 'use-credentials']);
  await once(element, 'playing');
  is(playback.calls.find((call) => call.load).startSecs >= 5, true);
  element.pause();
  element.crossOrigin = null;
  await once(element, 'loadedmetadata');
  is([element.paused, element.video.crossOrigin], [true, 'anonymous']);
});

check('the engine gets how many pixels a turn takes', async () => {
  const element = make('src="a.m3u8" width="320" height="180"');
  await element.ready;
  const reported = () => playback.calls.filter((call) => call.viewport).map((call) => call.viewport);
  const until = async (count) => {
    while (reported().length < count) await task();
  };
  await until(1);
  element.fov = 76;
  element.fov = 30;
  await until(2);
  // Not for the first change, which is too small.
  const { width, height } = element.canvas;
  const turn = (fov) => (Math.PI * width) / Math.atan(Math.tan((fov * Math.PI) / 360) * (width / height));
  is(
    reported().map((px, at) => Math.abs(px / turn([75, 30][at]) - 1) < 0.01),
    [true, true],
  );
});

check('attributes are properties, also out of a document', () => {
  const element = document.createElement('video-sphere');
  is([element.attributes.length, element.player, element.error], [0, null, null]);
  element.loop = element.autoplay = element.controls = true;
  element.poster = '/demo/icon.svg';
  element.width = 320;
  is(element.outerHTML.match(/ [a-z]+=/g).sort(), [
    ' autoplay=',
    ' controls=',
    ' loop=',
    ' poster=',
    ' width=',
  ]);
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
  is(
    [element.yaw, element.stereo, element.muted, element.currentSrc],
    [30, 'top-bottom', true, absolute('a.m3u8')],
  );
});

check('an unknown keyword in an attribute counts as none; as a value it is refused', () => {
  const { warn } = console;
  const said = [];
  console.warn = (...words) => said.push(words.join(' '));
  const element = make('stereo="both"');
  console.warn = warn;
  is([element.stereo, said.length, said[0].includes('top-bottom')], ['mono', 1, true]);
  for (const [name, value] of [
    ['quality', 'huge'],
    ['projection', 'cube'],
    ['yaw', 'left'],
  ]) {
    let thrown;
    try {
      element[name] = value;
    } catch (error) {
      thrown = error;
    }
    is([name, thrown instanceof TypeError], [name, true]);
  }
});

check('what the class takes as options, the element takes in HTML and as properties', async () => {
  const element = make(
    `config='{"seed": 7}' request='{"credentials": "include", "origins": ["https://b.example/x"]}'
     worker-url="/other/worker.js" engine-url="/other/engine.wasm" wasm-urls="/wasm"`,
  );
  const absolute = (path) => new URL(path, document.baseURI).href;
  is(
    [playback.config, playback.request, playback.addresses],
    [
      { seed: 7 },
      { credentials: 'include', origins: ['https://b.example'] },
      [absolute('/other/worker.js'), absolute('/other/engine.wasm')],
    ],
  );
  await element.ready;
  element.config = null;
  element.request = { headers: { 'X-Token': 'a' } };
  is([playback.config, playback.request], [null, { headers: { 'X-Token': 'a' } }]);
  // It outlives the player.
  element.remove();
  await task();
  $('#first').append(element);
  is([element.config, element.request], [null, { headers: { 'X-Token': 'a' } }]);
  element.setAttribute('config', '{"seed": 8}');
  is(playback.config, { seed: 8 });
  element.removeAttribute('config');
  is(playback.config, null);
});

check('an attribute that is no JSON is said, and throws nothing', async () => {
  const { error } = console;
  const said = [];
  console.error = (...words) => said.push(words.join(' '));
  const element = make(`config='{seed: 7}' request='["X-Token"]'`);
  console.error = error;
  const warnings = [];
  element.addEventListener('warning', ({ detail }) => warnings.push([detail.name, detail.context.name]));
  await task();
  is([element.config, element.request, element.player !== null], [null, null, true]);
  is([said.length, /config.*no JSON/.test(said[0]), /request.*object/.test(said[1])], [2, true, true]);
  is(warnings, [
    ['invalid-option', 'config'],
    ['invalid-option', 'request'],
  ]);
});

check('attributes are read as HTML reads them', async () => {
  const element = make(
    'width="-3" height="12px" crossorigin="nonsense" preload="soon" controlslist="nofullscreen"',
  );
  const model = document.createElement('video');
  model.preload = 'soon';
  is(
    [element.width, element.height, element.crossOrigin, element.video.crossOrigin, element.preload],
    [0, 12, 'anonymous', 'anonymous', model.preload],
  );
  element.width = -5;
  element.removeAttribute('preload');
  model.removeAttribute('preload');
  is([element.getAttribute('width'), element.preload], ['0', model.preload]);
  element.setAttribute('crossorigin', 'USE-CREDENTIALS');
  is([element.crossOrigin, element.video.crossOrigin], ['use-credentials', 'use-credentials']);
  element.removeAttribute('crossorigin');
  is(element.crossOrigin, null);
  element.controls = true;
  while (!element.shadowRoot.querySelector('[data-icon=fullscreen]')) await task();
  is(element.shadowRoot.querySelector('[data-icon=fullscreen]').hidden, true);
});

check(
  'a source that is left is told as a <video> tells it, and one that the engine changes is not',
  async () => {
    const steps = async (media, [first, second, bad]) => {
      const seen = [];
      for (const type of ['abort', 'emptied', 'error']) media.addEventListener(type, () => seen.push(type));
      const settle = () => new Promise((resolve) => setTimeout(resolve, 0)).then(task);
      media.src = first;
      await settle();
      const counts = [seen.length];
      media.src = second;
      await settle();
      counts.push(seen.length);
      const failed = once(media, 'error');
      media.src = bad;
      await failed;
      media.src = first;
      await settle();
      return { seen, counts };
    };
    const model = document.createElement('video');
    const wanted = await steps(model, ['/pages/silence.mp4', '/pages/silence.mp4?2', '/none.mp4']);
    const element = make();
    const told = await steps(element, ['a.m3u8', 'b.m3u8', 'fails.m3u8']);
    is(told, wanted);
    is(told.seen, ['abort', 'emptied', 'abort', 'emptied', 'error', 'emptied']);
    model.src = '';

    // The engine's own sources come and go.
    const emptied = once(element.video, 'emptied');
    element.video.load();
    await emptied;
    is(told.seen.length, 6);
    element.src = '';
    await once(element, 'emptied');
    is(told.seen.slice(6), ['abort', 'emptied']);
  },
);

check('the state of the network is told before there is media, and what is put off suspends', async () => {
  const element = make();
  is(element.networkState, element.NETWORK_EMPTY);
  element.src = 'a.m3u8';
  is(element.networkState, element.NETWORK_LOADING);
  element.src = 'fails.m3u8';
  await once(element, 'error');
  is(element.networkState, element.NETWORK_NO_SOURCE);
  const lazy = make('preload="none"');
  const suspended = once(lazy, 'suspend');
  lazy.src = 'a.m3u8';
  await suspended;
  is(lazy.networkState, lazy.NETWORK_IDLE);
});

check('a skin finds renditions and what kind of stream it is', async () => {
  const element = make();
  const { videoRenditions } = element;
  const seen = [];
  for (const type of ['addrendition', 'removerendition', 'change']) {
    videoRenditions.addEventListener(type, ({ rendition }) => seen.push([type, rendition?.height]));
  }
  for (const type of ['streamtypechange', 'targetlivewindowchange']) {
    element.addEventListener(type, () => seen.push([type, element.streamType]));
  }
  is([videoRenditions.length, element.streamType], [0, 'unknown']);
  is([element.targetLiveWindow, element.liveEdgeStart].map(String), ['NaN', 'NaN']);
  element.src = 'a.m3u8';
  await once(element, 'variantchange');
  is(seen, [
    ...[240, 480, 960, 1920].map((height) => ['addrendition', height]),
    ['streamtypechange', 'on-demand'],
  ]);
  is(
    [
      [...videoRenditions].map(({ height }) => height),
      videoRenditions[3].width,
      videoRenditions.selectedIndex,
    ],
    [[240, 480, 960, 1920], 3840, -1],
  );
  // What is spread, as skins do it, keeps what it says.
  is(
    { ...videoRenditions[1] },
    {
      id: '1',
      width: 960,
      height: 480,
      bitrate: 1920000,
      frameRate: 30,
      codec: 'avc1.64001f',
      selected: false,
    },
  );

  seen.length = 0;
  videoRenditions.selectedIndex = 1;
  is([playback.calls.at(-1), videoRenditions[1].selected, seen.length], [{ selectVariant: 1 }, true, 0]);
  await task();
  is(seen, [['change', undefined]]);
  videoRenditions[2].selected = true;
  is([playback.calls.at(-1), videoRenditions.selectedIndex], [{ selectVariant: 2 }, 2]);
  element.quality = 'auto';
  is(videoRenditions.selectedIndex, -1);
  videoRenditions.selectedIndex = 0;
  videoRenditions.selectedIndex = -1;
  is([playback.calls.at(-1), element.quality], [{ quality: 'auto' }, 'auto']);

  element.src = 'live.m3u8';
  await once(element, 'variantchange');
  is([element.streamType, element.targetLiveWindow, element.liveEdgeStart], ['live', 0, 43]);
  is([videoRenditions.length, videoRenditions[4]], [4, undefined]);
  element.src = '';
  await once(element, 'emptied');
  is(element.streamType, 'unknown');
});

check('the system is told what plays, and forgets it with the element', async () => {
  if (!('mediaSession' in navigator)) return;
  const session = navigator.mediaSession;
  const element = make('src="a.m3u8" poster="/demo/icon.svg" media-title="Harbour" media-artist="Town"');
  await element.play();
  while (!session.metadata) await task();
  const artwork = new URL('/demo/icon.svg', document.baseURI).href;
  const told = () => [session.metadata.title, session.metadata.artist, session.metadata.artwork[0].src];
  is([told(), session.playbackState], [['Harbour', 'Town', artwork], 'playing']);
  element.mediaTitle = 'Quay';
  while (session.metadata.title !== 'Quay') await task();
  element.pause();
  await once(element, 'pause');
  is(session.playbackState, 'paused');
  // Another one that plays has it now, and keeps it when the first goes.
  const other = make('src="a.m3u8" media-title="Hill"', '#second');
  await other.play();
  while (session.metadata.title !== 'Hill') await task();
  element.remove();
  await task();
  is(session.metadata.title, 'Hill');
  other.remove();
  while (session.metadata) await task();
  // WebKit writes a state of its own.
  if (!isWebKit) is(session.playbackState, 'none');
});

check('diagnostics are JSON, say what happened, and hold nothing secret', async () => {
  const element = make(`request='{"headers": {"X-Token": "s3cret"}}'`);
  element.src = 'https://me:s3cret@a.example/fails.m3u8?token=s3cret#s3cret';
  await once(element, 'error');
  await element.ready;
  const told = await element.diagnostics();
  is(told, JSON.parse(JSON.stringify(told)));
  is([JSON.stringify(told).includes('s3cret'), told.settings.request], [false, { headers: ['X-Token'] }]);
  is([told.source.src, told.error.name], ['https://a.example/fails.m3u8', 'network-status']);
  const types = told.events.map(({ type }) => type);
  is(
    ['rendererchange', 'error'].filter((type) => !types.includes(type)),
    [],
  );
  is(
    [typeof told.videosphere, told.decisions.renderer, typeof told.capabilities.codecs.avc],
    ['string', element.renderer, 'boolean'],
  );
  const reason = await document
    .createElement('video-sphere')
    .diagnostics()
    .catch((error) => error);
  is(reason.name, 'internal');
});

check('another language is there at once, and the first one again', async () => {
  const english = { ...labels };
  const element = make('src="fails.m3u8" controls');
  const { shadowRoot } = element;
  const bar = () => shadowRoot.querySelector('.controls');
  while (!bar()) await task();
  await element.ready;
  const words = () => [
    bar()?.querySelector('[data-icon=play]').getAttribute('aria-label'),
    bar()?.lang,
    shadowRoot.querySelector('.failure-title').textContent,
    element.canvas.getAttribute('aria-label'),
  ];
  const inEnglish = words();
  is(inEnglish, [labels.play, 'en', labels.failed, labels.picture]);
  const { default: arabic } = await import('/labels/ar.js');
  Object.assign(labels, arabic);
  while (bar()?.lang !== 'ar') await task();
  is(words(), [arabic.play, 'ar', arabic.failed, arabic.picture]);
  is(getComputedStyle(shadowRoot.querySelector('.failure-title')).direction, 'rtl');
  is(shadowRoot.querySelectorAll('.controls').length, 1);
  Object.assign(labels, english);
  while (bar()?.lang !== 'en') await task();
  is(words(), inEnglish);
});

check('play() before there is a source is kept', async () => {
  const element = make('src="a.m3u8"');
  const seen = [];
  for (const type of ['play', 'playing', 'loadedmetadata', 'variants', 'timelinechange', 'statschange']) {
    element.addEventListener(type, () => seen.push(type));
  }
  await element.play();
  is([element.paused, Math.round(element.duration)], [false, 60]);
  is(
    ['play', 'loadedmetadata', 'variants', 'timelinechange', 'statschange'].filter(
      (type) => !seen.includes(type),
    ),
    [],
  );
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

check('a fatal error is reported, shown, and gone with the next try', async () => {
  const element = make('src="fails.m3u8"');
  const { detail } = await once(element, 'error');
  is(
    [detail.name, detail.code, element.error === detail],
    ['network-status', MediaError.MEDIA_ERR_NETWORK, true],
  );
  const failure = element.shadowRoot.querySelector('.failure');
  is([failure.hidden, failure.getAttribute('role')], [false, 'alert']);
  is(failure.textContent.includes('does not exist (HTTP 404): check the URL.'), true);
  failure.querySelector('button').click();
  is([failure.hidden, element.error], [true, null]);
});

check('a page says failures in its own words', async () => {
  labels.failure = ({ name, context }) =>
    name === 'network-status' ? `Nicht da: ${context.url.slice(-10)}` : undefined;
  const element = make('src="fails.m3u8"');
  await once(element, 'error');
  const said = element.shadowRoot.querySelector('.failure-message').textContent;
  delete labels.failure;
  is(said, 'Nicht da: fails.m3u8');
});

check('no headset: said in a typed error', async () => {
  const element = make();
  is(await element.isImmersiveSupported(), false);
  const reason = await element.enterImmersive().catch((error) => error);
  is([reason.name, reason.severity], ['immersive-unavailable', 'warning']);
});

check('names, roles and order of the bar', async () => {
  const element = make('src="live.m3u8" controls');
  await element.play();
  while (!element.shadowRoot.querySelector('.bar')) await task();
  const { shadowRoot } = element;
  const nameless = [...shadowRoot.querySelectorAll('button, input')].filter(
    (each) => !(each.getAttribute('aria-label') || each.textContent.trim()),
  );
  is(
    nameless.map((each) => each.outerHTML),
    [],
  );
  const live = shadowRoot.querySelector('.live');
  is([live.hidden, live.getAttribute('aria-label')], [false, labels.goLive]);
  live.click();
  is(playback.calls.at(-1), { goLive: true });
  is(shadowRoot.querySelector('.seek').max, '45');
  element.remove();
});

check('a bar that is gone looks at nothing any more', async () => {
  const element = make('src="a.m3u8" controls');
  const find = () => element.shadowRoot.querySelector('[aria-label="Full screen"]');
  while (!find()) await task();
  const button = find();
  element.setAttribute('data-fills-page', '');
  await task();
  const name = button.getAttribute('aria-label');
  is(name === 'Full screen', false);
  element.controls = false;
  element.removeAttribute('data-fills-page');
  await task();
  is([find(), button.getAttribute('aria-label')], [null, name]);
});

// WebKitGTK hangs for good where media is taken away while it is being opened, which these do over
// and over: its main thread stops GStreamer's, which waits for the main thread.
if (!isWebKit) {
  addLifeChecks({
    check,
    is,
    $,
    make,
    task,
    once,
    settableNames: async () => {
      const { ours, ofElement, ofVideo } = await typedMembers();
      return [...ours.settable, ...ofElement.settable, ...ofVideo];
    },
  });
}

async function runAll() {
  const model = document.createElement('video');
  model.id = 'model';
  document.body.append(model);
  const failed = [];
  for (const { name, run } of checks) {
    window.running = { name, failed };
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
