//! What the source buffers hold: queued operations, eviction, gaps.
//!
//! In: fragments and news of the media source. Out: the next operation per track. It owns no
//! SourceBuffer.
