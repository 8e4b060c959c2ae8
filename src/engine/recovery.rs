//! What is done about a failure that no retry repaired: a variant is left out for a while, or a
//! segment, or the stream ends.
//!
//! In: errors, and what could take the place of what failed. Out: what to do about each, warnings
//! while something can take its place, one fatal error when nothing can. What is buffered always plays
//! on. In this order: another variant or rendition; the next segment; waiting, as long as the buffer
//! lasts, or for a live stream that has played as long as it takes; the end. It carries nothing out.

use super::kinds::StreamKind;
use super::media_errors::MediaErrors;
use super::misfit::Misfit;
use super::standstill::Standstill;
use super::variant_set::{RenditionId, VariantId};
use crate::config::RetryConfig;
use crate::error::{Error, NetworkFailure, Resource, Severity};
use crate::loader::retry::{Jitter, back_off};
use crate::time::Duration;

/// Missing segments passed over in a row before the stream counts as gone.
const MAX_SKIPPED_IN_ROW: u32 = 5;

/// Failures so far, and what is known of them.
#[derive(Debug, Default)]
pub(super) struct Recovery {
    /// A fatal error: nothing more is loaded, what is there plays on.
    pub is_over: bool,
    pub media_errors: MediaErrors,
    pub misfit: Misfit,
    pub standstill: Standstill,
    /// Waits since the last segment, as everything there is had failed.
    back_offs: u32,
    is_buffer_full_reported: bool,
}

impl Recovery {
    /// A segment was loaded: so many have been since the media source was opened.
    pub fn on_segment(&mut self, segments_done: u32) {
        self.back_offs = 0;
        self.media_errors.on_segment(segments_done);
    }

    /// How long to wait before all there is is tried again: longer each time.
    pub fn back_off(&mut self, config: &RetryConfig, jitter: &mut Jitter) -> Duration {
        let delay = back_off(config, self.back_offs, jitter);
        self.back_offs = self.back_offs.saturating_add(1);
        delay
    }

    /// The end, once.
    pub fn end(&mut self, error: Error) -> Option<Error> {
        (!core::mem::replace(&mut self.is_over, true)).then(|| as_final(error))
    }

    /// The browser's quota leaves too little room: worth saying once.
    pub fn is_buffer_full_news(&mut self) -> bool {
        !core::mem::replace(&mut self.is_buffer_full_reported, true)
    }
}

/// What is excluded, as something else can take its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Replaceable {
    Variant(VariantId),
    /// A stream's rendition, by this one.
    Rendition(StreamKind, RenditionId),
}

/// What to do about a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Remedy {
    Exclude(Replaceable),
    /// Go on with the next segment.
    Skip,
    /// Try all there is again after a while.
    BackOff,
    /// Ask for this again while the buffer lasts.
    Wait,
    /// Nothing more is needed from it.
    Ignore,
    End,
}

/// A segment that cannot be had or played.
#[derive(Debug, Clone, Copy)]
pub(super) struct SegmentFailure<'a> {
    pub error: &'a Error,
    pub replaceable: Option<Replaceable>,
    /// The list has, or will have, segments after it.
    pub has_more: bool,
    pub skipped_in_row: u32,
    /// A live stream that has played: it comes back sooner or later.
    pub comes_back: bool,
    /// The buffer lasts for a while.
    pub can_wait: bool,
}

impl SegmentFailure<'_> {
    pub fn remedy(&self) -> Remedy {
        let is_of_segment = is_of_one_segment(self.error);
        let is_of_network = matches!(self.error, Error::Network { .. });
        match self.replaceable {
            Some(replaceable) => Remedy::Exclude(replaceable),
            None if self.has_more && is_of_segment && self.skipped_in_row < MAX_SKIPPED_IN_ROW => {
                Remedy::Skip
            }
            None if (is_of_network || is_of_segment) && self.comes_back => Remedy::BackOff,
            None if is_of_network && self.can_wait => Remedy::Wait,
            None => Remedy::End,
        }
    }
}

/// A media playlist that cannot be had or read.
#[derive(Debug, Clone, Copy)]
pub(super) struct PlaylistFailure {
    pub replaceable: Option<Replaceable>,
    /// Segments are chosen from it, now or soon.
    pub is_active: bool,
    pub comes_back: bool,
    /// It was there before, and the buffer lasts for a while.
    pub can_wait: bool,
}

