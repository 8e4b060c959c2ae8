/** Who counts as dead: `watchWorker` on a clock that the test turns. */
import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { watchWorker } from '../../www/heartbeat.js';

/** @param {(seconds: (count: number) => void, state: {asked: number, dead: number}, watch: any) => void} check */
function watched(check) {
  mock.timers.enable({ apis: ['setInterval'] });
  const state = { asked: 0, dead: 0 };
  const watch = watchWorker(
    () => (state.asked += 1),
    () => (state.dead += 1),
  );
  try {
    check((count) => mock.timers.tick(count * 1000), state, watch);
  } finally {
    watch.stop();
    mock.timers.reset();
  }
}

test('a worker that answers lives, one that stops is reported once', () => {
  watched((seconds, state, watch) => {
    for (let at = 0; at < 50; at += 1) {
      seconds(9);
      watch.received();
    }
    assert.equal(state.dead, 0);
    seconds(60);
    assert.deepEqual([state.dead, state.asked], [1, 50 * 9 + 10]);
  });
});

test('until its first word it may still be loading', () => {
  watched((seconds, state, watch) => {
    seconds(50);
    assert.equal(state.dead, 0);
    watch.received();
    seconds(11);
    assert.equal(state.dead, 1);
  });
});

test('after stop() nothing is asked', () => {
  watched((seconds, state, watch) => {
    watch.stop();
    seconds(100);
    assert.deepEqual(state, { asked: 0, dead: 0 });
  });
});
