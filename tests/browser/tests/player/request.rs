//! The option `request`: which servers a page's headers reach, and its cookies.

use anyhow::{Result, ensure};
use browser_tests::{PlayerPage, Scene};
use dev_server::{Fault, Rule};
use serde_json::json;
use webdriver::Browser::Chromium;

/// Plays a list of this server that names one segment of another, and gives the tokens that came
/// with the segments: of this server, of the other.
fn tokens(page: &PlayerPage, request: &str) -> Result<[Option<String>; 2]> {
    let other = page.server.second_url("/fixtures/vod_1.ts");
    page.serve_playlist(
        "/made/two_hosts.m3u8",
        &format!(
            "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n/fixtures/vod_0.ts\n#EXTINF:2,\n{other}\n#EXT-X-ENDLIST\n"
        ),
    );
    page.server.clear_requests();
    page.act(&format!("usePlayer({{ src: '/made/two_hosts.m3u8', request: {request} }})"))?;
    page.wait("bufferedEnd() > 3.5")?;
    let asked = page.server.requests();
    let list = asked.iter().find(|it| it.path.ends_with(".m3u8"));
    ensure!(list.is_some_and(|it| it.token.is_some()), "the stream's own list lacks the token");
    let token = |name: &str| {
        let found = asked.iter().find(|it| it.path.ends_with(name) && it.method == "GET");
        found.and_then(|it| it.token.clone())
    };
    Ok([token("vod_0.ts"), token("vod_1.ts")])
}

#[test]
#[ignore = "needs Chromium"]
fn headers_go_home_and_where_the_page_says() -> Result<()> {
    Scene::new(Chromium).play(|page| {
        let secret = || Some("secret".to_owned());
        let headers = "headers: { 'X-Token': 'secret' }";
        assert_eq!(tokens(page, &format!("{{ {headers} }}"))?, [secret(), None]);
        let named = format!("{{ {headers}, origins: ['{}'] }}", page.server.second_url("/a/b"));
        assert_eq!(tokens(page, &named)?, [secret(), secret()]);
        let everywhere = format!("{{ {headers}, origins: ['*'] }}");
        assert_eq!(tokens(page, &everywhere)?, [secret(), secret()]);
        let refused = page.get(
            "(() => { try { usePlayer({ request: { origins: ['cdn'] } }) } catch (error) { return error.message } })()",
        )?;
        ensure!(refused.to_string().contains("request.origins"), "{refused}");
        Ok(())
    })
}

/// Plays a stream of another origin on a fresh element, and gives the cookies that its list and its
/// segment were asked for with.
fn cookies(page: &PlayerPage, attributes: &str) -> Result<[Option<String>; 2]> {
    page.serve_playlist(
        "/made/short.m3u8",
        "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n/fixtures/vod_0.ts\n#EXT-X-ENDLIST\n",
    );
    page.server.clear_requests();
    let url = page.server.second_url("/made/short.m3u8");
    page.act(&format!(
        "sphere.outerHTML = `<video-sphere muted {attributes} src=\"{url}\"></video-sphere>`;
         watch(document.querySelector('video-sphere'))"
    ))?;
    page.wait("bufferedEnd() > 1.5")?;
    let asked = page.server.requests();
    let cookie = |end: &str| {
        let found = asked.iter().find(|it| it.path.ends_with(end) && it.method == "GET");
        found.and_then(|it| it.cookie.clone())
    };
    Ok([cookie(".m3u8"), cookie(".ts")])
}

#[test]
#[ignore = "needs Chromium"]
fn cookies_go_where_the_element_says_so() -> Result<()> {
    Scene::new(Chromium).play(|page| {
        // A cookie is its host's, whatever the port.
        page.act("document.cookie = 'viewer=7; path=/'")?;
        let sent = || Some("viewer=7".to_owned());
        assert_eq!(cookies(page, "")?, [None, None]);
        assert_eq!(cookies(page, "crossorigin=\"use-credentials\"")?, [sent(), sent()]);
        assert_eq!(cookies(page, "request='{\"credentials\": \"include\"}'")?, [sent(), sent()]);
        let both = "crossorigin=\"use-credentials\" request='{\"credentials\": \"omit\"}'";
        assert_eq!(cookies(page, both)?, [None, None]);
        page.act("document.cookie = 'viewer=; path=/; max-age=0'")
    })
}

