/**
 * The headset against a WebXR that only records its calls: what is asked of a browser, exactly,
 * where the emulation in `tests/browser` is more forgiving. Needs `cargo xtask build`.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { Headset } from '../../www/headset.js';

const folder = new URL('../../www/wasm/', import.meta.url);
const module = await import(new URL('view_webgl2.js', folder).href);
await module.default({ module_or_path: await readFile(new URL('view_webgl2_bg.wasm', folder)) });
const load = async () => module;

/** Everything that waits for nothing but promises has happened. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** A browser with a headset that can show media layers. */
function browser({ supported = true } = {}) {
  const noted = { requests: [], layers: [], states: [], destroyed: 0 };
  let frame = null;
  const session = Object.assign(new EventTarget(), {
    inputSources: [],
    requestReferenceSpace: async (kind) => Object.assign(new EventTarget(), { kind }),
    requestAnimationFrame: (callback) => ((frame = callback), 1),
    updateRenderState: (state) => noted.states.push(state),
    end: async () => session.dispatchEvent(new Event('end')),
  });
  const xr = Object.assign(new EventTarget(), {
    isSupported: supported,
    isSessionSupported: async () => xr.isSupported,
    requestSession: async (mode, init) => (noted.requests.push({ mode, init }), session),
  });
  globalThis.XRRigidTransform = class {
    constructor(position, orientation) {
      Object.assign(this, { position, orientation });
    }
  };
  globalThis.XRMediaBinding = class {
    constructor(of) {
      assert.equal(of, session);
    }

    createEquirectLayer(video, init) {
      const layer = { video, init, transform: init.transform, destroy: () => (noted.destroyed += 1) };
      noted.layers.push(layer);
      return layer;
    }
  };
  Object.defineProperty(globalThis, 'navigator', { configurable: true, value: { xr } });
  globalThis.window = globalThis;
  const draw = (millis, orientation) =>
    frame(millis, {
      getViewerPose: () => ({ transform: { orientation }, views: [] }),
    });
  return { noted, session, xr, draw };
}

function headset(overrides = {}) {
  const video = {
    paused: false,
    pause: () => (video.paused = true),
    currentTime: 50,
    seekable: { length: 1, start: () => 0, end: () => 55 },
  };
  const reported = [];
  const views = { reported: 0 };
  const host = () => ({
    projection: 'equirect-360',
    stereo: 'mono',
    yaw: 90,
    started: () => reported.push('started'),
    ended: () => reported.push('ended'),
    viewChanged: () => (views.reported += 1),
    report: (failure) => reported.push(failure.code),
    makeError: (code, severity, message, detail) => ({ code, severity, message, context: { detail } }),
    ...overrides,
  });
  return { video, reported, views, headset: new Headset(video, load, host) };
}

const near = (actual, expected) =>
  assert.ok(Math.abs(actual - expected) < 1e-6, `${actual}, not ${expected}`);
const aboutY = ({ x, y, z, w }, degrees) => {
  near(x, 0);
  near(z, 0);
  near(y, Math.sin((degrees * Math.PI) / 360));
  near(w, Math.cos((degrees * Math.PI) / 360));
};

