//! The engine's hand on the media source (Media Source Extensions, W3C).
//!
//! In: [`SinkCommand`]s. Out: calls of the `MediaSink` of `www/media_sink.js`, or of its stand-in
//! that posts them to the main thread; the news comes back as messages. The media source itself is
//! owned there, in JavaScript, because the same code must run on the main thread of browsers
//! without Media Source Extensions in workers, where this module is not loaded.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::*;

use super::fetch::Fetches;
use super::{js, transmuxer};
use crate::engine::{Engine, Payload, SinkCommand, SinkEvent};

#[wasm_bindgen]
extern "C" {
    /// The `MediaSink` of `www/media_sink.js` or its stand-in. None of its methods throws, and
    /// none calls back before it returns.
    pub type Sink;
    #[wasm_bindgen(method)]
    fn open(this: &Sink);
    #[wasm_bindgen(method)]
    fn close(this: &Sink);
    #[wasm_bindgen(method, js_name = addTrack)]
    fn add_track(this: &Sink, track: &str, mime: &str);
    #[wasm_bindgen(method, js_name = changeType)]
    fn change_type(this: &Sink, track: &str, mime: &str);
    #[wasm_bindgen(method, js_name = setTimestampOffset)]
    fn set_timestamp_offset(this: &Sink, track: &str, offset_secs: f64);
    #[wasm_bindgen(method, js_name = setAppendWindow)]
    fn set_append_window(this: &Sink, track: &str, start_secs: f64);
    /// Copies out of `bytes`, or hands them to the browser, before it returns.
    #[wasm_bindgen(method, js_name = append)]
    fn append(this: &Sink, track: &str, bytes: &Uint8Array);
    #[wasm_bindgen(method)]
    fn remove(this: &Sink, track: &str, start_secs: f64, end_secs: f64);
    #[wasm_bindgen(method, js_name = setDuration)]
    fn set_duration(this: &Sink, secs: f64);
    #[wasm_bindgen(method, js_name = setLiveSeekableRange)]
    fn set_live_seekable_range(this: &Sink, start_secs: f64, end_secs: f64);
    #[wasm_bindgen(method, js_name = endOfStream)]
    fn end_of_stream(this: &Sink);
    #[wasm_bindgen(method)]
    fn seek(this: &Sink, to_secs: f64);
    #[wasm_bindgen(method, js_name = setRate)]
    fn set_rate(this: &Sink, rate: f64);
    #[wasm_bindgen(method)]
    fn probe(this: &Sink, codecs: &Array);
}

/// Asks which codecs the browser plays.
pub(super) fn probe(sink: &Sink, codecs: &[String]) {
    sink.probe(&codecs.iter().map(JsValue::from).collect());
}

/// Does what the engine asks; the event it returns, if any, happened at once.
pub(super) fn perform(
    sink: &Sink,
    engine: &Engine,
    fetches: &Fetches,
    command: SinkCommand,
) -> Option<SinkEvent> {
    match command {
        SinkCommand::Open => sink.open(),
        SinkCommand::AddTrack { track, mime } => sink.add_track(track.as_str(), &mime),
        SinkCommand::ChangeType { track, mime } => sink.change_type(track.as_str(), &mime),
        SinkCommand::SetTimestampOffset { track, offset_secs } => {
            sink.set_timestamp_offset(track.as_str(), offset_secs);
        }
        SinkCommand::SetAppendWindow { track, start_secs } => {
            sink.set_append_window(track.as_str(), start_secs);
        }
        SinkCommand::Append { track, payload } => {
            let is_done = match payload {
                Payload::Fragment(id) => match engine.fragment_elsewhere(id) {
                    Some(number) => {
                        transmuxer::view(number).map(|view| sink.append(track.as_str(), &view))
                    }
                    None => engine.fragment(id).map(|bytes| {
                        js::with_view(bytes, |view| sink.append(track.as_str(), view));
                    }),
                },
                Payload::Held(request) => {
                    fetches.held(request).map(|body| sink.append(track.as_str(), &body))
                }
            };
            if is_done.is_none() {
                let detail = String::from("its bytes are not there any more");
                return Some(SinkEvent::Rejected { track, detail });
            }
        }
        SinkCommand::Remove { track, start_secs, end_secs } => {
            sink.remove(track.as_str(), start_secs, end_secs);
        }
        SinkCommand::Release(request) => fetches.release(request),
        SinkCommand::SetDuration(secs) => sink.set_duration(secs),
        SinkCommand::SetLiveSeekableRange { start_secs, end_secs } => {
            sink.set_live_seekable_range(start_secs, end_secs);
        }
        SinkCommand::EndOfStream => sink.end_of_stream(),
        SinkCommand::Close => {
            // The engine cancels its requests itself; what was held belongs to the closed source.
            fetches.release_all();
            sink.close();
        }
        SinkCommand::Seek { to_secs } => sink.seek(to_secs),
        SinkCommand::SetRate { rate } => sink.set_rate(rate),
    }
    None
}
