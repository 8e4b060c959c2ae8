//! The media source: its tracks, what is queued for each, its duration and its end.
//!
//! In: [`Media`] from the loaders, events of the media source. Out: `Sink` outputs, in an order every
//! browser accepts: all tracks are added, and the duration set, before the first append; one
//! operation per track at a time. It owns the bytes until their append is confirmed.

use super::vec_map::VecMap;
use std::sync::Arc;

use super::context::Context;
use super::media::{Body, Init, Media};
use super::output::{FragmentId, Output, Payload, SinkCommand};
use super::transmux::MediaBytes;
use crate::buffer::queue::{Operation, TrackQueue};
use crate::buffer::time_ranges;
use crate::media::{TimeRange, TrackKind};

#[derive(Debug)]
enum Stored {
    Init(Arc<Init>),
    Fragment(MediaBytes),
}

/// One source buffer.
#[derive(Debug)]
pub(super) struct Track {
    pub queue: TrackQueue<Payload>,
    /// What `addSourceBuffer` or the last `changeType` was given.
    mime: String,
    /// The init segment that what is queued last belongs to.
    init: Option<Arc<Init>>,
    offset_secs: f64,
    window_secs: f64,
    /// What plays instead of what was there begins here, until something is queued behind it.
    joint_secs: Option<f64>,
    /// Of a track that was replaced: what was queued since.
    own: Option<Vec<TimeRange>>,
    /// What was queued where: for the byte goal.
    weights: Vec<(TimeRange, u64)>,
}

/// The media source.
#[derive(Debug, Default)]
pub(super) struct Sink {
    pub is_open: bool,
    pub tracks: VecMap<TrackKind, Track>,
    /// Until the tracks are known.
    waiting: Vec<Media>,
    fragments: VecMap<FragmentId, Stored>,
    is_ended: bool,
    seekable: Option<(f64, f64)>,
    pub has_media: bool,
}

impl Sink {
    /// The bytes of a fragment.
    pub fn fragment(&self, id: FragmentId) -> Option<&[u8]> {
        match self.fragments.get(&id)? {
            Stored::Init(init) => Some(init.bytes.as_slice()),
            Stored::Fragment(MediaBytes::Here(bytes)) => Some(bytes.as_slice()),
            Stored::Fragment(MediaBytes::Elsewhere(_)) => None,
        }
    }

    /// What a fragment is called in the transmuxer's module, if it is there.
    pub fn fragment_elsewhere(&self, id: FragmentId) -> Option<u32> {
        match self.fragments.get(&id)? {
            Stored::Fragment(MediaBytes::Elsewhere(elsewhere)) => Some(elsewhere.number),
            Stored::Fragment(MediaBytes::Here(_)) | Stored::Init(_) => None,
        }
    }

