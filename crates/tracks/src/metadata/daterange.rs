//! EXT-X-DATERANGE (RFC 8216bis 4.4.5.1), HLS Interstitials among them (Appendix D).
//!
//! In: ranges of a playlist, their dates already on the presentation timeline. Out: an event for each.
//! SCTE-35 is decoded; lists of words become flags. It refuses nothing: what cannot be read stays text.

use super::scte35;
use crate::event::{Event, Value};
use crate::number::decimal;

/// What these events go by, as in Safari's and hls.js's cues.
pub const SCHEME: &str = "com.apple.quicktime.HLS";
/// CLASS of an interstitial.
pub const INTERSTITIAL_CLASS: &str = "com.apple.hls.interstitial";

/// A range as its playlist says it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct DateRange<'a> {
    /// ID.
    pub id: &'a str,
    /// CLASS.
    pub class: Option<&'a str>,
    /// START-DATE, on the presentation timeline.
    pub start_secs: f64,
    /// END-DATE, on the presentation timeline.
    pub end_secs: Option<f64>,
    /// DURATION.
    pub duration_secs: Option<f64>,
    /// PLANNED-DURATION.
    pub planned_duration_secs: Option<f64>,
    /// All other attributes by name, strings without their quotes.
    pub attributes: &'a [(String, String)],
}

impl DateRange<'_> {
    fn ends_on_next(&self) -> bool {
        self.attributes.iter().any(|(name, value)| name == "END-ON-NEXT" && value == "YES")
    }

    /// By END-DATE or DURATION; by END-ON-NEXT it ends when the next of its class begins.
    fn end_secs(&self, all: &[DateRange<'_>]) -> Option<f64> {
        let said = self.end_secs.or(self.duration_secs.map(|secs| self.start_secs + secs));
        if said.is_some() || !self.ends_on_next() || self.class.is_none() {
            return said;
        }
        let is_next = |other: &&DateRange<'_>| {
            other.class == self.class && other.start_secs > self.start_secs
        };
        all.iter().filter(is_next).map(|other| other.start_secs).reduce(f64::min)
    }
}

/// An event for each range. Fields are the attributes by their own names: numbers where the standard says
/// so, flags for lists of words (`X-RESTRICT`, `X-SNAP`, `CUE`), a list for each SCTE-35 section (in which
/// `error` says why it cannot be read, and `section` holds its bytes), text for all others. `data` is the
/// first such section.
pub fn events(ranges: &[DateRange<'_>]) -> Vec<Event> {
    ranges.iter().map(|range| event(range, ranges)).collect()
}

fn event(range: &DateRange<'_>, all: &[DateRange<'_>]) -> Event {
    let mut fields = Vec::new();
    let mut data = Vec::new();
    if let Some(class) = range.class {
        fields.push(("CLASS".to_owned(), Value::Text(class.into())));
    }
    let planned = range.planned_duration_secs.map(Value::Number);
    fields.extend(planned.map(|value| ("PLANNED-DURATION".to_owned(), value)));
    for (name, text) in range.attributes {
        let value = match name.as_str() {
            "SCTE35-CMD" | "SCTE35-OUT" | "SCTE35-IN" => section(text, &mut data),
            "X-RESUME-OFFSET"
            | "X-PLAYOUT-LIMIT"
            | "X-SKIP-CONTROL-OFFSET"
            | "X-SKIP-CONTROL-DURATION" => decimal(text).map(Value::Number),
            "X-RESTRICT" | "X-SNAP" | "CUE" => Some(words(text)),
            "END-ON-NEXT" | "X-CONTENT-MAY-VARY" => match text.as_str() {
                "YES" => Some(Value::Flag(true)),
                "NO" => Some(Value::Flag(false)),
                _ => None,
            },
            _ => None,
        };
        fields.push((name.clone(), value.unwrap_or_else(|| Value::Text(text.clone()))));
    }
    let (scheme, id) = (SCHEME.into(), range.id.into());
    let end_secs = range.end_secs(all);
    Event { scheme, id, start_secs: range.start_secs, end_secs, fields, data }
}

fn words(text: &str) -> Value {
    let words = text.split(',').map(str::trim_ascii).filter(|word| !word.is_empty());
    Value::List(words.map(|word| (word.to_owned(), Value::Flag(true))).collect())
}

fn section(text: &str, data: &mut Vec<u8>) -> Option<Value> {
    let bytes = hexadecimal(text)?;
    let mut fields = match scte35::parse(&bytes) {
        Ok(splice) => splice.fields,
        Err(error) => vec![("error".to_owned(), Value::Text(error.sentence().into()))],
    };
    if data.is_empty() {
        data.clone_from(&bytes);
    }
    fields.push(("section".to_owned(), Value::Bytes(bytes)));
    Some(Value::List(fields))
}

/// `0xFC30…` as bytes.
fn hexadecimal(text: &str) -> Option<Vec<u8>> {
    let digits = text.strip_prefix("0x").or(text.strip_prefix("0X"))?.as_bytes();
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    let byte = |pair: &[u8]| match pair {
        [high, low] => u8::try_from(digit(high)? * 16 + digit(low)?).ok(),
        _ => None,
    };
    digits.chunks(2).map(byte).collect()
}
