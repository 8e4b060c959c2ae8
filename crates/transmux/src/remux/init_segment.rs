//! Init segments: `ftyp` and `moov` of one track (ISO/IEC 14496-12 8, 14496-14 5.6,
//! 14496-15 5.3.3).
//!
//! In: what the elementary stream says about itself. Out: bytes to append before its fragments.
//! There is no edit list: timestamps already say where a frame belongs.

use super::boxes::BoxWriter;
use crate::demux::aac::AacConfig;
use crate::demux::ac3::Ac3Config;
use crate::demux::audio_config::AudioConfig;
use crate::demux::h264::AvcConfig;
use crate::demux::mpeg_audio::Mp3Config;

/// The tracks, which fragments name.
pub(super) const VIDEO_TRACK_ID: u32 = 1;
pub(super) const AUDIO_TRACK_ID: u32 = 2;
pub(super) const VIDEO_TIMESCALE: u32 = 90_000;

/// How AAC is announced beyond what ADTS headers say, by the playlist's CODECS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum AudioExtension {
    /// As the headers say; decoders find spectral band replication by themselves.
    #[default]
    None,
    /// HE-AAC (`mp4a.40.5`).
    BandReplication,
    /// HE-AAC v2 (`mp4a.40.29`).
    ParametricStereo,
}

/// Matrix and language that mean nothing special.
const UNITY_MATRIX: [u32; 9] = [0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000];
const UNDETERMINED_LANGUAGE: u16 = 0x55c4;

/// An init segment for H.264.
pub(super) fn video(config: &AvcConfig) -> Vec<u8> {
    let sps = &config.sps;
    let (ratio_width, ratio_height) = sps.sample_aspect_ratio;
    let display_width = u32::from(sps.width_px) * u32::from(ratio_width) / u32::from(ratio_height);
    let track = Track {
        id: VIDEO_TRACK_ID,
        timescale: VIDEO_TIMESCALE,
        handler: b"vide",
        volume: 0,
        size_px: (display_width, u32::from(sps.height_px)),
    };
    write(&track, |writer| {
        writer.put_box(b"avc1", |writer| {
            writer.put_zeros(6);
            writer.put_u16(1);
            writer.put_zeros(16);
            writer.put_u16(sps.width_px);
            writer.put_u16(sps.height_px);
            // 72 dpi, one frame a sample, no compressor name, 24 bits.
            writer.put_u32(0x48_0000);
            writer.put_u32(0x48_0000);
            writer.put_u32(0);
            writer.put_u16(1);
            writer.put_zeros(32);
            writer.put_u16(24);
            writer.put_u16(0xffff);
            writer.put_box(b"avcC", |writer| avc_configuration(writer, config));
            if ratio_width != ratio_height {
                writer.put_box(b"pasp", |writer| {
                    writer.put_u32(u32::from(ratio_width));
                    writer.put_u32(u32::from(ratio_height));
                });
            }
        });
    })
}

/// ISO/IEC 14496-15 5.3.3.1.
fn avc_configuration(writer: &mut BoxWriter, config: &AvcConfig) {
    let sps = &config.sps;
    writer.put(&[1, sps.profile, sps.constraints, sps.level]);
    // Four bytes of length; the unused bits are ones.
    writer.put_u8(0xff);
    writer.put_u8(0xe0 | config.sequence_sets.len().min(31) as u8);
    for nal in config.sequence_sets.iter().take(31) {
        writer.put_u16(nal.len() as u16);
        writer.put(nal);
    }
    writer.put_u8(config.picture_sets.len() as u8);
    for nal in &config.picture_sets {
        writer.put_u16(nal.len() as u16);
        writer.put(nal);
    }
    if !matches!(sps.profile, 66 | 77 | 88) {
        writer.put_u8(0xfc | sps.chroma_format);
        writer.put_u8(0xf8 | (sps.luma_bit_depth - 8));
        writer.put_u8(0xf8 | (sps.chroma_bit_depth - 8));
        writer.put_u8(0);
    }
}

