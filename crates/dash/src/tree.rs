//! A manifest as a tree of elements (XML 1.0), which inheritance between them asks for.
//!
//! In: text. Out: nodes that borrow from it. It refuses more than [`MAX_ELEMENTS`], and whatever the
//! reader below refuses.

use std::borrow::Cow;

use videosphere_xml::{Element, Reader, Token};

use crate::Error;

/// Eleven days of two-second segments, each an element. (About 80 bytes each.)
pub const MAX_ELEMENTS: usize = 500_000;

/// An element with what is in it.
#[derive(Debug, Clone)]
pub(crate) struct Node<'a> {
    pub element: Element<'a>,
    /// The last stretch of text in it.
    pub text: &'a str,
    pub children: Vec<Node<'a>>,
}

impl<'a> Node<'a> {
    /// The tree of a document.
    pub(crate) fn read(text: &'a str) -> Result<Self, Error> {
        let mut reader = Reader::new(text.strip_prefix('\u{feff}').unwrap_or(text));
        let mut open: Vec<Self> = Vec::new();
        let mut count = 0;
        while let Some(token) = reader.next()? {
            match token {
                Token::Start(element) => {
                    count += 1;
                    if count > MAX_ELEMENTS {
                        return Err(Error::TooManyElements);
                    }
                    open.push(Self { element, text: "", children: Vec::new() });
                }
                Token::Text(text) | Token::CData(text) => {
                    if let Some(node) = open.last_mut().filter(|_| !text.trim_ascii().is_empty()) {
                        node.text = text.trim_ascii();
                    }
                }
                Token::End => {
                    let Some(node) = open.pop() else { break };
                    match open.last_mut() {
                        Some(parent) => parent.children.push(node),
                        None => return Ok(node),
                    }
                }
            }
        }
        Err(Error::NotAnMpd)
    }

    pub(crate) fn is(&self, name: &str) -> bool {
        self.element.name == name
    }

    pub(crate) fn all<'n>(&'n self, name: &'n str) -> impl Iterator<Item = &'n Self> {
        self.children.iter().filter(move |child| child.is(name))
    }

    pub(crate) fn first(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.is(name))
    }

    /// An attribute, its references decoded.
    pub(crate) fn get(&self, name: &str) -> Option<Cow<'a, str>> {
        self.element.attribute(name).map(decode)
    }

    /// The same, owned.
    pub(crate) fn owned(&self, name: &str) -> Option<String> {
        self.get(name).map(Cow::into_owned)
    }
}

/// Text without character references (XML 1.0, 4.1 and 4.6).
pub(crate) fn decode(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((plain, after)) = rest.split_once('&') {
        decoded.push_str(plain);
        let known = after.split_once(';').and_then(|(name, tail)| Some((character(name)?, tail)));
        let (char, tail) = known.unwrap_or(('&', after));
        decoded.push(char);
        rest = tail;
    }
    decoded.push_str(rest);
    Cow::Owned(decoded)
}

fn character(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?).filter(|char| *char != '\0')
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_decoded_once() {
        assert_eq!(decode("a&amp;lt;b&#x41;&#66;&quot;&nope;&"), "a&lt;bAB\"&nope;&");
    }

    #[test]
    fn a_tree_has_an_end() {
        let text = format!("<MPD>{}</MPD>", "<S/>".repeat(MAX_ELEMENTS));
        assert_eq!(Node::read(&text).map(|_| ()), Err(Error::TooManyElements));
        assert_eq!(Node::read("").map(|_| ()), Err(Error::NotAnMpd));
    }
}
