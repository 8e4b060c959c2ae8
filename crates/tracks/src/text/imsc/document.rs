//! A document, from its first element to its last.
//!
//! In: bytes. Out: cues. Times of elements count from those around them (TTML 2, 12). A document that is
//! cut or broken gives the cues before that, and says what is wrong.

use videosphere_xml::{Element, Reader, Token};

use super::layout::Head;
use super::paragraph::{Interval, Paragraph};
use super::style::{Attributes, Ruby};
use super::time::Rates;
use crate::cue::{Cue, Placement};
use crate::text::Error;
use crate::text::entities::decode;
use crate::utf16;

/// No segment of text is as large.
const MAX_DOCUMENT_BYTES: usize = 4 << 20;
/// What cues of a document may cost in memory; later ones are left out.
const MAX_HELD_BYTES: usize = 16 << 20;
const MAX_LANGUAGE_BYTES: usize = 35;
/// Every element within refers to it.
const MAX_REGION_BYTES: usize = 200;

/// What a document holds.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Document {
    /// In the document's order and time. They have no names: those of elements tell them apart within
    /// one document only, and documents of segments repeat cues.
    pub cues: Vec<Cue>,
    /// What ended it early.
    pub damage: Option<Error>,
    /// Cues that were left out: their times cannot be read, or they cost more than they may.
    pub dropped_cues: u32,
}

/// Reads a document in UTF-8, or in UTF-16 with a byte order mark.
///
/// # Errors
/// [`Error::NotTtml`] and [`Error::TooLarge`] (beyond 4 MiB); [`Error::DoctypeDeclared`],
/// [`Error::TooDeep`] and [`Error::MalformedXml`] where there are no cues before that.
pub fn parse(bytes: &[u8]) -> Result<Document, Error> {
    if bytes.len() > MAX_DOCUMENT_BYTES {
        return Err(Error::TooLarge);
    }
    let text = match bytes {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => utf16::decode_marked(bytes).into(),
        _ => String::from_utf8_lossy(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)),
    };
    let mut reader = Reader::new(&text);
    let tt = root(&mut reader)?;
    let mut walk = Walk::new(&tt);
    let failure = walk.read(&mut reader).err();
    if let Some(failure) = failure.filter(|_| walk.document.cues.is_empty()) {
        return Err(failure);
    }
    Ok(Document { damage: failure, ..walk.document })
}

fn root<'a>(reader: &mut Reader<'a>) -> Result<Element<'a>, Error> {
    loop {
        match reader.next() {
            Ok(Some(Token::Start(tt))) if tt.name == "tt" => return Ok(tt),
            Ok(Some(Token::Text(text))) if text.trim_ascii().is_empty() => {}
            Err(videosphere_xml::Error::DoctypeDeclared) => return Err(Error::DoctypeDeclared),
            _ => return Err(Error::NotTtml),
        }
    }
}

/// An element around what is read now.
#[derive(Clone, Default)]
struct Frame<'a> {
    name: &'a str,
    attributes: Attributes,
    interval: Interval,
    /// Its children follow each other, the next one from this moment on.
    next_secs: Option<f64>,
    is_preserved: bool,
    language: &'a str,
    region: &'a str,
    /// It is read only for its end.
    is_passed: bool,
}

struct Walk<'a> {
    rates: Rates,
    head: Head,
    frames: Vec<Frame<'a>>,
    paragraph: Option<Paragraph>,
    held_bytes: usize,
    document: Document,
}

impl<'a> Walk<'a> {
    fn new(tt: &Element<'a>) -> Self {
        let mut root = Frame { name: "tt", ..Frame::default() };
        root.say(tt);
        Self {
            rates: Rates::of(tt),
            head: Head::new(tt),
            frames: vec![root],
            paragraph: None,
            held_bytes: 0,
            document: Document::default(),
        }
    }

    fn read(&mut self, reader: &mut Reader<'a>) -> Result<(), Error> {
        while let Some(token) = reader.next()? {
            match token {
                Token::Start(element) => self.start(&element),
                Token::End => self.end(),
                Token::Text(text) => self.text(&decode(text)),
                Token::CData(text) => self.text(text),
            }
            if reader.depth() == 0 {
                return Ok(());
            }
        }
        Ok(())
    }

    fn start(&mut self, element: &Element<'a>) {
        let Some(outer) = self.frames.last() else { return };
        let mut frame = Frame { name: element.name, next_secs: None, ..outer.clone() };
        match (outer.name, element.name) {
            _ if outer.is_passed => {}
            ("tt", "head") | ("head", "styling" | "layout") => {}
            ("styling", "style" | "initial") | ("layout", "region") => {
                self.head.add(element, false);
            }
            ("region", "style") => self.head.add(element, true),
            ("tt", "body") | ("body" | "div", "div" | "p") | ("p" | "span", "span" | "br") => {
                self.content(element, &mut frame);
            }
            _ => frame.is_passed = true,
        }
        self.frames.push(frame);
    }

