//! Whether the tracks are there that a media source begins with: none can be added later.
//!
//! In: what waits to be appended, what lists and media promise. Out: yes or no. A track that was
//! promised is given three segments' time.

use crate::media::TrackKind;

/// A promised track is waited for over so much media, where segments are short.
const MIN_WAIT_SECS: f64 = 3.0;
/// And over so many segments.
const MIN_WAIT_SEGMENTS: u32 = 3;

/// What there is to know at one moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Situation<'a> {
    /// Kinds of track that something waits for.
    pub kinds: &'a [TrackKind],
    /// How many the list or the media promises; 0 where neither says.
    pub promised: usize,
    /// Every stream has a whole segment.
    pub is_segment_whole: bool,
    pub segments_done: u32,
    pub loaded_secs: f64,
    /// No more will come: the stream ends, or what comes needs a media source of its own.
    pub is_all: bool,
}

impl Situation<'_> {
    pub fn is_ready(&self) -> bool {
        let is_muxed = self.kinds.contains(&TrackKind::Muxed);
        let is_short = !is_muxed && self.kinds.len() < self.promised;
        // A segment still being written ends when it is written; all that was promised may be
        // there before.
        if !self.is_segment_whole && (self.promised < 2 || is_short) {
            return false;
        }
        let is_early = self.segments_done < MIN_WAIT_SEGMENTS || self.loaded_secs < MIN_WAIT_SECS;
        let is_waiting = is_short && is_early && !self.is_all;
        !is_waiting && !self.kinds.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_promised_track_is_given_three_segments_time() {
        let picture_alone = Situation {
            kinds: &[TrackKind::Video],
            promised: 2,
            is_segment_whole: true,
            segments_done: 2,
            loaded_secs: 12.0,
            is_all: false,
        };
        assert!(!picture_alone.is_ready());
        assert!(Situation { segments_done: 3, ..picture_alone }.is_ready());
        let short = Situation { segments_done: 9, loaded_secs: 2.7, ..picture_alone };
        assert!(!short.is_ready(), "short segments");
        assert!(Situation { is_all: true, ..picture_alone }.is_ready());
        assert!(Situation { promised: 0, ..picture_alone }.is_ready());
        assert!(Situation { kinds: &[TrackKind::Muxed], ..picture_alone }.is_ready());
        assert!(!Situation { kinds: &[], is_all: true, ..picture_alone }.is_ready());
        let both = [TrackKind::Video, TrackKind::Audio];
        let growing = Situation { kinds: &both, is_segment_whole: false, ..picture_alone };
        assert!(growing.is_ready(), "all that was promised is there");
        assert!(!Situation { promised: 0, ..growing }.is_ready());
    }
}
