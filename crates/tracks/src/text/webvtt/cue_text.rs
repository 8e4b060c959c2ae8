//! A cue's text with its tags (W3C WebVTT 6.4, 6.5).
//!
//! In: text such as `<v Ann>Hi <i>there</i></v>`. Out: lines of spans. Tags that nobody knows are left
//! out, their text is not. What a cue may hold is bounded; text beyond that goes on without a style.

use super::style::{Element, Stylesheet};
use super::time::timestamp;
use crate::cue::{Line, Span, Style};
use crate::text::color;
use crate::text::entities::decode;

const MAX_DEPTH: usize = 32;
const MAX_SPANS: usize = 512;
const MAX_LINES: usize = 256;
const MAX_CLASSES: usize = 8;
const MAX_CLASS_BYTES: usize = 64;
/// Of a voice or a language.
const MAX_ANNOTATION_BYTES: usize = 200;

/// Lines of a text; a cue without text has none.
pub(super) fn lines(text: &str, cue_id: &str, stylesheet: &Stylesheet) -> Vec<Line> {
    let mut style = Style::default();
    let root = Element { name: "", classes: &[], annotation: "", language: "", cue_id };
    stylesheet.apply(&root, &mut style);
    let open = vec![Open { name: "", style, ruby_base: (0, 0) }];
    let lines = vec![Line::default()];
    let ruby_text = String::new();
    let mut builder =
        Builder { lines, span_count: 0, open, cue_id, stylesheet, from_secs: None, ruby_text };
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        let (plain, tag) = rest.split_at(at);
        builder.text(&decode(plain));
        let tag = tag.get(1..).unwrap_or("");
        let (tag, after) = tag.split_once('>').unwrap_or((tag, ""));
        builder.tag(tag);
        rest = after;
    }
    builder.text(&decode(rest));
    builder.end_ruby_text();
    let is_empty = builder.lines.iter().all(|line| line.spans.is_empty());
    if is_empty { Vec::new() } else { builder.lines }
}

/// An element whose end tag has not come.
struct Open<'a> {
    /// Empty for the cue itself.
    name: &'a str,
    style: Style,
    /// Line and span at which the text begins that `<rt>` belongs to.
    ruby_base: (usize, usize),
}

struct Builder<'a> {
    lines: Vec<Line>,
    span_count: usize,
    open: Vec<Open<'a>>,
    cue_id: &'a str,
    stylesheet: &'a Stylesheet,
    from_secs: Option<f64>,
    /// What stands in an open `<rt>`.
    ruby_text: String,
}

impl<'a> Builder<'a> {
    fn current(&self) -> &str {
        self.open.last().map_or("", |open| open.name)
    }

    fn text(&mut self, text: &str) {
        if self.current() == "rt" {
            self.ruby_text.push_str(text);
            return;
        }
        for (index, part) in text.split('\n').enumerate() {
            if index > 0 {
                self.new_line();
            }
            self.span(part);
        }
    }

    fn new_line(&mut self) {
        if self.lines.len() < MAX_LINES {
            self.lines.push(Line::default());
        } else {
            self.span(" ");
        }
    }

    fn span(&mut self, text: &str) {
        let Some(line) = self.lines.last_mut() else { return };
        let Some(style) = self.open.last().map(|open| &open.style) else { return };
        if text.is_empty() {
            return;
        }
        let is_in_ruby = self.open.iter().any(|open| open.name == "ruby");
        let is_full = self.span_count >= MAX_SPANS;
        if let Some(last) = line.spans.last_mut() {
            let is_alike = last.style == *style && last.from_secs == self.from_secs;
            if is_full || (is_alike && !is_in_ruby) {
                last.text.push_str(text);
                return;
            }
        }
        let style = if is_full { Style::default() } else { style.clone() };
        line.spans.push(Span { text: text.into(), style, from_secs: self.from_secs });
        self.span_count += 1;
    }

    /// What stands between `<` and `>`.
    fn tag(&mut self, tag: &'a str) {
        if let Some(name) = tag.strip_prefix('/') {
            self.end_tag(name);
        } else if tag.starts_with(|char: char| char.is_ascii_digit()) {
            self.from_secs = timestamp(tag).or(self.from_secs);
        } else {
            self.start_tag(tag);
        }
    }

