//! A transport stream without an end, from the two consecutive segments of the fixtures: their
//! timestamps moved on, their continuity counters too.
//!
//! In: which segments begin a clock of their own. Out: as many segments as wanted. Independent of
//! the library, which it judges.

use std::collections::BTreeMap;
use std::rc::Rc;

const PACKET_LEN: usize = 188;
/// The two segments together, in ticks of 90 kHz.
const PAIR_TICKS: u64 = 360_000;
/// After a discontinuity the clock is elsewhere.
const OTHER_CLOCK_TICKS: u64 = 90_000 * 7000;

/// The elementary streams of the fixtures.
pub const VIDEO_PID: u16 = 0x100;
pub const AUDIO_PID: u16 = 0x101;

/// A segment without the packets of one stream, which its program map still names.
pub fn without(segment: &[u8], unwanted: u16) -> Rc<Vec<u8>> {
    let is_kept = |packet: &&[u8]| pid_of(packet) != unwanted;
    Rc::new(segment.chunks_exact(PACKET_LEN).filter(is_kept).flatten().copied().collect())
}

fn pid_of(packet: &[u8]) -> u16 {
    u16::from_be_bytes([packet[1] & 0x1f, packet[2]])
}

/// `count` segments of two seconds each.
pub fn segments(count: u64, discontinuities: &[u64]) -> Vec<Rc<Vec<u8>>> {
    let files = ["vod_0.ts", "vod_1.ts"].map(|name| {
        let path = format!("{}/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
        std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
    });
    let mut counters = BTreeMap::new();
    let mut segment = |number: u64| {
        let began = discontinuities.iter().filter(|at| **at <= number).max();
        let index = number - began.unwrap_or(&0);
        let clock_ticks = began.map_or(0, |_| OTHER_CLOCK_TICKS);
        let mut bytes = files[(index % 2) as usize].clone();
        for packet in bytes.chunks_exact_mut(PACKET_LEN) {
            move_on(packet, index / 2 * PAIR_TICKS + clock_ticks, &mut counters);
        }
        Rc::new(bytes)
    };
    (0..count).map(&mut segment).collect()
}

fn move_on(packet: &mut [u8], by_ticks: u64, counters: &mut BTreeMap<u16, u8>) {
    assert_eq!(packet[0], 0x47);
    let pid = pid_of(packet);
    let has_adaptation = packet[3] & 0x20 != 0;
    let has_payload = packet[3] & 0x10 != 0;
    let mut payload_at = 4;
    if has_adaptation {
        payload_at = 5 + usize::from(packet[4]);
        if packet[4] > 0 && packet[5] & 0x10 != 0 {
            let base = packet[6..11].iter().fold(0_u64, |base, byte| base << 8 | u64::from(*byte));
            // 33 bits of base above six reserved ones and nine of extension, of which one is here.
            let moved = ((base >> 7) + by_ticks) << 7 | base & 0x7f;
            packet[6..11].copy_from_slice(&moved.to_be_bytes()[3..]);
        }
    }
    if !has_payload {
        return;
    }
    let counter = counters.entry(pid).or_insert(0);
    packet[3] = packet[3] & 0xf0 | *counter;
    *counter = (*counter + 1) % 16;
    let begins_unit = packet[1] & 0x40 != 0;
    let payload = &mut packet[payload_at..];
    if begins_unit && payload.starts_with(&[0, 0, 1]) {
        let stamps = payload[7] >> 6;
        if stamps & 2 != 0 {
            move_stamp(&mut payload[9..14], by_ticks);
        }
        if stamps & 1 != 0 {
            move_stamp(&mut payload[14..19], by_ticks);
        }
    }
}

/// A PTS or DTS: 33 bits in five bytes, a marker bit after each group.
fn move_stamp(field: &mut [u8], by_ticks: u64) {
    let byte = |index: usize| u64::from(field[index]);
    let stamp = (byte(0) >> 1 & 7) << 30
        | byte(1) << 22
        | (byte(2) >> 1) << 15
        | byte(3) << 7
        | byte(4) >> 1;
    let moved = stamp + by_ticks;
    field[0] = field[0] & 0xf1 | (moved >> 29 & 0x0e) as u8;
    field[1] = (moved >> 22) as u8;
    field[2] = (moved >> 14) as u8 | 1;
    field[3] = (moved >> 7) as u8;
    field[4] = (moved << 1) as u8 | 1;
}
