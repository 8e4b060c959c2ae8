//! Writes MPEG transport streams (ISO/IEC 13818-1) sample by sample: H.264 as an Annex B byte
//! stream, AAC in ADTS frames, one PES packet a sample, so that nothing waits for the next one.

use super::samples::{Codec, Sample, Track};
use bytes::{BufMut, Bytes, BytesMut};

const PACKET: usize = 188;
const PMT_PID: u16 = 0x1000;
const VIDEO_PID: u16 = 0x100;
const AUDIO_PID: u16 = 0x101;
const CLOCK: u64 = 90_000;
/// Time stamps have 33 bits.
const WRAP: u64 = 1 << 33;
/// The clock reference runs ahead of decoding by this much.
const PCR_LEAD: u64 = CLOCK / 10;

/// Writes one programme of a video and an audio stream.
#[derive(Debug)]
pub struct Muxer {
    /// SPS and PPS with start codes.
    parameter_sets: Bytes,
    audio_config: [u8; 2],
    video_timescale: u64,
    audio_timescale: u64,
    /// Decode times are put so much earlier that no picture is shown before it is decoded.
    reordering: u64,
    counters: [u8; 4],
}

impl Muxer {
    /// For these two tracks; `reordering` is the largest negative composition offset, in ticks.
    pub fn new(video: &Track, audio: &Track, reordering: u64) -> Option<Self> {
        let (Codec::Avc { config: avc, .. }, Codec::Aac { config }) = (&video.codec, &audio.codec)
        else {
            return None;
        };
        Some(Self {
            parameter_sets: parameter_sets(avc)?,
            audio_config: [*config.first()?, *config.get(1)?],
            video_timescale: video.timescale.into(),
            audio_timescale: audio.timescale.into(),
            reordering,
            counters: [0; 4],
        })
    }

    /// The tables each segment begins with.
    pub fn tables(&mut self) -> Bytes {
        let mut out = BytesMut::with_capacity(2 * PACKET);
        let pmt = PMT_PID.to_be_bytes();
        let pat = [0, 1, 0xe0 | pmt[0], pmt[1]];
        self.section(&mut out, 0, (0, 0, 1, &pat));
        let [video, audio] = [VIDEO_PID, AUDIO_PID].map(u16::to_be_bytes);
        // The clock is in the video; no descriptors; H.264, and AAC in ADTS.
        let program = [
            [0xe0 | video[0], video[1], 0xf0, 0, 0x1b],
            [0xe0 | video[0], video[1], 0xf0, 0, 0x0f],
            [0xe0 | audio[0], audio[1], 0xf0, 0, 0],
        ];
        self.section(&mut out, 1, (PMT_PID, 2, 1, &program.concat()[..14]));
        out.freeze()
    }

    /// One picture.
    pub fn video(&mut self, sample: &Sample) -> Bytes {
        let mut payload = BytesMut::with_capacity(sample.data.len() + 64);
        // Each access unit begins with a delimiter.
        payload.put_slice(&[0, 0, 0, 1, 9, 0xf0]);
        if sample.is_sync {
            payload.put_slice(&self.parameter_sets);
        }
        let mut rest = sample.data.clone();
        while rest.len() > 4 {
            let length = u32::from_be_bytes([rest[0], rest[1], rest[2], rest[3]]) as usize;
            let _ = rest.split_to(4);
            payload.put_slice(&[0, 0, 0, 1]);
            payload.put_slice(&rest.split_to(length.min(rest.len())));
        }
        let ticks = |units: u64| {
            (u128::from(units) * u128::from(CLOCK) / u128::from(self.video_timescale)) as u64
        };
        let pts = ticks(sample.dts.saturating_add_signed(sample.composition_offset.into()));
        let dts = ticks(sample.dts.saturating_sub(self.reordering));
        let mut header = vec![0, 0, 1, 0xe0, 0, 0, 0x84];
        if pts == dts {
            header.extend([0x80, 5]);
            header.extend(time_stamp(2, pts));
        } else {
            header.extend([0xc0, 10]);
            header.extend(time_stamp(3, pts));
            header.extend(time_stamp(1, dts));
        }
        let flags = if sample.is_sync { 0x50 } else { 0x10 };
        let field = [&[flags][..], &clock_reference(dts)].concat();
        self.packets(2, VIDEO_PID, &field, &[&header, &payload])
    }

