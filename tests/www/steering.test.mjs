/**
 * Content steering (RFC 8216bis 7): what is made of a steering manifest, and when the server is asked again.
 */
import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { List, Steering, manifestOf, withSituation } from '../../www/steering.js';

const URL_OF_LIST = 'https://a.example/live/main.m3u8?token=7';
const LIST = `#EXTM3U
#EXT-X-DEFINE:NAME="dir",VALUE="video"
#EXT-X-CONTENT-STEERING:SERVER-URI="/steering?video=1",PATHWAY-ID="A"
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="aac",NAME="English",DEFAULT=YES,STABLE-RENDITION-ID="en",URI="audio/en.m3u8"
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="inside",NAME="English, with commentary",DEFAULT=YES
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="other",NAME="English",URI="https://b.example/en.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=1000,CODECS="avc1.64001f,mp4a.40.2",PATHWAY-ID="A",AUDIO="aac",STABLE-VARIANT-ID="low"
{$dir}/low.m3u8?x=1
#EXT-X-STREAM-INF:BANDWIDTH=2000,PATHWAY-ID="A",AUDIO="inside",STABLE-VARIANT-ID="high"
{$dir}/high.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=1000,PATHWAY-ID="B",AUDIO="other"
https://b.example/low.m3u8
#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=100,PATHWAY-ID="A",URI="{$dir}/i.m3u8"
`;
const clone = (more) => ({
  id: 'C',
  base: 'A',
  replacement: { host: undefined, params: [], variants: {}, renditions: {}, ...more },
});

test('a clone has its base’s variants and renditions, elsewhere', () => {
  const list = new List(LIST, URL_OF_LIST);
  const made = list.clone(
    clone({
      host: 'c.example:8443',
      params: [
        ['session', 'a b'],
        ['x', '2'],
      ],
      variants: { high: 'https://d.example/own.m3u8' },
      renditions: { en: 'https://d.example/en.m3u8' },
    }),
  );
  assert.equal(
    made,
    `#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="C#aac",NAME="English",DEFAULT=YES,STABLE-RENDITION-ID="en",URI="https://d.example/en.m3u8?session=a+b&x=2"
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="C#inside",NAME="English, with commentary",DEFAULT=YES
#EXT-X-STREAM-INF:BANDWIDTH=1000,CODECS="avc1.64001f,mp4a.40.2",PATHWAY-ID="C",AUDIO="C#aac",STABLE-VARIANT-ID="low"
https://c.example:8443/live/video/low.m3u8?x=2&session=a+b
#EXT-X-STREAM-INF:BANDWIDTH=2000,PATHWAY-ID="C",AUDIO="C#inside",STABLE-VARIANT-ID="high"
https://d.example/own.m3u8?session=a+b&x=2
#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=100,PATHWAY-ID="C",URI="https://c.example:8443/live/video/i.m3u8?session=a+b&x=2"
`,
  );
  assert.ok(list.has('C'));
  assert.equal(list.clone(clone()), '', 'each once');
  assert.equal(list.clone({ ...clone(), id: 'D', base: 'nowhere' }), '');
  const further = list.clone({ ...clone({ host: 'e.example' }), id: 'D', base: 'C' });
  assert.match(further, /AUDIO="D#C#aac".*\nhttps:\/\/e\.example:8443\/live\/video\/low\.m3u8/);
});

test('where nothing is said a variant is of the pathway “.”', () => {
  const list = new List('#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n\n# a comment\nlow.m3u8\n', URL_OF_LIST);
  assert.ok(list.has('.'));
  assert.equal(
    list.clone({ ...clone({ host: 'c.example' }), base: '.' }),
    '#EXT-X-STREAM-INF:BANDWIDTH=1,PATHWAY-ID="C"\nhttps://c.example/live/low.m3u8\n',
  );
});

