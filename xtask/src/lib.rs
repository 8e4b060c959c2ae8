//! Shared by the `xtask` program and the browser tests.
