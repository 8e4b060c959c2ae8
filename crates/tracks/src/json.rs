//! Cues and events as JSON (RFC 8259), for a page on the other side of a seam.
//!
//! In: plain data. Out: text, in which what is as usual is left out. Numbers have six decimals and no
//! exponent: what formats a float in the standard library is kilobytes of a wasm module. What is no
//! finite number is `null`. It refuses to read.

use crate::cue::{Align, Color, Cue, Line, LinePosition, Placement, Region, Span, Style, Writing};
use crate::event::{Event, Value};

/// An array of cues.
#[must_use]
pub fn cues(cues: &[Cue]) -> String {
    let mut json = Json::default();
    json.array(cues, Json::cue);
    json.text
}

/// One cue.
#[must_use]
pub fn cue(cue: &Cue) -> String {
    let mut json = Json::default();
    json.cue(cue);
    json.text
}

/// An array of events.
#[must_use]
pub fn events(events: &[Event]) -> String {
    let mut json = Json::default();
    json.array(events, Json::event);
    json.text
}

/// A number as JSON has it.
#[must_use]
pub fn number(value: f64) -> String {
    let mut json = Json::default();
    json.number(value);
    json.text
}

/// A text as JSON has it.
#[must_use]
pub fn string(text: &str) -> String {
    let mut json = Json::default();
    json.string(text);
    json.text
}

#[derive(Debug, Default)]
struct Json {
    text: String,
}

