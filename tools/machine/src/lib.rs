//! This machine, for the tools and tests of the checkout.
//!
//! In: the checkout this was compiled in, and what is installed. Out: programs found, set up or
//! named with the command that installs them; commands run, with what they said; processes that end
//! with us. It knows nothing of what the programs are for.

pub mod packages;
pub mod processes;
pub mod setup;
pub mod shell;
pub mod std_source;
pub mod tools;
pub mod wasm_target;
