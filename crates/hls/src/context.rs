//! What every tag is read with: where relative URIs lead, which variables are defined
//! (EXT-X-DEFINE, RFC 8216bis 4.3), and how much may still be built from them.
//!
//! In: the playlist's URL, a parent's variables, EXT-X-DEFINE tags. Out: URLs and attribute texts
//! with their variables replaced, and errors that name the line. As the RFC wants it, it refuses a
//! variable that is not defined or defined twice. It refuses to grow without bound: a short playlist
//! can define long variables and use them often, or stand at a very long URL.

use std::borrow::Cow;

use super::byte_search;
use super::lines::{Attribute, Attributes};
use super::uri::Resolver;
use crate::Error;

/// The most text that resolution and substitution may make out of one playlist, in bytes. An
/// ordinary 200,000-segment playlist makes 30 MB.
pub(super) const MAX_BUILT_BYTES: usize = 64 << 20;

/// The most variables that one playlist may define.
const MAX_VARIABLES: usize = 1000;

/// Names and values of EXT-X-DEFINE.
pub type Variables = Vec<(String, String)>;

/// State of one parse.
#[derive(Debug)]
pub(super) struct Context<'a> {
    url: &'a str,
    resolver: Resolver<'a>,
    imported: &'a [(String, String)],
    /// In the order of their names.
    variables: Variables,
    built_bytes: usize,
    /// 1-based number of the line being read.
    pub(super) line: u32,
}

impl<'a> Context<'a> {
    pub(super) fn new(url: &'a str, imported: &'a [(String, String)]) -> Self {
        Self {
            url,
            resolver: Resolver::new(url),
            imported,
            variables: Vec::new(),
            built_bytes: 0,
            line: 0,
        }
    }

    /// The variables defined so far, for the playlists that may import them.
    pub(super) fn into_variables(self) -> Variables {
        self.variables
    }

    /// The error for the line being read.
    pub(super) fn error(&self, problem: impl Into<String>) -> Error {
        Error::Invalid { url: self.url.into(), line: self.line, problem: problem.into() }
    }

    /// The absolute URL that a URI of the playlist means.
    pub(super) fn resolve(&mut self, reference: &str) -> Result<String, Error> {
        let reference = self.substitute(reference)?;
        let url = self.resolver.resolve(&reference);
        self.account(url.len())?;
        Ok(url)
    }

    /// A value with its `{$name}` replaced. What is no reference by the RFC's grammar means itself.
    pub(super) fn substitute<'t>(&mut self, value: &'t str) -> Result<Cow<'t, str>, Error> {
        if byte_search::split_once(value, b'{').is_none() {
            return Ok(Cow::Borrowed(value));
        }
        let mut result = String::with_capacity(value.len());
        let mut rest = value;
        while let Some((before, after)) = split_at_reference(rest) {
            result.push_str(before);
            let is_of_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_".contains(byte);
            let len = after.bytes().take_while(is_of_name).count();
            let (name, next) = after.split_at_checked(len).unwrap_or_default();
            let Some(next) = next.strip_prefix('}').filter(|_| len > 0) else {
                result.push_str("{$");
                rest = after;
                continue;
            };
            match self.variable(name) {
                Some(text) => result.push_str(text),
                None => return Err(self.error(format!("the variable {{${name}}} is not defined"))),
            }
            // Checked as it grows, or one line could use up the memory before the sum is seen.
            if self.built_bytes + result.len() > MAX_BUILT_BYTES {
                break;
            }
            rest = next;
        }
        result.push_str(rest);
        self.account(result.len())?;
        Ok(Cow::Owned(result))
    }

    /// The attributes of a list, their variables replaced.
    pub(super) fn attributes<'t>(
        &mut self,
        list: &'t str,
    ) -> impl Iterator<Item = Result<(&'t str, Cow<'t, str>), Error>> {
        Attributes::new(list).map(|Attribute { name, value }| Ok((name, self.substitute(value)?)))
    }

    /// EXT-X-DEFINE (RFC 4.4.2.3).
    pub(super) fn define(&mut self, list: &str) -> Result<(), Error> {
        let (mut name, mut value) = (None, None);
        for attribute in Attributes::new(list) {
            match attribute.name {
                "NAME" => name = Some(attribute.value),
                "VALUE" => value = Some(attribute.value.to_owned()),
                "IMPORT" => {
                    name = Some(attribute.value);
                    let mut imported = self.imported.iter();
                    let found = imported.find(|(known, _)| known == attribute.value);
                    value = found.map(|(_, value)| value.clone());
                    if value.is_none() {
                        let missing = attribute.value;
                        return Err(self.error(format!(
                            "EXT-X-DEFINE imports {missing}, which no multivariant playlist that \
                             led here defines"
                        )));
                    }
                }
                "QUERYPARAM" => {
                    name = Some(attribute.value);
                    value = query_parameter(self.url, attribute.value);
                    if value.is_none() {
                        let missing = attribute.value;
                        return Err(self.error(format!(
                            "EXT-X-DEFINE wants the query parameter {missing}, which the \
                             playlist's URL does not have"
                        )));
                    }
                }
                _ => {}
            }
        }
        let (Some(name), Some(value)) = (name, value) else { return Ok(()) };
        self.account(name.len() + value.len())?;
        let Err(at) = self.index_of(name) else {
            return Err(self.error(format!("EXT-X-DEFINE defines {name} a second time")));
        };
        if self.variables.len() >= MAX_VARIABLES {
            return Err(self.error(format!("it defines more than {MAX_VARIABLES} variables")));
        }
        self.variables.insert(at, (name.to_owned(), value));
        Ok(())
    }

    fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(self.index_of(name).ok()?).map(|(_, value)| value.as_str())
    }

    /// Where the variable of this name stands, else where it would.
    fn index_of(&self, name: &str) -> Result<usize, usize> {
        self.variables.binary_search_by(|(known, _)| known.as_str().cmp(name))
    }

    fn account(&mut self, bytes: usize) -> Result<(), Error> {
        self.built_bytes = self.built_bytes.saturating_add(bytes);
        if self.built_bytes > MAX_BUILT_BYTES {
            return Err(self.error(format!("its URLs are longer than {MAX_BUILT_BYTES} bytes")));
        }
        Ok(())
    }
}

