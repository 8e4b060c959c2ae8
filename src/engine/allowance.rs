//! How often a server is asked: the one bound for requests of every kind.
//!
//! In: requests about to be made, what servers said of being asked again (Retry-After, RFC 9110
//! 10.2.3). Out: the earliest moment of each. Each purpose has a burst and a pace, far from what
//! playing needs, so that no playlist and no server makes a storm of requests. It makes none itself.

use super::wanted::{Purpose, Wanted};
use crate::time::{Duration, Instant, seconds};

/// URLs remembered at most.
const MAX_CLOSED: usize = 32;

/// What was made use of.
#[derive(Debug, Default)]
pub(super) struct Allowance {
    spent: Vec<Spent>,
    /// Not to be asked for before then.
    closed: Vec<(String, Instant)>,
}

/// Of one purpose so many requests were left then; below zero they were made in advance.
#[derive(Debug)]
struct Spent {
    purpose: Purpose,
    left: f64,
    at: Instant,
}

/// Requests that may leave at once, and in what time there is one more.
const fn allowed(wanted: &Wanted) -> (f64, Duration) {
    match wanted.purpose {
        Purpose::Manifest(_) => (4.0, Duration::from_secs(2)),
        Purpose::MediaPlaylist(_) => (6.0, wanted.pace),
        Purpose::Init(_) | Purpose::HintedInit | Purpose::Key(_) => {
            (30.0, Duration::from_millis(250))
        }
        Purpose::Segment(_) | Purpose::Text(_) => (60.0, Duration::from_millis(100)),
    }
}

impl Allowance {
    /// When a request may be made; it counts as made then.
    pub fn earliest(&mut self, wanted: &Wanted, now: Instant) -> Instant {
        let (burst, interval) = allowed(wanted);
        let interval_secs = interval.as_secs_f64().max(0.01);
        let known = self.spent.iter().position(|spent| spent.purpose == wanted.purpose);
        let mut left = burst;
        if let Some(known) = known.map(|index| self.spent.swap_remove(index)) {
            left = (known.left + (now - known.at).as_secs_f64() / interval_secs).min(burst);
        }
        // No further in advance than that: what is waited for may be cancelled.
        left = (left - 1.0).max(-1.0);
        self.spent.push(Spent { purpose: wanted.purpose, left, at: now });
        self.closed.retain(|(_, until)| *until > now);
        let closed = self.closed.iter().find(|(url, _)| *url == wanted.url).map(|closed| closed.1);
        let spaced = now + seconds((-left).max(0.0) * interval_secs);
        closed.map_or(spaced, |until| until.max(spaced))
    }

    /// Its server asked not to be asked for this before then.
    pub fn close(&mut self, url: &str, until: Instant) {
        self.closed.insert(0, (url.to_owned(), until));
        self.closed.truncate(MAX_CLOSED);
    }
}

#[cfg(test)]
mod tests {
    use super::super::kinds::{SourceKind, StreamKind};
    use super::*;
    use crate::engine::output::Delivery;

    fn wanted(purpose: Purpose) -> Wanted {
        Wanted {
            purpose,
            url: "https://a.example/x".to_owned(),
            byte_range: None,
            delivery: Delivery::Bytes,
            decryption: None,
            may_need_transmuxer: false,
            media: None,
            max_bytes: 0,
            max_retries: 0,
            not_found_retries: 0,
            timeouts: None,
            first_byte_limit: None,
            pace: Duration::from_secs(2),
        }
    }

    #[test]
    fn a_burst_leaves_at_once_and_the_rest_at_its_pace() {
        for (purpose, least, most) in [
            (Purpose::Manifest(SourceKind::Main), 30, 34),
            (Purpose::Segment(StreamKind::Main), 600, 661),
            (Purpose::HintedInit, 240, 271),
        ] {
            let mut allowance = Allowance::default();
            let (mut now, mut made) = (Instant::ZERO, 0);
            while now < Instant::from_millis(60_000.0) {
                now = now.max(allowance.earliest(&wanted(purpose), now));
                made += 1;
            }
            assert!((least..=most).contains(&made), "{purpose:?}: {made} in a minute");
        }
    }

    #[test]
    fn a_closed_url_is_left_alone_until_then() {
        let mut allowance = Allowance::default();
        let until = Instant::from_millis(7000.0);
        allowance.close("https://a.example/x", until);
        let segment = wanted(Purpose::Segment(StreamKind::Main));
        assert_eq!(allowance.earliest(&segment, Instant::ZERO), until);
        let other = Wanted { url: "https://a.example/y".to_owned(), ..segment.clone() };
        assert_eq!(allowance.earliest(&other, Instant::ZERO), Instant::ZERO);
        assert_eq!(allowance.earliest(&segment, until), until);
    }
}
