//! What to request next, per track, and when to try again.
//!
//! In: a [`crate::playlist`] timeline, the cursor of a track, failures, the progress of a
//! download. Out: how long to wait before a retry ([`retry`]), whether a download should be given
//! up ([`abandon`]). Pure decisions: it requests nothing itself, keeps no list of requests (the
//! engine does) and reads no clock.

pub mod abandon;
pub mod retry;