test('a media layer: what is asked of the browser', async () => {
  const { noted, session, draw } = browser();
  const { video, reported, views, headset: it } = headset();
  await settled();
  const entering = it.enter();
  // Before anything could be awaited: the click still counts.
  assert.deepEqual(noted.requests, [{ mode: 'immersive-vr', init: { optionalFeatures: ['layers'] } }]);
  await Promise.all([entering, it.enter()]);
  await it.enter();
  assert.deepEqual([noted.requests.length, it.target, reported], [1, 'media-layer', ['started']]);

  const [layer] = noted.layers;
  assert.equal(layer.video, video);
  assert.equal(noted.states[0].layers[0], layer);
  const {
    space,
    layout,
    centralHorizontalAngle,
    upperVerticalAngle,
    lowerVerticalAngle,
    transform,
    ...rest
  } = layer.init;
  assert.deepEqual([space.kind, layout, rest], ['local', 'mono', {}]);
  near(centralHorizontalAngle, 2 * Math.PI);
  near(upperVerticalAngle, Math.PI / 2);
  near(lowerVerticalAngle, -Math.PI / 2);
  // The picture's right comes ahead by a turn to the left.
  assert.equal(transform.position, undefined);
  aboutY(transform.orientation, 90);

  // Recentred where the head is turned, 40° to the left; and by the system.
  const turned = (20 * Math.PI) / 180;
  draw(16, { x: 0, y: Math.sin(turned), z: 0, w: Math.cos(turned) });
  // What the head looks at is reported when it moves, and can be put elsewhere.
  assert.deepEqual([it.view.yaw, it.view.pitch, views.reported], [50, 0, 1]);
  draw(20, { x: 0, y: Math.sin(turned), z: 0, w: Math.cos(turned) });
  assert.equal(views.reported, 1, 'a head at rest is no event');
  it.yaw = -120;
  assert.equal(it.view.yaw, -120);
  aboutY(layer.transform.orientation, -80);
  draw(24, { x: 0, y: Math.sin(turned), z: 0, w: Math.cos(turned) });
  assert.equal(views.reported, 2);
  it.recenter();
  aboutY(layer.transform.orientation, 40);
  space.dispatchEvent(new Event('reset'));
  aboutY(layer.transform.orientation, 0);

  // Another layout or projection is another layer.
  it.setPicture('equirect-180', 'top-bottom');
  it.setPicture('equirect-180', 'side-by-side');
  assert.deepEqual(
    noted.layers.map(({ init }) => init.layout),
    ['mono', 'stereo-top-bottom', 'stereo-left-right'],
  );
  near(noted.layers[2].init.centralHorizontalAngle, Math.PI);
  assert.equal(noted.states[2].layers[0], noted.layers[2]);
  assert.equal(noted.destroyed, 2);

  // A press, in WebXR's order; one that is taken away; the stick.
  for (const type of ['selectstart', 'selectend']) session.dispatchEvent(new Event(type));
  assert.equal(video.paused, false);
  for (const type of ['selectstart', 'select', 'selectend']) session.dispatchEvent(new Event(type));
  assert.equal(video.paused, true);
  session.inputSources = [{ gamepad: { axes: [0, 0, 1, 0] } }, { gamepad: null }];
  draw(32, { x: 0, y: 0, z: 0, w: 1 });
  draw(48, { x: 0, y: 0, z: 0, w: 1 });
  assert.equal(video.currentTime, 55, 'one step, and no further than there is');

  await Promise.all([it.exit(), it.exit()]);
  assert.deepEqual([noted.destroyed, it.target, reported], [3, '', ['started', 'ended']]);
});

test('a headset that is plugged in later; and a browser that refuses', async () => {
  const { noted, xr } = browser({ supported: false });
  const { reported, headset: it } = headset();
  await settled();
  assert.equal(await it.isSupported(), false);
  xr.isSupported = true;
  xr.dispatchEvent(new Event('devicechange'));
  await settled();
  xr.requestSession = async () => {
    noted.requests.push('refused');
    throw new DOMException('not now', 'SecurityError');
  };
  const entering = it.enter();
  assert.equal(noted.requests.length, 1, 'the module was there');
  const reason = await entering.catch((error) => error);
  assert.equal(reason.code, 'immersive-unavailable');
  assert.match(reason.message, /not now.*click/);
  assert.deepEqual(reported, []);
  it.destroy();
});

test('what is set while the browser asks is shown once it has been granted', async () => {
  const { noted, session, xr } = browser();
  const { headset: it } = headset();
  await settled();
  let grant;
  xr.requestSession = () => new Promise((resolve) => (grant = () => resolve(session)));
  it.setPicture('equirect-180', 'mono');
  const entering = it.enter();
  it.setPicture('equirect-360', 'top-bottom');
  it.setPicture('equirect-180', 'side-by-side');
  grant();
  await entering;
  const { layout, centralHorizontalAngle } = noted.layers.at(-1).init;
  assert.equal(layout, 'stereo-left-right');
  near(centralHorizontalAngle, Math.PI);
  await it.exit();
  it.destroy();
});

test('no WebXR at all: said without loading anything', async () => {
  Object.defineProperty(globalThis, 'navigator', { configurable: true, value: {} });
  const { headset: it } = headset();
  assert.equal(await it.isSupported(), false);
  const reason = await it.enter().catch((error) => error);
  assert.match(reason.message, /no WebXR/);
  it.destroy();
});
