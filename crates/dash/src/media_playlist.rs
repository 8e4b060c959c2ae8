//! Writes a track as a media playlist (RFC 8216bis 4.4.3 to 4.4.5).
//!
//! In: what it has in each period. Out: text. A period is a discontinuity; a hole in a timeline is segments with
//! EXT-X-GAP; a segment still being written, of which the server hands out what there is (ISO/IEC 23009-1,
//! 5.3.9.5.1), is announced by EXT-X-PREFETCH.

use crate::listing::{Entry, Stretch};
use crate::model::{ByteRange, Mpd, Protection, Resource};

/// A hole in a timeline; less is rounding.
const HOLE_MICROS: u64 = 100_000;
/// A longer hole is not filled whole.
const MAX_FILLED: u64 = 1000;
const WIDEVINE: &str = "edef8ba9-79d6-4ace-a3c8-27dcd51d21ed";
const PLAYREADY: &str = "9a04f079-9840-4286-ab92-e65be0885f95";
const COMMON: &str = "1077efec-c0b2-4d02-ace3-3c1e52e2fb4b";

/// Makes segments follow on each other, as they do in HLS: each lasts until the next, and holes are filled.
pub(crate) fn fill_holes(stretches: &mut [Stretch<'_>]) {
    for stretch in stretches {
        let entries = core::mem::take(&mut stretch.entries);
        let mut filled: Vec<Entry> = Vec::with_capacity(entries.len());
        for entry in entries {
            if let Some(last) = filled.last_mut() {
                let end = last.start_micros + last.duration_micros;
                let hole = entry.start_micros.saturating_sub(end);
                if hole < HOLE_MICROS {
                    last.duration_micros = entry.start_micros.saturating_sub(last.start_micros);
                } else {
                    fill(&mut filled, end, hole, entry.duration_micros.max(1));
                }
            }
            filled.push(entry);
        }
        stretch.entries = filled;
    }
}

fn fill(filled: &mut Vec<Entry>, from: u64, hole: u64, pace: u64) {
    let count = (hole / pace).clamp(1, MAX_FILLED);
    for index in 0..count {
        let place = |index: u64| from + hole / count * index + hole % count * index / count;
        filled.push(Entry {
            start_micros: place(index),
            duration_micros: place(index + 1) - place(index),
            number: 0,
            resource: None,
            is_in_progress: false,
        });
    }
}

pub(crate) fn write(
    mpd: &Mpd,
    stretches: &[Stretch<'_>],
    first_number: u64,
    discontinuity: u64,
    now_micros: u64,
) -> String {
    let entries = || stretches.iter().flat_map(|it| &it.entries);
    let longest = entries().filter(|it| it.resource.is_some()).map(|it| it.duration_micros).max();
    let target_secs = (longest.unwrap_or(0).saturating_add(500_000) / 1_000_000).max(1);
    let mut text = String::from("#EXTM3U\n#EXT-X-VERSION:8\n#EXT-X-TARGETDURATION:");
    push(&mut text, &[&target_secs.to_string(), "\n"]);
    let is_ended = is_ended(mpd, now_micros);
    if is_ended && !mpd.is_dynamic {
        text += "#EXT-X-PLAYLIST-TYPE:VOD\n";
    }
    push(&mut text, &["#EXT-X-MEDIA-SEQUENCE:", &first_number.to_string(), "\n"]);
    push(&mut text, &["#EXT-X-DISCONTINUITY-SEQUENCE:", &discontinuity.to_string(), "\n"]);
    if let Some(behind) = mpd.target_latency_micros.or(mpd.delay_micros).filter(|_| !is_ended) {
        // From the end of the list, where DASH counts from the clock: that is a segment further on.
        let target = target_secs * 1_000_000;
        let behind = behind.saturating_sub(target).max(3 * target);
        push(&mut text, &["#EXT-X-SERVER-CONTROL:HOLD-BACK=", &secs(behind), "\n"]);
    }
    let mut state = Written::default();
    for (index, stretch) in stretches.iter().enumerate() {
        if index > 0 {
            text += "#EXT-X-DISCONTINUITY\n";
            state.is_dated = false;
        }
        for entry in &stretch.entries {
            segment(&mut text, mpd, stretch, entry, &mut state);
        }
    }
    if is_ended {
        text += "#EXT-X-ENDLIST\n";
    }
    text
}

/// Nothing will be added any more.
fn is_ended(mpd: &Mpd, now_micros: u64) -> bool {
    let last = mpd.periods.last();
    let end = last.and_then(|it| Some(it.start_micros.saturating_add(it.duration_micros?)));
    let is_final = mpd.minimum_update_micros.is_none() && mpd.duration_micros.is_some();
    !mpd.is_dynamic || is_final && end.is_some_and(|end| now_micros >= end)
}

/// What tags that stay in force say.
#[derive(Default)]
struct Written<'a> {
    is_dated: bool,
    init: Option<&'a Resource>,
    protection: Option<&'a Protection>,
}

fn segment<'a>(
    text: &mut String,
    mpd: &Mpd,
    stretch: &'a Stretch<'_>,
    entry: &Entry,
    state: &mut Written<'a>,
) {
    if mpd.is_dynamic && !state.is_dated {
        let millis = mpd.availability_start_millis + (entry.start_micros / 1000) as i64;
        push(text, &["#EXT-X-PROGRAM-DATE-TIME:", &date(millis), "\n"]);
        state.is_dated = true;
    }
    let Some(resource) = &entry.resource else {
        push(text, &["#EXTINF:", &secs(entry.duration_micros), ",\n#EXT-X-GAP\ngap\n"]);
        return;
    };
    if state.protection != stretch.protection {
        state.protection = stretch.protection;
        // METHOD=NONE ends those of before.
        text.push_str("#EXT-X-KEY:METHOD=NONE\n");
        keys(text, stretch.protection);
    }
    if let Some(init) = stretch.init.as_ref().filter(|init| state.init != Some(init)) {
        state.init = Some(init);
        push(text, &["#EXT-X-MAP:URI=\"", &quoted(&init.url), "\""]);
        if let Some(ByteRange { offset, length: Some(length) }) = init.range {
            let range = [",BYTERANGE=\"", &length.to_string(), "@", &offset.to_string(), "\""];
            push(text, &range);
        }
        text.push('\n');
    }
    if entry.is_in_progress {
        push(text, &["#EXT-X-PREFETCH:", &line(&resource.url), "\n"]);
        return;
    }
    push(text, &["#EXTINF:", &secs(entry.duration_micros), ",\n"]);
    if let Some(ByteRange { offset, length: Some(length) }) = resource.range {
        push(text, &["#EXT-X-BYTERANGE:", &length.to_string(), "@", &offset.to_string(), "\n"]);
    }
    push(text, &[&line(&resource.url), "\n"]);
}

