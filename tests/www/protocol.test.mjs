/**
 * The messages of `www/protocol.d.ts` against those who send and take them in: the type check sees
 * the JavaScript, this sees the Rust side, whose names it cannot know, and that nothing of either
 * side is left over.
 */

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { MediaSink } from '../../www/media_sink.js';

const read = (path) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const protocol = read('www/protocol.d.ts');
const contract = read('www/index.d.ts');

/** Names of the interfaces that a union type comes to, through other unions. */
function membersOf(union) {
  const [, text] = new RegExp(`type ${union} =([^;]+)`).exec(protocol) ?? assert.fail(union);
  return text
    .replace(/\/\*\*.*?\*\//gs, '')
    .split(/[|&\s]+/)
    .filter((name) => /^[A-Z]/.test(name))
    .flatMap((name) => (new RegExp(`interface ${name} `).test(protocol) ? [name] : membersOf(name)));
}

/** The fields of an interface, in braces of its own, by name. */
function fieldsOf(name, text = protocol) {
  const body = new RegExp(`interface ${name} [^{]*\\{(.*?)\\n\\}`, 's').exec(text)?.[1];
  assert.ok(body, name);
  const code = body.replace(/\/\*\*.*?\*\//gs, '');
  return [...code.matchAll(/^ {2}(?:readonly )?(\w+)\??: (.+);$/gm)].map(([, field, type]) => [field, type]);
}

const kindOf = (name) =>
  fieldsOf(name)
    .find(([field]) => field === 'kind')?.[1]
    .slice(1, -1);
const kindsOf = (union) => membersOf(union).map(kindOf).sort();
const fieldNames = (union) => [
  ...new Set(
    membersOf(union)
      .flatMap((name) => fieldsOf(name))
      .map(([field]) => field),
  ),
];

/** The body of a Rust function. */
function bodyOf(text, name) {
  const body = new RegExp(`fn ${name}\\(.*?\\n\\}`, 's').exec(text)?.[0];
  assert.ok(body, name);
  return body;
}

const matches = (text, pattern) => [...text.matchAll(pattern)].map(([, found]) => found);

test('each kind is one message, and each message has a kind', () => {
  for (const union of ['ToWorker', 'WorkerMessage', 'SinkCommand']) {
    const kinds = kindsOf(union);
    assert.ok(kinds.length > 5 && kinds.every(Boolean), union);
    assert.deepEqual(kinds, [...new Set(kinds)]);
  }
});

test('the engine takes in every message that is for it, and no other', () => {
  const rust = read('src/web/messages.rs');
  const taken = matches(bodyOf(rust, 'input_of'), /^ {8}"(\w+)" =>/gm);
  assert.deepEqual(taken.sort(), kindsOf('EngineMessage'));
});

test('the engine reads fields that the messages have', () => {
  const getters = /extern "C" \{(.*?)\n\}/s.exec(read('src/web/messages.rs'))[1];
  const readFields = matches(
    getters,
    /getter(?:, js_name = (?:\w+))?\)\]\s+fn \w+\(this: &Message\)/g,
  ).length;
  const names = [...getters.matchAll(/getter(?:, js_name = (\w+))?\)\]\s+fn (\w+)\(this/g)].map(
    ([, jsName, name]) => jsName ?? name,
  );
  assert.equal(names.length, readFields);
  // What the worker alone looks at.
  const ofWorker = ['load', 'generation', 'unasked', 'captions', 'metadata'];
  const sent = fieldNames('EngineMessage').filter((field) => !ofWorker.includes(field));
  assert.deepEqual(names.sort(), sent.sort());
});

