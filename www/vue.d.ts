/** `import type {} from 'videosphere/vue'`: `<video-sphere>` in the templates of Vue 3, for vue-tsc and editors. */
import type { DefineComponent } from 'vue';
import type { VideoSphereAttributes, VideoSphereEvents } from './element.js';

type EventProps = {
  [Type in keyof VideoSphereEvents as `on${Capitalize<Type>}`]?: (event: VideoSphereEvents[Type]) => void;
};

declare module 'vue' {
  interface GlobalComponents {
    'video-sphere': DefineComponent<VideoSphereAttributes & EventProps>;
  }
}
