//! Media segments: `moof` and `mdat` of one track (ISO/IEC 14496-12 8.8).
//!
//! In: a payload with head room before it, and its samples. Out: the same buffer with the boxes
//! written right-aligned before the payload, which does not move.

use super::boxes::BoxWriter;
use super::fragment_bytes::FragmentBytes;

/// One sample, in its track's timescale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sample {
    pub len: usize,
    pub duration: u32,
    pub is_key: bool,
    /// Presentation less decode time.
    pub composition_offset: i32,
}

/// A fragment to be written.
#[derive(Debug)]
pub(super) struct Fragment {
    pub track_id: u32,
    /// `mfhd.sequence_number`.
    pub sequence_number: u32,
    pub base_decode_time: u64,
    pub samples: Vec<Sample>,
    /// Head room, then the samples from `payload_start` to the end.
    pub payload: Vec<u8>,
    pub payload_start: usize,
}

const MDAT_HEADER_LEN: usize = 8;
const SYNC_SAMPLE: u32 = 0x0200_0000;
const NON_SYNC_SAMPLE: u32 = 0x0101_0000;

/// Writes the boxes before the payload.
pub(super) fn write(fragment: Fragment) -> FragmentBytes {
    let Fragment { mut payload, mut payload_start, .. } = fragment;
    let head = head(&HeadFields {
        track_id: fragment.track_id,
        sequence_number: fragment.sequence_number,
        base_decode_time: fragment.base_decode_time,
        samples: &fragment.samples,
        payload_len: payload.len() - payload_start,
    });
    if head.len() > payload_start {
        // Thousands of samples: only then is the payload moved.
        payload.splice(0..0, core::iter::repeat_n(0, head.len() - payload_start));
        payload_start = head.len();
    }
    let start = payload_start - head.len();
    payload[start..payload_start].copy_from_slice(&head);
    // It may be long before it is appended: until then a short one is not to hold a large buffer.
    if payload.len() - start < payload.capacity() / 2 {
        return FragmentBytes::new(payload[start..].to_vec(), 0);
    }
    FragmentBytes::new(payload, start)
}

struct HeadFields<'a> {
    track_id: u32,
    sequence_number: u32,
    base_decode_time: u64,
    samples: &'a [Sample],
    payload_len: usize,
}

/// `moof` and the header of `mdat`.
fn head(fields: &HeadFields<'_>) -> Vec<u8> {
    const DEFAULT_BASE_IS_MOOF: u32 = 0x02_0000;
    const DEFAULT_DURATION: u32 = 0x08;
    const DEFAULT_FLAGS: u32 = 0x20;
    const DATA_OFFSET: u32 = 0x001;
    const SAMPLE_DURATION: u32 = 0x100;
    const SAMPLE_SIZE: u32 = 0x200;
    const SAMPLE_FLAGS: u32 = 0x400;
    const SAMPLE_COMPOSITION_OFFSET: u32 = 0x800;
    /// Composition offsets are signed.
    const VERSION_1: u32 = 0x0100_0000;

    let samples = fields.samples;
    let first = samples.first();
    let all = |is_same: fn(&Sample, &Sample) -> bool| {
        samples.iter().all(|sample| first.is_some_and(|first| is_same(first, sample)))
    };
    // Audio is all alike; then the sizes alone are listed.
    let same_duration = all(|a, b| a.duration == b.duration);
    let same_flags = all(|a, b| a.is_key == b.is_key);
    let has_offsets = samples.iter().any(|sample| sample.composition_offset != 0);
    let flags = |is_key| if is_key { SYNC_SAMPLE } else { NON_SYNC_SAMPLE };
    let mut data_offset_at = 0;

    let mut writer = BoxWriter::default();
    writer.put_box(b"moof", |writer| {
        writer.put_full_box(b"mfhd", 0, |writer| writer.put_u32(fields.sequence_number));
        writer.put_box(b"traf", |writer| {
            let mut present = DEFAULT_BASE_IS_MOOF;
            present |= if same_duration { DEFAULT_DURATION } else { 0 };
            present |= if same_flags { DEFAULT_FLAGS } else { 0 };
            writer.put_full_box(b"tfhd", present, |writer| {
                writer.put_u32(fields.track_id);
                if same_duration {
                    writer.put_u32(first.map_or(0, |first| first.duration));
                }
                if same_flags {
                    writer.put_u32(flags(first.is_some_and(|first| first.is_key)));
                }
            });
            writer.put_full_box(b"tfdt", VERSION_1, |writer| {
                writer.put_u64(fields.base_decode_time);
            });
            let mut present = VERSION_1 | DATA_OFFSET | SAMPLE_SIZE;
            present |= if same_duration { 0 } else { SAMPLE_DURATION };
            present |= if same_flags { 0 } else { SAMPLE_FLAGS };
            present |= if has_offsets { SAMPLE_COMPOSITION_OFFSET } else { 0 };
            writer.put_full_box(b"trun", present, |writer| {
                writer.put_u32(samples.len() as u32);
                data_offset_at = writer.len();
                writer.put_u32(0);
                for sample in samples {
                    if !same_duration {
                        writer.put_u32(sample.duration);
                    }
                    writer.put_u32(sample.len as u32);
                    if !same_flags {
                        writer.put_u32(flags(sample.is_key));
                    }
                    if has_offsets {
                        writer.put_u32(sample.composition_offset as u32);
                    }
                }
            });
        });
    });
    writer.set_u32(data_offset_at, (writer.len() + MDAT_HEADER_LEN) as u32);
    writer.put_u32((fields.payload_len + MDAT_HEADER_LEN) as u32);
    writer.put(b"mdat");
    writer.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fragment(count: usize, head_room: usize) -> Fragment {
        let sample = Sample { len: 300, duration: 1024, is_key: true, composition_offset: 0 };
        let mut payload = vec![0; head_room];
        payload.extend((0..count * 300).map(|index| index as u8));
        Fragment {
            track_id: 2,
            sequence_number: 7,
            base_decode_time: 48_000,
            samples: vec![sample; count],
            payload_start: head_room,
            payload,
        }
    }

    #[test]
    fn the_payload_stays_in_place_while_there_is_head_room() {
        let roomy = fragment(10, 1000);
        let address = roomy.payload.as_ptr();
        let written = write(roomy);
        assert_eq!(written.as_slice().as_ptr_range().end, address.wrapping_add(4000));
        let tight = write(fragment(10, 4));
        assert_eq!(tight.as_slice(), written.as_slice());
        assert_eq!(&written.as_slice()[written.as_slice().len() - 3..], &[181, 182, 183]);
    }

    #[test]
    fn a_short_fragment_holds_no_large_buffer() {
        let written = write(fragment(2, 8000));
        assert_eq!(written.as_slice().len(), written.held_len());
        assert!(written.as_slice().ends_with(&[85, 86, 87]));
    }
}
