//! Where a representation's segments are (ISO/IEC 23009-1, 5.3.9).
//!
//! In: the elements that may say so, from the outermost to the innermost. Out: [`Addressing`]. What an inner
//! one leaves out is taken from those around it (5.3.9.1). `None` where nothing could be found by it.

use crate::model::{Addressing, Media, Pace, Resource, Run, Segments};
use crate::tree::Node;
use crate::values::{byte_range, decimal_micros, resolve};

const KINDS: [&str; 3] = ["SegmentTemplate", "SegmentList", "SegmentBase"];

/// Elements of one kind at each level, the innermost first.
struct Inherited<'n, 'a>(Vec<&'n Node<'a>>);

impl<'a> Inherited<'_, 'a> {
    fn get(&self, name: &str) -> Option<std::borrow::Cow<'a, str>> {
        self.0.iter().find_map(|node| node.get(name))
    }

    fn number(&self, name: &str) -> Option<u64> {
        self.get(name)?.trim_ascii().parse().ok()
    }

    fn first(&self, name: &str) -> Option<&Node<'a>> {
        self.0.iter().find_map(|node| node.first(name))
    }

    fn timescale(&self) -> u32 {
        let told = self.number("timescale").and_then(|hz| u32::try_from(hz).ok());
        told.filter(|hz| *hz > 0).unwrap_or(1)
    }
}

pub(crate) fn read(levels: &[&Node<'_>; 3], root: &Node<'_>, base: &str) -> Option<Addressing> {
    let innermost = levels.iter().rev().copied();
    let kind =
        innermost.clone().find_map(|level| KINDS.into_iter().find(|it| level.first(it).is_some()));
    let kind = kind.unwrap_or("SegmentBase");
    let it = Inherited(innermost.filter_map(|level| level.first(kind)).collect());
    let presentation_offset = it.number("presentationTimeOffset").unwrap_or(0);
    let init = it.first("Initialization").map(|node| resource(node, "sourceURL", "range", base));
    let timescale_hz = it.timescale();
    let (init, media) = match kind {
        "SegmentTemplate" => {
            let pattern =
                it.get("initialization").map(|url| Resource { url: url.into_owned(), range: None });
            (pattern.or(init), Media::Pattern(it.get("media")?.into_owned()))
        }
        "SegmentList" => {
            let list = it.0.iter().find(|node| node.first("SegmentURL").is_some())?;
            let segments = list.all("SegmentURL");
            let segments = segments.map(|node| resource(node, "media", "mediaRange", base));
            (init, Media::List(segments.collect()))
        }
        _ => {
            let index_range = it.get("indexRange").and_then(|text| byte_range(&text));
            let url = base.to_owned();
            return Some(Addressing::File {
                init,
                url,
                index_range,
                timescale_hz,
                presentation_offset,
            });
        }
    };
    let start_number = it.number("startNumber").unwrap_or(1);
    let pace = match (it.first("SegmentTimeline"), it.number("duration")) {
        (Some(timeline), _) => Pace::Timeline(timeline.all("S").filter_map(run).collect()),
        (None, Some(duration)) if duration > 0 => Pace::Even(duration),
        _ => Pace::Whole,
    };
    let (offset, is_complete) = availability(&it, levels, root);
    Some(Addressing::Segments(Segments {
        init,
        media,
        timescale_hz,
        presentation_offset,
        start_number,
        end_number: it.number("endNumber"),
        pace,
        availability_offset_micros: offset,
        is_availability_complete: is_complete,
    }))
}

fn resource(node: &Node<'_>, url: &str, range: &str, base: &str) -> Resource {
    Resource {
        url: node.get(url).map_or_else(|| base.to_owned(), |url| resolve(base, &url)),
        range: node.get(range).and_then(|text| byte_range(&text)),
    }
}

/// An S element; without a duration it is none.
fn run(node: &Node<'_>) -> Option<Run> {
    Some(Run {
        start: node.get("t").and_then(|text| text.parse().ok()),
        duration: node.get("d")?.parse().ok().filter(|duration| *duration > 0)?,
        repeat: node.get("r").and_then(|text| text.parse().ok()).unwrap_or(0),
    })
}

/// `availabilityTimeOffset` of all levels together, and `availabilityTimeComplete` (5.3.9.5.1).
fn availability(
    it: &Inherited<'_, '_>,
    levels: &[&Node<'_>; 3],
    root: &Node<'_>,
) -> (Option<u64>, bool) {
    let mut sum = Some(0_u64);
    let mut is_complete = true;
    let bases = levels.iter().copied().chain([root]).filter_map(|level| level.first("BaseURL"));
    for node in bases.chain(it.0.first().copied()) {
        match node.get("availabilityTimeOffset").as_deref().map(str::trim_ascii) {
            None => {}
            Some("INF") => sum = None,
            Some(secs) => {
                let micros = decimal_micros(secs).unwrap_or(0);
                sum = sum.map(|sum| sum.saturating_add(micros));
            }
        }
        is_complete &= node.get("availabilityTimeComplete").as_deref() != Some("false");
    }
    (sum, is_complete)
}
