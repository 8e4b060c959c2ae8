//! XML, as much of it as subtitle documents and DASH manifests are written in (XML 1.0).
//!
//! In: text. Out: start tags, end tags and text, as stretches of it; nothing is copied. Comments and
//! processing instructions are passed over, names have no prefix, references stay. It refuses document type declarations, so there are no entities to grow, more than
//! [`MAX_DEPTH`] elements within each other, and what is not well-formed where that matters: tags
//! that do not end or do not match.

#![forbid(unsafe_code)]

use core::fmt;

/// Elements within elements; a document needs ten.
pub const MAX_DEPTH: usize = 64;

/// Why a document cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Error {
    /// Not well-formed.
    Malformed {
        /// Where.
        at_byte: usize,
    },
    /// A document type declaration.
    DoctypeDeclared,
    /// More than [`MAX_DEPTH`] elements within each other.
    TooDeep,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Malformed { at_byte } => write!(f, "no well-formed XML at byte {at_byte}"),
            Self::DoctypeDeclared => f.write_str("a document type is declared: remove <!DOCTYPE>"),
            Self::TooDeep => f.write_str("elements within elements, over 64 deep"),
        }
    }
}

impl core::error::Error for Error {}

/// One piece of a document.
#[derive(Debug, Clone, PartialEq)]
pub enum Token<'a> {
    /// An element begins.
    Start(Element<'a>),
    /// The innermost element ends, also one that was written `<x/>`.
    End,
    /// Text with references.
    Text(&'a str),
    /// Text without.
    CData(&'a str),
}

/// A start tag.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Element<'a> {
    /// Without its prefix.
    pub name: &'a str,
    attributes: &'a str,
}

impl<'a> Element<'a> {
    /// Names without prefix, and values with references; declarations of prefixes are left out.
    pub fn attributes(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let mut rest = self.attributes;
        core::iter::from_fn(move || {
            let (name, value, after) = attribute(rest)?;
            rest = after;
            Some((name, value))
        })
        .filter(|(name, _)| *name != "xmlns" && !name.starts_with("xmlns:"))
        .map(|(name, value)| (local(name), value))
    }

    /// The value of an attribute.
    #[must_use]
    pub fn attribute(&self, wanted: &str) -> Option<&'a str> {
        self.attributes().find(|(name, _)| *name == wanted).map(|(_, value)| value)
    }
}

fn attribute(text: &str) -> Option<(&str, &str, &str)> {
    let (name, rest) = text.split_once('=')?;
    let rest = rest.trim_ascii_start();
    let quote = rest.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let (value, rest) = rest.get(1..)?.split_once(quote)?;
    Some((name.trim_ascii(), value, rest))
}

fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

/// A document, piece by piece.
#[derive(Debug)]
pub struct Reader<'a> {
    text: &'a str,
    at_byte: usize,
    /// Full names of what has not ended.
    open: Vec<&'a str>,
    /// The last start tag was one of an element without content.
    is_empty: bool,
}

