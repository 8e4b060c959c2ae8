//! The link's throughput from a body whose sender may be slower than the link: a segment sent while
//! it is written.
//!
//! In: when how many bytes came, and how much media they were. Out: a [`Reading`]. Such a body's
//! bytes over its time are the encoder's bit rate and nothing else; taken for the link's they keep
//! a player for good on the variant it began with. What counts is how fast the bytes of one burst
//! (a picture, a chunk) follow each other; the gaps between bursts are the encoder's. Where media
//! comes slower than it plays, the link is what holds it up, and the whole time counts. It refuses
//! to read a burst rate from bytes that trickle evenly: either of the two may set that pace.

use super::sample::ThroughputSample;
use crate::time::{Duration, Instant};

/// Arrivals no further apart belong to one burst. Pictures come 16 ms apart at 60 a second, the
/// packets of one picture 6 ms apart at 2 Mbit/s.
const BACK_TO_BACK: Duration = Duration::from_millis(8);
/// Nothing is known of a burst's time before its first arrival: so much is added to it. It keeps
/// the reading of a burst that came in one piece finite, and low rather than high.
const UNSEEN: Duration = Duration::from_millis(8);
/// Smaller bursts say more of [`UNSEEN`] than of the link.
const MIN_BURST_BYTES: u64 = 6_000;
/// A body of fewer bytes says nothing of a link that is the limit.
const MIN_BYTES: u64 = 16_000;
/// A longer gap is a sender that hangs; the rest of it says nothing of the link.
const MAX_GAP: Duration = Duration::from_millis(500);
/// With this share of the time taken up by bursts, bytes trickle evenly.
const EVEN_SHARE: f64 = 0.8;

/// How finely the last seconds are remembered, and how many such spans.
const MARK: Duration = Duration::from_millis(500);
const MAX_MARKS: usize = 32;

/// Watches one body come.
#[derive(Debug, Clone, Default)]
pub struct BurstMeter {
    last_at: Option<Instant>,
    /// All bytes and the time from the first to the last, gaps shortened to [`MAX_GAP`].
    bytes: u64,
    transfer: Duration,
    /// The burst under way.
    burst_bytes: u64,
    burst: Duration,
    /// Bursts that are over: the largest, those not much smaller, which say most of the link (key
    /// pictures), and the time of all.
    largest_bytes: u64,
    counted_bytes: u64,
    counted: Duration,
    busy: Duration,
    /// How many bytes had come when, each [`MARK`].
    marks: Vec<(Instant, u64)>,
}

/// What a body says of the link.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Reading {
    /// The link was the limit all the time: as from any download.
    Link(ThroughputSample),
    /// The sender was; so fast came its bursts. They may be small: several make a sample.
    Bursts(ThroughputSample),
    /// The sender was; the link carries this, and who knows how much more.
    AtLeast {
        /// Bits per second.
        bps: f64,
    },
    /// Too little to say.
    Nothing,
}

impl BurstMeter {
    /// Bytes came.
    pub fn note(&mut self, now: Instant, len: u64) {
        if let Some(last_at) = self.last_at {
            let gap = now - last_at;
            self.transfer += gap.min(MAX_GAP);
            if gap <= BACK_TO_BACK {
                self.burst += gap;
            } else {
                self.end_burst();
            }
        }
        self.last_at = Some(now);
        if self.marks.last().is_none_or(|(at, _)| now - *at >= MARK) {
            if self.marks.len() >= MAX_MARKS {
                self.marks.remove(0);
            }
            self.marks.push((now, self.bytes));
        }
        self.bytes = self.bytes.saturating_add(len);
        self.burst_bytes = self.burst_bytes.saturating_add(len);
    }

    fn end_burst(&mut self) {
        let burst = core::mem::take(&mut self.burst) + UNSEEN;
        let bytes = core::mem::take(&mut self.burst_bytes);
        self.busy += burst;
        if bytes > 2 * self.largest_bytes {
            (self.counted_bytes, self.counted) = (0, Duration::ZERO);
        }
        self.largest_bytes = self.largest_bytes.max(bytes);
        if bytes >= MIN_BURST_BYTES && bytes >= self.largest_bytes / 2 {
            self.counted_bytes = self.counted_bytes.saturating_add(bytes);
            self.counted += burst;
        }
    }

    /// Time from the first byte to the last, a sender's hanging left out.
    #[must_use]
    pub const fn transfer(&self) -> Duration {
        self.transfer
    }

