//! WebDriver's HTTP: JSON there, JSON back, errors as errors.

use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::time::Duration;

/// No command may take longer; the scripts' own limit is shorter.
const LIMIT: Duration = Duration::from_secs(180);
/// A farewell may take this long.
const LEAVE_LIMIT: Duration = Duration::from_secs(15);

/// A connection to a driver.
pub(super) struct Wire {
    agent: ureq::Agent,
    port: u16,
    session: Option<String>,
}

impl Wire {
    pub(super) fn new(port: u16) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(LIMIT))
            .proxy(None);
        Self { agent: config.build().into(), port, session: None }
    }

    /// Commands from now on are this session's.
    pub(super) fn enter_session(&mut self, id: &str) {
        self.session = Some(id.to_owned());
    }

    pub(super) fn post(&self, path: &str, body: &Value) -> Result<Value> {
        // As a slice, so that it has a Content-Length: chromedriver drops chunked bodies.
        let body = body.to_string();
        let request = self.agent.post(self.url(path)).header("Content-Type", "application/json");
        answer(path, request.send(body.as_bytes()))
    }

    pub(super) fn get(&self, path: &str) -> Result<Value> {
        answer(path, self.agent.get(self.url(path)).call())
    }

    pub(super) fn delete(&self, path: &str) -> Result<Value> {
        answer(path, self.agent.delete(self.url(path)).call())
    }

    /// Ends the session, if there is one.
    pub(super) fn leave_session(&mut self) -> Result<()> {
        if self.session.is_none() {
            return Ok(());
        }
        let request = self.agent.delete(self.url(""));
        self.session = None;
        let request = request.config().timeout_global(Some(LEAVE_LIMIT)).build();
        answer("leaving", request.call()).map(drop)
    }

    fn url(&self, path: &str) -> String {
        match &self.session {
            Some(session) => format!("http://127.0.0.1:{}/session/{session}{path}", self.port),
            None => format!("http://127.0.0.1:{}{path}", self.port),
        }
    }
}

type Response = Result<ureq::http::Response<ureq::Body>, ureq::Error>;

fn answer(path: &str, response: Response) -> Result<Value> {
    let mut response = response.with_context(|| format!("WebDriver {path}"))?;
    let text = response.body_mut().with_config().limit(256 * 1024 * 1024).read_to_string()?;
    let mut json: Value = serde_json::from_str(&text)
        .with_context(|| format!("WebDriver {path} answered {text:.200}"))?;
    let value = json["value"].take();
    if response.status().as_u16() != 200 {
        let part = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
        bail!("WebDriver {path}: {}: {}", part("error"), part("message"));
    }
    Ok(value)
}
