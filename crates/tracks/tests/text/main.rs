//! Text tracks from outside: whole files by the rules, damage, samples, and what other players make of
//! them.

mod imsc;
mod mp4;
mod peers;
mod webvtt;

use videosphere_tracks::cue::Cue;

/// A fixture's bytes.
fn fixture(name: &str) -> Vec<u8> {
    let path = format!("{}/../../tests/fixtures/tracks/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Start, end and text, to the millisecond.
fn shown<'a>(cues: impl IntoIterator<Item = &'a Cue>) -> Vec<String> {
    let line = |cue: &Cue| {
        let end_secs = cue.end_secs.unwrap_or(f64::INFINITY);
        format!("{:.3} {end_secs:.3} {}", cue.start_secs, cue.text().replace('\n', "|"))
    };
    cues.into_iter().map(line).collect()
}
