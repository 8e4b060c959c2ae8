/**
 * How a stream says that its picture lies on the sphere: each carrier, who is heard where they disagree, what is
 * damaged, and the guesses of pages that ask for one. The syntax of the SEI messages is that which ffmpeg reads back.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { guessFormat } from '../../www/spherical_guess.js';
import { readSpherical } from '../../www/spherical_metadata.js';
import { SphericalWatch } from '../../www/spherical_watch.js';

const bytesOf = (parts) =>
  Uint8Array.from(
    parts.flatMap((part) =>
      typeof part === 'string' ? [...Buffer.from(part)] : typeof part === 'number' ? [part] : [...part],
    ),
  );
const u32 = (value) => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255);
const box = (type, ...parts) => {
  const body = bytesOf(parts);
  return bytesOf([u32(body.length + 8), type, body]);
};
const full = (type, ...parts) => box(type, u32(0), ...parts);

const st3d = (mode) => full('st3d', mode);
const equi = (...bounds) => full('equi', ...bounds.map(u32));
const sv3d = (kind) =>
  box('sv3d', full('svhd', 'made by a test\0'), box('proj', full('prhd', u32(0), u32(0), u32(0)), kind));
const vexu = (projection, pack, eyes = 3) =>
  box(
    'vexu',
    box('eyes', full('stri', eyes)),
    box('proj', full('prji', projection)),
    ...(pack ? [box('pack', full('pkin', pack))] : []),
  );
const UUID = Buffer.from('ffcc8263f8554a938814587a02521fdd', 'hex');
const v1 = (stereo, more = '') =>
  box(
    'uuid',
    UUID,
    `<rdf:SphericalVideo><GSpherical:ProjectionType>equirectangular</GSpherical:ProjectionType><GSpherical:StereoMode>${stereo}</GSpherical:StereoMode>${more}</rdf:SphericalVideo>`,
  );

/** Timescale 1000, track 1. */
function init({ entry = [], trak = [], codec = 'avc1' } = {}) {
  const mdhd = full('mdhd', u32(0), u32(0), u32(1000), u32(0), u32(0));
  const sample = box(codec, new Uint8Array(78), ...entry);
  return bytesOf([
    box('ftyp', 'isom', u32(0)),
    box(
      'moov',
      box(
        'trak',
        full('tkhd', u32(0), u32(0), u32(1), new Uint8Array(68)),
        box(
          'mdia',
          mdhd,
          full('hdlr', u32(0), 'vide', new Uint8Array(13)),
          box('minf', box('stbl', full('stsd', u32(1), sample))),
        ),
        ...trak,
      ),
    ),
  ]);
}
const moof = (millis) => box('moof', box('traf', full('tfhd', u32(1)), full('tfdt', u32(millis))));
const told = (from, messages = []) => {
  const { startSecs, ...format } = readSpherical(init(from), moof(2500), messages);
  assert.equal(startSecs, 2.5);
  return format;
};

const boxes = [
  [
    'sv3d, whole',
    { entry: [sv3d(equi(0, 0, 0, 0))] },
    { projection: 'equirect-360', projectionSource: 'sv3d' },
  ],
  [
    'sv3d, half',
    { entry: [sv3d(equi(0, 0, 0x40000000, 0x40000000))] },
    { projection: 'equirect-180', projectionSource: 'sv3d' },
  ],
  [
    'sv3d, cubemap',
    { entry: [sv3d(full('cbmp', u32(0), u32(0)))] },
    { projection: 'cubemap-3x2', projectionSource: 'sv3d' },
  ],
  ['sv3d, mesh', { entry: [sv3d(full('mshp', u32(0)))] }, { projection: 'mesh', projectionSource: 'sv3d' }],
  ['st3d, mono', { entry: [st3d(0)] }, { stereo: 'mono', stereoSource: 'st3d' }],
  ['st3d, top-bottom', { entry: [st3d(1)] }, { stereo: 'top-bottom', stereoSource: 'st3d' }],
  ['st3d, left-right', { entry: [st3d(2)] }, { stereo: 'side-by-side', stereoSource: 'st3d' }],
  [
    'st3d, right-left',
    { entry: [st3d(4)] },
    { stereo: 'side-by-side', stereoSource: 'st3d', eyesSwapped: true },
  ],
  ['st3d, custom', { entry: [st3d(3)] }, {}],
  [
    'vexu, half, packed',
    { entry: [vexu('hequ', 'side')] },
    { projection: 'equirect-180', projectionSource: 'vexu', stereo: 'side-by-side', stereoSource: 'vexu' },
  ],
  [
    'vexu, reversed',
    { entry: [vexu('equi', 'over', 11)] },
    {
      projection: 'equirect-360',
      projectionSource: 'vexu',
      stereo: 'top-bottom',
      stereoSource: 'vexu',
      eyesSwapped: true,
    },
  ],
  [
    'vexu, layers of MV-HEVC',
    { entry: [vexu('rect')], codec: 'hvc1' },
    { projection: 'flat', projectionSource: 'vexu', stereo: 'mono', stereoSource: 'vexu' },
  ],
  [
    'uuid',
    { trak: [v1('left-right')] },
    { projection: 'equirect-360', projectionSource: 'uuid', stereo: 'side-by-side', stereoSource: 'uuid' },
  ],
  [
    'uuid, cropped to half',
    {
      trak: [
        v1(
          'mono',
          '<GSpherical:CroppedAreaImageWidthPixels>1000</GSpherical:CroppedAreaImageWidthPixels><GSpherical:FullPanoWidthPixels>2000</GSpherical:FullPanoWidthPixels>',
        ),
      ],
    },
    { projection: 'equirect-180', projectionSource: 'uuid', stereo: 'mono', stereoSource: 'uuid' },
  ],
  ['nothing', {}, {}],
];
for (const [name, from, format] of boxes) {
  test(`boxes: ${name}`, () => assert.deepEqual(told(from), format));
}

