//! A page in Rust alone, of the crates below videosphere and none of its JavaScript.
//!
//! In: the page's address, `?url=PLAYLIST` and `&yaw=DEGREES`. Out: the stream's variants as a list,
//! the first picture of the best one on the sphere, and a sentence in `#status`. It plays nothing.

#![cfg(target_arch = "wasm32")]

mod sphere;
mod stream;

use std::error::Error;
use videosphere_hls::{MultivariantPlaylist, Playlist};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Document, Element, HtmlCanvasElement, HtmlVideoElement, UrlSearchParams};

/// What goes wrong here is only told.
type Result<T> = std::result::Result<T, Box<dyn Error>>;

#[wasm_bindgen(start)]
fn start() {
    spawn_local(async {
        let Some(document) = web_sys::window().and_then(|window| window.document()) else { return };
        let sentence = show(&document).await.unwrap_or_else(|error| error.to_string());
        if let Ok(status) = element::<Element>(&document, "status") {
            status.set_text_content(Some(&sentence));
        }
    });
}

async fn show(document: &Document) -> Result<String> {
    let address = document.location().ok_or("a page without an address")?;
    let query =
        UrlSearchParams::new_with_str(&address.search().map_err(thrown)?).map_err(thrown)?;
    let url = query.get("url").ok_or("Say which stream: ?url=https://…/master.m3u8")?;
    let yaw_deg: f32 = query.get("yaw").and_then(|text| text.parse().ok()).unwrap_or(0.0);

    let media = match stream::playlist(&url, &[]).await? {
        Playlist::Media(media) => media,
        Playlist::Multivariant(playlist) => {
            list_variants(document, &playlist)?;
            stream::best_of(&playlist).await?
        }
    };
    let video: HtmlVideoElement = element(document, "video")?;
    stream::show_first_picture(&video, &media).await?;

    let canvas: HtmlCanvasElement = element(document, "sphere")?;
    sphere::draw(&canvas, &video, yaw_deg)?;
    Ok(format!("A picture of {} × {}", video.video_width(), video.video_height()))
}

fn list_variants(document: &Document, playlist: &MultivariantPlaylist) -> Result<()> {
    let list: Element = element(document, "variants")?;
    for variant in &playlist.variants {
        let item = document.create_element("li").map_err(thrown)?;
        let size = format!("{} × {}", variant.width_px, variant.height_px);
        let text =
            format!("{size}, {} bit/s, {}", variant.bandwidth_bps, variant.codecs.join(", "));
        item.set_text_content(Some(&text));
        list.append_child(&item).map_err(thrown)?;
    }
    Ok(())
}

fn element<T: JsCast>(document: &Document, id: &str) -> Result<T> {
    let element = document.get_element_by_id(id).and_then(|element| element.dyn_into().ok());
    element.ok_or_else(|| format!("the page has no #{id}").into())
}

/// What the browser threw, as an error of ours.
fn thrown(value: JsValue) -> Box<dyn Error> {
    format!("{value:?}").into()
}
