//! Named values, as events hold them.
//!
//! In: names and values, or bits and what they mean. Out: fields in the order in which they came.

use super::Error;
use super::bits::Bits;
use crate::event::Value;

pub(super) type Fields = Vec<(String, Value)>;

pub(super) fn add(fields: &mut Fields, name: &str, value: Value) {
    fields.push((name.into(), value));
}

/// Whole numbers beyond 2^53 lose their last digits, as in JavaScript.
pub(super) fn add_number(fields: &mut Fields, name: &str, number: u64) {
    add(fields, name, Value::Number(number as f64));
}

/// Reads fields one behind the other, each of so many bits; those of one bit are flags, those without a name
/// are passed over.
pub(super) fn read(
    fields: &mut Fields,
    bits: &mut Bits<'_>,
    layout: &[(&str, u32)],
) -> Result<(), Error> {
    for (name, count) in layout {
        let number = bits.take(*count)?;
        if !name.is_empty() {
            let flag = Value::Flag(number == 1);
            let value = if *count == 1 { flag } else { Value::Number(number as f64) };
            add(fields, name, value);
        }
    }
    Ok(())
}
