//! The messages of `www/protocol.d.ts` as the engine's types, both ways.
//!
//! In: messages of `www/playback.js` and `www/media_sink.js`, and the page's `config` object. Out:
//! [`Input`]s, an [`EngineConfig`], and the [`Event`]s as objects that `www/playback.js` turns
//! into DOM events. A message is trusted to have the right types (both ends are ours, and
//! `tests/www/protocol.test.mjs` compares their names); a page's `config` is not.

use js_sys::{Array, Object};
use wasm_bindgen::prelude::*;

use super::js::{field, number, object, set};
use crate::config::EngineConfig;
use crate::engine::{
    AudioTrackInfo, Command, Decoding, Event, Input, LoadOptions, PlacedDateRange, PlaybackState,
    Selection, SinkEvent, Stats, TextPiece, TextTrackInfo, TimelineInfo, VariantInfo,
};
use crate::error::{Error, NetworkFailure};
use crate::media::{TimeRange, TrackKind};
use crate::playlist::{SessionData, SessionValue};
use crate::time::Duration;

/// More than anybody speaks.
const MAX_LANGUAGES: usize = 64;

#[wasm_bindgen]
extern "C" {
    /// A message; which fields it has follows from its `kind`.
    pub type Message;
    #[wasm_bindgen(method, getter)]
    fn kind(this: &Message) -> String;
    #[wasm_bindgen(method, getter)]
    fn url(this: &Message) -> String;
    #[wasm_bindgen(method, getter, js_name = highQualityUrl)]
    fn high_quality_url(this: &Message) -> Option<String>;
    #[wasm_bindgen(method, getter, js_name = startSecs)]
    fn start_secs(this: &Message) -> Option<f64>;
    #[wasm_bindgen(method, getter)]
    fn quality(this: &Message) -> JsValue;
    #[wasm_bindgen(method, getter)]
    fn id(this: &Message) -> u32;
    #[wasm_bindgen(method, getter, js_name = widthPx)]
    fn width_px(this: &Message) -> u32;
    #[wasm_bindgen(method, getter, js_name = currentTime)]
    fn current_time(this: &Message) -> f64;
    #[wasm_bindgen(method, getter)]
    fn paused(this: &Message) -> bool;
    #[wasm_bindgen(method, getter)]
    fn seeking(this: &Message) -> bool;
    #[wasm_bindgen(method, getter)]
    fn ended(this: &Message) -> bool;
    #[wasm_bindgen(method, getter, js_name = playbackRate)]
    fn playback_rate(this: &Message) -> f64;
    #[wasm_bindgen(method, getter, js_name = ownRate)]
    fn own_rate(this: &Message) -> bool;
    #[wasm_bindgen(method, getter, js_name = readyState)]
    fn ready_state(this: &Message) -> u8;
    #[wasm_bindgen(method, getter)]
    fn hidden(this: &Message) -> bool;
    #[wasm_bindgen(method, getter)]
    fn secs(this: &Message) -> Option<f64>;
    #[wasm_bindgen(method, getter)]
    fn on(this: &Message) -> bool;
    #[wasm_bindgen(method, getter)]
    fn track(this: &Message) -> String;
    #[wasm_bindgen(method, getter)]
    fn buffered(this: &Message) -> Vec<f64>;
    #[wasm_bindgen(method, getter)]
    fn detail(this: &Message) -> String;
    #[wasm_bindgen(method, getter)]
    fn code(this: &Message) -> u16;
    #[wasm_bindgen(method, getter)]
    fn codecs(this: &Message) -> Vec<String>;
    #[wasm_bindgen(method, getter)]
    fn pathways(this: &Message) -> Vec<String>;
    #[wasm_bindgen(method, getter)]
    fn clones(this: &Message) -> String;
    #[wasm_bindgen(method, getter)]
    fn supported(this: &Message) -> Vec<u8>;
    #[wasm_bindgen(method, getter)]
    fn tracks(this: &Message) -> Vec<u32>;
}

