//! Lists as others write them, in a session of another test: what only a browser can answer.

use anyhow::Result;
use browser_tests::PlayerPage;
use serde_json::json;

/// Old and odd codec names, a variable, a start and a key that does not apply, durations that say
/// nothing: plays from 2 s on to the end, at 4 s.
pub fn play(page: &PlayerPage) -> Result<()> {
    // The player asks about sound as about pictures; the container makes no difference.
    let differing = page.get(
        "['mp4a.40.2', 'mp4a.40.5', 'mp4a.6B', 'opus', 'flac', 'ac-3', 'ec-3'].filter((codec) => {
           const Source = self.ManagedMediaSource ?? self.MediaSource;
           const plays = (kind) => Source.isTypeSupported(`${kind}/mp4; codecs=\"${codec}\"`);
           return plays('audio') !== plays('video');
         })",
    )?;
    assert_eq!(differing, json!([]));
    page.serve_playlist(
        "/made/odd.m3u8",
        "#EXTM3U\n#EXT-X-DEFINE:NAME=\"name\",VALUE=\"vod_\"\n#EXT-X-START:TIME-OFFSET=2\n\
         #EXT-X-STREAM-INF:BANDWIDTH=400000,CODECS=\"AVC1.66.30,mp4a.40.34,wvtt,zzzz.1\"\n\
         odd-media.m3u8\n",
    );
    page.serve_playlist(
        "/made/odd-media.m3u8",
        "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-DEFINE:IMPORT=\"name\"\n\
         #EXT-X-KEY:METHOD=AES-128,URI=\"k\"\n#EXT-X-KEY:METHOD=NONE\n\
         #EXTINF:0,\n/fixtures/{$name}0.ts\n#EXTINF:0,\n/fixtures/{$name}1.ts\n#EXT-X-ENDLIST\n",
    );
    page.act(
        "forget(); window.first = Infinity;
         sphere.src = '/made/odd.m3u8'; sphere.play().catch(() => {});
         sphere.addEventListener('timeupdate', () => {
           if (sphere.currentTime > 0) first = Math.min(first, sphere.currentTime);
         })",
    )?;
    page.wait("sphere.ended")?;
    assert_eq!(page.get("[details.failure, Math.round(sphere.duration)]")?, json!([[], 4]));
    assert_eq!(page.get("first >= 2")?, json!(true));
    Ok(())
}
