//! Pointer, key and wheel actions (WebDriver 15): lanes of ticks that run side by side.

use serde_json::{Value, json};

/// A pointer's button.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Button {
    /// The usual one; a finger has no other.
    Left = 0,
    /// The wheel's.
    Middle = 1,
    /// The context menu's.
    Right = 2,
}

/// One mouse, finger or pen, in viewport pixels. Each step is a tick.
#[derive(Debug, Clone)]
pub struct Pointer {
    id: String,
    kind: &'static str,
    ticks: Vec<Value>,
}

impl Pointer {
    /// The mouse.
    pub fn mouse() -> Self {
        Self { id: "mouse".to_owned(), kind: "mouse", ticks: Vec::new() }
    }

    /// A finger; two of them pinch.
    pub fn finger(number: u32) -> Self {
        Self { id: format!("finger{number}"), kind: "touch", ticks: Vec::new() }
    }

    /// A pen that touches; Chromium and Firefox.
    pub fn pen() -> Self {
        Self { id: "pen".to_owned(), kind: "pen", ticks: Vec::new() }
    }

    /// Moves there within a time.
    #[must_use]
    pub fn to(self, x_px: i32, y_px: i32, millis: u32) -> Self {
        self.tick(json!({
            "type": "pointerMove", "x": x_px, "y": y_px, "duration": millis, "origin": "viewport"
        }))
    }

    /// Moves by so much within a time.
    #[must_use]
    pub fn by(self, x_px: i32, y_px: i32, millis: u32) -> Self {
        self.tick(json!({
            "type": "pointerMove", "x": x_px, "y": y_px, "duration": millis, "origin": "pointer"
        }))
    }

    /// Presses the left button, or touches.
    #[must_use]
    pub fn down(self) -> Self {
        self.press(Button::Left)
    }

    /// Presses a button.
    #[must_use]
    pub fn press(self, button: Button) -> Self {
        self.tick(json!({ "type": "pointerDown", "button": button as u8 }))
    }

    /// Lets go of the left button, or lifts the finger.
    #[must_use]
    pub fn up(self) -> Self {
        self.tick(json!({ "type": "pointerUp", "button": Button::Left as u8 }))
    }

    /// Stays.
    #[must_use]
    pub fn pause(self, millis: u32) -> Self {
        self.tick(json!({ "type": "pause", "duration": millis }))
    }

    fn tick(mut self, tick: Value) -> Self {
        self.ticks.push(tick);
        self
    }
}

/// What to perform at once.
#[derive(Debug, Clone, Default)]
pub struct Actions {
    lanes: Vec<Value>,
}

impl Actions {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A pointer beside what is there.
    #[must_use]
    pub fn pointer(mut self, pointer: Pointer) -> Self {
        self.lanes.push(json!({
            "type": "pointer",
            "id": pointer.id,
            "parameters": { "pointerType": pointer.kind },
            "actions": pointer.ticks,
        }));
        self
    }

    /// One key, pressed, held and let go. Keys without a character have WebDriver's code points,
    /// such as [`LEFT`](Self::LEFT).
    #[must_use]
    pub fn key(mut self, key: char, held_millis: u32) -> Self {
        let key = key.to_string();
        self.lanes.push(json!({
            "type": "key",
            "id": format!("keyboard{}", self.lanes.len()),
            "actions": [
                { "type": "keyDown", "value": key },
                { "type": "pause", "duration": held_millis },
                { "type": "keyUp", "value": key },
            ],
        }));
        self
    }

    /// One key pressed while another, such as [`SHIFT`](Self::SHIFT), is held: one lane, since a
    /// modifier counts only for its own keyboard.
    #[must_use]
    pub fn chord(mut self, held: char, key: char) -> Self {
        let (held, key) = (held.to_string(), key.to_string());
        self.lanes.push(json!({
            "type": "key",
            "id": format!("keyboard{}", self.lanes.len()),
            "actions": [
                { "type": "keyDown", "value": held },
                { "type": "keyDown", "value": key },
                { "type": "keyUp", "value": key },
                { "type": "keyUp", "value": held },
            ],
        }));
        self
    }

    /// The wheel turned at a point of the viewport, in pixels.
    #[must_use]
    pub fn wheel(mut self, at_px: (i32, i32), by_px: (i32, i32)) -> Self {
        self.lanes.push(json!({
            "type": "wheel",
            "id": "wheel",
            "actions": [{
                "type": "scroll", "x": at_px.0, "y": at_px.1,
                "deltaX": by_px.0, "deltaY": by_px.1, "duration": 0, "origin": "viewport",
            }],
        }));
        self
    }

    /// The same while a key, such as [`CONTROL`](Self::CONTROL), is held.
    #[must_use]
    pub fn wheel_with(mut self, held: char, at_px: (i32, i32), by_px: (i32, i32)) -> Self {
        let held = held.to_string();
        self.lanes.push(json!({
            "type": "key",
            "id": "keyboard",
            "actions": [
                { "type": "keyDown", "value": held },
                { "type": "pause", "duration": 0 },
                { "type": "keyUp", "value": held },
            ],
        }));
        self = self.wheel(at_px, by_px);
        // The key goes down a tick before the wheel turns.
        if let Some(ticks) = self.lanes.last_mut().and_then(|lane| lane["actions"].as_array_mut()) {
            ticks.insert(0, json!({ "type": "pause", "duration": 0 }));
        }
        self
    }

    /// Shift, the left one.
    pub const SHIFT: char = '\u{e008}';
    /// Control, the left one.
    pub const CONTROL: char = '\u{e009}';
    /// The left arrow.
    pub const LEFT: char = '\u{e012}';
    /// The up arrow.
    pub const UP: char = '\u{e013}';
    /// The right arrow.
    pub const RIGHT: char = '\u{e014}';
    /// The down arrow.
    pub const DOWN: char = '\u{e015}';
    /// Home.
    pub const HOME: char = '\u{e011}';
    /// Escape.
    pub const ESCAPE: char = '\u{e00c}';
    /// Tab.
    pub const TAB: char = '\u{e004}';
    /// Enter.
    pub const ENTER: char = '\u{e007}';

    pub(super) fn to_json(&self) -> Value {
        json!({ "actions": self.lanes })
    }
}
