//! CEA-708: DTVCC packets become service blocks, and those go to their services.
//!
//! In: pairs of bytes of `cc_data` (ANSI/CTA-708-E 5 and 6). Out: calls of a [`Service`]. A packet counts once it
//! is whole; where one is missing, commands that were cut are dropped.

mod characters;
mod commands;
mod service;
#[cfg(test)]
mod tests;
mod window;

use super::display::Display;
use super::events::{Channel, Events};
use service::Service;

const MAX_PACKET_LEN: usize = 128;
const MAX_SERVICES: usize = 63;

/// The decoder of all services.
#[derive(Debug, Default)]
pub(super) struct Dtvcc {
    packet: Vec<u8>,
    is_in_packet: bool,
    last_sequence: Option<u8>,
    services: Vec<Speaker>,
}

/// One service.
#[derive(Debug)]
struct Speaker {
    channel: Channel,
    service: Box<Service>,
    display: Display,
}

impl Speaker {
    fn show(&mut self, at_secs: f64, events: &mut Events) {
        if let Some(sights) = self.service.changed_sights() {
            self.display.show(at_secs, self.channel, sights, events);
        }
    }

    /// Obeys what waited for a delay to pass; what that shows is shown from then on.
    fn wait_until(&mut self, at_secs: f64, events: &mut Events) {
        while let Some(passed_secs) = self.service.pass_delay(at_secs) {
            self.show(passed_secs, events);
        }
    }
}

impl Dtvcc {
    /// A packet begins.
    pub(super) fn begin(&mut self) {
        self.packet.clear();
        self.is_in_packet = true;
    }

    /// More of the packet.
    pub(super) fn push(&mut self, bytes: &[u8], at_secs: f64, events: &mut Events) {
        if !self.is_in_packet || self.packet.len() + bytes.len() > MAX_PACKET_LEN {
            return;
        }
        self.packet.extend_from_slice(bytes);
        let Some(head) = self.packet.first().copied() else { return };
        let len = match usize::from(head & 0x3f) {
            0 => MAX_PACKET_LEN,
            pairs => pairs * 2,
        };
        if self.packet.len() < len {
            return;
        }
        self.is_in_packet = false;
        let packet = core::mem::take(&mut self.packet);
        self.take_packet(&packet, at_secs, events);
        self.packet = packet;
    }

    /// Time has come so far.
    pub(super) fn wait_until(&mut self, at_secs: f64, events: &mut Events) {
        for speaker in &mut self.services {
            speaker.wait_until(at_secs, events);
        }
    }

    /// What is on screen after a picture.
    pub(super) fn show(&mut self, at_secs: f64, events: &mut Events) {
        for speaker in &mut self.services {
            speaker.show(at_secs, events);
        }
    }

    pub(super) fn reset(&mut self, end_secs: f64, events: &mut Events) {
        for speaker in &mut self.services {
            speaker.display.show(end_secs, speaker.channel, Vec::new(), events);
        }
        *self = Self::default();
    }

    fn take_packet(&mut self, packet: &[u8], at_secs: f64, events: &mut Events) {
        let Some((head, mut rest)) = packet.split_first() else { return };
        let sequence = head >> 6;
        let last = self.last_sequence.replace(sequence);
        if last.is_some_and(|last| (last + 1) & 3 != sequence) {
            self.services.iter_mut().for_each(|speaker| speaker.service.lose_bytes());
        }
        // Table 5: number and length, for numbers above 6 the number once more.
        while let Some((head, tail)) = rest.split_first() {
            let (mut number, len) = (head >> 5, usize::from(head & 0x1f));
            rest = tail;
            if number == 7 && len > 0 {
                let Some((extended, tail)) = rest.split_first() else { return };
                (number, rest) = (extended & 0x3f, tail);
            }
            let Some((block, tail)) = rest.split_at_checked(len) else { return };
            rest = tail;
            if number == 0 {
                return;
            }
            if len > 0 {
                self.service(number, events).push(block, at_secs);
            }
        }
    }

    fn service(&mut self, number: u8, events: &mut Events) -> &mut Service {
        let channel = Channel::Service(number.min(MAX_SERVICES as u8));
        let known = self.services.iter().position(|speaker| speaker.channel == channel);
        let index = known.unwrap_or_else(|| {
            events.find(channel);
            let (service, display) = Default::default();
            self.services.push(Speaker { channel, service, display });
            self.services.len() - 1
        });
        &mut self.services[index].service
    }
}
