//! Timed metadata: ID3 tags, `emsg` boxes, SCTE-35 sections and EXT-X-DATERANGE, as events.

mod bits;
pub mod daterange;
pub mod emsg;
mod error;
mod fields;
pub mod id3;
pub mod scte35;

pub use error::Error;
