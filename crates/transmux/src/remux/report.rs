//! What was wrong with a segment, as errors.
//!
//! In: the demuxers' reports. Out: one [`Error`] for each kind of fault, in words. It decides
//! nothing: severity stands on the type.

use crate::Error;
use crate::demux::TrackProblems;
use crate::demux::audio_config::AudioCodec;
use crate::demux::ts::Demuxed;

/// Tells all that a transport stream's report has. `had_media`: some of it was given out before.
pub(super) fn transport_stream(
    demuxed: &Demuxed,
    codec: AudioCodec,
    had_media: bool,
    mut tell: impl FnMut(Error),
) {
    let report = &demuxed.report;
    let mut damaged = |problem: String| tell(Error::DamagedMedia { format: "MPEG-TS", problem });
    if report.skipped_bytes > 0 {
        damaged(format!("{} bytes that belong to no packet", report.skipped_bytes));
    }
    if report.continuity_gaps > 0 {
        damaged(format!("packets missing in {} places", report.continuity_gaps));
    }
    if report.is_truncated {
        damaged("broken off inside a packet".to_owned());
    }
    let is_empty = !had_media && demuxed.video.is_empty() && demuxed.audio.is_empty();
    if report.has_no_program {
        damaged("no program map, so no stream can be told".to_owned());
    } else if is_empty && report.encryption.is_none() && report.unsupported_codecs.is_empty() {
        damaged("neither video nor audio".to_owned());
    }
    if let Some(method) = report.encryption {
        tell(Error::Encrypted { method: method.to_owned() });
    }
    for codec in &report.unsupported_codecs {
        tell(Error::UnsupportedCodec { codec: (*codec).to_owned() });
    }
    track("H.264", report.video, &mut tell);
    track(codec.name(), report.audio, &mut tell);
}

/// Tells all that was wrong with packed audio.
pub(super) fn packed_audio(
    codec: AudioCodec,
    has_audio: bool,
    problems: TrackProblems,
    refused: Option<&'static str>,
    mut tell: impl FnMut(Error),
) {
    if let Some(codec) = refused {
        tell(Error::UnsupportedCodec { codec: codec.to_owned() });
    } else if !has_audio {
        let problem = "no audio frame in packed audio".to_owned();
        tell(Error::DamagedMedia { format: codec.name(), problem });
    }
    track(codec.name(), problems, &mut tell);
}

fn track(format: &'static str, problems: TrackProblems, tell: &mut impl FnMut(Error)) {
    let TrackProblems { dropped, resyncs } = problems;
    if dropped > 0 {
        let problem = format!("{dropped} frames that were not whole or cannot be decoded");
        tell(Error::DamagedMedia { format, problem });
    }
    if resyncs > 0 {
        let problem = format!("bytes between frames in {resyncs} places");
        tell(Error::DamagedMedia { format, problem });
    }
}
