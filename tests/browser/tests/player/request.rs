//! The option `request`: which servers a page's headers reach.

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
