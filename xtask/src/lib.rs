//! Everything behind `cargo xtask VERB`; a library, so that the browser tests share its server,
//! its WebDriver client and its samples.
//!
//! In: the checkout this was compiled in and the tools of the machine. Out: files under
//! `www/wasm/` and `target/`, processes that end with us, and lines on the terminal. Nothing here
//! is in the npm package.

pub mod bench;
pub mod build;
pub mod demo;
pub mod fuzz;
pub mod lint;
pub mod live;
pub mod modules;
pub mod package;
pub mod packages;
pub mod pattern;
pub mod processes;
pub mod sample;
pub mod server;
pub mod setup;
pub mod shell;
mod short_names;
pub mod size;
pub mod std_source;
pub mod test;
pub mod tools;
pub mod vod;
pub mod wasm_target;
pub mod webdriver;
