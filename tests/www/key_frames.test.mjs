/** Key frames in stretches of segments: as ffprobe finds them, and of damaged bytes none, at an end. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { keyFrameOfBoxes } from '../../www/key_frame_boxes.js';
import { isTransportStream, keyFrameOfPackets } from '../../www/key_frame_packets.js';

const fixture = (name) => new Uint8Array(readFileSync(new URL(`../fixtures/${name}`, import.meta.url)));

/** Every part of it that ends early, and every byte of its head turned over. */
function* damaged(bytes, head) {
  for (let length = 0; length < head; length += 7) yield bytes.slice(0, length);
  for (let at = 0; at < head; at += 1) {
    const copy = bytes.slice(0, head);
    copy[at] ^= 0xff;
    yield copy;
  }
}

test('the first sample of the picture’s track in a fragment of two tracks', () => {
  const init = fixture('cmaf_init.mp4');
  const segment = fixture('cmaf_0.mp4');
  // ffprobe -show_entries packet=pos,size: 3207 bytes at 2754, of which the init section takes 1354.
  const { data, format, codec, description, isEncrypted } = keyFrameOfBoxes(init, segment, 0);
  assert.deepEqual([format, codec, isEncrypted], ['avc1', 'avc1.64000c', false]);
  assert.deepEqual(data, segment.slice(1400, 4607));
  assert.equal(description[0], 1);
  // A range that ends with the frame, or in it, as those of ffmpeg do.
  assert.deepEqual(keyFrameOfBoxes(init, segment.slice(0, 4607), 0).data, data);
  assert.equal(keyFrameOfBoxes(init, segment.slice(0, 4000), 0).data.length, 2600);
  // Nothing of the frame, no fragment, no init section.
  assert.equal(keyFrameOfBoxes(init, segment.slice(0, 1400), 0), null);
  assert.equal(keyFrameOfBoxes(init, new Uint8Array(), 0), null);
  assert.equal(keyFrameOfBoxes(new Uint8Array(), segment, 0), null);
});

/** A box of numbers of four bytes, and other boxes. */
function box(type, ...parts) {
  const inside = parts.flatMap((part) =>
    typeof part === 'number' ? [...new Uint8Array(new Uint32Array([part]).buffer)].reverse() : [...part],
  );
  const size = box.head(inside.length + 8);
  return new Uint8Array([...size, ...new TextEncoder().encode(type), ...inside]);
}
box.head = (size) => [24, 16, 8, 0].map((shift) => (size >> shift) & 255);

test('places that count from the head of the resource, and sizes that are said once for all', () => {
  const init = fixture('cmaf_init.mp4');
  const media = new Uint8Array(40).map((_, at) => at);
  const fragment = (tfhd, trun) =>
    new Uint8Array([
      ...box('moof', box('traf', box('tfhd', ...tfhd), box('trun', ...trun))),
      ...box('mdat', media),
    ]);
  // base-data-offset and a default size; the frame lies 72 bytes behind 5000, where the range begins.
  const based = fragment([0x11, 1, 0, 5000, 12], [1, 1, 72]);
  assert.equal(based.length, 112);
  assert.deepEqual(keyFrameOfBoxes(init, based, 5000).data, media.slice(0, 12));
  assert.equal(keyFrameOfBoxes(init, based, 6000), null);
  // Without any offset it is what follows.
  assert.deepEqual(keyFrameOfBoxes(init, fragment([0x10, 1, 7], [0, 1]), 0).data, media.slice(0, 7));
  // Of another track; and of no size.
  assert.equal(keyFrameOfBoxes(init, fragment([0x10, 9, 7], [0, 1]), 0), null);
  assert.equal(keyFrameOfBoxes(init, fragment([0x10, 1, 0], [0, 1]), 0), null);
});

test('HEVC in its own words', () => {
  const file = fixture('captions_hevc.mp4');
  const found = keyFrameOfBoxes(file, file, 0);
  // ffprobe: 35 bytes at 3700.
  assert.deepEqual([found.format, found.codec, found.description[0]], ['hev1', undefined, 1]);
  assert.deepEqual(found.data, file.slice(3700, 3735));
});

test('damaged boxes give a frame or none, and no more than there is', () => {
  const init = fixture('cmaf_init.mp4');
  const segment = fixture('cmaf_0.mp4');
  for (const bytes of damaged(init, init.length)) keyFrameOfBoxes(bytes, segment, 0);
  for (const bytes of damaged(segment, 1500)) {
    const found = keyFrameOfBoxes(init, bytes, 0);
    assert.ok(!found || found.data.length <= bytes.length);
  }
});

test('the first picture of a transport stream, with tables and without', () => {
  const segment = fixture('vod_0.ts');
  // ffprobe -show_entries packet=pos,size: 3251 bytes, in packets from 564 on.
  const { data, format, codec, isEncrypted } = keyFrameOfPackets(segment);
  assert.deepEqual([data.length, format, codec, isEncrypted], [3251, 'avc1', 'avc1.64000c', false]);
  assert.deepEqual([...data.slice(0, 4)], [0, 0, 0, 1]);
  const bare = keyFrameOfPackets(segment.slice(564));
  assert.deepEqual([bare.data, bare.codec], [data, codec]);
  // A range that begins or ends within a packet.
  assert.deepEqual(keyFrameOfPackets(segment.slice(100)).data, data);
  const cut = keyFrameOfPackets(segment.slice(0, 564 + 188 * 2 + 90)).data;
  assert.deepEqual(cut, data.slice(0, cut.length));
  assert.ok(cut.length > 300 && cut.length < 466);
  assert.equal(keyFrameOfPackets(segment.slice(0, 500)), null);
  assert.equal(keyFrameOfPackets(new Uint8Array()), null);
  assert.ok(!isTransportStream(fixture('cmaf_0.mp4')) && isTransportStream(segment));
});

test('HEVC in a transport stream, and what SAMPLE-AES hides', () => {
  const found = keyFrameOfPackets(fixture('hevc.ts'));
  // ffprobe counts one more: the first byte of the next picture's start code.
  assert.deepEqual([found.data.length, found.format, found.codec], [4341, 'hvc1', undefined]);
  assert.equal(keyFrameOfPackets(fixture('sample_aes/v.ts')).isEncrypted, true);
});

test('damaged packets give a picture or none, and no more than there is', () => {
  const segment = fixture('vod_0.ts');
  for (const bytes of damaged(segment, 1200)) {
    const found = keyFrameOfPackets(bytes);
    assert.ok(!found || found.data.length <= bytes.length);
  }
});
