/**
 * Checks of what becomes of `<video-sphere>` before it is defined, in another document, and when
 * its player is made anew. In: the tools of `face.js`. Out: more checks.
 */

/** Every property that can be set, with a value that is not what it is by itself. */
const VALUES = {
  // First: it loads, which sets the rate back.
  srcObject: null,
  type: 'application/vnd.apple.mpegurl',
  src: 'a.m3u8',
  highQualitySrc: 'b.m3u8',
  quality: 480,
  projection: 'equirect-180',
  stereo: 'top-bottom',
  yaw: 30,
  pitch: -10,
  fov: 60,
  motion: true,
  gestureHandling: 'greedy',
  hotkeys: 'view',
  targetLatency: 4,
  audioLanguage: 'de',
  request: { headers: { 'X-Token': 'secret' } },
  config: { seed: 7 },
  cmcd: { contentId: 'harbour' },
  workerUrl: '/worker.js',
  engineUrl: '/wasm/engine_bg.wasm',
  transmuxUrl: '/wasm/transmux_bg.wasm',
  tracksUrl: '/wasm/',
  wasmUrls: '/wasm/',
  renderer: 'webgl2',
  autoplay: true,
  controls: true,
  crossOrigin: 'use-credentials',
  currentTime: 5,
  defaultMuted: true,
  defaultPlaybackRate: 1.5,
  disablePictureInPicture: true,
  disableRemotePlayback: false,
  height: 180,
  loop: true,
  mediaTitle: 'Harbour',
  mediaArtist: 'Town',
  mediaArtwork: '/demo/icon.svg',
  muted: true,
  playbackRate: 1.25,
  playsInline: true,
  poster: '/demo/icon.svg',
  preload: 'none',
  preservesPitch: false,
  volume: 0.5,
  width: 320,
};
/** Values that are refused, and a property that cannot be set. */
const REFUSED = {
  quality: 'best',
  projection: 'cube',
  stereo: 'both',
  yaw: 'left',
  pitch: 'up',
  fov: 'wide',
  gestureHandling: 'lazy',
  hotkeys: 'arrows',
  targetLatency: 'soon',
  audioLanguage: 'not a language',
  request: 'include',
  config: 7,
  cmcd: 'all',
  renderer: 'vulkan',
  volume: 2,
  playbackRate: 'fast',
  timeline: {},
};
/** What the standard names or one browser alone has, and no page of ours speaks of. */
const OF_NO_INTEREST =
  /^(on|webkit|moz)|^(controller|mediaGroup|audioTracks|latencyHint|controlsList|loading)$/;

