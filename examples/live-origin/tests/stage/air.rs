//! What is on air: keys, ladder, codecs, headers, what viewers cost, and what becomes of it.

use crate::{answer, get, media_playlist, on_air, path_of, playlist_of, small, wait};
use anyhow::{Context, Result, bail, ensure};
use browser_tests::Scene;
use live_origin::load::{self, Plan, Target};
use live_origin::stage::{Running, STREAM, Stage};
use machine::shell;
use serde_json::Value;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::Duration;
use videosphere::playlist::{self, Playlist, Variant};
use webdriver::Browser::Chromium;

#[test]
#[ignore = "needs nginx with its RTMP module, ffmpeg, moto_server, Chromium"]
fn what_is_on_air_is_what_it_says() -> Result<()> {
    let mut options = small()?;
    options.with_recording = true;
    on_air(options, |stage| {
        doors_are_closed(stage)?;
        headers_come_from_the_origin(stage)?;
        the_edge_takes_nothing_but_reads(stage)?;
        browsers_may_ask_first(stage)?;
        lists_are_sent_small_and_once(stage)?;
        let variants = variants(stage)?;
        ensure!(variants.len() == 2, "{variants:?}");
        for variant in &variants {
            codecs_match_the_stream(stage, variant)?;
            captions_tell_the_time(stage, variant)?;
        }
        rungs_are_cut_alike(stage, &variants)?;
        origins_say_the_same(stage)?;
        viewers_cost_what_one_costs(stage)?;
        ensure!(stage.restarts() == 0, "something ended by itself");
        a_recording_becomes_a_video(stage)
    })
}

fn doors_are_closed(stage: &Stage) -> Result<()> {
    let addresses = stage.addresses();
    for address in [addresses.ingest_http, addresses.primary.http] {
        let answer = get(address, "/control/drop/publisher?app=live&name=camera")?;
        ensure!(answer.status == 403, "/control: {}", answer.status);
        let page = get(address, "/stat")?;
        ensure!(
            page.text()?.contains("stat.xml") && page.header("content-type") == Some("text/html")
        );
        ensure!(get(address, "/stat.xml")?.text()?.contains(&format!("<name>{STREAM}")));
    }
    ensure!(get(addresses.edge, "/stat.xml")?.status == 404, "statistics for viewers");
    for path in ["/hls/../nginx.conf", "/hls/camera_120p/../../nginx.conf", "/hls/..%2fnginx.conf"]
    {
        ensure!(get(addresses.edge, path)?.status != 200, "{path}");
    }
    Ok(())
}

/// Nothing but GET and HEAD goes through the edge, or past its cache.
fn the_edge_takes_nothing_but_reads(stage: &Stage) -> Result<()> {
    let edge = stage.addresses().edge;
    let path = playlist_of(stage, 0);
    let answer = |method| ask(edge, method, &path, "");
    for method in ["POST", "PUT", "DELETE"] {
        let answer = answer(method)?;
        ensure!(answer.starts_with("HTTP/1.1 403 "), "{method}: {answer}");
    }
    let head = answer("HEAD")?;
    ensure!(head.starts_with("HTTP/1.1 200 "), "{head}");
    Ok(())
}

/// What a page on another site wants to send is allowed, at the edge and at the origins behind it.
fn browsers_may_ask_first(stage: &Stage) -> Result<()> {
    let addresses = stage.addresses();
    let wanted = "range,if-none-match,cache-control,cmcd-request";
    let asks = format!("Access-Control-Request-Headers: {wanted}\r\n");
    let allowed = [
        "access-control-allow-origin: *",
        "access-control-allow-methods: get, head",
        &format!("access-control-allow-headers: {wanted}\r\n"),
        "access-control-max-age: 86400\r\n",
    ];
    for path in [playlist_of(stage, 0), format!("/hls/{STREAM}_120p/1.ts")] {
        for address in [addresses.edge, addresses.primary.http, addresses.backup.http] {
            let preflight = ask(address, "OPTIONS", &path, &asks)?.to_lowercase();
            ensure!(preflight.starts_with("http/1.1 204 "), "{path}: {preflight}");
            ensure!(allowed.iter().all(|line| preflight.contains(line)), "{path}: {preflight}");
            let head = ask(address, "HEAD", &path, "")?.to_lowercase();
            ensure!(!head.contains("access-control-allow-methods"), "{path}: {head}");
        }
    }
    Ok(())
}

