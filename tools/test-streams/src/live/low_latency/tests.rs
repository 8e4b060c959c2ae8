//! The whole origin, with ffmpeg: what two of them agree in, what ffprobe says of the media, and
//! what a client gets that asks ahead.

use super::*;
use dev_server::{Options as ServerOptions, Route, Server};
use machine::shell;
use std::path::Path;

const LIMIT: Duration = Duration::from_secs(60);

struct Fixture {
    server: Server,
    live: LowLatency,
}

impl Fixture {
    fn start(options: &Options) -> Self {
        let live = LowLatency::start(options).unwrap();
        live.wait_for_segments(4, LIMIT).unwrap();
        let routes = vec![Route::new("/ll/", live.ll_hls()), Route::new("/ivs/", live.ivs())];
        let server = Server::start(ServerOptions { routes, ..Default::default() }).unwrap();
        Self { server, live }
    }

    fn get(&self, path: &str) -> (u16, Vec<u8>) {
        let config = ureq::Agent::config_builder().http_status_as_error(false);
        let agent: ureq::Agent = config.timeout_global(Some(LIMIT)).build().into();
        let mut response = agent.get(self.server.url(path)).call().unwrap();
        (response.status().as_u16(), response.body_mut().read_to_vec().unwrap())
    }

    fn text(&self, path: &str) -> String {
        let (status, body) = self.get(path);
        assert_eq!(status, 200, "{path}: {}", String::from_utf8_lossy(&body));
        String::from_utf8(body).unwrap()
    }
}

#[test]
#[ignore = "needs ffmpeg: cargo test -p test-streams -- --ignored"]
fn two_origins_of_one_source_agree() {
    let options = Options { past_secs: 20, ..Options::test() };
    let one = Fixture::start(&options);
    // The other starts later, with less of the past.
    let other = Fixture::start(&Options::test());
    let playlists = |name: &str| [&one, &other].map(|it| it.text(&format!("/{name}/index.m3u8")));
    for name in ["ll/640", "ll/audio", "ivs/640"] {
        let [a, b] = playlists(name);
        let dates = |text: &str| {
            let mut date = String::new();
            let mut dates = std::collections::BTreeMap::new();
            for line in text.lines() {
                if let Some(at) = line.strip_prefix("#EXT-X-PROGRAM-DATE-TIME:") {
                    at.clone_into(&mut date);
                } else if !line.starts_with('#') {
                    dates.insert(line.to_owned(), date.clone());
                }
            }
            dates
        };
        let (a, b) = (dates(&a), dates(&b));
        let common: Vec<_> = a.keys().filter(|name| b.contains_key(*name)).collect();
        assert!(common.len() >= 3, "{name}: {a:?} {b:?}");
        assert!(common.iter().all(|name| a[*name] == b[*name]), "{name}: {a:?} {b:?}");
        if name == "ll/640" {
            for file in common {
                let [a, b] = [&one, &other].map(|it| it.get(&format!("/ll/640/{file}")).1);
                assert!(a == b, "{file} differs");
            }
        }
    }
}

/// What ffprobe says of a file's packets: kind, presentation time, flags.
fn packets(file: &Path) -> Vec<(String, f64, bool)> {
    let mut ffprobe = shell::command("ffprobe");
    ffprobe.args(["-v", "error", "-show_entries", "packet=codec_type,pts_time,flags"]);
    let text = shell::read(ffprobe.args(["-of", "csv=p=0"]).arg(file)).unwrap();
    let fields = |line: &str| {
        let mut fields = line.split(',');
        let kind = fields.next()?.to_owned();
        let pts_secs = fields.next()?.parse().ok()?;
        Some((kind, pts_secs, fields.next()?.starts_with('K')))
    };
    text.lines().filter_map(fields).collect()
}

/// Holds a file against what it has to be: whole segments from this time on, which ffmpeg decodes
/// without a word.
fn judge(file: &Path, start_secs: f64, frames: usize) {
    let mut ffmpeg = shell::command("ffmpeg");
    ffmpeg.args(["-v", "warning", "-nostdin", "-i"]).arg(file).args(["-f", "null", "-"]);
    let said = shell::capture(&mut ffmpeg).unwrap().stderr;
    assert_eq!(String::from_utf8_lossy(&said), "", "{}", file.display());
    let video: Vec<_> = packets(file).into_iter().filter(|it| it.0 == "video").collect();
    assert_eq!(video.len(), frames, "{}", file.display());
    assert!(video[0].2, "it begins with a key frame");
    let first = video.iter().map(|it| it.1).fold(f64::INFINITY, f64::min);
    assert!((first - start_secs).abs() < 0.000_1, "{first} instead of {start_secs}");
}

