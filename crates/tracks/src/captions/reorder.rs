//! Pictures back in the order they are shown in (B-frames).
//!
//! In: caption data of pictures in decoding order. Out: the same by presentation time. A picture is decoded no
//! later than it is shown, so what is shown before the newest decode time is there; streams whose composition
//! offsets were shifted (negative ones) break that by a constant, which is learned. It holds
//! [`MAX_HELD`] pictures at most.

/// Caption data of one picture has so many triplets at most (`cc_count` has five bits).
pub const MAX_TRIPLETS: usize = 31;

/// More than a decoded picture buffer holds.
const MAX_HELD: usize = 32;
/// Times are sums of rounded ones.
const ROUNDING_SECS: f64 = 0.001;
/// Pictures later than this are damage, not reordering.
const MAX_SHIFT_SECS: f64 = 1.0;

/// The caption data of one picture.
#[derive(Debug, Clone)]
pub(super) struct Picture {
    pub pts_secs: f64,
    bytes: [u8; 3 * MAX_TRIPLETS],
    len: usize,
}

impl Picture {
    pub(super) fn new(pts_secs: f64, triplets: &[u8]) -> Self {
        let mut bytes = [0; 3 * MAX_TRIPLETS];
        let len = triplets.len().min(bytes.len());
        for (to, from) in bytes.iter_mut().zip(triplets) {
            *to = *from;
        }
        Self { pts_secs, bytes, len }
    }

    pub(super) fn triplets(&self) -> impl Iterator<Item = &[u8; 3]> {
        let (triplets, _) = self.bytes.get(..self.len).unwrap_or_default().as_chunks::<3>();
        triplets.iter()
    }
}

/// The pictures that wait.
#[derive(Debug, Default)]
pub(super) struct Reorder {
    /// Those shown last come first.
    held: Vec<Picture>,
    /// What is shown up to here is complete.
    complete_secs: Option<f64>,
    /// By so much decode times are late.
    shift_secs: f64,
    given_secs: Option<f64>,
}

impl Reorder {
    pub(super) fn push(&mut self, picture: Picture, decode_secs: f64) {
        let late_secs = self.given_secs.map_or(0.0, |given| given - picture.pts_secs);
        if late_secs > ROUNDING_SECS && late_secs < MAX_SHIFT_SECS {
            self.shift_secs = (self.shift_secs + late_secs).min(MAX_SHIFT_SECS);
        }
        self.complete_secs = Some(decode_secs - self.shift_secs + ROUNDING_SECS);
        // The same time again, as of a second message of one picture, goes behind.
        let place = self.held.partition_point(|held| held.pts_secs > picture.pts_secs);
        self.held.insert(place, picture);
    }

    /// Whatever is held is complete.
    pub(super) fn flush(&mut self) {
        self.complete_secs = None;
    }

    /// The next picture in the order shown.
    pub(super) fn next(&mut self) -> Option<Picture> {
        let first = self.held.last()?.pts_secs;
        let is_complete = self.complete_secs.is_none_or(|complete| first <= complete);
        if !is_complete && self.held.len() <= MAX_HELD {
            return None;
        }
        self.given_secs = Some(first);
        self.held.pop()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(pictures: &[(f64, f64)]) -> (Vec<f64>, usize) {
        let mut reorder = Reorder::default();
        let mut given = Vec::new();
        for (pts, dts) in pictures {
            reorder.push(Picture::new(*pts, &[]), *dts);
            given.extend(std::iter::from_fn(|| reorder.next()).map(|picture| picture.pts_secs));
        }
        let before_flush = given.len();
        reorder.flush();
        given.extend(std::iter::from_fn(|| reorder.next()).map(|picture| picture.pts_secs));
        (given, before_flush)
    }

    #[test]
    fn pictures_come_as_they_are_shown() {
        // I0 P3 B1 B2 P6 B4 B5, decoded two pictures early.
        let pictures = [(0., -2.), (3., -1.), (1., 0.), (2., 1.), (6., 2.), (4., 3.), (5., 4.)];
        let (given, early) = order(&pictures);
        assert_eq!(given, [0., 1., 2., 3., 4., 5., 6.]);
        assert_eq!(early, 5, "they do not wait for the end");
    }

    #[test]
    fn shifted_decode_times_are_learned() {
        let shifted = |from: f64| {
            [(3., 1.), (1., 2.), (2., 3.)].map(|(pts, dts)| (from + pts / 10., from + dts / 10.))
        };
        let mut pictures = vec![(0., 0.)];
        for group in 0..4 {
            pictures.extend(shifted(f64::from(group) * 0.3));
        }
        let (given, _) = order(&pictures);
        let late = given.windows(2).filter(|pair| pair[1] < pair[0]).count();
        assert!(late <= 1, "{given:?}");
    }

    #[test]
    fn so_many_are_held_and_no_more() {
        let mut reorder = Reorder::default();
        for count in 0..1000 {
            reorder.push(Picture::new(1e6 - f64::from(count), &[1; 500]), 0.0);
            while reorder.next().is_some() {}
            assert!(reorder.held.len() <= MAX_HELD);
        }
    }
}
