//! What the screen of CEA-608 makes of pairs of bytes, command by command (ANSI/CTA-608-E).

use crate::captions::{CaptionEvent, Captions, Channel};
use crate::cue::{Color, Cue, LinePosition};

fn odd(byte: u8) -> u8 {
    if byte.count_ones() % 2 == 1 { byte } else { byte | 0x80 }
}

/// A decoder that is given a pair a picture, 40 ms each.
struct Stream {
    captions: Captions,
    pictures: u32,
    events: Vec<CaptionEvent>,
}

impl Stream {
    fn new() -> Self {
        Self { captions: Captions::new(), pictures: 0, events: Vec::new() }
    }

    fn raw(&mut self, triplet: [u8; 3]) -> &mut Self {
        let at_secs = f64::from(self.pictures) / 25.0;
        self.pictures += 1;
        self.captions.push(at_secs, at_secs, &triplet);
        self.events.extend(std::iter::from_fn(|| self.captions.poll()));
        self
    }

    fn pair(&mut self, first: u8, second: u8) -> &mut Self {
        self.raw([0xfc, odd(first), odd(second)])
    }

    /// Each command twice, as it is sent.
    fn commands(&mut self, pairs: &[(u8, u8)]) -> &mut Self {
        for (first, second) in pairs {
            self.pair(*first, *second).pair(*first, *second);
        }
        self
    }

    fn text(&mut self, text: &str) -> &mut Self {
        for pair in text.as_bytes().chunks(2) {
            self.pair(pair[0], pair.get(1).copied().unwrap_or(0));
        }
        self
    }

    /// What is on screen.
    fn open(&self) -> Vec<(Channel, Cue)> {
        let mut open: Vec<(u32, Channel, Cue)> = Vec::new();
        for event in &self.events {
            match event {
                CaptionEvent::Found(_) => {}
                CaptionEvent::Shown { channel, number, cue } => {
                    open.retain(|(known, ..)| known != number);
                    open.push((*number, *channel, cue.clone()));
                }
                CaptionEvent::Ended { number, .. } => open.retain(|(known, ..)| known != number),
            }
        }
        open.into_iter().map(|(_, channel, cue)| (channel, cue)).collect()
    }

    fn texts(&self) -> Vec<String> {
        self.open().iter().map(|(_, cue)| cue.text()).collect()
    }
}

const RCL: (u8, u8) = (0x14, 0x20);
const BS: (u8, u8) = (0x14, 0x21);
const DER: (u8, u8) = (0x14, 0x24);
const RU2: (u8, u8) = (0x14, 0x25);
const RU3: (u8, u8) = (0x14, 0x26);
const FON: (u8, u8) = (0x14, 0x28);
const RDC: (u8, u8) = (0x14, 0x29);
const TR: (u8, u8) = (0x14, 0x2a);
const EDM: (u8, u8) = (0x14, 0x2c);
const CR: (u8, u8) = (0x14, 0x2d);
const ENM: (u8, u8) = (0x14, 0x2e);
const EOC: (u8, u8) = (0x14, 0x2f);
/// Rows 1, 14 and 15 with the indents 0, 4, and 0.
const ROW_1: (u8, u8) = (0x11, 0x50);
const ROW_14: (u8, u8) = (0x14, 0x52);
const ROW_15: (u8, u8) = (0x14, 0x70);

#[test]
fn pop_on_shows_at_the_flip_and_not_before() {
    let mut stream = Stream::new();
    stream.commands(&[RCL, ENM, ROW_14]).text("hidden");
    assert!(stream.texts().is_empty());
    assert_eq!(stream.events, [CaptionEvent::Found(Channel::Cc(1))]);
    let flipped_secs = f64::from(stream.pictures) / 25.0;
    stream.commands(&[EOC]);
    let [(channel, cue)] = &stream.open()[..] else { panic!("one cue") };
    assert_eq!((*channel, cue.start_secs, cue.end_secs), (Channel::Cc(1), flipped_secs, None));
    assert_eq!(cue.text(), "hidden");
    assert_eq!(cue.placement.line, LinePosition::Row(-2));
    assert_eq!(cue.placement.position_percent, Some(20.0));
    let erased_secs = f64::from(stream.pictures) / 25.0;
    stream.commands(&[EDM]);
    assert!(stream.texts().is_empty());
    let last = stream.events.last();
    assert!(
        matches!(last, Some(CaptionEvent::Ended { end_secs, .. }) if *end_secs == erased_secs),
        "{last:?}"
    );
}

