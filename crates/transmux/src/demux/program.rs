//! Which elementary streams a transport stream has (ISO/IEC 13818-1 2.4.4).
//!
//! In: packets of the PAT's and the PMT's PIDs. Out: a [`Program`]. mpeg2ts-reader assembles
//! the sections; this checks them, picks the first program, its first stream of a picture and its first of sound,
//! and names what cannot be played.

use super::audio_config::AudioCodec;
use mpeg2ts_reader::packet::Packet;
use mpeg2ts_reader::psi::pat::{PatSection, ProgramDescriptor};
use mpeg2ts_reader::psi::pmt::PmtSection;
use mpeg2ts_reader::psi::{
    BufferSectionSyntaxParser, CurrentNext, SectionCommonHeader, SectionPacketConsumer,
    SectionSyntaxSectionProcessor, TableSyntaxHeader, WholeSectionSyntaxPayloadParser,
};

/// The streams of a program that matter here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Program {
    /// PID of the H.264 stream.
    pub video: Option<u16>,
    /// PID of the sound.
    pub audio: Option<u16>,
    /// Which frames it has.
    pub audio_codec: AudioCodec,
    /// The picture (the sound) is encrypted with SAMPLE-AES.
    pub is_video_encrypted: bool,
    pub is_audio_encrypted: bool,
    /// PID of timed ID3 (HLS authoring specification).
    pub metadata: Option<u16>,
    /// What could be neither, by name.
    pub unsupported: Vec<Unsupported>,
}

/// A stream that cannot be played.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unsupported {
    /// RFC 6381 where there is such a name.
    pub codec: &'static str,
    /// Whether it would have been the picture.
    pub is_video: bool,
    /// SAMPLE-AES.
    pub is_encrypted: bool,
}

/// Collects one table's sections.
pub(super) struct Table<P: WholeSectionSyntaxPayloadParser> {
    consumer: SectionPacketConsumer<Processor<P>>,
}

type Processor<P> = SectionSyntaxSectionProcessor<BufferSectionSyntaxParser<P>>;

impl<P: WholeSectionSyntaxPayloadParser> Table<P> {
    fn of(parser: P) -> Self {
        let buffered = BufferSectionSyntaxParser::new(parser);
        Self { consumer: SectionPacketConsumer::new(SectionSyntaxSectionProcessor::new(buffered)) }
    }

    /// Takes a packet; `found` changes where it completes a section.
    pub(super) fn push(&mut self, found: &mut P::Context, packet: &Packet<'_>) {
        self.consumer.consume(found, packet);
    }
}

impl<P: WholeSectionSyntaxPayloadParser> core::fmt::Debug for Table<P> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Table")
    }
}

/// Finds the PID of the first program's map.
#[derive(Debug)]
pub(super) struct Pat;

/// Finds the streams of a program.
#[derive(Debug)]
pub(super) struct Pmt;

/// A parser of the program association table.
pub(super) fn association_table() -> Table<Pat> {
    Table::of(Pat)
}

/// A parser of a program map table.
pub(super) fn map_table() -> Table<Pmt> {
    Table::of(Pmt)
}

const PAT_TABLE_ID: u8 = 0;
const PMT_TABLE_ID: u8 = 2;
const HEADERS_LEN: usize = 8;
const CRC_LEN: usize = 4;

/// A section without its headers; `None` where it is damaged or not in force yet.
fn body<'a>(data: &'a [u8], syntax: &TableSyntaxHeader<'_>) -> Option<&'a [u8]> {
    if matches!(syntax.current_next_indicator(), CurrentNext::Next) {
        return None;
    }
    // Fuzzing cannot guess a checksum.
    if !cfg!(fuzzing) && crc32(data) != 0 {
        return None;
    }
    data.get(HEADERS_LEN..data.len().checked_sub(CRC_LEN)?)
}

/// CRC-32/MPEG-2 (ISO/IEC 13818-1 annex A): 0 over a section and its own checksum. Bit by bit, since
/// sections are few and short, and mpeg2ts-reader's table of 1 KB would not compress.
fn crc32(section: &[u8]) -> u32 {
    const POLYNOMIAL: u32 = 0x04c1_1db7;
    section.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte) << 24, |crc, _| {
            let is_carried = crc >> 31 == 1;
            (crc << 1) ^ if is_carried { POLYNOMIAL } else { 0 }
        })
    })
}

impl WholeSectionSyntaxPayloadParser for Pat {
    type Context = Option<u16>;

    fn section<'a>(
        &mut self,
        found: &mut Option<u16>,
        header: &SectionCommonHeader,
        syntax: &TableSyntaxHeader<'a>,
        data: &'a [u8],
    ) {
        if header.table_id != PAT_TABLE_ID {
            return;
        }
        let Some(body) = body(data, syntax) else { return };
        let first = PatSection::new(body).programs().find_map(|program| match program {
            ProgramDescriptor::Program { pid, .. } => Some(u16::from(pid)),
            ProgramDescriptor::Network { .. } => None,
        });
        *found = first.or(*found);
    }
}

impl WholeSectionSyntaxPayloadParser for Pmt {
    type Context = Option<Program>;

