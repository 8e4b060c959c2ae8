/** The package's script, from where the page's address says, and the stream, where it says so too. */
const asked = new URLSearchParams(location.search);
if (asked.has('src')) document.querySelector('#sphere').setAttribute('src', asked.get('src'));
await import(asked.get('script'));
