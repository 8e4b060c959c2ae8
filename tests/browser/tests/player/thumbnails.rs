//! Pictures of moments that the stream itself offers: by `getThumbnail`, and over the seek bar.

use anyhow::{Result, ensure};
use browser_tests::{PlayerPage, Scene};
use serde_json::{Value, json};
use test_streams::moments;
use webdriver::{Actions, Browser, Pointer};

/// `look(secs)` gives a thumbnail's times, and the colour at a side of it and in its middle; `bar(share)` where a
/// place of the seek bar is, `shown()` the colour in the middle of the picture above it.
const TOOLS: &str = "
    const pixel = (canvas, x, y) => [...canvas.getContext('2d').getImageData(x, y, 1, 1).data].slice(0, 3);
    window.look = async (secs) => {
      const thumbnail = await sphere.getThumbnail(secs, { width: 80 });
      if (!thumbnail) return null;
      const canvas = new OffscreenCanvas(80, 45);
      canvas.getContext('2d').drawImage(thumbnail.image, 0, 0);
      thumbnail.image.close();
      return [thumbnail.startTime, thumbnail.endTime, pixel(canvas, 2, 22), pixel(canvas, 40, 22)];
    };
    window.bar = (share) => {
      const { left, top, width, height } = sphere.shadowRoot.querySelector('.seek').getBoundingClientRect();
      return [Math.round(left + width * share), Math.round(top + height / 2)];
    };
    window.shown = () => {
      const canvas = sphere.shadowRoot.querySelector('.seek-bubble canvas');
      const bubble = sphere.shadowRoot.querySelector('.seek-bubble');
      return canvas && !canvas.hidden && !bubble.hidden ? pixel(canvas, 80, 45) : null;
    };
    sphere.controls = true; sphere.loop = false";

fn open(page: &PlayerPage, address: &str) -> Result<()> {
    page.server.clear_requests();
    page.act(&format!("forget(); sphere.src = '{address}'"))?;
    page.wait(
        "seen.loadedmetadata && sphere.readyState >= 2 && sphere.duration > 11
           && sphere.shadowRoot.querySelector('.seek:not(:disabled)')",
    )
    .map(drop)
}

/// Where a share of the seek bar is.
fn place(page: &PlayerPage, share: f64) -> Result<(i32, i32)> {
    let at = page.get(&format!("bar({share})"))?;
    let [x, y] = [0, 1].map(|index| at[index].as_i64().unwrap_or_default() as i32);
    Ok((x, y))
}

fn perform(page: &PlayerPage, pointer: Pointer) -> Result<()> {
    page.session.perform(&Actions::new().pointer(pointer))
}

fn point(page: &PlayerPage, share: f64) -> Result<()> {
    let (x, y) = place(page, share)?;
    perform(page, Pointer::mouse().to(x, y, 0))
}

/// Each segment's picture is of that segment, by what is ahead in it.
fn each_moment(page: &PlayerPage) -> Result<()> {
    for segment in 0..6 {
        let secs = f64::from(segment) * 2.0;
        let seen = page.act_async(&format!("return look({})", secs + 1.3))?;
        assert_eq!(json!([seen[0], seen[1]]), json!([segment * 2, segment * 2 + 2]), "{seen}");
        let wanted = moments::grey(segment);
        for channel in 0..6 {
            let value = seen[2 + channel / 3][channel % 3].as_f64().unwrap_or(-1.0);
            ensure!((value - wanted).abs() < 12.0, "{secs} s is {seen}, not {wanted}");
        }
    }
    assert_eq!(page.act_async("return look(99)")?, json!(null));
    Ok(())
}

/// Waits until the picture over the bar is of a segment.
fn is_shown(page: &PlayerPage, segment: u32) -> Result<()> {
    let wanted = moments::grey(segment);
    page.wait(&format!("shown()?.every((value) => Math.abs(value - {wanted}) < 12)")).map(drop)
}

