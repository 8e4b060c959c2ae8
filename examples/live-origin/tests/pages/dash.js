/** dash.js plays `?url=`. Out: `video`, and `seen`: whether it plays, since when, what went wrong. */
window.video = document.querySelector('#video');
window.seen = { playing: false, from: 0, errors: [] };
video.addEventListener('playing', () => {
  if (!seen.playing) seen.from = video.currentTime;
  seen.playing = true;
});
const player = dashjs.MediaPlayer().create();
player.on('error', ({ error }) => seen.errors.push(error.message));
player.updateSettings({
  debug: { logLevel: dashjs.Debug.LOG_LEVEL_NONE },
  // Else it asks a server on the open network for the time.
  streaming: { utcSynchronization: { enabled: false } },
});
player.initialize(video, new URL(location).searchParams.get('url'), true);
