//! Sees to it that no segment is given away as nginx-rtmp wrote it.
//!
//! In: a rung's folder and its tail. Out: the tail's segments put right ([`super::mend`]), in their
//! order and in their place, before nginx is told that they are finished. The file's time stays, by
//! which nginx-rtmp deletes it and dates are made. What cannot be put right stays as it is, and is told.

use super::folder::{Segment, Tail};
use super::mend::mend;
use anyhow::{Context, Result};
use std::collections::HashMap;
use std::fs::File;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// Segments beyond this are left alone: 2 s at 250 Mbit/s.
const MAX_SEGMENT_LEN: u64 = 64 << 20;
/// What nginx-rtmp would clear away, had this program ended meanwhile.
const UNFINISHED: &str = "mending.ts";

/// How far each rung's segments are put right.
#[derive(Debug, Default)]
pub struct Mender(Mutex<HashMap<String, Done>>);

#[derive(Debug, Clone, Copy)]
struct Done {
    slot: u64,
    has_sound: bool,
}

impl Mender {
    /// Puts right what is not yet. `rung`: its folder's name below `hls`.
    pub fn mend(&self, hls: &Path, rung: &str, tail: &Tail) {
        let mut rungs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, newest) = tail.span();
        // After a change of the clock, all of it anew.
        let mut done = rungs.get(rung).copied().filter(|done| done.slot <= newest);
        let fresh = |segment: &&Segment| done.is_none_or(|done| segment.slot > done.slot);
        for segment in tail.segments().iter().filter(fresh).collect::<Vec<_>>() {
            let before = done.filter(|done| done.slot + 1 == segment.slot);
            let had_sound = before.is_some_and(|done| done.has_sound);
            let path = hls.join(rung).join(format!("{}.ts", segment.ticks));
            let has_sound = match mend_file(&path, segment.slot, had_sound) {
                Ok(has_sound) => has_sound,
                Err(error) => {
                    // One that was just deleted says nothing.
                    if path.exists() {
                        eprintln!("{} stays as nginx-rtmp wrote it: {error:#}", path.display());
                    }
                    had_sound
                }
            };
            done = Some(Done { slot: segment.slot, has_sound });
        }
        if let Some(done) = done {
            rungs.insert(rung.to_owned(), done);
        }
    }

    /// What is no longer on air is no longer remembered.
    pub fn forget_all_but(&self, rungs: &[String]) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|rung, _| rungs.contains(rung));
    }
}

/// Puts one right; whether it announces sound.
fn mend_file(path: &Path, slot: u64, had_sound: bool) -> Result<bool> {
    let meta = path.metadata()?;
    anyhow::ensure!(meta.len() <= MAX_SEGMENT_LEN, "it is beyond 64 MiB");
    let mended = mend(&std::fs::read(path)?, slot, had_sound)?;
    if let Some(bytes) = mended.bytes {
        let unfinished = path.with_file_name(UNFINISHED);
        std::fs::write(&unfinished, bytes)
            .and_then(|()| {
                File::options().write(true).open(&unfinished)?.set_modified(meta.modified()?)
            })
            .and_then(|()| std::fs::rename(&unfinished, path))
            .context("its folder takes no file")?;
    }
    Ok(mended.has_sound)
}
