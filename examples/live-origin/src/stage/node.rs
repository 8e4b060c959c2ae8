//! One part of the stage on a machine of its own, as `examples/aws` has them: its `nginx.conf`.
//!
//! In: which part, and what it has to know of the others. Out: the same templates as on one
//! machine, filled in for fixed ports and every interface, and the folders they need. It starts
//! nothing: there systemd does (`examples/aws/boot.sh`).

use super::Origin;
use crate::ladder::Ladder;
use crate::nginx::{Nginx, user_directive};
use crate::{folder as own_folder, keys, template};
use anyhow::{Context, Result};
use std::path::Path;

/// From cameras, and between ingest and origins.
const RTMP_PORT: u16 = 1935;
/// From the edges, from the load balancer, and between the origins.
const HTTP_PORT: u16 = 8080;
/// `live-origin playlists`, behind an origin's nginx.
pub const PLAYLISTS: &str = "127.0.0.1:8081";
/// The check of keys and the statistics, which nobody outside sees.
const INGEST_HTTP: &str = "127.0.0.1:8082";
/// Requests are logged by what stands before the edges: on machines that stay for months a log would
/// fill the disk.
const ACCESS_LOG: &str = "off";
const SEGMENT_MILLIS: u64 = 2000;
/// What an origin keeps: as much as on one machine.
const KEPT_SECS: u64 = 42;

/// A part.
#[derive(Debug, Clone)]
pub enum Part {
    /// Where cameras publish.
    Ingest {
        /// The primary origin's name or address.
        primary: String,
        /// The backup's.
        backup: String,
        /// What publishers have to know.
        key: String,
        /// Takes a recording as `… FILE --name STREAM`; none is made where it is missing.
        upload: Option<String>,
    },
    /// An origin.
    Origin {
        /// Which.
        origin: Origin,
        /// Addresses that the ingest may have, as nginx writes them.
        ingest: String,
        /// The rungs.
        ladder: Ladder,
    },
    /// What viewers talk to.
    Edge {
        /// The primary origin's name or address.
        primary: String,
        /// The backup's.
        backup: String,
    },
}

/// Writes `nginx.conf` into this folder.
pub fn configure(part: &Part, folder: &Path, nginx: &Nginx) -> Result<()> {
    let folder = std::path::absolute(folder)?;
    for name in ["hls", "recordings", "clock"] {
        std::fs::create_dir_all(folder.join(name))?;
    }
    // Each machine's own; another one with each configuration. Between machines, addresses tell who
    // may publish.
    let own_key = keys::random()?;
    keys::write_own_preset(&folder, &own_key)?;
    let preset = folder.join(keys::OWN_PRESET).display().to_string();
    let (template, own) = match part {
        Part::Ingest { key, .. } => {
            keys::write(&folder.join("keys.map"), &keys::map_line(key))?;
            ("ingest.conf", ingest(part, &folder, preset))
        }
        Part::Origin { .. } => ("origin.conf", origin(part, &preset)),
        Part::Edge { .. } => ("edge.conf", edge(part)),
    };
    let mut values = own;
    values.push(("USER", user_directive().to_owned()));
    values.push(("DIR", folder.display().to_string()));
    if template != "edge.conf" {
        values.push(("LOAD_RTMP", nginx.load_rtmp.clone()));
        values.push(("CONF", own_folder().join("nginx").display().to_string()));
        values.push(("SEGMENT_MILLIS", SEGMENT_MILLIS.to_string()));
        values.push(("OWN_KEY", own_key));
    }
    let path = own_folder().join("nginx").join(template);
    let text =
        std::fs::read_to_string(&path).with_context(|| format!("{} is gone", path.display()))?;
    let filled = template::fill(&text, &values).context(template)?;
    keys::write(&folder.join("nginx.conf"), &filled)
}

