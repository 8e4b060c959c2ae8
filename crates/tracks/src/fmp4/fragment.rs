//! Where the samples of a fragment lie, and when they are shown (ISO/IEC 14496-12 8.8).
//!
//! In: a `moof` and the offset it begins at. Out: the samples of each track. It trusts no count: [`MAX_SAMPLES`]
//! at most.

use super::boxes::{array, be_u32, boxes, first};
use super::init::{Track, base_decode_time};

/// Of one `moof`.
const MAX_SAMPLES: usize = 1 << 16;

/// One sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sample {
    /// Of its first byte, in the body.
    pub offset: u64,
    pub len: u32,
    pub decode_ticks: u64,
    pub composition_ticks: i32,
    pub duration: u32,
}

impl Sample {
    pub(super) fn end(&self) -> u64 {
        self.offset.saturating_add(u64::from(self.len))
    }

    pub(super) fn decode_secs(&self, track: &Track) -> f64 {
        secs(self.decode_ticks, 0, track)
    }

    pub(super) fn start_secs(&self, track: &Track) -> f64 {
        secs(self.decode_ticks, self.composition_ticks, track)
    }

    pub(super) fn duration_secs(&self, track: &Track) -> f64 {
        f64::from(self.duration) / f64::from(track.timescale)
    }
}

fn secs(decode_ticks: u64, composition_ticks: i32, track: &Track) -> f64 {
    let ticks = (decode_ticks as i64).wrapping_add(i64::from(composition_ticks));
    ticks.wrapping_sub(track.edit_ticks) as f64 / f64::from(track.timescale)
}

/// The samples of a `moof` whose header begins at `moof_offset`, for each track the next one last.
pub(super) fn samples(moof: &[u8], moof_offset: u64, tracks: &mut [Track]) -> Vec<Vec<Sample>> {
    let mut samples = Samples { of_tracks: vec![Vec::new(); tracks.len()], left: MAX_SAMPLES };
    // Without a word on it, data of the first track begins with the `moof`, of others behind the one before.
    let mut end = moof_offset;
    for (_, traf) in boxes(moof).filter(|(kind, _)| kind == b"traf") {
        end = track_samples(traf, moof_offset, end, tracks, &mut samples).unwrap_or(end);
    }
    samples.of_tracks.iter_mut().for_each(|queue| queue.reverse());
    samples.of_tracks
}

/// Those found so far.
struct Samples {
    of_tracks: Vec<Vec<Sample>>,
    /// So many more are read.
    left: usize,
}

/// Gives where the track's data ends.
fn track_samples(
    traf: &[u8],
    moof_offset: u64,
    last_end: u64,
    tracks: &mut [Track],
    samples: &mut Samples,
) -> Option<u64> {
    const BASE_IS_MOOF: u32 = 0x02_0000;
    let tfhd = first(traf, b"tfhd")?;
    let flags = be_u32(tfhd, 0)?;
    let id = be_u32(tfhd, 4)?;
    let mut at = 8;
    let base_offset = if flags & 1 != 0 {
        at += 8;
        array(tfhd, 8).map(u64::from_be_bytes)?
    } else if flags & BASE_IS_MOOF != 0 {
        moof_offset
    } else {
        last_end
    };
    let mut field = |flag: u32| {
        let is_there = flags & flag != 0;
        at += if is_there { 4 } else { 0 };
        if is_there { be_u32(tfhd, at - 4) } else { None }
    };
    let _description_index = field(2);
    let (duration, len) = (field(8), field(0x10));
    let index = tracks.iter().position(|track| track.id == id);
    // Also of a track that is not read: the data of the next one may begin behind it.
    let known = index.and_then(|index| tracks.get(index));
    let defaults = Defaults {
        track: index,
        duration: duration.or(known.map(|track| track.default_duration)).unwrap_or(0),
        len: len.or(known.map(|track| track.default_len)).unwrap_or(0),
    };
    let next_ticks = known.map_or(0, |track| track.next_ticks);
    let mut place =
        Place { offset: base_offset, decode_ticks: base_decode_time(traf).unwrap_or(next_ticks) };
    for (_, trun) in boxes(traf).filter(|(kind, _)| kind == b"trun") {
        run_samples(trun, base_offset, defaults, &mut place, samples);
    }
    if let Some(track) = index.and_then(|index| tracks.get_mut(index)) {
        track.next_ticks = place.decode_ticks;
    }
    Some(place.offset)
}

#[derive(Clone, Copy)]
struct Defaults {
    track: Option<usize>,
    duration: u32,
    len: u32,
}

/// Of the next sample.
struct Place {
    offset: u64,
    decode_ticks: u64,
}

fn run_samples(
    trun: &[u8],
    base_offset: u64,
    defaults: Defaults,
    place: &mut Place,
    samples: &mut Samples,
) -> Option<()> {
    let flags = be_u32(trun, 0)?;
    let count = be_u32(trun, 4)? as usize;
    let mut at = 8;
    if flags & 1 != 0 {
        let offset = array(trun, 8).map(i32::from_be_bytes)?;
        place.offset = base_offset.saturating_add_signed(i64::from(offset));
        at += 4;
    }
    at += if flags & 4 != 0 { 4 } else { 0 };
    for _ in 0..count {
        samples.left = samples.left.checked_sub(1)?;
        let mut field = |flag: u32, default: u32| {
            if flags & flag == 0 {
                return Some(default);
            }
            at += 4;
            be_u32(trun, at - 4)
        };
        let duration = field(0x100, defaults.duration)?;
        let len = field(0x200, defaults.len)?;
        field(0x400, 0)?;
        // Version 0 has no sign; no real offset needs the last bit.
        let composition_ticks = field(0x800, 0)? as i32;
        if let Some(queue) = defaults.track.and_then(|track| samples.of_tracks.get_mut(track)) {
            let Place { offset, decode_ticks } = *place;
            queue.push(Sample { offset, len, decode_ticks, composition_ticks, duration });
        }
        place.offset = place.offset.saturating_add(u64::from(len));
        place.decode_ticks = place.decode_ticks.saturating_add(u64::from(duration));
    }
    Some(())
}
