/**
 * An emulated headset (IWER), in place of the browser's WebXR from the import of this module on. In:
 * `?layers` for the browser's media layers, emulated too. Out: the device, a way to turn the head,
 * and what its display shows.
 */
import { XRDevice, metaQuest3 } from '/modules/iwer/build/iwer.module.js';

export const device = new XRDevice(metaQuest3);
device.installRuntime({
  forceInstall: true,
  polyfillLayers: new URLSearchParams(location.search).has('layers'),
});
device.stereoEnabled = true;
// Its `local` space lies at this height, and its emulated layers are spheres of 25 m, not infinitely far.
device.position.set(0, 1.6, 0);

export const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
const scratch = document.createElement('canvas').getContext('2d', { willReadFrequently: true });

/** Mean colour of a patch; colours run so gently that this is finer than a step of eight bits. */
export function patch(image, x, y, half = 4) {
  const size = 2 * half + 1;
  scratch.canvas.width = scratch.canvas.height = size;
  scratch.drawImage(image, x - half, y - half, size, size, 0, 0, size, size);
  const { data } = scratch.getImageData(0, 0, size, size);
  const sum = [0, 0, 0];
  data.forEach((value, index) => {
    if (index % 4 < 3) sum[index % 4] += value;
  });
  return sum.map((value) => value / (size * size));
}

/** Turns the head: to the right, up, and tilted to the left, in degrees. */
export async function turn(yaw, pitch, roll = 0) {
  const about = (axis, degrees) => new DOMMatrix().rotateAxisAngle(...axis, degrees);
  const matrix = about([0, 1, 0], -yaw)
    .multiply(about([1, 0, 0], pitch))
    .multiply(about([0, 0, 1], roll));
  device.quaternion.set(...quaternion(matrix));
  await frame();
  await frame();
}

/** Of a rotation, by its columns; the largest part first, so that nothing is divided by nought. */
function quaternion(m) {
  const square = {
    w: 1 + m.m11 + m.m22 + m.m33,
    x: 1 + m.m11 - m.m22 - m.m33,
    y: 1 - m.m11 + m.m22 - m.m33,
    z: 1 - m.m11 - m.m22 + m.m33,
  };
  const [[largest, value]] = Object.entries(square).sort(([, a], [, b]) => b - a);
  const [yz, zx, xy] = [m.m23 - m.m32, m.m31 - m.m13, m.m12 - m.m21];
  const [sxy, szx, syz] = [m.m12 + m.m21, m.m31 + m.m13, m.m23 + m.m32];
  const raw = {
    w: [yz, zx, xy, value],
    x: [value, sxy, szx, yz],
    y: [sxy, value, syz, zx],
    z: [szx, syz, value, xy],
  }[largest];
  const length = Math.hypot(...raw);
  return raw.map((part) => part / length);
}
