//! The segment index of a file (ISO/IEC 14496-12, 8.16.3).
//!
//! In: the bytes of the `sidx`, and where they stand. Out: where each subsegment is, and how long. It refuses an
//! index of indexes, one that is cut, and more references than [`crate::MAX_SEGMENTS`] (they are 16 bits).

use crate::Error;
use crate::model::ByteRange;
use crate::values::micros_of;

/// A subsegment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subsegment {
    /// In the file.
    pub range: ByteRange,
    /// Its media time.
    pub start_micros: u64,
    /// How long it is.
    pub duration_micros: u64,
}

/// Reads the first `sidx` of these bytes, which stand at `offset` of the file.
///
/// # Errors
/// [`Error::BadIndex`]; [`Error::Unsupported`] for an index of indexes.
pub fn read(bytes: &[u8], offset: u64) -> Result<Vec<Subsegment>, Error> {
    let (body, end) = find(bytes).ok_or(Error::BadIndex)?;
    let anchor = offset.checked_add(end as u64).ok_or(Error::BadIndex)?;
    references(body, anchor).ok_or(Error::BadIndex)?
}

/// The box's content, and where it ends.
fn find(bytes: &[u8]) -> Option<(&[u8], usize)> {
    let mut at = 0_usize;
    loop {
        let mut header = Fields(bytes.get(at..)?);
        let (size, kind) = (header.u32()? as usize, header.u32()?);
        let end = at.checked_add(size).filter(|_| size >= 8)?;
        if kind == u32::from_be_bytes(*b"sidx") {
            return Some((bytes.get(at + 8..end)?, end));
        }
        at = end;
    }
}

fn references(body: &[u8], anchor: u64) -> Option<Result<Vec<Subsegment>, Error>> {
    let mut fields = Fields(body);
    let is_long = fields.u32()? >> 24 != 0;
    fields.u32()?;
    let timescale_hz = fields.u32().filter(|hz| *hz > 0)?;
    let mut ticks = if is_long { fields.u64()? } else { u64::from(fields.u32()?) };
    let first = if is_long { fields.u64()? } else { u64::from(fields.u32()?) };
    let mut at = anchor.checked_add(first)?;
    let count = fields.u32()? & 0xffff;
    let mut subsegments = Vec::new();
    for _ in 0..count {
        let (size, duration, _) = (fields.u32()?, fields.u32()?, fields.u32()?);
        if size >> 31 != 0 {
            return Some(Err(Error::Unsupported(
                "an index of indexes (sidx of sidx): package the file with one index",
            )));
        }
        let start_micros = micros_of(ticks, timescale_hz);
        ticks = ticks.checked_add(u64::from(duration))?;
        subsegments.push(Subsegment {
            range: ByteRange { offset: at, length: Some(u64::from(size)) },
            start_micros,
            duration_micros: micros_of(ticks, timescale_hz) - start_micros,
        });
        at = at.checked_add(u64::from(size))?;
    }
    Some(Ok(subsegments))
}

/// Big-endian numbers, one after the other.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn u32(&mut self) -> Option<u32> {
        let (bytes, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u32::from_be_bytes(*bytes))
    }

    fn u64(&mut self) -> Option<u64> {
        let (bytes, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u64::from_be_bytes(*bytes))
    }
}
