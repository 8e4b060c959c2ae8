//! A stream of one segment through the whole engine, and what it asks and tells.
//!
//! In: the segment's bytes, and how they are cut. Out: the sink's commands and the errors, in
//! order. The media source is one that takes everything, as no element here reads broken boxes.

use videosphere::config::EngineConfig;
use videosphere::engine::{
    Command, Engine, Event, Input, Output, Payload, ResponseEvent, SinkCommand, SinkEvent,
};
use videosphere::time::Instant;

use crate::player::stream;

const LIST: &str = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nsegment\n#EXT-X-ENDLIST\n";

/// What was asked of the media source, and told.
#[must_use]
pub fn told(body: &[u8], chunk_len: usize) -> Vec<String> {
    let mut engine = Engine::new(EngineConfig::default());
    let mut told = Vec::new();
    let now = Instant::from_millis(1000.0);
    engine.handle_input(
        now,
        Input::Command(Command::Load(stream("https://origin.example/list.m3u8"))),
    );
    // Each answer brings the next question; a segment that fails is asked for again.
    for _ in 0..200 {
        let Some(output) = engine.poll_output() else { break };
        match output {
            Output::Fetch(request) => {
                let is_list = request.url.ends_with("m3u8");
                let bytes = if is_list { LIST.as_bytes() } else { body };
                let mut respond = |event| {
                    engine.handle_input(now, Input::Response { request: request.id, event })
                };
                respond(ResponseEvent::Head {
                    final_url: request.url.clone(),
                    content_length: Some(bytes.len() as u64),
                    content_type: None,
                });
                for chunk in bytes.chunks(if is_list { usize::MAX } else { chunk_len }) {
                    respond(ResponseEvent::Data(chunk));
                }
                respond(ResponseEvent::End { head: &[], body_len: bytes.len() as u64 });
            }
            Output::ProbeCodecs(codecs) => {
                let answers = codecs.into_iter().map(|codec| (codec, true)).collect();
                engine.handle_input(now, Input::Command(Command::CodecSupport(answers)));
            }
            Output::Sink(command) => {
                told.push(format!("{command:?}"));
                match command {
                    SinkCommand::Open => engine.handle_input(now, Input::Sink(SinkEvent::Opened)),
                    SinkCommand::Append { track, payload } => {
                        let Payload::Fragment(id) = payload else { panic!("a body held outside") };
                        let bytes = engine.fragment(id).expect("bytes to append");
                        told.push(format!("{} bytes", bytes.len()));
                        let updated = SinkEvent::Updated { track, buffered: Vec::new() };
                        engine.handle_input(now, Input::Sink(updated));
                    }
                    SinkCommand::Remove { track, .. } => {
                        let updated = SinkEvent::Updated { track, buffered: Vec::new() };
                        engine.handle_input(now, Input::Sink(updated));
                    }
                    SinkCommand::SetTimestampOffset { offset_secs, .. } => {
                        assert!(offset_secs.is_finite());
                    }
                    SinkCommand::Seek { to_secs } => assert!(to_secs.is_finite()),
                    _ => {}
                }
            }
            Output::Event(Event::Error(error)) => told.push(error.to_string()),
            Output::Event(_)
            | Output::Text(_)
            | Output::CancelFetch(_) => {}
        }
    }
    told
}
