//! Timed metadata from outside: samples, the standards' examples, and damage.

mod daterange;
mod emsg;
mod id3;
mod scte35;

use videosphere_tracks::event::Value;

/// A fixture's bytes.
fn fixture(name: &str) -> Vec<u8> {
    let path = format!("{}/../../tests/fixtures/tracks/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// `name=value` of all fields, with lists in brackets.
fn shown(fields: &[(String, Value)]) -> String {
    let one = |(name, value): &(String, Value)| format!("{name}={}", shown_value(value));
    fields.iter().map(one).collect::<Vec<_>>().join(" ")
}

fn shown_value(value: &Value) -> String {
    match value {
        Value::Text(text) => format!("{text:?}"),
        Value::Number(number) => number.to_string(),
        Value::Flag(flag) => flag.to_string(),
        Value::Bytes(bytes) => format!("{bytes:02x?}").replace(", ", ""),
        Value::List(fields) => format!("[{}]", shown(fields)),
    }
}

/// The value at the end of a path of names.
fn field<'a>(fields: &'a [(String, Value)], path: &[&str]) -> Option<&'a Value> {
    let (first, rest) = path.split_first()?;
    let (_, value) = fields.iter().find(|(name, _)| name == first)?;
    match value {
        Value::List(fields) if !rest.is_empty() => field(fields, rest),
        _ => Some(value).filter(|_| rest.is_empty()),
    }
}

fn number(fields: &[(String, Value)], path: &[&str]) -> Option<f64> {
    match field(fields, path)? {
        Value::Number(number) => Some(*number),
        _ => None,
    }
}
