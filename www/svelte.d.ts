/** `import type {} from 'videosphere/svelte'`: `<video-sphere>` in the markup of Svelte 5, for svelte-check and editors. */
import type { HTMLAttributes } from 'svelte/elements';
import type { VideoSphereAttributes, VideoSphereElement, VideoSphereEvents } from './element.js';

type EventAttributes = {
  [Type in keyof VideoSphereEvents as `on${Type}`]?: (event: VideoSphereEvents[Type]) => void;
};

declare module 'svelte/elements' {
  interface SvelteHTMLElements {
    'video-sphere': VideoSphereAttributes &
      EventAttributes &
      Omit<HTMLAttributes<VideoSphereElement>, keyof VideoSphereAttributes | keyof EventAttributes>;
  }
}
