//! The load test: clients that follow playlist, variant and segments as players do.
//!
//! In: a multivariant playlist's URL and a [`Plan`]. Out: a [`Report`]: requests, percentiles of the
//! answers' times, errors, stalls, and what it cost the origins. Clients decode nothing and throw
//! the bytes away; each keeps one connection, as a browser would over HTTP/2.

mod client;
mod report;

pub use report::{OriginRequests, Report};

use crate::stage::{Running, STREAM};
use anyhow::{Context, Result};
use machine::shell;
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How many, how fast, how long.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Clients at once.
    pub clients: u32,
    /// Time in which they come, one after the other.
    pub ramp: Duration,
    /// Time they stay after the last has come.
    pub steady: Duration,
}

/// What is loaded.
#[derive(Debug, Clone)]
pub struct Target {
    /// For people.
    pub name: String,
    address: SocketAddr,
    path: String,
    /// Access logs of the origins behind it.
    origin_logs: Vec<PathBuf>,
}

impl Target {
    /// From `http://HOST:PORT/PATH`.
    pub fn new(name: &str, url: &str) -> Result<Self> {
        let rest = url.strip_prefix("http://").context("the load test speaks http:// only")?;
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let host = if host.contains(':') { host.to_owned() } else { format!("{host}:80") };
        let address = host
            .to_socket_addrs()
            .with_context(|| format!("{host} is unknown"))?
            .next()
            .with_context(|| format!("{host} has no address"))?;
        Ok(Self {
            name: name.to_owned(),
            address,
            path: format!("/{path}"),
            origin_logs: Vec::new(),
        })
    }

    /// The edge of a stage.
    pub fn edge(running: &Running) -> Result<Self> {
        Self::of(running, "edge", running.addresses.edge)
    }

    /// The primary origin of a stage.
    pub fn origin(running: &Running) -> Result<Self> {
        Self::of(running, "origin", running.addresses.primary.http)
    }

    fn of(running: &Running, name: &str, address: SocketAddr) -> Result<Self> {
        let mut target = Self::new(name, &format!("http://{address}/hls/{STREAM}.m3u8"))?;
        target.origin_logs =
            ["primary", "backup"].map(|name| running.folder.join(name).join("access.log")).to_vec();
        Ok(target)
    }
}

/// Runs one test.
pub fn run(target: &Target, plan: Plan) -> Result<Report> {
    shell::say(format!(
        "{} clients at the {} for {} s",
        plan.clients,
        target.name,
        (plan.ramp + plan.steady).as_secs()
    ));
    let before = OriginRequests::count(&target.origin_logs);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let started = Instant::now();
    let seen = runtime.block_on(async {
        let mut clients = Vec::new();
        for index in 0..plan.clients {
            let wait = plan.ramp * index / plan.clients.max(1);
            let end = plan.ramp + plan.steady;
            let (address, path) = (target.address, target.path.clone());
            clients.push(tokio::spawn(client::follow(client::Visit { address, path, wait, end })));
        }
        let mut seen = Vec::new();
        for client in clients {
            seen.push(client.await?);
        }
        anyhow::Ok(seen)
    })?;
    let origin = OriginRequests::count(&target.origin_logs).since(before);
    Ok(Report::new(&target.name, plan, &seen, origin, started.elapsed()))
}

/// One client at the edge, all of them at the edge, all of them at the origin.
pub fn compare(running: &Running, plan: Plan) -> Result<Vec<Report>> {
    let edge = Target::edge(running)?;
    let one = Plan { clients: 1, ramp: Duration::ZERO, steady: plan.ramp + plan.steady };
    Ok(vec![run(&edge, one)?, run(&edge, plan)?, run(&Target::origin(running)?, plan)?])
}
