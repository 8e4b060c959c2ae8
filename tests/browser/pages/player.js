/** One `<video-sphere>` under watch, and a `Player` in its place for tests that need its options. */
import './watch.js';

if (location.search.startsWith('?trap')) await import('./trap.js');
const { Player } = await import('/element.js');

/** Takes a `Player` with these options in place of the element. */
window.usePlayer = (options) => {
  (sphere.remove ?? sphere.destroy).call(sphere);
  const container = document.createElement('div');
  Object.assign(container.style, { width: '320px', height: '180px' });
  document.body.prepend(container);
  watch(new Player({ container, muted: true, ...options }));
};

watch(document.querySelector('#sphere'));
window.isReady = true;