impl<'a> Reader<'a> {
    /// At the beginning of a document.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        Self { text, at_byte: 0, open: Vec::new(), is_empty: false }
    }

    /// How many elements have begun and not ended.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.open.len()
    }

    /// The next piece; `None` at the end.
    ///
    /// # Errors
    /// [`Error`] where the document cannot be read beyond this.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> Result<Option<Token<'a>>, Error> {
        if core::mem::take(&mut self.is_empty) {
            self.open.pop();
            return Ok(Some(Token::End));
        }
        loop {
            let rest = self.text.get(self.at_byte..).unwrap_or("");
            if rest.is_empty() {
                return if self.open.is_empty() { Ok(None) } else { Err(self.malformed()) };
            }
            if !rest.starts_with('<') {
                let len = rest.find('<').unwrap_or(rest.len());
                self.at_byte += len;
                return Ok(rest.get(..len).map(Token::Text));
            }
            if rest.starts_with("<!--") {
                self.pass(rest, "-->")?;
            } else if rest.starts_with("<?") {
                self.pass(rest, "?>")?;
            } else if let Some(after) = rest.strip_prefix("<![CDATA[") {
                let len = self.pass(rest, "]]>")?;
                return Ok(after.get(..len.saturating_sub(12)).map(Token::CData));
            } else if rest.starts_with("<!") {
                return Err(Error::DoctypeDeclared);
            } else {
                return self.tag(rest).map(Some);
            }
        }
    }

    /// Passes over what ends in this, and says how long it was.
    fn pass(&mut self, rest: &str, end: &str) -> Result<usize, Error> {
        let len = rest.find(end).ok_or(self.malformed())? + end.len();
        self.at_byte += len;
        Ok(len)
    }

    fn tag(&mut self, rest: &'a str) -> Result<Token<'a>, Error> {
        let len = tag_len(rest).ok_or(self.malformed())?;
        let inside = rest.get(1..len).unwrap_or("");
        let failure = self.malformed();
        self.at_byte += len + 1;
        if let Some(name) = inside.strip_prefix('/') {
            let is_open = self.open.pop().is_some_and(|open| open == name.trim_ascii());
            return if is_open { Ok(Token::End) } else { Err(failure) };
        }
        self.is_empty = inside.ends_with('/');
        let inside = inside.strip_suffix('/').unwrap_or(inside);
        let end = inside.find(|char: char| char.is_ascii_whitespace()).unwrap_or(inside.len());
        let (name, attributes) = inside.split_at(end);
        if name.is_empty() {
            return Err(failure);
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(Error::TooDeep);
        }
        self.open.push(name);
        Ok(Token::Start(Element { name: local(name), attributes }))
    }

    fn malformed(&self) -> Error {
        Error::Malformed { at_byte: self.at_byte }
    }
}

/// Where a tag's `>` is, which may also stand in a value.
fn tag_len(tag: &str) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in tag.bytes().enumerate() {
        match (quote, byte) {
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            (None, b'>') => return Some(at),
            (None, b'<') if at > 0 => return None,
            _ => {}
        }
    }
    None
}

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, Error> {
        let mut reader = Reader::new(text);
        let mut shown = String::new();
        while let Some(token) = reader.next()? {
            match token {
                Token::Start(element) => {
                    shown += &format!("<{}", element.name);
                    for (name, value) in element.attributes() {
                        shown += &format!(" {name}={value}");
                    }
                    shown += ">";
                }
                Token::End => shown += "</>",
                Token::Text(text) => shown += text,
                Token::CData(text) => shown += &format!("[{text}]"),
            }
        }
        Ok(shown)
    }

    #[test]
    fn documents_in_pieces() {
        let text = "<?xml version='1.0'?><!-- <x> --><tt:tt xmlns='a' xmlns:tt=\"b\" tts:c = 'd>e'\n f=\"'\">\
            a<br/>&amp;<![CDATA[<b>]]><p\n>ü</p ></tt:tt>\n";
        let expected = "<tt c=d>e f='>a<br></>&amp;[<b>]<p>ü</></>\n";
        assert_eq!(read(text).as_deref(), Ok(expected));
        assert_eq!(read("").as_deref(), Ok(""));
    }

    #[test]
    fn what_is_not_well_formed() {
        for text in [
            "<a>",
            "<a></b>",
            "</a>",
            "<a",
            "<a b='>",
            "<!-- ",
            "<?xml",
            "<a><![CDATA[</a>",
            "<>",
            "< a></ a>",
            "<a <b></b></a>",
            "<a></a></a>",
        ] {
            assert!(matches!(read(text), Err(Error::Malformed { .. })), "{text}: {:?}", read(text));
        }
    }

    #[test]
    fn what_is_refused() {
        let bomb = "<!DOCTYPE a [<!ENTITY b 'cc'>]><a>&b;</a>";
        assert_eq!(read(bomb), Err(Error::DoctypeDeclared));
        assert_eq!(read(&"<a>".repeat(100_000)), Err(Error::TooDeep));
    }

    #[test]
    fn damaged_attributes_end_the_list() {
        assert_eq!(read("<a b='c' d e='f'/>").as_deref(), Ok("<a b=c d e=f></>"));
        assert_eq!(read("<a b=c d='e'/>").as_deref(), Ok("<a></>"));
        assert_eq!(read("<a b/>").as_deref(), Ok("<a></>"));
    }
}
