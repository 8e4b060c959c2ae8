//! The templates of `nginx/`, filled in for one stage.

use super::{Addresses, Options, Origin, STREAM, cameras};
use crate::nginx::{Nginx, user_directive};
use crate::source::Source;
use crate::{folder as own_folder, keys, packagings, template};
use anyhow::{Context, Result};
use machine::shell;
use std::path::Path;

/// Seconds a segment may be kept by caches.
const SEGMENT_TTL_SECS: u32 = 600;
/// Segments nginx-rtmp keeps beyond those listed: what an origin has to wait for the other with,
/// and what a viewer still asks for who read the playlist long ago.
const KEPT_BEYOND_WINDOW: u64 = 6;

/// What the templates are filled from.
pub(super) struct Site<'a> {
    pub vod: Option<&'a recording::Local>,
    pub nginx: &'a Nginx,
    pub folder: &'a Path,
    pub addresses: &'a Addresses,
    pub options: &'a Options,
    pub key: &'a str,
    pub own_key: &'a str,
}

/// Writes every `nginx.conf`.
pub(super) fn write(site: &Site<'_>) -> Result<()> {
    ingest(site)?;
    for origin in Origin::BOTH {
        write_origin(site, origin)?;
    }
    edge(site)
}

fn ingest(site: &Site<'_>) -> Result<()> {
    let folder = site.folder.join("ingest");
    keys::write(&folder.join("keys.map"), &keys::map_line(site.key))?;
    keys::write_own_preset(&folder, site.own_key)?;
    let addresses = site.addresses;
    let values = [
        ("LOAD_RTMP", site.nginx.load_rtmp.clone()),
        ("USER", user_directive().to_owned()),
        ("DIR", folder.display().to_string()),
        ("CONF", own_folder().join("nginx").display().to_string()),
        ("PROGRAM", site.options.program.display().to_string()),
        ("RTMP_LISTEN", addresses.ingest_rtmp.to_string()),
        ("RTMP_URL", format!("rtmp://{}", addresses.ingest_rtmp)),
        ("HTTP_LISTEN", addresses.ingest_http.to_string()),
        ("HTTP_URL", format!("http://{}", addresses.ingest_http)),
        ("PRIMARY_RTMP_URL", format!("rtmp://{}", addresses.primary.rtmp)),
        ("BACKUP_RTMP_URL", format!("rtmp://{}", addresses.backup.rtmp)),
        ("OWN_KEY", site.own_key.to_owned()),
        ("OWN_PRESET", folder.join(keys::OWN_PRESET).display().to_string()),
        ("ORIGIN_KEY", format!(" tcUrl={}", site.own_key)),
        ("SEGMENT_MILLIS", site.options.segment_millis.to_string()),
        (
            "TEST_SOURCE",
            match site.options.source {
                Source::None => String::new(),
                _ => format!("--test-source {STREAM}"),
            },
        ),
        (
            "RECORD",
            key_frames(&folder) + &site.vod.map(|vod| record(vod, &folder)).unwrap_or_default(),
        ),
        (
            "REFUSED_LOG",
            site.folder.join(cameras::REFUSED).display().to_string() + " refused if=$is_refused",
        ),
    ];
    fill("ingest.conf", &values, &folder)
}

/// What is published is recorded, whole however long it lasts, and handed over when it stops.
fn record(vod: &recording::Local, folder: &Path) -> String {
    let upload = vod.upload();
    let program = shell::find("node").unwrap_or_else(|| "node".into());
    let arguments = upload.get_args().map(|argument| format!(" {}", argument.to_string_lossy()));
    let (folder, arguments) = (folder.display(), arguments.collect::<String>());
    format!(
        "            recorder whole {{\n                record all;\n                \
         record_path {folder}/recordings;\n                record_unique on;\n                \
         exec_record_done {}{arguments} $path --name $name 2>>{folder}/upload.log;\n            }}\n",
        program.display(),
    )
}