fn over_the_bar(page: &PlayerPage) -> Result<()> {
    for (share, segment) in [(0.1, 0), (0.9, 5), (0.55, 3)] {
        point(page, share)?;
        is_shown(page, segment)?;
    }
    Ok(())
}

/// Says how long it takes from the bytes to the picture; nothing is asserted of it.
fn decoding_takes(page: &PlayerPage, extension: &str) -> Result<()> {
    let millis = page.session.execute_async(
        "const all = [];
         for (let at = 0; at < 6; at += 1) {
           performance.clearResourceTimings();
           // Wide ones are kept apart from those before.
           await sphere.getThumbnail(at * 2, { width: 400 });
           const now = performance.now();
           const entries = performance.getEntriesByType('resource').filter(({ name }) => name.endsWith(given[0]));
           all.push(Math.round(now - Math.max(...entries.map(({ responseEnd }) => responseEnd))));
         }
         return all",
        &[extension.into()],
    )?;
    println!("from the bytes to the picture ({extension}): {millis} ms");
    Ok(())
}

fn asked(page: &PlayerPage, part: &str) -> usize {
    page.server.requests().iter().filter(|request| request.path.contains(part)).count()
}

/// What is said of a picture that cannot be had.
fn refusal(page: &PlayerPage, secs: u32) -> Result<Value> {
    page.act_async(&format!(
        "return sphere.getThumbnail({secs}).then(() => 'none', ({{ name, severity }}) => [name, severity])"
    ))
}

/// A stream with these lines in its multivariant playlist, at an address of its own.
fn serve(page: &PlayerPage, name: &str, pictures: &str, list: &str) -> String {
    let address = format!("/made/{name}.m3u8");
    let master = format!(
        "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=300000\n/moments/cmaf/index.m3u8\n{pictures}\n"
    );
    page.serve_playlist(&address, &master);
    let head = "#EXTM3U\n#EXT-X-TARGETDURATION:12\n#EXT-X-I-FRAMES-ONLY\n";
    page.serve_playlist(
        &format!("/made/{name}-list.m3u8"),
        &format!("{head}{list}\n#EXT-X-ENDLIST\n"),
    );
    address
}

/// Refused with a name, and playback knows nothing of it.
fn what_goes_wrong(page: &PlayerPage) -> Result<()> {
    let rendition = |uri: &str, codecs: &str| {
        format!("#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,CODECS=\"{codecs}\",URI=\"{uri}\"")
    };
    let map = "#EXT-X-MAP:URI=\"/moments/cmaf/init.mp4\"\n#EXTINF:12,\n";
    let whole = format!("{map}/moments/cmaf/000.m4s");
    let locked = format!("#EXT-X-KEY:METHOD=AES-128,URI=\"k\"\n{whole}");
    let nothing = format!("{map}#EXT-X-BYTERANGE:40@700\n/moments/cmaf/000.m4s");
    let avc = "avc1.4d4015";
    for (name, uri, codecs, list, code) in [
        ("missing", "/made/nowhere-list.m3u8", avc, "", "network-status"),
        ("other", "/moments/cmaf/index.m3u8", avc, "", "playlist-invalid"),
        ("page", "/pages/player.html", avc, "", "not-a-playlist"),
        ("locked", "locked-list.m3u8", avc, locked.as_str(), "encrypted"),
        ("nothing", "nothing-list.m3u8", avc, nothing.as_str(), "damaged-media"),
        ("unknown", "unknown-list.m3u8", "avc1.ffffff", whole.as_str(), "unsupported-codec"),
    ] {
        open(page, &serve(page, name, &rendition(uri, codecs), list))?;
        assert_eq!(refusal(page, 1)?, json!([code, "warning"]), "{name}");
        assert_eq!(page.get("[seen.failure, sphere.error]")?, json!([0, null]), "{name}");
    }
    // What failed is asked for again.
    page.serve_playlist(
        "/made/nowhere-list.m3u8",
        &format!(
            "#EXTM3U\n#EXT-X-TARGETDURATION:12\n#EXT-X-I-FRAMES-ONLY\n{whole}\n#EXT-X-ENDLIST\n"
        ),
    );
    open(page, "/made/missing.m3u8")?;
    assert_eq!(
        page.act_async("return look(1).then(([start, end]) => [start, end])")?,
        json!([0, 12])
    );
    Ok(())
}