const ERP = [150, Uint8Array.of(0x40)];
const CUBEMAP = [151, Uint8Array.of(0x60)];
/** ue(0), no cancel, seven bits of type, no quincunx, six bits of interpretation. */
const packing = (type, interpretation = 1, isCancelled = false) => {
  const text =
    `1${isCancelled ? 1 : 0}${type.toString(2).padStart(7, '0')}0${interpretation.toString(2).padStart(6, '0')}`.padEnd(
      32,
      '0',
    );
  return [45, Uint8Array.from(text.match(/.{8}/g), (byte) => Number.parseInt(byte, 2))];
};
for (const [name, messages, format] of [
  ['equirectangular', [ERP], { projection: 'equirect-360', projectionSource: 'sei' }],
  ['cubemap', [CUBEMAP], { projection: 'cubemap-3x2', projectionSource: 'sei' }],
  ['taken back', [[150, Uint8Array.of(0x80)]], {}],
  ['side by side', [packing(3)], { stereo: 'side-by-side', stereoSource: 'sei' }],
  [
    'over and under, right eye first',
    [packing(4, 2)],
    { stereo: 'top-bottom', stereoSource: 'sei', eyesSwapped: true },
  ],
  ['checkerboard', [packing(0)], {}],
  ['packing taken back', [packing(3, 1, true)], {}],
  [
    'both',
    [ERP, packing(4)],
    { projection: 'equirect-360', projectionSource: 'sei', stereo: 'top-bottom', stereoSource: 'sei' },
  ],
  [
    'empty',
    [
      [45, new Uint8Array()],
      [150, new Uint8Array()],
    ],
    {},
  ],
]) {
  test(`SEI: ${name}`, () => assert.deepEqual(told({}, messages), format));
}

test('where they disagree V2 goes before Apple’s, that before V1, and SEI come last', () => {
  const entry = [vexu('hequ', 'side')];
  const trak = [v1('top-bottom')];
  const messages = [CUBEMAP, packing(4)];
  const of = (from) => {
    const { projection, projectionSource, stereo, stereoSource } = told(from, messages);
    return [projection, projectionSource, stereo, stereoSource];
  };
  assert.deepEqual(of({ entry: [st3d(0), sv3d(equi(0, 0, 0, 0)), ...entry], trak }), [
    'equirect-360',
    'sv3d',
    'mono',
    'st3d',
  ]);
  assert.deepEqual(of({ entry, trak }), ['equirect-180', 'vexu', 'side-by-side', 'vexu']);
  assert.deepEqual(of({ trak }), ['equirect-360', 'uuid', 'top-bottom', 'uuid']);
  assert.deepEqual(of({}), ['cubemap-3x2', 'sei', 'top-bottom', 'sei']);
});

test('what is cut off or made of chance says nothing, and does no harm', () => {
  const whole = init({ entry: [st3d(1), sv3d(equi(0, 0, 0, 0)), vexu('equi', 'side')], trak: [v1('mono')] });
  for (let length = 0; length < whole.length; length += 1)
    readSpherical(whole.subarray(0, length), moof(0), []);
  let seed = 7;
  for (let round = 0; round < 3000; round += 1) {
    const damaged = Uint8Array.from(whole);
    for (let change = 0; change < 4; change += 1) {
      seed = (seed * 1103515245 + 12345) % 2 ** 31;
      damaged[seed % damaged.length] = seed >> 16;
    }
    readSpherical(damaged, damaged, [[45, damaged.subarray(seed % 99)]]);
  }
});

/** A fragment whose first sample begins with such NAL units. */
const fragment = (...units) =>
  bytesOf([moof(4000), box('mdat', ...units.flatMap((unit) => [u32(unit.length), unit]))]);