/// An init segment for sound.
pub(super) fn audio(config: &AudioConfig, extension: AudioExtension) -> Vec<u8> {
    let rate_hz = config.sample_rate_hz();
    let track = Track {
        id: AUDIO_TRACK_ID,
        timescale: rate_hz,
        handler: b"soun",
        volume: 0x0100,
        size_px: (0, 0),
    };
    write(&track, |writer| {
        let kind = match config {
            AudioConfig::Aac(_) | AudioConfig::Mp3(_) => b"mp4a",
            AudioConfig::Ac3(Ac3Config { is_enhanced: false, .. }) => b"ac-3",
            AudioConfig::Ac3(_) => b"ec-3",
            AudioConfig::Opus(_) => b"Opus",
        };
        writer.put_box(kind, |writer| {
            writer.put_zeros(6);
            writer.put_u16(1);
            writer.put_zeros(8);
            writer.put_u16(config.channel_count());
            writer.put_u16(16);
            writer.put_zeros(4);
            // 16.16; rates that do not fit stand in the decoder's own configuration.
            writer.put_u32(u32::from(u16::try_from(rate_hz).unwrap_or(0)) << 16);
            match config {
                AudioConfig::Aac(config) => {
                    let specific = audio_specific_config(config, extension);
                    elementary_stream_descriptor(writer, 0x40, &specific);
                }
                AudioConfig::Mp3(config) => {
                    elementary_stream_descriptor(writer, mp3_object_type(config), &[]);
                }
                AudioConfig::Ac3(config) => {
                    let kind = if config.is_enhanced { b"dec3" } else { b"dac3" };
                    writer.put_box(kind, |writer| writer.put(&config.decoder_box()));
                }
                AudioConfig::Opus(config) => {
                    writer.put_box(b"dOps", |writer| writer.put(&config.decoder_box()));
                }
            }
        });
    })
}

/// RFC 6381 of the same.
pub(super) fn audio_codec_string(config: &AudioConfig, extension: AudioExtension) -> String {
    let config = match config {
        AudioConfig::Aac(config) => config,
        AudioConfig::Mp3(config) => return format!("mp4a.{:X}", mp3_object_type(config)),
        AudioConfig::Ac3(config) if config.is_enhanced => return "ec-3".to_owned(),
        AudioConfig::Ac3(_) => return "ac-3".to_owned(),
        AudioConfig::Opus(_) => return "opus".to_owned(),
    };
    let object_type = match extension {
        AudioExtension::None => config.object_type,
        AudioExtension::BandReplication => 5,
        AudioExtension::ParametricStereo => 29,
    };
    format!("mp4a.40.{object_type}")
}

/// MPEG-1 audio, or its low sampling frequencies (ISO/IEC 14496-1 table 5).
fn mp3_object_type(config: &Mp3Config) -> u8 {
    if config.is_version_1 { 0x6b } else { 0x69 }
}

/// ISO/IEC 14496-1 7.2.6: ES, decoder configuration, its specific information where there is any, SL.
fn elementary_stream_descriptor(writer: &mut BoxWriter, object_type: u8, specific: &[u8]) {
    let specific_len = specific.len() as u8;
    let tagged_len = if specific_len == 0 { 0 } else { 2 + specific_len };
    writer.put_full_box(b"esds", 0, |writer| {
        writer.put(&[3, 3 + 2 + 13 + tagged_len + 3, 0, AUDIO_TRACK_ID as u8, 0]);
        // Audio stream; buffer size and bit rates unknown.
        writer.put(&[4, 13 + tagged_len, object_type, 0x15]);
        writer.put_zeros(3 + 4 + 4);
        if specific_len > 0 {
            writer.put(&[5, specific_len]);
            writer.put(specific);
        }
        writer.put(&[6, 1, 2]);
    });
}

