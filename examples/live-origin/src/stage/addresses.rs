//! Where the parts listen: loopback only, on ports the system chose unless a person did.

use super::Origin;
use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};

/// Every address of a stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Addresses {
    /// Where cameras publish.
    pub ingest_rtmp: SocketAddr,
    /// Statistics, and the check of keys.
    pub ingest_http: SocketAddr,
    /// The origin the edge asks.
    pub primary: OriginAddresses,
    /// The one it asks otherwise.
    pub backup: OriginAddresses,
    /// What viewers talk to.
    pub edge: SocketAddr,
}

/// Those of one origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OriginAddresses {
    /// From the ingest.
    pub rtmp: SocketAddr,
    /// For the edge.
    pub http: SocketAddr,
    /// Behind `http`.
    pub playlists: SocketAddr,
    /// Behind `http`; used with DASH alone.
    pub dash: SocketAddr,
}

impl Addresses {
    /// Asks the system for ports; all at once, so that they differ.
    pub fn choose(rtmp_port: u16, edge_port: u16) -> Result<Self> {
        let mut held = Vec::new();
        let mut port = |wanted: u16, option: &str| -> Result<SocketAddr> {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, wanted))
                .with_context(|| format!("port {wanted} is taken; choose another {option}"))?;
            let address = listener.local_addr()?;
            held.push(listener);
            Ok(address)
        };
        let (ingest_rtmp, edge) = (port(rtmp_port, "--rtmp-port")?, port(edge_port, "--port")?);
        let ingest_http = port(0, "")?;
        let mut origin = || -> Result<OriginAddresses> {
            let (rtmp, http) = (port(0, "")?, port(0, "")?);
            Ok(OriginAddresses { rtmp, http, playlists: port(0, "")?, dash: port(0, "")? })
        };
        Ok(Self { ingest_rtmp, ingest_http, primary: origin()?, backup: origin()?, edge })
    }

    /// An origin's own, and the other's.
    #[must_use]
    pub fn of(&self, origin: Origin) -> (OriginAddresses, OriginAddresses) {
        match origin {
            Origin::Primary => (self.primary, self.backup),
            Origin::Backup => (self.backup, self.primary),
        }
    }

    /// All that every stage has, with the folder whose log tells why one is silent.
    pub(super) fn all(&self) -> Vec<(&'static str, SocketAddr)> {
        let mut all =
            vec![("ingest", self.ingest_rtmp), ("ingest", self.ingest_http), ("edge", self.edge)];
        for origin in Origin::BOTH {
            let (own, _) = self.of(origin);
            all.extend([own.rtmp, own.http, own.playlists].map(|each| (origin.name(), each)));
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_port_is_given_twice() {
        let addresses = Addresses::choose(0, 0).unwrap();
        let mut ports: Vec<u16> = addresses.all().iter().map(|(_, each)| each.port()).collect();
        ports.sort_unstable();
        ports.dedup();
        assert_eq!(ports.len(), 9);
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let error = Addresses::choose(taken.local_addr().unwrap().port(), 0).unwrap_err();
        assert!(error.to_string().contains("--rtmp-port"), "{error}");
    }
}
