//! The transmuxer, judged by others: mp4-atom reads the boxes, ffprobe compares packets, ffmpeg
//! decodes every frame before and after.

mod fidelity;
mod missing;
mod progressive;
mod repair;
mod timeline;
mod tools;
