/**
 * Common Media Client Data: the text that goes out, against the examples of CTA-5004, and what a player says of itself.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cmcdHeaders, cmcdText, isKnownKey, withCmcdQuery } from '../../www/cmcd_text.js';

const SID = '6e2fb550-c457-11e9-bb97-0800200c9a66';
const EXAMPLE = { tb: 6000, sid: SID, rtp: 15000, ot: 'v', mtp: 25400, d: 4004, bs: true, br: 3200 };

test('the examples of CTA-5004, but for the key that is not sent', () => {
  const { rtp, ...data } = EXAMPLE;
  assert.equal(
    `CMCD=${encodeURIComponent(cmcdText(data, 1))}`,
    'CMCD=br%3D3200%2Cbs%2Cd%3D4004%2Cmtp%3D25400%2Cot%3Dv%2Csid%3D%226e2fb550-c457-11e9-bb97-0800200c9a66%22%2Ctb%3D6000',
  );
  assert.deepEqual(cmcdHeaders(data, 1), {
    'CMCD-Object': 'br=3200,d=4004,ot=v,tb=6000',
    'CMCD-Status': 'bs',
    'CMCD-Request': 'mtp=25400',
    'CMCD-Session': `sid="${SID}"`,
  });
  assert.equal(`CMCD=${encodeURIComponent(cmcdText({ sid: SID }, 1))}`, `CMCD=sid%3D%22${SID}%22`);
});

test('numbers are rounded as their keys want it', () => {
  const data = { bl: 21_349.7, dl: 21_350, mtp: 48_051, br: 1499.5, d: 4004.4, pr: 1.08333, tb: NaN };
  assert.equal(cmcdText(data, 1), 'bl=21300,br=1500,d=4004,dl=21400,mtp=48100,pr=1.083');
  assert.equal(cmcdText({ pr: 2 }, 1), 'pr=2');
  assert.equal(cmcdText({ pr: 0 }, 2), 'pr=0.0');
});

test('version 2: lists say whose a number is, and version 1 knows none of its keys', () => {
  const data = {
    ab: 900,
    bl: 3000,
    br: 3200,
    ec: 'decode',
    ltc: 2100,
    msd: 812.6,
    ot: 'av',
    sn: 3,
    sta: 'p',
    v: 2,
  };
  assert.equal(
    cmcdText(data, 2),
    'ab=(900;av),bl=(3000;av),br=(3200;av),ec=("decode"),ltc=2100,msd=813,ot=av,sn=3,sta=p,v=2',
  );
  assert.equal(cmcdText(data, 1), 'bl=3000,br=3200,ot=av');
  assert.equal(cmcdText({ mtp: 25_400 }, 2), 'mtp=(25400)');
  assert.deepEqual(cmcdHeaders({ pr: 1.5 }, 1), { 'CMCD-Session': 'pr=1.5' });
  assert.deepEqual(cmcdHeaders({ pr: 1.5 }, 2), { 'CMCD-Status': 'pr=1.5' });
});

test('texts are quoted, and what is not ASCII is written as in an address', () => {
  assert.equal(cmcdText({ cid: 'a"b\\c' }, 1), 'cid="a\\"b\\\\c"');
  assert.equal(cmcdText({ cid: 'Dübendorf, 1\n' }, 2), 'cid="D%C3%BCbendorf, 1%0A"');
  assert.equal(cmcdText({ cid: '\ud800' }, 2), 'cid="%EF%BF%BD"', 'half a pair');
  // A header takes no other.
  new Headers(cmcdHeaders({ cid: 'Dübendorf\r\nX-Evil: 1' }, 2));
});

test('the page’s own keys stand in their place, and have a hyphen', () => {
  const custom = { 'com.example-yaw': -12.3456, 'a-live': true, 'z-off': false, 'com.example-room': 'B 3' };
  assert.equal(
    cmcdText({ ...custom, br: 5, su: true }, 1),
    'a-live,br=5,com.example-room="B 3",com.example-yaw=-12.346,su,z-off=false',
  );
  assert.match(cmcdText(custom, 2), /z-off=\?0$/);
  assert.equal(cmcdHeaders(custom, 1)['CMCD-Request'].split(',').length, 4);
  assert.deepEqual(['com.example-yaw', 'br', 'yaw', 'Com-x', 'com-x y'].map(isKnownKey), [
    true,
    true,
    false,
    false,
    false,
  ]);
});

test('an address keeps its query to the letter, and its fragment', () => {
  const with_ = (url) => withCmcdQuery(url, 'su');
  assert.equal(with_('https://a.example/x.ts'), 'https://a.example/x.ts?CMCD=su');
  assert.equal(with_('https://a.example/x?sig=%7E+a%20b'), 'https://a.example/x?sig=%7E+a%20b&CMCD=su');
  assert.equal(with_('https://a.example/x?#t=1'), 'https://a.example/x?CMCD=su#t=1');
});

/** What of a page a session needs; `at` is the clock. */
class Video extends EventTarget {
  paused = true;
  autoplay = false;
  ended = false;
  seeking = false;
  muted = false;
  playbackRate = 1;
  currentTime = 0;
  readyState = 1;
  ranges = [];
  get buffered() {
    return {
      length: this.ranges.length,
      start: (index) => this.ranges[index][0],
      end: (index) => this.ranges[index][1],
    };
  }
  fire(name) {
    this.dispatchEvent(new Event(name));
  }
  play() {
    this.paused = false;
    this.fire('play');
    this.readyState = 4;
    this.fire('playing');
  }
}

