//! Timed ID3 in a transport stream ("Timed Metadata for HTTP Live Streaming", 2).
//!
//! In: packets of its PID. Out: whole tags with their timestamps, where anybody asked for them. It reads nothing
//! of a tag; what is not whole is dropped.

use super::pes::{Continuity, HeaderParse, Succession, parse_header};
use mpeg2ts_reader::packet::Packet;

/// Of a segment no more than this is kept.
const MAX_HELD_LEN: usize = 1 << 20;
/// What it costs to hold a tag, beside its bytes.
const TAG_COST_LEN: usize = 64;

/// An ID3 tag, and when it is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimedTag {
    /// In ticks of 90 kHz modulo 2³³; `None` where nothing says it.
    pub pts: Option<u64>,
    /// All of it.
    pub bytes: Vec<u8>,
}

/// Collects tags.
#[derive(Debug, Default)]
pub(super) struct MetadataTrack {
    is_read: bool,
    continuity: Continuity,
    /// The present one, and how much of it is to come where that is known.
    begun: Option<(TimedTag, Option<usize>)>,
    tags: Vec<TimedTag>,
    held_len: usize,
}

impl MetadataTrack {
    pub(super) fn set_read(&mut self, is_read: bool) {
        self.is_read = is_read;
    }

    /// Takes a packet. A PES header fits into the first one of a tag, or it is none.
    pub(super) fn push(&mut self, packet: &Packet<'_>) {
        let Some(payload) = packet.payload().filter(|_| self.is_read) else { return };
        if packet.transport_scrambling_control().is_scrambled() {
            return;
        }
        match self.continuity.advance(packet, payload) {
            Succession::Duplicate => return,
            Succession::Gap => self.begun = None,
            Succession::Next => {}
        }
        let piece = if packet.payload_unit_start_indicator() {
            self.end();
            let HeaderParse::Parsed(header) = parse_header(payload) else { return };
            let pts = header.timestamps.map(|stamps| stamps.pts);
            self.begun = Some((TimedTag { pts, bytes: Vec::new() }, header.left));
            header.payload
        } else {
            payload
        };
        let Some((tag, left)) = &mut self.begun else { return };
        let len = left.map_or(piece.len(), |left| left.min(piece.len()));
        if self.held_len + tag.bytes.len() + len > MAX_HELD_LEN {
            self.begun = None;
            return;
        }
        tag.bytes.extend(piece.iter().take(len));
        if let Some(left) = left {
            *left -= len;
            if *left == 0 {
                self.end();
            }
        }
    }

    /// The tags that are whole.
    pub(super) fn take(&mut self) -> Vec<TimedTag> {
        self.held_len = 0;
        core::mem::take(&mut self.tags)
    }

    /// The segment is over.
    pub(super) fn flush(&mut self) {
        self.end();
        self.continuity = Continuity::default();
    }

    /// Forgets all.
    pub(super) fn reset(&mut self) {
        *self = Self { is_read: self.is_read, ..Self::default() };
    }

    /// What it costs to hold them.
    pub(super) fn held_len(&self) -> usize {
        self.held_len + self.begun.as_ref().map_or(0, |(tag, _)| tag.bytes.len())
    }

    /// The present tag is whole, where its packet said how long it is, or never said.
    fn end(&mut self) {
        let Some((tag, left)) = self.begun.take() else { return };
        let is_whole = left.is_none_or(|left| left == 0);
        if is_whole && tag.bytes.starts_with(b"ID3") {
            self.held_len += tag.bytes.len() + TAG_COST_LEN;
            self.tags.push(tag);
        }
    }
}
