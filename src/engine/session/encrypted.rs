//! Encrypted segments and init sections: which key each waits for (RFC 8216bis 4.4.4.4).
//!
//! In: the segment under way in a stream, keys that came or cannot be had. Out: requests for keys, what
//! a body is to be decrypted with, failures of the segments that waited. It knows no cipher.

use super::Session;
use crate::demux::sample_aes::SampleKey;
use crate::engine::context::Context;
use crate::engine::keys::{KeySlot, Known};
use crate::engine::kinds::StreamKind;
use crate::engine::output::Decryption;
use crate::engine::wanted::{Purpose, Wanted};
use crate::error::Error;
use crate::playlist::{Key, Keys};

/// Asked for before anything needs them, at most: those of one ladder.
const MAX_PRELOADED: usize = 4;

/// What decrypts what.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Decrypted {
    /// The body, before anybody looks at it.
    pub body: Option<Decryption>,
    /// The samples that are found in it.
    pub samples: Option<SampleKey>,
}

/// Why a body cannot be asked for.
pub(super) enum NotYet {
    /// Its key is on the way.
    Waits,
    /// The segment under way was given up.
    Failed,
}

impl Session {
    /// What decrypts a body that the segment under way needs.
    pub(super) fn decryption(
        &mut self,
        context: &mut Context,
        kind: StreamKind,
        (keys, media_sequence): (&Keys, u64),
    ) -> Result<Decrypted, NotYet> {
        let slot = match self.streams.keys.look_up(keys, media_sequence) {
            Ok(Known::Clear) => return Ok(Decrypted::default()),
            Ok(Known::Key(decryption)) => {
                return Ok(Decrypted { body: Some(decryption), ..Decrypted::default() });
            }
            Ok(Known::SampleKey(key)) => {
                return Ok(Decrypted { samples: Some(key), ..Decrypted::default() });
            }
            Ok(Known::Missing(slot)) => slot,
            Err(error) => {
                self.on_segment_failed(context, kind, error);
                return Err(NotYet::Failed);
            }
        };
        let loader = self.streams.get_mut(kind);
        if let Some(loading) = loader.and_then(|loader| loader.loading.as_mut()) {
            loading.awaited_key = Some(slot);
        }
        self.fetch_key(context, slot);
        Err(NotYet::Waits)
    }

    /// Asks for a key, unless it is on the way.
    pub(super) fn fetch_key(&mut self, context: &mut Context, slot: KeySlot) {
        if let Some(url) = self.streams.keys.url(slot).map(str::to_owned)
            && !self.downloads.is_running(Purpose::Key(slot))
        {
            let variant = self.selector.variant;
            let max_retries = self.sources.variant_set.segment_retries(context, variant);
            self.downloads.start(context, Wanted::key(slot, url, max_retries));
        }
    }

    /// EXT-X-SESSION-KEY: asked for beside the first media playlist. One that cannot be had is asked for
    /// again by the segment that needs it, whose failure it then is.
    pub(super) fn preload_keys(&mut self, context: &mut Context, keys: &[Key]) {
        for key in keys.iter().take(MAX_PRELOADED) {
            if let Some(slot) = self.streams.keys.missing(key) {
                self.fetch_key(context, slot);
            }
        }
    }

    pub(super) fn on_key(&mut self, context: &mut Context, slot: KeySlot, body: &[u8]) {
        if let Err(error) = self.streams.keys.accept(slot, body) {
            return self.on_key_failed(context, slot, &error);
        }
        context.needs_another_pass |= self.texts.stop_waiting(slot, None);
        for kind in StreamKind::ALL {
            if self.stops_waiting_for(kind, slot) {
                self.advance_segment(context, kind);
            }
        }
    }

    /// A key cannot be had, or is none.
    pub(super) fn on_key_failed(&mut self, context: &mut Context, slot: KeySlot, error: &Error) {
        self.on_text_key_failed(context, slot, error);
        for kind in StreamKind::ALL {
            if self.stops_waiting_for(kind, slot) {
                self.on_segment_failed(context, kind, error.clone());
            }
        }
    }

    /// Whether the segment under way waited for this key; it does so no longer.
    fn stops_waiting_for(&mut self, kind: StreamKind, slot: KeySlot) -> bool {
        let loader = self.streams.get_mut(kind);
        let loading = loader.and_then(|loader| loader.loading.as_mut());
        loading.is_some_and(|loading| loading.awaited_key.take_if(|it| *it == slot).is_some())
    }

    /// What came of a body that was decrypted: noise is what a wrong key makes of it, one time in 256.
    pub(super) fn judge_decrypted(&mut self, kind: StreamKind, error: Error) -> Error {
        let loader = self.streams.get(kind);
        let Some(loading) = loader.and_then(|loader| loader.loading.as_ref()) else { return error };
        let segment = &loading.placed.segment;
        let is_noise =
            matches!(&error, Error::UnsupportedContainer { url, .. } if *url == segment.url);
        let error = if is_noise && !segment.keys.is_empty() {
            Error::Undecryptable { url: segment.url.clone() }
        } else {
            error
        };
        if matches!(error, Error::Undecryptable { .. }) {
            let map = segment.map.clone();
            self.streams.keys.doubt(&segment.keys.clone());
            if let Some(map) = map {
                self.streams.keys.doubt(&map.keys);
            }
        }
        error
    }
}