export function addLifeChecks({ check, is, $, make, task, once, settableNames }) {
  const until = async (condition) => {
    while (!condition()) await task();
  };
  const frame = async (attributes) => {
    const made = document.createElement('iframe');
    Object.assign(made, attributes);
    document.body.append(made);
    await once(made, 'load');
    return made;
  };
  /** All that can be read of what was set, on the element, its `<video>` and its look. */
  const state = (element) => {
    const { currentTime: _, ...values } = VALUES;
    const names = Object.keys(values);
    const poster = element.shadowRoot.querySelector('.poster');
    const { width, height } = element.ownerDocument.defaultView.getComputedStyle(element);
    const attributes = element
      .getAttributeNames()
      .filter((name) => name !== 'id')
      .sort();
    return {
      // What a browser lacks stays what the page made of it.
      own: names.filter((name) => Object.hasOwn(element, name) && name in Object.getPrototypeOf(element)),
      properties: names.map((name) => [name, element[name]]),
      video: ['autoplay', 'loop', 'muted', 'crossOrigin', 'preload', 'playbackRate', 'volume'].map(
        (name) => element.video[name],
      ),
      attributes: attributes.map((name) => [name, element.getAttribute(name)]),
      look: [width, height, poster.getAttribute('src'), poster.hidden],
      paused: element.paused,
    };
  };
  const plays = (element) => until(() => element.renderer && !element.paused && element.currentTime > 5.2);

  check('the list of what can be set is whole', async () => {
    is(
      (await settableNames()).filter((name) => !OF_NO_INTEREST.test(name) && !(name in VALUES)),
      [],
    );
  });

  check('properties set before there is an element do what they do afterwards', async () => {
    const { contentDocument: page, contentWindow } = await frame({ src: '/pages/early.html', width: 500 });
    const warnings = [];
    contentWindow.console.warn = (...words) => warnings.push(words.join(' '));
    page.body.insertAdjacentHTML(
      'beforeend',
      '<video-sphere id=parsed></video-sphere><video-sphere id=refused></video-sphere>',
    );
    const early = {
      parsed: page.querySelector('#parsed'),
      adopted: page.implementation.createHTMLDocument().createElement('video-sphere'),
      apart: page.createElement('video-sphere'),
      upgraded: page.createElement('video-sphere'),
    };
    for (const element of Object.values(early)) Object.assign(element, VALUES);
    // The attribute is older than the property.
    for (const [name, value] of Object.entries({ yaw: 70, poster: '/old.png', loop: '' })) {
      early.parsed.setAttribute(name, value);
      early.upgraded.setAttribute(name, value);
    }
    Object.assign(page.querySelector('#refused'), REFUSED);
    page.body.append(early.adopted);
    await contentWindow.define();
    contentWindow.customElements.upgrade(early.upgraded);
    await task();
    is(early.upgraded.getAttribute('poster'), VALUES.poster);
    page.body.append(early.apart, early.upgraded);

    const late = page.createElement('video-sphere');
    is([late.attributes.length, late.childNodes.length], [0, 0]);
    page.body.append(late);
    Object.assign(late, VALUES);
    const attributes = late.getAttributeNames().map((name) => `${name}="${late.getAttribute(name)}"`);
    page.body.insertAdjacentHTML(
      'beforeend',
      `<video-sphere id=copied ${attributes.join(' ')}></video-sphere>`,
    );
    const clone = page.body.appendChild(late.cloneNode(true));

    const refused = page.querySelector('#refused');
    is(
      Object.keys(REFUSED).filter((name) => !warnings.some((words) => words.includes(name))),
      [],
    );
    is([refused.player !== null, refused.quality, refused.stereo, refused.yaw], [true, 'auto', 'mono', 0]);
    for (const [name, value] of Object.entries(REFUSED)) {
      let thrown;
      try {
        late[name] = value;
      } catch (error) {
        thrown = error;
      }
      is([name, thrown !== undefined], [name, true]);
    }

    await plays(late);
    const wanted = state(late);
    is([wanted.own, wanted.look], [[], ['320px', '180px', VALUES.poster, true]]);
    is(
      wanted.properties.filter(
        ([name, value]) => value !== VALUES[name] && !/src|url|poster|artwork/i.test(name),
      ),
      [],
    );
    for (const [how, element] of Object.entries(early)) {
      await plays(element);
      element.removeAttribute('yaw');
      element.yaw = 30;
      is({ how, ...state(element) }, { how, ...wanted });
    }
    // What is an attribute goes with it.
    const copied = page.querySelector('#copied');
    await until(() => [clone, copied].every(({ currentTime, renderer }) => renderer && currentTime > 0));
    for (const copy of [clone, copied]) {
      is([state(copy).attributes, state(copy).look], [wanted.attributes, wanted.look]);
      is(
        [copy.video.loop, copy.video.autoplay, copy.video.preload, copy.renderer],
        [true, true, 'none', 'webgl2'],
      );
    }
    page.defaultView.frameElement.remove();
  });

  check('another document sees the same, and so does the first one again', async () => {
    const element = make('src="a.m3u8" controls loop width="320" height="180"');
    const { player } = element;
    const inside = (selector) => element.shadowRoot.querySelector(selector);
    const hasBar = () => until(() => inside('.bar'));
    await element.ready;
    await element.play();
    await hasBar();
    const look = () => {
      const styleOf = (node) => element.ownerDocument.defaultView.getComputedStyle(node);
      const edge = element.getBoundingClientRect();
      const place = (selector) => {
        const { x, y, width, height } = inside(selector).getBoundingClientRect();
        return [x - edge.x, y - edge.y, width, height].map(Math.round);
      };
      return {
        host: ['display', 'position', 'width', 'height', 'overflow'].map((name) => styleOf(element)[name]),
        canvas: place('canvas'),
        bar: place('.bar'),
        sheets: element.shadowRoot.adoptedStyleSheets.length,
      };
    };
    const before = look();
    is(before.host.slice(2, 4), ['320px', '180px']);
    const elsewhere = await frame({
      srcdoc: '<!doctype html><body style="margin: 0; font-size: 16px">',
      width: 500,
      height: 300,
    });
    for (const place of [
      elsewhere.contentDocument.body,
      $('#second'),
      elsewhere.contentDocument.body,
      $('#first'),
    ]) {
      const page = place.ownerDocument;
      place.append(element);
      await hasBar();
      is([look(), element.player === player], [before, true]);
      await until(() => !element.paused);
      // Keys and full screen are those of the document it is in.
      inside('canvas').dispatchEvent(
        new KeyboardEvent('keydown', { key: 'k', bubbles: true, composed: true }),
      );
      await until(() => element.paused);
      await element.play();
      const label = () => inside('[data-icon$=fullscreen]').getAttribute('aria-label');
      for (const [fullscreenElement, words] of [
        [element, 'Leave full screen'],
        [null, 'Full screen'],
      ]) {
        Object.defineProperty(page, 'fullscreenElement', { configurable: true, value: fullscreenElement });
        element.dispatchEvent(new Event('fullscreenchange', { bubbles: true, composed: true }));
        is(label(), words);
      }
      delete page.fullscreenElement;
      // What is set there is seen there.
      element.width = 300;
      is(look().host[2], '300px');
      element.width = 320;
    }
    is(element.shadowRoot.querySelectorAll('.bar').length, 1);
    // Where it is not looked at it can lie about, too.
    document.implementation.createHTMLDocument().body.append(element);
    await task();
    $('#first').append(element);
    await hasBar();
    is(look(), before);
    elsewhere.remove();
  });

  check('a player made anew has all that was set', async () => {
    const element = make('src="a.m3u8" autoplay');
    const { src, currentTime, renderer, preload, autoplay, poster, ...values } = VALUES;
    await until(() => !element.paused);
    Object.assign(element, values);
    await until(() => element.readyState === 4 && element.renderer);
    const wanted = () => JSON.stringify(state(element));
    const anew = {
      renderer: () => (element.renderer = 'webgl2'),
      crossorigin: () => (element.crossOrigin = 'anonymous'),
      'high-quality-src': () => (element.highQualitySrc = 'c.m3u8'),
      away: async () => {
        element.remove();
        await task();
        $('#second').append(element);
        await element.play();
      },
    };
    for (const [how, start] of Object.entries(anew)) {
      element.currentTime = 6;
      await until(() => element.currentTime > 6 && !element.seeking);
      const properties = () =>
        state(element).properties.filter(([name]) => !/renderer|crossOrigin|Src$/.test(name));
      const before = properties();
      await start();
      await until(() => element.readyState === 4 && element.renderer && element.currentTime > 6);
      is([how, properties(), element.paused], [how, before, false]);
    }
    // A pause is one still, whatever autoplay would do with a new stream.
    element.pause();
    element.renderer = 'auto';
    await until(() => element.readyState === 4 && element.renderer);
    await task();
    is([element.paused, element.autoplay], [true, true]);
    element.src = 'd.m3u8';
    await once(element, 'playing');
    // Another stream plays at the rate that is the default, as with a <video>.
    is(element.playbackRate, values.defaultPlaybackRate);
    element.playbackRate = 0.5;
    element.src = 'e.m3u8';
    element.playbackRate = 0.75;
    await once(element, 'playing');
    is([element.playbackRate, wanted().includes('0.75')], [0.75, true]);
    element.remove();
  });

  check('the poster goes when it plays or is sought in, and comes with another stream', async () => {
    const element = make('src="a.m3u8" poster="/demo/icon.svg" preload="auto"');
    const poster = element.shadowRoot.querySelector('.poster');
    await once(element, 'canplay');
    is(poster.hidden, false);
    // The stream itself begins somewhere.
    playback.isSeekOwn = true;
    element.video.currentTime = 3;
    await once(element, 'seeked');
    is(poster.hidden, false);
    playback.isSeekOwn = false;
    element.currentTime = 10;
    await once(element, 'seeked');
    is(poster.hidden, true);
    element.poster = '/demo/icon.svg?';
    is(poster.hidden, true);
    element.src = 'b.m3u8';
    is(poster.hidden, false);
    await element.play();
    await until(() => poster.hidden);
    // The same stream at another address.
    element.highQualitySrc = 'c.m3u8';
    is(poster.hidden, true);
    element.removeAttribute('poster');
    element.src = 'd.m3u8';
    is(poster.hidden, true);
    element.poster = '/demo/icon.svg';
    is(poster.hidden, false);

    const late = make('src="a.m3u8" poster="/demo/icon.svg" preload="none"');
    await task();
    late.currentTime = 10;
    // Firefox gives the stand-in's file no look before.
    late.preload = 'auto';
    await once(late, 'seeked');
    is(late.shadowRoot.querySelector('.poster').hidden, true);
  });
}