/// A function that puts the page's token into every address, and takes the next one when it is refused.
const SIGNS: &str = "globalThis.token = 1;
    globalThis.words = [];
    sphere.request = async ({ url, resource, refusedWith }) => {
      words.push([resource, refusedWith ?? 0]);
      if (refusedWith) token = 2;
      return { url: `${url}?token=${token}` };
    };";

/// What was asked for of a stream: query, and status.
fn asked_of(page: &PlayerPage, folder: &str) -> Vec<(String, u16)> {
    let asked = page.server.requests();
    let of_stream = asked.iter().filter(|it| it.path.starts_with(folder));
    of_stream.map(|it| (it.query.clone(), it.status)).collect()
}

#[test]
#[ignore = "needs Chromium"]
fn a_token_that_runs_out_is_renewed_by_the_pages_function() -> Result<()> {
    Scene::new(Chromium).expecting(&["status of 403"]).play(|page| {
        // Nobody needs it who has no function.
        page.play("/media/cmaf/master.m3u8")?;
        let loads_hook = |page: &PlayerPage| {
            page.server.requests().iter().any(|it| it.path.contains("request_hook"))
        };
        ensure!(!loads_hook(page), "a page without a function loads what is for those with one");

        page.act(&format!("{SIGNS} forget()"))?;
        page.server.clear_requests();
        // Both playlists, the init segments and one or two segments, then it has run out.
        page.server.faults().add(Rule::new("token=1", Fault::Status { status: 403 }).after(7));
        page.play("/media/cmaf/master.m3u8")?;
        page.act("sphere.currentTime = 0; sphere.playbackRate = 4")?;
        page.wait("sphere.ended")?;
        ensure!(loads_hook(page), "the function was asked by nobody");
        assert_eq!(page.get("[details.error, details.warning]")?, json!([[], []]));

        let asked = asked_of(page, "/media/cmaf/");
        ensure!(asked.iter().all(|(query, _)| query.starts_with("token=")), "{asked:?}");
        let count = |query: &str, status: u16| {
            asked.iter().filter(|it| it.0 == query && it.1 / 100 == status / 100).count()
        };
        assert_eq!((count("token=1", 200), count("token=2", 403)), (7, 0), "{asked:?}");
        let refused = count("token=1", 403);
        ensure!(refused > 0 && count("token=2", 200) > refused, "{asked:?}");

        let words = page.get("words")?;
        let said = |resource: &str, status: u16| {
            words.as_array().is_some_and(|all| all.contains(&json!([resource, status])))
        };
        ensure!(["playlist", "init", "segment"].iter().all(|it| said(it, 0)), "{words}");
        let renewed = words.as_array().map(|all| all.iter().filter(|it| it[1] == 403).count());
        assert_eq!(renewed, Some(refused), "asked once more for each, and once only");
        Ok(())
    })
}

#[test]
#[ignore = "needs Chromium"]
fn a_function_that_fails_is_told_by_its_own_words_and_hangs_nothing() -> Result<()> {
    Scene::new(Chromium).play(|page| {
        page.act("sphere.config = { retry: { maxRetries: 1, minDelayMillis: 100, firstByteTimeoutMillis: 1000 } }")?;
        for (function, words) in [
            ("() => { throw new Error('no session here') }", "no session here"),
            ("() => Promise.reject(new TypeError('signed out'))", "signed out"),
            ("() => ({ url: 'ftp://a.example/x' })", "ftp://a.example/x"),
            ("() => new Promise(() => {})", "no answer in time"),
        ] {
            page.act(&format!("forget(); sphere.request = {function}; sphere.src = '/media/ts/master.m3u8'; sphere.play().catch(() => {{}})"))?;
            page.wait("sphere.error")?;
            let error = page.get("sphere.error.toJSON()")?;
            assert_eq!((&error["name"], &error["code"]), (&json!("request-function-failed"), &json!(2)), "{error}");
            for part in [&error["message"], &error["context"]["detail"]] {
                ensure!(part.as_str().is_some_and(|it| it.contains(words)), "{error} lacks {words}");
            }
        }
        ensure!(asked_of(page, "/media/ts/").is_empty(), "what was not released went out");
        // Another function, which does nothing, takes its place.
        page.act("sphere.request = () => {}; forget()")?;
        page.play("/media/ts/master.m3u8")?;
        assert_eq!(page.get("sphere.error")?, json!(null));
        let told = page.act_async("return JSON.stringify(await sphere.diagnostics())")?;
        ensure!(told.as_str().is_some_and(|it| it.contains("\"request\":\"a function\"")), "{told}");
        Ok(())
    })
}
