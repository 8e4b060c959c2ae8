//! A text and where it is shown: what every caption and subtitle format becomes.
//!
//! In: nothing. Out: plain data, in WebVTT's terms (W3C WebVTT 3), as a `VTTCue` takes them, with the few
//! things that CEA-608, CEA-708 and IMSC have besides. It refuses to draw or to measure.

/// A text that is shown for a while.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Cue {
    /// As the file names it; empty where it does not.
    pub id: String,
    /// From when on.
    pub start_secs: f64,
    /// Until when; `None` until it is known, as of a live caption that is still on screen.
    pub end_secs: Option<f64>,
    /// Where on the picture.
    pub placement: Placement,
    /// Lines of text, from top to bottom.
    pub lines: Vec<Line>,
}

impl Cue {
    /// Its words, with line breaks and without style.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for (index, line) in self.lines.iter().enumerate() {
            if index > 0 {
                text.push('\n');
            }
            line.spans.iter().for_each(|span| text.push_str(&span.text));
        }
        text
    }

    /// About how many bytes it costs to hold.
    pub fn held_bytes(&self) -> usize {
        let region = self.placement.region.as_ref().map_or(0, |region| region.id.len());
        let spans = self.lines.iter().flat_map(|line| &line.spans).map(Span::held_bytes);
        let lines = self.lines.len() * size_of::<Line>();
        size_of::<Self>() + self.id.len() + region + lines + spans.sum::<usize>()
    }

    /// Moves it along the timeline.
    pub fn shift(&mut self, offset_secs: f64) {
        self.start_secs += offset_secs;
        self.end_secs = self.end_secs.map(|end| end + offset_secs);
        for span in self.lines.iter_mut().flat_map(|line| &mut line.spans) {
            span.from_secs = span.from_secs.map(|from| from + offset_secs);
        }
    }
}

/// One line of a cue.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Line {
    /// Texts of one style each, in reading order.
    pub spans: Vec<Span>,
}

/// A stretch of text in one style.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Span {
    /// Without line breaks, and without markup.
    pub text: String,
    /// How it looks.
    pub style: Style,
    /// From when on it counts as said (`<00:01.000>`); `None` is all the while.
    pub from_secs: Option<f64>,
}

impl Span {
    fn held_bytes(&self) -> usize {
        let style = &self.style;
        let words = [&style.voice, &style.language, &style.ruby].into_iter().flatten();
        let words: usize = words.chain(&style.classes).map(|word| word.len() + 24).sum();
        size_of::<Self>() + self.text.len() + words
    }
}

/// How a stretch of text looks; what is `None` is left to the viewer's settings.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Style {
    /// `<b>`.
    pub is_bold: bool,
    /// `<i>`.
    pub is_italic: bool,
    /// `<u>`.
    pub is_underlined: bool,
    /// CEA-608 and 708 flash.
    pub is_flashing: bool,
    /// Of the letters.
    pub color: Option<Color>,
    /// Behind the letters.
    pub background: Option<Color>,
    /// Over the viewer's size, 1 being as large as that.
    pub size_ratio: Option<f32>,
    /// Who speaks (`<v Name>`).
    pub voice: Option<String>,
    /// BCP 47 (`<lang de>`).
    pub language: Option<String>,
    /// Text above the text (`<rt>`, `tts:ruby`).
    pub ruby: Option<String>,
    /// Class names (`<c.name>`), which a page may style.
    pub classes: Vec<String>,
}

/// Red, green, blue and opacity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Color {
    pub red: u8,
    pub green: u8,
    pub blue: u8,
    pub alpha: u8,
}

/// Where a cue is shown (WebVTT 3.1); the default is WebVTT's.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Placement {
    /// `vertical`.
    pub writing: Writing,
    /// `line`.
    pub line: LinePosition,
    /// Which side of the box lies at `line`.
    pub line_align: Align,
    /// `position`, percent of the picture; `None` is `auto`.
    pub position_percent: Option<f32>,
    /// Which side of the box lies at `position`; `None` is `auto`.
    pub position_align: Option<Align>,
    /// `size`, percent of the picture; `None` is 100.
    pub size_percent: Option<f32>,
    /// `align`; `None` is `center`.
    pub text_align: Option<Align>,
    /// The region it belongs to.
    pub region: Option<Region>,
}

/// `vertical`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Writing {
    /// In rows.
    #[default]
    Horizontal,
    /// In columns, the first at the right (`rl`).
    VerticalRightToLeft,
    /// In columns, the first at the left (`lr`).
    VerticalLeftToRight,
}

/// `line`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum LinePosition {
    /// Above what is there already, from the bottom.
    #[default]
    Auto,
    /// The n-th line of the picture (`snapToLines`), from the bottom where negative.
    Row(i32),
    /// Percent of the picture.
    Percent(f32),
}

/// Side of a box, or of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Align {
    /// Where reading begins.
    #[default]
    Start,
    /// In the middle.
    Center,
    /// Where reading ends.
    End,
    /// The left, whichever the writing.
    Left,
    /// The right, whichever the writing.
    Right,
}

/// A box that several cues share (WebVTT 3.2, IMSC 1 `region`, a CEA-708 window).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Region {
    /// Its name in the file.
    pub id: String,
    /// Width in percent of the picture.
    pub width_percent: f32,
    /// How many lines it is high; 0 where `height_percent` says it.
    pub lines: u32,
    /// Height in percent of the picture, where it is not given in lines.
    pub height_percent: Option<f32>,
    /// Point of the region that lies at the viewport anchor, percent of the region.
    pub region_anchor_percent: (f32, f32),
    /// Where on the picture, percent.
    pub viewport_anchor_percent: (f32, f32),
    /// Lines move up as others come (roll-up).
    pub scrolls_up: bool,
    /// Behind all of it.
    pub background: Option<Color>,
    /// Where the text stands in it (`tts:displayAlign`): `Start` is the top.
    pub display_align: Align,
}
