//! The clock of this machine in a camera's time stamps, put there once, before the stream forks to the
//! origins.
//!
//! In: a stream of the ingest, from one camera, then from the same one come back. Out: the same frames,
//! published to the ingest again, without an end between the two: behind it nothing is started anew,
//! which would cost some ten seconds. The first key frame has the time of day; what comes back goes on in
//! the next slot that is free, or in the one of the time of day. It begins with a key frame and ends when
//! nobody has come back in [`HOLD`].
//!
//! Seconds are counted modulo 2²⁰ (12 days), because RTMP has 31 usable bits of milliseconds: a
//! publication may last 12 days from whenever it began. Key frames are put into the middle of a segment's
//! slot: those that come a few milliseconds early or late stay in the right one. By how much that is off
//! the time of day the origins measure, for dates (`playlists/lateness.rs`).

use crate::captions::Captions;
use crate::playlists::clock;
use crate::rtmp::chunks::{Message, kind};
use crate::rtmp::{Client, is_end};
use anyhow::{Context, Result};
use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};
use std::fs::File;
use std::io::{Read, Seek, Write};
use std::path::Path;
use std::time::{Duration, Instant};

/// How long a camera may be away.
const HOLD: Duration = Duration::from_secs(8);
/// Between two looks at the clock and at what the server says to a publisher.
const TURN: Duration = Duration::from_millis(100);
/// How many slots a camera that was away may be put earlier than the time of day: for so long players
/// are not told to jump, and dates are off.
const MAX_BEHIND_SLOTS: i64 = 2;
/// Time stamps that step further than this are another publication's.
const STEP_MILLIS: u32 = 10_000;

/// Runs until the camera has left; not at all where another does and goes on. `memory`: a file of this
/// camera's own, with the last key frame's time stamp, which the next run has to exceed. `captions`: what
/// writes some into its pictures.
pub fn run(
    source: &str,
    destination: &str,
    segment_millis: u64,
    memory: &Path,
    key: &str,
    mut captions: Option<Captions>,
) -> Result<()> {
    let file = File::options().create(true).truncate(false).read(true).write(true).open(memory)?;
    let Some(mut file) = own(file).context("the camera's file")? else { return Ok(()) };
    let mut ended = String::new();
    file.read_to_string(&mut ended)?;
    let mut restamp = Restamp::new(segment_millis, ended.trim().parse().ok());
    let mut source = Client::play(source).context("the camera's stream")?;
    let mut destination =
        Client::publish(destination, key).context("the stream for the origins")?;
    let (mut heard, mut looked) = (Instant::now(), Instant::now());
    while heard.elapsed() < HOLD && !restamp.is_over() {
        for mut message in source.read(TURN)? {
            if [kind::AUDIO, kind::VIDEO].contains(&message.kind) {
                heard = Instant::now();
            }
            let key_millis = restamp.last_key_millis;
            let Some(millis) = restamp.stamp(&message, clock::within_period_millis()) else {
                continue;
            };
            if restamp.last_key_millis != key_millis {
                file.rewind()?;
                // As long as any other, so that nothing is left of the last.
                write!(file, "{:12}", restamp.last_key_millis)?;
            }
            if let Some(captions) = &mut captions {
                captions.add(&mut message, millis, clock::now_unix_millis());
            }
            destination.send(message.kind, millis, message.body);
        }
        destination.flush()?;
        if looked.elapsed() > TURN * 10 {
            looked = Instant::now();
            destination.read(Duration::from_millis(1))?;
        }
    }
    Ok(())
}

/// Waits for the other to end, a little longer than it waits for the camera.
fn own(mut file: File) -> Result<Option<Flock<File>>> {
    let started = Instant::now();
    loop {
        file = match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
            Ok(owned) => return Ok(Some(owned)),
            Err((file, Errno::EWOULDBLOCK)) => file,
            Err((_, error)) => return Err(error.into()),
        };
        if started.elapsed() > HOLD * 3 / 2 {
            return Ok(None);
        }
        std::thread::sleep(TURN);
    }
}

/// Time stamps, without files and sockets.
#[derive(Debug)]
struct Restamp {
    segment_millis: i64,
    /// Of the present publication, from its first key frame on.
    shift: Option<Shift>,
    /// The first key frame's time stamp less the time of day.
    lead_millis: Option<i64>,
    last_key_millis: i64,
    last_millis: i64,
    last_in_millis: u32,
}

#[derive(Debug, Clone, Copy)]
struct Shift {
    millis: i64,
    first_millis: i64,
}

impl Restamp {
    /// `ended`: where the last run ended.
    fn new(segment_millis: u64, ended: Option<i64>) -> Self {
        let ended = ended.unwrap_or(0);
        Self {
            segment_millis: i64::try_from(segment_millis.max(1)).unwrap_or(i64::MAX),
            shift: None,
            lead_millis: None,
            last_key_millis: ended,
            last_millis: ended,
            last_in_millis: 0,
        }
    }

    /// The time stamp that a message goes on with; `None` where it stays behind.
    fn stamp(&mut self, message: &Message, now_millis: i64) -> Option<u32> {
        if is_end(message) {
            self.shift = None;
        }
        if ![kind::AUDIO, kind::VIDEO, kind::DATA].contains(&message.kind) {
            return None;
        }
        let in_millis = i64::from(message.millis);
        // What the decoder has to know, and what the encoder calls itself: about what comes next.
        if message.kind == kind::DATA || is_setup(message) {
            return u32::try_from(self.last_millis).ok();
        }
        if message.millis.abs_diff(self.last_in_millis) > STEP_MILLIS {
            self.shift = None;
        }
        self.last_in_millis = message.millis;
        let is_key = is_key_frame(message);
        if self.shift.is_none() && is_key {
            let first_millis = self.start(now_millis);
            self.shift = Some(Shift { millis: first_millis - in_millis, first_millis });
        }
        let shift = self.shift?;
        let millis = in_millis + shift.millis;
        if millis < shift.first_millis {
            // Sound from before the first picture.
            return None;
        }
        self.last_millis = self.last_millis.max(millis);
        if is_key {
            self.last_key_millis = millis;
        }
        u32::try_from(millis).ok()
    }

