/** `import type {} from 'videosphere/vue'`: `<video-sphere>` in the templates of Vue 3, for vue-tsc and editors. */
import type { DefineComponent } from 'vue';
import type { VideoSphereAttributes } from './element.js';
import type { AllEvents } from './index.js';

type EventProps = { [Type in keyof AllEvents as `on${Capitalize<Type>}`]?: (event: AllEvents[Type]) => void };

declare module 'vue' {
  interface GlobalComponents {
    'video-sphere': DefineComponent<VideoSphereAttributes & EventProps>;
  }
}
