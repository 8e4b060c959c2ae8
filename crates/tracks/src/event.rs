//! Timed metadata: what a stream says to the page at a moment.
//!
//! In: nothing. Out: plain data for ID3, `emsg`, EXT-X-DATERANGE and SCTE-35. It refuses to know what
//! an event means.

/// Something that the stream says at a moment.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Event {
    /// What kind: a scheme's URI (`https://aomedia.org/emsg/ID3`, `urn:scte:scte35:2013:bin`, …).
    pub scheme: String,
    /// Tells it from others of the scheme; the same one said again has the same.
    pub id: String,
    /// When.
    pub start_secs: f64,
    /// Until when; `None` where that is not known.
    pub end_secs: Option<f64>,
    /// What it says, by name.
    pub fields: Vec<(String, Value)>,
    /// The message as it came.
    pub data: Vec<u8>,
}

/// One thing that an event says.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Words.
    Text(String),
    /// A number.
    Number(f64),
    /// Yes or no.
    Flag(bool),
    /// Bytes that only the page can read.
    Bytes(Vec<u8>),
    /// Several.
    List(Vec<(String, Value)>),
}
