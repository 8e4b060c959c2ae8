//! The playlist parser and the timeline from outside: the RFC's examples and playlists as servers
//! write them, another parser's opinion, and damage.

mod damage;
mod differential;
mod examples;
mod low_latency;
mod renditions;

use std::path::{Path, PathBuf};

use videosphere_hls::{MediaPlaylist, MultivariantPlaylist, Playlist, parse};

/// Where the examples pretend to come from.
const URL: &str = "https://h.example/dir/list.m3u8?session=s%2B1";

fn fixture_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/playlists")
}

fn fixture(name: &str) -> String {
    let path = fixture_folder().join(name).with_extension("m3u8");
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// All examples, by name, in a fixed order.
fn fixtures() -> Vec<(String, String)> {
    let mut names: Vec<String> = std::fs::read_dir(fixture_folder())
        .expect("the folder of examples")
        .filter_map(|entry| entry.expect("an entry").file_name().into_string().ok())
        .filter_map(|name| name.strip_suffix(".m3u8").map(str::to_owned))
        .collect();
    names.sort_unstable();
    assert!(names.len() >= 16, "{names:?}");
    names.into_iter().map(|name| (name.clone(), fixture(&name))).collect()
}

fn media(text: &str) -> MediaPlaylist {
    match parse(text, URL) {
        Ok(Playlist::Media(playlist)) => playlist,
        other => panic!("not a media playlist: {other:?}"),
    }
}

fn multivariant(text: &str) -> MultivariantPlaylist {
    match parse(text, URL) {
        Ok(Playlist::Multivariant(playlist)) => playlist,
        other => panic!("not a multivariant playlist: {other:?}"),
    }
}

/// A small generator (splitmix64): tests are repeatable and need no crate for it.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }

    fn one_in(&mut self, chances: usize) -> bool {
        self.below(chances) == 0
    }
}
