//! Cue and region settings (W3C WebVTT 6.2, 6.3).
//!
//! In: the text behind a cue's timing, or a REGION block. Out: where the cue is shown. A setting that
//! breaks the rules is passed over.

use crate::cue::{Align, LinePosition, Placement, Region, Writing};
use crate::number::{decimal, leading_digits, percentage};

/// Every cue of a region holds its name.
const MAX_ID_BYTES: usize = 200;

/// Settings by name, as `name:value`.
fn pairs(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let pairs = text.split_ascii_whitespace().filter_map(|word| word.split_once(':'));
    pairs.filter(|(name, value)| !name.is_empty() && !value.is_empty())
}

/// Where a cue is shown. The last setting of a name counts.
pub(super) fn placement(text: &str, regions: &[Region]) -> Placement {
    let mut placement = Placement::default();
    for (name, value) in pairs(text) {
        match name {
            "region" => placement.region = regions.iter().find(|it| it.id == value).cloned(),
            "vertical" => match value {
                "rl" => placement.writing = Writing::VerticalRightToLeft,
                "lr" => placement.writing = Writing::VerticalLeftToRight,
                _ => {}
            },
            "line" => {
                if let Some((line, align)) = line(value) {
                    (placement.line, placement.line_align) = (line, align);
                }
            }
            "position" => {
                if let Some((percent, align)) = position(value) {
                    placement.position_percent = Some(percent);
                    placement.position_align = align;
                }
            }
            "size" => placement.size_percent = percentage(value).or(placement.size_percent),
            "align" => placement.text_align = text_align(value).or(placement.text_align),
            _ => {}
        }
    }
    let is_free = placement.writing == Writing::Horizontal
        && placement.line == LinePosition::Auto
        && placement.size_percent.is_none_or(|percent| percent == 100.0);
    if !is_free {
        placement.region = None;
    }
    placement
}

fn text_align(value: &str) -> Option<Align> {
    Some(match value {
        "start" => Align::Start,
        "center" => Align::Center,
        "end" => Align::End,
        "left" => Align::Left,
        "right" => Align::Right,
        _ => return None,
    })
}

/// `value` or `value,align`.
fn split_align(value: &str) -> (&str, Option<&str>) {
    value.split_once(',').map_or((value, None), |(value, align)| (value, Some(align)))
}

fn line(value: &str) -> Option<(LinePosition, Align)> {
    let (value, align) = split_align(value);
    let align = match align {
        None | Some("start") => Align::Start,
        Some("center") => Align::Center,
        Some("end") => Align::End,
        Some(_) => return None,
    };
    if let Some(percent) = percentage(value) {
        return Some((LinePosition::Percent(percent), align));
    }
    // A point stands between digits; lines are whole when they are drawn (7.2).
    let is_number = !value.starts_with('+') && !value.ends_with('.') && !value.contains("-.");
    let number = decimal(value).filter(|_| is_number && !value.starts_with('.'))?;
    Some((LinePosition::Row((number + 0.5).floor() as i32), align))
}

fn position(value: &str) -> Option<(f32, Option<Align>)> {
    let (value, align) = split_align(value);
    let align = match align {
        None => None,
        Some("line-left") => Some(Align::Left),
        Some("center") => Some(Align::Center),
        Some("line-right") => Some(Align::Right),
        Some(_) => return None,
    };
    Some((percentage(value)?, align))
}

/// A REGION block; without a name nobody can refer to it.
pub(super) fn region(text: &str) -> Option<Region> {
    let mut region = Region {
        width_percent: 100.0,
        lines: 3,
        region_anchor_percent: (0.0, 100.0),
        viewport_anchor_percent: (0.0, 100.0),
        ..Region::default()
    };
    for (name, value) in pairs(text) {
        match name {
            "id" => region.id = value.into(),
            "width" => region.width_percent = percentage(value).unwrap_or(region.width_percent),
            "lines" => {
                if let (lines, 1.., "") = leading_digits(value) {
                    region.lines = lines.clamp(1, 100);
                }
            }
            "regionanchor" => set_anchor(&mut region.region_anchor_percent, value),
            "viewportanchor" => set_anchor(&mut region.viewport_anchor_percent, value),
            "scroll" => region.scrolls_up |= value == "up",
            _ => {}
        }
    }
    (1..=MAX_ID_BYTES).contains(&region.id.len()).then_some(region)
}

fn set_anchor(anchor: &mut (f32, f32), value: &str) {
    let parts = value.split_once(',');
    if let Some((x, y)) = parts.and_then(|(x, y)| Some((percentage(x)?, percentage(y)?))) {
        *anchor = (x, y);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting() {
        let placement =
            placement("vertical:rl line:10%,end position:20%,line-right size:30% align:left", &[]);
        assert_eq!(placement.writing, Writing::VerticalRightToLeft);
        assert_eq!(placement.line, LinePosition::Percent(10.0));
        assert_eq!(placement.line_align, Align::End);
        assert_eq!(placement.position_percent, Some(20.0));
        assert_eq!(placement.position_align, Some(Align::Right));
        assert_eq!(placement.size_percent, Some(30.0));
        assert_eq!(placement.text_align, Some(Align::Left));
    }

    #[test]
    fn lines_by_number() {
        for (text, row) in [("line:0", 0), ("line:-1", -1), ("line:7", 7), ("line:1.5", 2)] {
            assert_eq!(placement(text, &[]).line, LinePosition::Row(row), "{text}");
        }
    }

    #[test]
    fn what_breaks_the_rules_is_passed_over() {
        let damaged = "line: :1 line:x line:5x line:1,middle line:.5 line:5. line:--1 line:101% \
             position:50 position:50%,start position:101% size:-1% align:middle vertical:up \
             region:none colour:red line";
        assert_eq!(placement(damaged, &[]), Placement::default());
        assert_eq!(placement("size:20% size:300%", &[]).size_percent, Some(20.0));
    }

    #[test]
    fn regions() {
        let fred = region(
            "id:fred width:40%\nlines:4 regionanchor:10%,20%\nviewportanchor:30%,40% scroll:up",
        );
        let fred = fred.expect("a region");
        assert_eq!((fred.width_percent, fred.lines, fred.scrolls_up), (40.0, 4, true));
        assert_eq!(fred.region_anchor_percent, (10.0, 20.0));
        assert_eq!(fred.viewport_anchor_percent, (30.0, 40.0));
        assert_eq!(
            placement("region:fred", std::slice::from_ref(&fred)).region,
            Some(fred.clone())
        );
        // Only what the region leaves open may be said (6.3).
        for setting in ["line:1", "size:50%", "vertical:lr"] {
            let text = format!("region:fred {setting}");
            assert_eq!(placement(&text, std::slice::from_ref(&fred)).region, None, "{setting}");
        }
        let plain = region("id:x width:101% lines:x regionanchor:1%").expect("a region");
        assert_eq!((plain.width_percent, plain.lines), (100.0, 3));
        assert_eq!(plain.region_anchor_percent, (0.0, 100.0));
        assert_eq!(region("width:40%"), None);
    }
}
