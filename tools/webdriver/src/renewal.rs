//! One browser for several tests, one after the other: a fresh tab in place of the page that was
//! shown, and a browser's end where nobody drops its session. Chromium only: its driver keeps each
//! session's console apart from the page's, and by itself.

use super::{Browser, Session};
use anyhow::{Context, Result, ensure};
use machine::processes::Warden;
use serde_json::{Value, json};

impl Session {
    /// Whether another test can have this browser: none has touched more of it than its pages.
    pub fn is_reusable(&self) -> bool {
        self.browser == Browser::Chromium && !self.is_altered.get()
    }

    /// Closes every page, and opens an empty one in their place. What belonged to them ends with
    /// them: workers, contexts, emulated devices and networks, held buttons. Cookies, which know no
    /// port, the cache and the console are emptied. Storage belongs to a page's origin: a server on
    /// another port begins with none.
    pub fn renew(&self) -> Result<()> {
        ensure!(self.is_reusable(), "this {} is nobody else's", self.browser.name());
        self.release()?;
        let old = self.wire.get("/window/handles")?;
        let fresh = self.wire.post("/window/new", &json!({ "type": "tab" }))?;
        for handle in old.as_array().into_iter().flatten() {
            self.switch_to(handle)?;
            self.wire.delete("/window")?;
        }
        self.switch_to(fresh.get("handle").context("a tab without a handle")?)?;
        self.cdp("Network.clearBrowserCookies", json!({}))?;
        self.cdp("Network.clearBrowserCache", json!({}))?;
        self.clear_console()
    }

    fn switch_to(&self, handle: &Value) -> Result<()> {
        self.wire.post("/window", &json!({ "handle": handle })).map(drop)
    }

    /// Ends driver and browser, and removes their folder, once this process is gone, in whatever
    /// way: for a session in a static, which is never dropped.
    pub fn warden(&self) -> Result<Warden> {
        self.running.warden()
    }
}
