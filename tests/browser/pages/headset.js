/**
 * A `<video-sphere>` before an emulated headset. In: `headset.turn`. Out: `headset.see`, where both
 * eyes look, by the direction-coded pattern of the stream.
 */
import { device, frame, patch, turn } from './emulated_headset.js';
import './watch.js';
import '/element.js';

window.headset = {
  turn,
  isIdle: () => device.activeSession === undefined,
  /** Yaw and pitch of both eyes in degrees, after what was uploaded has been drawn; null in the dark. */
  async see() {
    for (let count = 0; count < 3; count += 1) await frame();
    // Before the frame is over: its pixels are gone afterwards.
    const { appCanvas } = device;
    return [1, 3].map((quarter) => {
      const [red, green, blue] = patch(appCanvas, (appCanvas.width * quarter) / 4, appCanvas.height / 2);
      return Math.abs(blue - 128) < 24 ? [(red / 255) * 360 - 180, 90 - (green / 255) * 180] : null;
    });
  },
  /** The middle of the bar's button, in the window. */
  button() {
    const button = sphere.shadowRoot.querySelector('[data-icon=headset]');
    const { x, y, width, height } = button.getBoundingClientRect();
    return width > 0 ? [x + width / 2, y + height / 2, button.getAttribute('aria-label')] : null;
  },
};

watch(document.querySelector('#sphere'));
window.isReady = true;
