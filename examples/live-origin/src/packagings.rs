//! DASH and Smooth Streaming of the same source, for the field's other players.
//!
//! In: the primary's rungs, over RTMP, already encoded. Out: the commands of ffmpeg's own muxers,
//! which write beside the primary's HLS, and the nginx locations that serve them. An optional
//! profile: no second origin has them, and nothing else depends on it. DASH counts from when it was
//! started, since that is what its manifest calls the start.

use crate::playlists::clock;
use crate::stage::{Addresses, Options, STREAM, log_to};
use anyhow::Result;
use std::path::Path;
use std::process::Command;

/// Manifests live as long as playlists, fragments as long as segments.
pub const LOCATIONS: &str = r#"
        location ~ ^/dash/[\w.-]+\.mpd$ {
            root {{DIR}};
            add_header Cache-Control "public, max-age=1, stale-while-revalidate=2, stale-if-error=10";
            add_header Access-Control-Allow-Origin * always;
        }
        location ~ ^/dash/[\w.-]+\.m4s$ {
            root {{DIR}};
            add_header Cache-Control "public, max-age=600, immutable";
            add_header Access-Control-Allow-Origin * always;
        }
        location ~ ^/smooth/[\w.-]+/Manifest$ {
            root {{DIR}};
            default_type text/xml;
            add_header Cache-Control "public, max-age=1, stale-while-revalidate=2, stale-if-error=10";
            add_header Access-Control-Allow-Origin * always;
        }
        location ~ "^/smooth/[\w.-]+/QualityLevels\(\d+\)/Fragments\([\w=]+\)$" {
            root {{DIR}};
            default_type video/mp4;
            add_header Cache-Control "public, max-age=600, immutable";
            add_header Access-Control-Allow-Origin * always;
        }
"#;

/// A packager: its name, and how it is started.
pub type Packager = (&'static str, Box<dyn Fn() -> Result<Command> + Send>);

/// One for DASH, one for Smooth Streaming.
#[must_use]
pub fn parts(folder: &Path, addresses: &Addresses, options: &Options) -> [Packager; 2] {
    let segment_secs = (options.segment_millis as f64 / 1000.0).to_string();
    let window = options.window.to_string();
    let packager = |name: &'static str, rungs: Vec<String>, arguments: Vec<String>| -> Packager {
        let rtmp = addresses.primary.rtmp;
        let (folder, log) = (folder.join("primary").join(name), folder.join(format!("{name}.log")));
        let make = move || {
            let mut ffmpeg = input(&rungs, &format!("rtmp://{rtmp}/hls/{STREAM}"));
            std::fs::create_dir_all(&folder)?;
            if name == "dash" {
                ffmpeg.args(["-output_ts_offset", &format!("-{}", clock::within_period_secs())]);
            }
            ffmpeg.current_dir(&folder).args(&arguments);
            log_to(&mut ffmpeg, &log)?;
            Ok(ffmpeg)
        };
        (name, Box::new(make))
    };
    let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let mut dash = words("-f dash -use_template 1 -use_timeline 1 -streaming 0 -remove_at_exit 1");
    dash.extend([
        "-seg_duration".to_owned(),
        segment_secs,
        "-window_size".to_owned(),
        // ffmpeg calls the first packet's moment the start, which connecting delays by some seconds
        // against the time stamps; a player has to find its place in the window all the same.
        (options.window.max(10) * 3).to_string(),
    ]);
    dash.extend(["-adaptation_sets".to_owned(), "id=0,streams=v id=1,streams=a".to_owned()]);
    dash.push(format!("{STREAM}.mpd"));
    let mut smooth = words("-f smoothstreaming -lookahead_count 2 -remove_at_exit 1 -window_size");
    smooth.push(window);
    // A fragment ends with the first key frame after this, so a little less than a segment.
    let fragment_micros = options.segment_millis * 900;
    smooth.extend(["-min_frag_duration".to_owned(), fragment_micros.to_string()]);
    smooth.push(format!("{STREAM}.isml"));
    // Smooth Streaming asks for one time in all qualities, and counts decoding times: a camera's
    // B-frames would set the rung that is passed through apart.
    let rungs = options.ladder.names();
    let encoded = rungs.get(1..).unwrap_or_default().to_vec();
    [packager("dash", rungs, dash), packager("smooth", encoded, smooth)]
}

/// All rungs' pictures, and the sound once.
fn input(rungs: &[String], stream: &str) -> Command {
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-nostdin", "-v", "warning", "-y"]);
    for rung in rungs {
        // Time stamps as they are: alike in all rungs.
        ffmpeg.args(["-copyts", "-rw_timeout", "15000000"]);
        // Both codecs are known after the first frames.
        ffmpeg.args(["-analyzeduration", "5000000", "-i", &format!("{stream}_{rung}")]);
    }
    for index in 0..rungs.len() {
        ffmpeg.args(["-map", &format!("{index}:v:0")]);
    }
    ffmpeg.args(["-map", "0:a:0?", "-c", "copy"]);
    ffmpeg
}
