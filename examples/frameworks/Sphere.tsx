// React 19: custom elements take properties and `on…` handlers as any element does.
import { useEffect, useRef } from 'react';
import type { VideoSphereAttributes, VideoSphereElement } from 'videosphere/element';

declare module 'react' {
  namespace JSX {
    interface IntrinsicElements {
      'video-sphere': VideoSphereAttributes & React.HTMLAttributes<VideoSphereElement> & {
        ref?: React.Ref<VideoSphereElement>;
      };
    }
  }
}

export function Sphere({ src, onFailure }: { src: string; onFailure?: (message: string) => void }) {
  const sphere = useRef<VideoSphereElement>(null);

  useEffect(() => {
    // In the browser only: the element's class needs a document. (Importing it on a server would be
    // harmless, but is of no use there.)
    void import('videosphere/element');
  }, []);

  useEffect(() => {
    const element = sphere.current;
    if (!element || !onFailure) return;
    const told = (event: Event) => onFailure((event as CustomEvent).detail.message);
    element.addEventListener('error', told);
    return () => element.removeEventListener('error', told);
  }, [onFailure]);

  return <video-sphere ref={sphere} src={src} controls muted autoplay />;
}