    /// Nothing came that could be appended.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.tracks.is_empty()
    }

    pub fn has_started(&self) -> bool {
        !self.tracks.is_empty()
    }

    /// Codecs of everything that waits for the tracks.
    pub fn waiting_codecs(&self) -> Vec<String> {
        let mut codecs: Vec<String> =
            self.waiting.iter().flat_map(|media| media.init.codecs.iter().cloned()).collect();
        codecs.sort_unstable();
        codecs.dedup();
        codecs
    }

    /// The codec of the sound that waits for its track.
    pub fn waiting_codec_of_sound(&self) -> Option<String> {
        let mut sounds = self.waiting.iter().filter(|media| media.init.kind == TrackKind::Audio);
        sounds.next().and_then(|media| media.init.codecs.first().cloned())
    }

    /// Kinds of everything that waits for the tracks.
    pub fn waiting_kinds(&self) -> Vec<TrackKind> {
        let mut kinds: Vec<TrackKind> = self.waiting.iter().map(|media| media.init.kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    }

    /// From where to where something waits for the tracks.
    pub fn waiting_span(&self) -> TimeRange {
        let spans = || self.waiting.iter().map(|media| media.span);
        let start_secs = spans().map(|span| span.start_secs).fold(f64::INFINITY, f64::min);
        let end_secs = spans().map(|span| span.end_secs).fold(0.0, f64::max);
        // A source buffer leaves out what lies before time zero.
        TimeRange { start_secs: start_secs.clamp(0.0, end_secs), end_secs }
    }

    /// How much earlier than where the list has it the picture that waits begins.
    pub fn waiting_picture_early_secs(&self) -> f64 {
        let mut pictures = self.waiting.iter().filter(|media| media.init.kind != TrackKind::Audio);
        pictures.next().map_or(0.0, |media| media.early_secs)
    }

    /// Puts all that waits so much later.
    pub fn move_waiting(&mut self, by_secs: f64) {
        for media in &mut self.waiting {
            media.offset_secs += by_secs;
            media.span.start_secs += by_secs;
            media.span.end_secs += by_secs;
        }
    }

    /// Adds a track for each kind that waits, and queues what waited.
    pub fn start(&mut self, context: &mut Context, duration_secs: f64) {
        for kind in self.waiting_kinds() {
            let Some(media) = self.waiting.iter().find(|media| media.init.kind == kind) else {
                continue;
            };
            let mime = media.init.mime.clone();
            context.sink(SinkCommand::AddTrack { track: kind, mime: mime.clone() });
            let track = Track {
                queue: TrackQueue::default(),
                mime,
                init: None,
                offset_secs: 0.0,
                window_secs: 0.0,
                joint_secs: None,
                own: None,
                weights: Vec::new(),
            };
            self.tracks.insert(kind, track);
        }
        context.sink(SinkCommand::SetDuration(duration_secs));
        for media in core::mem::take(&mut self.waiting) {
            self.push(context, media);
        }
    }

    /// Whether there is a source buffer for it, or will be one; `is_late`: it does not begin where
    /// playback does.
    pub fn takes(&self, kind: TrackKind, is_late: bool) -> bool {
        if self.has_started() {
            return self.tracks.get(&kind).is_some();
        }
        !is_late || self.waiting.is_empty() || self.waiting_kinds().contains(&kind)
    }

    /// Queues a media segment, with its init segment where the track needs it. Media without a
    /// track is freed.
    pub fn push(&mut self, context: &mut Context, media: Media) {
        if !self.has_started() {
            return self.waiting.push(media);
        }
        let Some(track) = self.tracks.get_mut(&media.init.kind) else {
            return self.release(context, media);
        };
        let is_same_init = track.init.as_ref().is_some_and(|init| Arc::ptr_eq(init, &media.init));
        if !is_same_init {
            if family(&track.mime) != family(&media.init.mime) {
                track.mime.clone_from(&media.init.mime);
                track.queue.push(Operation::ChangeType { mime: track.mime.clone() });
            }
            if !media.init.bytes.as_slice().is_empty() {
                let id = context.next_fragment_id();
                self.fragments.insert(id, Stored::Init(Arc::clone(&media.init)));
                track.queue.push(Operation::Append {
                    payload: Payload::Fragment(id),
                    byte_len: media.init.bytes.as_slice().len() as u64,
                    offset_secs: media.offset_secs,
                    window_secs: track.window_secs,
                    span: None,
                });
            }
            track.init = Some(Arc::clone(&media.init));
        }
        let payload = match media.body {
            Body::Held(request) => Payload::Held(request),
            Body::Fragment(bytes) => {
                let id = context.next_fragment_id();
                self.fragments.insert(id, Stored::Fragment(bytes));
                Payload::Fragment(id)
            }
        };
        track.weights.retain(|(span, _)| {
            let middle_secs = (span.start_secs + span.end_secs) / 2.0;
            middle_secs < media.span.start_secs || middle_secs >= media.span.end_secs
        });
        track.weights.push((media.span, media.byte_len));
        track.joint_secs = track.joint_secs.filter(|secs| media.span.start_secs < *secs);
        let window_secs = track.joint_secs.unwrap_or(0.0);
        let start_secs = media.span.start_secs.max(window_secs);
        let span = TimeRange { start_secs, end_secs: media.span.end_secs };
        if let Some(own) = &mut track.own {
            time_ranges::insert(own, span);
        }
        track.queue.push(Operation::Append {
            payload,
            byte_len: media.byte_len,
            offset_secs: media.offset_secs,
            window_secs,
            span: Some(span),
        });
    }

    /// Frees media that will not be appended.
    pub fn release(&mut self, context: &mut Context, media: Media) {
        if let Body::Held(request) = media.body {
            context.sink(SinkCommand::Release(request));
        }
    }

    /// Frees what waits for the tracks.
    pub fn drop_waiting(&mut self, context: &mut Context) {
        for media in core::mem::take(&mut self.waiting) {
            self.release(context, media);
        }
    }

    /// Starts what can be started; no append where they are held back.
    pub fn run(&mut self, context: &mut Context, is_held: bool) {
        if !self.is_open {
            return;
        }
        for (&kind, track) in self.tracks.iter_mut() {
            track.queue.is_held = is_held;
            while let Some(operation) = track.queue.start_next() {
                match operation {
                    Operation::ChangeType { mime } => {
                        context.sink(SinkCommand::ChangeType { track: kind, mime });
                    }
                    Operation::Append { payload, offset_secs, window_secs, span, .. } => {
                        if span.is_some() && window_secs != track.window_secs {
                            track.window_secs = window_secs;
                            let start_secs = window_secs;
                            context.sink(SinkCommand::SetAppendWindow { track: kind, start_secs });
                        }
                        // To the microsecond: below that it is rounding, not another offset.
                        if (offset_secs - track.offset_secs).abs() > 1e-6 {
                            track.offset_secs = offset_secs;
                            context
                                .sink(SinkCommand::SetTimestampOffset { track: kind, offset_secs });
                        }
                        context.sink(SinkCommand::Append { track: kind, payload });
                        self.is_ended = false;
                    }
                    Operation::Remove(TimeRange { start_secs, end_secs }) => {
                        context.sink(SinkCommand::Remove { track: kind, start_secs, end_secs });
                        self.is_ended = false;
                    }
                }
            }
        }
    }

    /// The operation under way on `kind` is done. Gives the part of what was appended that the
    /// browser does not have at the end of it, though nothing of it is missing: WebKitGTK shows a
    /// picture for as long as its parameter sets say.
    pub fn updated(
        &mut self,
        context: &mut Context,
        kind: TrackKind,
        buffered: Vec<TimeRange>,
    ) -> Option<TimeRange> {
        let queue = &mut self.tracks.get_mut(&kind)?.queue;
        let Operation::Append { payload, span, .. } = queue.updated(buffered)? else { return None };
        let start_secs =
            span.map(|span| time_ranges::covered_until(queue.buffered(), span.start_secs));
        self.has_media |= span.is_some();
        self.free(context, payload);
        let is_whole = matches!(payload, Payload::Fragment(_));
        Some(TimeRange { start_secs: start_secs?, end_secs: span?.end_secs }).filter(|_| is_whole)
    }

    /// The append under way was refused for good. Gives what it would have filled.
    pub fn rejected(&mut self, context: &mut Context, kind: TrackKind) -> Option<TimeRange> {
        match self.tracks.get_mut(&kind)?.queue.rejected()? {
            Operation::Append { payload, span, .. } => {
                self.free(context, payload);
                span
            }
            _ => None,
        }
    }

    /// A track is replaced from there on, over what is there: by what is queued next.
    pub fn replace_from(&mut self, context: &mut Context, kind: TrackKind, from_secs: f64) {
        self.drop_waiting_after(context, kind, from_secs);
        if let Some(track) = self.tracks.get_mut(&kind) {
            (track.joint_secs, track.own) = (Some(from_secs), Some(Vec::new()));
        }
    }

    /// Frees what of a track waits for the tracks.
    pub fn drop_waiting_of(&mut self, context: &mut Context, kind: TrackKind) {
        for media in core::mem::take(&mut self.waiting) {
            if media.init.kind == kind {
                self.release(context, media);
            } else {
                self.waiting.push(media);
            }
        }
    }

    /// Takes out of the queue the media that begins at or after `from_secs`.
    pub fn drop_waiting_after(&mut self, context: &mut Context, kind: TrackKind, from_secs: f64) {
        let Some(track) = self.tracks.get_mut(&kind) else { return };
        for payload in track.queue.drop_appends_after(from_secs) {
            self.free(context, payload);
        }
    }

    fn free(&mut self, context: &mut Context, payload: Payload) {
        match payload {
            Payload::Fragment(id) => {
                self.fragments.remove(&id);
            }
            Payload::Held(request) => context.sink(SinkCommand::Release(request)),
        }
    }

    /// Everything is appended: the end of the stream, once.
    pub fn end(&mut self, context: &mut Context) {
        let is_idle = self.tracks.values().all(|track| track.queue.is_idle());
        if !self.is_ended && self.has_started() && is_idle {
            self.is_ended = true;
            context.sink(SinkCommand::EndOfStream);
        }
    }

    /// Tells the seekable range of a live stream, on each change.
    pub fn set_seekable(&mut self, context: &mut Context, start_secs: f64, end_secs: f64) {
        if self.has_started() && self.seekable != Some((start_secs, end_secs)) {
            self.seekable = Some((start_secs, end_secs));
            context.sink(SinkCommand::SetLiveSeekableRange { start_secs, end_secs });
        }
    }

    /// What all tracks hold.
    pub fn playable(&self) -> Vec<TimeRange> {
        self.intersect(|track| track.queue.buffered().to_vec())
    }

    /// Where what all tracks hold ends.
    pub fn playable_end_secs(&self) -> f64 {
        let ends = self.tracks.values().filter_map(|track| track.queue.buffered().last());
        ends.map(|last| last.end_secs).fold(f64::INFINITY, f64::min)
    }

    /// What all tracks will hold once their queues have run.
    pub fn playable_soon(&self) -> Vec<TimeRange> {
        self.intersect(|track| track.queue.buffered_soon())
    }

    /// The same of some of them, less what is left of a track that was replaced.
    pub fn buffered_soon_of(&self, is_meant: impl Fn(TrackKind) -> bool) -> Vec<TimeRange> {
        let meant = self.tracks.iter().filter(|(kind, _)| is_meant(**kind));
        intersection(meant.map(|(_, track)| {
            let soon = track.queue.buffered_soon();
            track.own.as_ref().map_or(soon.clone(), |own| time_ranges::intersection(&soon, own))
        }))
    }

    fn intersect(&self, ranges: impl Fn(&Track) -> Vec<TimeRange>) -> Vec<TimeRange> {
        intersection(self.tracks.values().map(ranges))
    }

    /// Bytes queued or appended between two moments, the heaviest track.
    pub fn bytes_between(&self, from_secs: f64, to_secs: f64) -> u64 {
        let of_track = |track: &Track| -> u64 {
            let ahead = track
                .weights
                .iter()
                .filter(|(span, _)| span.end_secs > from_secs && span.start_secs < to_secs);
            ahead.map(|(_, byte_len)| byte_len).sum()
        };
        self.tracks.values().map(of_track).max().unwrap_or(0)
    }

    /// What the newest media weighs, all tracks together.
    pub fn newest_bps(&self) -> f64 {
        /// Segments, or parts of one.
        const COUNT: usize = 4;
        let of_track = |track: &Track| {
            let newest = || track.weights.iter().rev().take(COUNT);
            let secs: f64 = newest().map(|(span, _)| span.end_secs - span.start_secs).sum();
            let bytes: u64 = newest().map(|(_, byte_len)| byte_len).sum();
            if secs > 0.0 { bytes as f64 * 8.0 / secs } else { 0.0 }
        };
        self.tracks.values().map(of_track).sum()
    }

    /// Bytes this module or the fetcher holds until they are appended.
    pub fn pending_bytes(&self) -> u64 {
        let waiting: u64 = self.waiting.iter().map(|media| media.byte_len).sum();
        self.tracks.values().map(|track| track.queue.pending_bytes()).sum::<u64>() + waiting
    }

    /// Forgets the weight of what is no longer buffered.
    pub fn forget_weights_before(&mut self, secs: f64) {
        for track in self.tracks.values_mut() {
            track.weights.retain(|(span, _)| span.end_secs > secs);
        }
    }

    /// Forgets the weight of what was removed ahead.
    pub fn forget_weights_after(&mut self, kind: TrackKind, secs: f64) {
        if let Some(track) = self.tracks.get_mut(&kind) {
            track.weights.retain(|(span, _)| span.start_secs < secs);
        }
    }

    /// Closes the media source and frees everything.
    pub fn close(&mut self, context: &mut Context) {
        *self = Self::default();
        context.output(Output::Sink(SinkCommand::Close));
    }
}

/// What all have; nothing where there are none.
fn intersection(mut ranges: impl Iterator<Item = Vec<TimeRange>>) -> Vec<TimeRange> {
    let first = ranges.next().unwrap_or_default();
    ranges.fold(first, |both, next| time_ranges::intersection(&both, &next))
}

/// What decides whether a source buffer needs `changeType`: the container and the codec families.
fn family(mime: &str) -> Vec<&str> {
    let (container, parameters) = mime.split_once(';').unwrap_or((mime, ""));
    let codecs = parameters.strip_prefix(" codecs=\"").unwrap_or("");
    let families = codecs.trim_end_matches('"').split(',').map(|codec| {
        let codec = codec.trim_ascii();
        codec.split('.').next().unwrap_or(codec)
    });
    core::iter::once(container).chain(families).collect()
}
