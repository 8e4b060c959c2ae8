//! What a player tells the servers of itself (`cmcd`): as a query, as headers, and in reports of events.

use anyhow::{Context, Result, ensure};
use browser_tests::{PlayerPage, Scene};
use serde_json::json;
use webdriver::Browser::Chromium;

/// Keys and values of a text as CMCD writes it; none of the values here has a comma.
fn keys_of(text: &str) -> Vec<(&str, &str)> {
    let parts = text.split(',').filter(|it| !it.is_empty());
    parts.map(|it| it.split_once('=').unwrap_or((it, ""))).collect()
}

fn value<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    keys_of(text).into_iter().find(|it| it.0 == key).map(|it| it.1)
}

/// What requests for names with this end said in their query.
fn queries(page: &PlayerPage, end: &str) -> Result<Vec<String>> {
    let asked = page.server.requests();
    let found = asked.iter().filter(|it| it.path.ends_with(end));
    let said = found.map(|it| {
        let argument = it.query.split('&').find_map(|part| part.strip_prefix("CMCD="));
        let argument =
            argument.with_context(|| format!("{} came without: {}", it.path, it.query))?;
        Ok(argument.replace("%2C", ",").replace("%3D", "=").replace("%22", "\""))
    });
    said.collect()
}

/// Waits for something that the page does not see itself.
fn wait_for(page: &PlayerPage, is_there: impl Fn() -> bool) -> Result<()> {
    let started = std::time::Instant::now();
    while !is_there() {
        ensure!(started.elapsed() < browser_tests::LIMIT, "{:#?}", page.server.requests());
        std::thread::yield_now();
    }
    Ok(())
}

/// A stream with `cmcd` from its start.
fn play(page: &PlayerPage, url: &str, cmcd: &str) -> Result<()> {
    page.server.clear_requests();
    page.act(&format!("forget(); sphere.cmcd = {cmcd}"))?;
    page.play(url)
}

