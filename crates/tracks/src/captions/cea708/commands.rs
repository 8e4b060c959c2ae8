//! How long a CEA-708 command is (ANSI/CTA-708-E 7.1.2 to 7.1.5 and 8.10.5).
//!
//! In: bytes that begin at a command. Out: its length, or that it is not whole.

/// `EXT1`: the next code is of C2, C3, G2 or G3.
pub(super) const EXTEND: u8 = 0x10;

/// The bytes that the first command of these takes; `None` where more have to come. Never 0.
pub(super) fn len(bytes: &[u8]) -> Option<usize> {
    let code = *bytes.first()?;
    let arguments = match code {
        EXTEND => 1 + extended_arguments(bytes)?,
        0x11..=0x17 => 1,
        0x18..=0x1f => 2,
        // ClearWindows, DisplayWindows, HideWindows, ToggleWindows, DeleteWindows, Delay.
        0x88..=0x8d => 1,
        // SetPenAttributes, SetPenColor, SetPenLocation, SetWindowAttributes, DefineWindow.
        0x90 | 0x92 => 2,
        0x91 => 3,
        0x97 => 4,
        0x98..=0x9f => 6,
        _ => 0,
    };
    (bytes.len() > arguments).then_some(1 + arguments)
}

/// Those behind an extended code.
fn extended_arguments(bytes: &[u8]) -> Option<usize> {
    Some(match bytes.get(1)? {
        0x08..=0x0f => 1,
        0x10..=0x17 => 2,
        0x18..=0x1f => 3,
        0x80..=0x87 => 4,
        0x88..=0x8f => 5,
        // Their length stands in them.
        0x90..=0x9f => 1 + usize::from(bytes.get(2)? & 0x1f),
        _ => 0,
    })
}
