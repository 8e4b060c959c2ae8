/** The package's script, from where the page's address says. */
await import(new URLSearchParams(location.search).get('script'));
