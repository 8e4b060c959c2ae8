/**
 * The site, `target/docs`, by VitePress.
 *
 * In: `docs/`, and `www/*.d.ts`, whose comments are the reference; `dist/` as built, for the playground. Out: the
 * pages, with `llms.txt`, which lists them. A link that leads nowhere is an error, as is a type without an example.
 */
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vitepress';
import { EXAMPLES } from './docs_examples.mjs';
import { comment, elementData, members } from './element_data.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const source = join(root, 'target/docs-source');
const www = join(root, 'www');
const index = readFileSync(join(www, 'index.d.ts'), 'utf8');

const cell = (text) => text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('{', '&#123;');
const code = (text) => `\`${text.replaceAll('|', '\\|')}\``;
const table = (heads, rows) =>
  [heads, heads.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
/** Text outside of code, as Vue's templates take it. */
const prose = (text) =>
  text
    .split(/(`[^`]*`)/)
    .map((part, at) => (at % 2 ? part : cell(part)))
    .join('');

/** Every exported type of `index.d.ts`, in its order. */
function* types() {
  const pattern =
    /(?:^\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n)?^export (class|interface|type) (\w+)([^;{]*)(?:= ([^;]+);|\{)/gm;
  for (const [whole, words = '', kind, name, , alias] of index.matchAll(pattern)) {
    const at = index.indexOf(whole) + whole.length;
    const body = kind === 'type' ? '' : `{\n${index.slice(at, index.indexOf('\n}', at))}`;
    // `export interface Player extends …` adds nothing of its own.
    if (kind === 'interface' && !body.trim().slice(1)) continue;
    yield { kind, name, words: comment(words), alias, body };
  }
}

function apiPage() {
  const parts = ['# API', 'Made of `www/index.d.ts`, which your editor shows too.'];
  for (const { kind, name, words, alias, body } of types()) {
    if (name === 'ErrorName' || /^(MediaMembers|AllEvents)$/.test(name)) continue;
    const example = EXAMPLES[name];
    if (!example) throw new Error(`xtask/docs_examples.mjs has no example of ${name}`);
    parts.push(`## ${name}`);
    if (words) parts.push(prose(words));
    parts.push(`\`\`\`js\n${example.trim()}\n\`\`\``);
    if (alias) parts.push(`\`\`\`ts\ntype ${name} = ${alias}\n\`\`\``);
    const rows = members(body).map((it) => [code(it.name), code(it.type), prose(it.description)]);
    if (kind !== 'type' && rows.length > 0) parts.push(table(['', 'type', ''], rows));
  }
  return parts.join('\n\n');
}

function elementPage() {
  const [element] = elementData(www).manifest.modules[0].declarations;
  const own = element.events.filter(({ type }) => type.text !== 'Event');
  return [
    '# The element',
    prose(element.description),
    `\`\`\`html\n${EXAMPLES.VideoSphereElement.trim()}\n\`\`\``,
    '## Attributes',
    'Each is also a property, in camel case.',
    table(
      ['attribute', 'values', ''],
      element.attributes.map((it) => [code(it.name), code(it.type.text), prose(it.description ?? '')]),
    ),
    '## Events',
    'Those of a media element, and:',
    table(
      ['event', 'type', ''],
      own.map((it) => [code(it.name), code(it.type.text), prose(it.description ?? '')]),
    ),
    '## Style',
    `Parts: ${element.cssParts.map(({ name }) => `\`${name}\``).join(', ')}. Custom properties: ${element.cssProperties
      .map(({ name }) => `\`${name}\``)
      .join(', ')}.`,
    'Its members are those of [PlayerMembers](api.md#playermembers), and of a `<video>`.',
  ].join('\n\n');
}

function errorsPage() {
  const [, body] = /export type ErrorName =([\s\S]*?);\n/.exec(index);
  const rows = [...body.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*\| '([^']+)'/g)].map(
    ([, words, name]) => [`<a id="${name}"></a>${code(name)}`, prose(comment(words))],
  );
  const names = [...body.matchAll(/\| '([^']+)'/g)].length;
  if (rows.length !== names) throw new Error('a name of ErrorName has no comment');
  return [
    '# Errors',
    'Every failure is a `VideoSphereError`: its `name` says what happened, its `message` what to do, its `context` has ' +
      'the facts. `error` events are fatal; a `warning` was survived.',
    `\`\`\`js\n${EXAMPLES.VideoSphereError.trim()}\n\`\`\``,
    table(['name', 'what happened'], rows),
  ].join('\n\n');
}

/** What there is, for those who read by machine (llmstxt.org). */
function llms() {
  const pages = readdirSync(source, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.md') && name !== 'index.md')
    .sort();
  const lines = pages.map((name) => {
    const [, title = name] = /^# (.+)$/m.exec(readFileSync(join(source, name), 'utf8')) ?? [];
    return `- [${title}](${name.replace(/\.md$/, '.html')})`;
  });
  return `# videosphere

> Live 360° video on the web: an HLS player that is a \`<video>\` from outside and a sphere from inside. One npm
> package (\`videosphere\`): \`<video-sphere>\`, the class \`Player\`, \`videosphere/standalone\` in one file, \`videosphere/react\`.

## Documents

${lines.join('\n')}
`;
}

rmSync(source, { recursive: true, force: true });
cpSync(join(root, 'docs'), source, { recursive: true });
writeFileSync(join(source, 'api.md'), apiPage());
writeFileSync(join(source, 'element.md'), elementPage());
writeFileSync(join(source, 'errors.md'), errorsPage());
mkdirSync(join(source, 'public'), { recursive: true });
cpSync(join(root, 'dist/standalone.js'), join(source, 'public/standalone.js'));
writeFileSync(join(source, 'public/llms.txt'), llms());
process.chdir(source);
await build(source, { outDir: join(root, 'target/docs') }).catch(({ message }) => {
  // Its stack is Rollup's.
  console.error(message);
  process.exitCode = 1;
});
