//! Closed captions that travel with the pictures: CEA-608 (CC1 to CC4) and CEA-708 (services 1 to 63).
//!
//! In: the caption data of each picture ([`crate::sei`]), in decoding order, with its times. Out:
//! [`CaptionEvent`]s: a cue as soon as it shows, its text as it grows, its end once it is known. ANSI/CTA-608-E
//! and ANSI/CTA-708-E; XDS, text mode and what only a television has (priorities, effects) are passed over.

mod cea608;
mod cea708;
mod color;
mod display;
mod events;
mod pen;
mod reorder;

use cea608::Field;
use cea708::Dtvcc;
use events::Events;
pub use events::{CaptionEvent, Channel};
pub use reorder::MAX_TRIPLETS;
use reorder::{Picture, Reorder};

/// Time that runs back so far is another stream's.
const MAX_STEP_BACK_SECS: f64 = 2.0;

/// A decoder of all captions of one stream.
#[derive(Debug, Default)]
pub struct Captions {
    reorder: Reorder,
    fields: [Field; 2],
    dtvcc: Dtvcc,
    last_secs: Option<f64>,
    events: Events,
}

impl Captions {
    /// With nothing on screen.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the caption data of a picture: triplets (`cc_data_1`, CTA-708-E 4.4), of which the first
    /// [`MAX_TRIPLETS`] count. Pictures come in decoding order; one is decoded once none that is shown before
    /// it can come any more.
    pub fn push(&mut self, pts_secs: f64, decode_secs: f64, triplets: &[u8]) {
        if !pts_secs.is_finite() || !decode_secs.is_finite() {
            return;
        }
        if self.last_secs.is_some_and(|last| pts_secs < last - MAX_STEP_BACK_SECS) {
            self.reset(pts_secs);
        }
        self.reorder.push(Picture::new(pts_secs, triplets), decode_secs);
        while let Some(picture) = self.reorder.next() {
            self.decode(&picture);
        }
    }

    /// All pictures shown before those to come were pushed, as at the end of a segment.
    pub fn flush(&mut self) {
        self.reorder.flush();
        while let Some(picture) = self.reorder.next() {
            self.decode(&picture);
        }
    }

    /// What follows has nothing to do with what came (a seek, a discontinuity): what is on screen ends then, or
    /// at the last picture where that is later. Which channels were found stays known.
    pub fn reset(&mut self, end_secs: f64) {
        self.flush();
        let end_secs = self.last_secs.map_or(end_secs, |last| last.max(end_secs.min(last)));
        for field in &mut self.fields {
            field.reset(end_secs, &mut self.events);
        }
        self.dtvcc.reset(end_secs, &mut self.events);
        self.reorder = Reorder::default();
        self.last_secs = None;
    }

    /// The next event, or `None` when all is given.
    pub fn poll(&mut self) -> Option<CaptionEvent> {
        self.events.poll()
    }

    fn decode(&mut self, picture: &Picture) {
        let at_secs = self.last_secs.map_or(picture.pts_secs, |last| last.max(picture.pts_secs));
        self.last_secs = Some(at_secs);
        self.dtvcc.wait_until(at_secs, &mut self.events);
        for triplet in picture.triplets() {
            let [head, first, second] = *triplet;
            let is_valid = head & 4 != 0;
            match head & 3 {
                field @ (0 | 1) if is_valid => {
                    if let Some(decoder) = self.fields.get_mut(usize::from(field)) {
                        decoder.push(field, first, second, &mut self.events);
                    }
                }
                2 if is_valid => self.dtvcc.push(&[first, second], at_secs, &mut self.events),
                3 => {
                    self.dtvcc.begin();
                    if is_valid {
                        self.dtvcc.push(&[first, second], at_secs, &mut self.events);
                    }
                }
                _ => {}
            }
        }
        for field in &mut self.fields {
            field.show(at_secs, &mut self.events);
        }
        self.dtvcc.show(at_secs, &mut self.events);
    }
}