test('a manifest is read as far as it makes sense', () => {
  const read = manifestOf(
    JSON.stringify({
      VERSION: 1,
      TTL: 60,
      'RELOAD-URI': '../next',
      'PATHWAY-PRIORITY': ['B', 'A', 'B', 7, 'no "quotes"'],
      'PATHWAY-CLONES': [
        {
          ID: 'C',
          'BASE-ID': 'A',
          'URI-REPLACEMENT': { HOST: 'c.example', PARAMS: { z: '1', a: '2', '': 'x', n: 3 } },
        },
        { ID: 'D' },
        { ID: 'x\n#EXT', 'BASE-ID': 'A' },
        null,
      ],
    }),
  );
  assert.deepEqual([read.ttlSecs, read.reloadUri, read.pathways], [60, '../next', ['B', 'A']]);
  assert.deepEqual(read.clones, [
    {
      id: 'C',
      base: 'A',
      replacement: {
        host: 'c.example',
        params: [
          ['a', '2'],
          ['z', '1'],
        ],
        variants: {},
        renditions: {},
      },
    },
  ]);
  const least = manifestOf('{"VERSION":1,"PATHWAY-PRIORITY":["A"],"TTL":"soon","PATHWAY-CLONES":{}}');
  assert.deepEqual([least.ttlSecs, least.clones], [300, []]);
  assert.equal(manifestOf('{"VERSION":1,"PATHWAY-PRIORITY":["A"],"TTL":-5}').ttlSecs, 1);
  for (const [text, problem] of [
    ['<html>', /no JSON object/],
    ['null', /no JSON object/],
    ['{"VERSION":2,"PATHWAY-PRIORITY":["A"]}', /version 2/],
    ['{"VERSION":1}', /PATHWAY-PRIORITY/],
    ['{"VERSION":1,"PATHWAY-PRIORITY":[{}]}', /PATHWAY-PRIORITY/],
  ]) {
    assert.throws(() => manifestOf(text), problem, text);
  }
});

test('nothing that a server says is taken without bound, or twice', () => {
  const list = new List(LIST, URL_OF_LIST);
  let count = 0;
  for (let number = 0; number < 2000; number += 1) {
    if (list.clone({ ...clone({ host: 'c.example' }), id: `C${number}` })) count += 1;
  }
  assert.ok(count > 300 && count < 401, String(count));
  const many = Array.from({ length: 999 }, (_, id) => ({ ID: `C${id}`, 'BASE-ID': 'A' }));
  const read = manifestOf(
    JSON.stringify({ VERSION: 1, 'PATHWAY-PRIORITY': many.map(({ ID }) => ID), 'PATHWAY-CLONES': many }),
  );
  assert.deepEqual([read.pathways.length, read.clones.length], [64, 64]);
  const prototype = clone({ host: 'c.example', variants: { ...{} } });
  assert.ok(list.clone({ ...prototype, id: 'E' }) === '');
});

test('the server is told what plays', () => {
  assert.equal(
    withSituation('https://a.example/s?video=1', 'CDN-A', 5_140_000.4),
    'https://a.example/s?video=1&_HLS_pathway=CDN-A&_HLS_throughput=5140000',
  );
  assert.equal(withSituation('https://a.example/s'), 'https://a.example/s');
});

/** A server that gives these answers in turn; the clock is the test's. */
function steered(answers, text = LIST) {
  const [asked, sent, warnings, headers] = [[], [], [], []];
  const steering = new Steering(text, URL_OF_LIST, {
    home: URL_OF_LIST,
    options: { headers: { 'X-Token': 'secret' }, credentials: 'include' },
    ask: async (url, init, resource) => {
      asked.push(url);
      headers.push([init.headers['X-Token'], init.credentials, resource]);
      const { body = '', ...answer } = answers.shift() ?? { status: 500 };
      if (body instanceof Error) throw body;
      return new Response(typeof body === 'string' ? body : JSON.stringify(body), answer);
    },
    tell: (message) => sent.push(message),
    situation: () => ({ pathway: 'A', bps: 2_000_000 }),
    post: ({ code, severity, context }) => {
      assert.deepEqual([code, severity], ['steering-failed', 'warning']);
      warnings.push([context.detail, context.url]);
    },
  });
  return { steering, asked, sent, warnings, headers };
}
const settled = async () => {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};
const said = (more) => ({ body: { VERSION: 1, 'PATHWAY-PRIORITY': ['B', 'A'], ...more } });

