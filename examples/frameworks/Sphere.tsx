// React 18 and 19, in server-side rendering too.
import { useRef } from 'react';
import type { VideoSphereElement } from 'videosphere/element';
import { VideoSphere } from 'videosphere/react';

export function Sphere({ src, onFailure }: { src: string; onFailure?: (message: string) => void }) {
  const sphere = useRef<VideoSphereElement>(null);

  return (
    <VideoSphere
      ref={sphere}
      src={src}
      controls
      muted
      autoPlay
      onError={({ detail }) => onFailure?.(detail.message)}
    />
  );
}
