//! What STYLE blocks say (W3C WebVTT 8.2), applied while a cue's text is read.
//!
//! In: CSS. Out: the style of an element of a cue. Selectors are `::cue` and `::cue(…)` with one compound
//! selector or a list of them: an element (`b i u c v lang ruby rt *`), `.class`, `#id` of the cue,
//! `[voice="…"]`, `[lang="…"]`, `:lang(…)`. Properties are `color`, `background-color`, `background` (its
//! colour), `font-style`, `font-weight`, `text-decoration` (underline), and `font-size` in `%` and `em`.
//! Everything else is passed over, at-rules, `:past`, `::cue-region` and combinators included: a style that
//! is not known costs nobody the text.

use crate::cue::{Color, Style};
use crate::number::leading_decimal;
use crate::text::color::{self, Opaque};

const MAX_RULES: usize = 200;

/// Rules, the ones that count less first.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stylesheet {
    rules: Vec<(Selector, Declarations)>,
}

/// An element of a cue's text, as selectors see it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Element<'a> {
    /// Empty for the cue itself.
    pub name: &'a str,
    pub classes: &'a [String],
    pub annotation: &'a str,
    /// Its own, or the one around it.
    pub language: &'a str,
    pub cue_id: &'a str,
}

impl Stylesheet {
    /// Adds a STYLE block.
    pub(super) fn add(&mut self, css: &str) {
        let css = without_comments(css);
        let mut rest = css.as_str();
        while let Some((prelude, after)) = rest.split_once('{') {
            let (body, after) = after.split_once('}').unwrap_or((after, ""));
            rest = after;
            // Statements such as @import end before the selector.
            let prelude = prelude.rsplit(';').next().unwrap_or(prelude);
            let declarations = Declarations::parse(body);
            for selector in selectors(prelude) {
                if self.rules.len() < MAX_RULES {
                    let weight = selector.specificity();
                    let is_before = |(other, _): &(Selector, _)| other.specificity() <= weight;
                    let at = self.rules.partition_point(is_before);
                    self.rules.insert(at, (selector, declarations));
                }
            }
        }
    }

    /// Changes an element's style, which holds what it inherits.
    pub(super) fn apply(&self, element: &Element<'_>, style: &mut Style) {
        let inherited_ratio = style.size_ratio;
        for (selector, declarations) in &self.rules {
            if selector.matches(element) {
                declarations.apply(inherited_ratio, style);
            }
        }
    }
}

fn without_comments(css: &str) -> String {
    let mut plain = String::new();
    let mut rest = css;
    while let Some((before, after)) = rest.split_once("/*") {
        plain.push_str(before);
        plain.push(' ');
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    plain.push_str(rest);
    plain
}

#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Declarations {
    color: Option<Color>,
    background: Option<Color>,
    is_bold: Option<bool>,
    is_italic: Option<bool>,
    is_underlined: Option<bool>,
    size_ratio: Option<f32>,
}

impl Declarations {
    fn parse(body: &str) -> Self {
        let mut this = Self::default();
        for (name, value) in body.split(';').filter_map(|line| line.split_once(':')) {
            let value = value.trim_ascii();
            let value = value.strip_suffix("!important").unwrap_or(value).trim_ascii_end();
            let is = |word: &str| value.eq_ignore_ascii_case(word);
            match name.trim_ascii().to_ascii_lowercase().as_str() {
                "color" => this.color = color::parse(value, Opaque::One).or(this.color),
                "background-color" | "background" => {
                    this.background = color::parse(value, Opaque::One).or(this.background);
                }
                "font-style" => this.is_italic = Some(is("italic") || is("oblique")),
                "font-weight" => {
                    let is_heavy =
                        leading_decimal(value).is_some_and(|(weight, _)| weight >= 600.0);
                    this.is_bold = Some(is_heavy || is("bold") || is("bolder"));
                }
                "text-decoration" | "text-decoration-line" => {
                    this.is_underlined = Some(value.split(' ').any(|word| word == "underline"));
                }
                "font-size" => this.size_ratio = ratio(value).or(this.size_ratio),
                _ => {}
            }
        }
        this
    }

    fn apply(&self, inherited_ratio: Option<f32>, style: &mut Style) {
        style.color = self.color.or(style.color);
        style.background = self.background.or(style.background);
        style.is_bold = self.is_bold.unwrap_or(style.is_bold);
        style.is_italic = self.is_italic.unwrap_or(style.is_italic);
        style.is_underlined = self.is_underlined.unwrap_or(style.is_underlined);
        if let Some(ratio) = self.size_ratio {
            let ratio = ratio * inherited_ratio.unwrap_or(1.0);
            style.size_ratio = Some(ratio.clamp(0.1, 10.0));
        }
    }
}

