//! A paragraph's pieces, and the cues they make (TTML 2, 11.3.1 on intermediate documents).
//!
//! In: texts with their style and time, line breaks, ruby. Out: a cue for each stretch of time in which
//! the same pieces are shown. It bounds pieces, lines and stretches; text beyond goes on without a style.

use crate::cue::{Line, Span, Style};

const MAX_PIECES: usize = 512;
const MAX_LINES: usize = 256;
/// Stretches of time of one paragraph.
const MAX_STRETCHES: usize = 128;

/// From when until when.
pub(super) type Interval = (f64, Option<f64>);

struct Piece {
    /// A line break where it is `None`.
    text: Option<String>,
    style: Style,
    is_preserved: bool,
    interval: Interval,
}

/// What a paragraph holds.
#[derive(Default)]
pub(super) struct Paragraph {
    pieces: Vec<Piece>,
    /// Where bases of the open ruby begin.
    bases: Vec<usize>,
    /// Which of them the next ruby text is of.
    next_base: usize,
    ruby_text: String,
}

impl Paragraph {
    pub(super) fn text(&mut self, text: String, style: Style, preserved: bool, at: Interval) {
        if self.pieces.len() >= MAX_PIECES {
            if let Some(last) = self.pieces.last_mut() {
                last.style = Style::default();
                last.text.get_or_insert_default().push_str(&text);
            }
            return;
        }
        self.pieces.push(Piece { text: Some(text), style, is_preserved: preserved, interval: at });
    }

    pub(super) fn line_break(&mut self, interval: Interval) {
        let style = Style::default();
        self.pieces.push(Piece { text: None, style, is_preserved: false, interval });
        if self.pieces.len() > MAX_PIECES {
            self.pieces.pop();
            self.text(" ".into(), Style::default(), true, interval);
        }
    }

    pub(super) fn begin_ruby(&mut self) {
        self.bases.clear();
        self.next_base = 0;
    }

    pub(super) fn begin_base(&mut self) {
        if self.bases.len() < MAX_PIECES {
            self.bases.push(self.pieces.len());
        }
    }

    pub(super) fn ruby_text(&mut self, text: &str) {
        self.ruby_text.push_str(text);
    }

    /// Puts ruby text above the base it is of.
    pub(super) fn end_ruby_text(&mut self) {
        let text = core::mem::take(&mut self.ruby_text);
        let text = text.trim_ascii();
        let base = self.bases.get(self.next_base).and_then(|at| self.pieces.get_mut(*at));
        if let Some(base) = base.filter(|_| !text.is_empty()) {
            base.style.ruby = Some(text.into());
        }
        self.next_base += 1;
    }

    /// Intervals with the lines that are shown in each.
    pub(super) fn stretches(&self, whole: Interval) -> Vec<(Interval, Vec<Line>)> {
        let timed = self.pieces.iter().filter(|piece| piece.interval != whole);
        let mut moments: Vec<f64> = Vec::new();
        for moment in timed.flat_map(|piece| [Some(piece.interval.0), piece.interval.1]).flatten() {
            let at = moments.partition_point(|other| *other < moment);
            let is_known = moments.get(at) == Some(&moment);
            let is_within = moment > whole.0 && whole.1.is_none_or(|end| moment < end);
            if is_within && !is_known && moments.len() < MAX_STRETCHES {
                moments.insert(at, moment);
            }
        }
        let mut stretches = Vec::new();
        let mut start = whole.0;
        for end in moments.into_iter().map(Some).chain([whole.1]) {
            let lines = self.lines(start);
            if lines.iter().any(|line| !line.spans.is_empty()) {
                stretches.push(((start, end), lines));
            }
            start = end.unwrap_or(start);
        }
        stretches
    }

    /// What is shown at a moment.
    fn lines(&self, secs: f64) -> Vec<Line> {
        let mut lines = vec![Line::default()];
        let is_shown = |piece: &&Piece| {
            piece.interval.0 <= secs && piece.interval.1.is_none_or(|end| secs < end)
        };
        for piece in self.pieces.iter().filter(is_shown) {
            match &piece.text {
                None => new_line(&mut lines),
                Some(text) if piece.is_preserved => {
                    for (index, part) in text.split('\n').enumerate() {
                        if index > 0 {
                            new_line(&mut lines);
                        }
                        append(&mut lines, part, &piece.style);
                    }
                }
                Some(text) => {
                    let collapsed = collapsed(text, ends_in_space(&lines));
                    append(&mut lines, &collapsed, &piece.style);
                }
            }
        }
        if let Some(line) = lines.last_mut() {
            end_line(line);
        }
        while lines.last().is_some_and(|line| line.spans.is_empty()) {
            lines.pop();
        }
        lines
    }
}

fn new_line(lines: &mut Vec<Line>) {
    if let Some(line) = lines.last_mut() {
        end_line(line);
    }
    if lines.len() < MAX_LINES {
        lines.push(Line::default());
    } else {
        append(lines, " ", &Style::default());
    }
}

/// A space at a line's end is none (TTML 2, 10.2.50, by `xml:space="default"`).
fn end_line(line: &mut Line) {
    if let Some(last) = line.spans.last_mut() {
        let len = last.text.trim_end_matches(' ').len();
        last.text.truncate(len);
        if len == 0 {
            line.spans.pop();
        }
    }
}

fn append(lines: &mut [Line], text: &str, style: &Style) {
    let Some(line) = lines.last_mut().filter(|_| !text.is_empty()) else { return };
    match line.spans.last_mut() {
        Some(last) if last.style == *style && style.ruby.is_none() => last.text.push_str(text),
        _ => line.spans.push(Span { text: text.into(), style: style.clone(), from_secs: None }),
    }
}

/// Whether a space would be one too many: at a line's beginning, and after another one.
fn ends_in_space(lines: &[Line]) -> bool {
    let last = lines.last().and_then(|line| line.spans.last());
    last.is_none_or(|span| span.text.ends_with(' '))
}

/// With one space for each stretch of white space.
fn collapsed(text: &str, mut is_after_space: bool) -> String {
    let mut collapsed = String::with_capacity(text.len());
    for char in text.chars() {
        let is_space = matches!(char, ' ' | '\t' | '\n' | '\r');
        if !is_space {
            collapsed.push(char);
        } else if !is_after_space {
            collapsed.push(' ');
        }
        is_after_space = is_space;
    }
    collapsed
}
