//! What an answer carries, and how a good or a bad network sends it.

use super::faults::Fault;
use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use std::io::{Error, ErrorKind};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::sync::mpsc;

/// A file is read and sent in pieces of this size.
const PIECE: usize = 64 * 1024;
/// Throttled bodies get so many pieces a second.
const THROTTLE_STEPS: u64 = 20;

/// What an answer carries: bytes in hand, or pieces as they are read or made.
pub(super) enum Answer {
    Whole(Option<Bytes>),
    Pieces { pieces: mpsc::Receiver<Result<Bytes, Error>>, left: Option<u64> },
}

impl Body for Answer {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        match &mut *self {
            Answer::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Answer::Pieces { pieces, left } => pieces.poll_recv(context).map(|piece| {
                if let (Some(left), Some(Ok(piece))) = (left, &piece) {
                    *left = left.saturating_sub(piece.len() as u64);
                }
                piece.map(|piece| piece.map(Frame::data))
            }),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Answer::Whole(bytes) => {
                SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
            }
            Answer::Pieces { left: Some(left), .. } => SizeHint::with_exact(*left),
            Answer::Pieces { left: None, .. } => SizeHint::default(),
        }
    }
}

/// Where pieces come from.
pub(super) enum Source {
    /// A file, from its position on, so many bytes.
    File(tokio::fs::File, u64),
    /// In hand.
    Bytes(Bytes),
    /// As they are made; the first is what is left of the last one.
    Growing(Bytes, mpsc::Receiver<Result<Bytes, Error>>),
}

impl Source {
    /// The next piece, of at most so many bytes; nothing at the end.
    async fn next(&mut self, most: usize) -> Option<Result<Bytes, Error>> {
        match self {
            Source::File(_, 0) => None,
            Source::File(file, left) => {
                let mut buffer = vec![0; (*left).min(most as u64) as usize];
                *left -= buffer.len() as u64;
                Some(file.read_exact(&mut buffer).await.map(|_| buffer.into()))
            }
            Source::Bytes(bytes) if bytes.is_empty() => None,
            Source::Bytes(bytes) => Some(Ok(bytes.split_to(most.min(bytes.len())))),
            Source::Growing(rest, pieces) => {
                while rest.is_empty() {
                    match pieces.recv().await? {
                        Ok(piece) => *rest = piece,
                        Err(error) => return Some(Err(error)),
                    }
                }
                Some(Ok(rest.split_to(most.min(rest.len()))))
            }
        }
    }
}

/// Sends all of it, as a good or a bad network would. Ends when the page goes away.
pub(super) async fn send(
    mut source: Source,
    fault: Option<Fault>,
    sender: mpsc::Sender<Result<Bytes, Error>>,
) {
    let mut sent = 0u64;
    let (most, pause) = match fault {
        Some(Fault::Throttle { bytes_per_second }) => {
            let piece = (bytes_per_second / THROTTLE_STEPS).clamp(1, 1024 * 1024);
            (piece, Some(Duration::from_micros(piece * 1_000_000 / bytes_per_second.max(1))))
        }
        _ => (PIECE as u64, None),
    };
    let stop_at = match fault {
        Some(Fault::Truncate { bytes } | Fault::Stall { bytes } | Fault::Shorten { bytes }) => {
            bytes
        }
        _ => u64::MAX,
    };
    let mut clock = pause.map(|pause| {
        let mut clock = tokio::time::interval(pause);
        clock.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        clock
    });
    loop {
        if sent >= stop_at {
            match fault {
                Some(Fault::Stall { .. }) => sender.closed().await,
                // What is shorter than it was ends as if that were all.
                Some(Fault::Shorten { .. }) => {}
                _ => {
                    let broken = Error::new(ErrorKind::ConnectionReset, "a fault on purpose");
                    let _ = sender.send(Err(broken)).await;
                }
            }
            return;
        }
        if let Some(clock) = &mut clock {
            clock.tick().await;
        }
        let next = tokio::select! {
            next = source.next(most.min(stop_at - sent) as usize) => next,
            () = sender.closed() => return,
        };
        let Some(piece) = next else { return };
        sent += piece.as_ref().map_or(0, |piece| piece.len() as u64);
        let is_broken = piece.is_err();
        if sender.send(piece).await.is_err() || is_broken {
            return;
        }
    }
}
