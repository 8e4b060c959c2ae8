//! What becomes of segments' bytes: through their loader to the sink.
//!
//! In: chunks and whole bodies. Out: media queued, tracks added once every loader has something and
//! the browser plays its codecs, failures handed on. It requests nothing.

use super::Session;
use crate::engine::context::Context;
use crate::engine::downloads::Finished;
use crate::engine::first_segment::Pace;
use crate::engine::kinds::StreamKind;
use crate::engine::media::Media;
use crate::engine::output::SinkCommand;
use crate::engine::segment::Outcome;
use crate::engine::tracks_ready;
use crate::engine::wanted::Purpose;
use crate::error::Error;
use crate::media::TrackKind;

impl Session {
    pub(super) fn on_chunk(
        &mut self,
        context: &mut Context,
        kind: StreamKind,
        bytes: &[u8],
        is_first: bool,
    ) {
        let loading = self.streams.get(kind).and_then(|loader| loader.loading.as_ref());
        if loading.is_some_and(|loading| loading.is_growing) {
            self.streams.share_timestamps(kind);
        }
        let Some((loader, offsets)) = self.streams.with_offsets(kind) else { return };
        let mut outcome = loader.push(bytes, is_first, offsets);
        if let Some(loading) = &mut loader.loading
            && let Some(first) = &mut loading.first
        {
            let flight = self.downloads.flight(Purpose::Segment(kind));
            let duration_secs = loading.placed.duration_secs();
            let pace = flight.map(|flight| {
                Pace::of(flight, context.now, loading.estimated_bytes, duration_secs)
            });
            outcome.media = first.take(outcome.media, pace);
        }
        self.keep_own(context, kind, &mut outcome);
        let kind = self.admit_audio(context, kind, &mut outcome);
        if let Some(error) = self.deliver(context, kind, outcome) {
            self.downloads.cancel(context, Purpose::Segment(kind));
            return self.on_segment_failed(context, kind, error);
        }
        if kind != StreamKind::Main {
            return;
        }
        if let Some(loading) =
            self.streams.main().loading.as_ref().filter(|loading| loading.is_growing)
            && let Some(found) = loading.found
            && let Some(entry) = self.sources.playlists.get_mut(loading.playlist)
        {
            entry.timeline.note_seen(found.end_secs);
        }
    }

    pub(super) fn on_segment(
        &mut self,
        context: &mut Context,
        kind: StreamKind,
        finished: Finished<'_>,
    ) {
        self.streams.share_timestamps(kind);
        let Some((loader, offsets)) = self.streams.with_offsets(kind) else { return };
        let mut outcome = loader.finish(&finished, offsets);
        if let Some(first) = loader.loading.as_mut().and_then(|loading| loading.first.take()) {
            outcome.media = first.finish(outcome.media);
        }
        if outcome.is_map_stale {
            // It is asked for again, as what it is.
            loader.give_up_map();
            context.sink(SinkCommand::Release(finished.id));
            return;
        }
        let variant = loader.loading.as_ref().and_then(|loading| loading.variant);
        // Two loaders share the link: the wider one measures it.
        if kind == StreamKind::Main {
            match loader.loading.as_ref().filter(|loading| loading.is_growing) {
                Some(loading) => {
                    let reading = loading.reading(&finished.bursts);
                    context.bandwidth.add_reading(context.now, reading);
                }
                None => {
                    let loading = loader.loading.as_ref();
                    let media_secs = loading.map_or(0.0, |it| it.placed.duration_secs());
                    context.bandwidth.add_sample(finished.sample, media_secs);
                }
            }
        }
        let bandwidth_bps = variant.map(|variant| self.sources.variant_set.bandwidth_bps(variant));
        self.selector.note_carried(bandwidth_bps.unwrap_or(0));
        self.keep_own(context, kind, &mut outcome);
        let kind = self.admit_audio(context, kind, &mut outcome);
        if let Some(error) = self.deliver(context, kind, outcome) {
            return self.on_segment_failed(context, kind, error);
        }
        if kind == StreamKind::NewAudio {
            if let Some(error) = self.pass_new_audio(&finished) {
                self.on_segment_failed(context, kind, error);
            }
            return;
        }
        if let Some(loader) = self.streams.get_mut(kind) {
            loader.complete(&mut self.sources.playlists);
            context.counters.segments_loaded += 1;
            self.recovery.on_segment(self.streams.main().segments_done);
        }
    }

    /// Frees the media that another stream is the source of: of a variant the sound, where it has a rendition
    /// of its own; of sound that is in the variant the picture.
    fn keep_own(&mut self, context: &mut Context, kind: StreamKind, outcome: &mut Outcome) {
        for media in core::mem::take(&mut outcome.media) {
            let track = media.init.kind;
            let is_own = match kind {
                StreamKind::Main => self.streams.source_of(track) == kind,
                StreamKind::Audio | StreamKind::NewAudio => track == TrackKind::Audio,
            };
            if is_own {
                outcome.media.push(media);
            } else {
                self.sink.release(context, media);
            }
        }
    }

