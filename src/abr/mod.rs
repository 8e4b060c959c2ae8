//! Which variant to load next.
//!
//! In: throughput samples ([`bandwidth`]), then estimate, buffer level, viewport and the variants
//! ([`choose`]). Out: a choice. Pure functions and plain numbers: it loads nothing, knows no clock,
//! and remembers nothing but the averages of the estimate.

mod bandwidth;
mod choose;

pub use bandwidth::{BandwidthEstimator, ThroughputSample};
pub use choose::{Candidate, ChooseInput, Pin, choose_variant};
