//! The transmuxer, judged by others: mp4-atom reads the boxes, ffprobe compares packets, ffmpeg
//! decodes every frame before and after.

mod bombs;
mod fidelity;
mod memory;
mod missing;
mod progressive;
mod repair;
mod side_data;
mod stream;
mod timeline;
mod tools;