#[test]
fn rows_apart_are_cues_apart() {
    let mut stream = Stream::new();
    stream.commands(&[RCL, ROW_1]).text("above").commands(&[ROW_14]).text("one");
    stream.commands(&[ROW_15]).text("two").commands(&[EOC]);
    assert_eq!(stream.texts(), ["above", "\u{a0}\u{a0}\u{a0}\u{a0}one\ntwo"]);
    let lines = stream.open().iter().map(|(_, cue)| cue.placement.line).collect::<Vec<_>>();
    assert_eq!(lines, [LinePosition::Row(0), LinePosition::Row(-2)]);
}

#[test]
fn roll_up_grows_and_rolls() {
    let mut stream = Stream::new();
    stream.commands(&[RU2, CR, ROW_15]).text("one");
    assert_eq!(stream.texts(), ["one"]);
    let number = |stream: &Stream| {
        let shown = stream.events.iter().filter_map(|event| match event {
            CaptionEvent::Shown { number, .. } => Some(*number),
            _ => None,
        });
        shown.collect::<Vec<_>>()
    };
    assert_eq!(number(&stream), [1, 1], "it grew");
    stream.commands(&[RU2, CR, ROW_15]).text("two");
    assert_eq!(stream.texts(), ["one\ntwo"]);
    stream.commands(&[CR, ROW_15]).text("three");
    assert_eq!(stream.texts(), ["two\nthree"]);
    // Its base moves, with all of it; more rows keep what is there.
    stream.commands(&[RU3, ROW_1]);
    assert_eq!(stream.open()[0].1.placement.line, LinePosition::Row(1));
    stream.commands(&[CR]).text("four");
    assert_eq!(stream.texts(), ["two\nthree\nfour"]);
    // Another style begins with an empty screen only where it rolls.
    stream.commands(&[RDC, ROW_15]).text("painted");
    assert_eq!(stream.texts(), ["two\nthree\nfour", "painted"]);
}

#[test]
fn paint_on_with_attributes() {
    let mut stream = Stream::new();
    stream.commands(&[RDC, ROW_15]).text("ab");
    // Mid-row red underlined, then italics, flash, a blue half-transparent background, black letters.
    stream.commands(&[(0x11, 0x29)]).text("cd").commands(&[(0x11, 0x2e)]).text("ef");
    stream.commands(&[FON]).text("gh").pair(b' ', 0).commands(&[(0x10, 0x25)]).text("ij");
    stream.pair(b' ', 0).commands(&[(0x17, 0x2e)]).text("kl");
    let cue = &stream.open()[0].1;
    assert_eq!(cue.text(), "ab cd ef gh ij kl");
    let spans = &cue.lines[0].spans;
    let red = Some(Color { red: 255, green: 0, blue: 0, alpha: 255 });
    let style_of =
        |text: &str| &spans.iter().find(|span| span.text.contains(text)).expect("a span").style;
    assert_eq!((style_of("ab").color, style_of("ab").is_italic), (None, false));
    assert_eq!((style_of("cd").color, style_of("cd").is_underlined), (red, true));
    assert!(style_of("ef").is_italic && !style_of("ef").is_underlined);
    assert!(style_of("gh").is_flashing && style_of("gh").is_italic);
    let blue = Some(Color { red: 0, green: 0, blue: 255, alpha: 0x80 });
    assert_eq!(style_of("ij").background, blue);
    let black = Some(Color { red: 0, green: 0, blue: 0, alpha: 255 });
    assert_eq!(style_of("kl").color, black);
}

