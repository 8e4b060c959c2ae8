/**
 * What editors and documents are told of `<video-sphere>`.
 *
 * In: `www/element.d.ts` and `www/index.d.ts`, whose comments are the descriptions, and the styles for parts
 * and custom properties. Out: a Custom Elements Manifest (schema 2.1.0) and VS Code's HTML custom data (1.1).
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MEDIA_EVENTS } from '../www/media_members.js';

const DESCRIPTION = 'A live 360° video: a `<video>` from outside, a sphere from inside.';

/** A block's body, by the words it begins with. */
function body(text, start) {
  const from = text.indexOf(`${start} {`);
  if (from < 0) throw new Error(`no ${start}`);
  return text.slice(from, text.indexOf('\n}', from));
}

/** A comment's words on one line. */
export const comment = (text) =>
  text
    .replaceAll(/^\s*\* ?/gm, ' ')
    .replaceAll(/\{@link (?:\w+\.)?(\w+)\}/g, '`$1`')
    .replaceAll(/\s+/g, ' ')
    .trim();

/** The members of a block: name, type, and the comment before it. */
export function members(block) {
  const pattern =
    /^ {2}(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n {2})?(?:readonly |get )?(?:'([\w-]+)'|(\w+))(\?)?(\([^)]*\))?: ([^;]+);/gm;
  return [...block.matchAll(pattern)].map(([, words = '', quoted, name, , call, type]) => ({
    name: quoted ?? name,
    kind: call ? 'method' : 'field',
    type: type.replaceAll(/\s+/g, ' '),
    description: comment(words),
  }));
}

const camel = (name) => name.replaceAll(/-(\w)/g, (_, letter) => letter.toUpperCase());

/** @param {string} www the folder */
export function elementData(www) {
  const read = (name) => readFileSync(join(www, name), 'utf8');
  const [index, element] = [read('index.d.ts'), read('element.d.ts')];
  const aliases = Object.fromEntries(
    [...index.matchAll(/^export type (\w+) = ([^;]+);/gm)].map(([, name, type]) => [name, type]),
  );
  const properties = [
    ...members(body(element, 'export class VideoSphereElement extends HTMLElement')),
    ...members(body(index, 'export interface PlayerMembers')),
  ];
  const explained = new Map(properties.map((each) => [each.name, each.description]));
  const attributes = members(body(element, 'export interface VideoSphereAttributes')).map((attribute) => {
    const type = attribute.type.replaceAll(/\b[A-Z]\w+\b/g, (name) => aliases[name] ?? name);
    return {
      ...attribute,
      type,
      description: attribute.description || explained.get(camel(attribute.name)) || '',
      values: [...type.matchAll(/'([^']*)'/g)].map(([, value]) => value).filter(Boolean),
    };
  });
  const events = [
    ...members(body(index, 'export interface PlayerEventMap')),
    ...members(body(element, 'export interface VideoSphereEvents extends AllEvents')),
    ...MEDIA_EVENTS.map((name) => ({ name, type: 'Event', description: 'As of a media element.' })),
  ];
  const scripts = ['.', 'controls'].flatMap((folder) =>
    readdirSync(join(www, folder))
      .filter((name) => name.endsWith('.js'))
      .map((name) => read(join(folder, name))),
  );
  const found = (pattern) => [
    ...new Set(scripts.flatMap((text) => [...text.matchAll(pattern)].map(([, name]) => name))),
  ];
  const manifest = {
    schemaVersion: '2.1.0',
    modules: [
      {
        kind: 'javascript-module',
        path: 'dist/element.import.js',
        declarations: [
          {
            kind: 'class',
            customElement: true,
            name: 'VideoSphereElement',
            tagName: 'video-sphere',
            description: DESCRIPTION,
            superclass: { name: 'HTMLElement' },
            attributes: attributes.map(({ name, type, description }) => ({
              name,
              type: { text: type },
              ...(description && { description }),
            })),
            members: properties.map(({ name, kind, type, description }) => ({
              kind,
              name,
              ...(kind === 'method' ? { return: { type: { text: type } } } : { type: { text: type } }),
              ...(description && { description }),
            })),
            events: events.map(({ name, type, description }) => ({
              name,
              type: { text: type },
              ...(description && { description }),
            })),
            cssParts: found(/\bpart(?:: |', )'([a-z-]+)'/g).map((name) => ({ name })),
            cssProperties: found(/var\((--video-sphere-[a-z-]+)/g).map((name) => ({ name })),
          },
        ],
        exports: [
          {
            kind: 'custom-element-definition',
            name: 'video-sphere',
            declaration: { name: 'VideoSphereElement', module: 'dist/element.import.js' },
          },
        ],
      },
    ],
  };
  const htmlData = {
    version: 1.1,
    tags: [
      {
        name: 'video-sphere',
        description: DESCRIPTION,
        attributes: attributes.map(({ name, type, description, values }) => ({
          name,
          ...(description && { description }),
          ...(/\bboolean\b/.test(type) ? { valueSet: 'v' } : {}),
          ...(values.length > 0 && { values: values.map((value) => ({ name: value })) }),
        })),
      },
    ],
  };
  return { manifest, htmlData };
}
