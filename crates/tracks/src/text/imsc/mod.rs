//! IMSC 1 documents, text profile (W3C IMSC 1.2; TTML 2), EBU-TT-D and what packagers make of WebVTT among
//! them.
//!
//! In: a document's bytes. Out: cues in the document's own time; documents in segments of HLS and fMP4 count
//! from the presentation's or the media's zero, which is the caller's to know.
//!
//! Read are `body`, `div`, `p`, `span`, `br` with `begin`, `end`, `dur`, `timeContainer`; styles by
//! reference, nested and inline: `color`, `backgroundColor`, `fontStyle`, `fontWeight`, `textDecoration`
//! (underline), `textAlign`, `fontSize`, `writingMode`, `ruby`, `display`, `visibility`; regions with
//! `origin`, `position`, `extent`, `displayAlign`; `xml:space`, `xml:lang`, `initial`. Elements and attributes
//! are known by their local names, whatever their prefix. It refuses document type declarations, and
//! leaves out images, animation (`set`), metadata, and every other style.

mod document;
mod layout;
mod lengths;
mod paragraph;
mod style;
mod time;

pub use document::{Document, parse};