/// What a message says; `None` for a kind that is not the engine's.
pub(super) fn input_of(message: &Message) -> Option<Input<'static>> {
    Some(match message.kind().as_str() {
        "load" => Input::Command(Command::Load(LoadOptions {
            url: message.url(),
            high_quality_url: message.high_quality_url(),
            start_secs: message.start_secs().filter(|secs| secs.is_finite()),
            selection: selection_of(&message.quality()),
        })),
        "unload" => Input::Command(Command::Unload),
        "quality" => Input::Command(Command::Select(selection_of(&message.quality()))),
        "variant" => Input::Command(Command::Select(Selection::Variant(message.id() as usize))),
        "audiotrack" => Input::Command(Command::SelectAudio(message.id() as usize)),
        "viewport" => Input::Command(Command::SetViewport { width_px: message.width_px() }),
        "golive" => Input::Command(Command::GoLive),
        "steer" => Input::Command(Command::Steer {
            pathways: message.pathways(),
            clones: message.clones(),
        }),
        "reread" => Input::Command(Command::Reread),
        "selecttext" => {
            let tracks = message.tracks().into_iter().map(|id| id as usize).collect();
            Input::Command(Command::SelectText(tracks))
        }
        "targetlatency" => Input::Command(Command::SetTargetLatency(message.secs())),
        "codecs" => {
            let supported = message.supported().into_iter().map(|flag| flag != 0);
            Input::Command(Command::CodecSupport(
                message.codecs().into_iter().zip(supported).collect(),
            ))
        }
        "decoding" => {
            let flags = message.supported().into_iter().map(Decoding);
            Input::Command(Command::Decoding(flags.collect()))
        }
        "playback" => Input::Playback(PlaybackState {
            current_time_secs: message.current_time(),
            is_paused: message.paused(),
            is_seeking: message.seeking(),
            is_ended: message.ended(),
            playback_rate: message.playback_rate(),
            is_catchup_rate: message.own_rate(),
            ready_state: message.ready_state(),
            is_hidden: message.hidden(),
            unix_millis: Some(js_sys::Date::now()),
        }),
        "online" => Input::Online(message.on()),
        "opened" => Input::Sink(SinkEvent::Opened),
        "updated" => {
            let buffered = ranges_of(&message.buffered());
            Input::Sink(SinkEvent::Updated { track: track_of(message)?, buffered })
        }
        "quotaexceeded" => Input::Sink(SinkEvent::QuotaExceeded { track: track_of(message)? }),
        "rejected" => {
            Input::Sink(SinkEvent::Rejected { track: track_of(message)?, detail: message.detail() })
        }
        "mediaerror" => {
            Input::Sink(SinkEvent::MediaError { code: message.code(), message: message.detail() })
        }
        "streaming" => Input::Sink(SinkEvent::Streaming(message.on())),
        "unsupported" => Input::Sink(SinkEvent::Unsupported),
        _ => return None,
    })
}

fn track_of(message: &Message) -> Option<TrackKind> {
    let name = message.track();
    [TrackKind::Video, TrackKind::Audio, TrackKind::Muxed]
        .into_iter()
        .find(|track| track.as_str() == name)
}

/// Start and end in turn, as seconds.
fn ranges_of(edges: &[f64]) -> Vec<TimeRange> {
    let range = |edges: &[f64; 2]| TimeRange { start_secs: edges[0], end_secs: edges[1] };
    edges.as_chunks::<2>().0.iter().map(range).collect()
}

/// `'auto'`, `'max'`, or a height.
fn selection_of(value: &JsValue) -> Selection {
    match value.as_f64() {
        Some(height_px) => Selection::Height(height_px as u32),
        None if value.as_string().as_deref() == Some("max") => Selection::Max,
        None => Selection::Auto,
    }
}