    /// An element of the body.
    fn content(&mut self, element: &Element<'a>, frame: &mut Frame<'a>) {
        frame.say(element);
        let mut own = Attributes::default();
        for (name, value) in element.attributes() {
            own.set(name, value, &self.head.grid);
        }
        let own = self.head.referred(element.attribute("style").unwrap_or(""), &own);
        frame.is_passed = own.is_hidden == Some(true);
        frame.attributes = own.within(&frame.attributes);
        let from_secs = self.frames.last().and_then(|outer| outer.next_secs);
        match interval(element, frame.interval, from_secs, &self.rates) {
            Some(interval) => frame.interval = interval,
            None => {
                frame.is_passed = true;
                self.document.dropped_cues += 1;
            }
        }
        if element.attribute("timeContainer") == Some("seq") {
            frame.next_secs = Some(frame.interval.0);
        }
        if frame.is_passed {
            return;
        }
        match (&mut self.paragraph, element.name) {
            (paragraph, "p") => *paragraph = Some(Paragraph::default()),
            (Some(paragraph), "br") => paragraph.line_break(frame.interval),
            (Some(paragraph), "span") => match own.ruby {
                Some(Ruby::Container) if !has_ruby(&self.frames) => paragraph.begin_ruby(),
                Some(Ruby::Base) => paragraph.begin_base(),
                _ => {}
            },
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        let Some(frame) = self.frames.last().filter(|frame| !frame.is_passed) else { return };
        let Some(paragraph) = &mut self.paragraph else { return };
        let ruby = self.frames.iter().rev().find_map(|frame| match frame.attributes.ruby {
            Some(Ruby::Base) => Some(Ruby::Base),
            Some(Ruby::Text) => Some(Ruby::Text),
            Some(Ruby::Delimiter) => Some(Ruby::Delimiter),
            _ => None,
        });
        match ruby {
            Some(Ruby::Text) => paragraph.ruby_text(text),
            Some(Ruby::Delimiter) => {}
            // White space between the elements of a ruby.
            None if has_ruby(&self.frames) && text.trim_ascii().is_empty() => {}
            _ => {
                let (whole, region) = (self.head.initial(), self.head.region(frame.region));
                let region = region.map(|(_, attributes)| attributes);
                let outer = region.as_ref().unwrap_or(whole);
                let style = frame.attributes.within(outer).style(frame.language);
                paragraph.text(text.into(), style, frame.is_preserved, frame.interval);
            }
        }
    }

    fn end(&mut self) {
        let Some(frame) = self.frames.pop() else { return };
        if frame.is_passed {
            return;
        }
        if let Some(next_secs) = self.frames.last_mut().and_then(|outer| outer.next_secs.as_mut()) {
            *next_secs = frame.interval.1.unwrap_or(*next_secs);
        }
        match (frame.name, &mut self.paragraph) {
            ("span", Some(paragraph)) if frame.attributes.ruby == Some(Ruby::Text) => {
                paragraph.end_ruby_text();
            }
            ("p", paragraph) => {
                if let Some(paragraph) = paragraph.take() {
                    self.add(&frame, &paragraph);
                }
            }
            _ => {}
        }
    }

    fn add(&mut self, frame: &Frame<'a>, paragraph: &Paragraph) {
        let region = self.head.region(frame.region);
        let outer = region.as_ref().map_or(self.head.initial(), |(_, attributes)| attributes);
        let attributes = frame.attributes.within(outer);
        let placement = Placement {
            writing: attributes.writing.unwrap_or_default(),
            text_align: attributes.text_align,
            region: region.map(|(region, _)| region),
            ..Placement::default()
        };
        for ((start_secs, end_secs), lines) in paragraph.stretches(frame.interval) {
            if self.held_bytes > MAX_HELD_BYTES {
                self.document.dropped_cues += 1;
                continue;
            }
            let placement = placement.clone();
            let cue = Cue { id: String::new(), start_secs, end_secs, placement, lines };
            self.held_bytes += cue.held_bytes();
            self.document.cues.push(cue);
        }
    }
}

impl<'a> Frame<'a> {
    /// Takes in what every element may say.
    fn say(&mut self, element: &Element<'a>) {
        for (name, value) in element.attributes() {
            match name {
                "lang" if value.len() <= MAX_LANGUAGE_BYTES => self.language = value,
                "space" => self.is_preserved = value == "preserve",
                "region" if value.len() <= MAX_REGION_BYTES => self.region = value,
                _ => {}
            }
        }
    }
}

fn has_ruby(frames: &[Frame<'_>]) -> bool {
    frames.iter().any(|frame| frame.attributes.ruby == Some(Ruby::Container))
}

/// When an element is shown; `None` where that cannot be read, or is never (TTML 2, 12.2).
fn interval(
    element: &Element<'_>,
    outer: Interval,
    from_secs: Option<f64>,
    rates: &Rates,
) -> Option<Interval> {
    let secs = |name| match element.attribute(name) {
        Some(text) => rates.secs(text).map(Some),
        None => Some(None),
    };
    let base = from_secs.unwrap_or(outer.0);
    let start = base + secs("begin")?.unwrap_or(0.0);
    let ends = [secs("end")?.map(|end| base + end), secs("dur")?.map(|dur| start + dur), outer.1];
    let end = ends.into_iter().flatten().reduce(f64::min);
    end.is_none_or(|end| end > start).then_some((start, end))
}
