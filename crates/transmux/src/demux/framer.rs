//! From bytes in any chunking to 188-byte transport packets (ISO/IEC 13818-1 2.4.3.2).
//!
//! In: a segment's bytes. Out: whole packets that begin with a sync byte, and how often sync was
//! lost. Packets are found by their rhythm, so garbage before, between and after them is passed
//! over; the outcome does not depend on the chunking. It reads nothing inside a packet.

/// Length of a transport packet.
pub(crate) const PACKET_LEN: usize = 188;

const SYNC_BYTE: u8 = 0x47;
/// Bytes needed to believe in an alignment: this packet's sync byte and those of the next two.
const LOOKAHEAD_LEN: usize = 2 * PACKET_LEN + 1;

/// One whole packet.
pub(crate) type PacketBytes = [u8; PACKET_LEN];

/// The framer.
#[derive(Debug, Default)]
pub(crate) struct Framer {
    /// Less than [`LOOKAHEAD_LEN`] bytes not yet decided upon.
    held: Vec<u8>,
    is_synced: bool,
    skipped_bytes: u64,
}

enum Step {
    NeedMore,
    Skip(usize),
    Packet,
}

impl Framer {
    /// Takes the next bytes and hands each whole packet on.
    pub(crate) fn push(&mut self, bytes: &[u8], mut on_packet: impl FnMut(&PacketBytes)) {
        let mut bytes = bytes;
        if !self.held.is_empty() {
            // A window of the old bytes and enough new ones to decide on each old position.
            let mut window = core::mem::take(&mut self.held);
            let old_len = window.len();
            let taken = bytes.len().min(LOOKAHEAD_LEN);
            window.extend_from_slice(&bytes[..taken]);
            let consumed = self.scan(&window, old_len, &mut on_packet);
            if consumed < old_len {
                window.drain(..consumed);
                self.held = window;
                return;
            }
            bytes = &bytes[consumed - old_len..];
        }
        let consumed = self.scan(bytes, bytes.len(), &mut on_packet);
        self.held.extend_from_slice(&bytes[consumed..]);
    }

    /// The segment is over: hands on a last packet that nothing follows. Returns how many bytes
    /// were no packet since the last flush, and whether the last packet broke off.
    pub(crate) fn flush(&mut self, mut on_packet: impl FnMut(&PacketBytes)) -> Flushed {
        let held = core::mem::take(&mut self.held);
        let mut rest = held.as_slice();
        while let Some((packet, tail)) = rest.split_first_chunk::<PACKET_LEN>() {
            if packet[0] == SYNC_BYTE && tail.first().is_none_or(|next| *next == SYNC_BYTE) {
                on_packet(packet);
                rest = tail;
                self.is_synced = true;
            } else {
                rest = &rest[1..];
                self.skipped_bytes += 1;
                self.is_synced = false;
            }
        }
        let is_truncated = self.is_synced && rest.first() == Some(&SYNC_BYTE);
        let skipped_bytes = self.skipped_bytes + if is_truncated { 0 } else { rest.len() as u64 };
        *self = Self::default();
        Flushed { skipped_bytes, is_truncated }
    }

    /// Consumes `bytes` from positions before `end`; returns the first position not consumed.
    fn scan(
        &mut self,
        bytes: &[u8],
        end: usize,
        on_packet: &mut impl FnMut(&PacketBytes),
    ) -> usize {
        let mut position = 0;
        while position < end {
            let rest = &bytes[position..];
            match self.step(rest) {
                Step::NeedMore => break,
                Step::Skip(len) => {
                    self.skipped_bytes += len as u64;
                    position += len;
                }
                Step::Packet => {
                    if let Some(packet) = rest.first_chunk() {
                        on_packet(packet);
                    }
                    position += PACKET_LEN;
                }
            }
        }
        position
    }

    fn step(&mut self, rest: &[u8]) -> Step {
        if self.is_synced {
            if rest[0] != SYNC_BYTE {
                self.is_synced = false;
            } else if rest.len() < PACKET_LEN {
                return Step::NeedMore;
            } else {
                return Step::Packet;
            }
        }
        if rest.len() < LOOKAHEAD_LEN {
            return Step::NeedMore;
        }
        if rest[0] == SYNC_BYTE
            && rest[PACKET_LEN] == SYNC_BYTE
            && rest[2 * PACKET_LEN] == SYNC_BYTE
        {
            self.is_synced = true;
            return Step::Packet;
        }
        // On to the next sync byte; the last bytes stay, as the rhythm may begin there.
        let searchable = &rest[1..rest.len() - 2 * PACKET_LEN];
        let next = searchable.iter().position(|byte| *byte == SYNC_BYTE);
        Step::Skip(1 + next.unwrap_or(searchable.len()))
    }
}

/// How a segment ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Flushed {
    /// Bytes that belonged to no packet.
    pub skipped_bytes: u64,
    /// The last packet began and broke off.
    pub is_truncated: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(number: u8) -> PacketBytes {
        let mut packet = [number; PACKET_LEN];
        packet[0] = SYNC_BYTE;
        packet
    }

    fn frame(bytes: &[u8], chunk_len: usize) -> (Vec<u8>, Flushed) {
        let mut framer = Framer::default();
        let mut numbers = Vec::new();
        for chunk in bytes.chunks(chunk_len) {
            framer.push(chunk, |packet| numbers.push(packet[1]));
        }
        let flushed = framer.flush(|packet| numbers.push(packet[1]));
        (numbers, flushed)
    }

    #[test]
    fn garbage_is_passed_over_whatever_the_chunking() {
        let mut bytes = b"GARBAGE before, with a G".to_vec();
        (1..=4).for_each(|number| bytes.extend(packet(number)));
        bytes.extend([0; 77]);
        (5..=9).for_each(|number| bytes.extend(packet(number)));
        bytes.extend(&packet(10)[..50]);
        let whole = frame(&bytes, bytes.len());
        assert_eq!(whole.0, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
        assert_eq!(whole.1, Flushed { skipped_bytes: 24 + 77, is_truncated: true });
        for chunk_len in [1, 2, 3, 47, 187, 188, 189, 376, 377, 378, 1000] {
            assert_eq!(frame(&bytes, chunk_len), whole, "chunks of {chunk_len}");
        }
    }

    #[test]
    fn one_packet_alone_is_a_segment_and_text_is_none() {
        assert_eq!(frame(&packet(1), 7).0, [1]);
        let text = b"<html>GET OFF</html>".repeat(50);
        let (numbers, flushed) = frame(&text, 13);
        assert!(numbers.is_empty());
        assert_eq!(flushed.skipped_bytes, text.len() as u64);
    }
}
