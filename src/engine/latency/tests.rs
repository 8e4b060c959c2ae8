//! The control in a closed loop: an edge that moves, a buffer, a playhead at the rate it is given.

use super::*;

const STEP_SECS: f64 = 0.25;

/// A player at a live stream.
struct Loop {
    control: LatencyControl,
    config: LiveConfig,
    state: PlaybackState,
    target_secs: f64,
    now_secs: f64,
    /// The edge moves by this much at a time.
    grain_secs: f64,
    /// What is loaded ends this far before the edge.
    lag_secs: f64,
    /// The sender stops here.
    edge_stops_at_secs: f64,
    rates: Vec<f64>,
    jumps: Vec<f64>,
}

impl Loop {
    fn new(target_secs: f64, behind_secs: f64) -> Self {
        let state = PlaybackState {
            current_time_secs: 100.0 - target_secs - behind_secs,
            playback_rate: 1.0,
            ready_state: 4,
            ..PlaybackState::default()
        };
        let control = LatencyControl { is_following: true, ..LatencyControl::default() };
        Self {
            control,
            config: LiveConfig::default(),
            state,
            target_secs,
            now_secs: 100.0,
            grain_secs: 0.01,
            lag_secs: 0.3,
            edge_stops_at_secs: f64::INFINITY,
            rates: Vec::new(),
            jumps: Vec::new(),
        }
    }

    fn edge_secs(&self) -> f64 {
        let exact = self.now_secs.min(self.edge_stops_at_secs);
        (exact / self.grain_secs + 1e-6).floor() * self.grain_secs
    }

    fn situation(&self) -> Situation {
        let playhead_secs = self.state.current_time_secs;
        Situation {
            now: Instant::from_millis(self.now_secs * 1000.0),
            edge_secs: self.edge_secs(),
            target_secs: self.target_secs,
            playhead_secs,
            ahead_secs: (self.edge_secs() - self.lag_secs - playhead_secs).max(0.0),
            state: self.state,
        }
    }

    fn run(&mut self, secs: f64) {
        for _ in 0..(secs / STEP_SECS) as usize {
            self.now_secs += STEP_SECS;
            let ahead_secs = self.situation().ahead_secs;
            self.state.ready_state = if ahead_secs >= STEP_SECS { 4 } else { 2 };
            if !self.state.is_paused {
                let rate = self.state.playback_rate;
                self.state.current_time_secs += (STEP_SECS * rate).min(ahead_secs);
            }
            let Situation { now, edge_secs, .. } = self.situation();
            let playable_secs = edge_secs - self.lag_secs;
            let step_secs = self.grain_secs;
            self.control.note_edge(now, Ends { edge_secs, step_secs, playable_secs });
            match self.control.observe(&self.config, &self.situation()) {
                Some(Act::SetRate(rate)) => {
                    self.rates.push(rate);
                    self.state.playback_rate = rate;
                    self.state.is_catchup_rate = rate != 1.0;
                }
                Some(Act::Jump { to_secs }) => {
                    self.jumps.push(to_secs - self.state.current_time_secs);
                    self.state.current_time_secs = to_secs;
                }
                None => {}
            }
        }
    }

    fn behind_secs(&self) -> f64 {
        self.now_secs - self.target_secs - self.state.current_time_secs
    }
}

#[test]
fn catches_up_within_bounds_and_settles() {
    let mut player = Loop::new(1.5, 2.0);
    player.run(60.0);
    assert!(player.behind_secs().abs() < 0.1, "{} s behind", player.behind_secs());
    assert_eq!(player.state.playback_rate, 1.0);
    assert!(player.rates.iter().all(|rate| (1.0..=1.1).contains(rate)), "{:?}", player.rates);
    let count = player.rates.len();
    assert!((2..15).contains(&count), "{:?}", player.rates);
    player.run(300.0);
    assert_eq!(player.rates.len(), count, "and stays there without another change");
    assert_eq!(player.jumps, [] as [f64; 0]);
}

#[test]
fn falls_back_from_too_near_the_edge() {
    let mut player = Loop::new(2.0, -1.0);
    player.run(60.0);
    assert!(player.behind_secs().abs() < 0.12, "{} s behind", player.behind_secs());
    assert!(player.rates.iter().all(|rate| (0.95..=1.0).contains(rate)), "{:?}", player.rates);
}

#[test]
fn an_edge_that_moves_by_segments_is_no_reason_to_sway() {
    let mut player = Loop::new(6.0, 0.5);
    (player.grain_secs, player.lag_secs) = (2.0, 0.5);
    player.run(600.0);
    assert_eq!(player.rates, [] as [f64; 0]);
    // Four seconds behind at a segment stream: caught up though nobody hurries.
    let mut player = Loop::new(6.0, 4.0);
    (player.grain_secs, player.lag_secs) = (2.0, 0.5);
    player.run(120.0);
    assert!((-0.5..1.1).contains(&player.behind_secs()), "{} s behind", player.behind_secs());
    assert!(player.rates.len() < 20, "{:?}", player.rates);
    assert_eq!(player.control.stalls, 0);
}