    /// One frame of audio.
    pub fn audio(&mut self, sample: &Sample) -> Bytes {
        let ticks = u128::from(sample.dts) * u128::from(CLOCK) / u128::from(self.audio_timescale);
        let adts = adts_header(self.audio_config, sample.data.len());
        let length = (8 + adts.len() + sample.data.len()) as u16;
        let mut header = vec![0, 0, 1, 0xc0];
        header.extend(length.to_be_bytes());
        header.extend([0x84, 0x80, 5]);
        header.extend(time_stamp(2, ticks as u64));
        header.extend(adts);
        self.packets(3, AUDIO_PID, &[0x40], &[&header, &sample.data])
    }

    /// A table of one section in one packet: its PID, table id, the number in its header, content.
    fn section(&mut self, out: &mut BytesMut, counter: usize, table: (u16, u8, u16, &[u8])) {
        let (pid, table_id, extension, content) = table;
        let length = (content.len() + 9) as u16;
        let mut section = vec![table_id];
        section.extend((0xb000 | length).to_be_bytes());
        section.extend(extension.to_be_bytes());
        section.extend([0xc1, 0, 0]);
        section.extend(content);
        let crc = crc_32(&section);
        section.extend(crc.to_be_bytes());
        out.put_u8(0x47);
        out.put_u16(0x4000 | pid);
        out.put_u8(0x10 | self.count(counter));
        out.put_u8(0);
        out.put_slice(&section);
        out.put_bytes(0xff, PACKET - 5 - section.len());
    }

    /// A PES packet in as many packets as it takes; the first has an adaptation field.
    fn packets(&mut self, counter: usize, pid: u16, field: &[u8], parts: &[&[u8]]) -> Bytes {
        let payload = parts.concat();
        let mut out = BytesMut::with_capacity((payload.len() / 184 + 2) * PACKET);
        let (mut rest, mut field) = (&payload[..], field);
        let mut start = 0x4000;
        while !rest.is_empty() {
            let own = if field.is_empty() { 0 } else { field.len() + 1 };
            let room = PACKET - 4 - own;
            let stuffing = room.saturating_sub(rest.len());
            let has_field = own > 0 || stuffing > 0;
            out.put_u8(0x47);
            out.put_u16(start | pid);
            out.put_u8(if has_field { 0x30 } else { 0x10 } | self.count(counter));
            if has_field {
                // The length byte itself counts as stuffing where there was no field.
                let length = own + stuffing - 1;
                out.put_u8(length as u8);
                if own > 0 {
                    out.put_slice(field);
                } else if length > 0 {
                    out.put_u8(0);
                }
                let written = if own > 0 { field.len() } else { length.min(1) };
                out.put_bytes(0xff, length - written);
            }
            let (now, later) = rest.split_at(room.min(rest.len()));
            out.put_slice(now);
            (rest, field, start) = (later, &[], 0);
        }
        out.freeze()
    }

    fn count(&mut self, counter: usize) -> u8 {
        let value = self.counters[counter];
        self.counters[counter] = (value + 1) & 15;
        value
    }
}

/// SPS and PPS of an `avcC` box as an Annex B byte stream.
fn parameter_sets(avcc: &[u8]) -> Option<Bytes> {
    let mut out = BytesMut::new();
    let (mut at, mut left) = (6, avcc.get(5)? & 31);
    let mut is_pps = false;
    loop {
        if left == 0 {
            if is_pps {
                return Some(out.freeze());
            }
            (is_pps, left) = (true, *avcc.get(at)?);
            at += 1;
            continue;
        }
        let length = usize::from(u16::from_be_bytes([*avcc.get(at)?, *avcc.get(at + 1)?]));
        out.put_slice(&[0, 0, 0, 1]);
        out.put_slice(avcc.get(at + 2..at + 2 + length)?);
        at += 2 + length;
        left -= 1;
    }
}

