// @ts-check
/**
 * Values that a page gives to an element, where one that cannot be used is none.
 *
 * In: an attribute's text, or what a framework set before there was an element. Out: the value, or its default, and a
 * refusal said on the console and as a `warning` to those who listen by the end of the task.
 */
import { VideoSphereError } from './errors.js';
import { PROPERTIES } from './properties.js';
import { toRenderer } from './values.js';

/** @import { Property } from './properties.js' */

/** Those whose attributes hold JSON. */
const JSON_PROPERTIES = ['request', 'config', 'cmcd'];
/** Their attributes, where the name is another. @type {Record<string, Property>} */
const ATTRIBUTE_PROPERTIES = {
  'audio-language': 'audioLanguage',
  'gesture-handling': 'gestureHandling',
  'target-latency': 'targetLatency',
};

/** The property that an attribute sets. @param {string} attribute @returns {Property | undefined} */
export function propertyOf(attribute) {
  if (attribute in ATTRIBUTE_PROPERTIES) return ATTRIBUTE_PROPERTIES[attribute];
  return attribute in PROPERTIES ? /** @type {Property} */ (attribute) : undefined;
}

/** @param {EventTarget} element @param {Property} name @param {string | null} text */
export function readAttribute(element, name, text) {
  const { check, byDefault } = PROPERTIES[name];
  const isJson = JSON_PROPERTIES.includes(name);
  try {
    if (name === 'motion') return text !== null;
    return check(isJson && text ? parseJson(text) : (text ?? byDefault));
  } catch (problem) {
    // An unknown keyword counts as none, as everywhere in HTML, but not silently.
    refuse(element, name, problem, isJson ? 'error' : 'warn');
    return byDefault;
  }
}

/** @param {HTMLElement} element */
export function requestedRenderer(element) {
  try {
    return toRenderer(element.getAttribute('renderer') ?? 'auto');
  } catch (problem) {
    refuse(element, 'renderer', problem);
    return 'auto';
  }
}

/** What a framework set on the element before its module came; what is refused is left out. @param {HTMLElement} element */
export function takeEarlyProperties(element) {
  for (const [name, value] of Object.entries(element)) {
    if (!(name in element.constructor.prototype)) continue;
    Reflect.deleteProperty(element, name);
    try {
      Object.assign(element, { [name]: value });
    } catch (problem) {
      refuse(element, name, problem);
    }
  }
}

/** @param {EventTarget} element @param {string} name @param {unknown} problem @param {'warn' | 'error'} [level] */
function refuse(element, name, problem, level = 'warn') {
  const message = `<video-sphere ${name}=…>: ${/** @type {Error} */ (problem).message}`;
  console[level](message);
  const detail = new VideoSphereError({
    name: 'invalid-option',
    severity: 'warning',
    message,
    context: { name },
  });
  queueMicrotask(() => element.dispatchEvent(new CustomEvent('warning', { detail })));
}

/** @param {string} text */
function parseJson(text) {
  try {
    return JSON.parse(text);
  } catch (problem) {
    throw new TypeError(`videosphere: this is no JSON: ${/** @type {Error} */ (problem).message}.`);
  }
}