#[test]
#[ignore = "needs ffmpeg: cargo test -p test-streams -- --ignored"]
fn ffmpeg_takes_the_media_as_they_are() {
    let folder = std::env::temp_dir().join(format!("streams-judged-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    // With reordered pictures, as the demo's widest rung has them.
    let looped = folder.join("looped.mp4");
    let mut ffmpeg = shell::command("ffmpeg");
    ffmpeg.args(["-v", "error", "-f", "lavfi", "-i", "testsrc=s=160x80:r=24:d=4"]);
    ffmpeg.args(["-c:v", "libx264", "-preset", "ultrafast", "-bf", "2", "-g", "48"]);
    ffmpeg.args(["-x264-params", "open-gop=0:scenecut=0", "-pix_fmt", "yuv420p"]).arg(&looped);
    shell::capture(&mut ffmpeg).unwrap();
    let looped = LoopedRung { file: looped, width_px: 160, frame_rate: 24 };
    let fixture = Fixture::start(&Options { looped: Some(looped), ..Options::test() });
    // ffmpeg shows pictures of a file with negative composition offsets later by the largest of
    // them, here one frame; the file itself is right (ISO/IEC 14496-12 8.6.1.3).
    for (name, frame_rate, shift_secs) in [("640", 30, 0.0), ("160", 24, 1.0 / 24.0)] {
        let number = numbers(&fixture.text(&format!("/ll/{name}/index.m3u8")))[1];
        let start_secs = number as f64 * 2.0;
        let mut cmaf = fixture.get(&format!("/ll/{name}/init.mp4")).1;
        let mut ts = Vec::new();
        for number in [number, number + 1] {
            cmaf.extend(fixture.get(&format!("/ll/{name}/{number}.m4s")).1);
            ts.extend(fixture.get(&format!("/ivs/{name}/{number}.ts")).1);
        }
        let (cmaf_file, ts_file) = (folder.join("cmaf.mp4"), folder.join("segments.ts"));
        std::fs::write(&cmaf_file, cmaf).unwrap();
        std::fs::write(&ts_file, ts).unwrap();
        judge(&cmaf_file, start_secs + shift_secs, 4 * frame_rate);
        judge(&ts_file, start_secs % ((1u64 << 33) as f64 / 90_000.0), 4 * frame_rate);
        assert!(packets(&ts_file).iter().filter(|it| it.0 == "audio").count() >= 186);
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

/// The segments a playlist lists.
fn numbers(playlist: &str) -> Vec<u64> {
    let stem = |line: &str| line.split('.').next()?.parse().ok();
    playlist.lines().filter(|line| !line.starts_with('#')).filter_map(stem).collect()
}

#[test]
#[ignore = "needs ffmpeg: cargo test -p test-streams -- --ignored"]
fn an_encoder_that_crashes_leaves_no_hole() {
    let fixture = Fixture::start(&Options::test());
    let last = *numbers(&fixture.text("/ll/640/index.m3u8")).last().unwrap();
    fixture.live.crash_encoder();
    // Held until they are complete, crash or not.
    for path in ["ll/640", "ll/audio", "ivs/640"] {
        let mut listed = numbers(&fixture.text(&format!("/{path}/index.m3u8")));
        let started = Instant::now();
        while *listed.last().unwrap() < last + 3 {
            assert!(started.elapsed() < LIMIT, "{path}: {listed:?}");
            listed = numbers(&fixture.text(&format!("/{path}/index.m3u8")));
        }
        assert!(listed[0] < last, "{path} began anew: {listed:?}, was at {last}");
        assert!(listed.windows(2).all(|two| two[0] + 1 == two[1]), "{path}: {listed:?}");
    }
}

#[test]
#[ignore = "needs ffmpeg: cargo test -p test-streams -- --ignored"]
fn an_origin_dies_and_comes_back_to_the_present() {
    let fixture = Fixture::start(&Options::test());
    let url = fixture.server.url("/ll/640/index.m3u8");
    fixture.live.set_health(Health::Gone);
    assert!(ureq::get(&url).call().is_err());
    fixture.live.set_health(Health::Well);
    let last = *numbers(&fixture.text("/ll/640/index.m3u8")).last().unwrap();
    assert!(last * samples::SEGMENT_SECS + 10 > date::now().as_secs(), "the encoder went on");
    // Both prefetch URLs can be asked for: the second once its segment begins.
    let text = fixture.text("/ivs/640/index.m3u8");
    let hinted: Vec<&str> =
        text.lines().filter_map(|line| line.strip_prefix("#EXT-X-PREFETCH:")).collect();
    assert_eq!(hinted.len(), 2);
    for name in hinted {
        let (status, body) = fixture.get(&format!("/ivs/640/{name}"));
        assert_eq!((status, body.first(), body.len() % 188), (200, Some(&0x47), 0), "{name}");
    }
}
