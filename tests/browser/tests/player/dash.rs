//! DASH, in a session of another test: manifests on demand and live, by their address and by their type.

use anyhow::Result;
use browser_tests::PlayerPage;
use serde_json::json;
use std::time::{SystemTime, UNIX_EPOCH};

/// Two qualities with sound of its own, then one file with an index; an error that says what is wrong.
pub fn play(page: &PlayerPage) -> Result<()> {
    let set = |id: &str, width: u32, codecs: &str| {
        format!(
            "<Representation id='{id}' bandwidth='{width}000' width='{width}' codecs='{codecs}'/>"
        )
    };
    let template = "initialization='/media/cmaf/$RepresentationID$/init.mp4' \
        media='/media/cmaf/$RepresentationID$/$Number%03d$.m4s' startNumber='0'";
    let manifest = format!(
        "<?xml version='1.0'?><MPD type='static' mediaPresentationDuration='PT16S'><Period start='PT0S'>\
         <AdaptationSet mimeType='video/mp4'><SegmentTemplate duration='2' {template}/>{}{}</AdaptationSet>\
         <AdaptationSet mimeType='audio/mp4' lang='zxx'><SegmentTemplate timescale='48000' \
         duration='96256' {template}/>{}</AdaptationSet></Period></MPD>",
        set("240", 240, "avc1.4d400b"),
        set("480", 480, "avc1.4d4015"),
        set("audio", 64, "mp4a.40.2"),
    );
    // Its address says nothing, its type does.
    page.serve("/made/manifest", "application/dash+xml", &manifest);
    page.act("forget(); sphere.src = '/made/manifest'; sphere.play().catch(() => {})")?;
    page.wait("sphere.currentTime > 1 && Math.round(sphere.duration) === 16")?;
    page.wait("sphere.variants.length === 2 && sphere.video.webkitAudioDecodedByteCount > 0")?;
    page.act("sphere.currentTime = 14.5")?;
    page.wait("sphere.ended")?;
    assert_eq!(page.get("details.failure")?, json!([]));
    assert_eq!(page.get("[sphere.isLive, sphere.stats.native]")?, json!([false, false]));

    let indexed = "<MPD mediaPresentationDuration='PT9S'><Period><AdaptationSet mimeType='video/mp4'>\
        <Representation id='v' bandwidth='60000' codecs='avc1.42d00b'>\
        <BaseURL>/fixtures/dash/indexed.mp4</BaseURL></Representation></AdaptationSet></Period></MPD>";
    page.serve("/made/indexed.mpd", "text/plain", indexed);
    page.act("forget(); sphere.src = '/made/indexed.mpd'; sphere.play().catch(() => {})")?;
    page.wait("Math.round(sphere.duration) === 9 && sphere.currentTime > 0.5")?;
    page.act("sphere.currentTime = 8")?;
    page.wait("sphere.ended")?;
    assert_eq!(page.get("details.failure")?, json!([]));

    // Live for its last seconds: by a clock of the server's that is an hour ahead of this machine's.
    let hour_secs = 3600;
    let unix_secs = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs() + hour_secs;
    let date = |secs: u64| {
        page.get(&format!("new Date({secs}000).toISOString()"))
            .map(|value| value.as_str().unwrap_or_default().to_owned())
    };
    let manifest = manifest
        .replace(
            "type='static'",
            &format!("type='dynamic' availabilityStartTime='{}'", date(unix_secs - 10)?),
        )
        .replace(
            "</Period>",
            &format!(
                "</Period><UTCTiming schemeIdUri='urn:mpeg:dash:utc:direct:2014' value='{}'/>",
                date(unix_secs)?
            ),
        );
    page.serve("/made/live.mpd", "application/dash+xml", &manifest);
    page.act("forget(); sphere.src = '/made/live.mpd'; sphere.play().catch(() => {})")?;
    page.wait("sphere.isLive && sphere.currentTime > 1")?;
    page.wait("sphere.ended && sphere.currentTime > 15")?;
    assert_eq!(page.get("details.failure")?, json!([]));
    Ok(())
}
