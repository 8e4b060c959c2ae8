//! Time expressions (TTML 2, 12.3.1).
//!
//! In: text, and what the document says of frames and ticks. Out: seconds. Drop-frame codes and wall
//! clocks are read as media time.

use videosphere_xml::Element;

use crate::number::{decimal, leading_decimal, leading_digits};

/// How a document counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rates {
    frames_per_sec: f64,
    sub_frames: f64,
    ticks_per_sec: f64,
}

impl Rates {
    /// Of the attributes of `tt` (TTML 2, 7.2).
    pub(super) fn of(tt: &Element<'_>) -> Self {
        let number = |name| tt.attribute(name).and_then(decimal).filter(|value| *value > 0.0);
        let frame_rate = number("frameRate");
        let multiplier = tt.attribute("frameRateMultiplier").and_then(|value| {
            let (over, under) = value.trim_ascii().split_once([' ', ':'])?;
            Some(decimal(over)? / decimal(under)?)
        });
        let multiplier = multiplier.filter(|value| value.is_finite() && *value > 0.0);
        let frames_per_sec = frame_rate.unwrap_or(30.0) * multiplier.unwrap_or(1.0);
        let sub_frames = number("subFrameRate").unwrap_or(1.0);
        let per_frame = frame_rate.map_or(1.0, |_| frames_per_sec * sub_frames);
        Self { frames_per_sec, sub_frames, ticks_per_sec: number("tickRate").unwrap_or(per_frame) }
    }

    /// Seconds of an expression.
    pub(super) fn secs(&self, text: &str) -> Option<f64> {
        let text = text.trim_ascii();
        self.clock(text).or_else(|| self.offset(text)).filter(|secs| secs.is_finite())
    }

    /// `10.5s`, `250f`, `100t`.
    fn offset(&self, text: &str) -> Option<f64> {
        let (value, metric) = leading_decimal(text)?;
        Some(match metric {
            "h" => value * 3600.0,
            "m" => value * 60.0,
            "s" => value,
            "ms" => value / 1000.0,
            "f" => value / self.frames_per_sec,
            "t" => value / self.ticks_per_sec,
            _ => return None,
        })
    }

    /// `hh:mm:ss`, `hh:mm:ss.fraction`, `hh:mm:ss:frames`, `hh:mm:ss:frames.subframes`.
    fn clock(&self, text: &str) -> Option<f64> {
        let (hours, 2.., rest) = leading_digits(text) else { return None };
        let (minutes, 2, rest) = leading_digits(rest.strip_prefix(':')?) else { return None };
        let rest = rest.strip_prefix(':')?;
        let whole = f64::from(hours) * 3600.0 + f64::from(minutes) * 60.0;
        let (secs, 2, after) = leading_digits(rest) else { return None };
        let is_time = minutes <= 59 && secs <= 60;
        let secs = match after.strip_prefix(':') {
            // One sum of decimals, so that equal times are equal numbers.
            None => decimal(rest)?,
            Some(frames) => {
                let (frames, 2.., after) = leading_digits(frames) else { return None };
                let sub_frames = match after.strip_prefix('.') {
                    Some(digits) => f64::from(whole_number(digits)?) / self.sub_frames,
                    None if after.is_empty() => 0.0,
                    None => return None,
                };
                f64::from(secs) + (f64::from(frames) + sub_frames) / self.frames_per_sec
            }
        };
        is_time.then_some(whole + secs)
    }
}

fn whole_number(digits: &str) -> Option<u32> {
    match leading_digits(digits) {
        (value, 1.., "") => Some(value),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use videosphere_xml::{Reader, Token};

    fn rates(attributes: &str) -> Rates {
        let text = format!("<tt {attributes}/>");
        match Reader::new(&text).next() {
            Ok(Some(Token::Start(tt))) => Rates::of(&tt),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_expression() {
        let rates = rates("ttp:frameRate='25' ttp:tickRate='10000000' ttp:subFrameRate='2'");
        for (text, secs) in [
            ("00:00:01", 1.0),
            ("01:02:03.250", 3723.25),
            ("100:00:00.5", 360_000.5),
            ("00:00:05:12", 5.48),
            ("00:00:00:10.1", 0.42),
            ("1.5h", 5400.0),
            ("2m", 120.0),
            (" 3s ", 3.0),
            ("250ms", 0.25),
            ("50f", 2.0),
            ("5000000t", 0.5),
        ] {
            let found = rates.secs(text).unwrap_or(f64::NAN);
            assert!((found - secs).abs() < 1e-9, "{text}: {found}");
        }
    }

    #[test]
    fn frames_and_ticks_by_their_rates() {
        assert_eq!(rates("").secs("30f"), Some(1.0));
        assert_eq!(rates("").secs("7t"), Some(7.0));
        assert_eq!(rates("frameRate='50'").secs("100t"), Some(2.0));
        let ntsc = rates("frameRate='30' frameRateMultiplier='1000 1001'").secs("30000f");
        assert!(ntsc.is_some_and(|secs| (secs - 1001.0).abs() < 1e-9));
        for damaged in
            ["frameRate='0'", "frameRate='x'", "frameRateMultiplier='1 0'", "tickRate='-1'"]
        {
            assert_eq!(rates(damaged).secs("30f"), Some(1.0), "{damaged}");
        }
    }

    #[test]
    fn what_is_no_time() {
        let rates = rates("");
        for text in [
            "",
            "1",
            "1x",
            "s",
            "-1s",
            "1:00:00",
            "00:00",
            "00:61:00",
            "00:00:61",
            "00:00:00:1",
            "00:00:00.",
            "00:00:00:01.x",
            "00:00:00:01x",
            "wallclock(now)",
        ] {
            let found = rates.secs(text);
            // A decimal may end in its point.
            assert!(found.is_none() || text.ends_with('.'), "{text}: {found:?}");
        }
    }
}
