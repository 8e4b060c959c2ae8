//! Pictures over the seek bar, from a storyboard of the page's.

use anyhow::Result;
use browser_tests::Scene;
use serde_json::json;
use webdriver::{Actions, Browser::Chromium, Pointer};

/// Two tiles of 360 × 180 side by side: what is ahead is green in the first and red in the second, all
/// else is blue.
const SPRITE: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='720' height='180'%3E\
    %3Crect width='720' height='180' fill='blue'/%3E%3Crect x='110' y='50' width='140' height='80' fill='lime'/%3E\
    %3Crect x='470' y='50' width='140' height='80' fill='red'/%3E%3C/svg%3E";

#[test]
#[ignore = "needs Chromium"]
fn the_bar_shows_what_was_ahead_at_a_moment() -> Result<()> {
    Scene::new(Chromium).play(|page| {
        let sprite = SPRITE.replace(' ', "%20");
        let cue = |times: &str, x: u32| format!("{times}\n{sprite}#xywh={x},0,360,180\n\n");
        let track = "WEBVTT\n\n".to_owned()
            + &cue("00:00.000 --> 00:02.000", 0)
            + &cue("00:02.000 --> 01:00.000", 360);
        page.serve_playlist("/storyboard.vtt", &track);
        page.act(
            "sphere.innerHTML = '<track kind=metadata label=thumbnails src=/storyboard.vtt>';
             sphere.controls = true; sphere.loop = false; sphere.src = '/media/ts/master.m3u8';
             window.bar = () => sphere.shadowRoot.querySelector('.seek').getBoundingClientRect();
             window.picture = () => sphere.shadowRoot.querySelector('.seek-bubble canvas');
             window.seen = (x, y) => [...picture().getContext('2d').getImageData(x, y, 1, 1).data];
             window.isAll = (...colour) => [[2, 2], [80, 45], [157, 87]].every(([x, y]) =>
               seen(x, y).every((value, at) => Math.abs(value - colour[at]) < 9))",
        )?;
        page.wait("sphere.readyState >= 2 && sphere.duration > 4 && sphere.shadowRoot.querySelector('.seek')")?;
        assert_eq!(page.get("performance.getEntriesByType('resource').filter(({ name }) =>
            /storyboard/.test(name)).length")?, json!(0), "nobody looked for any");
        let at = |share: f64| -> Result<()> {
            let x = page.number(&format!("Math.round(bar().left + bar().width * {share})"))?;
            let y = page.number("Math.round(bar().top + bar().height / 2)")?;
            let pointer = Pointer::mouse().to(x as i32, y as i32, 0);
            page.session.perform(&Actions::new().pointer(pointer))
        };
        at(0.1)?;
        page.wait("picture() && !picture().hidden && isAll(0, 255, 0, 255)")?;
        assert_eq!(page.get("/^0:0\\d$/.test(picture().parentElement.textContent)")?, json!(true));
        at(0.9)?;
        page.wait("isAll(255, 0, 0, 255)")?;
        page.wait("picture().getBoundingClientRect().right <= sphere.getBoundingClientRect().right")?;
        // A page's own bar gets the same; what it cannot mean is said.
        let told = page.act_async(
            "const { image, width, height, startTime, endTime } = await sphere.getThumbnail(1, { width: 80 });
             const canvas = new OffscreenCanvas(80, 45);
             canvas.getContext('2d').drawImage(image, 0, 0);
             const [, green] = canvas.getContext('2d').getImageData(40, 22, 1, 1).data;
             const refused = await Promise.all([[NaN], [1, { width: 0 }], [1, { signal: AbortSignal.abort('late') }]]
               .map((asked) => sphere.getThumbnail(...asked).catch((reason) => reason.name ?? reason)));
             return [width, height, image.width, startTime, endTime, green > 246, refused, await sphere.getThumbnail(99)]",
        )?;
        assert_eq!(told, json!([80, 45, 80, 0, 2, true, ["TypeError", "TypeError", "late"], null]));
        // Of half a sphere the same pixels are half as wide an angle.
        page.act("sphere.projection = 'equirect-180'")?;
        at(0.1)?;
        page.wait("seen(80, 45)[1] > 246 && seen(2, 45)[2] > 246").map(drop)
    })
}