/// What stands before and after the first `{$`. (Searching for a text of more than one character by
/// the standard library would be another kilobyte of wasm.)
fn split_at_reference(text: &str) -> Option<(&str, &str)> {
    let at = text.as_bytes().windows(2).position(|pair| pair == b"{$")?;
    Some((text.get(..at)?, text.get(at + 2..)?))
}

/// The percent-decoded value of a parameter in a URL's query; `None` where it has none.
fn query_parameter(url: &str, name: &str) -> Option<String> {
    let (_, query) = url.split_once('?')?;
    let query = query.split_once('#').map_or(query, |(query, _)| query);
    query.split('&').find_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        (percent_decoded(key) == name).then(|| percent_decoded(value))
    })
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        let hex = |byte: &u8| char::from(*byte).to_digit(16);
        match (first, tail) {
            (b'%', [high, low, after @ ..]) => match (hex(high), hex(low)) {
                (Some(high), Some(low)) => {
                    bytes.push((high * 16 + low) as u8);
                    rest = after;
                }
                _ => bytes.push(b'%'),
            },
            _ => bytes.push(*first),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_from_all_three_places() {
        let imported = [("token".to_owned(), "t0".to_owned())];
        let mut context = Context::new("https://h/d/m.m3u8?id=a%20b&x", &imported);
        context.define(r#"NAME="dir",VALUE="v/1""#).expect("value");
        context.define(r#"IMPORT="token""#).expect("import");
        context.define(r#"QUERYPARAM="id""#).expect("query");
        assert_eq!(
            context.resolve("{$dir}/s.ts?{$token}&{$id}{$open").ok().as_deref(),
            Some("https://h/d/v/1/s.ts?t0&a b{$open")
        );
        assert!(context.define(r#"IMPORT="other""#).is_err());
        assert!(context.define(r#"QUERYPARAM="x""#).is_err());
        assert!(context.define(r#"NAME="dir",VALUE="again""#).is_err(), "defined twice");
        assert!(context.define(r#"IMPORT="token""#).is_err(), "defined twice");
    }

    #[test]
    fn an_undefined_variable_is_refused_and_other_braces_mean_themselves() {
        let mut context = Context::new("https://h/", &[]);
        assert!(context.resolve("{$x}.ts").is_err());
        for text in ["{x}.ts", "{$}.ts", "{$x y}.ts", "a{$b", "{", "{$é}"] {
            assert_eq!(context.substitute(text).ok().as_deref(), Some(text));
        }
    }

    #[test]
    fn so_many_variables_and_no_more() {
        let mut context = Context::new("https://h/", &[]);
        for number in 0..MAX_VARIABLES {
            context.define(&format!(r#"NAME="{number}",VALUE="v{number}""#)).expect("few enough");
        }
        assert_eq!(context.substitute("{$0}{$999}{$500}").ok().as_deref(), Some("v0v999v500"));
        assert!(context.define(r#"NAME="one-more",VALUE="x""#).is_err());
    }

    #[test]
    fn bounded_however_often_a_long_variable_is_used() {
        let mut context = Context::new("https://h/", &[]);
        let long = "x".repeat(1 << 20);
        context.define(&format!(r#"NAME="v",VALUE="{long}""#)).expect("one megabyte");
        assert!(context.resolve(&"{$v}".repeat(100_000)).is_err());
    }
}
