//! CMAF chunks of a segment that is still being written (ISO/IEC 23000-19 7.3.2.3).
//!
//! In: the segment's bytes as they come. Out: runs of whole `moof` + `mdat` pairs, with whatever
//! boxes stand before them, and where their samples belong. Bytes are copied once, into the buffer
//! that is handed out. It reads no sample, and refuses boxes of absurd size.

use super::boxes::{Boxes, array, be_u32};
use super::{InitInfo, SegmentHead};
use crate::Error;

/// A chunk beyond this is refused, be it of one box or of very many: so much is held at most.
const MAX_CHUNK_LEN: usize = 64 << 20;

/// No more is reserved on the word of a header alone.
const MAX_RESERVED_LEN: usize = 1 << 20;

/// Finds the chunks in a segment's bytes.
#[derive(Debug, Default)]
pub struct ChunkSplitter {
    /// What was not yet handed out.
    bytes: Vec<u8>,
    /// Where the next top-level box begins.
    next_box: usize,
    /// Up to where the chunks are whole.
    whole_len: usize,
}

/// One or more whole chunks.
#[derive(Debug, Clone, PartialEq)]
pub struct Chunks {
    /// Ready to append.
    pub bytes: Vec<u8>,
    /// The earliest decode time of any track in seconds, before any timestamp offset; `None` where
    /// no `tfdt` says it.
    pub start_secs: Option<f64>,
    /// Where the last sample ends, by the sample durations.
    pub end_secs: Option<f64>,
}

impl ChunkSplitter {
    /// Takes the segment's next bytes, in any chunking.
    ///
    /// # Errors
    /// [`Error::DamagedMedia`] where what stands there is no box.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.bytes.extend_from_slice(bytes);
        while let Some((kind, len)) = self.next_header()? {
            let end = self.next_box.saturating_add(len);
            if end - self.whole_len > MAX_CHUNK_LEN {
                let problem = "a chunk that is larger than a segment may be".to_owned();
                return Err(Error::DamagedMedia { format: "fMP4", problem });
            }
            if end > self.bytes.len() {
                // Once, so that the bytes to come seldom move those that are there.
                self.bytes.reserve((end - self.bytes.len()).min(MAX_RESERVED_LEN));
                break;
            }
            self.next_box = end;
            if kind == *b"mdat" {
                self.whole_len = end;
            }
        }
        Ok(())
    }

    /// The whole chunks that came since the last call.
    pub fn take(&mut self, init: &InitInfo) -> Option<Chunks> {
        if self.whole_len == 0 {
            return None;
        }
        let begun = self.bytes.split_off(self.whole_len);
        let bytes = core::mem::replace(&mut self.bytes, begun);
        self.next_box -= self.whole_len;
        self.whole_len = 0;
        let (start_secs, end_secs) = times(&bytes, init);
        Some(Chunks { bytes, start_secs, end_secs })
    }

    /// Bytes held of a chunk that is not whole.
    #[must_use]
    pub fn held_len(&self) -> usize {
        self.bytes.len()
    }

    /// Kind and whole length of the next box, once its header is there.
    fn next_header(&self) -> Result<Option<([u8; 4], usize)>, Error> {
        let rest = self.bytes.get(self.next_box..).unwrap_or_default();
        let (Some(size), Some(kind)) = (be_u32(rest, 0), array::<4>(rest, 4)) else {
            return Ok(None);
        };
        let (header_len, len) = match size {
            1 => match array::<8>(rest, 8) {
                Some(size) => (16, u64::from_be_bytes(size)),
                None => return Ok(None),
            },
            // "To the end of the file" has no place where more chunks follow.
            size => (8, u64::from(size)),
        };
        if len < header_len {
            let problem = format!("a box of {len} bytes in a segment still being written");
            return Err(Error::DamagedMedia { format: "fMP4", problem });
        }
        Ok(Some((kind, usize::try_from(len).unwrap_or(usize::MAX))))
    }
}

