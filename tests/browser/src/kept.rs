//! What a test leaves for the next one of its program: the browser, which takes as long to start as
//! many a test, and the low-latency streams, which need seconds until they have a past.
//!
//! In: what a test has finished with, in good order. Out: the same for the next test, if that one
//! wants it just so; else it ends, and a new one is started. What a failed test used is never left:
//! it is dropped with the test's page.

use anyhow::Result;
use machine::processes::Warden;
use machine::shell;
use std::sync::{Mutex, MutexGuard, PoisonError};
use test_streams::live::{LowLatency, LowLatencyOptions};
use webdriver::{Options, Session};

/// As many as tests run at a time, at most.
static BROWSERS: Mutex<Vec<KeptBrowser>> = Mutex::new(Vec::new());
static STREAMS: Mutex<Vec<LowLatency>> = Mutex::new(Vec::new());

/// A browser with an empty page. Fields are dropped in this order.
struct KeptBrowser {
    /// A static is never dropped.
    _warden: Warden,
    options: Options,
    session: Session,
}

/// A browser like this with an empty page: the last test's, or a new one.
pub(crate) fn browser(options: &Options) -> Result<Session> {
    if let Some(KeptBrowser { session, .. }) = take(options) {
        let sized = session.set_size(options.width_px, options.height_px);
        match sized.and_then(|()| session.clear_console()) {
            Ok(()) => return Ok(session),
            Err(error) => shell::say(format!("the last test's browser is gone: {error:#}")),
        }
    }
    Session::start_with(options)
}

/// One like this. If there is none, another one ends: its test is over, and none of its kind may come.
fn take(options: &Options) -> Option<KeptBrowser> {
    // The size is the page's.
    let is_the_same = |kept: &KeptBrowser| {
        kept.options.clone().with_size(options.width_px, options.height_px) == *options
    };
    let mut kept = lock(&BROWSERS);
    let found = kept.iter().position(is_the_same);
    let taken = found.or_else(|| (!kept.is_empty()).then_some(0)).map(|at| kept.remove(at));
    drop(kept);
    taken.filter(is_the_same)
}

/// Leaves the browser of a test that has passed, if it can be had by another.
pub(crate) fn keep_browser(options: Options, session: Session) {
    if !session.is_reusable() {
        return;
    }
    match session.renew().and_then(|()| session.warden()) {
        Ok(warden) => {
            lock(&BROWSERS).push(KeptBrowser { _warden: warden, options, session });
        }
        // It says nothing about the test: its last page has been looked at.
        Err(error) => shell::say(format!("the browser is not kept: {error:#}")),
    }
}

/// Streams like these: the last test's, or new ones. What nobody wants now ends.
pub(crate) fn streams(wanted: &[LowLatencyOptions]) -> Result<Vec<LowLatency>> {
    let mut kept = std::mem::take(&mut *lock(&STREAMS));
    let mut take = |options: &LowLatencyOptions| {
        let at = kept.iter().position(|it| it.options() == options)?;
        Some(kept.swap_remove(at))
    };
    let found: Vec<_> = wanted.iter().map(|options| (take(options), options)).collect();
    drop(kept);
    found
        .into_iter()
        .map(|(it, options)| it.map_or_else(|| LowLatency::start(options), Ok))
        .collect()
}

/// Leaves the streams of a test that has passed, if they are as they were.
pub(crate) fn keep_streams(streams: Vec<LowLatency>) {
    lock(&STREAMS).extend(streams.into_iter().filter(|it| !it.is_altered()));
}

/// A panic while one of these is held leaves nothing half done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