    /// A picture whose sound nobody here plays goes on without it, where both came in one transport stream. Silence
    /// that takes its place in later segments is left out too, as there is no track for it.
    fn leave_out_sound(
        &mut self,
        context: &mut Context,
        kind: StreamKind,
        mut outcome: Outcome,
    ) -> Outcome {
        let main = self.streams.main_mut();
        if kind == StreamKind::Main && main.transmuxer.announces_both() {
            for media in core::mem::take(&mut outcome.media) {
                let is_sound = media.init.kind == TrackKind::Audio;
                let refused = refused_codec(context, &media).filter(|_| is_sound);
                if let Some(codec) = refused
                    && let Some(warning) = main.note_left_out(Error::UnsupportedCodec { codec })
                {
                    context.error(warning);
                }
                if is_sound && main.is_left_out_reported {
                    self.sink.release(context, media);
                } else {
                    outcome.media.push(media);
                }
            }
        }
        outcome
    }

    /// Hands media to the sink; gives the failure, if there is one.
    fn deliver(
        &mut self,
        context: &mut Context,
        kind: StreamKind,
        mut outcome: Outcome,
    ) -> Option<Error> {
        for warning in core::mem::take(&mut outcome.warnings) {
            context.error(warning);
        }
        if let Some(unused) = outcome.unused {
            context.sink(SinkCommand::Release(unused));
        }
        let outcome = self.leave_out_sound(context, kind, outcome);
        let refused = outcome.media.iter().find_map(|media| refused_codec(context, media));
        // A track is judged by where it begins: what follows is not in the sink yet either.
        let mut begins = outcome.media.iter().enumerate().filter_map(|(index, it)| {
            let track = it.init.kind;
            let is_first = outcome.media[..index].iter().all(|before| before.init.kind != track);
            is_first.then_some((track, it.span.start_secs))
        });
        let is_given_up =
            refused.is_some() || begins.any(|track| self.is_misfit(context, kind, track));
        for media in outcome.media {
            if is_given_up {
                self.sink.release(context, media);
            } else {
                self.sink.push(context, media);
            }
        }
        if let Some(codec) = refused {
            return Some(Error::UnsupportedCodec { codec });
        }
        outcome.failure
    }

    /// Adds the tracks once every loader has something and the browser plays its codecs.
    pub(super) fn start_sink(&mut self, context: &mut Context) {
        if self.sink.has_started() || !self.sink.is_open {
            return;
        }
        let set = &self.sources.variant_set;
        let entry = self.selector.variant.and_then(|variant| set.get(variant));
        let by_list = entry.map_or(0, |entry| entry.promised_tracks());
        let main = self.streams.main();
        let has_both = main.transmuxer.announces_both() && !main.is_left_out_reported;
        let by_media = if has_both { 2 } else { 0 };
        let situation = tracks_ready::Situation {
            kinds: &self.sink.waiting_kinds(),
            promised: by_list.max(by_media),
            is_segment_whole: self.streams.iter().all(|(_, loader)| loader.segments_done > 0),
            segments_done: main.segments_done,
            loaded_secs: main.end_secs() - self.playback.start_secs.unwrap_or(0.0),
            is_all: self.recovery.misfit.is_waiting() || self.is_stream_at_end(StreamKind::Main),
        };
        if !situation.is_ready() {
            return;
        }
        let codecs = self.sink.waiting_codecs();
        if codecs.iter().any(|codec| context.is_codec_supported(codec).is_none()) {
            return self.sources.probe(context, codecs);
        }
        let refused_sound = self.sink.waiting_codec_of_sound().filter(|codec| {
            main.transmuxer.announces_both() && context.is_codec_supported(codec) == Some(false)
        });
        if let Some(codec) = refused_sound.filter(|_| self.sink.waiting_kinds().len() > 1)
            && self.streams.source_of(TrackKind::Audio) == StreamKind::Main
        {
            let cause = Error::UnsupportedCodec { codec };
            if let Some(warning) = self.streams.main_mut().note_left_out(cause) {
                context.error(warning);
            }
            self.sink.drop_waiting_of(context, TrackKind::Audio);
            return self.start_sink(context);
        }
        if let Some(codec) =
            codecs.into_iter().find(|codec| context.is_codec_supported(codec) == Some(false))
        {
            self.sink.drop_waiting(context);
            self.streams.main_mut().segments_done = 0;
            return self.on_codec_refused(context, codec);
        }
        let timeline = self.current_entry().map(|entry| &entry.timeline);
        let duration_secs = match timeline {
            Some(timeline) if !timeline.is_live() => timeline.end_secs(),
            _ => f64::INFINITY,
        };
        // The one of sound and picture that came first was put where its list has it, the other beside it.
        // Of a picture that then begins before time zero a source buffer would leave out all up to the
        // next key frame; of sound, a few frames.
        let by_secs = self.sink.waiting_picture_early_secs();
        if self.streams.settle(by_secs, &mut self.sources.playlists) {
            self.sink.move_waiting(by_secs);
        }
        let waiting = self.sink.waiting_span();
        self.sink.start(context, duration_secs);
        // Before the first append, though the list may be empty just now.
        let reported = self.reports.take_timeline().filter(|reported| reported.is_live);
        if duration_secs.is_infinite() {
            let start_secs = reported.map_or(waiting.start_secs, |it| it.start_secs);
            let end_secs = reported.map_or(waiting.end_secs, |it| it.end_secs);
            self.sink.set_seekable(context, start_secs, end_secs);
        }
    }
}

fn refused_codec(context: &Context, media: &Media) -> Option<String> {
    let mut codecs = media.init.codecs.iter();
    codecs.find(|codec| context.is_codec_supported(codec) == Some(false)).cloned()
}