/// Earliest start and latest end of all fragments.
fn times(bytes: &[u8], init: &InitInfo) -> (Option<f64>, Option<f64>) {
    let heads = Boxes::new(bytes)
        .filter(|top| top.kind == *b"moof")
        .filter_map(|moof| SegmentHead::of_moof(moof.payload, init));
    let mut start: Option<f64> = None;
    let mut end: Option<f64> = None;
    for head in heads {
        if let Some(secs) = head.start_secs(init) {
            start = Some(start.map_or(secs, |known| known.min(secs)));
        }
        if let Some(secs) = head.end_secs(init) {
            end = Some(end.map_or(secs, |known| known.max(secs)));
        }
    }
    (start, end.filter(|end| start.is_some_and(|start| *end > start)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const INIT: &[u8] = include_bytes!("../../../../../tests/fixtures/cmaf_init.mp4");
    const SEGMENTS: [&[u8]; 2] = [
        include_bytes!("../../../../../tests/fixtures/cmaf_0.mp4"),
        include_bytes!("../../../../../tests/fixtures/cmaf_1.mp4"),
    ];

    #[test]
    fn chunks_are_whole_and_nothing_is_lost_whatever_the_pieces() {
        let init = InitInfo::parse(INIT).expect("an init segment");
        let all = SEGMENTS.concat();
        for piece_len in [1, 7, 100, 4096, all.len()] {
            let mut splitter = ChunkSplitter::default();
            let mut given = Vec::new();
            let mut last_end_secs = None;
            for piece in all.chunks(piece_len) {
                splitter.push(piece).expect("well-formed boxes");
                let Some(chunks) = splitter.take(&init) else { continue };
                let kinds: Vec<_> = Boxes::new(&chunks.bytes).map(|top| top.kind).collect();
                assert_eq!(kinds.last(), Some(b"mdat"), "{kinds:?}");
                assert!(Boxes::new(&chunks.bytes).all(|top| top.is_complete));
                let start_secs = chunks.start_secs.expect("a tfdt");
                let end_secs = chunks.end_secs.expect("durations");
                if let Some(last_end_secs) = last_end_secs {
                    assert!(f64::abs(start_secs - last_end_secs) < 0.1);
                }
                assert!(end_secs > start_secs);
                last_end_secs = Some(end_secs);
                given.extend(chunks.bytes);
            }
            assert!(given == all, "pieces of {piece_len}");
            assert_eq!(splitter.held_len(), 0);
            assert!((3.9..4.2).contains(&last_end_secs.expect("chunks")), "{last_end_secs:?}");
        }
    }

    #[test]
    fn a_chunk_comes_as_soon_as_it_is_whole() {
        let init = InitInfo::parse(INIT).expect("an init segment");
        let mut splitter = ChunkSplitter::default();
        splitter.push(&SEGMENTS[0][..SEGMENTS[0].len() - 1]).expect("well-formed boxes");
        assert_eq!(splitter.take(&init), None);
        splitter.push(&SEGMENTS[0][SEGMENTS[0].len() - 1..]).expect("well-formed boxes");
        splitter.push(&SEGMENTS[1][..50]).expect("well-formed boxes");
        assert_eq!(splitter.take(&init).map(|it| it.bytes.len()), Some(SEGMENTS[0].len()));
        assert_eq!(splitter.take(&init), None);
        assert_eq!(splitter.held_len(), 50);
    }

    #[test]
    fn what_is_no_box_is_refused_and_memory_is_bounded() {
        for bytes in
            [b"\0\0\0\x07free".as_slice(), b"\0\0\0\0mdat", b"\xff\0\0\0mdat", b"<!DOCTYPE"]
        {
            let error = ChunkSplitter::default().push(bytes).expect_err("no box");
            assert!(matches!(error, Error::DamagedMedia { .. }));
        }
        let mut splitter = ChunkSplitter::default();
        splitter.push(b"\0\0\0\x01mdat\0\0\0\0").expect("half a header");
        assert!(splitter.push(b"\xff\xff\xff\xff").is_err());
    }
}
