//! Finished segments, put right before anybody is given them (ISO/IEC 13818-1, 2.4.3 and 2.4.4).
//!
//! In: a segment as nginx-rtmp wrote it. Out: the same media, of which two things hold that nginx-rtmp
//! has no option for: continuity counters go on from one segment to the next, and sound is announced
//! where there is some. For the first nobody has to know what came before: each segment has a multiple
//! of 16 packets of picture, and of sound, counted from 0; and of each table one more than that, counted
//! from the segment's slot. What lacks is made by dividing a packet, or by saying a table again. So both
//! origins count alike, whenever they were started. A stream that had sound announces it to its end,
//! also over a pause. What is no such segment is refused ([`super::mender`] leaves it as it is).

use anyhow::{Context, Result, ensure};
use std::collections::BTreeMap;
use test_streams::live::crc_32;

const PACKET: usize = 188;
/// Less the head, and the length of an adaptation field.
const FIELDS: usize = PACKET - 5;
/// A packet that is divided keeps so much, in which the head of a PES packet has its place.
const KEPT: usize = 48;
const PROGRAMS_PID: u16 = 0;
const NULL_PID: u16 = 0x1fff;
/// Stream types: MPEG-1 and MPEG-2 audio, AAC in ADTS and in LATM.
const SOUND: [u8; 4] = [0x03, 0x04, 0x0f, 0x11];

/// Versions of the programme's table. nginx-rtmp writes 0, so that others tell a mended segment.
const SILENT: u8 = 1;
const WITH_SOUND: u8 = 2;

/// A segment that was put right.
#[derive(Debug)]
pub struct Mended {
    /// All of it; `None` where it had been put right before.
    pub bytes: Option<Vec<u8>>,
    /// Whether it announces sound.
    pub has_sound: bool,
}

/// Puts a segment right. `had_sound`: whether the one before announces sound.
pub fn mend(segment: &[u8], slot: u64, had_sound: bool) -> Result<Mended> {
    let packets = || segment.chunks(PACKET).map(Packet);
    ensure!(packets().all(Packet::is_whole), "it is no MPEG transport stream of whole packets");
    let (table_pid, table) = programme(packets()).context("it announces nothing")?;
    if let version @ 1.. = table.version() {
        return Ok(Mended { bytes: None, has_sound: version == WITH_SOUND });
    }
    let mut counts = BTreeMap::<u16, usize>::new();
    for packet in packets().filter(|packet| packet.payload().is_some()) {
        *counts.entry(packet.pid()).or_default() += 1;
    }
    let streams: Vec<(u8, u16)> = table.streams().map(stream).collect();
    let is_heard = |(kind, pid): &(u8, u16)| SOUND.contains(kind) && counts.contains_key(pid);
    let has_sound = had_sound || streams.iter().any(is_heard);
    let table = table.announcing(has_sound);
    let counter = |(pid, count)| {
        let is_table = !streams.iter().any(|(_, stream)| *stream == pid);
        (pid, Counter::new(count, is_table.then_some(slot)))
    };
    let mut counters: BTreeMap<u16, Counter> = counts.into_iter().map(counter).collect();

    let mut out = Vec::with_capacity(segment.len() + 64 * PACKET);
    for packet in packets() {
        let pid = packet.pid();
        let Some(counter) = counters.get_mut(&pid).filter(|_| pid != NULL_PID) else {
            out.extend_from_slice(packet.0);
            continue;
        };
        let (head, fields) = (packet.head(), packet.fields());
        match packet.payload() {
            // Which does not count.
            None => write(head, counter.last(), fields, &[], &mut out),
            Some(payload) if counter.is_table => {
                let payload = if pid == table_pid { &table[..] } else { payload };
                for _ in 0..=std::mem::take(&mut counter.missing) {
                    write(head, counter.next(), fields, payload, &mut out);
                }
            }
            Some(payload) => {
                let pieces = counter.missing.min(payload.len().saturating_sub(KEPT));
                counter.missing -= pieces;
                let (kept, rest) = payload.split_at(payload.len() - pieces);
                write(head, counter.next(), fields, kept, &mut out);
                for byte in rest.chunks(1) {
                    write(packet.head_within(), counter.next(), &[], byte, &mut out);
                }
            }
        }
    }
    ensure!(
        counters.iter().all(|(pid, counter)| counter.missing == 0 || *pid == NULL_PID),
        "its packets are too small to be divided"
    );
    Ok(Mended { bytes: Some(out), has_sound })
}

/// Of one PID.
struct Counter {
    next: u8,
    is_table: bool,
    /// Packets to be made.
    missing: usize,
}

impl Counter {
    /// `slot`: of a table.
    fn new(count: usize, slot: Option<u64>) -> Self {
        let (next, wanted) = slot.map_or((0, 0), |slot| ((slot % 16) as u8, 1));
        Self { next, is_table: slot.is_some(), missing: (wanted + 16 - count % 16) % 16 }
    }

    fn next(&mut self) -> u8 {
        self.next = (self.next + 1) % 16;
        self.last()
    }