    /// Whether media came slower than it plays. `media_secs` is how much came; `is_over` that no
    /// more will, else what is under way must be allowed for.
    #[must_use]
    pub fn is_link_limited(&self, media_secs: f64, is_over: bool) -> bool {
        let transfer_secs = self.transfer.as_secs_f64();
        // Evenly trickling bytes that fall behind a little do so for the link; a sender's bursts
        // may also come late by themselves.
        let (share, slack_secs) = match (is_over, self.is_even()) {
            (true, true) => (1.03, 0.05),
            (true, false) => (1.15, 0.2),
            (false, _) => (1.2, 0.6),
        };
        self.bytes >= MIN_BYTES && transfer_secs > media_secs * share + slack_secs
    }

    /// Whether it came much faster than it plays and without a gap: it was held until it was whole,
    /// then sent as any other. The rest of a part that is sent as it is made is over as soon, but
    /// comes picture by picture.
    #[must_use]
    pub fn is_one_burst(&self, media_secs: f64) -> bool {
        self.bytes >= MIN_BYTES && self.is_fast(media_secs) && self.is_even()
    }

    fn is_fast(&self, media_secs: f64) -> bool {
        self.transfer.as_secs_f64() < media_secs / 2.0
    }

    fn is_even(&self) -> bool {
        let busy = self.busy + self.burst + UNSEEN;
        busy.as_secs_f64() >= EVEN_SHARE * self.transfer.as_secs_f64()
    }

    /// What came in the last `secs`: at least since the last mark, which may be long ago.
    #[must_use]
    pub fn recent(&self, now: Instant, secs: f64) -> ThroughputSample {
        let is_recent = |(at, _): &&(Instant, u64)| (now - *at).as_secs_f64() <= secs;
        let mark = self.marks.iter().find(is_recent).or(self.marks.last());
        mark.map_or_else(ThroughputSample::default, |(at, bytes)| ThroughputSample {
            bytes: self.bytes.saturating_sub(*bytes),
            transfer: now - *at,
            latency: Duration::ZERO,
        })
    }

    /// What came before is no longer recent: the machine slept.
    pub fn forget_recent(&mut self) {
        self.marks.clear();
    }

    /// The rate of all bytes over all the time.
    #[must_use]
    pub fn whole(&self) -> ThroughputSample {
        ThroughputSample { bytes: self.bytes, transfer: self.transfer, latency: Duration::ZERO }
    }

