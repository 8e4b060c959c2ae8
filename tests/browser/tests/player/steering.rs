//! Content steering: a server says from where the stream is played.

use anyhow::{Result, ensure};
use browser_tests::{PlayerPage, Scene};
use serde_json::json;
use webdriver::Browser::Chromium;

/// A stream at both of the server's origins, as pathways `A` and `B`; two minutes long.
fn serve_stream(page: &PlayerPage) {
    let list = |origin: &str| {
        let segments: String = (0..60)
            .map(|number| {
                format!(
                    "#EXTINF:2,\n{origin}/fixtures/vod_{}.ts\n#EXT-X-DISCONTINUITY\n",
                    number % 2
                )
            })
            .collect();
        format!("#EXTM3U\n#EXT-X-TARGETDURATION:2\n{segments}#EXT-X-ENDLIST\n")
    };
    let [first, second] = [page.server.url(""), page.server.second_url("")];
    page.serve_playlist("/made/a.m3u8", &list(&first));
    page.serve_playlist("/made/b.m3u8", &list(&second));
    page.serve_playlist(
        "/made/steered.m3u8",
        "#EXTM3U\n#EXT-X-CONTENT-STEERING:SERVER-URI=\"/made/first.json\",PATHWAY-ID=\"A\"\n\
         #EXT-X-STREAM-INF:BANDWIDTH=400000,PATHWAY-ID=\"A\",STABLE-VARIANT-ID=\"one\"\na.m3u8\n\
         #EXT-X-STREAM-INF:BANDWIDTH=400000,PATHWAY-ID=\"B\",STABLE-VARIANT-ID=\"one\"\nb.m3u8\n",
    );
}

/// Serves a manifest under this name; it leads to the next name, which the server is asked for each second from then
/// on, with or without an answer.
fn serve_manifest(page: &PlayerPage, name: &str, priority: &[&str], next: &str) {
    let manifest = json!({
        "VERSION": 1, "TTL": 1, "RELOAD-URI": format!("{next}.json"), "PATHWAY-PRIORITY": priority,
        "PATHWAY-CLONES": [{
            "BASE-ID": "B", "ID": "C", "URI-REPLACEMENT": { "PARAMS": { "clone": "yes" } },
        }],
    });
    page.serve(&format!("/made/{name}.json"), "application/json", &manifest.to_string());
}

#[test]
#[ignore = "needs Chromium"]
fn the_server_moves_a_stream_and_clones_a_pathway() -> Result<()> {
    Scene::new(Chromium).expecting(&["status of 404"]).play(|page| {
        serve_stream(page);
        serve_manifest(page, "first", &["A", "B"], "second");
        page.act(
            "globalThis.pathways = [];
             sphere.addEventListener('pathwaychange', ({ detail }) => pathways.push(detail.pathway));
             sphere.config = { buffer: { aheadSecs: 4 } }",
        )?;
        page.play("/made/steered.m3u8")?;
        page.wait("pathways.join() === 'A' && sphere.variants.length === 3")?;
        assert_eq!(page.get("sphere.variants.map((it) => it.pathway)")?, json!(["A", "B", "C"]));
        // What gives no answer changes nothing, and is said.
        page.wait("details.warning.some(({ name }) => name === 'steering-failed')")?;
        serve_manifest(page, "second", &["B", "A"], "third");
        page.wait("pathways.join() === 'A,B'")?;
        serve_manifest(page, "third", &["C", "A"], "fourth");
        page.wait("pathways.join() === 'A,B,C'")?;

        let asked = page.server.requests();
        ensure!(
            asked.iter().any(|it| it.path.ends_with("b.m3u8") && it.query == "clone=yes"),
            "{asked:#?}"
        );
        let told = |part: &str| {
            let mut steering = asked.iter().filter(|it| it.path.ends_with(".json"));
            steering.any(|it| it.query.contains(part))
        };
        ensure!(told("_HLS_pathway=A") && told("_HLS_throughput="), "{asked:#?}");
        page.act("sphere.currentTime = sphere.duration - 3")?;
        page.wait("sphere.ended")?;
        assert_eq!(page.get("[pathways.join(), details.error]")?, json!(["A,B,C", []]));
        Ok(())
    })
}