impl Json {
    fn array<T>(&mut self, items: &[T], mut write: impl FnMut(&mut Self, &T)) {
        self.text.push('[');
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.text.push(',');
            }
            write(self, item);
        }
        self.text.push(']');
    }

    /// An object; `write` gives its fields by [`Self::key`].
    fn object(&mut self, write: impl FnOnce(&mut Self)) {
        self.text.push('{');
        write(self);
        self.text.push('}');
    }

    /// The name of the next field of an object.
    fn key(&mut self, name: &str) {
        if !self.text.ends_with('{') {
            self.text.push(',');
        }
        self.string(name);
        self.text.push(':');
    }

    fn string(&mut self, text: &str) {
        self.text.push('"');
        for character in text.chars() {
            match character {
                '"' | '\\' => {
                    self.text.push('\\');
                    self.text.push(character);
                }
                '\n' => self.text.push_str("\\n"),
                ' '.. => self.text.push(character),
                control => {
                    self.text.push_str("\\u00");
                    for shift in [4, 0] {
                        let digit = (control as u32 >> shift) & 15;
                        self.text.extend(char::from_digit(digit, 16));
                    }
                }
            }
        }
        self.text.push('"');
    }

    fn number(&mut self, value: f64) {
        const MILLION: u64 = 1_000_000;
        /// Beyond it a double has no six decimals.
        const MOST: f64 = 9e9;
        if !value.is_finite() {
            return self.text.push_str("null");
        }
        let micros = (value.abs().min(MOST) * MILLION as f64 + 0.5) as u64;
        if value < 0.0 && micros > 0 {
            self.text.push('-');
        }
        self.text.push_str(&(micros / MILLION).to_string());
        let mut rest = micros % MILLION;
        if rest > 0 {
            self.text.push('.');
        }
        let mut unit = MILLION / 10;
        while rest > 0 {
            self.text.extend(char::from_digit((rest / unit) as u32, 10));
            rest %= unit;
            unit /= 10;
        }
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.array(bytes, |json, byte| json.text.push_str(&byte.to_string()));
    }

    fn text_field(&mut self, name: &str, value: &str) {
        if !value.is_empty() {
            self.key(name);
            self.string(value);
        }
    }

    fn number_field(&mut self, name: &str, value: Option<f64>) {
        if let Some(value) = value {
            self.key(name);
            self.number(value);
        }
    }

    fn flag_field(&mut self, name: &str, is_set: bool) {
        if is_set {
            self.key(name);
            self.text.push_str("true");
        }
    }

    fn cue(&mut self, cue: &Cue) {
        self.object(|json| {
            json.text_field("id", &cue.id);
            json.number_field("start", Some(cue.start_secs));
            json.number_field("end", cue.end_secs);
            if cue.placement != Placement::default() {
                json.key("placement");
                json.placement(&cue.placement);
            }
            json.key("lines");
            json.array(&cue.lines, |json, line: &Line| json.array(&line.spans, Self::span));
        });
    }

    fn span(&mut self, span: &Span) {
        let Style { color, background, size_ratio, voice, language, ruby, classes, .. } =
            &span.style;
        self.object(|json| {
            json.key("text");
            json.string(&span.text);
            json.number_field("from", span.from_secs);
            json.flag_field("bold", span.style.is_bold);
            json.flag_field("italic", span.style.is_italic);
            json.flag_field("underlined", span.style.is_underlined);
            json.flag_field("flashing", span.style.is_flashing);
            json.color_field("color", *color);
            json.color_field("background", *background);
            json.number_field("size", size_ratio.map(f64::from));
            json.text_field("voice", voice.as_deref().unwrap_or_default());
            json.text_field("language", language.as_deref().unwrap_or_default());
            json.text_field("ruby", ruby.as_deref().unwrap_or_default());
            if !classes.is_empty() {
                json.key("classes");
                json.array(classes, |json, class| json.string(class));
            }
        });
    }

    /// `#rrggbbaa`, as CSS reads it.
    fn color_field(&mut self, name: &str, color: Option<Color>) {
        let Some(Color { red, green, blue, alpha }) = color else { return };
        self.key(name);
        self.text.push_str("\"#");
        for part in [red, green, blue, alpha] {
            let digits = [part >> 4, part & 15].map(|digit| char::from_digit(digit.into(), 16));
            self.text.extend(digits.into_iter().flatten());
        }
        self.text.push('"');
    }

    fn placement(&mut self, placement: &Placement) {
        self.object(|json| {
            let vertical = match placement.writing {
                Writing::Horizontal => "",
                Writing::VerticalRightToLeft => "rl",
                Writing::VerticalLeftToRight => "lr",
            };
            json.text_field("vertical", vertical);
            match placement.line {
                LinePosition::Auto => {}
                LinePosition::Row(row) => json.number_field("row", Some(f64::from(row))),
                LinePosition::Percent(line) => json.number_field("line", Some(f64::from(line))),
            }
            if placement.line_align != Align::Start {
                json.text_field("lineAlign", align_word(placement.line_align));
            }
            json.number_field("position", placement.position_percent.map(f64::from));
            json.text_field("positionAlign", placement.position_align.map_or("", align_word));
            json.number_field("size", placement.size_percent.map(f64::from));
            json.text_field("align", placement.text_align.map_or("", align_word));
            if let Some(region) = &placement.region {
                json.key("region");
                json.region(region);
            }
        });
    }

    fn region(&mut self, region: &Region) {
        self.object(|json| {
            let pair = |json: &mut Self, name: &str, (x, y): (f32, f32)| {
                json.key(name);
                json.array(&[x, y], |json, value| json.number(f64::from(*value)));
            };
            json.text_field("id", &region.id);
            json.number_field("width", Some(f64::from(region.width_percent)));
            json.number_field("lines", Some(f64::from(region.lines)));
            json.number_field("height", region.height_percent.map(f64::from));
            pair(json, "anchor", region.region_anchor_percent);
            pair(json, "viewportAnchor", region.viewport_anchor_percent);
            json.flag_field("scrolls", region.scrolls_up);
            json.color_field("background", region.background);
            if region.display_align != Align::Start {
                json.text_field("displayAlign", align_word(region.display_align));
            }
        });
    }

    fn event(&mut self, event: &Event) {
        self.object(|json| {
            json.text_field("scheme", &event.scheme);
            json.text_field("id", &event.id);
            json.number_field("start", Some(event.start_secs));
            json.number_field("end", event.end_secs);
            if !event.fields.is_empty() {
                json.key("fields");
                json.fields(&event.fields);
            }
            if !event.data.is_empty() {
                json.key("data");
                json.bytes(&event.data);
            }
        });
    }

    /// Pairs, as a name may stand twice (ID3).
    fn fields(&mut self, fields: &[(String, Value)]) {
        self.array(fields, |json, (name, value)| {
            json.text.push('[');
            json.string(name);
            json.text.push(',');
            match value {
                Value::Text(text) => json.string(text),
                Value::Number(number) => json.number(*number),
                Value::Flag(flag) => json.text.push_str(if *flag { "true" } else { "false" }),
                Value::Bytes(bytes) => json.object(|json| {
                    json.key("bytes");
                    json.bytes(bytes);
                }),
                Value::List(list) => json.fields(list),
            }
            json.text.push(']');
        });
    }
}

