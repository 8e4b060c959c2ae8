//! Reads a manifest (ISO/IEC 23009-1, 5.3.1 and 5.3.2).
//!
//! In: text, and where it came from. Out: [`Mpd`]. Periods whose start is not known yet are left out, and
//! so are sets without anything that could be played; what is left may be nothing.

use crate::Error;
use crate::elements::{bases, descriptors};
use crate::model::{Mpd, Period};
use crate::sets;
use crate::tree::{Node, decode};
use crate::values::{date_millis, duration_micros, resolve};

/// Reads a manifest.
///
/// # Errors
/// What [`Error`] says of manifests as a whole.
pub fn read(text: &str, url: &str) -> Result<Mpd, Error> {
    let root = Node::read(text)?;
    if !root.is("MPD") {
        return Err(Error::NotAnMpd);
    }
    let duration = |node: &Node<'_>, name: &str| duration_micros(&node.get(name)?);
    let latency = root.first("ServiceDescription").and_then(|it| it.first("Latency"));
    let latency = latency.and_then(|it| it.get("target")?.parse::<u64>().ok());
    let mut mpd = Mpd {
        url: url.to_owned(),
        is_dynamic: root.get("type").as_deref() == Some("dynamic"),
        availability_start_millis: root
            .get("availabilityStartTime")
            .and_then(|text| date_millis(&text))
            .unwrap_or(0),
        minimum_update_micros: duration(&root, "minimumUpdatePeriod"),
        time_shift_micros: duration(&root, "timeShiftBufferDepth"),
        delay_micros: duration(&root, "suggestedPresentationDelay"),
        target_latency_micros: latency.map(|millis| millis.saturating_mul(1000)),
        duration_micros: duration(&root, "mediaPresentationDuration"),
        location: root.first("Location").map(|it| resolve(url, &decode(it.text))),
        utc_timings: descriptors(&root, "UTCTiming"),
        periods: Vec::new(),
    };
    let bases = bases(&root, &[url.to_owned()]);
    let nodes: Vec<&Node<'_>> = root.all("Period").collect();
    let times = period_times(&nodes, &mpd);
    for (node, (start_micros, duration_micros)) in nodes.into_iter().zip(times) {
        let Some(start_micros) = start_micros else { break };
        // Content that is resolved to nothing may be left out (5.5.3).
        match node.get("href").as_deref() {
            None => {}
            Some("urn:mpeg:dash:resolve-to-zero:2013") => continue,
            Some(_) => {
                return Err(Error::Unsupported("remote periods (xlink), which are not followed"));
            }
        }
        let sets = sets::read(&root, node, &bases);
        mpd.periods.push(Period { id: node.owned("id"), start_micros, duration_micros, sets });
    }
    Ok(mpd)
}

/// When periods begin, and how long they are (5.3.2.1).
fn period_times(nodes: &[&Node<'_>], mpd: &Mpd) -> Vec<(Option<u64>, Option<u64>)> {
    let mut times: Vec<(Option<u64>, Option<u64>)> = Vec::new();
    for node in nodes {
        let duration = node.get("duration").and_then(|text| duration_micros(&text));
        let told = node.get("start").and_then(|text| duration_micros(&text));
        let start = told.or_else(|| match times.last() {
            Some((start, duration)) => Some((*start)?.saturating_add((*duration)?)),
            // A live one too, where others would not know yet: manifests leave it out.
            None => Some(0),
        });
        if let (Some(start), Some((Some(last), length))) = (start, times.last_mut()) {
            // The next one's start is what counts, where both are said.
            *length = Some(start.saturating_sub(*last));
        }
        times.push((start, duration));
    }
    if let Some((Some(start), length @ None)) = times.last_mut() {
        *length = mpd.duration_micros.map(|end| end.saturating_sub(*start));
    }
    times
}
