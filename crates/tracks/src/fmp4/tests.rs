//! Boxes made by hand, whole and damaged.

use super::*;

fn boxed(kind: &[u8; 4], children: &[&[u8]]) -> Vec<u8> {
    let payload = children.concat();
    [&(payload.len() as u32 + 8).to_be_bytes()[..], kind, &payload].concat()
}

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_be_bytes()).collect()
}

/// A track of a thousand ticks a second, with an edit that begins `edit` ticks in.
fn trak(id: u32, entry: &[u8], edit: u32) -> Vec<u8> {
    let stsd = boxed(b"stsd", &[&words(&[0, 1]), entry]);
    let minf = boxed(b"minf", &[&boxed(b"stbl", &[&stsd])]);
    let mdhd = boxed(b"mdhd", &[&words(&[0, 0, 0, 1000, 0, 0])]);
    let tkhd = boxed(b"tkhd", &[&words(&[0, 0, 0, id]), &[0; 68]]);
    let elst = boxed(b"elst", &[&words(&[0, 1, 0, edit, 0x1_0000])]);
    let mdia = boxed(b"mdia", &[&mdhd, &minf]);
    boxed(b"trak", &[&tkhd, &boxed(b"edts", &[&elst]), &mdia])
}

fn init(traks: &[&[u8]]) -> Vec<u8> {
    let mvex = boxed(b"mvex", &[&boxed(b"trex", &[&words(&[0, 1, 1, 40, 0, 0])])]);
    let mut children = traks.to_vec();
    children.push(&mvex);
    [boxed(b"ftyp", &[b"iso6"]), boxed(b"moov", &children)].concat()
}

fn avc(len_size: u8) -> Vec<u8> {
    boxed(b"avc1", &[&[0; 78], &boxed(b"avcC", &[&[1, 100, 0, 30, 0xfc | (len_size - 1)]])])
}

/// Of one track: samples with composition offsets, behind a `moof` whose data follow it.
fn fragment(id: u32, decode: u32, samples: &[(&[u8], i32)]) -> Vec<u8> {
    let tfhd = boxed(b"tfhd", &[&words(&[0x02_0000, id])]);
    let tfdt = boxed(b"tfdt", &[&words(&[0, decode])]);
    let with = |offset: u32| {
        let entries = samples
            .iter()
            .flat_map(|(bytes, composition)| [bytes.len() as u32, *composition as u32]);
        let head = words(&[0x0100_0a01, samples.len() as u32, offset]);
        let trun = boxed(b"trun", &[&head, &words(&entries.collect::<Vec<_>>())]);
        boxed(b"moof", &[&boxed(b"traf", &[&tfhd, &tfdt, &trun])])
    };
    let moof = with(with(0).len() as u32 + 8);
    let media: Vec<&[u8]> = samples.iter().map(|(bytes, _)| *bytes).collect();
    [moof, boxed(b"mdat", &media)].concat()
}

const SEI: &[u8] = b"\x06\x04\x0e\xb5\x00\x31GA94\x03\x41\xff\xfc\x94\x20\xff\x80";
const SLICE: &[u8] = &[0x65, 1, 2, 3, 4, 5, 6, 7];

/// NAL units behind their lengths of four bytes.
fn picture(nals: &[&[u8]]) -> Vec<u8> {
    nals.iter().flat_map(|nal| [&(nal.len() as u32).to_be_bytes()[..], nal].concat()).collect()
}

/// What is found, in words.
fn read(init: &[u8], segment: &[u8], chunk_len: usize) -> Vec<String> {
    let mut reader = Reader::new(init);
    let mut found = Vec::new();
    let mut give = |item: Item<'_>| found.push(format!("{item:?}"));
    reader.begin_segment();
    segment.chunks(chunk_len).for_each(|chunk| reader.push(chunk, &mut give));
    reader.end_segment(&mut give);
    found
}

#[test]
fn caption_data_has_the_times_of_its_picture() {
    let init = init(&[&trak(1, &avc(4), 80)]);
    let first = picture(&[SEI, SLICE]);
    let second = picture(&[SLICE, SLICE, SEI]);
    let segment = fragment(1, 10_000, &[(&first, 80), (&second, 160)]);
    let item = |pts_secs, decode_secs| {
        format!("{:?}", Item::CaptionData { pts_secs, decode_secs, triplets: &[0xfc, 0x94, 0x20] })
    };
    for chunk_len in [1, 5, 1000] {
        let found = read(&init, &segment, chunk_len);
        assert_eq!(found, [item(10.0, 9.92), item(10.12, 9.96)], "chunks of {chunk_len}");
    }
    // Offsets may be negative.
    let segment = fragment(1, 10_000, &[(&first, -40)]);
    assert_eq!(read(&init, &segment, 1000), [item(9.88, 9.92)]);
}

