/**
 * The element where there is a document but no browser, as in the unit tests of an app: made, put in, played
 * and taken out without a throw. Each world is a process of its own.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inWorld } from './worlds.mjs';

for (const world of ['jsdom', 'happy-dom']) {
  for (const entry of ['element', 'standalone']) {
    test(`${world} makes, holds and drops the element of ${entry}`, () => {
      const seen = inWorld(
        world,
        `const { VideoSphereElement } = await import('videosphere/${entry}');
         const sphere = document.createElement('video-sphere');
         const failed = new Promise((resolve) => sphere.addEventListener('error', ({ detail }) => resolve(detail)));
         sphere.setAttribute('controls', '');
         sphere.setAttribute('yaw', '30');
         document.body.append(sphere);
         sphere.src = 'https://a.example/x.m3u8';
         const { name, severity } = await failed;
         const { yaw, paused, src } = sphere;
         sphere.remove();
         await new Promise((resolve) => setTimeout(resolve));
         const isOurs = sphere instanceof VideoSphereElement;
         console.log(JSON.stringify({ isOurs, yaw, paused, src, name, severity, player: sphere.player }));`,
      );
      assert.deepEqual(seen, {
        isOurs: true,
        yaw: 30,
        paused: true,
        src: 'https://a.example/x.m3u8',
        // There is no Worker.
        name: 'internal',
        severity: 'fatal',
        player: null,
      });
    });
  }
}
