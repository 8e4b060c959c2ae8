//! Expectations by hand, of CTA-708-E: no two peers agree.

use crate::captions::{CaptionEvent, Captions, Channel};
use crate::cue::{Align, Color, Cue, LinePosition};

/// A decoder that is given a packet a picture, a tenth of a second each.
#[derive(Default)]
struct Stream {
    captions: Captions,
    pictures: u32,
    sequence: u8,
    open: Vec<(u32, Channel, Cue)>,
    ends: Vec<f64>,
    found: Vec<Channel>,
}

impl Stream {
    fn packet(&mut self, blocks: &[u8]) -> &mut Self {
        let mut packet = vec![0];
        packet.extend_from_slice(blocks);
        packet.resize(packet.len().next_multiple_of(2), 0);
        packet[0] = self.sequence << 6 | (packet.len() / 2) as u8 & 0x3f;
        self.sequence = (self.sequence + 1) & 3;
        let triplets: Vec<u8> = packet
            .chunks(2)
            .enumerate()
            .flat_map(|(index, pair)| [if index == 0 { 0xff } else { 0xfe }, pair[0], pair[1]])
            .collect();
        self.raw(&triplets)
    }

    fn raw(&mut self, triplets: &[u8]) -> &mut Self {
        let at_secs = f64::from(self.pictures) / 10.0;
        self.pictures += 1;
        self.captions.push(at_secs, at_secs, triplets);
        while let Some(event) = self.captions.poll() {
            match event {
                CaptionEvent::Found(channel) => self.found.push(channel),
                CaptionEvent::Shown { channel, number, cue } => {
                    self.open.retain(|(known, ..)| *known != number);
                    self.open.push((number, channel, cue));
                }
                CaptionEvent::Ended { number, end_secs, .. } => {
                    self.open.retain(|(known, ..)| *known != number);
                    self.ends.push(end_secs);
                }
            }
        }
        self
    }

    /// A block of service 1.
    fn block(&mut self, block: &[u8]) -> &mut Self {
        self.packet(&[&[1 << 5 | block.len() as u8], block].concat())
    }

    fn texts(&self) -> Vec<String> {
        self.open.iter().map(|(.., cue)| cue.text()).collect()
    }
}

/// A visible window at the middle below, of so many rows and columns.
fn define(window: u8, rows: u8, columns: u8, window_style: u8) -> [u8; 7] {
    [0x98 + window, 0x38, 74, 105, 7 << 4 | (rows - 1), columns - 1, window_style << 3 | 1]
}

#[test]
fn text_grows_in_its_window() {
    let mut stream = Stream::default();
    stream.block(&define(0, 2, 32, 1)).block(b"Hello").block(b" you\x03");
    assert_eq!(stream.found, [Channel::Service(1)]);
    let [(number, channel, cue)] = &stream.open[..] else { panic!("one cue") };
    assert_eq!((*number, *channel, cue.start_secs), (1, Channel::Service(1), 0.1));
    assert_eq!(cue.text(), "Hello you");
    assert_eq!(
        (cue.placement.line_align, cue.placement.text_align),
        (Align::End, Some(Align::Left))
    );
    let region = cue.placement.region.as_ref().expect("a window");
    assert_eq!(region.region_anchor_percent, (50.0, 100.0));
    assert_eq!(region.viewport_anchor_percent.0, 50.0);
    assert_eq!(region.lines, 2);
    assert_eq!(region.background, Some(Color { red: 0, green: 0, blue: 0, alpha: 255 }));
    let LinePosition::Percent(line) = cue.placement.line else { panic!("percent") };
    assert!((88.0..90.0).contains(&line), "{line}");
    // A second row is more text; a third pushes the first out.
    stream.block(b"\x0dtwo");
    assert_eq!((stream.texts(), stream.ends.len()), (vec!["Hello you\ntwo".to_owned()], 0));
    stream.block(b"\x0dthree");
    assert_eq!((stream.texts(), stream.ends.len()), (vec!["two\nthree".to_owned()], 1));
}

#[test]
fn windows_are_shown_hidden_toggled_cleared_and_deleted() {
    let mut stream = Stream::default();
    stream.block(&define(0, 1, 20, 1)).block(b"a").block(&define(3, 1, 20, 1)).block(b"b");
    assert_eq!(stream.texts(), ["a", "b"]);
    stream.block(&[0x8a, 0x01]);
    assert_eq!(stream.texts(), ["b"]);
    stream.block(&[0x8b, 0x09]);
    assert_eq!(stream.texts(), ["a"]);
    stream.block(&[0x89, 0xff]);
    assert_eq!(stream.texts(), ["a", "b"]);
    // Text goes to the current window, which defining it made the fourth; SetCurrentWindow the first.
    stream.block(b"c").block(&[0x80]).block(b"d");
    let mut texts = stream.texts();
    texts.sort_unstable();
    assert_eq!(texts, ["ad", "bc"]);
    stream.block(&[0x88, 0x01]);
    assert_eq!(stream.texts(), ["bc"]);
    stream.block(&[0x8c, 0xff]).block(b"nowhere");
    assert!(stream.texts().is_empty());
    stream.block(&define(1, 1, 20, 1)).block(b"e").block(&[0x8f]);
    assert!(stream.texts().is_empty());
}

