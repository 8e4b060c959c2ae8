//! One frame of a `<video>` on the inside of the sphere, by WebGL2.
//!
//! In: a canvas, a media element that has a frame, a direction. Out: pixels, drawn once. The shader,
//! its uniforms and the names to bind are the crate's; only the calls are ours. It refuses nothing:
//! a frame larger than a texture may be draws black.

use crate::{Result, thrown};
use videosphere_sphere::render::{
    EyeView, SphericalFormat, UNIFORM_BYTES, Viewport, glsl, uniform_bytes,
};
use videosphere_sphere::view::Eye;
use videosphere_sphere::view::camera::{Camera, Size};
use wasm_bindgen::JsCast;
use web_sys::{
    HtmlCanvasElement, HtmlVideoElement, WebGl2RenderingContext as Gl, WebGlContextAttributes,
};

/// Draws the current frame as seen in a direction (degrees to the right), of a 360° picture.
pub fn draw(canvas: &HtmlCanvasElement, video: &HtmlVideoElement, yaw_deg: f32) -> Result<()> {
    let (width_px, height_px) = (canvas.width(), canvas.height());
    let size = Size::new(width_px as f32, height_px as f32);
    let mut camera = Camera::default();
    camera.set_yaw_rad(yaw_deg.to_radians());
    let view = EyeView {
        eye: Eye::Left,
        viewport: Viewport { x_px: 0, y_px: 0, width_px, height_px },
        clip_from_view: camera.clip_from_view(size),
        view_from_world: camera.view_from_world(),
    };
    let uniforms =
        uniform_bytes(&view, SphericalFormat::default()).ok_or("A canvas without a size")?;

    let gl = context(canvas)?;
    use_program(&gl)?;
    bind_uniforms(&gl, &uniforms);
    bind_frame(&gl, video)?;
    gl.viewport(0, 0, width_px as i32, height_px as i32);
    gl.draw_arrays(Gl::TRIANGLES, 0, 3);
    Ok(())
}

fn context(canvas: &HtmlCanvasElement) -> Result<Gl> {
    let attributes = WebGlContextAttributes::new();
    attributes.set_alpha(false);
    attributes.set_antialias(false);
    attributes.set_depth(false);
    // It is drawn once, and may be read later.
    attributes.set_preserve_drawing_buffer(true);
    let context = canvas.get_context_with_context_options("webgl2", &attributes).map_err(thrown)?;
    context.map(JsCast::unchecked_into).ok_or_else(|| "There is no WebGL2 here".into())
}

fn use_program(gl: &Gl) -> Result<()> {
    let program = gl.create_program().ok_or(LOST)?;
    for (kind, source) in [(Gl::VERTEX_SHADER, glsl::VERTEX), (Gl::FRAGMENT_SHADER, glsl::FRAGMENT)]
    {
        let shader = gl.create_shader(kind).ok_or(LOST)?;
        gl.shader_source(&shader, source);
        gl.compile_shader(&shader);
        gl.attach_shader(&program, &shader);
    }
    gl.link_program(&program);
    if !gl.get_program_parameter(&program, Gl::LINK_STATUS).is_truthy() {
        return Err(gl.get_program_info_log(&program).unwrap_or_default().into());
    }
    // Both stages read the block that is bound at 0, and the texture of unit 0.
    for block in [glsl::VERTEX_UNIFORM_BLOCK, glsl::FRAGMENT_UNIFORM_BLOCK] {
        gl.uniform_block_binding(&program, gl.get_uniform_block_index(&program, block), 0);
    }
    gl.use_program(Some(&program));
    gl.uniform1i(gl.get_uniform_location(&program, glsl::FRAGMENT_TEXTURE).as_ref(), 0);
    Ok(())
}

fn bind_uniforms(gl: &Gl, uniforms: &[u8; UNIFORM_BYTES]) {
    let buffer = gl.create_buffer();
    gl.bind_buffer_base(Gl::UNIFORM_BUFFER, 0, buffer.as_ref());
    gl.buffer_data_with_u8_array(Gl::UNIFORM_BUFFER, uniforms, Gl::STATIC_DRAW);
}

fn bind_frame(gl: &Gl, video: &HtmlVideoElement) -> Result<()> {
    let texture = gl.create_texture().ok_or(LOST)?;
    gl.bind_texture(Gl::TEXTURE_2D, Some(&texture));
    for (name, value) in [
        (Gl::TEXTURE_MIN_FILTER, Gl::LINEAR),
        (Gl::TEXTURE_MAG_FILTER, Gl::LINEAR),
        // The shader itself filters across the seam.
        (Gl::TEXTURE_WRAP_S, Gl::CLAMP_TO_EDGE),
        (Gl::TEXTURE_WRAP_T, Gl::CLAMP_TO_EDGE),
    ] {
        gl.tex_parameteri(Gl::TEXTURE_2D, name, value as i32);
    }
    let [target, format, kind] = [Gl::TEXTURE_2D, Gl::RGBA, Gl::UNSIGNED_BYTE];
    gl.tex_image_2d_with_u32_and_u32_and_html_video_element(
        target,
        0,
        format as i32,
        format,
        kind,
        video,
    )
    .map_err(thrown)
}

const LOST: &str = "The graphics context was lost";
