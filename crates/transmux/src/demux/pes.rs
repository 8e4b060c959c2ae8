//! PES packets (ISO/IEC 13818-1 2.4.3.6): what is known of the present one of a stream.
//!
//! In: transport packets of one PID, the first bytes of a PES packet. Out: whether packets are missing or come
//! twice, the header's timestamps and length. It keeps no payload.

use super::PesTimestamps;
use mpeg2ts_reader::packet::Packet;
use mpeg2ts_reader::pes::{PesContents, PesHeader, PesLength, PtsDts, Timestamp};

/// A PES header has at most this many bytes before its payload (2.4.3.7).
const MAX_PES_HEADER_LEN: usize = 9 + 255;

/// Continuity of one PID (2.4.3.3).
#[derive(Debug, Default)]
pub(super) struct Continuity {
    last: Option<(u8, PayloadDigest)>,
}

/// Distinguishes a duplicate from a packet whose counter did not count: length and both ends.
type PayloadDigest = (usize, [u8; 8], [u8; 8]);

pub(super) enum Succession {
    Next,
    Duplicate,
    Gap,
}

impl Continuity {
    pub(super) fn advance(&mut self, packet: &Packet<'_>, payload: &[u8]) -> Succession {
        let counter = packet.continuity_counter().count();
        let digest = (
            payload.len(),
            payload.first_chunk().copied().unwrap_or_default(),
            payload.last_chunk().copied().unwrap_or_default(),
        );
        let last = self.last.replace((counter, digest));
        let is_announced =
            packet.adaptation_field().is_some_and(|field| field.discontinuity_indicator());
        match last {
            _ if is_announced => Succession::Next,
            Some((last, same)) if last == counter && same == digest => Succession::Duplicate,
            Some((last, _)) if (last + 1) & 15 != counter => Succession::Gap,
            _ => Succession::Next,
        }
    }
}

/// The PES packet of one stream (2.4.3.6).
#[derive(Debug, Default)]
pub(super) struct Pes {
    pub(super) continuity: Continuity,
    /// A header that did not fit into its first packet.
    pub(super) header: Vec<u8>,
    pub(super) is_random_access: bool,
    /// Its packet began in the segment before, and may go on in this one.
    pub(super) is_carried_over: bool,
    /// Whether there is a packet, and how many bytes of it are still to come where it says so.
    pub(super) state: PesState,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum PesState {
    /// Between packets, or after a loss.
    #[default]
    Idle,
    Header,
    Payload {
        left: Option<usize>,
    },
}

impl PesState {
    /// It says how long it is, and has not come to its end.
    pub(super) const fn lacks_bytes(self) -> bool {
        matches!(self, Self::Payload { left: Some(1..) })
    }
}

pub(super) struct ParsedHeader<'a> {
    pub(super) timestamps: Option<PesTimestamps>,
    pub(super) left: Option<usize>,
    pub(super) payload: &'a [u8],
}

pub(super) enum HeaderParse<'a> {
    NeedMore,
    Broken,
    Parsed(ParsedHeader<'a>),
}

pub(super) fn parse_header(bytes: &[u8]) -> HeaderParse<'_> {
    const FIXED_LEN: usize = 9;
    let is_whole = bytes
        .get(FIXED_LEN - 1)
        .is_some_and(|optional_len| bytes.len() >= FIXED_LEN + usize::from(*optional_len));
    if !is_whole && bytes.len() < MAX_PES_HEADER_LEN {
        let prefix = &bytes[..bytes.len().min(3)];
        return if [0, 0, 1].starts_with(prefix) {
            HeaderParse::NeedMore
        } else {
            HeaderParse::Broken
        };
    }
    let Some(header) = PesHeader::from_bytes(bytes) else { return HeaderParse::Broken };
    let PesContents::Parsed(Some(contents)) = header.contents() else {
        return HeaderParse::Broken;
    };
    let payload = contents.payload();
    let left = match header.pes_packet_length() {
        PesLength::Unbounded => None,
        // Counted from behind the length field.
        PesLength::Bounded(len) => {
            let header_len = bytes.len() - payload.len() - 6;
            Some(usize::from(len.get()).saturating_sub(header_len))
        }
    };
    let value = |stamp: Timestamp| stamp.value();
    let timestamps = match contents.pts_dts() {
        Ok(PtsDts::PtsOnly(Ok(pts))) => Some(PesTimestamps { pts: value(pts), dts: value(pts) }),
        Ok(PtsDts::Both { pts: Ok(pts), dts: Ok(dts) }) => {
            Some(PesTimestamps { pts: value(pts), dts: value(dts) })
        }
        Ok(PtsDts::Both { pts: Ok(pts), .. }) => {
            Some(PesTimestamps { pts: value(pts), dts: value(pts) })
        }
        _ => None,
    };
    HeaderParse::Parsed(ParsedHeader { timestamps, left, payload })
}
