// @ts-check
/** The look of the control bar. Time runs from left to right also in pages that do not. */
export const controlsStyle = /* css */ `
.controls { container-type: size; position: absolute; inset: 0; z-index: 2; pointer-events: none; }
.controls * { box-sizing: border-box; }
.bar {
  position: absolute; inset: auto 0 0; padding: 44px 12px 8px; pointer-events: none; direction: ltr;
  background: linear-gradient(transparent, rgb(0 0 0 / 35%) 40%, rgb(0 0 0 / 72%));
  transition: opacity 0.25s;
}
.seek-row, .buttons { pointer-events: auto; }
.idle .bar { opacity: 0; }
.idle .bar > * { pointer-events: none; }
.live, .menu-text, .toast, .help :is(p, dt, dd) { unicode-bidi: plaintext; }

.buttons { display: flex; align-items: center; gap: 2px; }
.space { flex: 1; }
.button {
  display: grid; place-items: center; flex: none; width: 40px; height: 40px; padding: 8px; border: 0;
  border-radius: 10px; background: none; color: #fff; cursor: pointer;
}
.button svg { width: 24px; height: 24px; display: block; }
.line { fill: none; stroke: currentcolor; stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round; }
.filled { fill: currentcolor; stroke: currentcolor; stroke-width: 1.2; stroke-linejoin: round; }
@media (hover: hover) { .button:hover, .live:hover { background: rgb(255 255 255 / 14%); } }
.button[aria-pressed=true] { color: var(--_accent); }
:is(.button, .live, .menu-item, input):focus-visible { outline: 2px solid var(--_accent); outline-offset: 1px; }

.time { padding: 0 8px; font-variant-numeric: tabular-nums; font-size: 13px; white-space: nowrap; }
.live {
  display: flex; align-items: center; gap: 7px; height: 28px; margin: 0 2px 0 6px; padding: 0 10px;
  border: 0; border-radius: 7px; background: rgb(255 255 255 / 10%); color: #cfd5df; cursor: pointer;
  font: 600 12px/1 var(--_font); letter-spacing: 0.04em; text-transform: uppercase;
}
.live::before { content: ""; width: 8px; height: 8px; border-radius: 50%; background: #8d97a8; }
.live.at-edge { color: #fff; }
.live.at-edge::before { background: #ff4d4d; }

input[type=range] {
  -webkit-appearance: none; appearance: none; display: block; margin: 0; height: 24px;
  background: none; cursor: pointer; --played: 0%; --buffered: 0%;
}
.seek { width: 100%; }
.seek:disabled { cursor: default; opacity: 0.5; }
input.volume { width: 72px; margin-right: 6px; }
input::-webkit-slider-runnable-track {
  height: 4px; border-radius: 2px; background:
    linear-gradient(var(--_accent) 0 0) 0 / var(--played) 100% no-repeat,
    linear-gradient(rgb(255 255 255 / 40%) 0 0) 0 / var(--buffered) 100% no-repeat,
    rgb(255 255 255 / 24%);
}
input::-moz-range-track {
  height: 4px; border-radius: 2px; background:
    linear-gradient(var(--_accent) 0 0) 0 / var(--played) 100% no-repeat,
    linear-gradient(rgb(255 255 255 / 40%) 0 0) 0 / var(--buffered) 100% no-repeat,
    rgb(255 255 255 / 24%);
}
input::-webkit-slider-thumb {
  -webkit-appearance: none; width: 14px; height: 14px; margin-top: -5px; border-radius: 50%;
  border: 0; background: #fff;
}
input::-moz-range-thumb { width: 14px; height: 14px; border-radius: 50%; border: 0; background: #fff; }
.seek:disabled::-webkit-slider-thumb { visibility: hidden; }
.seek:disabled::-moz-range-thumb { visibility: hidden; }
.seek-row { position: relative; }
.seek-bubble {
  position: absolute; bottom: 26px; translate: -50%; padding: 3px 8px; border-radius: 6px;
  --half: 1.5em; left: clamp(var(--half), 7px + var(--at) * (100% - 14px), 100% - var(--half)); text-align: center;
  background: rgb(12 14 18 / 92%); font-size: 12px; font-variant-numeric: tabular-nums; pointer-events: none;
}
.seek-bubble.has-picture { --half: 88px; }

.menu {
  position: absolute; right: 12px; bottom: 76px; display: flex; flex-direction: column; gap: 1px;
  min-width: min(208px, 100cqw - 24px); max-width: calc(100cqw - 24px); max-height: min(320px, 100cqh - 88px); overflow: auto; padding: 6px; border-radius: 12px;
  background: rgb(18 21 27 / 96%); box-shadow: 0 8px 28px rgb(0 0 0 / 45%);
}
.menu-item {
  display: flex; align-items: baseline; gap: 12px; padding: 9px 12px 9px 30px; border: 0;
  border-radius: 8px; background: none; color: #fff; cursor: pointer; text-align: left;
  font: 14px/1.2 var(--_font); position: relative;
}
.menu-item:hover, .menu-item:focus-visible { background: rgb(255 255 255 / 12%); }
.menu-item[aria-checked=true]::before {
  content: ""; position: absolute; left: 13px; top: 50%; width: 5px; height: 10px; rotate: 45deg;
  translate: 0 -65%; border: solid var(--_accent); border-width: 0 2px 2px 0;
}
.menu-text { flex: 1; white-space: nowrap; }
.menu-note { color: #a7b0bf; font-size: 12px; white-space: nowrap; }

.button.big-play {
  position: absolute; inset: 0; margin: auto; width: 76px; height: 76px; padding: 20px;
  border-radius: 50%; background: rgb(12 14 18 / 62%); pointer-events: auto;
}
.big-play svg { width: 36px; height: 36px; }
.button.big-play:hover { background: rgb(12 14 18 / 85%); }

.toast {
  position: absolute; inset: 12px 12px auto; width: fit-content; max-width: 46ch; margin: 0 auto;
  padding: 10px 16px; border-radius: 10px; background: rgb(18 21 27 / 96%); text-align: center;
}
.note {
  display: flex; flex-wrap: wrap; align-items: center; justify-content: end; gap: 4px 8px; max-width: none;
  padding: 4px 4px 4px 16px; pointer-events: auto;
}
.help {
  position: absolute; inset: 0; margin: auto; width: fit-content; height: fit-content; max-height: 92%;
  max-width: 92%; overflow: auto; padding: 18px 24px 20px; border-radius: 14px; pointer-events: auto;
  background: rgb(18 21 27 / 97%); box-shadow: 0 8px 28px rgb(0 0 0 / 45%); z-index: 1;
}
.help-title { margin: 0 0 12px; font-weight: 600; font-size: 16px; padding-inline-end: 48px; }
.help-close { position: absolute; top: 10px; inset-inline-end: 10px; }
.help dl { margin: 0; display: grid; gap: 6px; }
.help dl div { display: grid; grid-template-columns: 9.5em 1fr; gap: 12px; }
.help dt { color: var(--_accent); font-variant-numeric: tabular-nums; }
.help dd { margin: 0; }

@media (pointer: coarse) {
  .button { width: 44px; height: 44px; padding: 10px; }
  input[type=range] { height: 32px; }
  .pointer-only, input.volume { display: none; }
}
@container (max-width: 560px) {
  .wide-only, input.volume { display: none; }
  .buttons { gap: 0; }
  .button { width: 40px; padding: 8px; }
  .time { padding-inline: 6px; }
  .bar { padding-inline: 6px; }
  .seek-row { margin-inline: 6px; }
}
@container (max-width: 300px) {
  .time, .menu-note { display: none; }
  .buttons .button { flex: 1 1 24px; min-width: 0; padding-inline: 0; }
}
@container (max-height: 230px) {
  .button { height: 36px; }
  input[type=range] { height: 24px; }
  .bar { padding-bottom: 4px; }
  .button.big-play { bottom: 64px; width: 48px; height: 48px; padding: 10px; }
  .big-play svg { width: 28px; height: 28px; }
  .menu { bottom: 8px; max-height: calc(100cqh - 16px); }
}
@media (prefers-reduced-motion: reduce) {
  .bar { transition: none; }
}
@media (prefers-contrast: more) {
  .bar { background: rgb(0 0 0 / 88%); padding-top: 8px; }
}
@media (forced-colors: active) {
  .bar { background: Canvas; forced-color-adjust: auto; padding-top: 8px; }
  .button, .live, .menu, .help, .toast { border: 1px solid ButtonText; }
  .line { stroke: ButtonText; }
  .filled { fill: ButtonText; stroke: ButtonText; }
  input[type=range] { -webkit-appearance: auto; appearance: auto; }
  .menu-item[aria-checked=true]::before { border-color: Highlight; }
}
`;
