// The programming interface, typed; `npx tsc` checks this file against `index.d.ts`.
import { Player, type Variant, VideoSphereError } from 'videosphere';
import 'videosphere/element';

const player = new Player({
  container: document.querySelector<HTMLElement>('#stage') ?? document.body,
  src: 'https://example.com/live/master.m3u8',
  highQualitySrc: 'https://example.com/live/4k.m3u8',
  quality: 'auto',
  muted: true,
  autoplay: true,
});

// A media element's events, and ours with their details.
player.addEventListener('timeupdate', () => console.log(player.currentTime.toFixed(1)));
player.addEventListener('variantchange', ({ detail }) => console.log(detail.id, detail.auto));
player.addEventListener('viewchange', ({ detail }) => console.log(detail.yaw, detail.pitch, detail.fov));
player.addEventListener('error', ({ detail }) => console.error(`${detail.name}: ${detail.message}`));
player.addEventListener('warning', ({ detail }) => console.warn(`${detail.name}: ${detail.message}`));

// The 4K stream from the next segment on, and back.
player.quality = 'max';
player.quality = 'auto';
// @ts-expect-error There is no such quality.
player.quality = 'huge';

const best: Variant | undefined = player.variants.filter((variant) => variant.playable).at(-1);
if (best) player.selectVariant(best.id);

// A button for the headset, where there is one.
const button = document.querySelector('button');
if (button && (await player.isImmersiveSupported())) {
  button.addEventListener('click', () => {
    player.enterImmersive().catch((reason: VideoSphereError) => console.warn(reason.message));
  });
}

// The element has the same members.
const element = document.querySelector('video-sphere');
element?.addEventListener('loadedmetadata', () => element.recenter());
await element?.play();
