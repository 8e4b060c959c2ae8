/**
 * The package's script, from where the page's address says, and the stream, where it says so too; with
 * `preload`, what the README has a page say sooner.
 */
const asked = new URLSearchParams(location.search);
if (asked.has('src')) document.querySelector('#sphere').setAttribute('src', asked.get('src'));
if (asked.has('preload')) {
  for (const href of ['/dist/wasm/engine_bg.wasm', '/media/ts/master.m3u8']) {
    const link = Object.assign(document.createElement('link'), { rel: 'preload', as: 'fetch', href });
    link.crossOrigin = 'anonymous';
    document.head.append(link);
  }
}
await import(asked.get('script'));