/// Compressed for who wants that, and not sent to who has it; at the edge, and at an origin.
fn lists_are_sent_small_and_once(stage: &Stage) -> Result<()> {
    let (edge, primary) = (stage.addresses().edge, stage.addresses().primary.http);
    // Names of headers come in any case.
    let get = |address, path: &str, headers: &str| -> Result<String> {
        Ok(ask(address, "GET", path, headers)?.to_lowercase())
    };
    for path in [playlist_of(stage, 0), format!("/hls/{STREAM}.m3u8")] {
        let small = get(edge, &path, "Accept-Encoding: gzip\r\n")?;
        let is_small = ["\ncontent-encoding: gzip\r", "\nvary: accept-encoding\r", "\netag: w/"];
        ensure!(is_small.iter().all(|line| small.contains(line)), "{small}");
        for address in [edge, primary] {
            let mut seen = String::new();
            wait("an answer to who has it", || {
                seen = get(address, &path, "").ok()?;
                let (_, rest) = seen.split_once("\netag: ")?;
                let tag = rest.lines().next()?.to_owned();
                let tags = [tag.clone(), format!("\"other\", W/{tag}")];
                // The list may change in between.
                tags.iter()
                    .all(|tag| {
                        let has_it = format!("If-None-Match: {tag}\r\n");
                        seen = get(address, &path, &has_it).unwrap_or_default();
                        let is_bare =
                            seen.starts_with("http/1.1 304 ") && seen.ends_with("\r\n\r\n");
                        is_bare && seen.contains("\naccess-control-allow-origin: *\r")
                    })
                    .then_some(())
            })
            .with_context(|| format!("{path} at {address}: {seen}"))?;
        }
        let other = get(edge, &path, "If-None-Match: \"other\"\r\n")?;
        ensure!(other.starts_with("http/1.1 200 "), "{other}");
    }
    Ok(())
}

/// An answer as it comes. `headers`: whole lines.
fn ask(address: SocketAddr, method: &str, path: &str, headers: &str) -> Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    write!(stream, "{method} {path} HTTP/1.1\r\nHost: edge\r\nConnection: close\r\n{headers}\r\n")?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

fn headers_come_from_the_origin(stage: &Stage) -> Result<()> {
    let edge = stage.addresses().edge;
    let playlist = playlist_of(stage, 0);
    let newest = media_playlist(edge, &playlist)?.segments.last().map(|it| it.url.clone());
    let segment = newest.context("a segment")?;
    for (path, kind, max_age_secs) in [
        (format!("/hls/{STREAM}.m3u8").as_str(), "application/vnd.apple.mpegurl", 1..=10),
        (&playlist, "application/vnd.apple.mpegurl", 1..=2),
        (path_of(&segment)?, "video/mp2t", 60..=86_400),
    ] {
        get(edge, path)?;
        let at_edge = get(edge, path)?;
        let header = |name| at_edge.header(name).unwrap_or_default();
        let age = header("cache-control").split_once("max-age=").map(|(_, rest)| rest);
        let age = age.and_then(|rest| rest.split(',').next()?.trim().parse::<u32>().ok());
        ensure!(
            age.is_some_and(|age| max_age_secs.contains(&age)),
            "{path}: {:?}",
            at_edge.headers
        );
        ensure!(header("access-control-allow-origin") == "*", "{path}: {:?}", at_edge.headers);
        ensure!(header("content-type") == kind, "{path}: {:?}", at_edge.headers);
        ensure!(!header("x-cache-status").is_empty(), "{path}: {:?}", at_edge.headers);
        // The origin's word, in which there is something for edges alone.
        let at_origin = answer(stage.addresses().primary.http, path)?;
        let word = at_origin.header("cache-control").unwrap_or_default();
        let for_viewers = word.split(", stale-").next();
        ensure!(for_viewers == at_edge.header("cache-control"), "{path}: {:?}", at_origin.headers);
        let is_playlist = path.ends_with(".m3u8");
        ensure!(word.contains("stale-if-error=") == is_playlist, "{path}: {:?}", at_origin.headers);
    }
    ensure!(get(edge, path_of(&segment)?)?.header("x-cache-status") == Some("HIT"));
    Ok(())
}

fn variants(stage: &Stage) -> Result<Vec<Variant>> {
    let edge = stage.addresses().edge;
    let read = |path: &str| -> Result<Vec<Variant>> {
        let text = get(edge, path)?.text()?;
        match playlist::parse(&text, &format!("http://{edge}{path}"))? {
            Playlist::Multivariant(playlist) => Ok(playlist.variants),
            Playlist::Media(_) => bail!("{path} is a media playlist"),
        }
    };
    let (main, top) =
        (read(&format!("/hls/{STREAM}.main.m3u8"))?, read(&format!("/hls/{STREAM}.top.m3u8"))?);
    ensure!(main.len() == 1 && top.len() == 1 && top[0].width_px == 480, "{main:?} {top:?}");
    read(&format!("/hls/{STREAM}.m3u8"))
}

