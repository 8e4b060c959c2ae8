//! The server as a client sees it.

use super::*;
use std::time::Duration;

struct Fixture {
    server: Server,
    folder: PathBuf,
}

impl Fixture {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("dev-server-{name}-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("demo")).unwrap();
        std::fs::write(folder.join("a.ts"), (0..=255u8).collect::<Vec<_>>()).unwrap();
        std::fs::write(folder.join("a.js"), "whole").unwrap();
        std::fs::write(folder.join("a.js.br"), "less").unwrap();
        std::fs::write(folder.join("master.m3u8"), "#EXTM3U\n").unwrap();
        std::fs::write(folder.join("demo/index.html"), "<p>demo").unwrap();
        let options = Options {
            mounts: vec![Mount::new("/", &folder)],
            home: Some("/demo/".to_owned()),
            control: true,
            compressed: true,
            ..Options::default()
        };
        Self { server: Server::start(options).unwrap(), folder }
    }

    fn get(&self, path: &str, headers: &[(&str, &str)]) -> Result<Reply, ureq::Error> {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_recv_body(Some(Duration::from_secs(1)));
        let agent: ureq::Agent = config.build().into();
        let mut request = agent.get(self.server.url(path));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut response = request.call()?;
        let header = |name: &str| {
            response.headers().get(name).map(|value| value.to_str().unwrap().to_owned())
        };
        let names = [
            "content-type",
            "content-encoding",
            "content-range",
            "etag",
            "location",
            "content-length",
        ];
        let names = names.into_iter().chain(["access-control-allow-origin"]);
        let headers = names.filter_map(|name| Some((name, header(name)?))).collect();
        let status = response.status().as_u16();
        Ok(Reply { status, headers, body: response.body_mut().read_to_vec()? })
    }
}

impl Drop for Fixture {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

#[derive(Debug)]
struct Reply {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl Reply {
    fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value)
    }
}

#[test]
fn files_have_types_lengths_ranges_and_cors() {
    let fixture = Fixture::new("files");
    let reply = fixture.get("/a.ts", &[]).unwrap();
    assert_eq!((reply.status, reply.body.len()), (200, 256));
    assert_eq!(reply.header("content-type"), "video/mp2t");
    assert_eq!(reply.header("content-length"), "256");
    assert_eq!(reply.header("access-control-allow-origin"), "*");
    let part = fixture.get("/a.ts", &[("Range", "bytes=10-12")]).unwrap();
    assert_eq!((part.status, part.body.as_slice()), (206, &[10, 11, 12][..]));
    assert_eq!(part.header("content-range"), "bytes 10-12/256");
    let beyond = fixture.get("/a.ts", &[("Range", "bytes=256-")]).unwrap();
    assert_eq!((beyond.status, beyond.header("content-range")), (416, "bytes */256"));
    let playlist = fixture.get("/master.m3u8", &[]).unwrap();
    assert_eq!(playlist.header("content-type"), "application/vnd.apple.mpegurl");
    let known = [("If-None-Match", playlist.header("etag"))];
    assert_eq!(fixture.get("/master.m3u8", &known).unwrap().status, 304);
    assert_eq!(fixture.get("/none.ts", &[]).unwrap().status, 404);
}

#[test]
fn who_takes_brotli_gets_it_where_it_is_there() {
    let fixture = Fixture::new("brotli");
    let taking = [("Accept-Encoding", "gzip, br;q=1.0")];
    let small = fixture.get("/a.js", &taking).unwrap();
    assert_eq!((small.header("content-encoding"), small.body.as_slice()), ("br", &b"less"[..]));
    assert_eq!(small.header("content-type"), "text/javascript; charset=utf-8");
    let whole = fixture.get("/a.js", &[("Accept-Encoding", "gzip")]).unwrap();
    assert_eq!((whole.header("content-encoding"), whole.body.as_slice()), ("", &b"whole"[..]));
    assert_eq!(fixture.get("/a.ts", &taking).unwrap().header("content-encoding"), "");
}

#[test]
fn folders_lead_to_their_page() {
    let fixture = Fixture::new("folders");
    assert_eq!(fixture.get("/", &[]).unwrap().header("location"), "/demo/");
    assert_eq!(fixture.get("/demo", &[]).unwrap().header("location"), "/demo/");
    assert_eq!(fixture.get("/demo/", &[]).unwrap().body, b"<p>demo");
}

#[test]
fn faults_strike_and_the_log_tells() {
    let fixture = Fixture::new("faults");
    let faults = fixture.server.faults();
    faults.add(Rule::new("a.ts", Fault::Status { status: 503 }).times(1));
    faults.add(Rule::new("a.ts", Fault::Truncate { bytes: 100 }).times(1));
    faults.add(Rule::new("a.ts", Fault::Shorten { bytes: 100 }).times(1));
    faults.add(Rule::new("a.ts", Fault::Html).times(1));
    faults.add(Rule::new("a.ts", Fault::Reset).times(1));
    faults.add(Rule::new("a.ts", Fault::Stall { bytes: 8 }).times(1));
    faults.add(Rule::new("a.ts", Fault::NoCors).times(1));
    faults.add(Rule::new("a.ts", Fault::Chunked).times(1));
    assert_eq!(fixture.get("/a.ts", &[]).unwrap().status, 503);
    assert!(fixture.get("/a.ts", &[]).is_err(), "truncated");
    assert_eq!(fixture.get("/a.ts", &[]).unwrap().body.len(), 100);
    assert!(fixture.get("/a.ts", &[]).unwrap().body.starts_with(b"<!doctype html>"));
    assert!(fixture.get("/a.ts", &[]).is_err(), "reset");
    assert!(fixture.get("/a.ts", &[]).is_err(), "stalled");
    assert_eq!(fixture.get("/a.ts", &[]).unwrap().header("access-control-allow-origin"), "");
    let chunked = fixture.get("/a.ts", &[]).unwrap();
    assert_eq!((chunked.header("content-length"), chunked.body.len()), ("", 256));
    assert_eq!(fixture.get("/a.ts", &[]).unwrap().body.len(), 256);
    let log = fixture.server.requests();
    let statuses: Vec<u16> = log.iter().map(|request| request.status).collect();
    assert_eq!(statuses, [503, 200, 200, 200, 0, 200, 200, 200, 200]);
}

#[test]
fn a_throttled_body_arrives_whole() {
    let fixture = Fixture::new("throttle");
    fixture.server.faults().add(Rule::new("", Fault::Throttle { bytes_per_second: 1280 }));
    assert_eq!(fixture.get("/a.ts", &[]).unwrap().body, (0..=255u8).collect::<Vec<_>>());
}

#[test]
fn scripts_set_faults_and_the_second_origin_serves_the_same() {
    let fixture = Fixture::new("control");
    let url = fixture.server.url("/__faults");
    let to = format!("{}{{path}}", fixture.server.second_url(""));
    let rule = serde_json::to_string(&Rule::new(".ts", Fault::Redirect { to })).unwrap();
    assert_eq!(ureq::post(&url).send(&rule).unwrap().status(), 200);
    let target = fixture.get("/a.ts?x=1", &[]).unwrap().header("location").to_owned();
    assert_eq!(target, fixture.server.second_url("/a.ts?x=1"));
    ureq::delete(&url).call().unwrap();
    let second = ureq::get(&target).call().unwrap().body_mut().read_to_vec().unwrap();
    assert_eq!(second.len(), 256);
    assert!(ureq::post(&url).send("{}").is_err(), "no rule at all");
}
