//! The transmuxer, judged by others: mp4-atom reads the boxes, ffprobe compares packets, ffmpeg
//! decodes every frame before and after.

mod audio_codecs;
mod bombs;
mod fidelity;
mod memory;
mod missing;
mod progressive;
mod repair;
mod sample_aes;
mod side_data;
mod stream;
mod timeline;
mod tools;
