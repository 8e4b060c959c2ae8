//! One ladder of all variants: of several codecs and video ranges, those that are chosen among.
//!
//! In: for each variant that plays its kind, what the page says of its decoding, SCORE and the size of its
//! picture. Out: which to leave aside (RFC 8216bis 4.4.6.2: CODECS, VIDEO-RANGE, SCORE). Pictures that the
//! ladder lacks at either end stay, whatever their codec. It asks nobody, and refuses to leave nothing.

/// How a variant's picture is decoded and shown: [`Self::SUPPORTED`] and the others, added up. What weighs
/// more is the greater number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decoding(pub u8);

impl Decoding {
    /// `MediaCapabilitiesInfo.supported`.
    pub const SUPPORTED: u8 = 8;
    /// The page shows its VIDEO-RANGE as it is meant.
    pub const SHOWN: u8 = 4;
    /// `MediaCapabilitiesInfo.smooth`.
    pub const SMOOTH: u8 = 2;
    /// `MediaCapabilitiesInfo.powerEfficient`.
    pub const POWER_EFFICIENT: u8 = 1;

    /// Until the page answers: nothing speaks against a picture but a range that few screens show.
    pub(super) const fn untold(is_sdr: bool) -> Self {
        Self(Self::SUPPORTED + Self::SMOOTH + if is_sdr { Self::SHOWN } else { 0 })
    }

    /// What counts before all else.
    const fn fitness(self) -> u8 {
        self.0 & !Self::POWER_EFFICIENT
    }
}

/// What one decoder plays: entries of CODECS for picture and sound (see [`super::codecs::Codec::kind`]), and
/// the last letter of VIDEO-RANGE.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kind {
    pub picture: u16,
    pub sound: u16,
    pub range: u8,
}

/// A variant that plays.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rung {
    pub kind: Kind,
    pub decoding: Decoding,
    /// Greater where SCORE is; 0 where it does not count.
    pub score: u64,
    pub size_px: u64,
}

/// What is known of all of a kind.
struct Group {
    kind: Kind,
    /// Greater for the better one: the newer codec where it costs no more power, else none.
    frugality: u8,
    score: u64,
    smallest_px: u64,
    largest_px: u64,
}

impl Group {
    /// In software the newer codec is the dearer one.
    const fn merit(&self) -> (bool, u64, u8) {
        (self.frugality > 0, self.score, self.frugality)
    }
}

/// Which are left aside. Those that are `None` never are.
pub(super) fn left_aside(rungs: &[Option<Rung>]) -> Vec<bool> {
    let known = || rungs.iter().flatten();
    let fitness = known().map(|rung| rung.decoding.fitness()).max().unwrap_or(0);
    let mut groups: Vec<Group> = Vec::new();
    for rung in known().filter(|rung| rung.decoding.fitness() == fitness) {
        let Rung { kind, score, size_px, .. } = *rung;
        let is_efficient = rung.decoding.0 & Decoding::POWER_EFFICIENT != 0;
        let frugality = if is_efficient { frugality(kind.picture) } else { 0 };
        match groups.iter_mut().find(|group| group.kind == kind) {
            Some(group) => {
                group.frugality = group.frugality.min(frugality);
                group.score = group.score.max(score);
                group.smallest_px = group.smallest_px.min(size_px);
                group.largest_px = group.largest_px.max(size_px);
            }
            None => groups.push(Group {
                kind,
                frugality,
                score,
                smallest_px: size_px,
                largest_px: size_px,
            }),
        }
    }
    // The first of equals.
    let best = |one: Group, other: Group| if other.merit() > one.merit() { other } else { one };
    let ladder = groups.into_iter().reduce(best);
    let is_aside = |rung: &Rung| {
        let is_replaced = |ladder: &Group| {
            ladder.kind != rung.kind
                && ladder.smallest_px <= rung.size_px
                && rung.size_px <= ladder.largest_px
        };
        rung.decoding.fitness() != fitness || ladder.as_ref().is_some_and(is_replaced)
    };
    rungs.iter().map(|rung| rung.as_ref().is_some_and(is_aside)).collect()
}