/// ffprobe of a segment, by a judge that is not ours.
fn probe(edge: SocketAddr, path: &str, arguments: &[&str], folder: &Path) -> Result<Value> {
    let answer = get(edge, path)?;
    ensure!(answer.status == 200, "{path}: {}", answer.status);
    let file = folder.join("probed.ts");
    std::fs::write(&file, &answer.body)?;
    let mut ffprobe = shell::command("ffprobe");
    ffprobe.args(["-v", "error", "-of", "json"]).args(arguments).arg(&file);
    Ok(serde_json::from_str(&shell::read(&mut ffprobe)?)?)
}

fn codecs_match_the_stream(stage: &Stage, variant: &Variant) -> Result<()> {
    let edge = stage.addresses().edge;
    let playlist = media_playlist(edge, path_of(&variant.url)?)?;
    let mut peak_bps = 0.0_f64;
    for segment in &playlist.segments {
        let answer = get(edge, path_of(&segment.url)?)?;
        peak_bps = peak_bps.max(answer.body.len() as f64 * 8.0 / segment.duration_secs);
    }
    let bandwidth = variant.bandwidth_bps as f64;
    ensure!(
        (peak_bps..peak_bps * 1.5 + 100_000.0).contains(&bandwidth),
        "BANDWIDTH {bandwidth} of segments up to {peak_bps}"
    );
    let newest = playlist.segments.last().context("a segment")?;
    let found = probe(edge, path_of(&newest.url)?, &["-show_streams"], stage.folder())?;
    let stream = |kind: &str| {
        let streams = found["streams"].as_array().map(Vec::as_slice).unwrap_or_default();
        streams.iter().find(|stream| stream["codec_type"] == kind).cloned().unwrap_or_default()
    };
    let (video, audio) = (stream("video"), stream("audio"));
    ensure!(video["width"] == variant.width_px && video["height"] == variant.height_px, "{video}");
    ensure!(audio["codec_name"] == "aac" && audio["profile"] == "LC", "{audio}");
    // avc1.PPCCLL: the profile's number, constraints, and ten times the level.
    let profile = match video["profile"].as_str() {
        Some("Constrained Baseline") => "42",
        Some("Main") => "4d",
        Some("High") => "64",
        other => bail!("a profile of {other:?}"),
    };
    let level = format!("{:02x}", video["level"].as_u64().unwrap_or(0));
    let codec = variant.codecs.first().context("CODECS")?;
    ensure!(
        codec.starts_with(&format!("avc1.{profile}")) && codec.ends_with(&level),
        "{codec}: {video}"
    );
    ensure!(
        variant.codecs.get(1).is_some_and(|codec| codec == "mp4a.40.2"),
        "{:?}",
        variant.codecs
    );
    ensure!(variant.frame_rate == Some(25.0), "{:?}", variant.frame_rate);
    Ok(())
}

/// The source's captions, passed through in one rung and through an encoder in the other, as ffmpeg reads
/// them.
fn captions_tell_the_time(stage: &Stage, variant: &Variant) -> Result<()> {
    let edge = stage.addresses().edge;
    let file = stage.folder().join("captions.ts");
    wait("a caption", || {
        let playlist = media_playlist(edge, path_of(&variant.url).ok()?).ok()?;
        // A line is loaded in one segment and shown in the next.
        let newest = playlist.segments.iter().rev().take(3).rev();
        let segments =
            newest.map(|segment| Some(get(edge, path_of(&segment.url).ok()?).ok()?.body));
        std::fs::write(&file, segments.collect::<Option<Vec<_>>>()?.concat()).ok()?;
        let mut ffmpeg = shell::command("ffmpeg");
        ffmpeg.args(["-v", "error", "-f", "lavfi", "-i"]);
        ffmpeg.arg(format!("movie={}[out+subcc]", file.display()));
        ffmpeg.args(["-map", "0:s", "-f", "srt", "-"]);
        let text = shell::read(&mut ffmpeg).ok()?;
        let line = text.lines().find_map(|line| line.split_once("It is ")?.1.split_once(" UTC"))?;
        (line.0.len() == "00:00:00".len()).then_some(())
    })
    .with_context(|| format!("in {}", variant.url))
}

