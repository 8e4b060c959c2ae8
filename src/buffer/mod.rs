//! What the source buffers hold: queued operations, eviction, gaps.
//!
//! In: fragments, news of the media source, the playhead. Out: the next operation per track
//! ([`queue`]), what to remove ([`eviction`]), when to jump over a hole ([`gaps`]); and arithmetic
//! on `buffered` ([`time_ranges`]). Media Source Extensions sections 3.5.7 (quota) and 3.5.9
//! (removal) say what a source buffer may refuse. It owns no SourceBuffer and no bytes.

pub mod eviction;
pub mod gaps;
pub mod queue;
pub mod time_ranges;
