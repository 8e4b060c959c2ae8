//! What an origin of the stage has beside HLS with `--with-dash`, for the field's other players.
//!
//! In: its addresses, folder and rungs. Out: pieces of its nginx configuration: where DASH is asked for
//! ([`crate::dash`] makes it), and, on the primary alone, Smooth Streaming by ffmpeg's muxer, started
//! and ended with each stream like the ladder. Nothing else depends on either.

use crate::stage::Options;
use std::net::SocketAddr;
use std::path::Path;

/// Locations that pass questions for DASH on; times to live come with the answers.
#[must_use]
pub fn dash_locations(dash: SocketAddr) -> String {
    format!(
        r"
        location /dash/ {{
            proxy_pass http://{dash};
            proxy_http_version 1.1;
            proxy_set_header Connection '';
            proxy_read_timeout 2s;
        }}
"
    )
}

/// Locations of what Smooth Streaming's muxer writes into this folder. Manifests live as long as
/// playlists, fragments as long as segments.
#[must_use]
pub fn smooth_locations(folder: &Path) -> String {
    let folder = folder.display();
    format!(
        r#"
        location ~ ^/smooth/[\w.-]+/Manifest$ {{
            root {folder};
            default_type text/xml;
            add_header Cache-Control "public, max-age=1, stale-while-revalidate=2, stale-if-error=10";
            add_header Access-Control-Allow-Origin * always;
        }}
        location ~ "^/smooth/[\w.-]+/QualityLevels\(\d+\)/Fragments\([\w=]+\)$" {{
            root {folder};
            default_type video/mp4;
            add_header Cache-Control "public, max-age=600, immutable";
            add_header Access-Control-Allow-Origin * always;
        }}
"#
    )
}

/// What nginx-rtmp starts for each stream: the encoded rungs' pictures and the sound, as they come over
/// RTMP from `hls`, the application the ladder publishes to.
#[must_use]
pub fn smooth_push(hls: &str, folder: &Path, options: &Options) -> String {
    let mut words = vec!["exec_push ffmpeg -nostdin -v warning -y".to_owned()];
    // Smooth Streaming asks for one time in all qualities, and counts decoding times: a camera's
    // B-frames would set the rung that is passed through apart.
    let rungs = options.ladder.names();
    let encoded = rungs.get(1..).unwrap_or_default();
    for rung in encoded {
        // Time stamps as they are: alike in all rungs. Both codecs are known after the first frames.
        words.push(format!(
            "-copyts -rw_timeout 15000000 -analyzeduration 5000000 -i {hls}/$name_{rung}"
        ));
    }
    words.extend((0..encoded.len()).map(|index| format!("-map {index}:v:0")));
    words.push("-map 0:a:0? -c copy -f smoothstreaming -lookahead_count 2".to_owned());
    // A fragment ends with the first key frame after this, so a little less than a segment.
    let fragment_micros = options.segment_millis * 900;
    words.push(format!("-window_size {} -min_frag_duration {fragment_micros}", options.window));
    let folder = folder.display();
    let stream = format!("{folder}/smooth/$name.isml");
    words.push(format!("{stream} 2>>{folder}/smooth.log;"));
    // The muxer is killed as the ladder is, and leaves what it wrote.
    format!("            {}\n            exec_publish_done rm -rf {stream};\n", words.join(" "))
}
