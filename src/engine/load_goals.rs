//! Whether a stream should load on: the goals in seconds and bytes.
//!
//! In: how much is loaded, buffered and on its way. Out: yes or no. It knows no segment.

/// Ahead of the playhead, while a change of variants waits for a playlist.
const CHANGING_AHEAD_SECS: f64 = 3.0;
/// Nothing is loaded while more than this waits to be appended; twice that while appends are held
/// back.
const MAX_PENDING_BYTES: u64 = 32 << 20;

/// What there is to know at one moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Situation {
    /// Loaded ahead of the playhead, less what will never be there.
    pub ahead_secs: f64,
    pub ahead_limit_secs: f64,
    pub ahead_bytes: u64,
    pub ahead_limit_bytes: u64,
    /// What waits to be appended.
    pub pending_bytes: u64,
    /// Appends are held back.
    pub is_holding: bool,
    /// Another variant is about to take over.
    pub is_changing: bool,
    /// A source buffer has no room.
    pub is_full: bool,
}

impl Situation {
    pub fn wants_more(&self) -> bool {
        // What another variant is about to take over is loaded no further than the wait for its
        // playlist may need: on a fast link a viewer would else see the first one for long.
        let is_enough = self.is_changing && self.ahead_secs > CHANGING_AHEAD_SECS;
        !is_enough
            && !self.is_full
            && self.ahead_secs < self.ahead_limit_secs
            && self.ahead_bytes < self.ahead_limit_bytes
            && self.pending_bytes < MAX_PENDING_BYTES << u32::from(self.is_holding)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_goal_ends_loading() {
        let hungry = Situation {
            ahead_secs: 5.0,
            ahead_limit_secs: 90.0,
            ahead_bytes: 1 << 20,
            ahead_limit_bytes: 100 << 20,
            pending_bytes: 33 << 20,
            is_holding: true,
            is_changing: false,
            is_full: false,
        };
        assert!(hungry.wants_more());
        assert!(!Situation { is_holding: false, ..hungry }.wants_more(), "too much waits");
        assert!(!Situation { is_changing: true, ..hungry }.wants_more());
        assert!(!Situation { is_full: true, ..hungry }.wants_more());
        assert!(!Situation { ahead_secs: 90.0, ..hungry }.wants_more());
        assert!(!Situation { ahead_bytes: 100 << 20, ..hungry }.wants_more());
    }
}
