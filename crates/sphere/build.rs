//! Readies the one shader source, `shaders/sphere.wgsl`, for both renderers.
//!
//! Out, in `$OUT_DIR`: `sphere.wgsl` without its comments, for wgpu (feature `webgpu`, included by
//! `src/render/gpu.rs`); `sphere_glsl.rs`, for WebGL2 (feature `webgl2`, included by
//! `src/render/glsl.rs`): both stages in GLSL ES 3.00, so that there is no shader compiler in the
//! wasm module, and the names that naga gave to what a renderer must bind.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed={SHADER}");
    #[cfg(feature = "webgpu")]
    report(strip_comments("sphere.wgsl"));
    #[cfg(feature = "webgl2")]
    report(glsl::translate(SHADER, "sphere_glsl.rs"));
}

const SHADER: &str = "shaders/sphere.wgsl";

#[cfg(any(feature = "webgpu", feature = "webgl2"))]
fn report(result: Result<(), String>) {
    if let Err(problem) = result {
        println!("cargo:error={}", problem.replace('\n', "\ncargo:error="));
    }
}

/// Comments and indentation are for readers, and a wasm module ships none.
#[cfg(feature = "webgpu")]
fn strip_comments(out_name: &str) -> Result<(), String> {
    let wgsl = std::fs::read_to_string(SHADER).map_err(|e| format!("{SHADER}: {e}"))?;
    let code = wgsl.lines().map(|line| line.split("//").next().unwrap_or("").trim());
    let code = code.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n");
    let folder = std::env::var_os("OUT_DIR").ok_or("no OUT_DIR")?;
    std::fs::write(std::path::Path::new(&folder).join(out_name), code)
        .map_err(|e| format!("{out_name}: {e}"))
}

#[cfg(feature = "webgl2")]
mod glsl {
    use naga::back::glsl::{Options, PipelineOptions, Version, Writer, WriterFlags};
    use naga::proc::BoundsCheckPolicies;
    use naga::valid::{Capabilities, ModuleInfo, ValidationFlags, Validator};
    use naga::{AddressSpace, Module, ShaderStage};
    use std::{env, fs, path::PathBuf};

    /// One stage, and the names of its resources.
    struct Stage {
        source: String,
        uniform_block: Option<String>,
        texture: Option<String>,
    }

    pub fn translate(wgsl_path: &str, out_name: &str) -> Result<(), String> {
        let wgsl = fs::read_to_string(wgsl_path).map_err(|e| format!("{wgsl_path}: {e}"))?;
        let module = naga::front::wgsl::parse_str(&wgsl)
            .map_err(|e| e.emit_to_string_with_path(&wgsl, wgsl_path))?;
        let info = Validator::new(ValidationFlags::all(), Capabilities::empty())
            .validate(&module)
            .map_err(|e| e.emit_to_string_with_path(&wgsl, wgsl_path))?;

        let vertex = stage(&module, &info, (ShaderStage::Vertex, "vertex"))?;
        let fragment = stage(&module, &info, (ShaderStage::Fragment, "fragment"))?;
        let named = |name: Option<String>, what: &str| {
            name.ok_or_else(|| format!("{wgsl_path}: {what} is unused"))
        };
        let constants = [
            ("VERTEX", "The vertex stage.", vertex.source),
            ("FRAGMENT", "The fragment stage.", fragment.source),
            (
                "VERTEX_UNIFORM_BLOCK",
                "Name of the block that holds `View` in the vertex stage.",
                named(vertex.uniform_block, "the vertex stage's view")?,
            ),
            (
                "FRAGMENT_UNIFORM_BLOCK",
                "Name of the block that holds `View` in the fragment stage.",
                named(fragment.uniform_block, "the fragment stage's view")?,
            ),
            (
                "FRAGMENT_TEXTURE",
                "Name of the sampler of the video frame.",
                named(fragment.texture, "the texture")?,
            ),
        ];
        let rust: String = constants
            .iter()
            .map(|(name, doc, value)| format!("/// {doc}\npub const {name}: &str = {value:?};\n"))
            .collect();
        let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("no OUT_DIR")?).join(out_name);
        fs::write(&out, rust).map_err(|e| format!("{}: {e}", out.display()))
    }

    fn stage(
        module: &Module,
        info: &ModuleInfo,
        (shader_stage, entry_point): (ShaderStage, &str),
    ) -> Result<Stage, String> {
        let options = Options {
            version: Version::Embedded { version: 300, is_webgl: true },
            // Clip space stays as it is: nothing depends on depth, and a texture's row 0 is the
            // picture's top in WebGL too, as long as uploads do not flip.
            writer_flags: WriterFlags::empty(),
            ..Options::default()
        };
        let pipeline =
            PipelineOptions { shader_stage, entry_point: entry_point.to_owned(), multiview: None };
        let mut source = String::new();
        let reflection = Writer::new(
            &mut source,
            module,
            info,
            &options,
            &pipeline,
            BoundsCheckPolicies::default(),
        )
        .and_then(|mut writer| writer.write())
        .map_err(|e| format!("{entry_point}: {e}"))?;

        let uniform_block = reflection
            .uniforms
            .iter()
            .find(|(handle, _)| module.global_variables[**handle].space == AddressSpace::Uniform)
            .map(|(_, name)| name.clone());
        let texture = reflection.texture_mapping.keys().next().cloned();
        // Indentation is for readers, and the module ships none.
        let lines = source.lines().map(str::trim).filter(|line| !line.is_empty());
        let source = lines.collect::<Vec<_>>().join("\n");
        Ok(Stage { source, uniform_block, texture })
    }
}