fn scene(browser: Browser) -> Result<()> {
    let scene = Scene::new(browser).mounting("/moments/", moments::make()?);
    scene.expecting(&["nowhere-list.m3u8"]).play(|page| {
        page.act(TOOLS)?;
        // A stream that offers none costs nothing.
        open(page, "/moments/plain.m3u8")?;
        point(page, 0.5)?;
        page.wait("!sphere.shadowRoot.querySelector('.seek-bubble').hidden")?;
        assert_eq!(page.act_async("await frames(10); return shown()")?, json!(null));
        assert_eq!(asked(page, "thumbnails.js") + asked(page, "preview.js"), 0);
        assert_eq!(page.act_async("return look(1)")?, json!(null));

        open(page, "/moments/images.m3u8")?;
        each_moment(page)?;
        over_the_bar(page)?;
        assert_eq!((asked(page, "tiles_1.jpg"), asked(page, "images_list")), (1, 1));
        assert_eq!(asked(page, "key_frames.js"), 0);

        // I-frames alone are loaded, not their segments; and the page has its word on each request.
        page.act(
            "sphere.request = ({ url, resource }) => ({ url: `${url}?for=${resource}` });
             sphere.preload = 'metadata'",
        )?;
        open(page, "/moments/cmaf.m3u8")?;
        each_moment(page)?;
        over_the_bar(page)?;
        for (path, resource) in [
            ("/moments/cmaf.m3u8", "playlist"),
            ("/moments/cmaf/iframes.m3u8", "playlist"),
            ("/moments/cmaf/init.mp4", "init"),
        ] {
            let requests = page.server.requests();
            let of_it = requests.iter().filter(|request| request.path == path);
            let wanted = format!("for={resource}");
            let queries: Vec<&String> = of_it.map(|request| &request.query).collect();
            assert!(
                !queries.is_empty() && queries.iter().all(|it| **it == wanted),
                "{path} {queries:?}"
            );
        }
        let requests = page.server.requests();
        let ranges = requests
            .iter()
            .filter(|request| request.path.ends_with(".m4s") && request.range.is_some());
        assert_eq!(ranges.count(), 6);
        page.act("sphere.request = null")?;
        decoding_takes(page, ".m4s")?;

        open(page, "/moments/ts.m3u8")?;
        each_moment(page)?;
        over_the_bar(page)?;
        decoding_takes(page, ".ts")?;

        // Dragged, and by keys.
        let (from, to) = (place(page, 0.2)?, place(page, 0.72)?);
        perform(page, Pointer::mouse().to(from.0, from.1, 0).down().to(to.0, to.1, 50))?;
        is_shown(page, 4)?;
        perform(page, Pointer::mouse().up())?;
        page.wait("!sphere.seeking && sphere.currentTime > 8")?;
        page.act("sphere.currentTime = 0.5; sphere.shadowRoot.querySelector('.seek').focus()")?;
        page.session.perform(&Actions::new().key(Actions::RIGHT, 0))?;
        is_shown(page, 2)?;

        what_goes_wrong(page)
    })
}

#[test]
#[ignore = "needs Chromium"]
fn what_the_stream_itself_shows_of_a_moment() -> Result<()> {
    scene(Browser::Chromium)
}

#[test]
#[ignore = "needs Firefox"]
fn firefox_what_the_stream_itself_shows_of_a_moment() -> Result<()> {
    scene(Browser::Firefox)
}

#[test]
#[ignore = "needs WebKitGTK"]
fn webkit_what_the_stream_itself_shows_of_a_moment() -> Result<()> {
    scene(Browser::WebKit)
}