#[test]
fn characters_tabs_and_erasing() {
    let mut stream = Stream::new();
    stream.commands(&[RDC, ROW_15]).text("caf*").commands(&[BS, (0x11, 0x3b)]).text("?");
    // An extended character takes the place of the one before it.
    stream.text("E").commands(&[(0x12, 0x21), (0x17, 0x22)]).text("x'");
    assert_eq!(stream.texts(), ["cafâ?É  x’"]);
    stream.commands(&[(0x14, 0x72), DER]);
    assert_eq!(stream.texts(), ["cafâ"]);
    // Behind the last column the last one is written over.
    stream.commands(&[(0x14, 0x7e)]).text("123456").commands(&[BS]).text("7");
    assert!(stream.texts()[0].ends_with("1237"), "{:?}", stream.texts());
}

#[test]
fn commands_come_twice_and_count_once() {
    let mut stream = Stream::new();
    stream.commands(&[RU3, ROW_15]).text("one").commands(&[CR]).text("two");
    // Four times are two; once is one.
    stream.commands(&[CR, CR]).text("three");
    assert_eq!(stream.texts(), ["two", "three"]);
    stream.pair(CR.0, CR.1).text("four");
    assert_eq!(stream.texts(), ["three\nfour"]);
}

#[test]
fn channels_and_fields_are_told_apart() {
    let mut stream = Stream::new();
    stream.commands(&[RDC, ROW_15]).text("first");
    stream.commands(&[(0x1c, 0x29), (0x1c, 0x70)]).text("second");
    for pair in [(0x15, 0x29), (0x15, 0x29), (b'3', 0), (0x1d, 0x29), (0x1d, 0x29), (b'4', 0)] {
        stream.raw([0xfd, odd(pair.0), odd(pair.1)]);
    }
    // Extended data goes on until its end, or a command.
    for pair in [(0x01, 0x03), (b'X', b'D'), (0x0f, 0x1d), (b'.', 0), (0x05, 0x01), (b'X', b'X')] {
        stream.raw([0xfd, odd(pair.0), odd(pair.1)]);
    }
    let texts: Vec<_> = stream.open().iter().map(|(channel, cue)| (*channel, cue.text())).collect();
    let expected = [(1, "first"), (2, "second"), (3, "3"), (4, "4.")];
    assert_eq!(texts, expected.map(|(number, text)| (Channel::Cc(number), text.to_owned())));
    // Text mode is no caption.
    stream.commands(&[TR]).text("news");
    assert_eq!(stream.open().len(), 4);
}

#[test]
fn parity_tells_damage() {
    let mut stream = Stream::new();
    stream.commands(&[RDC, ROW_15]).text("AB");
    let damaged = odd(b'C') ^ 0x80;
    stream.raw([0xfc, damaged, odd(b'D')]);
    assert!(stream.texts()[0].ends_with("█D"));
    // A damaged command is none, and one that is not valid neither.
    stream.raw([0xfc, odd(EDM.0) ^ 0x80, odd(EDM.1)]).raw([0xf8, odd(EDM.0), odd(EDM.1)]);
    assert!(stream.texts()[0].ends_with("█D"));
}

#[test]
fn a_seek_closes_what_is_open() {
    let mut stream = Stream::new();
    stream.commands(&[RDC, ROW_15]).text("open");
    stream.captions.reset(0.1);
    stream.events.extend(std::iter::from_fn(|| stream.captions.poll()));
    assert!(stream.texts().is_empty());
    // What follows begins anew: characters without a command are nobody's. The channel is known already.
    stream.text("lost").commands(&[RDC]).text("new");
    assert_eq!(stream.texts(), ["new"]);
    let found = stream.events.iter().filter(|event| matches!(event, CaptionEvent::Found(_)));
    assert_eq!(found.count(), 1);
}