    fn last(&self) -> u8 {
        (self.next + 15) % 16
    }
}

/// Thirteen bits of the first two bytes.
fn pid(bytes: &[u8]) -> u16 {
    u16::from_be_bytes([bytes[0], bytes[1]]) & 0x1fff
}

/// At most 188 bytes; those of [`Packet::is_whole`] have all that is asked for.
#[derive(Clone, Copy)]
struct Packet<'a>(&'a [u8]);

impl<'a> Packet<'a> {
    fn is_whole(self) -> bool {
        self.0.len() == PACKET
            && self.0[0] == 0x47
            && (!self.has_fields() || usize::from(self.0[4]) <= FIELDS)
    }

    fn has_fields(self) -> bool {
        self.0[3] & 0x20 != 0
    }

    fn pid(self) -> u16 {
        pid(&self.0[1..])
    }

    /// Up to the bits that say what follows.
    fn head(self) -> [u8; 3] {
        [self.0[0], self.0[1], self.0[2]]
    }

    /// Of a packet in which nothing begins.
    fn head_within(self) -> [u8; 3] {
        [self.0[0], self.0[1] & 0xbf, self.0[2]]
    }

    /// The adaptation field without its length.
    fn fields(self) -> &'a [u8] {
        match self.has_fields() {
            true => &self.0[5..5 + usize::from(self.0[4])],
            false => &[],
        }
    }

    fn payload(self) -> Option<&'a [u8]> {
        let begin = if self.has_fields() { 5 + usize::from(self.0[4]) } else { 4 };
        (self.0[3] & 0x10 != 0 && begin < PACKET).then(|| &self.0[begin..])
    }
}

/// Writes a packet, its adaptation field stuffed until it is full.
fn write(head: [u8; 3], counter: u8, fields: &[u8], payload: &[u8], out: &mut Vec<u8>) {
    let room = PACKET - 4 - payload.len();
    let (has_fields, has_payload) = (room > 0, !payload.is_empty());
    out.extend_from_slice(&head);
    out.push(u8::from(has_fields) << 5 | u8::from(has_payload) << 4 | counter);
    if has_fields {
        let end = out.len() + room;
        out.push((room - 1) as u8);
        out.extend_from_slice(fields);
        if fields.is_empty() && room > 1 {
            // No flag is up.
            out.push(0);
        }
        out.resize(end, 0xff);
    }
    out.extend_from_slice(payload);
}

/// The programme's table, and its PID.
fn programme<'a>(packets: impl Iterator<Item = Packet<'a>>) -> Option<(u16, Table<'a>)> {
    let mut found = None;
    for packet in packets {
        if packet.pid() == PROGRAMS_PID {
            let programs = Table::read(packet.payload()?)?;
            let mut programs = programs.within(8).chunks_exact(4);
            // 0 is a network's.
            found = Some(pid(&programs.find(|program| program[..2] != [0, 0])?[2..]));
        } else if Some(packet.pid()) == found {
            let table = Table::read(packet.payload()?).filter(|table| table.section.len() >= 16)?;
            return Some((packet.pid(), table));
        }
    }
    None
}

/// A section (2.4.4) that begins and ends in one packet.
struct Table<'a> {
    payload: &'a [u8],
    section: &'a [u8],
}

impl<'a> Table<'a> {
    fn read(payload: &'a [u8]) -> Option<Self> {
        let begins = payload.get(1 + usize::from(*payload.first()?)..)?;
        let length = pid(begins.get(1..3)?) & 0xfff;
        let section =
            begins.get(..3 + usize::from(length)).filter(|section| section.len() >= 12)?;
        Some(Self { payload, section })
    }

    /// From there on, up to the checksum.
    fn within(&self, begin: usize) -> &'a [u8] {
        self.section.get(begin..self.section.len() - 4).unwrap_or_default()
    }

    fn version(&self) -> u8 {
        self.section[5] >> 1 & 0x1f
    }

    /// Where the streams begin, behind what is said of the whole programme.
    fn streams_at(&self) -> usize {
        12 + usize::from(pid(&self.section[10..]) & 0xfff)
    }

    /// What is said of each stream of a programme: kind, PID, length of the rest, the rest.
    fn streams(&self) -> impl Iterator<Item = &'a [u8]> {
        let mut rest = self.within(self.streams_at());
        std::iter::from_fn(move || {
            let length = 5 + usize::from(pid(rest.get(3..5)?) & 0xfff);
            let (entry, after) = rest.split_at_checked(length)?;
            rest = after;
            Some(entry)
        })
    }

    /// The payload of a packet with this table, with or without sound.
    fn announcing(&self, has_sound: bool) -> Vec<u8> {
        let begin = self.payload.len() - self.payload[1 + usize::from(self.payload[0])..].len();
        let mut section = self.section[..self.streams_at().min(self.section.len() - 4)].to_vec();
        let kept = self.streams().filter(|entry| has_sound || !SOUND.contains(&entry[0]));
        kept.for_each(|entry| section.extend_from_slice(entry));
        let length = (section.len() + 4 - 3) as u16;
        section[1] = section[1] & 0xf0 | (length >> 8) as u8;
        section[2] = length as u8;
        let version = if has_sound { WITH_SOUND } else { SILENT };
        section[5] = section[5] & 0xc1 | version << 1;
        section.extend_from_slice(&crc_32(&section).to_be_bytes());
        let mut payload = [&self.payload[..begin], &section].concat();
        payload.resize(self.payload.len(), 0xff);
        payload
    }
}

