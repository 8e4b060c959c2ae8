//! What the page wrote to its console, from where each engine lets it be read.
//!
//! Chromium's driver keeps a log. Firefox is told to copy the console to its standard output,
//! which the driver passes on. WebKitGTK under automation does neither: there the dev server puts
//! a script in front of pages and workers (`Options::control`), and other pages stay silent.

use super::Browser;
use super::wire::Wire;
use anyhow::Result;
use serde_json::{Value, json};
use std::fmt;
use std::path::PathBuf;

/// How bad a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// `console.log`, `info`, `debug`.
    Info,
    /// `console.warn`.
    Warning,
    /// `console.error`, an uncaught error, a failed load.
    Error,
}

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// How bad.
    pub level: Level,
    /// What.
    pub text: String,
}

impl fmt::Display for Message {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?}: {}", self.level, self.text)
    }
}

/// Most messages kept; a page that writes in a loop must not fill memory.
const MAX_MESSAGES: usize = 10_000;

pub(super) struct Console {
    browser: Browser,
    output: PathBuf,
    read_bytes: usize,
    messages: Vec<Message>,
}

impl Console {
    pub(super) fn new(browser: Browser, output: PathBuf) -> Self {
        Self { browser, output, read_bytes: 0, messages: Vec::new() }
    }

    pub(super) fn messages(&self) -> &[Message] {
        &self.messages
    }

    pub(super) fn clear(&mut self) {
        self.messages.clear();
    }

    /// Takes in what is new.
    pub(super) fn read(&mut self, wire: &Wire) -> Result<()> {
        match self.browser {
            Browser::Chromium => {
                let entries = wire.post("/se/log", &json!({ "type": "browser" }))?;
                self.messages.extend(entries.as_array().into_iter().flatten().map(from_chromium));
            }
            Browser::Firefox => {
                let bytes = std::fs::read(&self.output)?;
                let new = &bytes[self.read_bytes.min(bytes.len())..];
                // Only whole lines: the rest of the last one comes next time.
                let whole = new.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
                self.read_bytes += whole;
                let text = String::from_utf8_lossy(&new[..whole]);
                self.messages.extend(text.lines().filter_map(from_firefox));
            }
            Browser::WebKit => {
                let script = "return window.__console ? window.__console.splice(0) : [];";
                let entries =
                    wire.post("/execute/sync", &json!({ "script": script, "args": [] }))?;
                self.messages.extend(entries.as_array().into_iter().flatten().map(from_hook));
            }
        }
        self.messages.truncate(MAX_MESSAGES);
        Ok(())
    }
}

fn from_chromium(entry: &Value) -> Message {
    let level = match entry["level"].as_str() {
        Some("SEVERE") => Level::Error,
        Some("WARNING") => Level::Warning,
        _ => Level::Info,
    };
    Message { level, text: entry["message"].as_str().unwrap_or_default().to_owned() }
}

/// `console.error: "text"` and `JavaScript error: FILE, line N: text`.
fn from_firefox(line: &str) -> Option<Message> {
    let (level, text) = if let Some(rest) = line.strip_prefix("console.") {
        let (name, text) = rest.split_once(':')?;
        // Its own scripts write there as well.
        if text.contains("resource://") || text.trim_start().starts_with("RSLoader:") {
            return None;
        }
        let level = match name {
            "error" | "assert" | "exception" => Level::Error,
            "warn" => Level::Warning,
            _ => Level::Info,
        };
        (level, text)
    } else if let Some(text) = line.strip_prefix("JavaScript error:") {
        // The browser's own scripts err too; they are no page's.
        if text.contains("chrome://") || text.contains("resource://") || text.contains("moz-ext") {
            return None;
        }
        (Level::Error, text)
    } else if let Some(text) = line.strip_prefix("JavaScript warning:") {
        (Level::Warning, text)
    } else {
        return None;
    };
    Some(Message { level, text: text.trim().to_owned() })
}

/// `[level, text]`.
fn from_hook(entry: &Value) -> Message {
    let level = match entry[0].as_str() {
        Some("error") => Level::Error,
        Some("warn") => Level::Warning,
        _ => Level::Info,
    };
    Message { level, text: entry[1].as_str().unwrap_or_default().to_owned() }
}
