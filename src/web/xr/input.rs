//! Controllers, hands and the headset's own button: a press plays or pauses, a long press
//! recentres. The stick is [`super::stick`]'s. Everything else is the system's, leaving the session
//! included.
//!
//! In: the session's select events. Out: calls on the [`Session`]. WebXR names one
//! primary action for every kind of input, so nothing here knows devices.

use super::session::Session;
use crate::web::dom::Listener;
use std::rc::Rc;

/// Listens for presses.
pub(super) fn listen(session: &Rc<Session>) -> [Listener; 3] {
    [
        session.listen("selectstart", |session, _| session.press()),
        session.listen("select", |session, _| session.select()),
        session.listen("selectend", |session, _| {
            if session.release() {
                session.host().toggle_playback();
            }
        }),
    ]
}