    fn start_tag(&mut self, tag: &'a str) {
        let (head, annotation) = tag.split_once([' ', '\t', '\n', '\x0c']).unwrap_or((tag, ""));
        let mut names = head.split('.');
        let name = names.next().unwrap_or("");
        let is_known = match name {
            "b" | "i" | "u" | "c" | "v" | "lang" | "ruby" => true,
            "rt" => self.current() == "ruby",
            _ => false,
        };
        if !is_known || self.open.len() > MAX_DEPTH {
            return;
        }
        let mut style = self.open.last().map(|open| open.style.clone()).unwrap_or_default();
        let classes: Vec<String> = names
            .filter(|class| (1..=MAX_CLASS_BYTES).contains(&class.len()))
            .take(MAX_CLASSES)
            .map(String::from)
            .collect();
        let annotation = annotation_of(annotation);
        match name {
            "b" => style.is_bold = true,
            "i" => style.is_italic = true,
            "u" => style.is_underlined = true,
            "v" => style.voice = Some(annotation.clone()),
            "lang" => style.language = Some(annotation.clone()),
            _ => {}
        }
        classes.iter().for_each(|class| default_color(class, &mut style));
        let language = style.language.clone().unwrap_or_default();
        let element = Element {
            name,
            classes: &classes,
            annotation: &annotation,
            language: &language,
            cue_id: self.cue_id,
        };
        self.stylesheet.apply(&element, &mut style);
        for class in classes {
            if style.classes.len() < MAX_CLASSES && !style.classes.contains(&class) {
                style.classes.push(class);
            }
        }
        let ruby_base = self.end();
        self.open.push(Open { name, style, ruby_base });
    }

    fn end_tag(&mut self, name: &str) {
        let current = self.current();
        if current == "rt" && (name == "rt" || name == "ruby") {
            self.end_ruby_text();
            self.open.pop();
        }
        if name != "rt" && !name.is_empty() && self.current() == name {
            self.open.pop();
        }
    }

    /// Where the next span will be.
    fn end(&self) -> (usize, usize) {
        let spans = self.lines.last().map_or(0, |line| line.spans.len());
        (self.lines.len().saturating_sub(1), spans)
    }

    /// Puts what stood in `<rt>` above the text before it.
    fn end_ruby_text(&mut self) {
        let text = core::mem::take(&mut self.ruby_text).replace('\n', " ");
        let end = self.end();
        let ruby = self.open.iter_mut().rev().find(|open| open.name == "ruby");
        let Some((line, span)) = ruby.map(|ruby| core::mem::replace(&mut ruby.ruby_base, end))
        else {
            return;
        };
        let spans = self.lines.get_mut(line).and_then(|line| line.spans.get_mut(span..));
        match spans.and_then(|spans| spans.first_mut()) {
            Some(base) if !text.is_empty() => base.style.ruby = Some(text),
            Some(_) => {}
            None => self.span(&text),
        }
    }
}

/// Without space around it, and with one space within.
fn annotation_of(text: &str) -> String {
    let mut annotation = String::new();
    for word in decode(text).split_ascii_whitespace() {
        if annotation.len() + word.len() + 1 > MAX_ANNOTATION_BYTES {
            break;
        }
        if !annotation.is_empty() {
            annotation.push(' ');
        }
        annotation.push_str(word);
    }
    annotation
}

