//! A viewer in a browser, while the primary dies, returns, freezes and returns.

use crate::{SecondEdge, get, on_air, playlist_of, small, wait};
use anyhow::{Context, Result, ensure};
use browser_tests::Scene;
use live_origin::stage::{Origin, Stage};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use videosphere::playlist::{self, Playlist};
use webdriver::Browser::Chromium;

/// Media time that is lost or stood still at once.
const LONGEST_GAP_SECS: f64 = 0.5;

#[test]
#[ignore = "needs nginx with its RTMP module, ffmpeg, Chromium"]
fn a_viewer_does_not_notice_that_the_primary_dies_and_returns() -> Result<()> {
    on_air(small()?, |stage| {
        let url = stage.viewer_url();
        let (edge, second) = (stage.addresses().edge, SecondEdge::start(stage)?);
        let clerk = Clerk::start(stage, &[edge], Duration::from_millis(150));
        // A player that a balancer sends to one edge, then the other, as often as RFC 8216 6.3.4 has it
        // reload a list in which it finds something new.
        let wanderer = Clerk::start(stage, &[edge, second.address], Duration::from_secs(2));
        Scene::new(Chromium).play(|scene| {
            scene.play(&url)?;
            // The pattern, through camera, ladder, packaging, edge and sphere.
            scene.look(20.0, 0.0, 75.0)?;
            scene.look(-110.0, 30.0, 75.0)?;
            scene.wait("sphere.isLive && bufferedEnd() - sphere.currentTime > 2.5")?;
            // What a slow start may have cost is over.
            scene.act("forget()")?;
            scene.act(WATCH)?;

            stage.kill(Origin::Primary)?;
            clerk.goes_on("without the primary", 3)?;
            stage.bring_back(Origin::Primary)?;
            answers_again(stage)?;
            clerk.goes_on("with the primary again", 2)?;
            stage.freeze(Origin::Primary)?;
            clerk.goes_on("while the primary is frozen", 4)?;
            stage.bring_back(Origin::Primary)?;
            answers_again(stage)?;
            clerk.goes_on("after the frost", 2)?;

            scene.sees(-110.0, 30.0)?;
            ensure!(scene.number("gap.samples")? > 200.0, "nobody watched");
            let (still, lost) = (scene.number("gap.still")?, scene.number("gap.lost")?);
            let undrawn = scene.number("gap.undrawn")?;
            println!(
                "longest standstill {still:.3} s, of what is drawn {undrawn:.3} s, longest jump {lost:.3} s of media"
            );
            ensure!(undrawn <= LONGEST_GAP_SECS, "nothing was drawn for {undrawn} s");
            ensure!(still <= LONGEST_GAP_SECS, "the picture stood still for {still} s");
            ensure!(lost <= LONGEST_GAP_SECS, "{lost} s of media were passed over");
            ensure!(
                scene.get("seen.error")? == 0,
                "{}",
                scene.get("JSON.stringify(details.error)")?
            );
            Ok(())
        })?;
        let (answers, complaints) = clerk.end()?;
        println!("{answers} playlists read at the edge");
        ensure!(answers > 100, "the clerk read {answers} playlists");
        ensure!(complaints.is_empty(), "{complaints:#?}");
        let (answers, complaints) = wanderer.end()?;
        ensure!(answers > 10 && complaints.is_empty(), "{answers} by two edges: {complaints:#?}");
        Ok(())
    })
}

/// How long the media time and what is drawn of it stand still, and how far it jumps, against the
/// wall's clock.
pub(crate) const WATCH: &str = "
    window.gap = { still: 0, lost: 0, undrawn: 0, samples: 0 };
    let since = performance.now(), media = sphere.currentTime, moved = since;
    let frames = sphere.stats.framesDrawn, drawn = since;
    setInterval(() => {
      const now = performance.now(), time = sphere.currentTime;
      if (time > media) {
        gap.lost = Math.max(gap.lost, time - media - (now - since) / 1000);
        moved = now;
      }
      // What the page itself slept through is no gap: the picture went on.
      else gap.still = Math.max(gap.still, (now - moved) / 1000);
      const count = sphere.stats.framesDrawn;
      // A page that slept has drawn nothing either: what it slept is taken off.
      if (now - since > 150) drawn += now - since - 50;
      if (count > frames) [frames, drawn] = [count, now];
      else gap.undrawn = Math.max(gap.undrawn, (now - drawn) / 1000);
      [since, media] = [now, time];
      gap.samples += 1;
    }, 50)";

/// Waits until the primary, asked by itself, has a playlist again.
fn answers_again(stage: &Stage) -> Result<()> {
    let address = stage.addresses().primary.http;
    let path = playlist_of(stage, 0);
    wait("the primary's playlist", || {
        get(address, &path).ok().filter(|answer| answer.status == 200).map(drop)
    })
}

/// Reads playlists all the time, at each edge in turn, and complains where they run backwards.
struct Clerk {
    newest: Arc<AtomicU64>,
    stop: Arc<AtomicBool>,
    thread: JoinHandle<(u64, Vec<String>)>,
}

impl Clerk {
    fn start(stage: &Stage, edges: &[SocketAddr], pause: Duration) -> Self {
        let (newest, stop) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let edges = edges.to_vec();
        let rungs = 0..stage.options().ladder.rungs.len();
        let paths: Vec<String> = rungs.map(|rung| playlist_of(stage, rung)).collect();
        let (told, stopped) = (Arc::clone(&newest), Arc::clone(&stop));
        let thread = std::thread::spawn(move || {
            let (mut complaints, mut answers) = (Vec::new(), 0);
            let mut last = vec![(0, 0); paths.len()];
            for &edge in edges.iter().cycle() {
                if stopped.load(Ordering::Relaxed) {
                    break;
                }
                for (path, last) in paths.iter().zip(&mut last) {
                    let numbers = match numbers(edge, path) {
                        Ok(numbers) => numbers,
                        Err(error) => {
                            complaints.push(format!("{error:#}"));
                            continue;
                        }
                    };
                    if numbers.0 < last.0 || numbers.1 < last.1 {
                        complaints.push(format!("{path}: {last:?}, then {numbers:?}"));
                    }
                    (*last, answers) = (numbers, answers + 1);
                }
                let newest = last.iter().map(|(_, newest)| *newest).min();
                told.store(newest.unwrap_or(0), Ordering::Relaxed);
                std::thread::sleep(pause);
            }
            (answers, complaints)
        });
        Self { newest, stop, thread }
    }

    /// Waits until so many more segments came in every rung.
    fn goes_on(&self, when: &str, segments: u64) -> Result<()> {
        let (from, started) = (self.newest.load(Ordering::Relaxed), Instant::now());
        wait(&format!("{segments} segments {when}"), || {
            (self.newest.load(Ordering::Relaxed) >= from + segments).then_some(())
        })?;
        println!("{segments} segments {when} in {:.1} s", started.elapsed().as_secs_f64());
        Ok(())
    }

    fn end(self) -> Result<(u64, Vec<String>)> {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().ok().context("the clerk fell")
    }
}

/// The first and the last number of a playlist.
fn numbers(edge: SocketAddr, path: &str) -> Result<(u64, u64)> {
    let text = get(edge, path)?.text().with_context(|| path.to_owned())?;
    let Playlist::Media(playlist) = playlist::parse(&text, path)? else {
        anyhow::bail!("{path} is no media playlist");
    };
    let number = |segment: Option<&playlist::Segment>| segment.map(|it| it.media_sequence);
    let first = number(playlist.segments.first()).context("an empty playlist")?;
    Ok((first, number(playlist.segments.last()).unwrap_or(first)))
}
