//! EXT-X-MAP resources: kept for the next segment, and asked for before it where they are hinted.
//!
//! In: timelines with preload hints (RFC 8216bis 4.4.5.3), bodies. Out: resources, requests for hinted
//! ones. Those that a segment waits for are its loader's to ask for.

use std::sync::Arc;

use super::context::Context;
use super::downloads::{Downloads, Finished};
use super::load_timeouts::LoadTimeouts;
use super::media::{InitCache, InitResource};
use super::output::Delivery;
use super::wanted::{Purpose, Wanted};
use crate::playlist::timeline::Timeline;
use crate::playlist::{InitSection, Keys};
use crate::time::Duration;

/// An EXT-X-MAP resource beyond this is refused.
const MAX_INIT_BYTES: u64 = 4 << 20;

/// The resources of a session.
#[derive(Debug, Default)]
pub(super) struct InitSections {
    cache: InitCache,
    /// The newest that a hint announced.
    hinted: Option<Arc<InitSection>>,
}

impl InitSections {
    pub fn get(&mut self, section: &InitSection) -> Option<InitResource> {
        self.cache.get(section)
    }

    pub fn insert(&mut self, section: Arc<InitSection>, resource: InitResource) {
        self.cache.insert(section, resource);
    }

    /// Asks for a resource before the first segment that needs it is listed.
    pub fn fetch_hinted(
        &mut self,
        context: &mut Context,
        downloads: &mut Downloads,
        timeline: &Timeline,
    ) {
        let purpose = Purpose::HintedInit;
        let mut hints = timeline.playlist().into_iter().flat_map(|list| &list.preload_hints);
        let Some(hint) = hints.find(|hint| hint.is_map) else { return };
        let (url, byte_range) = (hint.url.clone(), hint.byte_range);
        let section = InitSection { url, byte_range, keys: Keys::default() };
        if self.hinted.as_deref() == Some(&section) || downloads.is_running(purpose) {
            return;
        }
        let mut wanted = wanted_init(purpose, &section);
        wanted.timeouts = Some(LoadTimeouts::of_held(timeline));
        self.hinted = Some(Arc::new(section));
        downloads.start(context, wanted);
    }

    pub fn accept_hinted(&mut self, finished: Finished<'_>) {
        let Some(section) = &self.hinted else { return };
        // Read again for the segment that needs it, and only then an error.
        if let Ok(resource) = InitResource::read(&section.url, finished.body) {
            self.cache.insert(Arc::clone(section), resource);
        }
    }
}

/// The request of an EXT-X-MAP resource.
pub(super) fn wanted_init(purpose: Purpose, section: &InitSection) -> Wanted {
    Wanted {
        purpose,
        url: section.url.clone(),
        byte_range: section.byte_range,
        delivery: Delivery::Bytes,
        decryption: None,
        may_need_transmuxer: false,
        media: None,
        max_bytes: MAX_INIT_BYTES,
        max_retries: 0,
        not_found_retries: 1,
        timeouts: None,
        first_byte_limit: None,
        pace: Duration::ZERO,
    }
}
