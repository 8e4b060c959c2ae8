/**
 * Lets the canvas be read at any time and not only right after it was drawn. It changes when pixels
 * are thrown away, not what they are.
 */
{
  const { getContext } = HTMLCanvasElement.prototype;
  HTMLCanvasElement.prototype.getContext = function (kind, attributes) {
    const kept = kind === 'webgl2' ? { ...attributes, preserveDrawingBuffer: true } : attributes;
    return getContext.call(this, kind, kept);
  };
}