/// How few bits a codec needs for a picture, by its generation.
const fn frugality(picture: u16) -> u8 {
    match &picture.to_be_bytes() {
        b"a0" => 3,
        b"hv" | b"dh" | b"v0" | b"v9" => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMOOTH: u8 = Decoding::SUPPORTED + Decoding::SHOWN + Decoding::SMOOTH;
    const EFFICIENT: u8 = SMOOTH + Decoding::POWER_EFFICIENT;

    fn rung(picture: &[u8; 2], size_px: u64, decoding: u8) -> Option<Rung> {
        let kind = Kind { picture: u16::from_be_bytes(*picture), sound: 0, range: b'R' };
        Some(Rung { kind, decoding: Decoding(decoding), score: 0, size_px })
    }

    /// The places of those that are kept.
    fn kept(rungs: &[Option<Rung>]) -> Vec<usize> {
        let aside = left_aside(rungs);
        (0..rungs.len()).filter(|index| !aside[*index]).collect()
    }

    /// H.264, HEVC and AV1 in the same two sizes.
    fn three(h264: u8, hevc: u8, av1: u8) -> Vec<usize> {
        let sizes = |codec, flags| [1, 2].map(|size_px| rung(codec, size_px, flags));
        kept(&[sizes(b"ac", h264), sizes(b"hv", hevc), sizes(b"a0", av1)].concat())
    }

    #[test]
    fn supported_then_smooth_then_power_efficient_then_frugal_then_first() {
        assert_eq!(three(SMOOTH, SMOOTH, SMOOTH), [0, 1], "the first of equals");
        assert_eq!(three(EFFICIENT, EFFICIENT, EFFICIENT), [4, 5], "the most frugal");
        assert_eq!(three(EFFICIENT, EFFICIENT, SMOOTH), [2, 3]);
        assert_eq!(three(EFFICIENT, SMOOTH, SMOOTH), [0, 1]);
        let shaky = EFFICIENT - Decoding::SMOOTH;
        assert_eq!(three(SMOOTH, shaky, shaky), [0, 1], "smooth before efficient");
        assert_eq!(three(shaky, SMOOTH, shaky), [2, 3]);
        let unsupported = EFFICIENT - Decoding::SUPPORTED;
        assert_eq!(three(shaky, unsupported, unsupported), [0, 1]);
        assert_eq!(three(0, 0, 0), [0, 1], "where all is refused one is tried");
    }

    #[test]
    fn the_higher_score_goes_before_the_newer_codec() {
        let scored = |picture, score| Rung { score, ..rung(picture, 1, EFFICIENT).expect("one") };
        let both = |h264, av1| kept(&[Some(scored(b"ac", h264)), Some(scored(b"a0", av1))]);
        assert_eq!(both(2, 1), [0]);
        assert_eq!(both(1, 2), [1]);
        assert_eq!(both(0, 0), [1]);
    }

    #[test]
    fn a_range_that_is_not_shown_is_for_want_of_others_only() {
        let of_range = |range, size_px, decoding: Decoding| {
            let rung = rung(b"hv", size_px, decoding.0).expect("one");
            Some(Rung { kind: Kind { range, ..rung.kind }, ..rung })
        };
        let (sdr, pq) = (Decoding::untold(true), Decoding::untold(false));
        let lists = [of_range(b'R', 1, sdr), of_range(b'Q', 1, pq), of_range(b'Q', 4, pq)];
        assert_eq!(kept(&lists), [0], "not even the larger one");
        assert_eq!(kept(&lists[1..]), [0, 1]);
        let shown = [of_range(b'R', 1, sdr), of_range(b'Q', 1, Decoding(EFFICIENT))];
        assert_eq!(kept(&shown), [1]);
    }

    #[test]
    fn one_ladder_of_two_codecs_stays_whole_and_what_is_not_smooth_goes() {
        let mixed = [rung(b"ac", 1, SMOOTH), rung(b"ac", 2, SMOOTH), rung(b"hv", 8, SMOOTH)];
        assert_eq!(kept(&mixed), [0, 1, 2], "the largest picture is to be had in HEVC alone");
        let efficient = [mixed[0], rung(b"ac", 8, SMOOTH), rung(b"hv", 8, EFFICIENT)];
        assert_eq!(kept(&efficient), [0, 2]);
        let too_large = [mixed[0], rung(b"ac", 8, SMOOTH - Decoding::SMOOTH)];
        assert_eq!(kept(&too_large), [0]);
        assert_eq!(kept(&[None, mixed[0], None]), [0, 1, 2], "of which nothing is known");
        assert_eq!(kept(&[]), [0; 0]);
    }
}
