/** A sphere of three.js around a video that hls.js feeds: three's own example of an equirectangular video. */
import Hls from 'hls.js';
import {
  Mesh,
  MeshBasicMaterial,
  PerspectiveCamera,
  Scene,
  SphereGeometry,
  SRGBColorSpace,
  VideoTexture,
  WebGLRenderer,
} from 'three';

const video = Object.assign(document.createElement('video'), { muted: true, autoplay: true, playsInline: true });
video.crossOrigin = 'anonymous';
const hls = new Hls();
hls.loadSource(window.streamUrl);
hls.attachMedia(video);

const renderer = new WebGLRenderer();
renderer.setPixelRatio(devicePixelRatio);
renderer.setSize(innerWidth, innerHeight);
document.body.append(renderer.domElement);

const geometry = new SphereGeometry(500, 60, 40);
// To be seen from inside.
geometry.scale(-1, 1, 1);
const texture = new VideoTexture(video);
texture.colorSpace = SRGBColorSpace;
const scene = new Scene();
scene.add(new Mesh(geometry, new MeshBasicMaterial({ map: texture })));
const camera = new PerspectiveCamera(75, innerWidth / innerHeight, 1, 1100);
camera.lookAt(-1, 0, 0);

renderer.setAnimationLoop(() => renderer.render(scene, camera));
window.framesDrawn = () => renderer.info.render.frame;
