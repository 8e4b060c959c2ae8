// @ts-check
/** The look of captions. Sizes are of the picture, whose height a line is a fifteenth of. */
export const captionsCss = /* css */ `
.captions {
  position: absolute; inset: 3.5%; container-type: size; pointer-events: none; overflow: hidden; z-index: 1;
  color: #fff; direction: ltr; transition: bottom 0.25s;
}
.captions * { box-sizing: border-box; }
/* The bar, while it is there, is not written over. */
.stage:has(~ .controls:not(.idle, [hidden])) .captions { bottom: max(3.5%, 92px); }
.caption {
  font: 400 calc(5.33cqh * var(--caption-size, 1)) / 1.25 var(--video-sphere-caption-font, var(--_font, system-ui, sans-serif));
  text-align: center; white-space: pre-wrap; overflow-wrap: break-word; unicode-bidi: plaintext;
}
.caption-stack {
  position: absolute; inset: auto 0 0; display: flex; flex-direction: column; max-height: 100%;
}
.caption-line { min-height: 1.25em; }
.caption-text {
  padding: 0.08em 0.25em; -webkit-box-decoration-break: clone; box-decoration-break: clone;
  color: var(--color, inherit); background: var(--background, rgb(0 0 0 / 78%));
}
.own-color .caption-text { color: var(--caption-color); }
.own-background .caption-text { background: var(--caption-background); }
.caption-region { position: absolute; display: flex; flex-direction: column; overflow: hidden; }
.caption-region > .caption { flex: none; }
.flashes { animation: caption-flash 1s steps(2, jump-none) infinite; }
@keyframes caption-flash { to { opacity: 0; } }
@media (prefers-reduced-motion: reduce) {
  .captions { transition: none; }
  .flashes { animation: none; }
}
@media (forced-colors: active) {
  .caption-text { forced-color-adjust: none; }
}
`;