fn ingest(part: &Part, folder: &Path, preset: String) -> Vec<(&'static str, String)> {
    let Part::Ingest { primary, backup, upload, .. } = part else { return Vec::new() };
    let record = upload.as_ref().map(|upload| {
        let folder = folder.display();
        format!(
            "            record all;\n            record_path {folder}/recordings;\n            \
             record_unique on;\n            \
             exec_record_done {upload} $path --name $name 2>>{folder}/upload.log;\n"
        )
    });
    let program = std::env::current_exe().unwrap_or_else(|_| "live-origin".into());
    vec![
        ("PROGRAM", program.display().to_string()),
        ("RTMP_LISTEN", RTMP_PORT.to_string()),
        ("RTMP_URL", format!("rtmp://127.0.0.1:{RTMP_PORT}")),
        ("HTTP_LISTEN", INGEST_HTTP.to_owned()),
        ("HTTP_URL", format!("http://{INGEST_HTTP}")),
        ("PRIMARY_RTMP_URL", format!("rtmp://{primary}:{RTMP_PORT}")),
        ("BACKUP_RTMP_URL", format!("rtmp://{backup}:{RTMP_PORT}")),
        ("ORIGIN_KEY", String::new()),
        ("OWN_PRESET", preset),
        ("TEST_SOURCE", String::new()),
        ("RECORD", record.unwrap_or_default()),
        ("REFUSED_LOG", ACCESS_LOG.to_owned()),
    ]
}

fn origin(part: &Part, preset: &str) -> Vec<(&'static str, String)> {
    let Part::Origin { origin, ingest, ladder } = part else { return Vec::new() };
    vec![
        ("NAME", origin.name().to_owned()),
        ("RTMP_LISTEN", RTMP_PORT.to_string()),
        ("HTTP_LISTEN", HTTP_PORT.to_string()),
        ("PLAYLISTS", PLAYLISTS.to_owned()),
        ("ACCESS_LOG", ACCESS_LOG.to_owned()),
        ("INGEST_ADDRESS", ingest.clone()),
        ("HTTP_URL", format!("http://127.0.0.1:{HTTP_PORT}")),
        ("ON_INGEST", String::new()),
        ("LADDER", ladder.command(&format!("rtmp://127.0.0.1:{RTMP_PORT}"), preset)),
        ("MAX_SEGMENT_MILLIS", (SEGMENT_MILLIS * 5).to_string()),
        ("KEPT_SECS", KEPT_SECS.to_string()),
        ("SEGMENT_TTL_SECS", "600".to_owned()),
        ("SMOOTH_PUSH", String::new()),
        ("OTHER_PACKAGINGS", String::new()),
    ]
}

fn edge(part: &Part) -> Vec<(&'static str, String)> {
    let Part::Edge { primary, backup } = part else { return Vec::new() };
    vec![
        ("HTTP_LISTEN", HTTP_PORT.to_string()),
        ("PRIMARY", format!("{primary}:{HTTP_PORT}")),
        ("BACKUP", format!("{backup}:{HTTP_PORT}")),
        ("CACHE_SIZE", "4g".to_owned()),
        ("ACCESS_LOG", ACCESS_LOG.to_owned()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn every_part_has_a_configuration() {
        let nginx = Nginx { program: "nginx".into(), load_rtmp: "load_module x.so;".to_owned() };
        let hosts = || ("one.example".to_owned(), "two.example".to_owned());
        let (primary, backup) = hosts();
        let upload = Some("node --env-file=env upload.mjs".to_owned());
        let ingest = Part::Ingest { primary, backup, key: "0123456789".to_owned(), upload };
        let origin = Part::Origin {
            origin: Origin::Backup,
            ingest: "10.0.0.0/8".to_owned(),
            ladder: Ladder::full(),
        };
        let (primary, backup) = hosts();
        let parts = [
            (ingest, "exec_record_done node --env-file=env upload.mjs $path --name $name"),
            (origin, "allow publish 10.0.0.0/8;"),
            (Part::Edge { primary, backup }, "server two.example:8080 backup"),
        ];
        for (at, (part, line)) in parts.into_iter().enumerate() {
            let folder = machine::shell::target().join("tmp").join(format!("node-{at}"));
            configure(&part, &folder, &nginx).unwrap();
            let text = std::fs::read_to_string(folder.join("nginx.conf")).unwrap();
            assert!(text.contains(line), "{line} in {text}");
            // What would grow for ever, and what would cut a recording in two.
            assert!(!text.contains("access.log") && !text.contains("record_max"), "{text}");
            // Whatever holds a key is its owner's alone.
            for entry in
                std::fs::read_dir(&folder).unwrap().flatten().filter(|it| it.path().is_file())
            {
                assert_eq!(
                    entry.metadata().unwrap().permissions().mode() & 0o777,
                    0o600,
                    "{entry:?}"
                );
            }
            std::fs::remove_dir_all(folder).unwrap();
        }
    }
}
