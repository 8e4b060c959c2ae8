//! How much may become of a segment, in memory and in playing time.
//!
//! In: how many of its bytes came, what is held and was made of them, where its media lies. Out:
//! whether that is in proportion. A few bytes can ask for gigabytes (another program map before
//! each picture) or for hours (frames seconds apart); nowhere else is that bounded. It drops
//! nothing itself.

/// Each byte of a segment may become so many.
const MAX_GROWTH: usize = 2;
/// Beside that: short segments have heads, head room and silence too.
const FREE_LEN: usize = 8 << 20;
/// A segment may play so many times as long as the list has it, as lists are wrong at times.
const MAX_STRETCH: f64 = 4.0;
/// Beside that.
const FREE_SECS: f64 = 120.0;
/// Bytes after which it is looked at, so that chunks do not matter.
const PIECE_LEN: usize = 4096;

/// What became of a segment so far.
#[derive(Debug, Default)]
pub(super) struct Bounds {
    taken_len: usize,
    made_len: usize,
    begin_secs: Option<f64>,
    max_span_secs: f64,
    is_exceeded: bool,
}

impl Bounds {
    /// Of a segment of this EXTINF.
    pub(super) fn new(duration_secs: f64) -> Self {
        Self { max_span_secs: max_span_secs(duration_secs), ..Self::default() }
    }

    /// The next bytes to take in before [`Self::check`], and the rest.
    pub(super) fn piece<'a>(&mut self, bytes: &'a [u8]) -> (&'a [u8], &'a [u8]) {
        let piece = bytes.split_at(bytes.len().min(PIECE_LEN - self.taken_len % PIECE_LEN));
        self.taken_len += piece.0.len();
        piece
    }

    /// Something was made of it.
    pub(super) fn note_made(&mut self, len: usize) {
        self.made_len += len;
    }

    /// So much of it is held. `most_len`: whatever its own length.
    pub(super) fn check(&mut self, held_len: usize, most_len: usize) {
        let is_piece_whole = self.taken_len.is_multiple_of(PIECE_LEN);
        let allowed_len = FREE_LEN + MAX_GROWTH * self.taken_len;
        self.is_exceeded |=
            is_piece_whole && (held_len > most_len || held_len + self.made_len > allowed_len);
    }

    /// Whether media that lies there may be given out.
    pub(super) fn includes(&mut self, start_secs: f64, end_secs: f64) -> bool {
        let begin_secs = *self.begin_secs.get_or_insert(start_secs);
        let is_included = end_secs - begin_secs <= self.max_span_secs;
        self.is_exceeded |= !is_included;
        is_included
    }

    /// Nothing more is to be made of it.
    pub(super) fn is_exceeded(&self) -> bool {
        self.is_exceeded
    }
}

/// The most that a segment of this EXTINF may play.
#[must_use]
pub fn max_span_secs(duration_secs: f64) -> f64 {
    MAX_STRETCH * duration_secs.max(0.0) + FREE_SECS
}
