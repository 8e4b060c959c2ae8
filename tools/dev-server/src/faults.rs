//! A bad network on purpose: rules that tests set, by hand or by `POST /__faults`.
//!
//! A rule applies to requests whose path and query contain a text. Rules are asked in the order
//! they were added and the first that fits is used.

use serde::{Deserialize, Serialize};
use std::sync::Mutex;

/// What happens instead of the right answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "fault", deny_unknown_fields)]
pub enum Fault {
    /// This status and a short text.
    Status {
        /// Such as 404 or 503.
        status: u16,
    },
    /// 200 and an HTML page: a captive portal, a single-page app's fallback.
    Html,
    /// 200, this type and this text in place of the file.
    Replace {
        /// `Content-Type`.
        content_type: String,
        /// The whole body.
        body: String,
    },
    /// The first `bytes` of the body, then the connection breaks; `Content-Length` promised all.
    Truncate {
        /// How much arrives.
        bytes: u64,
    },
    /// The first `bytes` of the body as if the file were so short.
    Shorten {
        /// How much arrives.
        bytes: u64,
    },
    /// The answer starts late.
    Delay {
        /// How late.
        millis: u64,
    },
    /// The body arrives slowly.
    Throttle {
        /// How slowly; shared by nothing, each body has its own.
        bytes_per_second: u64,
    },
    /// The first `bytes` of the body, and then nothing more, the connection open.
    Stall {
        /// How much arrives.
        bytes: u64,
    },
    /// The connection closes without an answer.
    Reset,
    /// 302 to another URL.
    Redirect {
        /// Path or full URL; `{path}` in it is the path and query asked for.
        to: String,
    },
    /// The right answer without CORS headers.
    NoCors,
    /// The right answer without `Content-Length`, in chunks.
    Chunked,
    /// 200 and the whole file although a range was asked for.
    IgnoreRange,
}

/// A fault and when it strikes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// Part of the path and query; empty fits all.
    #[serde(rename = "match")]
    pub fits: String,
    /// Requests that fit and are let through first.
    #[serde(default)]
    pub skip: u32,
    /// How often it strikes; always, if not said.
    #[serde(default)]
    pub times: Option<u32>,
    /// What happens.
    #[serde(flatten)]
    pub fault: Fault,
}

impl Rule {
    /// Always, for what contains `fits`.
    pub fn new(fits: &str, fault: Fault) -> Self {
        Self { fits: fits.to_owned(), skip: 0, times: None, fault }
    }

    /// At most so often.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// Not the first so many.
    #[must_use]
    pub fn after(mut self, skip: u32) -> Self {
        self.skip = skip;
        self
    }
}

/// The rules in force.
#[derive(Debug, Default)]
pub struct Faults {
    rules: Mutex<Vec<Rule>>,
}

impl Faults {
    /// One more rule, asked after those that stand.
    pub fn add(&self, rule: Rule) {
        super::lock(&self.rules).push(rule);
    }

    /// A good network again.
    pub fn clear(&self) {
        super::lock(&self.rules).clear();
    }

    /// The rules, with what is left of their counts.
    pub fn rules(&self) -> Vec<Rule> {
        super::lock(&self.rules).clone()
    }

    /// The fault for a request, counted.
    pub(super) fn strike(&self, path_and_query: &str) -> Option<Fault> {
        for rule in super::lock(&self.rules).iter_mut() {
            if !path_and_query.contains(&rule.fits) || rule.times == Some(0) {
                continue;
            }
            if rule.skip > 0 {
                rule.skip -= 1;
                continue;
            }
            if let Some(left) = &mut rule.times {
                *left -= 1;
            }
            return Some(rule.fault.clone());
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_count_and_run_out() {
        let faults = Faults::default();
        faults.add(Rule::new(".ts", Fault::Html).after(1).times(2));
        let struck: Vec<bool> = (0..4).map(|_| faults.strike("/a.ts").is_some()).collect();
        assert_eq!(struck, [false, true, true, false]);
        assert_eq!(faults.strike("/a.m3u8"), None);
    }

    #[test]
    fn the_first_rule_that_fits_is_used() {
        let faults = Faults::default();
        faults.add(Rule::new("/a", Fault::Reset).times(1));
        faults.add(Rule::new("", Fault::Html));
        assert_eq!(faults.strike("/a"), Some(Fault::Reset));
        assert_eq!(faults.strike("/a"), Some(Fault::Html));
        faults.clear();
        assert_eq!(faults.strike("/a"), None);
    }

    #[test]
    fn rules_are_read_as_documented() {
        let json = r#"{"match":"seg","times":3,"fault":"throttle","bytes_per_second":1000}"#;
        let rule: Rule = serde_json::from_str(json).expect("documented form");
        let wanted = Rule::new("seg", Fault::Throttle { bytes_per_second: 1000 }).times(3);
        assert_eq!(rule, wanted);
    }
}
