//! What becomes of captions, and the queue of it.
//!
//! In: what a decoder shows and ends. Out: [`CaptionEvent`]s in that order; what grows picture by picture is one
//! event until somebody takes it.

use std::collections::VecDeque;

use crate::Cue;

/// Which of a stream's captions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Channel {
    /// CEA-608, 1 to 4: `CC1` and so on of INSTREAM-ID (RFC 8216bis 4.4.6.1).
    Cc(u8),
    /// CEA-708, 1 to 63: `SERVICE1` and so on.
    Service(u8),
}

/// What became of the caption data.
#[derive(Debug, Clone, PartialEq)]
pub enum CaptionEvent {
    /// The stream has such captions; said once.
    Found(Channel),
    /// A cue is on screen from its start on; said again, with the same number and start, as its text changes.
    /// Its end is open.
    Shown {
        /// Of these captions.
        channel: Channel,
        /// Tells it from every other cue of this `Captions`.
        number: u32,
        /// All of it, `end_secs` being `None`.
        cue: Cue,
    },
    /// It is no longer on screen.
    Ended {
        /// Of these captions.
        channel: Channel,
        /// The cue's.
        number: u32,
        /// From then on.
        end_secs: f64,
    },
}

/// Events on their way out.
#[derive(Debug, Default)]
pub(super) struct Events {
    queue: VecDeque<CaptionEvent>,
    found: Vec<Channel>,
    last_number: u32,
}

impl Events {
    /// The oldest one.
    pub fn poll(&mut self) -> Option<CaptionEvent> {
        self.queue.pop_front()
    }

    pub fn find(&mut self, channel: Channel) {
        if !self.found.contains(&channel) {
            self.found.push(channel);
            self.queue.push_back(CaptionEvent::Found(channel));
        }
    }

    pub fn next_number(&mut self) -> u32 {
        self.last_number = self.last_number.wrapping_add(1);
        self.last_number
    }

    /// A cue that grows picture by picture is told as it is now.
    pub fn show(&mut self, channel: Channel, number: u32, cue: Cue) {
        if let Some(CaptionEvent::Shown { number: last, cue: shown, .. }) = self.queue.back_mut()
            && *last == number
        {
            *shown = cue;
        } else {
            self.queue.push_back(CaptionEvent::Shown { channel, number, cue });
        }
    }

    pub fn end(&mut self, channel: Channel, number: u32, end_secs: f64) {
        self.queue.push_back(CaptionEvent::Ended { channel, number, end_secs });
    }
}
