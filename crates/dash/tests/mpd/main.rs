//! Manifests of ffmpeg, Shaka Packager and of services, by what `videosphere-hls` reads of the playlists made
//! of them.

mod damage;
mod files;
mod live;
mod tracks;

use std::path::Path;

use videosphere_dash::{Playlists, Step};
use videosphere_hls::{MediaPlaylist, MultivariantPlaylist, Playlist, Segment, parse};

pub(crate) const URL: &str = "https://a.example/x/main.mpd";

pub(crate) fn fixture(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/dash").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub(crate) fn of_fixture(name: &str) -> Playlists {
    let text = String::from_utf8(fixture(name)).expect("text");
    Playlists::new(&text, URL).expect("a manifest")
}

pub(crate) fn multivariant(playlists: &Playlists) -> MultivariantPlaylist {
    match parse(&playlists.multivariant(URL), URL) {
        Ok(Playlist::Multivariant(list)) => list,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn media(playlists: &mut Playlists, track: usize, now_millis: f64) -> MediaPlaylist {
    match playlists.media(track, 0, now_millis) {
        Ok(Step::Text(text)) => match parse(&text, &format!("{URL}#dash-track={track}.0")) {
            Ok(Playlist::Media(list)) => list,
            other => panic!("{other:?} of {text}"),
        },
        other => panic!("{other:?}"),
    }
}

/// The path below the manifest's folder.
pub(crate) fn name(segment: &Segment) -> &str {
    segment.url.strip_prefix("https://a.example/x/").unwrap_or(&segment.url)
}

pub(crate) fn names(list: &MediaPlaylist) -> Vec<&str> {
    list.segments.iter().map(name).collect()
}

pub(crate) fn durations(list: &MediaPlaylist) -> Vec<f64> {
    list.segments.iter().map(|segment| segment.duration_secs).collect()
}