#[test]
fn events_are_told_when_their_segment_begins() {
    let (first, second) = (boxed(b"emsg", &[b"one"]), boxed(b"emsg", &[b"two"]));
    let init = init(&[&trak(1, &avc(4), 0)]);
    let segment = [
        boxed(b"styp", &[b"msdh"]),
        first.clone(),
        fragment(1, 4000, &[(SLICE, 500)]),
        second.clone(),
        fragment(1, 9000, &[(SLICE, 0)]),
    ]
    .concat();
    let item =
        |segment_start_secs, bytes| format!("{:?}", Item::Event { segment_start_secs, bytes });
    for chunk_len in [1, 7, 1000] {
        let found = read(&init, &segment, chunk_len);
        assert_eq!(found, [item(Some(4.5), &first), item(Some(4.5), &second)]);
    }
    // Without a fragment nobody knows; without an init segment neither.
    assert_eq!(read(&init, &first, 1000), [item(None, &first)]);
    assert_eq!(read(b"", &segment, 1000).len(), 2);
}

#[test]
fn samples_of_subtitles_come_whole() {
    let init = init(&[&trak(1, &boxed(b"wvtt", &[&[0; 8]]), 0)]);
    let segment = fragment(1, 2000, &[(b"vttcfirst", 0), (b"second", 0)]);
    let item = |start_secs, bytes| {
        let kind = Subtitles::Wvtt;
        format!(
            "{:?}",
            Item::Subtitles { kind, track_id: 1, start_secs, duration_secs: 0.04, bytes }
        )
    };
    for chunk_len in [1, 7, 1000] {
        let found = read(&init, &segment, chunk_len);
        assert_eq!(found, [item(2.0, b"vttcfirst".as_slice()), item(2.04, b"second")]);
    }
}

#[test]
fn each_kind_of_damage_ends_where_it_is() {
    let init = init(&[&trak(1, &avc(4), 0)]);
    let good = picture(&[SEI, SLICE]);
    let whole = fragment(1, 0, &[(&good, 0)]);
    assert_eq!(read(&init, &whole, 1000).len(), 1);
    // No box; a box without an end; one of absurd size.
    let no_box = [&words(&[3])[..], b"moof", &whole].concat();
    assert!(read(&init, &no_box, 1000).is_empty());
    let endless = [&whole[..], &words(&[0]), b"free", &whole].concat();
    assert_eq!(read(&init, &endless, 1000).len(), 1);
    let huge = [&words(&[u32::MAX])[..], b"moof", &whole].concat();
    assert!(read(&init, &huge, 1000).is_empty());
    // A NAL unit longer than its sample, and one of nothing.
    let long = [&words(&[0xffff_ffff])[..], SEI].concat();
    assert!(read(&init, &fragment(1, 0, &[(&long, 0)]), 1000).is_empty());
    let hollow = picture(&[b"", SEI]);
    assert_eq!(read(&init, &fragment(1, 0, &[(&hollow, 0), (&good, 0)]), 1000).len(), 2);
    // A sample that begins inside the one before; more samples than there are; data that lies before the moof.
    let mut many = fragment(1, 0, &[(&good, 0)]);
    let count = many.windows(4).position(|kind| kind == b"trun").expect("a run") + 8;
    many[count..count + 4].copy_from_slice(&u32::MAX.to_be_bytes());
    assert_eq!(read(&init, &many, 1000).len(), 1, "those that are listed");
    let mut before = fragment(1, 0, &[(&good, 0)]);
    before[count + 4..count + 8].copy_from_slice(&(-500_i32).to_be_bytes());
    assert!(read(&init, &before, 1000).is_empty());
    // A time scale of 0, and tracks without end.
    let mut no_scale = init.clone();
    let scale = no_scale.windows(4).position(|kind| kind == b"mdhd").expect("one") + 16;
    no_scale[scale..scale + 4].fill(0);
    assert!(!Reader::new(&no_scale).has_tracks());
}

#[test]
fn what_is_held_is_bounded() {
    let init = init(&[&trak(1, &avc(4), 0)]);
    let mut reader = Reader::new(&init);
    let event = boxed(b"emsg", &[&[1; 1 << 19]]);
    let mut given = 0;
    let mut give = |_: Item<'_>| given += 1;
    for _ in 0..100 {
        reader.push(&event, &mut give);
        assert!(reader.events_len <= MAX_EVENTS_LEN && reader.held.len() <= MAX_BOX_LEN);
    }
    reader.end_segment(&mut give);
    assert_eq!(given, 7);
    // An SEI of absurd length is stepped over.
    let sei = [&words(&[1 << 24])[..], &[6; 1 << 20]].concat();
    reader.push(&fragment(1, 0, &[(&sei, 0)]), &mut |_| {});
    // A run whose samples take no bytes at all.
    let run = boxed(b"trun", &[&words(&[0, u32::MAX])]);
    let tfhd = boxed(b"tfhd", &[&words(&[0x10, 1, 0])]);
    let traf = boxed(b"traf", &[&tfhd, &run]);
    reader.push(&boxed(b"moof", &[&traf, &traf]), &mut |_| {});
    assert!(reader.samples.iter().map(Vec::len).sum::<usize>() <= 1 << 16);
}
