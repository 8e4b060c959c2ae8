//! Captions and events that travel with the media.
//!
//! In: what is appended to each source buffer, and what is added to its times. Out: JSON of captions
//! that were found, are shown, or ended.

use crate::tracks::captions::{CaptionEvent, Captions, Channel};
use crate::tracks::event::Event;
use crate::tracks::fmp4::{Item, Reader};
use crate::tracks::{json, metadata};

/// Pictures this far behind those before them were loaded again, or after a seek.
const STEP_BACK_SECS: f64 = 0.5;
/// And this far ahead, elsewhere.
const STEP_AHEAD_SECS: f64 = 5.0;

/// All that is appended.
pub(super) struct InBand {
    buffers: Vec<(u32, Reader)>,
    captions: Option<Captions>,
    /// When the last picture is decoded.
    last_secs: f64,
    /// Counts the runs of pictures that follow one another.
    run: u32,
}

impl InBand {
    pub(super) const fn new() -> Self {
        Self { buffers: Vec::new(), captions: None, last_secs: f64::NAN, run: 0 }
    }

    /// `{found: [channel], captions: [{channel, run, number, cue} or {channel, number, end}], events}`
    pub(super) fn read(&mut self, buffer: u32, bytes: &[u8], offset_secs: f64) -> String {
        let is_init = bytes.get(4..8).is_some_and(|kind| kind == b"ftyp" || kind == b"moov");
        if is_init {
            self.buffers.retain(|(known, _)| *known != buffer);
            self.buffers.push((buffer, Reader::new(bytes)));
        }
        let captions = self.captions.get_or_insert_with(Captions::new);
        let (last_secs, run) = (&mut self.last_secs, &mut self.run);
        let mut events: Vec<Event> = Vec::new();
        if let Some((_, reader)) = self.buffers.iter_mut().find(|(known, _)| *known == buffer) {
            let mut take = |item: Item<'_>| {
                let (pts_secs, decode_secs, triplets) = match item {
                    Item::CaptionData { pts_secs, decode_secs, triplets } => {
                        (pts_secs, decode_secs, triplets)
                    }
                    Item::Event { segment_start_secs, bytes } => {
                        let start_secs = segment_start_secs.unwrap_or(0.0) + offset_secs;
                        // One that cannot be read costs itself.
                        events.extend(metadata::emsg::event(bytes, start_secs, offset_secs));
                        return;
                    }
                    Item::Subtitles { .. } => return,
                };
                let (pts_secs, decode_secs) = (pts_secs + offset_secs, decode_secs + offset_secs);
                let step_secs = decode_secs - *last_secs;
                if !(-STEP_BACK_SECS..=STEP_AHEAD_SECS).contains(&step_secs) {
                    captions.reset(*last_secs);
                    *run = run.wrapping_add(1);
                }
                *last_secs = decode_secs;
                captions.push(pts_secs, decode_secs, triplets);
            };
            reader.begin_segment();
            reader.push(bytes, &mut take);
            reader.end_segment(&mut take);
        }
        self.answer(&events)
    }

    fn answer(&mut self, events: &[Event]) -> String {
        let (mut found, mut changes) = (String::new(), String::new());
        while let Some(event) = self.captions.as_mut().and_then(Captions::poll) {
            let into =
                if matches!(event, CaptionEvent::Found(_)) { &mut found } else { &mut changes };
            if !into.is_empty() {
                into.push(',');
            }
            match event {
                CaptionEvent::Found(channel) => into.push_str(&json::string(&name_of(channel))),
                CaptionEvent::Shown { channel, number, cue } => {
                    begin_change(into, channel, number);
                    into.push_str(",\"run\":");
                    into.push_str(&self.run.to_string());
                    into.push_str(",\"cue\":");
                    into.push_str(&json::cue(&cue));
                    into.push('}');
                }
                CaptionEvent::Ended { channel, number, end_secs } => {
                    begin_change(into, channel, number);
                    into.push_str(",\"end\":");
                    into.push_str(&json::number(end_secs));
                    into.push('}');
                }
            }
        }
        let events = json::events(events);
        ["{\"found\":[", &found, "],\"captions\":[", &changes, "],\"events\":", &events, "}"]
            .concat()
    }
}

fn begin_change(into: &mut String, channel: Channel, number: u32) {
    into.push_str("{\"channel\":");
    into.push_str(&json::string(&name_of(channel)));
    into.push_str(",\"number\":");
    into.push_str(&number.to_string());
}

/// As INSTREAM-ID has it.
fn name_of(channel: Channel) -> String {
    match channel {
        Channel::Cc(number) => "CC".to_owned() + &number.to_string(),
        Channel::Service(number) => "SERVICE".to_owned() + &number.to_string(),
    }
}
