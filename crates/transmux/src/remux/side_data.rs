//! What a segment carries beside picture and sound, put on the presentation timeline.
//!
//! In: pictures as they are written, ID3 tags with their timestamps. Out: [`SideData`], where anybody asked for it.
//! Bytes are handed on as they are: what they say is for others to read.

use super::timestamps::{secs_of, unwrap_timestamp};
use crate::demux::metadata::TimedTag;
use std::collections::VecDeque;

/// So much is kept for whoever takes it; the oldest goes.
const MAX_HELD_LEN: usize = 4 << 20;
/// What it costs to hold one, beside its bytes.
const COST_LEN: usize = 64;

/// Something beside picture and sound.
#[derive(Debug, Clone, PartialEq)]
pub struct SideData {
    /// What its bytes are.
    pub kind: SideDataKind,
    /// Presentation time.
    pub start_secs: f64,
    /// Of a picture's data: when that picture is decoded. Nothing that comes later is shown before.
    pub decode_secs: f64,
    /// As they came.
    pub bytes: Vec<u8>,
}

/// What side data is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SideDataKind {
    /// A NAL unit of H.264 SEI with registered user data, captions mostly: header and emulation prevention included.
    H264Sei,
    /// An ID3 tag.
    Id3,
}

/// Side data on its way out.
#[derive(Debug, Default)]
pub(super) struct SideQueue {
    queue: VecDeque<SideData>,
    held_len: usize,
}

impl SideQueue {
    pub(super) fn push(&mut self, data: SideData) {
        self.held_len += data.bytes.len() + COST_LEN;
        self.queue.push_back(data);
        while self.held_len > MAX_HELD_LEN && self.pop().is_some() {}
    }

    pub(super) fn pop(&mut self) -> Option<SideData> {
        let data = self.queue.pop_front()?;
        self.held_len -= data.bytes.len() + COST_LEN;
        Some(data)
    }

    /// A tag, where timestamps near `near_ticks` are those of the segment. One that does not say when it is due
    /// is due then.
    pub(super) fn push_tag(&mut self, tag: TimedTag, near_ticks: i64, zero_ticks: i64) {
        let ticks = tag.pts.map_or(near_ticks, |pts| unwrap_timestamp(pts, near_ticks));
        let start_secs = secs_of(ticks - zero_ticks).max(0.0);
        let (kind, decode_secs) = (SideDataKind::Id3, start_secs);
        self.push(SideData { kind, start_secs, decode_secs, bytes: tag.bytes });
    }
}

/// What the NAL units of a picture have, behind lengths of four bytes each.
pub(super) fn of_picture(
    picture: &[u8],
    pts_ticks: i64,
    dts_ticks: i64,
    mut give: impl FnMut(SideData),
) {
    const SEI: u8 = 6;
    let mut rest = picture;
    while let Some((len, tail)) = rest.split_first_chunk::<4>() {
        let Some((nal, tail)) = tail.split_at_checked(u32::from_be_bytes(*len) as usize) else {
            return;
        };
        rest = tail;
        if nal.first().is_some_and(|first| first & 0x1f == SEI) && has_user_data(nal) {
            give(SideData {
                kind: SideDataKind::H264Sei,
                start_secs: secs_of(pts_ticks),
                decode_secs: secs_of(dts_ticks),
                bytes: nal.to_vec(),
            });
        }
    }
}

/// Whether a message of ATSC's or DirecTV's may be in it (ITU-T T.35 country and provider).
fn has_user_data(sei: &[u8]) -> bool {
    sei.windows(3).any(|bytes| matches!(bytes, [0xb5, 0, 0x31 | 0x2f]))
}
