//! The body of one response: which of its bytes are the wanted ones, and whether all came (RFC 9110 for
//! ranges and content codings).
//!
//! In: a request, its response's headers, chunks. Out: the wanted part of each chunk, all of them as
//! one array, what to call an end that came early. It reads no stream and no byte.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::JsCast;
use web_sys::{Headers, Response};

use crate::engine::Request;
use crate::error::NetworkFailure;

/// What has come of a body, and what of it is wanted.
pub(super) struct Body {
    pub chunks: Array,
    pub received: u64,
    /// Wanted length where it is known: of the range, or Content-Length.
    pub expected: Option<u64>,
    /// Bytes before the wanted range, where the server ignored `Range` (answered 200).
    skip: u64,
    /// Stop after the wanted length: the server sends more than the range.
    is_cut: bool,
}

impl Body {
    /// Nothing of it has come yet.
    pub fn new(request: &Request, response: &Response, headers: &Headers) -> Self {
        // With a content coding, Content-Length counts bytes that are never seen here. (Another
        // origin does not show its coding, but a coded body is then longer than announced.)
        let announced = match header(headers, "content-encoding") {
            Some(coding) if coding != "identity" => None,
            _ => header(headers, "content-length").and_then(|text| text.trim_ascii().parse().ok()),
        };
        let whole_despite_range = request.byte_range.filter(|_| response.status() != 206);
        let (skip, expected) = match whole_despite_range {
            Some(range) => (
                range.offset,
                range.length.or(announced.map(|len: u64| len.saturating_sub(range.offset))),
            ),
            None => (0, announced),
        };
        let is_cut = whole_despite_range.is_some_and(|range| range.length.is_some());
        Self { chunks: Array::new(), received: 0, expected, skip, is_cut }
    }

    /// The wanted part of a chunk.
    pub fn take(&mut self, chunk: Uint8Array) -> Option<Uint8Array> {
        let len = u64::from(chunk.byte_length());
        let start = self.skip.min(len);
        self.skip -= start;
        let mut end = len;
        if let (true, Some(expected)) = (self.is_cut, self.expected) {
            end = end.min(start.saturating_add(expected.saturating_sub(self.received)));
        }
        if start >= end {
            return None;
        }
        self.received += end - start;
        let is_whole_chunk = start == 0 && end == len;
        // Both fit: they are at most a chunk's length, which is a u32 here.
        let part = || chunk.subarray(start as u32, end as u32);
        Some(if is_whole_chunk { chunk.clone() } else { part() })
    }

    /// Nothing more of it is wanted.
    pub fn is_whole(&self) -> bool {
        self.is_cut && self.expected.is_some_and(|expected| self.received >= expected)
    }

    /// What to call it when the stream breaks.
    pub fn failure(&self) -> NetworkFailure {
        match self.expected {
            Some(expected) if self.received < expected => {
                NetworkFailure::Truncated { received: self.received, expected }
            }
            _ => NetworkFailure::Unreachable,
        }
    }

    /// Not every browser reports a connection that closed early.
    pub fn check_whole(&self) -> Result<(), NetworkFailure> {
        match self.failure() {
            failure @ NetworkFailure::Truncated { .. } => Err(failure),
            _ => Ok(()),
        }
    }

    /// Other bytes in the place of those that came.
    pub fn replace(&mut self, bytes: &Uint8Array) {
        self.received = u64::from(bytes.byte_length());
        self.chunks = Array::of1(bytes);
    }

    /// All chunks as one array; the single chunk itself where there is but one.
    pub fn join(&self) -> Uint8Array {
        if self.chunks.length() == 1 {
            return self.chunks.get(0).unchecked_into();
        }
        // Below the engine's limit, which is far below 4 GiB.
        let joined = Uint8Array::new_with_length(self.received as u32);
        let mut offset = 0;
        for chunk in self.chunks.iter() {
            let chunk: Uint8Array = chunk.unchecked_into();
            joined.set(&chunk, offset);
            offset += chunk.byte_length();
        }
        joined
    }
}

/// A header, where it is there and may be read.
pub(super) fn header(headers: &Headers, name: &str) -> Option<String> {
    headers.get(name).ok().flatten()
}