test('the page hears every event of the engine, each field by its name', () => {
  const rust = read('src/web/messages.rs');
  const reported = matches(bodyOf(rust, 'event_to_js'), /"kind",\s*&?"(\w+)"\.into\(\)/g);
  // Ranges go no further than the worker, which makes events of them.
  assert.deepEqual(reported.sort(), [...kindsOf('EngineEvent'), 'dateranges'].sort());
  const set = (name) => matches(bodyOf(rust, name), /^ {8}\("(\w+)", /gm).sort();
  const typed = (name, text) =>
    fieldsOf(name, text)
      .map(([field]) => field)
      .sort();
  assert.deepEqual(set('error_to_js'), typed('Failure'));
  assert.deepEqual(set('variant_to_js'), typed('Variant', contract));
  assert.deepEqual(set('timeline_to_js'), typed('Timeline', contract));
  // The others are of this browser and of the picture.
  const ofPage = [
    'framesDecoded',
    'framesDrawn',
    'framesDropped',
    'managed',
    'mseInWorker',
    'native',
    'renderer',
  ];
  assert.deepEqual([...set('stats_to_js'), ...ofPage].sort(), typed('Stats', contract));
});

test('every command of a media sink is a method of it that the engine calls', () => {
  const commands = kindsOf('SinkCommand');
  const externs = /extern "C" \{(.*?)\n\}/s.exec(read('src/web/media_source.rs'))[1];
  const called = [
    ...externs.matchAll(/\(method(?:, js_name = (\w+))?\)\]\s+fn (\w+)\(this: &Sink([^)]*)\)/g),
  ];
  assert.deepEqual(called.map(([, jsName, name]) => jsName ?? name).sort(), commands);
  for (const [, jsName, name, parameters] of called) {
    const method = jsName ?? name;
    const count = parameters.split(',').length - 1;
    assert.equal(MediaSink.prototype[method].length, count, method);
    const command = membersOf('SinkCommand').find((each) => kindOf(each) === method);
    assert.equal(fieldsOf(command).length - 1, count, command);
  }
});

test('every kind is written where it is sent and where it is taken in', () => {
  const page = ['playback', 'media_binding', 'worker_host', 'early_stream']
    .map((name) => read(`www/${name}.js`))
    .join('\n');
  const worker = read('www/worker.js');
  const sink = read('www/media_sink.js');
  const has = (text, kind, how) => assert.match(text, new RegExp(`${how} ?'${kind}'`), `${how} ${kind}`);
  for (const kind of kindsOf('PageMessage')) has(page, kind, 'kind:');
  for (const kind of kindsOf('SinkEvent')) has(sink, kind, 'kind:');
  for (const kind of ['init', 'module', 'asked', 'ping']) {
    has(page, kind, 'kind:');
    has(worker, kind, 'case');
  }
  for (const kind of [...kindsOf('ElementMessage'), 'pong', 'sink']) {
    has(worker, kind, 'kind:');
    has(page, kind, 'case');
  }
  for (const kind of kindsOf('EarlyPart')) {
    has(read('www/early_request.js'), kind, 'kind:');
    has(read('www/early_response.js'), kind, 'case');
  }
  for (const kind of kindsOf('EngineEvent')) has(page, kind, 'case');
  for (const kind of kindsOf('SinkCommand')) {
    has(worker, kind, 'kind:');
    has(sink, kind, 'case');
  }
});

test('no type in the scripts is `any`', () => {
  for (const folder of ['www', 'www/compat', 'www/controls', 'www/demo']) {
    const files = readdirSync(new URL(`../../${folder}/`, import.meta.url));
    for (const file of files.filter((name) => /\.(js|d\.ts)$/.test(name))) {
      const text = read(`${folder}/${file}`);
      assert.match(text, file.endsWith('.js') ? /^\/\/ @ts-check\n/ : /^\/\*\*/, file);
      const types = file.endsWith('.js')
        ? matches(text, /@\w+ (\{.*)/g)
        : text.replace(/\/\*\*.*?\*\//gs, '').split('\n');
      for (const type of types) assert.doesNotMatch(type, /[{<(:|,=]\s*any\b/, `${file}: ${type}`);
    }
  }
});
