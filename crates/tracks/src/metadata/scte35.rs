//! Splice information sections (ANSI/SCTE 35 2023, 9, 10).
//!
//! In: a section, from its `table_id` to its checksum. Out: its fields, with the standard's names, and the
//! moment it is about. Read are `splice_null`, `splice_insert`, `time_signal`, and descriptors of avails, DTMF,
//! segmentation and time; commands and descriptors of other kinds are named, and handed on as bytes. It
//! refuses encrypted sections, and such with a wrong checksum.

mod descriptors;

use super::Error;
use super::bits::Bits;
use super::fields::{add, add_number, read};
use crate::event::Value;

const TABLE_ID: u64 = 0xfc;
/// `splice_command_length` of writers that do not say it.
const UNKNOWN_LEN: usize = 0xfff;
const PTS_MASK: u64 = 0x1_ffff_ffff;
/// More than a section has room for.
const MAX_COMPONENTS: u64 = 255;

/// What a section says.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Splice {
    /// By the standard's names, in its order.
    pub fields: Vec<(String, Value)>,
    /// `pts_time` with `pts_adjustment`: the moment it is about, 33 bits at 90 kHz; `None` is at once.
    pub pts_ticks: Option<u64>,
    /// `break_duration`, at 90 kHz.
    pub duration_ticks: Option<u64>,
}

/// Reads a section.
///
/// # Errors
/// [`Error::OtherKind`], [`Error::Cut`], [`Error::WrongChecksum`], [`Error::Encrypted`],
/// [`Error::UnknownVersion`].
pub fn parse(bytes: &[u8]) -> Result<Splice, Error> {
    let mut bits = Bits::new(bytes);
    if bits.take(8).map_err(|_| Error::OtherKind)? != TABLE_ID {
        return Err(Error::OtherKind);
    }
    bits.take(4)?;
    let len = bits.take(12)? as usize;
    let section = bytes.get(..len + 3).ok_or(Error::Cut)?;
    if checksum(section) != 0 {
        return Err(Error::WrongChecksum);
    }
    let mut bits = Bits::new(bits.bytes(len.checked_sub(4).ok_or(Error::Cut)?)?);
    let protocol_version = bits.take(8)?;
    if protocol_version != 0 {
        return Err(Error::UnknownVersion);
    }
    if bits.flag()? {
        return Err(Error::Encrypted);
    }
    bits.take(6)?;
    let adjustment = bits.take(33)?;
    bits.take(8)?;
    let tier = bits.take(12)?;
    let command_len = bits.take(12)? as usize;
    let kind = bits.take(8)?;
    let mut splice = Splice::default();
    add_number(&mut splice.fields, "protocol_version", protocol_version);
    add_number(&mut splice.fields, "pts_adjustment", adjustment);
    add_number(&mut splice.fields, "tier", tier);
    add_number(&mut splice.fields, "splice_command_type", kind);
    if command_len == UNKNOWN_LEN {
        splice.command(kind, &mut bits)?;
    } else {
        splice.command(kind, &mut Bits::new(bits.bytes(command_len)?))?;
    }
    splice.pts_ticks = splice.pts_ticks.map(|ticks| (ticks + adjustment) & PTS_MASK);
    let descriptors_len = bits.take(16)? as usize;
    let descriptors = descriptors::read(bits.bytes(descriptors_len)?)?;
    splice.fields.push(("descriptors".into(), Value::List(descriptors)));
    Ok(splice)
}

/// CRC-32 of MPEG-2 (ISO 13818-1, Annex A): 0 of a section with its checksum.
fn checksum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte) << 24, |crc, _| {
            crc << 1 ^ if crc >> 31 == 1 { 0x04c1_1db7 } else { 0 }
        })
    })
}

impl Splice {
    fn command(&mut self, kind: u64, bits: &mut Bits<'_>) -> Result<(), Error> {
        let name = match kind {
            0 => "splice_null",
            4 => "splice_schedule",
            5 => "splice_insert",
            6 => "time_signal",
            7 => "bandwidth_reservation",
            0xff => "private_command",
            _ => "unknown",
        };
        add(&mut self.fields, "splice_command", Value::Text(name.into()));
        match kind {
            0 | 7 => {}
            5 => self.insert(bits)?,
            6 => {
                self.pts_ticks = splice_time(bits)?;
                self.add_time();
            }
            _ => add(&mut self.fields, "command_data", Value::Bytes(bits.rest().into())),
        }
        Ok(())
    }

    fn add_time(&mut self) {
        if let Some(ticks) = self.pts_ticks {
            add_number(&mut self.fields, "pts_time", ticks);
        }
    }

    fn insert(&mut self, bits: &mut Bits<'_>) -> Result<(), Error> {
        read(&mut self.fields, bits, &[("splice_event_id", 32)])?;
        let is_cancelled = bits.flag()?;
        bits.take(7)?;
        add(&mut self.fields, "splice_event_cancel_indicator", Value::Flag(is_cancelled));
        if is_cancelled {
            return Ok(());
        }
        let [is_out, is_whole_program, has_duration, is_immediate] =
            [bits.flag()?, bits.flag()?, bits.flag()?, bits.flag()?];
        bits.take(4)?;
        for (name, flag) in [
            ("out_of_network_indicator", is_out),
            ("program_splice_flag", is_whole_program),
            ("splice_immediate_flag", is_immediate),
        ] {
            add(&mut self.fields, name, Value::Flag(flag));
        }
        if is_whole_program && !is_immediate {
            self.pts_ticks = splice_time(bits)?;
        } else if !is_whole_program {
            self.components(bits, is_immediate)?;
        }
        self.add_time();
        if has_duration {
            read(&mut self.fields, bits, &[("auto_return", 1), ("", 6)])?;
            let duration = bits.take(33)?;
            self.duration_ticks = Some(duration);
            add_number(&mut self.fields, "break_duration", duration);
        }
        let programme = [("unique_program_id", 16), ("avail_num", 8), ("avails_expected", 8)];
        read(&mut self.fields, bits, &programme)
    }

    /// The earliest of its components is the moment of all.
    fn components(&mut self, bits: &mut Bits<'_>, is_immediate: bool) -> Result<(), Error> {
        let count = bits.take(8)?.min(MAX_COMPONENTS);
        let mut components = Vec::new();
        for _ in 0..count {
            let mut fields = Vec::new();
            read(&mut fields, bits, &[("component_tag", 8)])?;
            let ticks = if is_immediate { None } else { splice_time(bits)? };
            if let Some(ticks) = ticks {
                add_number(&mut fields, "pts_time", ticks);
            }
            self.pts_ticks = self.pts_ticks.into_iter().chain(ticks).min();
            components.push(("component".into(), Value::List(fields)));
        }
        add(&mut self.fields, "components", Value::List(components));
        Ok(())
    }
}

/// `splice_time()`: ticks, if it says any.
fn splice_time(bits: &mut Bits<'_>) -> Result<Option<u64>, Error> {
    let is_said = bits.flag()?;
    bits.take(if is_said { 6 } else { 7 })?;
    if is_said { bits.take(33).map(Some) } else { Ok(None) }
}
