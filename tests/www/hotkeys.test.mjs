/** `hotkeys`: which keys are ours by which words. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

const { isHotkey, toHotkeys } = await import('../../www/hotkeys.js');

const key = (name, shiftKey = false) => ({ key: name, shiftKey });

test('a group is the view’s, the bar’s, both or none', () => {
  const taken = (hotkeys) =>
    ['view', 'playback'].filter((group) => isHotkey(toHotkeys(hotkeys), group, key('ArrowLeft')));
  assert.deepEqual(taken(''), ['view', 'playback']);
  assert.deepEqual(taken(null), ['view', 'playback']);
  assert.deepEqual(taken('all'), ['view', 'playback']);
  assert.deepEqual(taken('view'), ['view']);
  assert.deepEqual(taken(' Playback '), ['playback']);
  assert.deepEqual(taken('none'), []);
});

test('single keys are left out, with Shift or without', () => {
  const hotkeys = toHotkeys('noarrowleft nospace\n noK noshift+arrowright');
  const isTaken = (...parts) => isHotkey(hotkeys, 'playback', key(...parts));
  assert.deepEqual(
    [isTaken('ArrowLeft'), isTaken('ArrowLeft', true), isTaken('ArrowRight'), isTaken('ArrowRight', true)],
    [false, true, true, false],
  );
  assert.deepEqual(
    [isTaken(' '), isTaken('k'), isTaken('K', true), isTaken('m')],
    [false, false, false, true],
  );
  assert.equal(isHotkey(toHotkeys('view noarrowup'), 'view', key('ArrowUp')), false);
  assert.equal(isHotkey(toHotkeys('noarrowup view'), 'view', key('ArrowDown')), true);
});

test('what is no group and leaves nothing out is refused', () => {
  for (const value of ['arrows', 'view arrows', 'view none', 7]) {
    assert.throws(() => toHotkeys(value), /hotkeys is one of all, view, playback, none/);
  }
});