/// Settings from the page's `config`: the fields of [`EngineConfig`] in camel case, durations in
/// milliseconds. What is missing or no number keeps its default.
pub(super) fn config_of(given: &JsValue) -> EngineConfig {
    let mut config = EngineConfig::default();
    let group = |name: &str| field(given, name).unwrap_or_else(|| Object::new().into());
    let take = |group: &JsValue, name: &str, into: &mut f64| {
        if let Some(value) = number(group, name) {
            *into = value;
        }
    };
    let take_millis = |group: &JsValue, name: &str, into: &mut Duration| {
        if let Some(millis) = number(group, name) {
            *into = Duration::from_millis(millis as u64);
        }
    };

    let buffer = group("buffer");
    take(&buffer, "aheadSecs", &mut config.buffer.ahead_secs);
    take(&buffer, "behindSecs", &mut config.buffer.behind_secs);
    take(&buffer, "maxGapSecs", &mut config.buffer.max_gap_secs);
    if let Some(bytes) = number(&buffer, "aheadBytes") {
        config.buffer.ahead_bytes = bytes as u64;
    }
    let abr = group("abr");
    take(&abr, "initialBps", &mut config.abr.initial_bps);
    take(&abr, "fastHalfLifeSecs", &mut config.abr.fast_half_life_secs);
    take(&abr, "slowHalfLifeSecs", &mut config.abr.slow_half_life_secs);
    take(&abr, "upFactor", &mut config.abr.up_factor);
    if let Some(cap) = field(&abr, "capToViewport").and_then(|value| value.as_bool()) {
        config.abr.cap_to_viewport = cap;
    }
    let live = group("live");
    config.live.target_latency_secs =
        number(&live, "targetLatencySecs").or(config.live.target_latency_secs);
    config.live.max_latency_secs = number(&live, "maxLatencySecs").or(config.live.max_latency_secs);
    take(&live, "minPlaybackRate", &mut config.live.min_playback_rate);
    take(&live, "maxPlaybackRate", &mut config.live.max_playback_rate);
    let audio = group("audio");
    for (name, into) in [
        ("languages", &mut config.audio.languages),
        ("viewerLanguages", &mut config.audio.viewer_languages),
    ] {
        let list = field(&audio, name).filter(Array::is_array);
        let tags = list.map(|list| Array::from(&list).to_vec()).unwrap_or_default();
        *into = tags.iter().take(MAX_LANGUAGES).filter_map(JsValue::as_string).collect();
    }
    let retry = group("retry");
    if let Some(retries) = number(&retry, "maxRetries") {
        config.retry.max_retries = retries as u32;
    }
    take_millis(&retry, "minDelayMillis", &mut config.retry.min_delay);
    take_millis(&retry, "maxDelayMillis", &mut config.retry.max_delay);
    take_millis(&retry, "firstByteTimeoutMillis", &mut config.retry.first_byte_timeout);
    take_millis(&retry, "idleTimeoutMillis", &mut config.retry.idle_timeout);
    take_millis(&retry, "totalTimeoutMillis", &mut config.retry.total_timeout);
    if let Some(seed) = number(given, "seed") {
        config.seed = seed as u64;
    }
    config
}

/// An event as the object that goes to the page; `kind` is the DOM event's name.
pub(super) fn event_to_js(event: &Event) -> Object {
    match event {
        Event::Variants(variants) => {
            let variants: Array = variants.iter().map(variant_to_js).collect();
            object([("kind", "variants".into()), ("variants", variants.into())])
        }
        Event::VariantChange { id, is_auto } => object([
            ("kind", "variantchange".into()),
            ("id", (*id as f64).into()),
            ("auto", (*is_auto).into()),
        ]),
        Event::AudioTracks(tracks) => {
            let tracks: Array = tracks.iter().map(audio_track_to_js).collect();
            object([("kind", "audiotracks".into()), ("tracks", tracks.into())])
        }
        Event::AudioTrackChange { id, is_auto } => object([
            ("kind", "audiotrackchange".into()),
            ("id", (*id as f64).into()),
            ("auto", (*is_auto).into()),
        ]),
        Event::Timeline(timeline) => {
            object([("kind", "timeline".into()), ("timeline", timeline_to_js(timeline).into())])
        }
        Event::Stats(stats) => {
            object([("kind", "stats".into()), ("stats", stats_to_js(stats).into())])
        }
        Event::TextTracks(tracks) => {
            let tracks: Array = tracks.iter().map(text_track_to_js).collect();
            object([("kind", "texttracks".into()), ("tracks", tracks.into())])
        }
        Event::DateRanges(ranges) => {
            let ranges: Array = ranges.iter().map(date_range_to_js).collect();
            object([("kind", "dateranges".into()), ("ranges", ranges.into())])
        }
        Event::SessionData(entries) => {
            let entries: Array = entries.iter().map(session_data_to_js).collect();
            object([("kind", "sessiondata".into()), ("entries", entries.into())])
        }
        Event::Error(error) => {
            let fields = error_to_js(error);
            set(&fields, "kind", &"error".into());
            fields
        }
    }
}

