//! WebDriver's HTTP: JSON there, JSON back, errors as errors; and, apart from the others, the error that
//! there is no browser left to ask.

use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::fmt;
use std::io::ErrorKind;
use std::time::Duration;

/// No command may take longer; the scripts' own limit is shorter.
const LIMIT: Duration = Duration::from_secs(180);
/// A farewell may take this long.
const LEAVE_LIMIT: Duration = Duration::from_secs(15);

/// The browser has ended, or its driver has: no command of this session will ever be answered. Nothing a
/// page does may bring that about, and nothing that a test asserts.
#[derive(Debug)]
pub struct Gone(String);

impl fmt::Display for Gone {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "the browser has ended under the test: {}", self.0)
    }
}

impl std::error::Error for Gone {}

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
    let mut response = match response {
        Err(ureq::Error::Io(error)) if error.kind() == ErrorKind::ConnectionRefused => {
            return Err(Gone(format!("WebDriver {path}: its driver does not listen")).into());
        }
        response => response.with_context(|| format!("WebDriver {path}"))?,
    };
    let text = response.body_mut().with_config().limit(256 * 1024 * 1024).read_to_string()?;
    let mut json: Value = serde_json::from_str(&text)
        .with_context(|| format!("WebDriver {path} answered {text:.200}"))?;
    let value = json["value"].take();
    if response.status().as_u16() != 200 {
        let part = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
        let said = format!("WebDriver {path}: {}: {}", part("error"), part("message"));
        // Drivers forget a session whose browser has ended, and say that they know none (WebDriver 6.6).
        if part("error") == "invalid session id" {
            return Err(Gone(said).into());
        }
        bail!(said);
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::TcpListener;

    /// What a command says where a driver answers it like this; without an answer none listens.
    fn error_of(driver: Option<&'static str>) -> Result<anyhow::Error> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let mut wire = Wire::new(listener.local_addr()?.port());
        wire.enter_session("1");
        let Some(body) = driver else {
            drop(listener);
            return wire.get("/url").err().context("nobody answers");
        };
        let server = std::thread::spawn(move || -> Result<()> {
            let (mut stream, _) = listener.accept()?;
            let _ = stream.read(&mut [0; 4096])?;
            let head = format!("HTTP/1.1 404 Not Found\r\nContent-Length: {}\r\n\r\n", body.len());
            Ok(stream.write_all(format!("{head}{body}").as_bytes())?)
        });
        let error = wire.get("/url").err().context("404 is an error");
        server.join().expect("no panic")?;
        error
    }

    #[test]
    fn a_browser_that_has_ended_is_told_from_a_page_that_errs() -> Result<()> {
        let gone =
            r#"{"value":{"error":"invalid session id","message":"crashed","stacktrace":""}}"#;
        let error = error_of(Some(gone))?.context("waiting for something");
        assert!(error.is::<Gone>() && format!("{error:#}").contains("crashed"), "{error:#}");
        assert!(error_of(None)?.is::<Gone>(), "a driver that does not listen");
        let thrown = r#"{"value":{"error":"javascript error","message":"x is undefined"}}"#;
        let error = error_of(Some(thrown))?;
        assert!(
            !error.is::<Gone>() && format!("{error:#}").contains("x is undefined"),
            "{error:#}"
        );
        Ok(())
    }
}
