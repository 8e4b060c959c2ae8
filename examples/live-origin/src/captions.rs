//! The test source's captions: the time of day, in English (CC1) and in German (CC3).
//!
//! In: a camera's RTMP messages, one after the other. Out: the same, pictures with byte pairs of both
//! fields before their slices, in an SEI of ATSC A/53 part 4 (6.2.3). What is shown changes every two
//! seconds, at a picture that is sent then. Pairs are read in the order in which pictures are shown, so a
//! B-frame, which is shown before one that was sent, carries none: the next picture carries its pair.

use crate::cea608::{self, Channel, PADDING, Pair};
use crate::playlists::clock;
use crate::rtmp::chunks::{Message, kind};
use std::collections::VecDeque;

/// How long a line stands.
const LINE_MILLIS: i64 = 2000;
/// Before the NAL units of a message: frame and codec, packet type, composition time.
const HEAD_LEN: usize = 5;
/// The NAL units of a picture's own slices, and SEI (ISO/IEC 14496-10, table 7-1).
const SLICES: std::ops::RangeInclusive<u8> = 1..=5;
const SEI: u8 = 6;
/// Registered by ITU-T T.35 (D.1.6).
const REGISTERED: u8 = 4;

/// Writes captions into one camera's pictures.
#[derive(Debug, Default)]
pub struct Captions {
    /// Bytes before each NAL unit; 0 until the decoder's configuration has come.
    length_len: usize,
    /// The moment of the line that is loaded.
    due_millis: i64,
    fields: [VecDeque<Pair>; 2],
    /// Of the picture that is shown last.
    latest_millis: i64,
    /// Pairs of pictures that carried none.
    owed: usize,
}

/// Pairs of a field in one picture.
const MAX_PAIRS: usize = 8;
const CHANNELS: [Channel; 2] = [Channel::Cc1, Channel::Cc3];

impl Captions {
    /// Adds its pairs to a picture that is decoded at `millis`; all else stays as it is.
    pub fn add(&mut self, message: &mut Message, millis: u32, unix_millis: i64) {
        match message.body[..] {
            _ if message.kind != kind::VIDEO => {}
            // AVCDecoderConfigurationRecord (ISO/IEC 14496-15, 5.3.3.1).
            [0x17, 0, ..] => {
                let length = message.body.get(HEAD_LEN + 4);
                self.length_len = length.map_or(0, |byte| usize::from(byte & 3) + 1);
            }
            [0x17 | 0x27, 1, high, middle, low, ..] => {
                let composition_millis = i32::from_be_bytes([high, middle, low, 0]) >> 8;
                let shown_millis = i64::from(millis) + i64::from(composition_millis);
                self.owed = (self.owed + 1).min(MAX_PAIRS);
                if shown_millis <= self.latest_millis {
                    return;
                }
                self.latest_millis = shown_millis;
                if let Some(at) = first_slice(&message.body, self.length_len) {
                    let pairs = 0..std::mem::take(&mut self.owed);
                    let unit = sei(pairs.map(|_| self.next_pairs(unix_millis)));
                    let length = (unit.len() as u32).to_be_bytes();
                    let length = &length[4 - self.length_len..];
                    message.body.splice(at..at, [length, &unit[..]].concat());
                }
            }
            _ => {}
        }
    }

    fn next_pairs(&mut self, unix_millis: i64) -> [Pair; 2] {
        if unix_millis >= self.due_millis {
            let is_first = self.due_millis == 0;
            self.due_millis = (unix_millis.div_euclid(LINE_MILLIS) + 1) * LINE_MILLIS;
            let date = clock::iso_8601(self.due_millis);
            let time = date.get(11..19).unwrap_or_default();
            let lines = [format!("It is {time} UTC"), format!("Es ist {time} UTC")];
            for ((field, channel), line) in self.fields.iter_mut().zip(CHANNELS).zip(lines) {
                // What a slow camera has not sent by now is too late.
                field.clear();
                if !is_first {
                    field.extend(cea608::show(channel));
                }
                field.extend(cea608::load(channel, &line));
            }
        }
        [0, 1].map(|field: usize| self.fields[field].pop_front().unwrap_or(PADDING))
    }
}

/// Where the picture's first slice begins, its length included.
fn first_slice(body: &[u8], length_len: usize) -> Option<usize> {
    if length_len == 0 {
        return None;
    }
    let mut at = HEAD_LEN;
    loop {
        let length = body.get(at..at + length_len)?;
        let len = length.iter().fold(0_usize, |len, byte| len << 8 | usize::from(*byte));
        let unit = body.get(at + length_len)?;
        if SLICES.contains(&(unit & 0x1f)) {
            return Some(at);
        }
        at = at.checked_add(length_len)?.checked_add(len)?;
    }
}

