//! Pictures of moments that the stream itself offers: by `getThumbnail`, and over the seek bar.

use anyhow::{Result, ensure};
use browser_tests::{PlayerPage, Scene};
use serde_json::json;
use test_streams::moments;
use webdriver::{Actions, Browser::Chromium, Pointer};

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
      return canvas && !canvas.hidden ? pixel(canvas, 80, 45) : null;
    };
    sphere.controls = true; sphere.loop = false";

fn open(page: &PlayerPage, name: &str) -> Result<()> {
    page.server.clear_requests();
    page.act(&format!("sphere.src = '/moments/{name}.m3u8'"))?;
    page.wait(
        "sphere.readyState >= 2 && sphere.duration > 11 && sphere.shadowRoot.querySelector('.seek')
           && !sphere.shadowRoot.querySelector('.seek').disabled",
    )
    .map(drop)
}

fn point(page: &PlayerPage, share: f64) -> Result<()> {
    let at = page.get(&format!("bar({share})"))?;
    let [x, y] = [0, 1].map(|index| at[index].as_i64().unwrap_or_default() as i32);
    page.session.perform(&Actions::new().pointer(Pointer::mouse().to(x, y, 0)))
}

/// Each segment's picture is of that segment, by what is ahead in it.
fn each_moment(page: &PlayerPage) -> Result<()> {
    for segment in 0..6 {
        let secs = f64::from(segment) * 2.0;
        let seen = page.act_async(&format!("return look({})", secs + 1.3))?;
        assert_eq!(json!([seen[0], seen[1]]), json!([segment * 2, segment * 2 + 2]), "{seen}");
        let wanted = moments::grey(segment as u32);
        for channel in 0..6 {
            let value = seen[2 + channel / 3][channel % 3].as_f64().unwrap_or(-1.0);
            ensure!((value - wanted).abs() < 12.0, "{secs} s is {seen}, not {wanted}");
        }
    }
    assert_eq!(page.act_async("return look(99)")?, json!(null));
    Ok(())
}

/// And what is shown over the bar is of where one points.
fn over_the_bar(page: &PlayerPage) -> Result<()> {
    for (share, segment) in [(0.1, 0), (0.9, 5), (0.5, 3)] {
        point(page, if segment == 3 { 0.55 } else { share })?;
        let wanted = moments::grey(segment);
        page.wait(&format!("shown()?.every((value) => Math.abs(value - {wanted}) < 12)"))?;
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

#[test]
#[ignore = "needs Chromium"]
fn what_the_stream_itself_shows_of_a_moment() -> Result<()> {
    Scene::new(Chromium).mounting("/moments/", moments::make()?).play(|page| {
        page.act(TOOLS)?;
        // A stream that offers none costs nothing.
        open(page, "plain")?;
        point(page, 0.5)?;
        page.wait("!sphere.shadowRoot.querySelector('.seek-bubble').hidden")?;
        assert_eq!(page.act_async("return frames(10).then(() => shown())")?, json!(null));
        assert_eq!(asked(page, "thumbnails.js") + asked(page, "preview.js"), 0);
        assert_eq!(page.act_async("return look(1)")?, json!(null));

        open(page, "images")?;
        each_moment(page)?;
        over_the_bar(page)?;
        assert_eq!((asked(page, "tiles_1.jpg"), asked(page, "images_list")), (1, 1));
        assert_eq!(asked(page, "key_frames.js"), 0);

        open(page, "cmaf")?;
        each_moment(page)?;
        over_the_bar(page)?;
        decoding_takes(page, ".m4s")?;

        open(page, "ts")?;
        each_moment(page)?;
        over_the_bar(page)?;
        decoding_takes(page, ".ts")
    })
}