impl PlaylistFailure {
    pub const fn remedy(&self) -> Remedy {
        match self.replaceable {
            Some(replaceable) => Remedy::Exclude(replaceable),
            None if !self.is_active => Remedy::Ignore,
            None if self.comes_back => Remedy::BackOff,
            None if self.can_wait => Remedy::Wait,
            None => Remedy::End,
        }
    }
}

/// True where the failure says nothing of the segments after it.
const fn is_of_one_segment(error: &Error) -> bool {
    match error {
        // The others have the same key, most often.
        Error::Network { resource: Resource::Key, .. } => false,
        Error::Network { failure, .. } => matches!(
            failure,
            NetworkFailure::Status(404 | 410)
                | NetworkFailure::Truncated { .. }
                | NetworkFailure::TooLarge { .. }
        ),
        Error::DamagedMedia { .. }
        | Error::UnsupportedContainer { .. }
        | Error::Undecryptable { .. } => true,
        _ => false,
    }
}

/// True where the failure is the server's rather than of one thing it has.
pub(super) const fn is_of_server(error: &Error) -> bool {
    is_silence(error)
        || matches!(error, Error::Network { failure: NetworkFailure::Status(500..), .. })
}

/// True where no answer came at all.
pub(super) const fn is_silence(error: &Error) -> bool {
    matches!(
        error,
        Error::Network { failure: NetworkFailure::Unreachable | NetworkFailure::Timeout, .. }
    )
}

/// True where another request for the same media may well succeed.
pub(super) const fn is_of_one_request(error: &Error) -> bool {
    matches!(
        error,
        Error::Network { .. } | Error::DamagedMedia { .. } | Error::Undecryptable { .. }
    )
}

/// The warning that goes with a failure playback survives.
pub(super) fn as_warning(error: Error) -> Error {
    match error {
        Error::UnsupportedContainer { url, found } => {
            Error::DamagedMedia { format: "segment", problem: format!("{url} is {found}") }
        }
        other if other.severity() == Severity::Warning => other,
        fatal => Error::VariantExcluded { variant: None, cause: Box::new(fatal) },
    }
}

fn as_final(error: Error) -> Error {
    match error {
        Error::Network { resource, url, failure, .. } => {
            Error::Network { resource, url, failure, exhausted: true }
        }
        // A warning by its nature, but here nothing is left to play.
        Error::DamagedMedia { format, problem } => {
            Error::Decode { detail: format!("damaged {format} data: {problem}") }
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(failure: NetworkFailure) -> Error {
        let url = "https://a.example/1.ts".to_owned();
        Error::Network { resource: Resource::Segment, url, failure, exhausted: false }
    }

    #[test]
    fn a_missing_segment_is_passed_over_until_too_many_are_missing() {
        let error = network(NetworkFailure::Status(404));
        let failure = SegmentFailure {
            error: &error,
            replaceable: None,
            has_more: true,
            skipped_in_row: 0,
            comes_back: false,
            can_wait: false,
        };
        assert_eq!(failure.remedy(), Remedy::Skip);
        let too_many = SegmentFailure { skipped_in_row: MAX_SKIPPED_IN_ROW, ..failure };
        assert_eq!(too_many.remedy(), Remedy::End);
        assert_eq!(SegmentFailure { can_wait: true, ..too_many }.remedy(), Remedy::Wait);
        assert_eq!(SegmentFailure { comes_back: true, ..too_many }.remedy(), Remedy::BackOff);
        let busy = network(NetworkFailure::Status(503));
        assert_eq!(SegmentFailure { error: &busy, ..failure }.remedy(), Remedy::End);
        let codec = Error::UnsupportedCodec { codec: "x".to_owned() };
        let codec = SegmentFailure { error: &codec, comes_back: true, can_wait: true, ..failure };
        assert_eq!(codec.remedy(), Remedy::End, "no wait makes it playable");
    }

    #[test]
    fn a_playlist_nobody_reads_costs_nothing() {
        let failure = PlaylistFailure {
            replaceable: None,
            is_active: false,
            comes_back: true,
            can_wait: true,
        };
        assert_eq!(failure.remedy(), Remedy::Ignore);
        assert_eq!(PlaylistFailure { is_active: true, ..failure }.remedy(), Remedy::BackOff);
    }

    #[test]
    fn a_stream_ends_once() {
        let mut recovery = Recovery::default();
        let end = recovery.end(network(NetworkFailure::Timeout));
        assert!(matches!(end, Some(Error::Network { exhausted: true, .. })));
        assert_eq!(recovery.end(Error::MediaSourceUnsupported), None);
    }
}
