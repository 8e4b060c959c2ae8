//! What the fuzz targets share: choices made by a fuzzer's bytes, a server's list over time, and a
//! whole player whose every move is judged.
//!
//! The media element and the writers of media are those of the tests.

pub mod list;
pub mod player;
pub mod probe;
pub mod script;

#[path = "../../tests/playback/element.rs"]
#[allow(dead_code, missing_docs)]
mod element;
#[path = "../../tests/playback/mp4.rs"]
#[allow(dead_code, missing_docs)]
mod mp4;
#[path = "../../crates/transmux/tests/remux/stream.rs"]
#[allow(dead_code, missing_docs)]
pub mod stream;
