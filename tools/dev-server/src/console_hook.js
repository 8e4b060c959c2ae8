// Keeps what the page and its workers write to the console, for an engine whose driver does not
// tell: `window.__console` is a list of [level, text]. Workers send theirs by a broadcast.
(() => {
  const page = typeof window !== 'undefined';
  const kept = [];
  const channel = new BroadcastChannel('__console');
  if (page) {
    window.__console = kept;
    channel.onmessage = event => keep(event.data);
  }
  const keep = entry => {
    if (kept.length < 10000) kept.push(entry);
  };
  const show = part => {
    if (typeof part === 'string') return part;
    if (part instanceof Error) return `${part}\n${part.stack}`;
    try {
      return JSON.stringify(part) ?? String(part);
    } catch {
      return String(part);
    }
  };
  const put = (level, parts) => {
    const entry = [level, parts.map(show).join(' ')];
    if (page) keep(entry);
    else channel.postMessage(entry);
  };
  for (const level of ['debug', 'log', 'info', 'warn', 'error']) {
    const own = console[level];
    console[level] = (...parts) => {
      put(level, parts);
      own.apply(console, parts);
    };
  }
  addEventListener('error', event => {
    const what = event.message
      ? `${event.message} (${event.filename}:${event.lineno})`
      : `${event.target?.src ?? event.target?.href ?? 'something'} did not load`;
    // A media element, or one of ours by its CustomEvent, says itself what is wrong, and tests of
    // failures mean to see it.
    const isOwn = event instanceof CustomEvent || event.target instanceof HTMLMediaElement;
    if (event.message || !isOwn) put('error', [what]);
  }, true);
  addEventListener('unhandledrejection', event => put('error', ['unhandled rejection', event.reason]));
})();
