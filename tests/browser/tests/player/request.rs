//! The option `request`: which servers a page's headers reach, and its cookies.

use anyhow::{Result, ensure};
use browser_tests::{PlayerPage, Scene};
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
