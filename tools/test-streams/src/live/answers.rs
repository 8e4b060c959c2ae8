//! What the low-latency origins have in common: answers, and media that may still be being made.

use super::window::{End, Health, Window};
use bytes::Bytes;
use dev_server::{Answered, Asked, Payload};
use std::sync::Arc;
use std::time::Duration;

/// Longest wait for something that is about to exist: three target durations (RFC 8216bis
/// 6.2.5.2).
pub const LONGEST_WAIT: Duration = Duration::from_secs(6);

const PLAYLIST: &str = "application/vnd.apple.mpegurl";
const TEXT: &str = "text/plain; charset=utf-8";

/// A playlist; how long caches may keep it.
pub fn playlist(text: String, cache_control: &'static str) -> Answered {
    Answered::new(200, PLAYLIST, text.into()).cached(cache_control)
}

/// A refusal in a sentence.
pub fn refusal(status: u16, why: &str) -> Answered {
    Answered::new(status, TEXT, Bytes::from(format!("{why}\n"))).cached("no-store")
}

/// Which media a path names: a segment `NUMBER.EXTENSION`, a part `NUMBER.PART.EXTENSION`.
pub fn media_name(file: &str, extension: &str) -> Option<(u64, Option<usize>)> {
    let stem = file.strip_suffix(extension)?.strip_suffix('.')?;
    match stem.split_once('.') {
        Some((number, part)) => Some((number.parse().ok()?, Some(part.parse().ok()?))),
        None => Some((stem.parse().ok()?, None)),
    }
}

/// Whether media of this number is there, is about to be, or is not to be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Complete,
    Growing,
    Awaited,
    Absent,
}

fn state(window: &Window, number: u64, part: Option<usize>, ahead: u64) -> State {
    let seen = window.segment(number, |segment| {
        let is_complete = segment.duration_secs.is_some();
        match part {
            None if is_complete => State::Complete,
            None if segment.len > 0 => State::Growing,
            None => State::Awaited,
            Some(part) if part < segment.parts.len() => State::Complete,
            Some(part) if !is_complete && part == segment.parts.len() => {
                let begin = segment.parts.last().map_or(0, |last| last.end_byte);
                if segment.len > begin { State::Growing } else { State::Awaited }
            }
            Some(_) => State::Absent,
        }
    });
    let last = window.last_complete();
    seen.unwrap_or_else(|| {
        let is_next = last.is_some_and(|last| number > last && number <= last + ahead);
        if is_next && part.unwrap_or(0) == 0 { State::Awaited } else { State::Absent }
    })
}

/// Answers a request for a segment or a part. What is being made is sent as it is made; what comes
/// next, at most so many segments ahead, is waited for.
pub async fn media(
    window: &Arc<Window>,
    (number, part): (u64, Option<usize>),
    ahead: u64,
    asked: &Asked,
    content_type: &'static str,
) -> Answered {
    let begun = window.changes().until(|| {
        let state = state(window, number, part, ahead);
        (state != State::Awaited && window.changes().health() != Health::Silent).then_some(state)
    });
    let Ok(state) = tokio::time::timeout(LONGEST_WAIT, begun).await else {
        return refusal(503, "It does not begin: the encoder is late, or it stands still.");
    };
    let begin = |index: usize| match index.checked_sub(1) {
        Some(before) => {
            let end = |segment: &super::window::Segment| {
                segment.parts.get(before).map_or(0, |part| part.end_byte)
            };
            window.segment(number, end).unwrap_or(0)
        }
        None => 0,
    };
    let (from, end) = match part {
        Some(part) => (begin(part), End::Part(part)),
        None => (0, End::Segment),
    };
    let immutable = "max-age=60";
    match state {
        State::Complete => match window.whole(number, from, end) {
            Some(bytes) => Answered::new(200, content_type, bytes).cached(immutable),
            None => refusal(404, "It left the window just now."),
        },
        State::Growing => {
            let growing = |from, end| Payload::Growing(window.send(number, from, end));
            let asked = asked.range.as_deref().filter(|_| part.is_none()).and_then(open_range);
            let Some((first, last)) = asked else {
                return Answered::new(200, content_type, Bytes::new())
                    .with_payload(growing(from, end));
            };
            // A range of what has no end yet: RFC 8673 takes a last byte that is never reached.
            let end = last.map_or(End::Segment, |last| End::Byte(last + 1));
            let shown = last.unwrap_or((1 << 53) - 1);
            Answered::new(206, content_type, Bytes::new())
                .with_payload(growing(first, end))
                .with_content_range(format!("bytes {first}-{shown}/*"))
        }
        State::Awaited | State::Absent => refusal(404, "No such segment or part in the window."),
    }
}

/// `bytes=FIRST-` or `bytes=FIRST-LAST`.
fn open_range(range: &str) -> Option<(u64, Option<u64>)> {
    let (first, last) = range.trim().strip_prefix("bytes=")?.split_once('-')?;
    let first = first.trim().parse().ok()?;
    match last.trim() {
        "" => Some((first, None)),
        last => last.parse().ok().filter(|last| *last >= first).map(|last| (first, Some(last))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window() -> Arc<Window> {
        let window = Window::new(3, Arc::default());
        window.begin(7, 14_000);
        window.append(Bytes::from_static(b"abc"));
        window.end_part(1.0, true, Some(1.0));
        Arc::new(window)
    }

    #[test]
    fn names_of_media() {
        assert_eq!(media_name("12.m4s", "m4s"), Some((12, None)));
        assert_eq!(media_name("12.3.m4s", "m4s"), Some((12, Some(3))));
        for name in
            ["12", "m4s", ".m4s", "12.ts", "-1.m4s", "1.2.3.m4s", "99999999999999999999.m4s"]
        {
            assert_eq!(media_name(name, "m4s"), None, "{name}");
        }
    }

    #[test]
    fn only_what_is_hinted_is_waited_for() {
        let window = window();
        assert_eq!(state(&window, 7, None, 1), State::Complete);
        assert_eq!(state(&window, 7, Some(0), 1), State::Complete);
        assert_eq!(state(&window, 7, Some(1), 1), State::Absent);
        assert_eq!(state(&window, 8, Some(0), 1), State::Awaited);
        assert_eq!(state(&window, 8, Some(1), 1), State::Absent);
        assert_eq!(state(&window, 9, None, 1), State::Absent);
        assert_eq!(state(&window, 9, None, 2), State::Awaited);
        assert_eq!(state(&window, 6, None, 2), State::Absent);
        window.begin(8, 16_000);
        assert_eq!(state(&window, 8, None, 2), State::Awaited, "not a byte yet");
        window.append(Bytes::from_static(b"d"));
        assert_eq!(state(&window, 8, None, 2), State::Growing);
        assert_eq!(state(&window, 8, Some(0), 2), State::Growing);
        assert_eq!(state(&window, 8, Some(1), 2), State::Absent);
    }

    #[test]
    fn ranges_that_have_no_end() {
        assert_eq!(open_range("bytes=5-"), Some((5, None)));
        assert_eq!(open_range("bytes=5-9"), Some((5, Some(9))));
        assert_eq!(open_range("bytes=-9"), None);
        assert_eq!(open_range("bytes=9-5"), None);
    }
}
