//! Changes the audio rendition: the new one is loaded while the old one plays, and appended over it.
//!
//! In: the track that the page chose, changes of variants, the first media of the new rendition. Out:
//! the rendition in its place, from a moment ahead of the playhead on, or the old one and a warning.
//! Nothing is removed first, so that there is no silence, and the old one goes on where the new one
//! fails. Which rendition it is, [`crate::engine::audio_choice`] says.

use super::Session;
use crate::engine::context::Context;
use crate::engine::downloads::Finished;
use crate::engine::kinds::{RenditionId, StreamKind};
use crate::engine::output::Event;
use crate::engine::playback::load_from_secs;
use crate::engine::segment::Outcome;
use crate::engine::segment_loader::{Cursor, SegmentLoader};
use crate::engine::variant_set::VariantId;
use crate::error::Error;
use crate::media::TrackKind;

/// Where the new sound begins, ahead of the playhead: what a browser has decoded by then is heard.
const JOINT_AHEAD_SECS: f64 = 0.1;
/// It is loaded from so far ahead: a segment that ends earlier comes too late.
const LOAD_AHEAD_SECS: f64 = 0.25;
/// Streams that have come so near to one another have loaded the same.
const SAME_SECS: f64 = 0.1;

impl Session {
    /// The page chose a track.
    pub(super) fn select_audio(&mut self, context: &mut Context, track: usize) {
        let Some(wish) = self.sources.variant_set.select_audio(track) else {
            let detail = format!("there is no audio track {track}");
            let cause = Box::new(Error::Internal { detail });
            return context.error(Error::VariantExcluded { variant: None, cause });
        };
        self.selector.audio.wish = Some(wish);
        self.pursue_audio(context);
        let id = self.sources.variant_set.audio_track_of(wish).unwrap_or(track);
        self.selector.audio.reported = Some(id);
        context.event(Event::AudioTrackChange { id, is_auto: false });
    }

    /// The variant has changed, and with it maybe the group: the same track of the new one goes on
    /// behind what is loaded, another one takes over as if it was chosen now.
    pub(super) fn follow_variant(&mut self, context: &mut Context, variant: VariantId) {
        let playing = self.selector.rendition(StreamKind::Audio);
        let keep = playing.or(self.selector.audio.wish);
        let set = &self.sources.variant_set;
        let same = set.rendition_for(context, StreamKind::Audio, variant, keep);
        self.change_rendition(context, StreamKind::Audio, same);
        self.pursue_audio(context);
    }

    /// Begins the change to the rendition that is wanted beside the present variant, if it is another
    /// than what plays; one that has begun is forgotten.
    fn pursue_audio(&mut self, context: &mut Context) {
        self.forget_new_audio(context);
        let Some(variant) = self.selector.variant else { return };
        let playing = self.selector.rendition(StreamKind::Audio);
        let keep = self.selector.audio.wish.or(playing);
        let set = &self.sources.variant_set;
        let wanted = set.rendition_for(context, StreamKind::Audio, variant, keep);
        let Some(wanted) = wanted.filter(|wanted| Some(*wanted) != playing) else { return };
        let url = |id: RenditionId| self.sources.variant_set.rendition_url(id);
        let is_same = playing.is_some_and(|playing| url(playing) == url(wanted));
        if is_same || !self.sink.has_started() {
            return self.change_rendition(context, StreamKind::Audio, Some(wanted));
        }
        self.selector.set_rendition(StreamKind::NewAudio, Some(wanted));
        let at_secs = self.playback.playhead.secs();
        let loader = SegmentLoader::new(at_secs, (context.make_transmuxer)());
        self.streams.add_rendition(StreamKind::NewAudio, loader);
        context.needs_another_pass = true;
    }

    /// What plays goes on.
    fn forget_new_audio(&mut self, context: &mut Context) {
        self.selector.set_rendition(StreamKind::NewAudio, None);
        self.selector.audio.awaited_codecs.clear();
        self.downloads.cancel_stream(context, StreamKind::NewAudio);
        self.streams.remove_rendition(StreamKind::NewAudio);
    }

    /// The new sound cannot be had or played: the old one goes on.
    pub(super) fn give_up_new_audio(&mut self, context: &mut Context, error: Error) {
        if let Some(failed) = self.selector.rendition(StreamKind::NewAudio) {
            self.sources.variant_set.exclude_rendition(context, failed);
        }
        self.forget_new_audio(context);
        self.selector.audio.wish = self.selector.rendition(StreamKind::Audio);
        context.needs_another_pass = true;
        context.error(Error::VariantExcluded { variant: None, cause: Box::new(error) });
    }