/// An ADTS header without a checksum (ISO/IEC 13818-7 6.2).
fn adts_header([first, second]: [u8; 2], data_len: usize) -> [u8; 7] {
    let profile = (first >> 3) - 1;
    let rate = (first & 7) << 1 | second >> 7;
    let channels = second >> 3 & 15;
    let length = data_len + 7;
    [
        0xff,
        0xf1,
        profile << 6 | rate << 2 | channels >> 2,
        (channels & 3) << 6 | (length >> 11) as u8,
        (length >> 3) as u8,
        (length << 5) as u8 | 0x1f,
        0xfc,
    ]
}

/// A PTS or DTS with its marker bits.
fn time_stamp(prefix: u8, ticks: u64) -> [u8; 5] {
    let ticks = ticks % WRAP;
    [
        prefix << 4 | (ticks >> 29) as u8 & 0x0e | 1,
        (ticks >> 22) as u8,
        (ticks >> 14) as u8 | 1,
        (ticks >> 7) as u8,
        (ticks << 1) as u8 | 1,
    ]
}

fn clock_reference(dts: u64) -> [u8; 6] {
    let base = dts.wrapping_sub(PCR_LEAD) % WRAP;
    let [.., a, b, c, d, e] = (base << 7).to_be_bytes();
    // 33 bits of base, six reserved, nine of extension, which is 0.
    [a, b, c, d, e | 0x7e, 0]
}

/// The checksum of MPEG sections.
#[must_use]
pub fn crc_32(bytes: &[u8]) -> u32 {
    bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte) << 24, |crc, _| {
            if crc >> 31 == 1 { crc << 1 ^ 0x04c1_1db7 } else { crc << 1 }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn muxer() -> Muxer {
        let avcc = b"\x01\x42\xc0\x1f\xff\xe1\x00\x02\x67\x01\x01\x00\x01\x68";
        let video = Codec::Avc { width_px: 2, height_px: 2, config: Bytes::from_static(avcc) };
        let audio = Codec::Aac { config: Bytes::from_static(&[0x11, 0x90]) };
        let track = |timescale, codec| Track { id: 1, timescale, codec, trak: Bytes::new() };
        Muxer::new(&track(90_000, video), &track(48_000, audio), 0).unwrap()
    }

    fn sample(dts: u64, data: Vec<u8>) -> Sample {
        let data = Bytes::from(data);
        Sample { dts, composition_offset: 0, duration: 3000, is_sync: true, data }
    }

    #[test]
    fn checksums_of_tables_come_out_as_zero() {
        let tables = muxer().tables();
        assert_eq!(tables.len(), 2 * PACKET);
        for packet in tables.chunks(PACKET) {
            let length = usize::from(u16::from_be_bytes([packet[6], packet[7]]) & 0xfff);
            assert_eq!(crc_32(&packet[5..8 + length]), 0);
        }
    }

    #[test]
    fn every_size_fills_its_packets() {
        for size in 1..800 {
            let mut data = (size as u32).to_be_bytes().to_vec();
            data.extend(vec![7; size]);
            let mut muxer = muxer();
            for bytes in [muxer.video(&sample(0, data.clone())), muxer.audio(&sample(0, data))] {
                assert_eq!(bytes.len() % PACKET, 0);
                let mut payload = 0;
                for (index, packet) in bytes.chunks(PACKET).enumerate() {
                    assert_eq!((packet[0], packet[3] & 15), (0x47, index as u8 & 15));
                    let has_field = packet[3] & 0x20 != 0;
                    payload += 184 - if has_field { usize::from(packet[4]) + 1 } else { 0 };
                }
                // What the headers of PES, NAL units and ADTS add.
                let added = payload - size;
                assert!(added == 14 + 6 + 12 + 4 - 1 || added == 14 + 7 + 4, "{added} at {size}");
            }
        }
    }

    #[test]
    fn time_stamps_wrap() {
        assert_eq!(time_stamp(2, WRAP + 1), time_stamp(2, 1));
        // Three, fifteen and fifteen bits, a marker behind each.
        let bytes = time_stamp(2, 0b101_000000000000001_100000000000000);
        assert_eq!(bytes, [0b0010_1011, 0, 0b0000_0011, 0b1000_0000, 1]);
    }
}
