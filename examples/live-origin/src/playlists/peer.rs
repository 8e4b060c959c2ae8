//! The other origin's word on what it has.
//!
//! In: its address. Out: its [`Standing`] on each rung, never older than [`FRESH`]: an origin that
//! was frozen must not answer by what it knew before. It is asked all the time, and once more
//! before an answer where the last word is too old. It decides nothing.

use super::agree::Standing;
use crate::http::Client;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// The standing on each rung, by folder.
pub type Standings = BTreeMap<String, Standing>;

/// Older words do not count. Shorter than a playlist's time to live at the edge, so that a switch
/// of origins never falls between a promise and the other's hearing of it.
const FRESH: Duration = Duration::from_millis(600);
/// Between questions.
pub const INTERVAL: Duration = Duration::from_millis(200);
/// For an answer. Origins are neighbours.
const LIMIT: Duration = Duration::from_millis(250);

/// The other origin.
#[derive(Debug)]
pub struct Peer {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    client: Client,
    asked: Option<Instant>,
    heard: Option<(Instant, Standings)>,
}

impl Peer {
    /// Not asked yet.
    #[must_use]
    pub fn new(address: SocketAddr) -> Self {
        let client = Client::new(address, LIMIT);
        Self { state: Mutex::new(State { client, asked: None, heard: None }) }
    }

    /// Asks it.
    pub async fn ask(&self) {
        self.state.lock().await.ask().await;
    }

    /// Its standing on a rung; `None` where it does not answer or has none.
    pub async fn standing(&self, folder: &str) -> Option<Standing> {
        let mut state = self.state.lock().await;
        if state.fresh().is_none() && state.asked.is_none_or(|at| at.elapsed() > FRESH) {
            state.ask().await;
        }
        state.fresh()?.get(folder).copied()
    }
}

impl State {
    fn fresh(&self) -> Option<&Standings> {
        let (at, standings) = self.heard.as_ref()?;
        (at.elapsed() <= FRESH).then_some(standings)
    }

    async fn ask(&mut self) {
        // What it says now may be true from now on only.
        let asked = Instant::now();
        self.asked = Some(asked);
        let answer = self.client.get("/playlists.json").await;
        let Ok(text) = answer.and_then(|answer| answer.text()) else { return };
        if let Ok(standings) = serde_json::from_str(&text) {
            self.heard = Some((asked, standings));
        }
    }
}