    fn section<'a>(
        &mut self,
        found: &mut Option<Program>,
        header: &SectionCommonHeader,
        syntax: &TableSyntaxHeader<'a>,
        data: &'a [u8],
    ) {
        if header.table_id != PMT_TABLE_ID {
            return;
        }
        let Some(body) = body(data, syntax) else { return };
        let Ok(section) = PmtSection::from_bytes(body) else { return };
        let mut program = Program::default();
        let mut rest = streams_of(section.buffer());
        for stream in section.streams() {
            let descriptors = take_descriptors(&mut rest);
            let pid = u16::from(stream.elementary_pid());
            match classify(stream.stream_type().0, descriptors) {
                Stream::H264 { is_encrypted } if program.video.is_none() => {
                    (program.video, program.is_video_encrypted) = (Some(pid), is_encrypted);
                }
                Stream::Audio { codec, is_encrypted } if program.audio.is_none() => {
                    (program.audio, program.is_audio_encrypted) = (Some(pid), is_encrypted);
                    program.audio_codec = codec;
                }
                Stream::H264 { .. } | Stream::Audio { .. } => {}
                Stream::TimedId3 => program.metadata = program.metadata.or(Some(pid)),
                Stream::Refused(unsupported) => program.unsupported.push(unsupported),
                Stream::Ignored => {}
            }
        }
        *found = Some(program);
    }
}

/// The stream loop of a PMT's body, behind the program's own descriptors.
fn streams_of(body: &[u8]) -> &[u8] {
    let info_len =
        body.get(2..4).map_or(0, |len| usize::from(len[0] & 15) << 8 | usize::from(len[1]));
    body.get(4 + info_len..).unwrap_or_default()
}

/// The descriptors of the next stream of the loop.
fn take_descriptors<'a>(rest: &mut &'a [u8]) -> &'a [u8] {
    let len = rest.get(3..5).map_or(0, |len| usize::from(len[0] & 15) << 8 | usize::from(len[1]));
    let descriptors = rest.get(5..5 + len).unwrap_or_default();
    *rest = rest.get(5 + len..).unwrap_or_default();
    descriptors
}

enum Stream {
    H264 { is_encrypted: bool },
    Audio { codec: AudioCodec, is_encrypted: bool },
    TimedId3,
    Refused(Unsupported),
    Ignored,
}

fn classify(stream_type: u8, descriptors: &[u8]) -> Stream {
    let video = |codec| Stream::Refused(Unsupported { codec, is_video: true, is_encrypted: false });
    let refused =
        |codec| Stream::Refused(Unsupported { codec, is_video: false, is_encrypted: false });
    let audio = |codec| Stream::Audio { codec, is_encrypted: false };
    match stream_type {
        0x1b => Stream::H264 { is_encrypted: false },
        0x0f => audio(AudioCodec::Aac),
        0x15 => Stream::TimedId3,
        0x01 => video("MPEG-1 video"),
        0x02 => video("MPEG-2 video"),
        0x10 => video("MPEG-4 Visual"),
        0x24 | 0x25 => video("HEVC (hvc1)"),
        0x33 => video("VVC (vvc1)"),
        0xea => video("VC-1"),
        0x03 | 0x04 => audio(AudioCodec::Mp3),
        0x81 | 0x87 => audio(AudioCodec::Ac3),
        0x11 => refused("AAC in LATM"),
        0x82 | 0x8a => refused("DTS"),
        // Sample encryption of HLS: H.264, AAC, AC-3, E-AC-3.
        0xdb => Stream::H264 { is_encrypted: true },
        0xcf => Stream::Audio { codec: AudioCodec::Aac, is_encrypted: true },
        0xc1 | 0xc2 => Stream::Audio { codec: AudioCodec::Ac3, is_encrypted: true },
        0x06 => classify_private(descriptors),
        _ => Stream::Ignored,
    }
}

/// Private data says what it is in a descriptor (registration, or DVB's own).
fn classify_private(descriptors: &[u8]) -> Stream {
    const REGISTRATION: u8 = 0x05;
    let audio = |codec| Stream::Audio { codec, is_encrypted: false };
    let refused =
        |codec, is_video| Stream::Refused(Unsupported { codec, is_video, is_encrypted: false });
    let mut rest = descriptors;
    while let [tag, len, tail @ ..] = rest {
        let payload = tail.get(..usize::from(*len)).unwrap_or_default();
        match (*tag, payload) {
            (REGISTRATION, [b'H', b'E', b'V', b'C', ..]) => return refused("HEVC (hvc1)", true),
            (REGISTRATION, [b'A', b'V', b'0', b'1', ..]) => return refused("AV1 (av01)", true),
            (REGISTRATION, [b'A', b'C', b'-', b'3', ..] | [b'E', b'A', b'C', b'3', ..])
            | (0x6a | 0x7a, _) => return audio(AudioCodec::Ac3),
            (REGISTRATION, [b'O', b'p', b'u', b's', ..]) => {
                return match opus_channels(descriptors) {
                    channels @ 1..=8 => audio(AudioCodec::Opus(channels)),
                    _ => refused("opus with channels of its own layout", false),
                };
            }
            _ => {}
        }
        rest = tail.get(usize::from(*len)..).unwrap_or_default();
    }
    Stream::Ignored
}

/// The channels of an Opus stream, by the extension descriptor of ETSI TS 103 491; two where it says nothing.
fn opus_channels(descriptors: &[u8]) -> u8 {
    const EXTENSION: u8 = 0x7f;
    const OPUS: u8 = 0x80;
    let mut rest = descriptors;
    while let [tag, len, tail @ ..] = rest {
        if let (EXTENSION, Some([OPUS, channels, ..])) = (*tag, tail.get(..usize::from(*len))) {
            return *channels;
        }
        rest = tail.get(usize::from(*len)..).unwrap_or_default();
    }
    2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_that_of_mpeg_2() {
        // The check value of catalogues of such sums.
        assert_eq!(crc32(b"123456789"), 0x0376_e6e7);
        let mut section = b"123456789".to_vec();
        section.extend(crc32(&section).to_be_bytes());
        assert_eq!(crc32(&section), 0);
        section[3] ^= 0x10;
        assert_ne!(crc32(&section), 0);
    }
}
