//! A camera whose pictures are not H.264, and what a person is told of it.
//!
//! In: what nginx-rtmp's statistics call a stream's codec, and the CodecID of the key frames that it
//! recorded (Adobe Flash Video File Format 10.1, E.4.3.1). Out: words that say what to set.
//!
//! Enhanced RTMP (Veovera) sends HEVC, AV1 and VP9 with a packet type in the place of the CodecID, a
//! bit that makes every frame's type an unknown one, and the codec's FourCC behind. nginx-rtmp 1.2
//! keeps such a camera, takes the packet type for a codec of old, and no frame for a key frame: so
//! nobody gets a picture, none is recorded, and which codec it is cannot be known here.

/// CodecID of H.264.
const AVC: u8 = 7;
/// CodecID that some encoders gave HEVC before enhanced RTMP; no specification has it.
const HEVC_OF_OLD: u8 = 12;
/// H.264 in nginx-rtmp's statistics.
const AVC_NAME: &str = "H264";

/// For people, in ASCII, as it travels in a header too; `None` where nothing speaks against H.264.
/// `named`: in the statistics; `recorded`: of the latest key frame.
#[must_use]
pub fn advice(named: Option<&str>, recorded: Option<u8>) -> Option<String> {
    let found = match (recorded, named) {
        (Some(AVC), _) | (None, None | Some(AVC_NAME)) => return None,
        (Some(HEVC_OF_OLD), _) => "the camera sends HEVC",
        (Some(_), _) => "the camera's pictures are not H.264",
        (None, Some(_)) => {
            "the camera's pictures are not H.264 (it seems to send HEVC, AV1 or VP9 by enhanced RTMP)"
        }
    };
    Some(format!(
        "{found}, which the ingest does not take: set the encoder to H.264 \
         (OBS: Settings > Output > Video Encoder: x264, or one whose name has H.264; \
         ffmpeg: -c:v libx264)"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_h264_is_told_with_what_to_set() {
        assert_eq!(advice(None, None), None, "sound alone, or nothing yet");
        assert_eq!(advice(Some("H264"), None), None);
        assert_eq!(advice(Some("H264"), Some(7)), None);
        assert_eq!(advice(Some("Jpeg"), Some(7)), None, "what was recorded is no guess");
        let told = |named, recorded| advice(named, recorded).unwrap_or_default();
        // The packet types of coded frames, 1 and 3.
        for named in ["Jpeg", "ScreenVideo"] {
            assert!(told(Some(named), None).contains("enhanced RTMP"));
        }
        assert!(told(None, Some(12)).contains("sends HEVC, which"));
        assert!(told(Some("On2-VP6"), Some(4)).contains("not H.264, which"));
        for (named, recorded) in [(Some("Jpeg"), None), (None, Some(12)), (None, Some(4))] {
            let told = told(named, recorded);
            assert!(told.is_ascii() && told.contains("set the encoder to H.264"), "{told}");
        }
    }
}