#[test]
fn pens_have_colours_and_places() {
    let mut stream = Stream::default();
    stream.block(&define(0, 3, 32, 1)).block(&[0x90, 0x05, 0xc0]).block(b"it");
    // Red on half-transparent green; large.
    stream.block(&[0x91, 0x30, 0x8c, 0]).block(&[0x90, 0x06, 0x00]).block(b"red");
    stream.block(&[0x92, 2, 4]).block(b"low");
    assert_eq!(stream.texts(), ["itred\n\n\u{a0}\u{a0}\u{a0}\u{a0}low"]);
    let spans = &stream.open[0].2.lines[0].spans;
    assert!(spans[0].style.is_italic && spans[0].style.is_underlined);
    assert_eq!(spans[0].style.color, None);
    assert_eq!(spans[1].style.color, Some(Color { red: 255, green: 0, blue: 0, alpha: 255 }));
    assert_eq!(spans[1].style.background, Some(Color { red: 0, green: 255, blue: 0, alpha: 128 }));
    assert_eq!((spans[1].style.size_ratio, spans[1].style.is_italic), (Some(1.25), false));
}

#[test]
fn windows_have_attributes() {
    let mut stream = Stream::default();
    // Centred with word wrap, then by its own attributes: red behind it, at the right, no wrap.
    stream.block(&define(0, 3, 10, 6)).block(b"words that wrap");
    assert_eq!(stream.texts(), ["words that\nwrap"]);
    let placement = &stream.open[0].2.placement;
    assert_eq!(
        (placement.text_align, placement.position_percent),
        (Some(Align::Center), Some(50.0))
    );
    stream.block(&[0x97, 0x30, 0, 0x01, 0]);
    let placement = &stream.open[0].2.placement;
    assert_eq!(placement.text_align, Some(Align::Right));
    let fill = placement.region.as_ref().and_then(|region| region.background);
    assert_eq!(fill, Some(Color { red: 255, green: 0, blue: 0, alpha: 255 }));
}

#[test]
fn characters_of_all_sets() {
    let mut stream = Stream::default();
    stream.block(&define(0, 1, 42, 1));
    stream.block(&[b'a', 0x7f, 0xe9, 0x10, 0x34, 0x18, 0x26, 0x3a, 0x10, 0x76, 0x10, 0xa0]);
    assert_eq!(stream.texts(), ["a♪é”☺⅛🅲"]);
    // Codes that mean nothing yet are as long as their group says.
    stream.block(&[0x10, 0x09, 1, 0x10, 0x85, 1, 2, 3, 4, 0x10, 0x90, 2, 8, 9, 0x11, 1, b'z']);
    stream.block(&[0x08, b'y']);
    assert_eq!(stream.texts(), ["a♪é”☺⅛🅲y"]);
    stream.block(b"\x0enew").block(b"\x0c");
    assert!(stream.texts().is_empty());
}

#[test]
fn delays_hold_commands_back() {
    let mut stream = Stream::default();
    // From 0.1 on for half a second.
    stream.block(&define(0, 1, 32, 1)).block(b"a\x8d\x05b").block(b"c");
    assert_eq!(stream.texts(), ["a"]);
    stream.raw(&[]).raw(&[]).raw(&[]);
    assert_eq!(stream.texts(), ["a"]);
    stream.raw(&[]);
    assert_eq!(stream.texts(), ["abc"]);
    // Cancelled, by a reset too, or by a full buffer.
    stream.block(b"\x8d\xffd").block(b"e\x8e");
    assert_eq!(stream.texts(), ["abcde"]);
    stream.block(b"\x8d\xff");
    for _ in 0..7 {
        stream.block(b"fghijklmnopqrstuvwxyz");
    }
    assert!(stream.texts()[0].starts_with("abcdefghij"));
    stream.block(b"\x8d\xff").block(b"\x8f");
    assert!(stream.texts().is_empty());
}

#[test]
fn a_delay_that_passed_between_pictures_tells_its_own_time() {
    let mut stream = Stream::default();
    stream.block(&define(0, 1, 32, 1)).block(b"\x8d\x03a");
    stream.pictures += 20;
    stream.raw(&[]);
    assert_eq!(stream.open[0].2.start_secs, 0.1 + 0.3);
}

#[test]
fn services_are_told_apart_up_to_the_last() {
    let mut stream = Stream::default();
    let block = [&define(0, 1, 20, 1)[..], b"far"].concat();
    stream.packet(&[&[7 << 5 | block.len() as u8, 63][..], &block].concat());
    stream.packet(&[&[2 << 5 | block.len() as u8][..], &block, &[3 << 5 | 1, b'x', 0]].concat());
    assert_eq!(stream.found, [63, 2, 3].map(Channel::Service));
    assert_eq!(stream.open.len(), 2);
}

#[test]
fn commands_may_be_cut_by_blocks_but_not_by_losses() {
    let mut stream = Stream::default();
    let window = define(0, 1, 20, 1);
    stream.block(&window[..3]).block(&window[3..]).block(b"whole");
    assert_eq!(stream.texts(), ["whole"]);
    // The second half of DefineWindow is lost with its packet: what follows is text.
    stream.block(&define(1, 1, 20, 1)[..3]);
    stream.sequence += 1;
    stream.block(b"!");
    assert_eq!(stream.texts(), ["whole!"]);
    // A packet that is not whole, and bytes of none, count for nothing.
    stream.raw(&[0xff, 0x03, 0x22, 0xff, 0x01, 0x21, 0xfe, b'?', b'?']);
    stream.raw(&[0xfe, b'?', b'?']);
    assert_eq!(stream.texts(), ["whole!"]);
}
