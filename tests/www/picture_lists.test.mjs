/** Playlists of pictures: I-frames by byte ranges, sheets of tiles, and what is no such list. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fittingRendition, pictureAt, picturesOf, renditionsOf } from '../../www/picture_lists.js';

const FROM = 'https://a.example/v/master.m3u8?token=t1';

test('renditions of I-frames and of images, with variables', () => {
  const { images, iframes, variables } = renditionsOf(
    `#EXTM3U
#EXT-X-DEFINE:NAME="folder",VALUE="small"
#EXT-X-DEFINE:QUERYPARAM="token"
#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS="avc1.4d401f,mp4a.40.2"
v.m3u8
#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=9000,RESOLUTION=480x240,CODECS="avc1.4d4015",URI="{$folder}/i.m3u8?t={$token}"
#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=9000\r
#EXT-X-I-FRAME-STREAM-INF:URI="b,c.m3u8"
#EXT-X-IMAGE-STREAM-INF:BANDWIDTH=100,RESOLUTION=320x160,CODECS="jpeg",URI="http://["
#EXT-X-IMAGE-STREAM-INF:BANDWIDTH=100,RESOLUTION=320x160,CODECS="jpeg",URI="/images.m3u8"
`,
    FROM,
  );
  assert.deepEqual(iframes, [
    {
      url: 'https://a.example/v/small/i.m3u8?t=t1',
      bandwidth: 9000,
      width: 480,
      height: 240,
      codecs: 'avc1.4d4015',
    },
    { url: 'https://a.example/v/b,c.m3u8', bandwidth: 0, width: 0, height: 0, codecs: '' },
  ]);
  assert.deepEqual(
    images.map(({ url, codecs }) => [url, codecs]),
    [['https://a.example/images.m3u8', 'jpeg']],
  );
  assert.deepEqual(
    [...variables],
    [
      ['folder', 'small'],
      ['token', 't1'],
    ],
  );
});

test('the smallest that is wide enough, or the widest', () => {
  const of = (...sizes) => sizes.map(([width, bandwidth = 1]) => ({ width, bandwidth }));
  const chosen = (renditions, wanted) => fittingRendition(renditions, wanted)?.width;
  assert.equal(chosen(of([960], [240], [480]), 300), 480);
  assert.equal(chosen(of([960], [240], [480]), 480), 480);
  assert.equal(chosen(of([240], [480]), 900), 480);
  assert.equal(chosen(of([0], [240]), 900), 240);
  assert.equal(fittingRendition(of([480, 9], [480, 5]), 100)?.bandwidth, 5);
  assert.equal(chosen([], 100), undefined);
});

test('I-frames are ranges of segments, after one another', () => {
  const list = picturesOf(
    `#EXTM3U
#EXT-X-TARGETDURATION:4
#EXT-X-I-FRAMES-ONLY
#EXT-X-DEFINE:IMPORT="name"
#EXT-X-MAP:URI="init.mp4",BYTERANGE="700"
#EXTINF:2.5,
#EXT-X-BYTERANGE:100@20
{$name}.mp4
#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:10.500Z
#EXTINF:1.5,a title
#EXT-X-BYTERANGE:50
{$name}.mp4
#EXT-X-KEY:METHOD=AES-128,URI="k"
#EXTINF:2,
#EXT-X-BYTERANGE:50
other.mp4
#EXT-X-KEY:METHOD=NONE
#EXTINF:2,
last.mp4
#EXT-X-ENDLIST`,
    'https://a.example/v/i.m3u8',
    new Map([['name', 'seg']]),
  );
  const map = { url: 'https://a.example/v/init.mp4', range: { offset: 0, length: 700 } };
  assert.deepEqual(
    list.entries.map(({ url, range, startSecs, secs, encryption }) => [
      url.slice('https://a.example/v/'.length),
      range && [range.offset, range.length],
      startSecs,
      secs,
      encryption,
    ]),
    [
      ['seg.mp4', [20, 100], 0, 2.5, undefined],
      ['seg.mp4', [120, 50], 2.5, 1.5, undefined],
      // Where it would begin is not said.
      ['other.mp4', undefined, 4, 2, 'AES-128'],
      ['last.mp4', undefined, 6, 2, undefined],
    ],
  );
  assert.ok(list.entries.every((entry) => entry.map?.url === map.url && entry.map.range?.length === 700));
  const { secs, targetSecs, isEnded, startUnixMillis } = list;
  assert.deepEqual([secs, targetSecs, isEnded], [8, 4, true]);
  assert.equal(new Date(startUnixMillis).toISOString(), '2026-01-01T00:00:08.000Z');
  const at = (from) => pictureAt(list, from)?.entry.startSecs;
  assert.deepEqual([-0.1, 0, 2.4, 2.5, 7.9, 8].map(at), [undefined, 0, 0, 2.5, 6, undefined]);
});

test('tiles lie in rows, and the last sheet may be short', () => {
  const list = picturesOf(
    `#EXTM3U
#EXT-X-IMAGES-ONLY
#EXTINF:12,
#EXT-X-TILES:RESOLUTION=80x40,LAYOUT=3x2,DURATION=2
a.jpg
#EXTINF:5,
#EXT-X-TILES:RESOLUTION=80x40,LAYOUT=3x2,DURATION=2
b.jpg
#EXTINF:6,
#EXT-X-TILES:RESOLUTION=80x40,LAYOUT=2x1
c.jpg
#EXTINF:1,
#EXT-X-TILES:RESOLUTION=80x40,LAYOUT=0x1
d.jpg`,
    FROM,
  );
  const at = (secs) => {
    const { entry, startSecs, endSecs, tile } = pictureAt(list, secs);
    return [entry.url.slice(-5), startSecs, endSecs, tile && [tile.column, tile.row]];
  };
  assert.deepEqual(at(0), ['a.jpg', 0, 2, [0, 0]]);
  assert.deepEqual(at(7.5), ['a.jpg', 6, 8, [0, 1]]);
  assert.deepEqual(at(11.9), ['a.jpg', 10, 12, [2, 1]]);
  assert.deepEqual(at(16.5), ['b.jpg', 16, 17, [2, 0]]);
  assert.deepEqual(at(20.5), ['c.jpg', 20, 23, [1, 0]]);
  assert.deepEqual(at(23.5), ['d.jpg', 23, 24, undefined]);
});

test('damage: no list, no numbers, no end', () => {
  assert.equal(picturesOf('#EXTM3U\n#EXTINF:2,\na.ts', FROM), null);
  assert.equal(picturesOf('', FROM), null);
  const text = `#EXTM3U\n#EXT-X-I-FRAMES-ONLY\n#EXTINF:-4,\na\n#EXTINF:1e99,\nb\n#EXTINF:x,\nc\n#EXT-X-BYTERANGE:9@9999999999999999\nd
#EXT-X-PROGRAM-DATE-TIME:never\n#EXT-X-TILES\n#EXT-X-MAP:URI=""\n#EXTINF:2,\ne`;
  const { entries, secs, startUnixMillis } = picturesOf(text, FROM);
  assert.deepEqual([entries.length, secs, startUnixMillis], [5, 2, null]);
  assert.deepEqual(entries[3].range, undefined);
  assert.equal(entries[4].map, undefined);
  // No more than are of use, and no line without an end.
  const many = `#EXTM3U\n#EXT-X-I-FRAMES-ONLY\n${'#EXTINF:1,\na\n'.repeat(100_005)}`;
  assert.equal(picturesOf(many, FROM).entries.length, 100_000);
  assert.equal(picturesOf(`#EXTM3U\n#EXT-X-I-FRAMES-ONLY\n${'a'.repeat(70_000)}`, FROM).entries.length, 0);
  // Variables that grow by one another stay small.
  let grown = '#EXTM3U\n#EXT-X-DEFINE:NAME="v0",VALUE="0123456789"\n';
  for (let at = 1; at < 30; at += 1) {
    grown += `#EXT-X-DEFINE:NAME="v${at}",VALUE="${`{$v${at - 1}}`.repeat(10)}"\n`;
  }
  const { variables } = renditionsOf(grown, FROM);
  assert.ok([...variables.values()].every(({ length }) => length <= 4096));
});
