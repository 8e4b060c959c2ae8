//! What went wrong so far in this stream, and how it is gone about.
//!
//! In: failures, each with what could take its place. Out: what to do about it. Segments that came
//! make most of it forgotten. It carries nothing out: [`super::failures`] does.

use super::media_errors::MediaErrors;
use super::misfit::Misfit;
use super::standstill::Standstill;

/// Failures and what is known of them.
#[derive(Debug, Default)]
pub(super) struct Recovery {
    /// A fatal error: nothing more is loaded, what is there plays on.
    pub is_over: bool,
    pub media_errors: MediaErrors,
    pub misfit: Misfit,
    pub standstill: Standstill,
    /// Waits since the last segment, as everything there is had failed.
    pub back_offs: u32,
    pub is_buffer_full_reported: bool,
    pub is_stray_track_reported: bool,
}
