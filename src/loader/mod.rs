//! What to request next, per track, and when to try again.
//!
//! In: the timeline, the buffer level, failures. Out: which segment next, and retry delays. It
//! requests nothing itself.