#[test]
fn far_behind_it_jumps_once() {
    let mut player = Loop::new(2.0, 9.0);
    player.run(30.0);
    assert_eq!(player.jumps.len(), 1, "{:?}", player.jumps);
    assert!(player.behind_secs().abs() < 0.4, "{} s behind", player.behind_secs());

    let mut player = Loop::new(2.0, 9.0);
    player.config.max_latency_secs = Some(20.0);
    player.run(120.0);
    assert_eq!(player.jumps, [] as [f64; 0]);
    assert!(player.behind_secs().abs() < 0.4, "caught up: {} s behind", player.behind_secs());
}

#[test]
fn nothing_is_done_behind_the_viewers_back() {
    // At the page's own rate.
    let mut player = Loop::new(2.0, 3.0);
    player.state.playback_rate = 0.5;
    player.run(4.0);
    assert_eq!(player.rates, [] as [f64; 0]);
    // Back in the window.
    let mut player = Loop::new(2.0, 0.0);
    player.run(5.0);
    player.state.current_time_secs -= 30.0;
    player.control.on_seek(&player.situation());
    player.run(60.0);
    assert!((player.rates.len(), player.jumps.len()) == (0, 0), "{:?}", player.rates);
    assert!(!player.control.is_at_live_edge(&player.situation()));
    // Near the live point again.
    player.state.current_time_secs = player.now_secs - 3.5;
    player.control.on_seek(&player.situation());
    player.run(60.0);
    assert!(player.behind_secs().abs() < 0.2, "{} s behind", player.behind_secs());
    // Paused, for long.
    player.state.is_paused = true;
    player.run(30.0);
    player.state.is_paused = false;
    let (rates, jumps) = (player.rates.len(), player.jumps.len());
    player.run(60.0);
    assert_eq!((player.rates.len(), player.jumps.len()), (rates, jumps));
    assert!((player.behind_secs() - 30.0).abs() < 0.5, "{} s behind", player.behind_secs());
}

#[test]
fn a_viewer_who_leaves_the_live_point_plays_at_the_usual_rate() {
    let mut player = Loop::new(2.0, 3.0);
    player.run(2.0);
    assert!(player.state.playback_rate > 1.0);
    player.state.current_time_secs -= 60.0;
    player.control.on_seek(&player.situation());
    player.run(1.0);
    assert_eq!(player.state.playback_rate, 1.0);
}

#[test]
fn what_was_never_played_begins_live() {
    let mut player = Loop::new(2.0, 0.0);
    player.state.is_paused = true;
    player.run(60.0);
    player.state.is_paused = false;
    player.run(10.0);
    assert_eq!(player.jumps.len(), 1);
    assert!(player.behind_secs().abs() < 0.4, "{} s behind", player.behind_secs());
}

#[test]
fn a_sender_that_stands_still_is_not_hurried_after() {
    let mut player = Loop::new(2.0, 0.0);
    player.edge_stops_at_secs = 110.0;
    player.run(60.0);
    assert_eq!(player.jumps, [] as [f64; 0]);
    assert_eq!(player.control.stalls, 1);
    assert_eq!(player.state.playback_rate, 1.0, "{:?}", player.rates);
    // It goes on where it would have been.
    player.edge_stops_at_secs = f64::INFINITY;
    player.run(30.0);
    assert_eq!(player.jumps.len(), 1);
    assert!(player.behind_secs().abs() < 1.0, "{} s behind", player.behind_secs());
}

#[test]
fn stalls_move_the_target_back_and_calm_brings_it_forward() {
    let mut player = Loop::new(1.0, 0.0);
    player.run(5.0);
    // What is loaded ends too far from the edge for this target.
    player.lag_secs = 1.2;
    player.run(10.0);
    assert_eq!(player.control.stalls, 1);
    assert_eq!(player.control.target_secs(1.0), 1.3);
    // It comes forward again, but playback does not where nothing is loaded ahead of it.
    player.run(1800.0);
    assert_eq!(player.control.target_secs(1.0), 1.0);
    assert!(player.control.stalls < 4, "{} stalls", player.control.stalls);
    assert!((0.2..0.6).contains(&player.behind_secs()), "{} s behind", player.behind_secs());
    // The network is well again.
    player.lag_secs = 0.2;
    player.run(60.0);
    assert!(player.behind_secs().abs() < 0.25, "{} s behind", player.behind_secs());
}

#[test]
fn calm_must_last_the_longer_the_more_often_it_was_broken() {
    let mut player = Loop::new(1.5, 0.0);
    player.run(5.0);
    // A network that pauses every 45 seconds, for longer than the target allows.
    for _ in 0..40 {
        player.run(43.0);
        player.lag_secs = 2.2;
        player.run(2.0);
        player.lag_secs = 0.3;
    }
    assert!(player.control.stalls < 25, "{} stalls", player.control.stalls);
    assert!(player.control.target_secs(1.5) > 2.2, "{}", player.control.target_secs(1.5));
}

#[test]
fn a_stall_at_the_start_moves_no_target() {
    let mut player = Loop::new(1.5, 0.0);
    player.run(1.0);
    player.lag_secs = 1.8;
    player.run(1.0);
    player.lag_secs = 0.3;
    player.run(40.0);
    assert_eq!(player.control.stalls, 1);
    assert_eq!(player.control.target_secs(1.5), 1.5);
    assert!(player.behind_secs().abs() < 0.25, "{} s behind", player.behind_secs());
}
