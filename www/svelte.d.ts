/** `import type {} from 'videosphere/svelte'`: `<video-sphere>` in the markup of Svelte 5, for svelte-check and editors. */
import type { HTMLAttributes } from 'svelte/elements';
import type { VideoSphereAttributes, VideoSphereElement } from './element.js';
import type { AllEvents } from './index.js';

type EventAttributes = { [Type in keyof AllEvents as `on${Type}`]?: (event: AllEvents[Type]) => void };

declare module 'svelte/elements' {
  interface SvelteHTMLElements {
    'video-sphere': VideoSphereAttributes &
      EventAttributes &
      Omit<HTMLAttributes<VideoSphereElement>, keyof VideoSphereAttributes | keyof EventAttributes>;
  }
}