/// Kind and PID.
fn stream(entry: &[u8]) -> (u8, u16) {
    (entry[0], pid(&entry[1..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use videosphere::demux::ts::TsDemuxer;

    fn fixture(name: &str) -> Vec<u8> {
        std::fs::read(machine::shell::root().join("tests/fixtures").join(name)).unwrap()
    }

    fn packets(bytes: &[u8]) -> impl Iterator<Item = Packet<'_>> {
        bytes.chunks(PACKET).map(Packet)
    }

    /// What a PID's packets carry, without them.
    fn carried(bytes: &[u8], wanted: u16) -> Vec<u8> {
        let of_it = packets(bytes).filter(|packet| packet.pid() == wanted);
        of_it.filter_map(Packet::payload).collect::<Vec<_>>().concat()
    }

    fn without_sound(bytes: &[u8]) -> Vec<u8> {
        packets(bytes)
            .filter(|packet| packet.pid() != 0x101)
            .map(|it| it.0)
            .collect::<Vec<_>>()
            .concat()
    }

    fn announced(bytes: &[u8]) -> (u8, Vec<(u8, u16)>) {
        let (_, table) = programme(packets(bytes)).unwrap();
        assert_eq!(crc_32(table.section), 0);
        (table.version(), table.streams().map(stream).collect())
    }

    #[test]
    fn counters_go_on_over_the_border_and_nothing_else_changes() {
        let raw = [fixture("vod_0.ts"), fixture("vod_1.ts")];
        let mended = [(0, 1_795_200_015), (1, 1_795_200_016)].map(|(at, slot)| {
            let mended = mend(&raw[at], slot, at > 0).unwrap();
            assert!(mended.has_sound);
            mended.bytes.unwrap()
        });
        let mut last = BTreeMap::new();
        let joined = mended.concat();
        for packet in packets(&joined) {
            assert!(packet.is_whole());
            let counter = packet.0[3] & 15;
            let counts = u8::from(packet.payload().is_some());
            if let Some(last) = last.insert(packet.pid(), counter) {
                assert_eq!(counter, (last + counts) % 16, "of PID {:#x}", packet.pid());
            }
        }
        assert!(last.len() >= 4, "{last:?}");
        for (raw, mended) in raw.iter().zip(&mended) {
            for stream in [0x100, 0x101] {
                assert!(carried(raw, stream) == carried(mended, stream), "bytes of {stream:#x}");
            }
            let [before, after] = [raw, mended].map(|bytes| {
                let mut demuxer = TsDemuxer::default();
                demuxer.push(bytes);
                demuxer.flush().video.iter().map(|run| run.units.len()).sum::<usize>()
            });
            assert!(before > 0 && before == after, "{before} pictures, {after} afterwards");
            assert!(mended.len() - raw.len() <= 64 * PACKET, "{} more", mended.len() - raw.len());
        }
        // Again, it is left alone.
        let again = mend(&mended[0], 7, false).unwrap();
        assert!(again.bytes.is_none() && again.has_sound);
    }

    #[test]
    fn sound_is_announced_where_there_is_or_was_some() {
        let silent = without_sound(&fixture("vod_0.ts"));
        let both = vec![(0x1b, 0x100), (0x0f, 0x101)];
        let mended = mend(&silent, 3, false).unwrap();
        assert!(!mended.has_sound);
        let bytes = mended.bytes.unwrap();
        assert_eq!(announced(&bytes), (SILENT, vec![(0x1b, 0x100)]));
        assert!(!mend(&bytes, 3, true).unwrap().has_sound);
        // A pause.
        let mended = mend(&silent, 3, true).unwrap();
        assert_eq!(announced(&mended.bytes.unwrap()), (WITH_SOUND, both.clone()));
        let mended = mend(&fixture("vod_0.ts"), 3, false).unwrap();
        assert_eq!(announced(&mended.bytes.unwrap()), (WITH_SOUND, both));
    }

    #[test]
    fn what_is_no_segment_is_refused_and_nothing_falls() {
        let whole = fixture("vod_0.ts");
        for bad in
            [&[][..], &whole[..1000], &whole[1..1 + 2 * PACKET], &[0x47; PACKET], &whole[..PACKET]]
        {
            assert!(mend(bad, 0, false).is_err());
        }
        let tables_and_some = 12 * PACKET;
        for at in 0..tables_and_some {
            let mut damaged = whole[..tables_and_some].to_vec();
            for value in [0, 0x7f, 0xff] {
                damaged[at] = value;
                let _ = mend(&damaged, 0, at % 2 == 0);
            }
        }
    }
}
