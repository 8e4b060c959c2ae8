/** One `<video-sphere>` in media-chrome, under watch. Out: `isReady`, and what the skin shows. */
import '/modules/media-chrome/dist/all.js';
import './watch.js';
import '/element.js';

const $ = (selector) => document.querySelector(selector);

/** A menu's items: what each says, and whether it is checked. */
const items = (menu) =>
  [...$(menu).shadowRoot.querySelectorAll('media-chrome-menu-item')].map((item) => ({
    item,
    text: item.textContent.trim(),
    checked: item.getAttribute('aria-checked') === 'true',
  }));
window.renditionItems = () => items('media-rendition-menu');
window.audioItems = () => items('media-audio-track-menu');
/** Whether the live button is there, and says that what plays is live. */
window.liveButton = () => {
  const button = $('media-live-button');
  return {
    streamType: $('media-controller').getAttribute('mediastreamtype'),
    isLive: button.hasAttribute('mediatimeislive'),
  };
};

watch($('#sphere'));
window.isReady = true;
