/** The address's parameters become attributes; `src` comes last. */
const { src, ...others } = Object.fromEntries(new URLSearchParams(location.search));
for (const [name, value] of Object.entries({ ...others, ...(src && { src }) })) {
  // A handler is no attribute of the element's.
  if (!name.startsWith('on')) document.querySelector('#sphere').setAttribute(name, value);
}
document.querySelector('input').value = src ?? '';