const seiUnit = (head, ...messages) => {
  const payload = messages.flatMap(([type, bytes]) => [type, bytes.length, ...bytes]);
  // Emulation prevention (ITU-T H.264 7.4.1).
  const escaped = [];
  for (const byte of payload) {
    if (byte <= 3 && escaped.at(-1) === 0 && escaped.at(-2) === 0) escaped.push(3);
    escaped.push(byte);
  }
  return Uint8Array.from([...head, ...escaped, 0x80]);
};

/** What a watch tells of these appends. */
async function watched(...appends) {
  const heard = [];
  const watch = new SphericalWatch(
    (event) => heard.push(event),
    (reason) => assert.fail(reason),
  );
  for (const bytes of appends) {
    watch.look(bytes, String.fromCharCode(...bytes.subarray(4, 8)) === 'ftyp', 10);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return heard;
}
const SLICE = Uint8Array.of(0x65, 1, 2, 3, 4, 5, 6);

test('the first picture’s SEI are found, of H.264 and HEVC, behind others and escaped', async () => {
  const other = [5, new Uint8Array(4)];
  const zeros = [45, Uint8Array.of(packing(4)[1][0], packing(4)[1][1], 0, 0, 0, 1)];
  const h264 = fragment(Uint8Array.of(9, 0xf0), seiUnit([6], other, zeros), SLICE);
  const format = { stereo: 'top-bottom', stereoSource: 'sei' };
  assert.deepEqual(await watched(init(), h264), [{ kind: 'spherical', startSecs: 14, format }]);
  const hevcSlice = Uint8Array.of(0x26, 1, 2, 3, 4, 5, 6);
  const hevc = fragment(seiUnit([0x4e, 1], ERP), hevcSlice);
  assert.deepEqual(
    (await watched(init({ codec: 'hvc1' }), hevc)).map((event) => event.format.projection),
    ['equirect-360'],
  );
  assert.deepEqual(await watched(init(), fragment(SLICE, seiUnit([6], ERP))), [], 'behind a slice');
  assert.deepEqual(await watched(init(), fragment(seiUnit([6], other), SLICE)), [], 'others');
});

test('it is told when it changes, and not again', async () => {
  const [first, second] = [init({ entry: [st3d(1)] }), init({ entry: [st3d(2)] })];
  const media = fragment(SLICE);
  const heard = await watched(first, media, media, init(), media, second, media, first, media);
  assert.deepEqual(
    heard.map((event) => event.format.stereo),
    ['top-bottom', 'side-by-side', 'top-bottom'],
    'an init segment that says nothing takes nothing back',
  );
});

test('another init segment before the reader is there takes nothing away, another stream does', async () => {
  const heard = [];
  const watch = new SphericalWatch((event) => heard.push(event.format.stereo), assert.fail);
  const say = (mode) => {
    watch.look(init({ entry: [st3d(mode)] }), true, 0);
    watch.look(fragment(SLICE), false, 0);
  };
  say(1);
  watch.reset();
  say(2);
  say(0);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(heard, ['side-by-side', 'mono']);
});

test('damaged fragments are let pass', async () => {
  const whole = fragment(seiUnit([6], ERP), SLICE);
  for (let length = 0; length < whole.length; length += 1) {
    const watch = new SphericalWatch(() => {}, assert.fail);
    watch.look(init(), true, 0);
    watch.look(whole.subarray(0, length), false, 0);
  }
});

test('a guess is by the words of a name, then by the shape', () => {
  const guess = (name, width = 1920, height = 1080) => {
    const { projection, stereo, eyesSwapped, projectionSource, stereoSource } = guessFormat(
      `https://a.example/${name}`,
      width,
      height,
    );
    return [projection, projection && projectionSource, stereo, stereo && stereoSource, eyesSwapped].filter(
      (each) => each !== undefined,
    );
  };
  assert.deepEqual(guess('dive_180x180_3dh_LR.mp4'), ['equirect-180', 'name', 'side-by-side', 'name']);
  assert.deepEqual(guess('a%20360.TB.m3u8?x=180'), ['equirect-360', 'name', 'top-bottom', 'name']);
  assert.deepEqual(guess('x_360_BT.mp4'), ['equirect-360', 'name', 'top-bottom', 'name', true]);
  assert.deepEqual(guess('show-fisheye190.mp4'), ['fisheye', 'name']);
  assert.deepEqual(guess('turbo.m3u8'), [], 'a part of a word is no word, and 16:9 says nothing');
  assert.deepEqual(guess('a.m3u8', 3840, 1920), ['equirect-360', 'shape', 'mono', 'shape']);
  assert.deepEqual(guess('a.m3u8', 2048, 2048), ['top-bottom', 'shape']);
  assert.deepEqual(guess('a_180.m3u8', 4096, 2048), ['equirect-180', 'name', 'side-by-side', 'shape']);
  assert.deepEqual(guess('a_%E0%A4%A.mp4'), [], 'no address');
});