    /// Whether the camera has left and counting should begin anew: another period would be too much.
    fn is_over(&self) -> bool {
        self.shift.is_none() && self.last_millis > clock::PERIOD_MILLIS
    }

    /// Where a publication begins.
    fn start(&mut self, now_millis: i64) -> i64 {
        let slot = self.segment_millis;
        let middle = |number: i64| number * slot + slot / 2;
        let free = (self.last_key_millis / slot + 1).max((self.last_millis - slot / 2) / slot + 1);
        let Some(lead_millis) = self.lead_millis else {
            let now_slot = (now_millis + slot - 1) / slot;
            // Ahead by days: counting has begun anew since.
            let is_past = (free - now_slot) * slot > clock::PERIOD_MILLIS / 2;
            let first_millis = middle(if is_past { now_slot } else { now_slot.max(free) });
            self.lead_millis = Some(first_millis - now_millis);
            return first_millis;
        };
        let now_slot = (now_millis + lead_millis).div_euclid(slot);
        middle(free.max(now_slot - MAX_BEHIND_SLOTS))
    }
}

fn is_key_frame(message: &Message) -> bool {
    message.kind == kind::VIDEO && matches!(message.body[..], [frame, 1, ..] if frame >> 4 == 1)
}

/// The configuration of H.264, or of AAC.
fn is_setup(message: &Message) -> bool {
    match (message.kind, &message.body[..]) {
        (kind::VIDEO, [_, 0, ..]) => true,
        (kind::AUDIO, [format, 0, ..]) => format >> 4 == 10,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SLOT: u64 = 2000;
    const NOW: i64 = 900_000_123;

    fn message(kind: u8, millis: u32, head: [u8; 2]) -> Message {
        Message { kind, stream: 1, millis, body: [&head[..], &[0; 8]].concat() }
    }

    fn key(millis: u32) -> Message {
        message(kind::VIDEO, millis, [0x17, 1])
    }

    fn picture(millis: u32) -> Message {
        message(kind::VIDEO, millis, [0x27, 1])
    }

    fn sound(millis: u32) -> Message {
        message(kind::AUDIO, millis, [0xaf, 1])
    }

    fn end() -> Message {
        Message { kind: kind::EVENT, stream: 0, millis: 0, body: vec![0, 1, 0, 0, 0, 1] }
    }

    #[test]
    fn a_publication_begins_with_a_key_frame_in_the_middle_of_a_slot() {
        let mut restamp = Restamp::new(SLOT, None);
        assert_eq!(restamp.stamp(&message(kind::VIDEO, 0, [0x17, 0]), NOW), Some(0));
        assert_eq!(restamp.stamp(&picture(10), NOW), None);
        assert_eq!(restamp.stamp(&sound(20), NOW), None);
        assert_eq!(restamp.stamp(&key(50), NOW), Some(900_003_000));
        assert_eq!(restamp.stamp(&sound(40), NOW), None);
        assert_eq!(restamp.stamp(&sound(60), NOW), Some(900_003_010));
        assert_eq!(restamp.stamp(&picture(90), NOW), Some(900_003_040));
        assert_eq!(restamp.stamp(&end(), NOW), None);
    }

    #[test]
    fn who_comes_back_at_once_goes_on_in_the_next_slot() {
        for away_millis in [300, 1500, 2900] {
            let mut restamp = Restamp::new(SLOT, None);
            let _ = restamp.stamp(&key(0), NOW);
            assert_eq!(restamp.stamp(&picture(90), NOW), Some(900_003_090));
            let _ = restamp.stamp(&end(), NOW);
            assert_eq!(restamp.stamp(&picture(130), NOW), None);
            assert_eq!(restamp.stamp(&key(7), NOW + 90 + away_millis), Some(900_005_000));
        }
        // Later, and where the end was not told.
        for (away_millis, goes_on) in [(6500, 900_005_000), (9500, 900_009_000)] {
            let mut restamp = Restamp::new(SLOT, None);
            let _ = restamp.stamp(&key(50_000), NOW);
            assert_eq!(restamp.stamp(&key(7), NOW + away_millis), Some(goes_on));
        }
    }

    #[test]
    fn no_run_begins_before_the_last_has_ended() {
        let begun_by = |ended| Restamp::new(SLOT, Some(ended)).stamp(&key(0), NOW);
        assert_eq!(begun_by(900_005_020), Some(900_007_000));
        assert_eq!(begun_by(899_000_000), Some(900_003_000));
        // Counting has begun anew since.
        assert_eq!(begun_by(900_003_000 + clock::PERIOD_MILLIS * 2 / 3), Some(900_003_000));
        let mut restamp = Restamp::new(SLOT, None);
        let _ = restamp.stamp(&key(0), clock::PERIOD_MILLIS - 1000);
        assert!(restamp.stamp(&picture(9000), NOW).is_some() && !restamp.is_over());
        let _ = restamp.stamp(&end(), NOW);
        assert!(restamp.is_over());
    }
}
