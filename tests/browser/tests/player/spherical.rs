//! How the picture lies on the sphere, told by the stream: boxes, SEI messages, and what the page says.

use anyhow::{Context, Result, ensure};
use browser_tests::{PlayerPage, Scene};
use machine::shell::root;
use serde_json::json;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use webdriver::Browser::Chromium;

fn bytes_of(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let size = u32::try_from(body.len() + 8).expect("a small box");
    [&size.to_be_bytes(), &kind[..], body].concat()
}

fn full(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    bytes_of(kind, &[&[0; 4], body].concat())
}

/// Spherical Video V2: where half of the sphere is cut off, and how the eyes are packed.
fn boxes(projection: &[u8], packing: u8) -> Vec<u8> {
    let spherical = [full(b"svhd", b"made by a test\0"), {
        let pose = full(b"prhd", &[0; 12]);
        bytes_of(b"proj", &[&pose, projection].concat())
    }];
    [full(b"st3d", &[packing]), bytes_of(b"sv3d", &spherical.concat())].concat()
}

/// The bytes with more at the end of the box at this path; `skip` bytes stand before its children.
fn with_boxes(bytes: &[u8], path: &[(&[u8; 4], usize)], more: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = bytes;
    while let Some((head, _)) = rest.split_at_checked(8) {
        let size = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
        let (this, next) = rest.split_at(size);
        match path {
            [(kind, skip), inner @ ..] if this[4..8] == kind[..] => {
                let (own, children) = this[8..].split_at(*skip);
                let children = if inner.is_empty() {
                    [children, more].concat()
                } else {
                    with_boxes(children, inner, more)
                };
                out.extend(bytes_of(kind, &[own, &children].concat()));
            }
            _ => out.extend(this),
        }
        rest = next;
    }
    out
}

/// Init segments that say something, and a transport stream whose SEI do.
fn streams() -> Result<PathBuf> {
    let folder = root().join("target/tests/spherical");
    fs::create_dir_all(&folder)?;
    let plain = fs::read(root().join("tests/fixtures/cmaf_init.mp4"))?;
    let entry = [
        (b"moov", 0),
        (b"trak", 0),
        (b"mdia", 0),
        (b"minf", 0),
        (b"stbl", 0),
        (b"stsd", 8),
        (b"avc1", 78),
    ];
    let quarter = 0x4000_0000_u32.to_be_bytes();
    let half = full(b"equi", &[&[0; 8][..], &quarter, &quarter].concat());
    for (name, projection, packing) in [
        ("half", half, 2),
        ("whole", full(b"equi", &[0; 16]), 1),
        ("mesh", full(b"mshp", &[0; 4]), 0),
    ] {
        let init = with_boxes(&plain, &entry, &boxes(&projection, packing));
        ensure!(init.len() > plain.len(), "the sample entry was not found");
        fs::write(folder.join(format!("{name}.mp4")), init)?;
    }
    let made = Command::new("ffmpeg")
        .args(["-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=s=256x256:r=25:d=2"])
        .args(["-c:v", "libx264", "-preset", "ultrafast", "-x264-params", "frame-packing=4"])
        .args(["-f", "mpegts"])
        .arg(folder.join("packed.ts"))
        .status()
        .context("ffmpeg")?;
    ensure!(made.success(), "ffmpeg made no stream");
    Ok(folder)
}

fn load(page: &PlayerPage, name: &str, list: &str) -> Result<()> {
    let url = format!("/made/{name}.m3u8");
    let list = format!("#EXTM3U\n#EXT-X-TARGETDURATION:2\n{list}#EXT-X-ENDLIST\n");
    page.serve_playlist(&url, &list);
    page.server.clear_requests();
    page.act(&format!("forget(); sphere.src = '{url}'; sphere.play().catch(() => {{}})"))?;
    page.wait("seen.loadedmetadata && sphere.currentTime > sphere.buffered.start(0)")?;
    Ok(())
}

const READER: &str = "spherical_metadata.js";

#[test]
#[ignore = "needs Chromium"]
fn the_stream_tells_its_projection() -> Result<()> {
    Scene::new(Chromium).mounting("/spherical/", streams()?).play(|page| {
        let asked = || page.server.requests().iter().any(|it| it.path.contains(READER));
        page.act(
            "globalThis.told = [];
             globalThis.format = () => [sphere.projection, sphere.stereo];
             sphere.addEventListener('projectionchange', ({ detail }) =>
               told.push(Object.values(detail).join(' ')))",
        )?;
        // A stream that does not say costs nothing.
        let plain = "#EXT-X-MAP:URI=\"/fixtures/cmaf_init.mp4\"\n#EXTINF:2,\n/fixtures/cmaf_0.mp4\n";
        load(page, "plain", plain)?;
        page.wait("sphere.ended")?;
        ensure!(!asked(), "{READER} was loaded without need");
        assert_eq!(page.get("[format(), told]")?, json!([["equirect-360", "mono"], []]));

        // What is said holds from its frame on, also after a seek back.
        let list = "#EXT-X-MAP:URI=\"/spherical/half.mp4\"\n#EXTINF:2,\n/fixtures/cmaf_0.mp4\n\
                    #EXT-X-DISCONTINUITY\n\
                    #EXT-X-MAP:URI=\"/spherical/whole.mp4\"\n#EXTINF:2,\n/fixtures/cmaf_1.mp4\n";
        load(page, "two", list)?;
        page.wait("sphere.ended && told.length === 2")?;
        let half = "equirect-180 side-by-side sv3d st3d";
        let whole = "equirect-360 top-bottom sv3d st3d";
        assert_eq!(page.get("told")?, json!([half, whole]));
        page.act("sphere.pause(); sphere.currentTime = 0.5")?;
        page.wait("told.length === 3")?;
        assert_eq!(page.get("told[2]")?, json!(half));

        // The page knows better, until it says otherwise.
        page.act("sphere.projection = 'equirect-360'")?;
        page.wait("told.length === 4")?;
        assert_eq!(page.get("told[3]")?, json!("equirect-360 side-by-side page st3d"));
        page.act("sphere.projection = 'auto'")?;
        page.wait("told.length === 5")?;
        assert_eq!(page.get("told[4]")?, json!(half));

        // SEI messages of a transport stream.
        page.act("told.length = 0")?;
        load(page, "sei", "#EXTINF:2,\n/spherical/packed.ts\n")?;
        page.wait("sphere.stereo === 'top-bottom' && told.at(-1) === 'equirect-360 top-bottom default sei'")?;

        // What is not drawn is said, once, and the picture is shown all the same.
        page.act(
            "globalThis.warned = [];
             sphere.addEventListener('warning', ({ detail }) => warned.push([detail.name, detail.context]))",
        )?;
        load(page, "mesh", &list.replace("half", "mesh"))?;
        page.wait("sphere.ended && format()[1] === 'top-bottom'")?;
        assert_eq!(page.get("warned")?, json!([["unsupported-projection", { "projection": "mesh" }]]));
        Ok(())
    })
}
