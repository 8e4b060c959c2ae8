//! Chosen top-level boxes of a segment that otherwise passes through unread, such as `emsg` and `prft`
//! (ISO/IEC 23009-1 5.10.3, ISO/IEC 14496-12 8.16.5).
//!
//! In: a segment's bytes as they come, in any chunking. Out: each chosen box whole, header included.
//! What lies between is passed over and never copied. It reads nothing of what a box holds, drops
//! boxes of absurd size, and stops where something is no box.

use super::boxes::header;

/// A box beyond this is passed over: an event is small.
const MAX_BOX_LEN: u64 = 1 << 20;
/// Of one segment no more than this is kept.
const MAX_FOUND_LEN: usize = 4 << 20;
/// A header with a 64-bit size.
const MAX_HEADER_LEN: usize = 16;

/// Finds the boxes of some kinds in a segment's bytes.
#[derive(Debug, Default)]
pub struct BoxReader {
    kinds: Vec<[u8; 4]>,
    /// A header, or a chosen box, that is not whole.
    begun: Vec<u8>,
    /// So much is to be passed over.
    skip_len: u64,
    found: Vec<Vec<u8>>,
    found_len: usize,
}

impl BoxReader {
    /// Reads boxes of these kinds; without any it reads nothing.
    #[must_use]
    pub fn new(kinds: &[[u8; 4]]) -> Self {
        Self { kinds: kinds.to_vec(), ..Self::default() }
    }

    /// Takes the segment's next bytes; `is_first` begins it again.
    pub fn push(&mut self, bytes: &[u8], is_first: bool) {
        if is_first {
            *self = Self { kinds: core::mem::take(&mut self.kinds), ..Self::default() };
        }
        if self.kinds.is_empty() {
            return;
        }
        let mut rest = bytes;
        while !rest.is_empty() {
            if self.skip_len > 0 {
                let len = rest.len().min(usize::try_from(self.skip_len).unwrap_or(usize::MAX));
                self.skip_len -= len as u64;
                rest = &rest[len..];
                continue;
            }
            // A header byte by byte, as it may be of either length; a chosen box in one piece.
            let wanted_len = self.chosen_len().unwrap_or(self.begun.len() + 1);
            let (now, later) = rest.split_at(rest.len().min(wanted_len - self.begun.len()));
            self.begun.extend_from_slice(now);
            rest = later;
            self.settle();
        }
    }

    /// The chosen boxes that came whole since the last call.
    pub fn take(&mut self) -> Vec<Vec<u8>> {
        core::mem::take(&mut self.found)
    }

    /// Whole length of the box that has begun, once it is known to be a chosen one.
    fn chosen_len(&self) -> Option<usize> {
        let (kind, _, len) = header(&self.begun)?;
        let is_chosen = self.kinds.contains(&kind) && len <= MAX_BOX_LEN;
        usize::try_from(len).ok().filter(|_| is_chosen)
    }

    /// Looks at what has begun: a chosen box that is whole by now, or one to pass over.
    fn settle(&mut self) {
        let Some((_, header_len, len)) = header(&self.begun) else {
            // As much as no header is.
            if self.begun.len() >= MAX_HEADER_LEN {
                self.skip_len = u64::MAX;
            }
            return;
        };
        if len < header_len as u64 {
            self.skip_len = u64::MAX;
        } else if let Some(chosen_len) = self.chosen_len() {
            if self.begun.len() < chosen_len {
                return;
            }
            let whole = core::mem::take(&mut self.begun);
            self.found_len = self.found_len.saturating_add(whole.len());
            if self.found_len <= MAX_FOUND_LEN {
                self.found.push(whole);
            }
        } else {
            self.skip_len = len - self.begun.len() as u64;
        }
        self.begun.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boxed(kind: &[u8; 4], payload: &[u8]) -> Vec<u8> {
        [&(8 + payload.len() as u32).to_be_bytes()[..], kind, payload].concat()
    }

    fn found(kinds: &[[u8; 4]], bytes: &[u8], chunk_len: usize) -> Vec<Vec<u8>> {
        let mut reader = BoxReader::new(kinds);
        let mut is_first = true;
        for chunk in bytes.chunks(chunk_len) {
            reader.push(chunk, core::mem::take(&mut is_first));
        }
        reader.take()
    }

    #[test]
    fn chosen_boxes_come_whole_however_their_bytes_come() {
        let (first, second) = (boxed(b"emsg", b"one"), boxed(b"emsg", &[7; 300]));
        let long = [&1_u32.to_be_bytes()[..], b"mdat", &24_u64.to_be_bytes(), &[9; 8]].concat();
        let segment = [
            boxed(b"styp", b"msdh"),
            first.clone(),
            boxed(b"moof", b"emsg"),
            long,
            boxed(b"prft", b"when"),
            boxed(b"free", b""),
            second.clone(),
            boxed(b"mdat", &[0; 100]),
        ]
        .concat();
        for chunk_len in [1, 2, 7, 64, 1000] {
            assert_eq!(found(&[*b"emsg"], &segment, chunk_len), [first.clone(), second.clone()]);
            assert_eq!(found(&[*b"emsg", *b"prft"], &segment, chunk_len).len(), 3);
            assert!(found(&[], &segment, chunk_len).is_empty());
        }
    }

    #[test]
    fn what_is_no_box_ends_it_and_a_try_begins_again() {
        let event = boxed(b"emsg", b"one");
        let broken = [&event[..], &3_u32.to_be_bytes(), b"abcd", &event].concat();
        let endless = [&event[..], &0_u32.to_be_bytes(), b"mdat", &event].concat();
        let huge = [&u32::MAX.to_be_bytes()[..], b"emsg", &event].concat();
        for chunk_len in [1, 5, 1000] {
            assert_eq!(found(&[*b"emsg"], &broken, chunk_len), std::slice::from_ref(&event));
            assert_eq!(found(&[*b"emsg"], &endless, chunk_len), std::slice::from_ref(&event));
            assert!(found(&[*b"emsg"], &huge, chunk_len).is_empty());
        }
        let mut reader = BoxReader::new(&[*b"emsg"]);
        reader.push(&event, true);
        reader.push(&event[..6], false);
        reader.push(&event, true);
        assert_eq!(reader.take(), [event]);
        assert!(reader.take().is_empty());
    }

    #[test]
    fn what_is_kept_of_a_segment_is_bounded() {
        let event = boxed(b"emsg", &[1; 1 << 19]);
        let mut reader = BoxReader::new(&[*b"emsg"]);
        reader.push(&event.repeat(20), true);
        let kept_len: usize = reader.take().iter().map(Vec::len).sum();
        assert!(kept_len > MAX_FOUND_LEN / 2 && kept_len <= MAX_FOUND_LEN, "{kept_len}");
    }
}