Object.assign(globalThis, {
  HTMLMediaElement: { HAVE_FUTURE_DATA: 3, HAVE_ENOUGH_DATA: 4 },
  document: Object.assign(new EventTarget(), { hidden: false, baseURI: 'https://page.example/' }),
});
globalThis.addEventListener ??= () => {};
const { Cmcd } = await import('../../www/cmcd.js');
const { EventTargetQueue } = await import('../../www/cmcd_events.js');

function playerOf(cmcd) {
  const warnings = [];
  const host = {
    video: new Video(),
    options: { cmcd },
    home: ['https://a.example/main.m3u8'],
    begunAt: performance.now(),
  };
  const told = new Cmcd(host, (message, option) => warnings.push([option, message]));
  told.begin();
  return { told, host, video: host.video, warnings };
}

/** What a request says, by key. */
function saidOf(told, resource, about) {
  const request = { url: 'https://a.example/x', resource, headers: {} };
  told.mark(request, about);
  const text = new URL(request.url).searchParams.get('CMCD') ?? '';
  const entries = text.split(',').map((each) => each.split('='));
  return {
    ...Object.fromEntries(entries.map(([key, value]) => [key, value ?? true])),
    headers: request.headers,
  };
}

test('a player tells of its requests what it knows', () => {
  const { told, video } = playerOf({ contentId: 'event', sessionId: 'mine' });
  assert.deepEqual(saidOf(told, 'playlist'), {
    cid: '"event"',
    ot: 'm',
    pr: '0',
    sf: 'h',
    sid: '"mine"',
    headers: {},
  });
  told.hear({
    kind: 'variants',
    variants: [
      { id: 0, bandwidth: 800_000 },
      { id: 1, bandwidth: 6_000_000 },
    ],
  });
  told.hear({ kind: 'timeline', timeline: { live: false } });
  told.hear({ kind: 'stats', stats: { bandwidthBps: 25_432_000 } });
  assert.equal(saidOf(told, 'init').ot, 'i');
  const first = saidOf(told, 'segment', ['av', 4.004, 800_000]);
  assert.deepEqual(
    [first.ot, first.d, first.br, first.tb, first.bl, first.su, first.st, first.mtp],
    ['av', '4004', '800', '6000', '0', true, 'v', '25400'],
  );
  video.ranges = [[0, 12.3456]];
  video.currentTime = 2;
  video.play();
  video.playbackRate = 2;
  const next = saidOf(told, 'segment', ['av', 4, 6_000_000]);
  assert.deepEqual(
    [next.bl, next.dl, next.su, next.pr, next.bs],
    ['10300', '5200', undefined, '2', undefined],
  );
  const text = saidOf(told, 'segment', ['c', 4, 0]);
  assert.deepEqual([text.ot, text.br, text.bl], ['c', undefined, undefined]);
  told.end();
  assert.deepEqual(saidOf(told, 'segment', ['av', 4, 1]), { '': true, headers: {} }, 'no stream, no data');
});

