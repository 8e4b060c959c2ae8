//! The player in real browsers, nothing stood in. In: `cargo xtask build`, the browsers, ffmpeg.
//! All of it runs when asked for: `cargo xtask test` does, and
//! `cargo test -p browser-tests -- --ignored --test-threads=1`.

mod audio;
mod capture;
mod cmcd;
mod codecs;
mod dash;
mod demo;
mod engines;
mod errors;
mod foreign_lists;
mod gestures;
mod headset;
mod keys;
mod latency;
mod live;
mod native;
mod package;
mod picture;
mod picture_in_picture;
mod quality;
mod recorded;
mod refused;
mod request;
mod rust_app;
mod sight;
mod skin;
mod sound_codecs;
mod spherical;
mod start;
mod steering;
mod storyboard;
mod texts;
mod thumbnails;
mod tracks;
mod vod;
mod webgpu;
