//! As much of RTMP (Adobe, 1.0) as it takes to play a stream of a server on this machine, and to
//! publish it there again.
//!
//! In: an address `rtmp://HOST/APPLICATION/NAME`. Out: a [`Client`] that plays or publishes, message by
//! message. [`chunks`] is the wire, [`commands`] what is said on it. It is no server, encrypts nothing,
//! and knows the answers of nginx-rtmp alone.

pub mod chunks;
mod client;
mod commands;

pub use client::{Client, is_end};