test('a stall is told of once, and a seek is none', () => {
  const { told, video } = playerOf({});
  video.fire('waiting');
  assert.equal(saidOf(told, 'segment').bs, undefined, 'the start');
  video.play();
  video.readyState = 2;
  video.fire('waiting');
  const after = saidOf(told, 'segment');
  assert.deepEqual([after.bs, after.su], [true, true]);
  assert.equal(saidOf(told, 'segment').bs, undefined);
  video.seeking = true;
  video.fire('waiting');
  assert.equal(saidOf(told, 'segment').bs, undefined);
  told.end();
});

test('version 2 says the state, the delay of the start once, and what sound apart makes of a bitrate', () => {
  const { told, video } = playerOf({ version: 2, custom: () => ({ 'com.example-yaw': 90, bad: 1 }) });
  told.hear({ kind: 'timeline', timeline: { live: true } });
  told.hear({ kind: 'stats', stats: { endToEndLatencySecs: 2.1, liveLatencySecs: 1 } });
  assert.equal(saidOf(told, 'playlist').sta, 'd');
  video.play();
  const first = saidOf(told, 'segment', ['v', 2, 800_000]);
  assert.deepEqual(
    [first.ab, first.br, first.sta, first.ltc, first.v],
    ['(800;v)', undefined, 'p', '2100', '2'],
  );
  assert.match(first.msd, /^\d+$/);
  assert.equal(first['com.example-yaw'], '90');
  assert.equal('bad' in first, false);
  assert.equal(saidOf(told, 'segment', ['v', 2, 800_000]).msd, undefined);
  const sound = saidOf(told, 'segment', ['a', 2, 0]);
  assert.deepEqual([sound.ot, sound.ab, sound.br], ['a', undefined, undefined]);
  told.end();
});

test('headers, chosen keys, and a page’s function that fails', () => {
  const { told } = playerOf({
    mode: 'headers',
    includeKeys: ['ot', 'sid'],
    sessionId: 's',
    custom: () => assert.fail(),
  });
  assert.deepEqual(saidOf(told, 'key').headers, { 'CMCD-Object': 'ot=k', 'CMCD-Session': 'sid="s"' });
  told.end();
  const silent = playerOf({ mode: 'none' });
  assert.deepEqual(saidOf(silent.told, 'key'), { '': true, headers: {} });
  silent.told.end();
});

test('what cannot be used is left out, and said by name', () => {
  const { told, warnings } = playerOf({
    mode: 'body',
    version: 3,
    contentId: 'x'.repeat(65),
    sessionId: '',
    includeKeys: ['br', 'nonsense'],
    custom: { yaw: 1 },
    eventTargets: [{ url: 'ftp://a.example' }],
  });
  const names = ['mode', 'version', 'contentId', 'sessionId', 'includeKeys', 'custom', 'eventTargets'];
  assert.deepEqual(
    warnings.map(([option]) => option),
    names.map((name) => `cmcd.${name}`),
  );
  const said = saidOf(told, 'playlist');
  assert.match(said.sid, /^"[0-9a-f-]{36}"$/);
  assert.equal(said.yaw, undefined);
  told.end();
});

