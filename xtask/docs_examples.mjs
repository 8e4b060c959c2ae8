/** An example of each public type, for the reference (`xtask/docs.mjs`). */
export const EXAMPLES = {
  VideoSphereElement: `
<video-sphere src="https://example.com/live/master.m3u8" controls muted autoplay></video-sphere>`,
  Quality: `
player.quality = 'max';   // the best there is, from the next segment on
player.quality = 1080;    // that height
player.quality = 'auto';  // back`,
  Projection: `
player.projection = 'equirect-180';`,
  Stereo: `
player.stereo = 'top-bottom';`,
  Renderer: `
new Player({ container, src, renderer: 'webgl2' });`,
  GestureHandling: `
player.gestureHandling = 'cooperative';  // a plain wheel scrolls the page`,
  CaptureOptions: `
const still = await player.captureFrame({ width: 1920, type: 'image/jpeg', quality: 0.9 });
link.href = URL.createObjectURL(still);`,
  ThumbnailOptions: `
const abort = new AbortController();
const thumbnail = await player.getThumbnail(90, { width: 320, signal: abort.signal });`,
  Thumbnail: `
const thumbnail = await player.getThumbnail(90);
if (thumbnail) {
  canvas.getContext('2d').drawImage(thumbnail.image, 0, 0);
  thumbnail.image.close();
}`,
  ErrorSeverity: `
player.addEventListener('warning', ({ detail }) => detail.severity === 'warning');`,
  VideoSphereError: `
player.addEventListener('error', ({ detail }) => {
  if (detail.name === 'network-unreachable') showOffline(detail.context.url);
  else show(detail.message);
});`,
  Variant: `
const best = player.variants.filter(({ playable }) => playable).sort((a, b) => b.bandwidth - a.bandwidth)[0];
player.selectVariant(best.id);`,
  AudioTrack: `
const german = [...player.audioTracks].find(({ language }) => language === 'de');
if (german) german.enabled = true;  // heard in a moment, without a gap`,
  AudioTracks: `
player.audioTracks.addEventListener('change', () => {
  menu.value = [...player.audioTracks].find(({ enabled }) => enabled)?.id;
});`,
  TimedMetadata: `
player.addEventListener('metadata', ({ detail: { startTime, data } }) => {
  log.append(\`\${startTime} s: \${data.TIT2 ?? data.CLASS}\`);
});`,
  InterstitialData: `
player.addEventListener('metadata', ({ detail: { startTime, data } }) => {
  if (data.CLASS === 'com.apple.hls.interstitial') planAdvert(startTime, data['X-ASSET-URI'] ?? data['X-ASSET-LIST']);
});`,
  SessionData: `
player.addEventListener('sessiondata', async ({ detail }) => {
  const title = detail.find(({ id }) => id === 'com.example.title');
  if (title) heading.textContent = String(await player.loadSessionData(title));
});`,
  Timeline: `
const { start, end, live } = player.timeline;
seekBar.min = start;
seekBar.max = end;`,
  Stats: `
setInterval(() => {
  const { endToEndLatencySecs, bufferAheadSecs } = player.stats;
  figures.textContent = \`\${endToEndLatencySecs} s behind, \${bufferAheadSecs} s ahead\`;
}, 1000);`,
  View: `
player.addEventListener('viewchange', ({ detail: { yaw } }) => {
  compass.style.rotate = \`\${yaw}deg\`;
});`,
  EngineConfig: `
new Player({ container, src, config: { live: { maxPlaybackRate: 1.05 }, buffer: { aheadSecs: 30 } } });`,
  PlayerOptions: `
const player = new Player({
  container: document.querySelector('#stage'),
  src: 'https://example.com/live/master.m3u8',
  highQualitySrc: 'https://example.com/live/4k.m3u8',
  muted: true,
});`,
  PlayerMembers: `
player.yaw = 90;                                  // look right
player.goLive();
button.onclick = () => player.enterImmersive();   // in a click: the browser insists`,
  PlayerEventMap: `
player.addEventListener('variantchange', ({ detail: { id, auto } }) => {
  label.textContent = \`\${player.variants.find((it) => it.id === id)?.height}p\${auto ? ' (auto)' : ''}\`;
});`,
  Player: `
import { Player } from 'videosphere';

const player = new Player({ container, src: 'https://example.com/live/master.m3u8' });
player.muted = true;
await player.play();
player.destroy();`,
  Diagnostics: `
const report = await player.diagnostics();
await navigator.clipboard.writeText(JSON.stringify(report, null, 2));`,
  RequestFunction: `
sphere.request = async (request) => {
  if (request.refusedWith) await session.renew();
  request.headers.Authorization = \`Bearer \${session.token}\`;
};`,
  StreamRequest: `
sphere.request = ({ url, resource }) => (resource === 'key' ? { url: \`\${url}?token=\${token}\` } : undefined);`,
  RequestResource: `
sphere.request = { resources: { key: { headers: { 'X-Token': token } } } };`,
  CmcdOptions: `
sphere.cmcd = { contentId: 'event-7', custom: () => ({ 'com.example-yaw': Math.round(sphere.yaw) }) };
sphere.src = 'https://example.com/live/master.m3u8';`,
  CmcdCustom: `
sphere.cmcd = { version: 2, custom: { 'com.example-room': 'north', 'com.example-seats': 4 } };`,
  CmcdEventTarget: `
sphere.cmcd = { mode: 'none', eventTargets: [{ url: '/collector', intervalSecs: 60, batchSize: 10 }] };`,
  CmcdEvent: `
sphere.cmcd = { mode: 'none', eventTargets: [{ url: '/collector', events: ['ps', 'e'] }] };`,
  RequestOptions: `
new Player({ container, src, request: { headers: { Authorization: \`Bearer \${token}\` } } });`,
};
