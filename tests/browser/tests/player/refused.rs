//! Media that the engine passes on and the browser refuses: playback goes on, from a new media
//! source, and the viewer's wish to play is kept.

use anyhow::{Context, Result, ensure};
use browser_tests::Scene;
use dev_server::{Fault, Rule};
use machine::shell;
use serde_json::json;
use std::path::{Path, PathBuf};
use test_streams::sample::{self, Recipe};
use webdriver::Browser;

/// A folder with the fourth video segment of each variant, every byte of its samples overwritten:
/// boxes and times are as ever, and no picture can be decoded.
fn refused() -> Result<PathBuf> {
    let sample = sample::make(&Recipe::test())?;
    let folder = shell::target().join("media/refused");
    for width in ["240", "480"] {
        let mut bytes = std::fs::read(sample.folder.join("cmaf").join(width).join("003.m4s"))?;
        overwrite_samples(&mut bytes)?;
        let path = folder.join(width).join("003.m4s");
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new("")))?;
        std::fs::write(path, bytes)?;
    }
    Ok(folder)
}

fn overwrite_samples(mut boxes: &mut [u8]) -> Result<()> {
    while let Some((size, rest)) = boxes.split_first_chunk::<4>() {
        let size = u32::from_be_bytes(*size) as usize;
        let is_samples = rest.starts_with(b"mdat");
        let (whole, after) = boxes.split_at_mut_checked(size).context("a box of another size")?;
        if is_samples {
            whole.get_mut(8..).context("a box without a head")?.fill(0xff);
        }
        boxes = after;
    }
    Ok(())
}

/// Plays with one such segment of one variant, once, on the way; `options` ask for that variant.
fn goes_on(browser: Browser, width: u32, options: &str, told: &str) -> Result<()> {
    Scene::new(browser).mounting("/refused/", refused()?).play(|page| {
        let to = format!("/refused/{width}/003.m4s");
        let fault = Fault::Redirect { to };
        page.server.faults().add(Rule::new(&format!("/cmaf/{width}/003.m4s"), fault).times(1));
        page.act(&format!("usePlayer({{ {options} }})"))?;
        page.wait("sphere.renderer")?;
        // Played by a click, not by `autoplay`, which would begin anew by itself.
        page.act("sphere.play().catch(() => {})")?;
        page.wait("details.warning.length")?;
        page.wait("sphere.currentTime > 8.5 && !sphere.paused && direction()")?;
        page.wait("sphere.ended")?;
        assert_eq!(
            // What was told is one for each media source opened anew.
            page.get("[sphere.error, details.warning.map(({ name }) => name)]")?,
            json!([null, [told]]),
            "{}",
            page.get("details.warning")?
        );
        ensure!(
            page.number("sphere.played.end(sphere.played.length - 1)")? > 15.5,
            "not to the end"
        );
        Ok(())
    })
}

const ONE_VARIANT: &str = "src: '/media/cmaf/240/index.m3u8'";
const LADDER: &str = "src: '/media/cmaf/master.m3u8', quality: 240";

#[test]
#[ignore = "needs Chromium"]
fn a_refused_segment_of_the_only_variant_costs_a_moment() -> Result<()> {
    goes_on(Browser::Chromium, 240, ONE_VARIANT, "damaged-media")
}

#[test]
#[ignore = "needs Chromium"]
fn a_refused_segment_of_a_ladder_costs_one_variant() -> Result<()> {
    goes_on(Browser::Chromium, 480, LADDER, "variant-excluded")
}

#[test]
#[ignore = "needs Firefox"]
fn firefox_goes_on_past_a_refused_segment() -> Result<()> {
    goes_on(Browser::Firefox, 240, ONE_VARIANT, "damaged-media")
}