/// EXT-X-KEY for each key system (RFC 8216bis 4.4.4.4), as packagers write them.
fn keys(text: &mut String, protection: Option<&Protection>) {
    let Some(protection) = protection else { return };
    let method = if protection.scheme == "cbcs" { "SAMPLE-AES" } else { "SAMPLE-AES-CTR" };
    let mut key = |format: &str, versions: &str, uri: Option<String>| {
        push(text, &["#EXT-X-KEY:METHOD=", method]);
        if let Some(uri) = uri {
            push(text, &[",URI=\"", &uri, "\""]);
        }
        if let Some(id) = &protection.default_key_id {
            push(text, &[",KEYID=0x", id]);
        }
        push(text, &[",KEYFORMAT=\"", format, "\",KEYFORMATVERSIONS=\"", versions, "\"\n"]);
    };
    let data = |base64: &String| format!("data:text/plain;base64,{base64}");
    for system in &protection.systems {
        let pssh = system.pssh.as_ref().map(data);
        match system.uuid.as_str() {
            PLAYREADY => {
                let object = system.playready_object.as_ref();
                let object = object.map(|it| format!("data:text/plain;charset=UTF-16;base64,{it}"));
                key("com.microsoft.playready", "1", object.or(pssh));
            }
            WIDEVINE => key(&format!("urn:uuid:{WIDEVINE}"), "1", pssh),
            uuid => key(&format!("urn:uuid:{}", quoted(uuid)), "1", pssh),
        }
    }
    if protection.systems.is_empty() {
        key(&format!("urn:uuid:{COMMON}"), "1", None);
    }
}

pub(crate) fn push(text: &mut String, parts: &[&str]) {
    for part in parts {
        text.push_str(part);
    }
}

/// Without what would end a quoted string (RFC 8216bis 4.2), or begin a variable.
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '"' => quoted += "%22",
            '{' => quoted += "%7B",
            '\r' | '\n' => {}
            other => quoted.push(other),
        }
    }
    quoted
}

/// An address in a line of its own, of which a `#` would make a comment.
fn line(url: &str) -> String {
    quoted(url)
}

/// Microseconds as seconds.
pub(crate) fn secs(micros: u64) -> String {
    let (whole, rest) = (micros / 1_000_000, micros % 1_000_000);
    // A leading one keeps the zeros.
    let digits = (1_000_000 + rest).to_string();
    let mut text = whole.to_string();
    push(&mut text, &[".", digits.get(1..).unwrap_or("0")]);
    text
}

/// Milliseconds since 1970 as ISO 8601 in UTC.
fn date(millis: i64) -> String {
    let (days, in_day) = (millis.div_euclid(86_400_000), millis.rem_euclid(86_400_000));
    // Years counted from March, so that the leap day is the last of its year.
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let two = |number: i64| (100 + number).to_string().get(1..).unwrap_or("00").to_owned();
    let mut text = (10_000 + year.clamp(0, 9999)).to_string().get(1..).unwrap_or("1970").to_owned();
    let secs = in_day / 1000;
    let fraction = (1000 + in_day % 1000).to_string();
    push(&mut text, &["-", &two(month), "-", &two(day), "T", &two(secs / 3600), ":"]);
    push(&mut text, &[&two(secs / 60 % 60), ":", &two(secs % 60), "."]);
    push(&mut text, &[fraction.get(1..).unwrap_or("000"), "Z"]);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_that_are_read() {
        for millis in [0, 1_795_200_002_033, 951_782_400_000, 4_102_444_799_999] {
            let text = date(millis);
            assert_eq!(videosphere_hls::time::date_millis(&text), Some(millis as f64), "{text}");
        }
        assert_eq!(date(1_795_200_004_000), "2026-11-20T18:40:04.000Z");
    }

    #[test]
    fn texts() {
        assert_eq!(secs(12_000_345), "12.000345");
        assert_eq!(quoted("a\"b\n{$c}"), "a%22b%7B$c}");
    }
}