fn ratio(value: &str) -> Option<f32> {
    match leading_decimal(value)? {
        (percent, "%") => Some((percent / 100.0) as f32),
        (ratio, "em") => Some(ratio as f32),
        _ => None,
    }
}

/// One compound selector.
#[derive(Debug, Clone, Default, PartialEq)]
struct Selector {
    /// The cue itself is meant (`::cue`).
    is_of_cue: bool,
    element: String,
    classes: Vec<String>,
    id: String,
    voice: Option<String>,
    lang: Option<String>,
    /// `:lang()`.
    language: Option<String>,
}

/// All selectors of a rule that are known here.
fn selectors(prelude: &str) -> Vec<Selector> {
    let mut found = Vec::new();
    for part in prelude.split("::cue").skip(1) {
        let part = part.trim_ascii();
        if let Some(inside) = part.strip_prefix('(') {
            let end = inside.rfind(')').unwrap_or(inside.len());
            let list = inside.get(..end).unwrap_or("").split(',');
            found.extend(list.filter_map(|one| Selector::parse(one.trim_ascii())));
        } else if part.is_empty() || part.starts_with(',') {
            found.push(Selector { is_of_cue: true, ..Selector::default() });
        }
    }
    found
}

impl Selector {
    fn parse(text: &str) -> Option<Self> {
        let mut this = Self::default();
        let (element, mut rest) = identifier(text);
        this.element = element;
        if let Some(after) = text.strip_prefix('*') {
            rest = after;
        }
        let is_known = matches!(
            this.element.as_str(),
            "" | "b" | "i" | "u" | "c" | "v" | "lang" | "ruby" | "rt"
        );
        while let Some(kind) = rest.chars().next() {
            let after = rest.get(kind.len_utf8()..)?;
            rest = match kind {
                '.' => {
                    let (class, after) = identifier(after);
                    this.classes.push(class);
                    after
                }
                '#' => {
                    let (id, after) = identifier(after);
                    this.id = id;
                    after
                }
                '[' => {
                    let (inside, after) = after.split_once(']')?;
                    let (name, value) = inside.split_once('=')?;
                    let value = value.trim_ascii().trim_matches(['"', '\'']);
                    match name.trim_ascii() {
                        "voice" => this.voice = Some(value.into()),
                        "lang" => this.lang = Some(value.into()),
                        _ => return None,
                    }
                    after
                }
                ':' => {
                    let (value, after) = after.strip_prefix("lang(")?.split_once(')')?;
                    this.language = Some(value.trim_ascii().trim_matches(['"', '\'']).into());
                    after
                }
                _ => return None,
            };
        }
        (is_known && !text.is_empty()).then_some(this)
    }

    fn specificity(&self) -> usize {
        let is_some = |value: &Option<String>| usize::from(value.is_some());
        let attributes = is_some(&self.voice) + is_some(&self.lang) + is_some(&self.language);
        let ids = usize::from(!self.id.is_empty());
        ids * 10_000
            + (self.classes.len() + attributes) * 10
            + usize::from(!self.element.is_empty())
    }

    fn matches(&self, element: &Element<'_>) -> bool {
        let is_cue = element.name.is_empty();
        if self.is_of_cue {
            return is_cue;
        }
        // `#id` alone means the cue; with more, elements of it.
        let is_only_id = *self == Self { id: self.id.clone(), ..Self::default() };
        let is_wanted = |name: &str, wanted: &Option<String>| match wanted {
            Some(wanted) => element.name == name && element.annotation == wanted,
            None => true,
        };
        is_cue == (is_only_id && !self.id.is_empty())
            && (self.id.is_empty() || self.id == element.cue_id)
            && (self.element.is_empty() || self.element == element.name)
            && self.classes.iter().all(|class| element.classes.contains(class))
            && is_wanted("v", &self.voice)
            && is_wanted("lang", &self.lang)
            && self.language.as_ref().is_none_or(|range| is_within(element.language, range))
    }
}

/// Whether a language tag is within a range, as `de-AT` is within `de`.
fn is_within(tag: &str, range: &str) -> bool {
    let head = tag.get(..range.len());
    let rest = tag.get(range.len()..).unwrap_or("");
    !range.is_empty()
        && head.is_some_and(|head| head.eq_ignore_ascii_case(range))
        && (rest.is_empty() || rest.starts_with('-'))
}

