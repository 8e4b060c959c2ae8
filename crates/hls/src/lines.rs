//! The lines of a playlist (RFC 8216bis 4.1) and the attribute lists in them (4.2), borrowed from
//! the text with their line numbers.
//!
//! In: text. Out: [`Line`]s and [`Attribute`]s that point into it; nothing is copied. A BOM, CRLF,
//! blank lines and stray spaces are passed over. It refuses to know any tag's meaning.

use super::byte_search;

/// One line that is not blank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Line<'a> {
    /// `#EXT…`, split at its first colon.
    Tag {
        /// With the leading `#`.
        name: &'a str,
        /// After the colon; empty where there is none.
        value: &'a str,
    },
    /// Any other line that begins with `#`.
    Comment,
    /// Everything else.
    Uri(&'a str),
}

/// The non-blank lines of a text.
#[derive(Debug, Clone)]
pub(crate) struct Lines<'a> {
    rest: &'a str,
    line_number: u32,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { rest: text.strip_prefix('\u{feff}').unwrap_or(text), line_number: 0 }
    }

    /// 1-based number of the line last given out.
    pub(crate) fn line_number(&self) -> u32 {
        self.line_number
    }
}

impl<'a> Iterator for Lines<'a> {
    /// The line as it stood (less white space at its ends) and what it is.
    type Item = (&'a str, Line<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        while !self.rest.is_empty() {
            let (line, rest) = byte_search::split_once(self.rest, b'\n').unwrap_or((self.rest, ""));
            self.rest = rest;
            self.line_number = self.line_number.saturating_add(1);
            // A line end is LF or CRLF; spaces at the end are a common slip of hand-written lists.
            let line = line.trim_ascii();
            if !line.is_empty() {
                return Some((line, classify(line)));
            }
        }
        None
    }
}

fn classify(line: &str) -> Line<'_> {
    match line.as_bytes() {
        [b'#', b'E', b'X', b'T', ..] => {
            let (name, value) = byte_search::split_once(line, b':').unwrap_or((line, ""));
            Line::Tag { name, value }
        }
        [b'#', ..] => Line::Comment,
        _ => Line::Uri(line),
    }
}

/// One `NAME=value` of an attribute list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Attribute<'a> {
    pub(crate) name: &'a str,
    /// Without its quotes.
    pub(crate) value: &'a str,
}

/// The attributes of a list, in order. Pieces without `=` are passed over; a quote left open ends
/// at the end of the line.
#[derive(Debug, Clone)]
pub(crate) struct Attributes<'a> {
    rest: &'a str,
}

impl<'a> Attributes<'a> {
    pub(crate) fn new(list: &'a str) -> Self {
        Self { rest: list }
    }
}

impl<'a> Iterator for Attributes<'a> {
    type Item = Attribute<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let at = byte_search::find_either(self.rest.as_bytes(), b'=', b',')?;
            let (name, rest) = self.rest.split_at_checked(at)?;
            let is_separator = rest.starts_with(',');
            let rest = rest.get(1..)?;
            self.rest = rest;
            if is_separator {
                continue;
            }
            let unquoted = rest.trim_ascii_start();
            let value = if let Some(quoted) = unquoted.strip_prefix('"') {
                let (value, after) = byte_search::split_once(quoted, b'"').unwrap_or((quoted, ""));
                self.rest = byte_search::split_once(after, b',').map_or("", |(_, next)| next);
                value
            } else {
                let (value, next) = byte_search::split_once(rest, b',').unwrap_or((rest, ""));
                self.rest = next;
                value.trim_ascii()
            };
            return Some(Attribute { name: name.trim_ascii(), value });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_lines_through_bom_crlf_and_blanks() {
        let mut lines = Lines::new("\u{feff}#EXTM3U\r\n\r\n# note\n  a.ts \n#EXTINF:4,x:y");
        let mut seen = Vec::new();
        while let Some((_, line)) = lines.next() {
            seen.push((lines.line_number(), line));
        }
        assert_eq!(
            seen,
            [
                (1, Line::Tag { name: "#EXTM3U", value: "" }),
                (3, Line::Comment),
                (4, Line::Uri("a.ts")),
                (5, Line::Tag { name: "#EXTINF", value: "4,x:y" }),
            ]
        );
    }

    #[test]
    fn splits_attribute_lists() {
        let pairs = |list| -> Vec<(&str, &str)> {
            Attributes::new(list).map(|attribute| (attribute.name, attribute.value)).collect()
        };
        assert_eq!(
            pairs(r#"A=1,B="x,y=z",C=0xAB , D= "w" ,E="""#),
            [("A", "1"), ("B", "x,y=z"), ("C", "0xAB"), ("D", "w"), ("E", "")]
        );
        assert_eq!(pairs(r#"junk,,A=1,B="open,C=3"#), [("A", "1"), ("B", "open,C=3")]);
        assert_eq!(pairs(r#"A="x"junk,B=2"#), [("A", "x"), ("B", "2")]);
        assert_eq!(pairs(""), []);
        assert_eq!(pairs("=,=="), [("", ""), ("", "=")]);
    }
}
