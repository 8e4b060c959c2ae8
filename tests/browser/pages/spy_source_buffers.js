/** Posts to `BroadcastChannel('source-buffers')` every type a source buffer is made for. */
const channel = new BroadcastChannel('source-buffers');
for (const [prototype, name] of [
  [MediaSource.prototype, 'addSourceBuffer'],
  [SourceBuffer.prototype, 'changeType'],
]) {
  const right = prototype[name];
  prototype[name] = function (type) {
    channel.postMessage(type);
    return right.call(this, type);
  };
}