/// A body of text, for the module that reads it; it goes no further than the worker.
pub(super) fn text_to_js(piece: &TextPiece, body: &JsValue) -> Object {
    object([
        ("kind", "text".into()),
        ("track", (piece.track as f64).into()),
        ("bytes", body.clone()),
        ("init", piece.is_init.into()),
        ("start", piece.start_secs.into()),
        ("end", piece.end_secs.into()),
        ("offset", optional(piece.offset_secs)),
    ])
}

fn date_range_to_js(placed: &PlacedDateRange) -> JsValue {
    let range = &placed.range;
    let attributes = range.other_attributes.iter();
    let attributes: Array =
        attributes.flat_map(|(name, value)| [JsValue::from_str(name), value.into()]).collect();
    object([
        ("id", range.id.as_str().into()),
        ("class", range.class.as_deref().map_or(JsValue::NULL, JsValue::from_str)),
        ("start", placed.start_secs.into()),
        ("end", optional(placed.end_secs)),
        ("planned", optional(range.planned_duration_secs)),
        ("attributes", attributes.into()),
    ])
    .into()
}

fn session_data_to_js(data: &SessionData) -> JsValue {
    let (value, url, format) = match &data.value {
        SessionValue::Text(text) => (text.as_str().into(), JsValue::NULL, JsValue::NULL),
        SessionValue::JsonAt(url) => (JsValue::NULL, url.as_str().into(), "json".into()),
        SessionValue::BytesAt(url) => (JsValue::NULL, url.as_str().into(), "raw".into()),
    };
    let language = data.language.as_deref().unwrap_or_default();
    object([
        ("id", data.id.as_str().into()),
        ("language", language.into()),
        ("value", value),
        ("url", url),
        ("format", format),
    ])
    .into()
}

fn text_track_to_js(track: &TextTrackInfo) -> JsValue {
    object([
        ("id", (track.id as f64).into()),
        ("label", track.label.as_str().into()),
        ("language", track.language.as_str().into()),
        ("channel", track.channel.as_deref().map_or(JsValue::NULL, JsValue::from_str)),
        ("default", track.is_default.into()),
        ("autoselect", track.is_autoselect.into()),
        ("forced", track.is_forced.into()),
        ("forDeaf", track.is_for_deaf.into()),
    ])
    .into()
}

fn variant_to_js(variant: &VariantInfo) -> JsValue {
    object([
        ("id", (variant.id as f64).into()),
        ("bandwidth", (variant.bandwidth_bps as f64).into()),
        ("width", variant.width_px.into()),
        ("height", variant.height_px.into()),
        ("frameRate", optional(variant.frame_rate)),
        ("codecs", variant.codecs.as_str().into()),
        ("pathway", variant.pathway.as_str().into()),
        ("videoRange", variant.video_range.as_deref().unwrap_or("SDR").into()),
        ("score", optional(variant.score)),
        ("stableId", variant.stable_id.as_deref().map_or(JsValue::NULL, Into::into)),
        ("playable", variant.is_playable.into()),
        ("highQualitySource", variant.is_high_quality_source.into()),
    ])
    .into()
}

fn audio_track_to_js(track: &AudioTrackInfo) -> JsValue {
    object([
        ("id", (track.id as f64).into()),
        ("label", track.label.as_str().into()),
        ("language", track.language.as_str().into()),
        ("channels", track.channels.as_str().into()),
        ("isDefault", track.is_default.into()),
        ("describesVideo", track.describes_video.into()),
    ])
    .into()
}

fn timeline_to_js(timeline: &TimelineInfo) -> Object {
    object([
        ("live", timeline.is_live.into()),
        ("start", timeline.start_secs.into()),
        ("end", timeline.end_secs.into()),
        ("liveEdge", optional(timeline.live_secs)),
        ("zeroUnixMillis", optional(timeline.zero_unix_millis)),
    ])
}