/// A NAL unit with pairs of both fields. No two zeros follow one another in it, so none needs emulation
/// prevention.
fn sei(pairs: impl Iterator<Item = [Pair; 2]>) -> Vec<u8> {
    // cc_data: valid constructs, of field 1 and of field 2.
    let constructs: Vec<u8> =
        pairs.flat_map(|[one, two]| [0xfc, one[0], one[1], 0xfd, two[0], two[1]]).collect();
    let mut payload = vec![0xb5, 0, 0x31];
    payload.extend(b"GA94");
    payload.extend([3, 0x40 | (constructs.len() / 3) as u8, 0xff]);
    payload.extend(constructs);
    payload.push(0xff);
    let mut unit = vec![SEI, REGISTERED, payload.len() as u8];
    unit.extend(payload);
    unit.push(0x80);
    unit
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(body: &[u8]) -> Message {
        Message { kind: kind::VIDEO, stream: 1, millis: 0, body: body.to_vec() }
    }

    const CONFIGURATION: [u8; 10] = [0x17, 0, 0, 0, 0, 1, 66, 0, 30, 0xff];
    /// A parameter set of two bytes, then a slice.
    const PICTURE: [u8; 17] = [0x17, 1, 0, 0, 0, 0, 0, 0, 2, 0x68, 1, 0, 0, 0, 2, 0x65, 9];

    #[test]
    fn a_picture_carries_its_pairs_before_its_slices() {
        let mut captions = Captions::default();
        let mut before = message(&PICTURE);
        captions.add(&mut before, 0, 1000);
        assert_eq!(before.body, PICTURE, "how long lengths are is not known yet");
        captions.add(&mut message(&CONFIGURATION), 0, 1000);
        let mut picture = message(&PICTURE);
        captions.add(&mut picture, 40, 1000);
        // Two of each: the picture before could carry none.
        let unit = [&[0, 0, 0, 27, 6, 4, 23, 0xb5, 0, 0x31][..], b"GA94"].concat();
        assert_eq!(picture.body[..11], PICTURE[..11]);
        assert_eq!(picture.body[11..25], unit);
        assert_eq!(picture.body[picture.body.len() - 6..], PICTURE[11..]);
        for broken in
            [&[0x17, 1][..], &[0x17, 1, 0, 0, 0, 0, 0], &[0x27, 1, 0, 0, 0, 255, 0, 0, 0, 6]]
        {
            let mut picture = message(broken);
            captions.add(&mut picture, 80, 1000);
            assert_eq!(picture.body, broken);
        }
    }

    #[test]
    fn pairs_are_in_the_order_in_which_pictures_are_shown() {
        let mut captions = Captions::default();
        captions.add(&mut message(&CONFIGURATION), 0, 0);
        // I, P, B, B, P: shown as 0, 3, 1, 2, 6; in frames of 40 ms.
        let grown = [(0, 0), (40, 80), (80, -40), (120, -40), (160, 80)].map(|(millis, later)| {
            let mut picture = message(&PICTURE);
            picture.body[2..5].copy_from_slice(&i32::to_be_bytes(later)[1..]);
            captions.add(&mut picture, millis + 1000, 0);
            (picture.body.len() - PICTURE.len()) as i32
        });
        assert_eq!(grown, [25, 25, 0, 0, 37]);
    }

    #[test]
    fn each_line_is_shown_at_the_time_that_it_says() {
        let mut captions = Captions::default();
        let pairs: Vec<[Pair; 2]> = (0..100).map(|at| captions.next_pairs(at * 42)).collect();
        let shown = |field: usize, codes: Pair| {
            let is_it = move |(_, pairs): &(usize, &[Pair; 2])| pairs[field] == codes;
            pairs.iter().enumerate().filter(is_it).map(|(at, _)| at).collect::<Vec<_>>()
        };
        // Frames of 42 ms: the first at or after 2 s, and at or after 4 s; each code twice.
        assert_eq!(shown(0, [0x94, 0x2f]), [48, 49, 96, 97]);
        assert_eq!(shown(1, [0x15, 0x2f]), [48, 49, 96, 97]);
        let text: Vec<u8> =
            pairs[..48].iter().flat_map(|pairs| pairs[0].map(|it| it & 0x7f)).collect();
        let text = String::from_utf8_lossy(&text).into_owned();
        assert!(text.contains("It is 00:00:02 UTC"), "{text}");
    }
}