/// ISO/IEC 14496-3 1.6.2.1, with the backward compatible signalling of 1.6.5.2 for HE-AAC:
/// decoders that know nothing of it play the core.
fn audio_specific_config(config: &AacConfig, extension: AudioExtension) -> Vec<u8> {
    let rate_index = u32::from(config.rate_index);
    let mut writer = crate::demux::BitWriter::default();
    writer.put(5, u32::from(config.object_type));
    writer.put(4, rate_index);
    writer.put(4, u32::from(config.channel_config));
    // 1024 samples a frame, no core coder, no extension.
    writer.put(3, 0);
    if extension != AudioExtension::None && rate_index >= 3 {
        writer.put(11, 0x2b7);
        writer.put(5, 5);
        writer.put(1, 1);
        // Three steps up the table is twice the rate.
        writer.put(4, rate_index - 3);
        if extension == AudioExtension::ParametricStereo {
            writer.put(11, 0x548);
            writer.put(1, 1);
        }
    }
    writer.finish()
}

struct Track {
    id: u32,
    timescale: u32,
    handler: &'static [u8; 4],
    volume: u16,
    size_px: (u32, u32),
}

fn write(track: &Track, sample_entry: impl FnOnce(&mut BoxWriter)) -> Vec<u8> {
    let mut writer = BoxWriter::default();
    writer.put_box(b"ftyp", |writer| {
        writer.put(b"iso6");
        writer.put_u32(0);
        writer.put(b"iso6mp41");
    });
    writer.put_box(b"moov", |writer| {
        writer.put_full_box(b"mvhd", 0, |writer| {
            writer.put_zeros(8);
            writer.put_u32(track.timescale);
            writer.put_u32(0);
            writer.put_u32(0x1_0000);
            writer.put_u16(0x0100);
            writer.put_zeros(10);
            UNITY_MATRIX.iter().for_each(|value| writer.put_u32(*value));
            writer.put_zeros(24);
            writer.put_u32(track.id + 1);
        });
        writer.put_box(b"trak", |writer| {
            // Enabled, in the movie.
            writer.put_full_box(b"tkhd", 3, |writer| {
                writer.put_zeros(8);
                writer.put_u32(track.id);
                writer.put_zeros(4 + 4 + 8 + 2 + 2);
                writer.put_u16(track.volume);
                writer.put_zeros(2);
                UNITY_MATRIX.iter().for_each(|value| writer.put_u32(*value));
                writer.put_u32(track.size_px.0 << 16);
                writer.put_u32(track.size_px.1 << 16);
            });
            media(writer, track, sample_entry);
        });
        writer.put_box(b"mvex", |writer| {
            writer.put_full_box(b"trex", 0, |writer| {
                writer.put_u32(track.id);
                writer.put_u32(1);
                writer.put_zeros(12);
            });
        });
    });
    writer.finish()
}

fn media(writer: &mut BoxWriter, track: &Track, sample_entry: impl FnOnce(&mut BoxWriter)) {
    writer.put_box(b"mdia", |writer| {
        writer.put_full_box(b"mdhd", 0, |writer| {
            writer.put_zeros(8);
            writer.put_u32(track.timescale);
            writer.put_u32(0);
            writer.put_u16(UNDETERMINED_LANGUAGE);
            writer.put_u16(0);
        });
        writer.put_full_box(b"hdlr", 0, |writer| {
            writer.put_u32(0);
            writer.put(track.handler);
            writer.put_zeros(13);
        });
        writer.put_box(b"minf", |writer| {
            if track.handler == b"vide" {
                writer.put_full_box(b"vmhd", 1, |writer| writer.put_zeros(8));
            } else {
                writer.put_full_box(b"smhd", 0, |writer| writer.put_zeros(4));
            }
            writer.put_box(b"dinf", |writer| {
                writer.put_full_box(b"dref", 0, |writer| {
                    writer.put_u32(1);
                    // The media is in this file.
                    writer.put_full_box(b"url ", 1, |_| {});
                });
            });
            writer.put_box(b"stbl", |writer| {
                writer.put_full_box(b"stsd", 0, |writer| {
                    writer.put_u32(1);
                    sample_entry(writer);
                });
                for empty in [b"stts", b"stsc", b"stco"] {
                    writer.put_full_box(empty, 0, |writer| writer.put_u32(0));
                }
                writer.put_full_box(b"stsz", 0, |writer| writer.put_zeros(8));
            });
        });
    });
}
