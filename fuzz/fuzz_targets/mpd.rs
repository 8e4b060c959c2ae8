//! A DASH manifest, read again and again.
//!
//! In: bytes, cut into loads of one manifest at each NUL, and an index. Judged: no panic; what is written is a
//! playlist that the engine reads. Memory is bounded by the command line's limit.
#![no_main]

use libfuzzer_sys::fuzz_target;
use videosphere::dash::{Playlists, Step, sidx};
use videosphere::playlist::{Playlist, parse};

const URL: &str = "https://h/d/m.mpd";

fuzz_target!(|data: &[u8]| {
    let _ = sidx::read(data, data.len() as u64);
    let mut loads = data.split(|byte| *byte == 0).take(4);
    let first = String::from_utf8_lossy(loads.next().unwrap_or_default());
    let Ok(mut playlists) = Playlists::new(&first, URL) else { return };
    let list = parse(&playlists.multivariant(URL), URL);
    assert!(matches!(list, Ok(Playlist::Multivariant(_))), "{list:?}");
    write(&mut playlists, data);
    for load in loads {
        if playlists.update(&String::from_utf8_lossy(load), URL).is_ok() {
            write(&mut playlists, data);
        }
    }
});

fn write(playlists: &mut Playlists, data: &[u8]) {
    for track in 0..4 {
        for now in [0.0, 1.8e12] {
            match playlists.media(track, 0, now) {
                Ok(Step::Text(text)) => {
                    let list = parse(&text, URL);
                    assert!(matches!(list, Ok(Playlist::Media(_))), "{list:?} of {text}");
                }
                Ok(Step::NeedsIndex(asked)) => {
                    let _ = playlists.give_index(&asked, data);
                }
                Err(_) => {}
            }
        }
    }
}