#[test]
#[ignore = "needs Chromium"]
fn servers_are_told_what_a_request_is_for_and_how_playback_is() -> Result<()> {
    Scene::new(Chromium).play(|page| {
        // Nobody needs it who has not asked for it.
        page.play("/media/ts/master.m3u8")?;
        let asked = page.server.requests();
        let is_silent = |it: &dev_server::Request| {
            it.cmcd.is_empty() && !it.query.contains("CMCD") && !it.path.ends_with("/cmcd.js")
        };
        ensure!(asked.iter().all(is_silent), "told without being asked to");

        // The page's function gets what was added, and may sign it.
        page.act("sphere.request = ({ url }) => ({ url: `${url}&signed=${url.includes('CMCD=')}` })")?;
        play(page, "/media/cmaf/master.m3u8", "{ contentId: 'event', custom: { 'com.example-room': 7 } }")?;
        page.wait("sphere.variants.length > 0 && bufferedEnd() > 3")?;
        let asked = page.server.requests();
        let of_stream = asked.iter().filter(|it| it.path.starts_with("/media/cmaf/"));
        ensure!(of_stream.clone().count() > 4, "{asked:#?}");
        ensure!(of_stream.clone().all(|it| it.query.ends_with("&signed=true")), "{asked:#?}");
        let lists = queries(page, ".m3u8")?;
        let media = queries(page, ".m4s")?;
        let session = value(&media[0], "sid");
        ensure!(session.is_some_and(|it| it.len() > 30), "{media:?}");
        for said in lists.iter().chain(&media) {
            let keys: Vec<_> = keys_of(said).into_iter().map(|it| it.0).collect();
            ensure!(keys.is_sorted(), "{said}");
            assert_eq!((value(said, "sid"), value(said, "v")), (session, None), "{said}");
            assert_eq!((value(said, "cid"), value(said, "sf")), (Some("\"event\""), Some("h")));
            assert_eq!(value(said, "com.example-room"), Some("7"));
        }
        ensure!(lists.iter().all(|it| value(it, "ot") == Some("m")), "{lists:?}");
        let top = page.get("Math.round(Math.max(...sphere.variants.map((it) => it.bandwidth)) / 1000)")?;
        for said in media.iter().filter(|it| value(it, "ot") != Some("a")) {
            ensure!(matches!(value(said, "ot"), Some("v" | "av")), "{said}");
            assert_eq!(value(said, "tb").map(str::to_owned), Some(top.to_string()), "{said}");
            for key in ["bl", "br", "d", "dl"] {
                ensure!(value(said, key).is_some_and(|it| it.parse::<u64>().is_ok()), "{key}: {said}");
            }
        }
        assert_eq!(value(&media[0], "su"), Some(""), "the first segment is urgent");

        // To another origin, which has to be asked whether it takes them.
        page.act("sphere.request = null")?;
        let elsewhere = page.server.second_url("/media/cmaf/master.m3u8");
        play(page, &elsewhere, "{ mode: 'headers', version: 2, sessionId: 'mine', includeKeys: ['ot', 'sid', 'ab', 'd'] }")?;
        let asked = page.server.requests();
        // A late one of the stream before went to this origin.
        let is_elsewhere = |port: u16| elsewhere.contains(&format!(":{port}/"));
        let made = asked.iter().filter(|it| is_elsewhere(it.port) && it.method == "GET");
        let made: Vec<_> = made.collect();
        ensure!(made.len() > 3, "{asked:#?}");
        for it in &made {
            ensure!(it.cmcd.contains("cmcd-session: sid=\"mine\",v=2\n"), "{it:?}");
            ensure!(it.cmcd.contains("ot=") && it.query.is_empty(), "{it:?}");
        }
        ensure!(made.iter().any(|it| it.cmcd.starts_with("cmcd-object: ab=(")), "{made:#?}");
        assert_eq!(page.get("[details.error, details.warning]")?, json!([[], []]));
        Ok(())
    })
}

#[test]
#[ignore = "needs Chromium"]
fn a_collector_is_told_of_events() -> Result<()> {
    Scene::new(Chromium).play(|page| {
        let targets = "[{ url: '/collector', events: ['ps', 'bc', 'm', 'um'] }]";
        play(
            page,
            "/media/cmaf/master.m3u8",
            &format!("{{ mode: 'none', contentId: 'event', eventTargets: {targets} }}"),
        )?;
        let lines = || -> Vec<String> {
            let asked = page.server.requests();
            let posted = asked.iter().filter(|it| it.path == "/collector" && it.method == "POST");
            posted.flat_map(|it| it.body.lines().map(str::to_owned)).collect()
        };
        let told = |event: &str, part: &str| {
            lines()
                .iter()
                .any(|it| value(it, "e") == Some(event) && format!(",{it},").contains(part))
        };
        // The first report with the picture says how long it took.
        wait_for(page, || told("ps", ",sta=p,"))?;
        ensure!(
            lines().iter().filter(|it| value(it, "msd").is_some()).count() == 1,
            "{:#?}",
            lines()
        );
        page.act("sphere.muted = false; sphere.muted = true; sphere.pause()")?;
        wait_for(page, || told("ps", ",sta=a,"))?;
        page.act("sphere.src = ''; sphere.load()")?;
        wait_for(page, || told("ps", ",sta=q,"))?;
        for line in lines() {
            ensure!(value(&line, "ts").is_some_and(|it| it.len() == 13), "{line}");
            assert_eq!(
                (value(&line, "v"), value(&line, "cid")),
                (Some("2"), Some("\"event\"")),
                "{line}"
            );
        }
        let asked = page.server.requests();
        let media = asked.iter().filter(|it| it.path.contains("/cmaf/"));
        ensure!(media.clone().count() > 0 && media.clone().all(|it| !it.query.contains("CMCD")));
        Ok(())
    })
}