/// The latest key frames of each camera, for `cameras.rs`. Half a minute of them, then anew: it is a
/// file, and a camera may stay for weeks.
fn key_frames(folder: &Path) -> String {
    format!(
        "            recorder keys {{\n                record keyframes;\n                \
         record_path {}/keys;\n                record_interval 30s;\n            }}\n",
        folder.display()
    )
}

fn write_origin(site: &Site<'_>, origin: Origin) -> Result<()> {
    let folder = site.folder.join(origin.name());
    keys::write_own_preset(&folder, site.own_key)?;
    let (own, _) = site.addresses.of(origin);
    let preset = folder.join(keys::OWN_PRESET).display().to_string();
    let segment_millis = site.options.segment_millis;
    let kept_secs = (site.options.window + KEPT_BEYOND_WINDOW) * segment_millis / 1000;
    let (mut others, mut smooth_push) = (String::new(), String::new());
    if site.options.with_dash {
        others += &packagings::dash_locations(own.dash);
    }
    if site.options.with_dash && origin == Origin::Primary {
        others += &packagings::smooth_locations(&folder);
        let hls = format!("rtmp://{}/hls", own.rtmp);
        smooth_push = packagings::smooth_push(&hls, &folder, site.options);
        std::fs::create_dir_all(folder.join("smooth"))?;
    }
    let values = [
        ("LOAD_RTMP", site.nginx.load_rtmp.clone()),
        ("USER", user_directive().to_owned()),
        ("NAME", origin.name().to_owned()),
        ("DIR", folder.display().to_string()),
        ("CONF", own_folder().join("nginx").display().to_string()),
        ("RTMP_LISTEN", own.rtmp.to_string()),
        ("HTTP_LISTEN", own.http.to_string()),
        ("PLAYLISTS", own.playlists.to_string()),
        // The load test counts its lines; it ends with the stage.
        ("ACCESS_LOG", format!("{}/access.log requests", folder.display())),
        ("INGEST_ADDRESS", site.addresses.ingest_rtmp.ip().to_string()),
        ("HTTP_URL", format!("http://{}", own.http)),
        ("OWN_KEY", site.own_key.to_owned()),
        ("ON_INGEST", format!("            on_publish http://{}/is-ours;", own.http)),
        ("LADDER", site.options.ladder.command(&format!("rtmp://{}", own.rtmp), &preset)),
        ("SEGMENT_MILLIS", segment_millis.to_string()),
        ("MAX_SEGMENT_MILLIS", (segment_millis * 5).to_string()),
        ("KEPT_SECS", kept_secs.to_string()),
        ("SEGMENT_TTL_SECS", SEGMENT_TTL_SECS.to_string()),
        ("SMOOTH_PUSH", smooth_push),
        ("OTHER_PACKAGINGS", others),
    ];
    fill("origin.conf", &values, &folder)
}

fn edge(site: &Site<'_>) -> Result<()> {
    let folder = site.folder.join("edge");
    let values = [
        ("USER", user_directive().to_owned()),
        ("DIR", folder.display().to_string()),
        ("HTTP_LISTEN", site.addresses.edge.to_string()),
        ("PRIMARY", site.addresses.primary.http.to_string()),
        ("BACKUP", site.addresses.backup.http.to_string()),
        ("CACHE_SIZE", "1g".to_owned()),
        ("ACCESS_LOG", format!("{}/access.log requests", folder.display())),
    ];
    fill("edge.conf", &values, &folder)
}

fn fill(name: &str, values: &[(&str, String)], folder: &Path) -> Result<()> {
    let path = own_folder().join("nginx").join(name);
    let text =
        std::fs::read_to_string(&path).with_context(|| format!("{} is gone", path.display()))?;
    let filled = template::fill(&text, values).with_context(|| name.to_owned())?;
    keys::write(&folder.join("nginx.conf"), &filled)
}
