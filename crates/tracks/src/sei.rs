//! Caption data in supplemental enhancement information of H.264 and HEVC (ITU-T H.264 7.3.2.3 and D.1.6, H.265
//! 7.3.5, ATSC A/53 Part 4 6.2.3, CTA-708-E 4.4).
//!
//! In: a NAL unit of SEI, emulation prevention included. Out: the triplets of `cc_data`. Other messages, such as
//! DVB's `DTG1`, are passed over.

/// The coding that a NAL unit belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// ITU-T H.264.
    H264,
    /// ITU-T H.265.
    Hevc,
}

/// `user_data_registered_itu_t_t35`.
const REGISTERED_USER_DATA: usize = 4;
/// The United States, and ATSC's number there; its users; captions.
const ATSC: &[u8] = b"\xb5\x00\x31GA94\x03";
/// As DirecTV has it.
const DIRECTV: &[u8] = b"\xb5\x00\x2f\x03";

impl Coding {
    /// How long a NAL unit's header is.
    #[must_use]
    pub const fn header_len(self) -> usize {
        match self {
            Self::H264 => 1,
            Self::Hevc => 2,
        }
    }

    /// Whether a NAL unit with that first byte is SEI.
    #[must_use]
    pub const fn is_sei(self, first: u8) -> bool {
        match self {
            Self::H264 => first & 0x1f == 6,
            Self::Hevc => matches!(first >> 1 & 0x3f, 39 | 40),
        }
    }
}

/// Gives the triplets of each message with caption data that a NAL unit has; what is no SEI, or is damaged, gives
/// none.
pub fn caption_data(nal: &[u8], coding: Coding, mut give: impl FnMut(&[u8])) {
    if !nal.first().is_some_and(|first| coding.is_sei(*first)) {
        return;
    }
    let payload = without_emulation_prevention(nal.get(coding.header_len()..).unwrap_or_default());
    let mut rest = payload.as_slice();
    // The last byte is the trailing bit alone.
    while rest.len() > 2 {
        let Some((kind, tail)) = take_number(rest) else { return };
        let Some((len, tail)) = take_number(tail) else { return };
        let Some((message, tail)) = tail.split_at_checked(len) else { return };
        rest = tail;
        if kind == REGISTERED_USER_DATA
            && let Some(triplets) = triplets(message)
        {
            give(triplets);
        }
    }
}

/// `cc_data` of a message.
fn triplets(message: &[u8]) -> Option<&[u8]> {
    const PROCESS: u8 = 0x40;
    let data = message.strip_prefix(ATSC).or_else(|| message.strip_prefix(DIRECTV))?;
    let (head, rest) = data.split_first()?;
    let len = usize::from(head & 0x1f) * 3;
    // Behind the count comes a byte without a meaning. Fewer triplets than said are taken as they are.
    let triplets = rest.get(1..)?;
    (head & PROCESS != 0).then_some(triplets.get(..len).unwrap_or(triplets))
}

/// A number as a run of 255s and a last byte.
fn take_number(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let full = bytes.iter().take_while(|byte| **byte == 255).count();
    let (last, rest) = bytes.get(full..)?.split_first()?;
    Some((full * 255 + usize::from(*last), rest))
}

/// Takes the 3 out of each `00 00 03` (H.264 7.4.1.1).
fn without_emulation_prevention(bytes: &[u8]) -> Vec<u8> {
    let mut payload = Vec::with_capacity(bytes.len());
    let mut zeros = 0;
    for byte in bytes {
        if zeros >= 2 && *byte == 3 {
            zeros = 0;
            continue;
        }
        zeros = if *byte == 0 { zeros + 1 } else { 0 };
        payload.push(*byte);
    }
    payload
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGE: &[u8] = b"\x04\x11\xb5\x00\x31GA94\x03\x42\xff\xfc\x94\x20\xfd\x80\x80\xff";

    fn found(nal: &[u8], coding: Coding) -> Vec<Vec<u8>> {
        let mut found = Vec::new();
        caption_data(nal, coding, |triplets| found.push(triplets.to_vec()));
        found
    }

    fn sei(messages: &[&[u8]]) -> Vec<u8> {
        [&[6][..], &messages.concat(), &[0x80]].concat()
    }

    #[test]
    fn captions_stand_among_other_messages() {
        let afd = b"\x04\x09\xb5\x00\x31DTG1\x41\xf8";
        let triplets = b"\xfc\x94\x20\xfd\x80\x80".to_vec();
        let found_one = found(&sei(&[b"\x05\x02ab", afd, MESSAGE]), Coding::H264);
        assert_eq!(found_one, std::slice::from_ref(&triplets));
        let hevc = [&[0x4e, 1][..], MESSAGE, MESSAGE, &[0x80]].concat();
        assert_eq!(found(&hevc, Coding::Hevc), [triplets.clone(), triplets]);
        assert!(found(&hevc, Coding::H264).is_empty());
    }

    #[test]
    fn emulation_prevention_is_no_data() {
        let message = b"\x04\x0e\xb5\x00\x31GA94\x03\x41\xff\xfc\x00\x00\x03";
        assert_eq!(found(&sei(&[message]), Coding::H264), [[0xfc, 0, 0]]);
    }

    #[test]
    fn damage_costs_itself() {
        let whole = sei(&[MESSAGE]);
        for len in 0..whole.len() - 1 {
            assert!(found(&whole[..len], Coding::H264).is_empty(), "{len}");
        }
        // Captions that are not to be processed, and a count that is too high.
        let off = b"\x04\x0e\xb5\x00\x31GA94\x03\x01\xff\xfc\x94\x20\xff";
        assert!(found(&sei(&[off]), Coding::H264).is_empty());
        let many = b"\x04\x0d\xb5\x00\x31GA94\x03\x5f\xff\xfc\x94\x20";
        assert_eq!(found(&sei(&[many]), Coding::H264), [[0xfc, 0x94, 0x20]]);
    }
}
