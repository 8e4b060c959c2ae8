//! Key frames that come too seldom, and what a person is told of it.
//!
//! In: the FLV file in which the ingest keeps a camera's latest key frames (`recorder keys`), as far as
//! it is written (Adobe Flash Video File Format 10.1, E.4). Out: the [`Trouble`] with them, in words
//! that say what to set. Segments begin with a key frame, and each slot of the sequence needs one.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;
use std::time::Duration;

const FILE_HEADER_LEN: i64 = 9 + 4;
const TAG_HEADER_LEN: i64 = 11;
const VIDEO_TAG: u8 = 9;
/// AVCPacketType of pictures; the decoder's configuration has another.
const PICTURE: u8 = 1;

/// What is wrong with them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Trouble {
    /// They come once in so many seconds.
    Every(f64),
    /// None has come for so many seconds.
    NoneFor(f64),
}

impl Trouble {
    /// For people, in ASCII, as it travels in a header too.
    #[must_use]
    pub fn advice(self, segment_millis: u64) -> String {
        let wanted_secs = segment_millis as f64 / 1000.0;
        let found = match self {
            Self::Every(secs) => format!("key frames come every {secs:.1} s"),
            Self::NoneFor(secs) => format!("no key frame for {secs:.0} s"),
        };
        format!(
            "{found}: set the encoder's key-frame interval to {wanted_secs} s \
             (OBS: Settings > Output > Keyframe Interval {wanted_secs} s)"
        )
    }
}

/// What a camera's latest key frames tell; `None` where it is too early to say.
#[must_use]
pub fn judge(times_millis: &[u32], silence: Duration, segment_millis: u64) -> Option<Verdict> {
    let apart = times_millis.windows(2).map(|pair| pair[1].wrapping_sub(pair[0])).max();
    let trouble = match apart {
        Some(millis) if u64::from(millis) * 5 > segment_millis * 6 => {
            Some(Trouble::Every(f64::from(millis) / 1000.0))
        }
        _ if silence.as_millis() > u128::from(segment_millis * 2) => {
            Some(Trouble::NoneFor(silence.as_secs_f64()))
        }
        _ => None,
    };
    match (trouble, apart) {
        (Some(trouble), _) => Some(Verdict::Bad(trouble)),
        (None, Some(_)) => Some(Verdict::Good),
        (None, None) => None,
    }
}

/// What key frames were found to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Verdict {
    /// Often enough.
    Good,
    /// Not.
    Bad(Trouble),
}

/// The key frames in a recording.
#[derive(Debug)]
pub struct Recording {
    /// Their time stamps.
    pub times_millis: Vec<u32>,
    /// The latest one's CodecID.
    pub codec: Option<u8>,
    /// For how long nothing was written.
    pub silence: Duration,
}

/// What is written so far.
pub fn read(path: &Path) -> std::io::Result<Recording> {
    let file = File::open(path)?;
    let silence = file.metadata()?.modified()?.elapsed().unwrap_or_default();
    let (times_millis, codec) = key_frames(file);
    Ok(Recording { times_millis, codec, silence })
}

/// Time stamps, and the last one's codec. Ends where the file does, or where it is none.
fn key_frames(file: File) -> (Vec<u32>, Option<u8>) {
    let (mut file, mut times, mut codec) = (BufReader::new(file), Vec::new(), None);
    let mut skip = FILE_HEADER_LEN;
    // A tag's header, and of its data what kind of picture it is.
    let mut head = [0_u8; TAG_HEADER_LEN as usize + 2];
    while file.seek_relative(skip).is_ok() && file.read_exact(&mut head).is_ok() {
        let [kind, len @ .., _, _, _, frame, packet] = head;
        let [l2, l1, l0, t2, t1, t0, t3] = len;
        if kind == VIDEO_TAG && frame >> 4 == 1 && packet == PICTURE {
            times.push(u32::from_be_bytes([t3, t2, t1, t0]));
            codec = Some(frame & 0x0f);
        }
        // The tag's length stands behind it once more.
        skip = i64::from(u32::from_be_bytes([0, l2, l1, l0])) - 2 + 4;
    }
    (times, codec)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(times: &[u32], silence_millis: u64) -> Option<Verdict> {
        judge(times, Duration::from_millis(silence_millis), 2000)
    }

    #[test]
    fn seldom_is_told_within_two_segments_and_often_is_good() {
        assert_eq!(verdict(&[], 3900), None);
        assert_eq!(verdict(&[0], 3900), None);
        assert_eq!(verdict(&[0], 4100), Some(Verdict::Bad(Trouble::NoneFor(4.1))));
        assert_eq!(verdict(&[0, 2000, 4000], 1900), Some(Verdict::Good));
        // Scene cuts bring some early.
        assert_eq!(verdict(&[0, 2000, 2700, 4700], 0), Some(Verdict::Good));
        assert_eq!(verdict(&[0, 8333], 0), Some(Verdict::Bad(Trouble::Every(8.333))));
        let told = Trouble::Every(8.333).advice(2000);
        assert!(told.contains("every 8.3 s") && told.contains("Keyframe Interval 2 s"), "{told}");
        assert!(told.is_ascii());
    }

    #[test]
    fn key_frames_are_read_as_far_as_they_are_written() {
        let tag = |kind: u8, millis: u32, data: &[u8]| {
            let [t3, time @ ..] = millis.to_be_bytes();
            let [_, len @ ..] = (data.len() as u32).to_be_bytes();
            let before = (data.len() as u32 + 11).to_be_bytes();
            [&[kind], &len[..], &time, &[t3, 0, 0, 0], data, &before].concat()
        };
        let written = [
            b"FLV\x01\x05\0\0\0\x09\0\0\0\0".to_vec(),
            tag(9, 0, &[0x17, 0, 0, 0, 0, 1]),
            tag(9, 0x0102_0304, &[0x17, 1, 0, 0, 0, 2, 3]),
            tag(8, 5, &[0xaf, 1, 0]),
            tag(9, 6, &[0x27, 1, 0]),
            tag(9, 0x0102_0b00, &[0x17, 1, 0]),
            tag(9, 7, &[0x17, 1, 0])[..12].to_vec(),
        ];
        let path = std::env::temp_dir().join(format!("key-frames-{}.flv", std::process::id()));
        std::fs::write(&path, written.concat()).unwrap();
        let found = read(&path);
        std::fs::remove_file(&path).unwrap();
        let Recording { times_millis, codec, silence } = found.unwrap();
        assert_eq!((times_millis, codec), (vec![0x0102_0304, 0x0102_0b00], Some(7)));
        assert!(silence < Duration::from_secs(60));
        assert!(read(&path).is_err());
    }
}
