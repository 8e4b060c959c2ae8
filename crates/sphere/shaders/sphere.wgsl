// The inside of an equirectangular sphere, a ray per pixel: no mesh, exact at the poles.
//
// One draw of three vertices per eye view, over the whole viewport. World space is right-handed,
// +Y up, -Z the centre of the picture; clip and texture conventions are WebGPU's (and, as nothing
// here depends on depth, WebGL's): clip +Y up, texture row 0 at the top of the picture.
//
// build.rs takes the comments out for wgpu and translates it to GLSL ES 3.00 for WebGL2. The layout
// of `View` is repeated in src/render/uniforms.rs.

const PI: f32 = 3.14159265358979;
const BLACK = vec4<f32>(0.0, 0.0, 0.0, 1.0);

struct View {
    // From (clip x, clip y, 1) to a ray in the world: linear, not normalised.
    ray_from_clip: mat3x3<f32>,
    // This eye's part of the frame, in shares of it: left, top, width, height.
    eye_in_frame: vec4<f32>,
    // Share of a full turn that the picture's width covers: 1 or 1/2.
    turn: f32,
}

@group(0) @binding(0) var<uniform> view: View;
@group(0) @binding(1) var frame: texture_2d<f32>;
@group(0) @binding(2) var frame_sampler: sampler;

struct Fragment {
    @builtin(position) clip: vec4<f32>,
    @location(0) ray: vec3<f32>,
}

@vertex
fn vertex(@builtin(vertex_index) index: u32) -> Fragment {
    // (-1, -1), (3, -1), (-1, 3): one triangle that covers the viewport.
    let x = f32((index & 1u) << 2u) - 1.0;
    let y = f32((index & 2u) << 1u) - 1.0;
    return Fragment(vec4<f32>(x, y, 0.0, 1.0), view.ray_from_clip * vec3<f32>(x, y, 1.0));
}

@fragment
fn fragment(in: Fragment) -> @location(0) vec4<f32> {
    let ray = normalize(in.ray);
    // atan2(0, 0) is undefined: straight up and down, any yaw will do.
    let level = select(ray.xz, vec2<f32>(0.0, -1.0), all(ray.xz == vec2<f32>(0.0)));
    let yaw_rad = atan2(level.x, -level.y);
    let pitch_rad = atan2(ray.y, length(level));

    let across = yaw_rad / (2.0 * PI * view.turn) + 0.5;
    let down = 0.5 - pitch_rad / PI;
    // atan2 may round to just beyond half a turn, so a full turn has no outside.
    if view.turn < 1.0 && (across < 0.0 || across > 1.0) {
        return BLACK;
    }

    // In texels, on whole ones: half a texel of the other eye must not show where a frame's
    // width or height is odd.
    let frame_px = vec2<f32>(textureDimensions(frame));
    let origin_px = ceil(view.eye_in_frame.xy * frame_px);
    let size_px = floor(view.eye_in_frame.zw * frame_px);
    // Samples keep half a texel from the edge, so that filtering never reaches the other eye.
    let first = vec2<f32>(0.5);
    let last = size_px - vec2<f32>(0.5);
    let at = vec2<f32>(across, down) * size_px;
    let inside = clamp(at, first, last);
    let beyond_px = at.x - inside.x;
    // Level 0 explicitly: the jump of `across` behind the viewer would choose a small mip level
    // there and draw a line.
    let near = textureSampleLevel(frame, frame_sampler, (origin_px + inside) / frame_px, 0.0).rgb;
    if view.turn < 1.0 || beyond_px == 0.0 {
        return vec4<f32>(near, 1.0);
    }
    // Within half a texel of the seam: filter across it, as the sampler cannot.
    let opposite = vec2<f32>(select(first.x, last.x, beyond_px < 0.0), inside.y);
    let far = textureSampleLevel(frame, frame_sampler, (origin_px + opposite) / frame_px, 0.0).rgb;
    return vec4<f32>(mix(near, far, abs(beyond_px)), 1.0);
}