/// `<c.yellow>` and `<c.bg_blue>` (W3C WebVTT 5).
fn default_color(class: &str, style: &mut Style) {
    let (name, is_background) = match class.strip_prefix("bg_") {
        Some(name) => (name, true),
        None => (class, false),
    };
    let names = ["white", "lime", "cyan", "red", "yellow", "magenta", "blue", "black"];
    if names.contains(&name) {
        let color = if is_background { &mut style.background } else { &mut style.color };
        *color = color::named(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cue::Color;

    /// One letter for each style, and the text in brackets.
    fn shown(text: &str) -> String {
        let lines = lines(text, "", &Stylesheet::default());
        let line = |line: &Line| line.spans.iter().map(span).collect::<String>();
        lines.iter().map(line).collect::<Vec<_>>().join("|")
    }

    fn span(span: &Span) -> String {
        let style = &span.style;
        let mut shown = String::new();
        let flags = [(style.is_bold, 'b'), (style.is_italic, 'i'), (style.is_underlined, 'u')];
        shown.extend(flags.iter().filter(|(is_on, _)| *is_on).map(|(_, letter)| letter));
        let classes = style.classes.iter().map(|class| format!(".{class}"));
        shown.extend(classes);
        shown.extend(style.voice.iter().map(|voice| format!("v={voice};")));
        shown.extend(style.language.iter().map(|language| format!("l={language};")));
        shown.extend(style.ruby.iter().map(|ruby| format!("rt={ruby};")));
        shown.extend(span.from_secs.map(|secs| format!("@{secs};")));
        format!("{shown}[{}]", span.text)
    }

    #[test]
    fn tags_become_styles() {
        for (text, expected) in [
            ("plain", "[plain]"),
            ("two\nlines", "[two]|[lines]"),
            ("a <b>b <i>bi</i></b> c", "[a ]b[b ]bi[bi][ c]"),
            ("<u>u</u>", "u[u]"),
            ("<c.loud.red>x</c>", ".loud.red[x]"),
            ("<c.a>x<c.b>y</c></c>", ".a[x].a.b[y]"),
            ("<v Ann  Lee >Hi</v> all", "v=Ann Lee;[Hi][ all]"),
            ("<v.loud Ann &amp; Bob>Hi", ".loudv=Ann & Bob;[Hi]"),
            ("<lang de-AT>Servus</lang>", "l=de-AT;[Servus]"),
            ("<ruby>漢<rt>かん</rt>字<rt>じ</rt></ruby>!", "rt=かん;[漢]rt=じ;[字][!]"),
            ("x <ruby>漢字<rt>かんじ</ruby>!", "[x ]rt=かんじ;[漢字][!]"),
            ("<00:01.000>one <00:00:02.500>two", "@1;[one ]@2.5;[two]"),
            ("1 &lt; 2 &amp;lt;", "[1 < 2 &lt;]"),
            ("<b>a\nb</b>", "b[a]|b[b]"),
            ("", ""),
            ("<b></b>", ""),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn damaged_tags_cost_no_text() {
        for (text, expected) in [
            ("a <x>b</x> c", "[a b c]"),
            ("a </b> c", "[a  c]"),
            ("<b>a <i>b</b> c</i> d", "b[a ]bi[b c]b[ d]"),
            ("<rt>a</rt>", "[a]"),
            ("<ruby><rt>a</rt></ruby>", "[a]"),
            ("<ruby>a<rt>b", "rt=b;[a]"),
            ("a<", "[a]"),
            ("a<b", "[a]"),
            ("a<b>", "[a]"),
            ("<99:99.000>a<1>b", "[ab]"),
            ("<>a</>b< >c", "[abc]"),
            ("<.x>a<b.>b", "[a]b[b]"),
            ("a > b", "[a > b]"),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn what_a_cue_holds_is_bounded() {
        let deep = lines(&"<b>".repeat(100_000), "", &Stylesheet::default());
        assert!(deep.is_empty());
        let many = format!("{}end", "<b>a</b>c".repeat(10_000));
        let many = lines(&many, "", &Stylesheet::default());
        assert_eq!(many[0].spans.len(), MAX_SPANS);
        assert!(many[0].spans[MAX_SPANS - 1].text.ends_with("acend"));
        let tall = lines(&"a\n".repeat(10_000), "", &Stylesheet::default());
        assert_eq!(tall.len(), MAX_LINES);
        let words: String = tall.iter().flat_map(|line| &line.spans).map(|it| &*it.text).collect();
        assert_eq!(words.matches('a').count(), 10_000);
        let classes = format!("<c{}>x", ".a.bc".repeat(1000));
        assert!(lines(&classes, "", &Stylesheet::default())[0].spans[0].style.classes.len() <= 8);
        let voice = format!("<v {}>x", "ab ".repeat(1000));
        let spans = &lines(&voice, "", &Stylesheet::default())[0].spans;
        assert!(spans[0].style.voice.as_ref().is_some_and(|voice| voice.len() <= 200));
    }

    #[test]
    fn colours_by_class_and_by_stylesheet() {
        let color = |red, green, blue| Some(Color { red, green, blue, alpha: 255 });
        let mut sheet = Stylesheet::default();
        sheet.add("::cue { color: white } ::cue(.red) { color: lime } ::cue(b) { font-size: 2em }");
        let lines = lines("a<c.red.bg_blue>b<b>c</b></c><c.yellow>d", "", &sheet);
        let styles: Vec<_> = lines[0].spans.iter().map(|span| &span.style).collect();
        assert_eq!(styles[0].color, color(255, 255, 255));
        assert_eq!((styles[1].color, styles[1].background), (color(0, 255, 0), color(0, 0, 255)));
        assert_eq!((styles[2].color, styles[2].size_ratio), (color(0, 255, 0), Some(2.0)));
        assert_eq!(styles[3].color, color(255, 255, 0));
    }
}
