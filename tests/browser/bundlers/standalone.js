import { Player, VideoSphereElement } from 'videosphere/standalone';

const [sphere] = document.getElementsByTagName('video-sphere');
if (!(sphere instanceof VideoSphereElement)) throw new Error('the element is not defined');
sphere.src = new URLSearchParams(location.search).get('url') ?? '';
window.isPlayerTheSame = sphere.player instanceof Player;
