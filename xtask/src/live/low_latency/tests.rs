//! The whole origin, with ffmpeg: what two of them agree in, what ffprobe says of the media, and
//! what a client gets that asks ahead.

use super::*;
use crate::server::{Options as ServerOptions, Route, Server};

const LIMIT: Duration = Duration::from_secs(60);

struct Fixture {
    server: Server,
    _live: LowLatency,
}

impl Fixture {
    fn start(options: &Options) -> Self {
        let live = LowLatency::start(options).unwrap();
        live.wait_for_segments(4, LIMIT).unwrap();
        let routes = vec![Route::new("/ll/", live.ll_hls()), Route::new("/ivs/", live.ivs())];
        let server = Server::start(ServerOptions { routes, ..Default::default() }).unwrap();
        Self { server, _live: live }
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
#[ignore = "needs ffmpeg: cargo test -p xtask -- --ignored"]
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
