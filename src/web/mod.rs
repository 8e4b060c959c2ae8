//! Everything that touches a browser; the only place where `wasm_bindgen`, `web_sys` and `js_sys`
//! may be named.
