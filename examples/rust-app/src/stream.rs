//! From a playlist's address to a `<video>` that holds the first picture.
//!
//! In: addresses (gloo-net fetches them). Out: playlists, and a media element at its first frame. It
//! refuses what is not MPEG-TS, a segment that is part of a file, and encryption.

use crate::{Result, thrown};
use gloo_net::http::{Request, Response};
use js_sys::{Array, Promise, Uint8Array};
use videosphere_hls::{
    MediaPlaylist, MultivariantPlaylist, ParseOptions, Playlist, Segment, parse_bytes,
};
use videosphere_transmux::demux::container::Format;
use videosphere_transmux::remux::{SegmentStart, Succession, Transmuxed, Transmuxer};
use videosphere_transmux::{Error as TransmuxError, TrackKind};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, HtmlVideoElement, Url};

/// Fetches and reads a playlist; `variables` are those of the playlist that named it.
pub async fn playlist(url: &str, variables: &[(String, String)]) -> Result<Playlist> {
    let response = fetch(url).await?;
    // Where it came from in the end: what it names is relative to that.
    let url = response.url();
    let body = response.binary().await?;
    Ok(parse_bytes(&body, ParseOptions { url: &url, imported_variables: variables })?)
}

/// The list of segments of the variant with the highest bandwidth.
pub async fn best_of(multivariant: &MultivariantPlaylist) -> Result<MediaPlaylist> {
    let best = multivariant.variants.iter().max_by_key(|variant| variant.bandwidth_bps);
    let best = best.ok_or("A stream without variants")?;
    match playlist(&best.url, &multivariant.variables).await? {
        Playlist::Media(media) => Ok(media),
        Playlist::Multivariant(_) => Err("A variant that is a list of variants".into()),
    }
}

/// Has the browser decode the first picture of a list of segments.
pub async fn show_first_picture(video: &HtmlVideoElement, media: &MediaPlaylist) -> Result<()> {
    let segment = media.segments.first().ok_or("A list without segments")?;
    if segment.byte_range.is_some() || !segment.keys.is_empty() || segment.map.is_some() {
        return Err("This example reads whole, unencrypted segments in MPEG-TS alone".into());
    }
    let bytes = fetch(&segment.url).await?.binary().await?;
    let file = video_of(&bytes, segment)?;

    let parts = Array::of1(&Uint8Array::from(file.as_slice()));
    let options = BlobPropertyBag::new();
    options.set_type("video/mp4");
    let blob = Blob::new_with_u8_array_sequence_and_options(&parts, &options).map_err(thrown)?;
    let url = Url::create_object_url_with_blob(&blob).map_err(thrown)?;
    let loaded = Promise::new(&mut |resolve, reject| {
        video.set_onloadeddata(Some(&resolve));
        video.set_onerror(Some(&reject));
    });
    video.set_src(&url);
    let outcome = JsFuture::from(loaded).await;
    Url::revoke_object_url(&url).map_err(thrown)?;
    outcome.map(drop).map_err(|_| "The browser cannot decode the first segment".into())
}

/// The segment's video as a fragmented MP4 file.
fn video_of(bytes: &[u8], segment: &Segment) -> Result<Vec<u8>> {
    let (format, bytes) = Format::of(bytes)?;
    let mut transmuxer = Transmuxer::new();
    transmuxer.begin_segment(SegmentStart {
        format,
        timeline_start_secs: 0.0,
        duration_secs: segment.duration_secs,
        discontinuity_sequence: segment.discontinuity_sequence,
        succession: Succession::Apart,
        is_growing: false,
    });
    transmuxer.push(bytes);
    transmuxer.end_segment();

    let mut file = Vec::new();
    while let Some(result) = transmuxer.poll() {
        match result {
            Transmuxed::Init { track: TrackKind::Video, bytes, .. }
            | Transmuxed::Fragment { track: TrackKind::Video, bytes, .. } => {
                file.extend_from_slice(bytes.as_slice());
            }
            Transmuxed::Init { .. } | Transmuxed::Fragment { .. } => {}
            // What could be read was kept.
            Transmuxed::Problem(TransmuxError::DamagedMedia { .. }) => {}
            Transmuxed::Problem(error) => return Err(error.into()),
        }
    }
    Ok(file)
}

async fn fetch(url: &str) -> Result<Response> {
    let response = Request::get(url).send().await?;
    if !response.ok() {
        return Err(format!("{url} was answered with {}", response.status()).into());
    }
    Ok(response)
}
