//! The other origin's word on what it has.
//!
//! In: its address. Out: its [`PeerReply`] on each rung, never older than [`FRESH`]: an origin that
//! was frozen must not answer by what it knew before. It is asked all the time, and once more
//! before an answer where the last word is too old. One that refuses the connection is gone at
//! once; one that is silent may only be busy, and counts as gone after [`PATIENCE`].

use super::agree::OriginReport;
use crate::http::Client;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// The report on each rung, by folder.
pub type OriginReports = BTreeMap<String, OriginReport>;

/// Older words do not count. Shorter than a playlist's time to live at the edge, so that a switch
/// of origins never falls between a promise and the other's hearing of it.
pub const FRESH: Duration = Duration::from_millis(600);
/// Silence that may be a busy machine's.
pub const PATIENCE: Duration = Duration::from_millis(1500);
/// Between questions.
pub const INTERVAL: Duration = Duration::from_millis(200);
/// For an answer. Origins are neighbours.
const LIMIT: Duration = Duration::from_millis(250);

/// What is known of the other origin's report on a rung.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeerReply {
    /// What it said; `None` where it does not have the rung.
    Said(Option<OriginReport>),
    /// It has not answered for a moment; what it said last.
    Silent(Option<OriginReport>),
    /// It is not there.
    Gone,
}

/// The other origin.
#[derive(Debug)]
pub struct Peer {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    client: Client,
    asked: Option<Instant>,
    heard: Option<(Instant, OriginReports)>,
    /// Whether the last question was refused, rather than left unanswered.
    is_refused: bool,
}

impl Peer {
    /// Not asked yet.
    #[must_use]
    pub fn new(address: SocketAddr) -> Self {
        let client = Client::new(address, LIMIT);
        Self { state: Mutex::new(State { client, asked: None, heard: None, is_refused: false }) }
    }

    /// Asks it.
    pub async fn ask(&self) {
        self.state.lock().await.ask().await;
    }

    /// Its report on a rung.
    pub async fn report(&self, folder: &str) -> PeerReply {
        let mut state = self.state.lock().await;
        if state.fresh().is_none() && state.asked.is_none_or(|at| at.elapsed() > FRESH) {
            state.ask().await;
        }
        if let Some(reports) = state.fresh() {
            return PeerReply::Said(reports.get(folder).copied());
        }
        match &state.heard {
            Some((at, reports)) if at.elapsed() < PATIENCE && !state.is_refused => {
                PeerReply::Silent(reports.get(folder).copied())
            }
            _ => PeerReply::Gone,
        }
    }
}

impl State {
    fn fresh(&self) -> Option<&OriginReports> {
        let (at, reports) = self.heard.as_ref()?;
        (at.elapsed() <= FRESH).then_some(reports)
    }

    async fn ask(&mut self) {
        // What it says now may be true from now on only.
        let asked = Instant::now();
        self.asked = Some(asked);
        let answer = self.client.get("/playlists.json").await;
        self.is_refused = match &answer {
            Ok(answer) => answer.status != 200,
            Err(error) => error.downcast_ref::<std::io::Error>().is_some_and(is_refusal),
        };
        let Ok(text) = answer.and_then(|answer| answer.text()) else { return };
        if let Ok(reports) = serde_json::from_str(&text) {
            self.heard = Some((asked, reports));
        }
    }
}

fn is_refusal(error: &std::io::Error) -> bool {
    error.kind() == std::io::ErrorKind::ConnectionRefused
}
