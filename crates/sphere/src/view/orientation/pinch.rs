//! Which fingers are down, and what moving one of them means: a drag of one, a pinch of two.
//!
//! In: pointers going down, moving, going up. Out: strokes from place to place. A third finger is
//! ignored; a finger that stays when the other leaves drags on without a jump, since every stroke
//! starts where the last one ended.

use crate::view::camera::Point;
use crate::view::trig::tan;

/// What a move does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Stroke {
    /// One pointer moved.
    Drag {
        /// From here.
        from: Point,
        /// To here.
        to: Point,
    },
    /// One of two pointers moved.
    Pinch {
        /// The middle was here.
        from: Point,
        /// And is now here.
        to: Point,
        /// The distance now over the distance before: above one, the fingers part.
        spread: f32,
    },
}

#[derive(Debug, Clone, Copy)]
struct Pointer {
    id: i32,
    at: Point,
}

/// The pointers that are down, two at most.
#[derive(Debug, Clone, Copy, Default)]
pub struct Pointers {
    down: [Option<Pointer>; 2],
}

/// Fingers nearer than this have no direction and no scale.
const SPREAD_MIN_PX: f32 = 8.0;

impl Pointers {
    /// A pointer goes down.
    pub fn down(&mut self, id: i32, at: Point) {
        self.up(id);
        if let Some(free) = self.down.iter_mut().find(|slot| slot.is_none()) {
            *free = Some(Pointer { id, at });
        }
    }

    /// A pointer moves; nothing where it is not down or has not moved.
    pub fn moved(&mut self, id: i32, to: Point) -> Option<Stroke> {
        let other = self.down.iter().flatten().find(|pointer| pointer.id != id).copied();
        let moving = self.down.iter_mut().flatten().find(|pointer| pointer.id == id)?;
        let from = core::mem::replace(&mut moving.at, to);
        if from == to {
            return None;
        }
        Some(match other {
            None => Stroke::Drag { from, to },
            Some(Pointer { at, .. }) => Stroke::Pinch {
                from: middle(from, at),
                to: middle(to, at),
                spread: distance_px(to, at).max(SPREAD_MIN_PX)
                    / distance_px(from, at).max(SPREAD_MIN_PX),
            },
        })
    }

    /// A pointer goes up. False: it was not down.
    pub fn up(&mut self, id: i32) -> bool {
        for slot in &mut self.down {
            if slot.is_some_and(|pointer| pointer.id == id) {
                *slot = None;
                return true;
            }
        }
        false
    }

    /// Whether any is down.
    #[must_use]
    pub fn any(&self) -> bool {
        self.down.iter().any(Option::is_some)
    }
}

/// The field of view after fingers parted by `spread`: what lies between them grows as they do.
#[must_use]
pub fn zoomed_fov_rad(fov_rad: f32, spread: f32) -> f32 {
    2.0 * (tan(fov_rad * 0.5) / spread.max(1e-3)).atan()
}

fn middle(a: Point, b: Point) -> Point {
    Point { x_px: (a.x_px + b.x_px) * 0.5, y_px: (a.y_px + b.y_px) * 0.5 }
}

fn distance_px(a: Point, b: Point) -> f32 {
    (a.x_px - b.x_px).hypot(a.y_px - b.y_px)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(x_px: f32, y_px: f32) -> Point {
        Point { x_px, y_px }
    }

    #[test]
    fn two_fingers_pinch_and_the_last_drags_on() {
        let mut pointers = Pointers::default();
        assert_eq!(pointers.moved(1, at(5.0, 5.0)), None, "hovering is nothing");
        pointers.down(1, at(100.0, 100.0));
        pointers.down(2, at(200.0, 100.0));
        pointers.down(3, at(0.0, 0.0));
        assert_eq!(pointers.moved(3, at(9.0, 9.0)), None, "a third finger is nothing");
        let stroke = pointers.moved(2, at(300.0, 100.0));
        let expected = Stroke::Pinch { from: at(150.0, 100.0), to: at(200.0, 100.0), spread: 2.0 };
        assert_eq!(stroke, Some(expected));
        assert!(pointers.up(1));
        assert!(!pointers.up(1));
        let stroke = pointers.moved(2, at(310.0, 100.0));
        assert_eq!(stroke, Some(Stroke::Drag { from: at(300.0, 100.0), to: at(310.0, 100.0) }));
        assert_eq!(pointers.moved(2, at(310.0, 100.0)), None, "standing still is nothing");
        assert!(pointers.up(2));
        assert!(!pointers.any());
    }

    #[test]
    fn fingers_on_one_spot_do_not_divide_by_zero() {
        let mut pointers = Pointers::default();
        pointers.down(1, at(100.0, 100.0));
        pointers.down(2, at(100.0, 100.0));
        let Some(Stroke::Pinch { spread, .. }) = pointers.moved(2, at(101.0, 100.0)) else {
            panic!("no pinch");
        };
        assert_eq!(spread, 1.0);
    }

    #[test]
    fn what_lies_between_the_fingers_grows_with_them() {
        let fov_rad = 1.2_f32;
        let zoomed = zoomed_fov_rad(fov_rad, 2.0);
        // A thing at a small angle is twice as large on the screen.
        let ratio = tan(fov_rad * 0.5) / (zoomed * 0.5).tan();
        assert!((ratio - 2.0).abs() < 1e-5);
    }
}