test('the server is asked again when it says so, where it says so, and not after it is gone', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const { asked, sent, warnings } = steered([
      said({ TTL: 10, 'RELOAD-URI': '/other' }),
      { status: 429, headers: { 'Retry-After': '60' } },
      said({ 'PATHWAY-PRIORITY': ['A', 'elsewhere'] }),
      { status: 503 },
      { body: new TypeError('Failed to fetch') },
      { status: 410 },
    ]);
    await settled();
    const query = '_HLS_pathway=A&_HLS_throughput=2000000';
    assert.deepEqual(asked, [`https://a.example/steering?video=1&${query}`]);
    assert.deepEqual(sent, [{ kind: 'steer', pathways: ['B', 'A'], clones: '' }]);
    const after = async (secs) => {
      const before = asked.length;
      mock.timers.tick(secs * 1000 - 1);
      await settled();
      assert.equal(asked.length, before, `${secs} s are not over`);
      mock.timers.tick(1);
      await settled();
      assert.equal(asked.length, before + 1, `after ${secs} s`);
    };
    await after(10);
    assert.equal(asked[1], `https://a.example/other?${query}`);
    await after(60);
    assert.deepEqual(sent[1].pathways, ['A'], 'one that there is not is left out');
    // Without a TTL five minutes, and after a failure as long.
    await after(300);
    await after(300);
    await after(300);
    assert.deepEqual(
      warnings.map(([problem]) => problem),
      ['it answered with status 503', 'Failed to fetch'],
    );
    mock.timers.tick(1_000_000);
    await settled();
    assert.equal(asked.length, 6, 'it is gone');
  } finally {
    mock.timers.reset();
  }
});

test('clones go to the engine once, and a manifest may be in the playlist itself', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const inside = said({
      TTL: 5,
      'RELOAD-URI': 'steering.json',
      'PATHWAY-PRIORITY': ['C', 'A'],
      'PATHWAY-CLONES': [{ ID: 'C', 'BASE-ID': 'B', 'URI-REPLACEMENT': { HOST: 'c.example' } }],
    });
    const json = JSON.stringify(inside.body);
    for (const data of [`,${encodeURIComponent(json)}`, `application/json;base64,${btoa(json)}`]) {
      const text = LIST.replace('/steering?video=1', `data:${data}`);
      const { steering, asked, sent } = steered([inside], text);
      await settled();
      assert.deepEqual(asked, []);
      assert.deepEqual(sent[0].pathways, ['C', 'A']);
      assert.match(
        sent[0].clones,
        /^#EXTM3U\n#EXT-X-MEDIA:.*\n#EXT-X-STREAM-INF:.*\nhttps:\/\/c\.example\/low\.m3u8\n$/,
      );
      mock.timers.tick(5000);
      await settled();
      assert.match(asked[0], /^https:\/\/a\.example\/live\/steering\.json\?_HLS_pathway=A/);
      assert.deepEqual([sent[1].pathways, sent[1].clones], [['C', 'A'], '']);
      steering.end();
      mock.timers.tick(1_000_000);
      await settled();
      assert.equal(asked.length, 1);
    }
  } finally {
    mock.timers.reset();
  }
});

test('what is no manifest, or too much of one, is said and changes nothing', async () => {
  for (const [body, words] of [
    ['<!doctype html>', /no JSON/],
    ['[]'.padEnd(300_000), /larger than/],
    [{ VERSION: 9 }, /version 9/],
  ]) {
    const { steering, sent, warnings } = steered([{ body }]);
    await settled();
    assert.deepEqual(sent, []);
    assert.match(warnings[0][0], words);
    steering.end();
  }
});

test('the page’s headers stay with the stream’s own origin', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const { headers } = steered([
      said({ TTL: 1, 'RELOAD-URI': 'https://steering.example/x' }),
      said({ TTL: 99 }),
    ]);
    await settled();
    mock.timers.tick(1000);
    await settled();
    assert.deepEqual(headers, [
      ['secret', 'include', 'manifest'],
      [undefined, 'include', 'manifest'],
    ]);
  } finally {
    mock.timers.reset();
  }
});