const fn align_word(align: Align) -> &'static str {
    match align {
        Align::Start => "start",
        Align::Center => "center",
        Align::End => "end",
        Align::Left => "left",
        Align::Right => "right",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_cue_is_short_and_a_full_one_says_all() {
        let plain = Cue {
            start_secs: 1.5,
            end_secs: Some(3.0),
            lines: vec![Line {
                spans: vec![Span { text: "a \"b\"\n\u{1}é".into(), ..Span::default() }],
            }],
            ..Cue::default()
        };
        assert_eq!(
            cues(&[plain.clone(), Cue { end_secs: None, lines: Vec::new(), ..plain }]),
            "[{\"start\":1.5,\"end\":3,\"lines\":[[{\"text\":\"a \\\"b\\\"\\n\\u0001é\"}]]},\
             {\"start\":1.5,\"lines\":[]}]"
        );
        let style = Style {
            is_bold: true,
            color: Some(Color { red: 255, green: 0, blue: 16, alpha: 128 }),
            size_ratio: Some(1.25),
            voice: Some("Ann".into()),
            classes: vec!["a".into(), "b".into()],
            ..Style::default()
        };
        let placement = Placement {
            writing: Writing::VerticalRightToLeft,
            line: LinePosition::Row(-2),
            text_align: Some(Align::Start),
            region: Some(Region {
                id: "r".into(),
                lines: 3,
                scrolls_up: true,
                ..Region::default()
            }),
            ..Placement::default()
        };
        let span = Span { text: "x".into(), style, from_secs: Some(1.0 / 3.0) };
        let full = Cue { placement, lines: vec![Line { spans: vec![span] }], ..Cue::default() };
        assert_eq!(
            cues(&[full]),
            "[{\"start\":0,\"placement\":{\"vertical\":\"rl\",\"row\":-2,\"align\":\"start\",\
             \"region\":{\"id\":\"r\",\"width\":0,\"lines\":3,\"anchor\":[0,0],\
             \"viewportAnchor\":[0,0],\"scrolls\":true}},\"lines\":[[{\"text\":\"x\",\
             \"from\":0.333333,\"bold\":true,\"color\":\"#ff001080\",\"size\":1.25,\
             \"voice\":\"Ann\",\"classes\":[\"a\",\"b\"]}]]}]"
        );
    }

    #[test]
    fn an_event_keeps_names_that_stand_twice() {
        let fields = vec![
            ("TXXX".to_owned(), Value::Text("a".into())),
            ("TXXX".to_owned(), Value::List(vec![("n".into(), Value::Number(-0.25))])),
            ("raw".to_owned(), Value::Bytes(vec![0, 255])),
            ("on".to_owned(), Value::Flag(false)),
        ];
        let event = Event { scheme: "s".into(), fields, data: vec![7], ..Event::default() };
        assert_eq!(
            events(&[event]),
            "[{\"scheme\":\"s\",\"start\":0,\"fields\":[[\"TXXX\",\"a\"],[\"TXXX\",[[\"n\",-0.25]]],\
             [\"raw\",{\"bytes\":[0,255]}],[\"on\",false]],\"data\":[7]}]"
        );
    }

    #[test]
    fn any_number_is_json() {
        let written = |value: f64| {
            let mut json = Json::default();
            json.number(value);
            json.text
        };
        for value in [0.0, 1e-7, 0.000_001, 0.1, 86_399.999, 123_456.789_012, 8e9] {
            for value in [value, -value] {
                let read: f64 = written(value).parse().expect("a number");
                assert!((read - value).abs() <= 5.1e-7, "{value} {}", written(value));
            }
        }
        assert_eq!([f64::NAN, f64::INFINITY, -1e-9].map(written), ["null", "null", "0"]);
        assert_eq!(written(f64::MAX), "9000000000");
    }
}
