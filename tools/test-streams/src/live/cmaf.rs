//! Writes CMAF (ISO/IEC 23000-19): an initialization segment of one track, and chunks of one
//! `moof` and one `mdat`. What it writes is a function of its samples alone, so that two origins
//! of the same source write the same bytes.

use super::fmp4::Header;
use super::samples::{Sample, Track};
use bytes::{BufMut, Bytes, BytesMut};

/// The initialization segment of one track.
pub fn init_segment(header: &Header, track: &Track) -> Bytes {
    let mut out = BytesMut::new();
    boxed(&mut out, b"ftyp", |out| {
        out.put_slice(b"cmf2\0\0\0\0cmf2iso6dash");
    });
    boxed(&mut out, b"moov", |out| {
        out.put_slice(&header.mvhd);
        out.put_slice(&track.trak);
        boxed(out, b"mvex", |out| {
            boxed(out, b"trex", |out| {
                // Version and flags, track, the first sample description, no defaults.
                for word in [0, track.id, 1, 0, 0, 0] {
                    out.put_u32(word);
                }
            });
        });
    });
    out.freeze()
}

/// Samples that follow one another as one chunk.
pub fn chunk(track: &Track, samples: &[Sample]) -> Bytes {
    let Some(first) = samples.first() else { return Bytes::new() };
    let data_len: usize = samples.iter().map(|sample| sample.data.len()).sum();
    let mut out = BytesMut::with_capacity(data_len + 128 + samples.len() * 16);
    let mut data_offset_at = 0;
    boxed(&mut out, b"moof", |out| {
        boxed(out, b"mfhd", |out| {
            out.put_u32(0);
            // Grows with time, and is the same on every origin.
            out.put_u32((first.dts / u64::from(first.duration.max(1))) as u32);
        });
        boxed(out, b"traf", |out| {
            boxed(out, b"tfhd", |out| {
                out.put_u32(0x02_0000); // offsets count from the moof
                out.put_u32(track.id);
            });
            boxed(out, b"tfdt", |out| {
                out.put_u32(1 << 24);
                out.put_u64(first.dts);
            });
            boxed(out, b"trun", |out| {
                // Version 1: signed offsets. Data offset; duration, size, flags, offset of each.
                out.put_u32(1 << 24 | 0x0f01);
                out.put_u32(samples.len() as u32);
                data_offset_at = out.len();
                out.put_u32(0);
                for sample in samples {
                    out.put_u32(sample.duration);
                    out.put_u32(sample.data.len() as u32);
                    // Depends on none; or depends on others and is no sync sample.
                    out.put_u32(if sample.is_sync { 0x0200_0000 } else { 0x0101_0000 });
                    out.put_i32(sample.composition_offset);
                }
            });
        });
    });
    let data_offset = out.len() as u32 + 8;
    out[data_offset_at..data_offset_at + 4].copy_from_slice(&data_offset.to_be_bytes());
    boxed(&mut out, b"mdat", |out| {
        for sample in samples {
            out.put_slice(&sample.data);
        }
    });
    out.freeze()
}

/// A box around what `content` writes.
fn boxed(out: &mut BytesMut, kind: &[u8; 4], content: impl FnOnce(&mut BytesMut)) {
    let start = out.len();
    out.put_u32(0);
    out.put_slice(kind);
    content(out);
    let size = (out.len() - start) as u32;
    out[start..start + 4].copy_from_slice(&size.to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::fmp4::{Event, Reader};
    use crate::live::samples::Codec;

    #[test]
    fn what_is_written_is_read_again() {
        let codec = Codec::Aac { config: Bytes::from_static(&[0x11, 0x90]) };
        let track = Track { id: 3, timescale: 48_000, codec, trak: Bytes::new() };
        let sample = |index: u64, is_sync, data| Sample {
            dts: 1_795_201_600 * 48_000 + index * 1024,
            composition_offset: -5,
            duration: 1024,
            is_sync,
            data: Bytes::from_static(data),
        };
        let samples = [sample(0, true, b"abc"), sample(1, false, b"defg")];
        let chunk = chunk(&track, &samples);
        let events = Reader::default().push(&chunk).unwrap();
        let [Event::Samples(read)] = &events[..] else { panic!("{events:?}") };
        assert_eq!(read.len(), 2);
        for (sample, (id, read)) in samples.iter().zip(read) {
            assert_eq!((*id, &read.data, read.is_sync), (3, &sample.data, sample.is_sync));
            assert_eq!(read.composition_offset, -5);
        }
    }
}
