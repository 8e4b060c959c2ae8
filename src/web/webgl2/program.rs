//! The shader as a WebGL2 program, and its uniform block.

use crate::error::Error;
use crate::render::{UNIFORM_BYTES, glsl};
use crate::web::renderer::unavailable;
use web_sys::{WebGl2RenderingContext as Gl, WebGlBuffer, WebGlProgram};

/// Where the uniform block is bound.
const BINDING: u32 = 0;

/// The linked program, with the buffer of its `View`.
pub(super) struct Program {
    program: WebGlProgram,
    uniforms: WebGlBuffer,
}

impl Program {
    /// Compiles and links.
    pub(super) fn new(gl: &Gl) -> Result<Self, Error> {
        // `None` is a lost context's answer (WebGL 1.0, 5.14.9).
        let program = gl.create_program().ok_or(Error::ContextLost)?;
        let uniforms = gl.create_buffer().ok_or(Error::ContextLost)?;
        for (kind, source) in
            [(Gl::VERTEX_SHADER, glsl::VERTEX), (Gl::FRAGMENT_SHADER, glsl::FRAGMENT)]
        {
            let shader = gl.create_shader(kind).ok_or(Error::ContextLost)?;
            gl.shader_source(&shader, source);
            gl.compile_shader(&shader);
            gl.attach_shader(&program, &shader);
            // Goes with the program.
            gl.delete_shader(Some(&shader));
        }
        gl.link_program(&program);
        if !gl.get_program_parameter(&program, Gl::LINK_STATUS).is_truthy() {
            if gl.is_context_lost() {
                return Err(Error::ContextLost);
            }
            return Err(unavailable(&gl.get_program_info_log(&program).unwrap_or_default()));
        }
        for block in [glsl::VERTEX_UNIFORM_BLOCK, glsl::FRAGMENT_UNIFORM_BLOCK] {
            let index = gl.get_uniform_block_index(&program, block);
            gl.uniform_block_binding(&program, index, BINDING);
        }
        gl.use_program(Some(&program));
        let sampler = gl.get_uniform_location(&program, glsl::FRAGMENT_TEXTURE);
        gl.uniform1i(sampler.as_ref(), 0);
        gl.bind_buffer(Gl::UNIFORM_BUFFER, Some(&uniforms));
        gl.buffer_data_with_i32(Gl::UNIFORM_BUFFER, UNIFORM_BYTES as i32, Gl::DYNAMIC_DRAW);
        Ok(Self { program, uniforms })
    }

    /// Makes it current, with no vertex array: the vertices are numbers.
    pub(super) fn bind(&self, gl: &Gl) {
        gl.use_program(Some(&self.program));
        gl.bind_vertex_array(None);
        gl.bind_buffer_base(Gl::UNIFORM_BUFFER, BINDING, Some(&self.uniforms));
    }

    /// Draws one view in the current viewport.
    pub(super) fn draw(&self, gl: &Gl, view: &[u8; UNIFORM_BYTES]) {
        gl.buffer_sub_data_with_i32_and_u8_array(Gl::UNIFORM_BUFFER, 0, view);
        gl.draw_arrays(Gl::TRIANGLES, 0, 3);
    }
}
