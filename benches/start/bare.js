/**
 * The floor: hls.js' light build, and a sphere of one triangle in WebGL2. Each frame that the video
 * shows is drawn once; there is nothing to turn it with, and nothing else that a player has.
 */
import Hls from 'hls.js/light';

const video = Object.assign(document.createElement('video'), { muted: true, autoplay: true, playsInline: true });
const hls = new Hls();
hls.loadSource(window.streamUrl);
hls.attachMedia(video);

const VERTEX = `#version 300 es
out vec2 at;
void main() {
  at = vec2(gl_VertexID & 1, gl_VertexID >> 1) * 4.0 - 1.0;
  gl_Position = vec4(at, 0.0, 1.0);
}`;
const FRAGMENT = `#version 300 es
precision highp float;
uniform sampler2D picture;
uniform vec2 reach;
in vec2 at;
out vec4 colour;
const float PI = 3.14159265;
void main() {
  vec3 ray = normalize(vec3(at * reach, 1.0));
  vec2 place = vec2(atan(ray.x, ray.z) / (2.0 * PI) + 0.5, 0.5 - asin(ray.y) / PI);
  colour = texture(picture, place);
}`;

const canvas = document.querySelector('canvas');
canvas.width = innerWidth * devicePixelRatio;
canvas.height = innerHeight * devicePixelRatio;
const gl = canvas.getContext('webgl2', { antialias: false, alpha: false });
const program = gl.createProgram();
for (const [type, source] of [
  [gl.VERTEX_SHADER, VERTEX],
  [gl.FRAGMENT_SHADER, FRAGMENT],
]) {
  const shader = gl.createShader(type);
  gl.shaderSource(shader, source);
  gl.compileShader(shader);
  gl.attachShader(program, shader);
}
gl.linkProgram(program);
gl.useProgram(program);
const across = Math.tan((75 / 2) * (Math.PI / 180));
gl.uniform2f(gl.getUniformLocation(program, 'reach'), (across * canvas.width) / canvas.height, across);
gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR);
gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);

let framesDrawn = 0;
window.framesDrawn = () => framesDrawn;
function draw() {
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, video);
  gl.drawArrays(gl.TRIANGLES, 0, 3);
  framesDrawn += 1;
  video.requestVideoFrameCallback(draw);
}
video.requestVideoFrameCallback(draw);