/** Answers POSTs with these statuses in turn, and keeps what came. */
function serve(...answers) {
  const received = [];
  globalThis.fetch = async (url, { body, headers, method }) => {
    received.push({ url, body, type: headers['Content-Type'], method });
    const { status = 204, headers: sent = {} } = answers.shift() ?? {};
    return { status, headers: new Headers(sent) };
  };
  return received;
}
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('events go out a line each, with the time and a number', async () => {
  const received = serve();
  const { told, video } = playerOf({
    mode: 'none',
    contentId: 'c',
    eventTargets: [{ url: 'https://collect.example/', events: ['ps', 'e', 'm'], batchSize: 2 }],
  });
  told.hear({ kind: 'variants', variants: [{ id: 4, bandwidth: 700_000 }] });
  told.hear({ kind: 'variantchange', id: 4 });
  video.play();
  video.muted = true;
  video.fire('volumechange');
  told.hear({ kind: 'error', code: 'network-status', severity: 'warning' });
  told.end();
  await settled();
  await settled();
  const lines = received.flatMap(({ body }) => body.trimEnd().split('\n'));
  const words = lines.map((line) => /(?:^|,)e=(\w+)/.exec(line)[1]);
  assert.deepEqual(words, ['ps', 'ps', 'ps', 'm', 'e', 'ps']);
  const states = lines.map((line) => /sta=(\w)/.exec(line)[1]);
  assert.deepEqual(states, ['d', 's', 'p', 'p', 'p', 'q']);
  assert.deepEqual(
    lines.map((line) => Number(/sn=(\d+)/.exec(line)[1])),
    [0, 1, 2, 3, 4, 5],
  );
  assert.ok(lines.every((line) => /ts=\d{13}/.test(line) && line.endsWith('v=2')));
  assert.match(lines[4], /br=\(700\).*ec=\("network-status"\)/);
  assert.deepEqual([received[0].type, received[0].method], ['application/cmcd', 'POST']);
  assert.ok(received.every(({ body }) => body.endsWith('\n')));
});

test('what a collector does not take is sent again, in order, and one that is gone gets no more', async () => {
  const received = serve({ status: 503 }, {}, { status: 410 });
  const queue = new EventTargetQueue({ url: 'https://collect.example/' });
  queue.add({ sn: 0 });
  await settled();
  queue.add({ sn: 1 });
  await settled();
  assert.deepEqual(
    received.map(({ body }) => body),
    ['sn=0\n', 'sn=0\nsn=1\n'],
  );
  queue.add({ sn: 2 });
  await settled();
  assert.equal(queue.wants('ps'), false);
  queue.add({ sn: 3 });
  await settled();
  assert.equal(received.length, 3);
});

test('a collector’s wish to be left alone is obeyed, and what waits is bounded', async () => {
  const received = serve({ status: 429, headers: { 'Retry-After': '60' } });
  const queue = new EventTargetQueue({ url: 'https://collect.example/' });
  for (let number = 0; number < 500; number += 1) {
    queue.add({ sn: number });
    await settled();
  }
  assert.equal(received.length, 1);
  await queue.send(true);
  const lines = received[1].body.trimEnd().split('\n');
  assert.deepEqual([lines.length, lines.at(-1)], [200, 'sn=499']);
});

test('whatever a page gives for its targets, it breaks nothing', () => {
  for (const eventTargets of [
    7,
    'https://collect.example/',
    [null],
    [{}],
    [{ url: '/x', events: 'ps' }],
    [{ url: '/x', events: ['nothing'] }],
    [{ url: '/x', intervalSecs: 0 }],
    [{ url: '/x', intervalSecs: 'often' }],
    [{ url: '/x', batchSize: -1 }],
    [{ url: '/x', includeKeys: [{}] }],
  ]) {
    const { told, warnings } = playerOf({ eventTargets });
    assert.deepEqual(
      warnings.map(([option]) => option),
      ['cmcd.eventTargets'],
      JSON.stringify(eventTargets),
    );
    told.end();
  }
  for (const custom of ['text', 5, null, [1]]) {
    const { told } = playerOf({ custom, includeKeys: ['sid'] });
    assert.ok(saidOf(told, 'playlist').sid, String(custom));
    told.end();
  }
});

test('another rate is told of, the little that a live edge takes is not', async () => {
  const received = serve();
  const { told, video } = playerOf({ mode: 'none', eventTargets: [{ url: '/collector', events: ['pr'] }] });
  for (const rate of [1.1, 0.95, 2, 2.1, 1]) {
    video.playbackRate = rate;
    video.fire('ratechange');
    await settled();
  }
  told.end();
  assert.deepEqual(
    received.map(({ body }) => /pr=([\d.]+)/.exec(body)[1]),
    ['2.0', '1.0'],
  );
});
