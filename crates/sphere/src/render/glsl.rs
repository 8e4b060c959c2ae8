//! `shaders/sphere.wgsl` as GLSL ES 3.00, translated by `build.rs`.
//!
//! Nothing is written by hand here: the names are naga's, taken from its reflection.

include!(concat!(env!("OUT_DIR"), "/sphere_glsl.rs"));
