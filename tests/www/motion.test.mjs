/**
 * Leave to follow the motion sensor, as iOS gives it (`requestPermission`), and elsewhere by whether
 * readings come. A stand-in for the window; what a sensor does to the view is tested in browsers.
 */
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { requestMotion } from '../../www/compat/motion.js';

let target;

beforeEach(() => {
  target = new EventTarget();
  globalThis.addEventListener = target.addEventListener.bind(target);
  globalThis.removeEventListener = target.removeEventListener.bind(target);
});

/** A browser that asks its viewer, who answers so. */
function asking(answer) {
  const asked = [];
  globalThis.DeviceOrientationEvent = {
    requestPermission: async () => {
      asked.push(isInClick);
      return answer();
    },
  };
  return asked;
}

let isInClick = false;

/** What a click on a button comes to: the click is over when its handler has returned. */
function click() {
  isInClick = true;
  const asked = requestMotion();
  isInClick = false;
  return asked;
}

test('iOS: asked once, within the click itself, and the answer counts', async () => {
  for (const [answer, expected] of [
    [() => 'granted', true],
    [() => 'denied', false],
    [
      () => {
        throw new DOMException('a gesture first', 'NotAllowedError');
      },
      false,
    ],
  ]) {
    const asked = asking(answer);
    assert.equal(await click(), expected);
    assert.deepEqual(asked, [true]);
  }
});

test('elsewhere: a reading with an angle is a sensor, one without is none', async () => {
  globalThis.DeviceOrientationEvent = class {};
  for (const [alpha, expected] of [
    [0, true],
    [null, false],
  ]) {
    const asked = click();
    target.dispatchEvent(Object.assign(new Event('deviceorientation'), { alpha }));
    assert.equal(await asked, expected);
  }
});

test('no reading at all is no sensor, once it has been waited for', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  globalThis.DeviceOrientationEvent = class {};
  const asked = click();
  context.mock.timers.tick(1500);
  assert.equal(await asked, false);
});

test('a browser without the event has no sensor', async () => {
  globalThis.DeviceOrientationEvent = undefined;
  assert.equal(await click(), false);
});
