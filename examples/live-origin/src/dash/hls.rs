//! The origin as its viewers see it: what it lists as HLS.
//!
//! In: its address. Out: the rungs of a stream, the segments of a rung, and what is in a segment; or
//! the origin's own word on why there is nothing, which is passed on.

use super::segment::{Pieces, Place, package};
use crate::http::{Answer, Client};
use std::fmt::Display;
use std::net::SocketAddr;
use std::time::Duration;
use videosphere::playlist::{self, Playlist, Variant};

/// For an answer of the origin beside us.
const LIMIT: Duration = Duration::from_secs(2);

/// Why there is nothing to answer with.
#[derive(Debug)]
pub(super) struct Failure {
    /// Of HTTP.
    pub status: u16,
    /// For a person.
    pub text: String,
}

impl Failure {
    pub(super) fn unknown() -> Self {
        Self { status: 404, text: "no such stream or segment\n".to_owned() }
    }

    pub(super) fn unready(why: impl Display) -> Self {
        Self { status: 503, text: format!("{why}\n") }
    }
}

/// A segment in a playlist.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Listed {
    /// Its media sequence number.
    pub number: u64,
    /// Where it is.
    pub path: String,
    /// Where it belongs.
    pub place: Place,
}

/// An origin.
#[derive(Debug)]
pub(super) struct Origin {
    client: Client,
    base: String,
}

impl Origin {
    pub(super) fn new(address: SocketAddr) -> Self {
        Self { client: Client::new(address, LIMIT), base: format!("http://{address}") }
    }

    /// The folders of a stream's rungs, from high to low, and what is said of each; never none.
    pub(super) async fn rungs(&mut self, name: &str) -> Result<Vec<(String, Variant)>, Failure> {
        let path = format!("/hls/{name}.m3u8");
        let playlist = match self.playlist(&path).await? {
            Playlist::Multivariant(playlist) if !playlist.variants.is_empty() => playlist,
            _ => return Err(Failure::unready(format!("{path} lists no variants"))),
        };
        let rungs = playlist.variants.into_iter().map(|variant| {
            let folder = self.path_of(&variant.url)?.split('/').nth(2).unwrap_or_default();
            Ok((folder.to_owned(), variant))
        });
        rungs.collect()
    }

    /// The segments of a rung; never none.
    pub(super) async fn segments(&mut self, folder: &str) -> Result<Vec<Listed>, Failure> {
        let path = format!("/hls/{folder}/index.m3u8");
        let Playlist::Media(playlist) = self.playlist(&path).await? else {
            return Err(Failure::unready(format!("{path} is no media playlist")));
        };
        let segments = playlist.segments.iter().map(|segment| self.listed(segment));
        match segments.collect::<Result<Vec<_>, _>>() {
            Ok(segments) if segments.is_empty() => {
                Err(Failure::unready(format!("{path} is empty")))
            }
            result => result,
        }
    }

    /// Gets a segment and packages it.
    pub(super) async fn package(&mut self, segment: &Listed) -> Result<Pieces, Failure> {
        let body = self.get(&segment.path).await?.body;
        package(&body, segment.place)
            .map_err(|error| Failure::unready(format!("{}: {error:#}", segment.path)))
    }

    async fn get(&mut self, path: &str) -> Result<Answer, Failure> {
        let answer = self.client.get(path).await;
        let answer = answer.map_err(|error| Failure::unready(format!("the origin: {error:#}")))?;
        match answer.status {
            200 => Ok(answer),
            status => {
                let text = String::from_utf8_lossy(&answer.body).into_owned();
                Err(Failure { status, text })
            }
        }
    }

    async fn playlist(&mut self, path: &str) -> Result<Playlist, Failure> {
        let text = self.get(path).await?.text().map_err(Failure::unready)?;
        playlist::parse(&text, &format!("{}{path}", self.base)).map_err(Failure::unready)
    }

    /// The part of a URL behind the origin.
    fn path_of<'a>(&self, url: &'a str) -> Result<&'a str, Failure> {
        let path = url.strip_prefix(&self.base);
        path.ok_or_else(|| Failure::unready(format!("{url} is not of this origin")))
    }

    fn listed(&self, segment: &playlist::Segment) -> Result<Listed, Failure> {
        let path = self.path_of(&segment.url)?.to_owned();
        let name = path.rsplit('/').next().and_then(|file| file.strip_suffix(".ts"));
        let ticks = name.and_then(|name| name.parse::<u64>().ok());
        let (Some(ticks), Some(date)) = (ticks, segment.program_date_time_millis) else {
            return Err(Failure::unready(format!("{path} has no time stamp or no date")));
        };
        let (unix_millis, duration_secs) = (date.round() as i64, segment.duration_secs);
        let place = Place { ticks, unix_millis, duration_secs };
        Ok(Listed { number: segment.media_sequence, path, place })
    }
}
