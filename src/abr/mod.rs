//! Which variant to load next.
//!
//! In: throughput samples, buffer level, viewport and the variants. Out: a choice. It loads
//! nothing.
