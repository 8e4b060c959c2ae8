//! Which variant to load next.
//!
//! In: throughput samples (`bandwidth`; `bursts` where the sender may be the limit), then its
//! averages, buffer level, viewport and the variants (`choose`, by a `plan`). Out: a choice. Pure
//! functions and plain numbers: it loads nothing, knows no clock, and remembers nothing but the
//! averages of the estimate.

mod bandwidth;
mod bursts;
mod choose;
mod plan;
mod sample;
mod situation;

pub use bandwidth::BandwidthEstimator;
pub use bursts::{BurstMeter, Reading};
pub use choose::choose_variant;
pub use sample::ThroughputSample;
pub use situation::{Candidate, ChooseInput, Selection};
