// @ts-check
/** The look of `<video-sphere>` without its bar. */
export const elementStyle = /* css */ `
:host {
  --_accent: var(--video-sphere-accent, #7cc4ff);
  --_font: var(--video-sphere-font, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif);
  display: inline-block;
  position: relative;
  width: 640px;
  max-width: 100%;
  aspect-ratio: 16 / 9;
  overflow: hidden;
  background: #000;
  color: #fff;
  font: 400 14px/1.45 var(--_font);
  color-scheme: dark;
  -webkit-tap-highlight-color: transparent;
}
:host([hidden]) { display: none; }
:host(:fullscreen) { width: 100%; height: 100%; max-width: none; aspect-ratio: auto; }
:host(:is(:fullscreen, [data-fills-page])) { border: 0 !important; border-radius: 0 !important; }
:host([data-fills-page]) {
  position: fixed !important; inset: 0 !important; z-index: 2147483647;
  /* As browsers have it for their own full screen: the page's sizes are for its page. */
  width: 100% !important; height: 100% !important; max-width: none !important;
}
[hidden] { display: none !important; }
.stage { position: absolute; inset: 0; }
.stage canvas { outline: none; }
.stage canvas:focus-visible { outline: 3px solid var(--_accent); outline-offset: -3px; }
:host(:is(:fullscreen, [data-fills-page])) canvas { outline: none; }
.poster { position: absolute; inset: 0; width: 100%; height: 100%; object-fit: cover; pointer-events: none; }
::slotted(*) { position: relative; }

.waiting {
  position: absolute; inset: 0; margin: auto; width: 44px; height: 44px; border-radius: 50%;
  border: 3px solid rgb(255 255 255 / 25%); border-top-color: #fff; pointer-events: none;
  /* Most waits are over before anyone needs to know of them. */
  opacity: 0; animation: appear 0.2s 0.4s forwards, turn 0.9s linear infinite;
}
@keyframes appear { to { opacity: 1; } }
@keyframes turn { to { rotate: 1turn; } }

.hint {
  position: absolute; inset: 0; z-index: 1; display: grid; place-items: center; margin: 0; padding: 16px;
  background: rgb(0 0 0 / 50%); font-size: 18px; text-align: center; pointer-events: none;
}
.failure {
  position: absolute; inset: 0; z-index: 3; display: flex; flex-direction: column; container-type: size;
  align-items: center; gap: min(10px, 2%); padding: min(24px, 3%); text-align: center;
  background: #0c0e12; overflow: auto;
}
.failure > * { flex: none; }
.failure::before, .failure::after { content: ""; margin: auto; }
.failure p { margin: 0; max-width: 56ch; overflow-wrap: anywhere; unicode-bidi: plaintext; }
.failure-title { font-size: 18px; font-weight: 600; }
.failure-message { color: #d5dae3; flex-shrink: 1; min-height: 2.6em; overflow: auto; }
.failure-code { color: #8d97a8; font: 12px/1.4 ui-monospace, SFMono-Regular, Menlo, monospace; }
.pill {
  padding: 9px 20px; border: 0; border-radius: 999px; cursor: pointer;
  font: 600 14px/1.2 var(--_font); color: #0c1118; background: #fff;
}
.pill:hover { background: var(--_accent); }
.pill:focus-visible { outline: 3px solid var(--_accent); outline-offset: 3px; }
@container (max-height: 230px) {
  .failure p { font-size: 12px; line-height: 1.3; }
  .pill { padding: 5px 14px; }
}
@container (max-height: 150px) { .failure-code { display: none; } }
.sr-only {
  position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
  white-space: nowrap;
}
@media (prefers-reduced-motion: reduce) {
  .waiting { animation: appear 0.2s 0.4s forwards, turn 4s linear infinite; }
}
@media (forced-colors: active) {
  .pill { border: 1px solid ButtonText; }
}
`;