    /// What the body said, now that it is over; `media_secs` is how much media it was.
    #[must_use]
    pub fn reading(&self, media_secs: f64) -> Reading {
        let mut all = self.clone();
        all.end_burst();
        if self.is_link_limited(media_secs, true) {
            return Reading::Link(self.whole());
        }
        // What was written before it was answered comes as fast as the link lets it.
        if self.bytes >= MIN_BURST_BYTES && self.is_fast(media_secs) && self.is_even() {
            let transfer = self.transfer + UNSEEN;
            return Reading::Bursts(ThroughputSample { transfer, ..self.whole() });
        }
        if !self.is_even() && all.counted_bytes >= MIN_BURST_BYTES {
            return Reading::Bursts(ThroughputSample {
                bytes: all.counted_bytes,
                transfer: all.counted,
                latency: Duration::ZERO,
            });
        }
        let transfer_secs = self.transfer.as_secs_f64();
        if self.bytes >= MIN_BYTES && transfer_secs > 0.25 {
            return Reading::AtLeast { bps: self.bytes as f64 * 8.0 / transfer_secs };
        }
        Reading::Nothing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_seconds_forget_what_the_link_was() {
        let mut meter = BurstMeter::default();
        let at = |secs: f64| Instant::from_millis(secs * 1000.0);
        // Two seconds at 8 Mbit/s, then eight at 0.08.
        (0..20).for_each(|tenth| meter.note(at(f64::from(tenth) / 10.0), 100_000));
        (20..100).for_each(|tenth| meter.note(at(f64::from(tenth) / 10.0), 1_000));
        let recent = meter.recent(at(10.0), 3.0);
        assert!((25_000..35_000).contains(&recent.bytes), "{recent:?}");
        assert!(recent.transfer <= Duration::from_secs(3));
        // A link that stopped is slower by the second.
        assert!(meter.recent(at(20.0), 3.0).transfer >= Duration::from_secs(10));
        meter.forget_recent();
        assert_eq!(meter.recent(at(20.0), 3.0), ThroughputSample::default());
    }

    /// A sender that gives a picture out as it is made, over a link of packets of 1400 bytes.
    struct Sender {
        bit_rate_bps: f64,
        pictures_a_sec: f64,
        link_bps: f64,
        /// How much was written before the request.
        already_secs: f64,
    }

    const SECS: f64 = 2.0;

    impl Sender {
        fn send(&self) -> BurstMeter {
            let mut meter = BurstMeter::default();
            let count = (SECS * self.pictures_a_sec) as usize;
            let mean_bytes = self.bit_rate_bps / 8.0 / self.pictures_a_sec;
            let mut link_free_secs: f64 = 0.0;
            for index in 0..count {
                // A key picture each second weighs as much as eight others.
                let is_key = index % self.pictures_a_sec as usize == 0;
                let weight = self.pictures_a_sec / (self.pictures_a_sec + 7.0);
                let mut left = mean_bytes * weight * if is_key { 8.0 } else { 1.0 };
                let made_secs = (index as f64 + 1.0) / self.pictures_a_sec - self.already_secs;
                link_free_secs = link_free_secs.max(made_secs.max(0.0));
                while left > 0.0 {
                    let packet = left.min(1400.0);
                    left -= packet;
                    link_free_secs += packet * 8.0 / self.link_bps;
                    let now = Instant::from_millis(1000.0 + link_free_secs * 1000.0);
                    meter.note(now, packet as u64);
                }
            }
            meter
        }

        fn reading(&self) -> Reading {
            self.send().reading(SECS)
        }
    }

    const PACED: Sender =
        Sender { bit_rate_bps: 3e6, pictures_a_sec: 30.0, link_bps: 20e6, already_secs: 0.0 };

    fn bps(sample: ThroughputSample) -> f64 {
        sample.bytes as f64 * 8.0 / sample.transfer.as_secs_f64()
    }

    #[test]
    fn bursts_tell_a_link_faster_than_its_sender() {
        for (link_bps, least, most) in
            [(6e6, 3.6e6, 6.2e6), (20e6, 5.8e6, 20.5e6), (100e6, 25e6, 110e6)]
        {
            for already_secs in [0.0, 1.0] {
                let sender = Sender { link_bps, already_secs, ..PACED };
                let read_bps = match sender.reading() {
                    Reading::Bursts(sample) => bps(sample),
                    // What was written before came in one go and left no gap.
                    Reading::AtLeast { bps } if already_secs > 0.0 => bps,
                    other => panic!("{link_bps}: {other:?}"),
                };
                assert!((least..most).contains(&read_bps), "{link_bps}: {read_bps}");
            }
        }
    }

    #[test]
    fn a_link_slower_than_its_sender_shows_at_once() {
        for link_bps in [0.5e6, 1e6, 2e6, 2.7e6] {
            for already_secs in [0.0, 0.5] {
                let sender = Sender { link_bps, already_secs, ..PACED };
                match sender.reading() {
                    Reading::Link(sample) => {
                        let ratio = bps(sample) / link_bps;
                        assert!((0.9..1.1).contains(&ratio), "{link_bps}: {ratio}");
                    }
                    other => panic!("{link_bps}: {other:?}"),
                }
            }
        }
    }

    #[test]
    fn a_part_that_was_held_until_it_was_whole_comes_at_the_links_pace() {
        // 40 KB over 20 Mbit/s, in pieces of a packet.
        let mut meter = BurstMeter::default();
        for index in 0..29 {
            meter.note(Instant::from_millis(1000.0 + f64::from(index) * 0.56), 1400);
        }
        match meter.reading(0.33) {
            Reading::Bursts(sample) => assert!((9e6..21e6).contains(&bps(sample)), "{sample:?}"),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_even_trickle_is_never_taken_for_the_link() {
        let mut meter = BurstMeter::default();
        // Transport packets, seven at a time, 3 Mbit/s: every 3.5 ms.
        for index in 0..570 {
            meter.note(Instant::from_millis(f64::from(index) * 3.5), 1316);
        }
        match meter.reading(SECS) {
            Reading::AtLeast { bps } => assert!((bps - 3e6).abs() < 0.1e6, "{bps}"),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_sender_that_hangs_is_no_slow_link() {
        let mut meter = Sender { pictures_a_sec: 30.0, ..PACED }.send();
        let last_at = meter.last_at.expect("bytes");
        meter.note(last_at + Duration::from_secs(5), 12_000);
        assert!(!meter.is_link_limited(SECS + 0.033 - 0.1, false));
        assert!(meter.transfer() < Duration::from_millis(2600));
    }

    #[test]
    fn small_pictures_alone_are_no_reading_of_the_link() {
        let mut meter = BurstMeter::default();
        for index in 0..60 {
            meter.note(Instant::from_millis(f64::from(index) * 33.0), 900);
        }
        assert!(matches!(meter.reading(SECS), Reading::AtLeast { .. }));
        assert_eq!(BurstMeter::default().reading(0.0), Reading::Nothing);
    }
}
