//! Events that do not travel in fMP4.
//!
//! In: ID3 tags, EXT-X-DATERANGE. Out: JSON of their events.

use crate::tracks::json;
use crate::tracks::metadata::{daterange, id3};

/// An array; an empty one where there is no tag.
pub(super) fn id3(bytes: &[u8], start_secs: f64) -> String {
    json::events(&id3::events(bytes, start_secs).unwrap_or_default())
}

/// An array of one.
pub(super) fn date_range(
    lines: &[u8],
    start_secs: f64,
    end_secs: f64,
    planned_secs: f64,
) -> String {
    let text = String::from_utf8_lossy(lines);
    let mut lines = text.split('\n');
    let id = lines.next().unwrap_or_default();
    let class = lines.next().filter(|class| !class.is_empty());
    let attributes = lines.filter_map(|line| line.split_once('='));
    let attributes: Vec<(String, String)> =
        attributes.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let finite = |secs: f64| secs.is_finite().then_some(secs);
    let range = daterange::DateRange {
        id,
        class,
        start_secs,
        end_secs: finite(end_secs),
        duration_secs: None,
        planned_duration_secs: finite(planned_secs),
        attributes: &attributes,
    };
    json::events(&daterange::events(&[range]))
}