/// Every rung has the same segments: numbers, dates, lengths, and a key frame at the same moment.
fn rungs_are_cut_alike(stage: &Stage, variants: &[Variant]) -> Result<()> {
    let edge = stage.addresses().edge;
    let lists = variants
        .iter()
        .map(|variant| media_playlist(edge, path_of(&variant.url)?))
        .collect::<Result<Vec<_>>>()?;
    let number = lists[0].segments.last().context("a segment")?.media_sequence - 1;
    let mut starts = Vec::new();
    for list in &lists {
        let segment = list.segments.iter().find(|segment| segment.media_sequence == number);
        let segment = segment.with_context(|| format!("{number} is not in {}", list.url))?;
        ensure!((segment.duration_secs - 2.0).abs() < 0.05, "{segment:?}");
        ensure!(segment.program_date_time_millis.is_some(), "{segment:?}");
        let packets = ["-select_streams", "v", "-show_entries", "packet=pts_time,flags"];
        let found = probe(edge, path_of(&segment.url)?, &packets, stage.folder())?;
        let packets = found["packets"].as_array().context("packets")?;
        let is_key =
            |packet: &&Value| packet["flags"].as_str().is_some_and(|it| it.starts_with('K'));
        ensure!(
            packets.first().is_some_and(|first| is_key(&first)),
            "{} begins without a key frame",
            segment.url
        );
        ensure!(
            packets.iter().filter(is_key).count() == 1,
            "key frames between in {}",
            segment.url
        );
        let pts = packets[0]["pts_time"].as_str().and_then(|text| text.parse::<f64>().ok());
        starts.push((pts.context("a PTS")?, segment.program_date_time_millis.unwrap_or(0.0)));
    }
    let (pts, date) = (starts[0].0 - starts[1].0, starts[0].1 - starts[1].1);
    // RTMP counts in milliseconds. B-frames keep the time of decoding apart from that of showing.
    ensure!(pts.abs() < 0.002 && date.abs() < 200.0, "{starts:?}");
    Ok(())
}

/// Both origins, asked by themselves, list the same segments under the same numbers.
fn origins_say_the_same(stage: &Stage) -> Result<()> {
    let addresses = stage.addresses();
    let path = playlist_of(stage, 0);
    wait("the same playlist of both origins", || {
        let list = |address| media_playlist(address, &path).ok();
        let names = |list: playlist::MediaPlaylist| {
            let name = |it: &playlist::Segment| {
                (it.media_sequence, it.url.rsplit('/').next().unwrap_or_default().to_owned())
            };
            list.segments.iter().map(name).collect::<Vec<_>>()
        };
        let [primary, backup] =
            [list(addresses.primary.http)?, list(addresses.backup.http)?].map(names);
        (primary.len() >= 3 && primary == backup).then_some(())
    })
}

fn viewers_cost_what_one_costs(stage: &Stage) -> Result<()> {
    let running = Running::of(stage);
    let edge = Target::edge(&running)?;
    // The one goes to the backup itself, in the same minute; the edge asks the primary.
    let backup = format!("http://{}/hls/{STREAM}.m3u8", running.addresses.backup.http);
    let backup = Target::new("backup origin", &backup)?;
    let plan = |clients, ramp| Plan {
        clients,
        ramp: Duration::from_secs(ramp),
        steady: Duration::from_secs(36 - ramp),
    };
    let (one, many) = std::thread::scope(|scope| {
        let one = scope.spawn(|| load::run(&backup, plan(1, 0)));
        let many = load::run(&edge, plan(150, 8));
        (one.join(), many)
    });
    let (one, many) = (one.ok().context("the one fell")??, many?);
    println!("{one}\n{many}");
    ensure!(one.requests >= 25 && one.errors == 0, "one viewer saw little: {one}");
    ensure!(many.requests > one.requests * 80, "the 150 did not watch: {many}");
    let cost = many.origin.total().saturating_sub(one.requests);
    let ratio = cost as f64 / one.requests as f64;
    ensure!(ratio <= 1.3, "150 viewers cost {ratio:.2} times what one costs");
    ensure!(many.errors == 0 && many.ran_backwards == 0, "{many}");
    Ok(())
}

fn a_recording_becomes_a_video(stage: &Stage) -> Result<()> {
    stage.publish(false)?;
    let url = wait("a recording that became a video", || stage.published().pop())?;
    let mut ffprobe = shell::command("ffprobe");
    ffprobe.args(["-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", &url]);
    let secs: f64 = shell::read(&mut ffprobe)?.trim().parse()?;
    ensure!(secs > 15.0, "{url} lasts {secs} s");
    Scene::new(Chromium).play(|scene| {
        scene.play(&url)?;
        scene.wait("!sphere.isLive && Number.isFinite(sphere.duration)")?;
        ensure!(
            (scene.number("sphere.duration")? - secs).abs() < 1.0,
            "another length than {secs}"
        );
        scene.look(20.0, 0.0, 75.0)
    })
}