    /// Loads the new sound from where it will be heard.
    pub(super) fn load_new_audio(&mut self, context: &mut Context) {
        let kind = StreamKind::NewAudio;
        if self.streams.get(kind).is_none() {
            return;
        }
        let mut awaited = self.selector.audio.awaited_codecs.iter();
        if awaited.any(|codec| context.is_codec_supported(codec).is_none()) {
            return;
        }
        let Some(id) = self.selector.rendition_playlist(&mut self.sources, kind) else { return };
        let Some(entry) = self.sources.playlists.get(id) else { return };
        if !entry.is_usable(context.now) {
            // One that is loaded, but old, is asked for again when it is due.
            if !entry.is_loaded() {
                self.fetch_playlist(context, id);
            }
            return;
        }
        let from_secs = self.playback.playhead.secs_now(context.now) + LOAD_AHEAD_SECS;
        let from_secs = load_from_secs(Some(entry), from_secs);
        if let Some(loader) = self.streams.get_mut(kind)
            && loader.loading.is_none()
            && matches!(loader.cursor, Cursor::At(_))
        {
            loader.cursor = Cursor::At(from_secs);
        }
        self.load_rendition(context, kind);
    }

    /// The first media of the new sound takes the place of the old one. Gives the stream that the
    /// outcome now is of.
    pub(super) fn admit_audio(
        &mut self,
        context: &mut Context,
        kind: StreamKind,
        outcome: &mut Outcome,
    ) -> StreamKind {
        if kind != StreamKind::NewAudio || outcome.failure.is_some() || outcome.media.is_empty() {
            return kind;
        }
        if !self.sink.takes(TrackKind::Audio, false) {
            let problem = "its sound goes with no other, as it is in one file with the picture";
            let (format, problem) = ("fMP4", problem.to_owned());
            outcome.failure = Some(Error::DamagedMedia { format, problem });
            return kind;
        }
        let codecs = || outcome.media.iter().flat_map(|media| &media.init.codecs);
        if codecs().any(|codec| context.is_codec_supported(codec).is_none()) {
            let codecs: Vec<String> = codecs().cloned().collect();
            self.selector.audio.awaited_codecs.clone_from(&codecs);
            self.sources.probe(context, codecs);
            self.drop_media(context, outcome);
            return kind;
        }
        if codecs().any(|codec| context.is_codec_supported(codec) == Some(false)) {
            return kind;
        }
        let from_secs = self.playback.playhead.secs_now(context.now) + JOINT_AHEAD_SECS;
        let ends = outcome.media.iter().map(|media| media.span.end_secs);
        if ends.fold(0.0, f64::max) <= from_secs {
            self.drop_media(context, outcome);
            return kind;
        }
        let starts = outcome.media.iter().map(|media| media.span.start_secs);
        let from_secs = starts.fold(f64::INFINITY, f64::min).max(from_secs);
        self.hand_over_audio(context);
        self.sink.replace_from(context, TrackKind::Audio, from_secs);
        StreamKind::Audio
    }

    fn hand_over_audio(&mut self, context: &mut Context) {
        let (old, new) = (StreamKind::Audio, StreamKind::NewAudio);
        self.downloads.cancel_stream(context, old);
        self.downloads.hand_over(new, old);
        self.streams.hand_over(new, old);
        self.selector.audio.before = self.selector.rendition(old);
        let rendition = self.selector.rendition(new);
        self.selector.set_rendition(old, rendition);
        self.selector.set_rendition(new, None);
    }

    fn drop_media(&mut self, context: &mut Context, outcome: &mut Outcome) {
        for media in outcome.media.drain(..) {
            self.sink.release(context, media);
        }
    }

    /// A whole segment of the new sound came, and nothing of it was of use: it is too late, or the browser is
    /// being asked about it. An error where it has no sound.
    pub(super) fn pass_new_audio(&mut self, finished: &Finished<'_>) -> Option<Error> {
        let loader = self.streams.get_mut(StreamKind::NewAudio)?;
        let is_awaited = !self.selector.audio.awaited_codecs.is_empty();
        let loading = loader.loading.as_ref()?;
        if loading.found_audio.is_none() {
            let problem = format!("no sound in {}", finished.final_url);
            return Some(Error::DamagedMedia { format: "segment", problem });
        }
        if is_awaited {
            let at_secs = loading.placed.start_secs;
            loader.reposition(at_secs);
        } else {
            loader.complete(&mut self.sources.playlists);
        }
        None
    }

    /// Sound that is in the variant, and was loaded once more as the picture's part of it was not there,
    /// goes on with the picture where both have come to the same.
    pub(super) fn join_variant(&mut self) {
        let rendition = self.selector.rendition(StreamKind::Audio);
        let is_apart = |id| self.sources.variant_set.rendition_url(id).is_some();
        let Some(loader) = self.streams.get(StreamKind::Audio) else { return };
        let main = self.streams.main();
        let is_growing = main.loading.as_ref().is_some_and(|loading| loading.is_growing);
        let is_same = loader.end_secs() >= main.end_secs() - SAME_SECS;
        if rendition.is_none_or(is_apart) || loader.loading.is_some() || is_growing || !is_same {
            return;
        }
        self.streams.remove_rendition(StreamKind::Audio);
    }

    /// Tells the page of a track that it did not choose.
    pub(super) fn report_audio(&mut self, context: &mut Context) {
        let track = self.selector.audio_track(&self.sources.variant_set);
        if let Some(id) = track
            && self.selector.audio.reported != Some(id)
        {
            self.selector.audio.reported = Some(id);
            context.event(Event::AudioTrackChange { id, is_auto: true });
        }
    }
}
