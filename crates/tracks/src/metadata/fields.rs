//! Named values, as events hold them.
//!
//! In: names and values. Out: fields in the order in which they came.

use crate::event::Value;

pub(super) type Fields = Vec<(String, Value)>;

pub(super) fn add(fields: &mut Fields, name: &str, value: Value) {
    fields.push((name.into(), value));
}

/// Whole numbers beyond 2^53 lose their last digits, as in JavaScript.
pub(super) fn add_number(fields: &mut Fields, name: &str, number: u64) {
    add(fields, name, Value::Number(number as f64));
}