fn stats_to_js(stats: &Stats) -> Object {
    object([
        ("bandwidthBps", optional(stats.bandwidth_bps)),
        ("variant", optional(stats.variant.map(|id| id as f64))),
        ("bufferAheadSecs", stats.buffer_ahead_secs.into()),
        ("liveLatencySecs", optional(stats.live_latency_secs)),
        ("targetLatencySecs", optional(stats.target_latency_secs)),
        ("endToEndLatencySecs", optional(stats.end_to_end_latency_secs)),
        ("atLiveEdge", stats.is_at_live_edge.into()),
        ("playbackRate", stats.playback_rate.into()),
        ("stalls", (stats.stalls as f64).into()),
        ("bytesReceived", (stats.bytes_received as f64).into()),
        ("segmentsLoaded", (stats.segments_loaded as f64).into()),
        ("retries", (stats.retries as f64).into()),
        ("gapsJumped", (stats.gaps_jumped as f64).into()),
    ])
}

/// `{code, severity, message, context}`; the context holds the error's own facts.
fn error_to_js(error: &Error) -> Object {
    object([
        ("code", error.code().into()),
        ("severity", error.severity().as_str().into()),
        ("message", error.to_string().into()),
        ("context", context_of(error).into()),
    ])
}

fn context_of(error: &Error) -> Object {
    let context = object([]);
    let put = |name: &str, value: JsValue| set(&context, name, &value);
    if let Some(url) = error.url() {
        put("url", url.into());
    }
    match error {
        Error::Network { resource, failure, exhausted, .. } => {
            put("resource", resource.as_str().into());
            put("exhausted", (*exhausted).into());
            match failure {
                NetworkFailure::Status(status) => put("status", (*status).into()),
                NetworkFailure::Truncated { received, expected } => {
                    put("receivedBytes", (*received as f64).into());
                    put("expectedBytes", (*expected as f64).into());
                }
                NetworkFailure::TooLarge { limit } => put("limitBytes", (*limit as f64).into()),
                NetworkFailure::Unreachable
                | NetworkFailure::Timeout
                | NetworkFailure::NotReleased => {}
            }
        }
        Error::NotAPlaylist { found, .. } | Error::UnsupportedContainer { found, .. } => {
            put("found", (*found).into());
        }
        Error::Playlist { line, problem, .. } => {
            put("line", (*line).into());
            put("problem", problem.as_str().into());
        }
        Error::NoPlayableVariant { codecs } => {
            put("codecs", codecs.iter().map(JsValue::from).collect::<Array>().into());
        }
        Error::UnsupportedCodec { codec } => put("codec", codec.as_str().into()),
        Error::Encrypted { method } => put("method", method.as_str().into()),
        Error::InvalidKey { byte_len, .. } => put("byteLength", (*byte_len as f64).into()),
        Error::NoDecryption { detail } => put("detail", detail.as_str().into()),
        Error::DamagedMedia { format, problem } => {
            put("format", (*format).into());
            put("problem", problem.as_str().into());
        }
        Error::AppendRejected { track, detail } => {
            put("track", (*track).into());
            put("detail", detail.as_str().into());
        }
        Error::BufferFull { track } => put("track", (*track).into()),
        Error::Decode { detail } | Error::Internal { detail } => {
            put("detail", detail.as_str().into());
        }
        Error::LivePlaylistStalled { for_secs, .. } => put("forSecs", (*for_secs).into()),
        Error::VariantExcluded { variant, cause } => {
            put("variant", optional(variant.map(|id| id as f64)));
            put("cause", error_to_js(cause).into());
        }
        Error::BehindLiveWindow { skipped_secs } => put("skippedSecs", (*skipped_secs).into()),
        Error::PlaybackStalled { for_secs, .. } => put("forSecs", (*for_secs).into()),
        Error::LinkTooSlow { needed_bps, had_bps } => {
            put("neededBps", (*needed_bps as f64).into());
            put("hadBps", (*had_bps as f64).into());
        }
        // Nothing more than the URL, or not the engine's.
        _ => {}
    }
    context
}

fn optional(number: Option<f64>) -> JsValue {
    number.map_or(JsValue::NULL, JsValue::from_f64)
}