/// The identifier at the beginning, escapes resolved, and what follows it (CSS Syntax 3, 4.3.11).
fn identifier(text: &str) -> (String, &str) {
    let mut name = String::new();
    let mut rest = text;
    while let Some(char) = rest.chars().next() {
        let after = rest.get(char.len_utf8()..).unwrap_or("");
        rest = match char {
            '\\' => {
                let (escaped, after) = escape(after);
                name.push(escaped);
                after
            }
            '-' | '_' | '0'..='9' | 'a'..='z' | 'A'..='Z' | '\u{80}'.. => {
                name.push(char);
                after
            }
            _ => break,
        };
    }
    (name, rest)
}

fn escape(text: &str) -> (char, &str) {
    let len = text.bytes().take(6).take_while(u8::is_ascii_hexdigit).count();
    let (digits, rest) = text.split_at(len);
    if let Ok(code) = u32::from_str_radix(digits, 16) {
        let char = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
        return (char, rest.strip_prefix(' ').unwrap_or(rest));
    }
    let mut chars = text.chars();
    (chars.next().unwrap_or(char::REPLACEMENT_CHARACTER), chars.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    const RED: Option<Color> = Some(Color { red: 255, green: 0, blue: 0, alpha: 255 });
    const PLAIN: Element<'_> =
        Element { name: "", classes: &[], annotation: "", language: "", cue_id: "" };

    fn styled(css: &str, element: &Element<'_>) -> Style {
        let mut sheet = Stylesheet::default();
        sheet.add(css);
        let mut style = Style::default();
        sheet.apply(element, &mut style);
        style
    }

    #[test]
    fn every_property() {
        let css = "::cue { color: red; background: rgba(0,0,0,0.5); font-style:italic; \
            font-weight: 700 !important; text-decoration: underline; font-size: 150%; margin: 0 }";
        let style = styled(css, &PLAIN);
        assert_eq!(style.color, RED);
        assert_eq!(style.background, Some(Color { red: 0, green: 0, blue: 0, alpha: 128 }));
        assert!(style.is_italic && style.is_bold && style.is_underlined);
        assert_eq!(style.size_ratio, Some(1.5));
    }

    #[test]
    fn every_selector() {
        let loud = [String::from("loud")];
        let b = Element { name: "b", classes: &loud, cue_id: "1 a", ..PLAIN };
        for selector in ["b", "*", ".loud", "b.loud", "i, b", "#\\31\\20 a b", "#\\31\\20 a.loud"] {
            let css = format!("::cue({selector}) {{ color: red }}");
            // An identifier takes letters in, so `#id b` is an identifier of its own.
            let expected = if selector.ends_with(" a b") { None } else { RED };
            assert_eq!(styled(&css, &b).color, expected, "{selector}");
        }
        let voice = Element { name: "v", annotation: "Ann Lee", language: "de-AT", ..PLAIN };
        for selector in ["v[voice=\"Ann Lee\"]", "[voice='Ann Lee']", ":lang(de)", "v:lang(de-at)"]
        {
            let css = format!("video::cue({selector}) {{ color: red }}");
            assert_eq!(styled(&css, &voice).color, RED, "{selector}");
        }
        let lang = Element { name: "lang", annotation: "de", ..PLAIN };
        assert_eq!(styled("::cue([lang=de]){color:red}", &lang).color, RED);
        let cue = Element { cue_id: "7", ..PLAIN };
        assert_eq!(styled("::cue(#\\37 ){color:red}", &cue).color, RED);
        assert_eq!(styled("::cue(#\\37 ){color:red}", &b).color, None);
    }

    #[test]
    fn the_more_special_rule_counts() {
        let loud = [String::from("loud")];
        let b = Element { name: "b", classes: &loud, ..PLAIN };
        let css = "::cue(.loud) { color: red } ::cue(b) { color: blue; font-weight: bold }";
        let style = styled(css, &b);
        assert_eq!((style.color, style.is_bold), (RED, true));
    }

    #[test]
    fn what_is_not_known_is_passed_over() {
        let i = Element { name: "i", language: "den", ..PLAIN };
        for css in [
            "::cue(b i) { color: red }",
            "::cue(b > i) { color: red }",
            "::cue(:past) { color: red }",
            "::cue(:lang(de)) { color: red }",
            "::cue-region { color: red }",
            "::cue() { color: red }",
            "::cue(x) { color: red }",
            "i { color: red }",
            "::cue(i) { color: hsl(0 0 0) }",
            "::cue(i) /* { color: red }",
            "}{}{::cue(",
            "::cue(i[",
            "::cue(i) { colör: red; : ; color }",
            "",
        ] {
            assert_eq!(styled(css, &i), Style::default(), "{css}");
        }
        let imported = "@import url(x.css); ::cue(i) { color: red";
        assert_eq!(styled(imported, &i).color, RED);
        assert_eq!(styled("/* { */ ::cue(i) /* } */ { color: red }", &i).color, RED);
    }
}
