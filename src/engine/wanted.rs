//! What is to be fetched, and what for.
//!
//! In: a purpose, a URL, and how much patience and how many tries it is worth. Out: the same, as plain
//! data that [`super::downloads`] makes requests of and [`super::allowance`] spaces.

use super::keys::KeySlot;
use super::kinds::{SourceKind, StreamKind};
use super::load_timeouts::LoadTimeouts;
use super::output::{Decryption, Delivery, MediaFacts};
use super::playlists::PlaylistId;
use crate::error::Resource;
use crate::playlist::ByteRange;
use crate::time::Duration;

/// What is longer is no key, but long enough to see what it is instead.
const MAX_KEY_BYTES: u64 = 64 << 10;

/// Playlists beyond this are refused: a day of two-second segments is below 10 MiB.
const MAX_PLAYLIST_BYTES: u64 = 16 << 20;

/// What a request is for. At most one download of each purpose exists at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Manifest(SourceKind),
    MediaPlaylist(PlaylistId),
    Init(StreamKind),
    /// An EXT-X-MAP resource that a hint announces.
    HintedInit,
    Segment(StreamKind),
    Key(KeySlot),
    /// Of the text track that the page knows by this number: a segment, or its EXT-X-MAP resource.
    Text(usize),
}

/// A request to be made, retries included.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub purpose: Purpose,
    pub url: String,
    pub byte_range: Option<ByteRange>,
    pub delivery: Delivery,
    pub decryption: Option<Decryption>,
    /// See [`super::output::Request::may_need_transmuxer`].
    pub may_need_transmuxer: bool,
    pub media: Option<MediaFacts>,
    /// Bodies beyond this are refused.
    pub max_bytes: u64,
    /// Tries after the first one; the settings' budget caps it.
    pub max_retries: u32,
    /// The same for HTTP 404, which rarely passes.
    pub not_found_retries: u32,
    /// Where the server may hold its answer, or sends it as it is made.
    pub timeouts: Option<LoadTimeouts>,
    /// The first byte is waited for no longer than this: another server has the same.
    pub first_byte_limit: Option<Duration>,
    /// Of playlists: how often there is something new.
    pub pace: Duration,
}

/// Tries after the first one: for any failure, and for HTTP 404.
#[derive(Debug, Clone, Copy)]
pub(super) struct Retries {
    pub any: u32,
    pub not_found: u32,
}

impl Purpose {
    pub const fn resource(self) -> Resource {
        match self {
            Self::Manifest(_) => Resource::Manifest,
            Self::MediaPlaylist(_) => Resource::MediaPlaylist,
            Self::Init(_) | Self::HintedInit => Resource::InitSegment,
            Self::Segment(_) | Self::Text(_) => Resource::Segment,
            Self::Key(_) => Resource::Key,
        }
    }
}

impl Wanted {
    /// A key.
    pub fn key(slot: KeySlot, url: String, max_retries: u32) -> Self {
        let retries = Retries { any: max_retries, not_found: 1 };
        Self {
            max_bytes: MAX_KEY_BYTES,
            pace: Duration::ZERO,
            ..Self::playlist(Purpose::Key(slot), url, retries)
        }
    }

    /// A body that stays outside.
    pub fn held(purpose: Purpose, url: String) -> Self {
        let retries = Retries { any: 0, not_found: 0 };
        Self {
            delivery: Delivery::Held,
            pace: Duration::ZERO,
            ..Self::playlist(purpose, url, retries)
        }
    }

    /// A playlist.
    pub fn playlist(purpose: Purpose, url: String, retries: Retries) -> Self {
        Self {
            purpose,
            url,
            byte_range: None,
            delivery: Delivery::Bytes,
            decryption: None,
            may_need_transmuxer: false,
            media: None,
            max_bytes: MAX_PLAYLIST_BYTES,
            max_retries: retries.any,
            not_found_retries: retries.not_found,
            timeouts: None,
            first_byte_limit: None,
            pace: Duration::from_secs(1),
        }
    }
}
