//! AES-128: keys, initialization vectors, and what becomes of a stream whose keys are wrong or missing
//! (RFC 8216bis 4.4.4.4, 5.2). The origin really encrypts, the bed really decrypts.

use std::rc::Rc;

use videosphere::engine::ResponseEvent;
use videosphere::error::{Error, NetworkFailure, Resource};
use videosphere::media::TrackKind;

use crate::bed::Bed;
use crate::low_latency::requested;
use crate::origin::{Edit, FaultKind, Origin, Rung};
use crate::{BASE, SEEDS, cbc, ladder, master};

const KEY: [u8; 16] = *b"0123456789abcdef";

fn fixture(name: &str) -> Vec<u8> {
    let path = format!("{}/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn iv(number: u128) -> [u8; 16] {
    number.to_be_bytes()
}

/// Four seconds of MPEG-TS in a list of its own, and files beside it.
fn transport_stream(list: &str, files: Vec<(&str, Vec<u8>)>) -> Bed {
    let mut origin = Origin::vod(BASE, Vec::new());
    let list = format!("#EXTM3U\n#EXT-X-TARGETDURATION:2\n{list}#EXT-X-ENDLIST\n");
    origin.files.insert("index.m3u8".to_owned(), Rc::new(list.into_bytes()));
    for (name, bytes) in files {
        origin.files.insert(name.to_owned(), Rc::new(bytes));
    }
    let mut bed = Bed::new(1, vec![origin]);
    bed.play(&format!("{BASE}index.m3u8"));
    bed
}

/// A ladder, or one rung, whose keys change after so many segments; each variant has keys of its own.
fn encrypted(mut origin: Origin, keys_last: u64) -> Origin {
    origin.keys_last = Some(keys_last);
    origin.edit = Some(Edit::new(move |answer, text| {
        let variant = answer.path.split('/').next().unwrap_or_default().to_owned();
        let mut tagged = String::new();
        let lines: Vec<&str> = text.lines().collect();
        let mut key = None;
        for (index, line) in lines.iter().enumerate() {
            // The number stands in the next name of a file.
            let names = lines[index..].iter().filter_map(|line| {
                let name = line.split("URI=\"").last().unwrap_or(line);
                name.split('.').next()?.parse::<u64>().ok()
            });
            let tags = ["#EXTINF", "#EXT-X-PART:", "#EXT-X-PRELOAD-HINT"];
            if tags.iter().any(|tag| line.starts_with(tag))
                && let Some(number) = names.map(|number| number / keys_last).next()
                && key.replace(number) != Some(number)
            {
                let uri = format!("/keys/{variant}/{number}");
                tagged += &format!("#EXT-X-KEY:METHOD=AES-128,URI=\"{uri}\"\n");
            }
            tagged += line;
            tagged += "\n";
        }
        tagged
    }));
    let names = ["v0", "v1", "v2", "v3", "audio"];
    for (name, number) in names.iter().flat_map(|name| (0..200).map(move |number| (name, number))) {
        let bytes = Origin::key(number).to_vec();
        origin.files.insert(format!("keys/{name}/{number}"), Rc::new(bytes));
    }
    origin
}

fn assert_plays(bed: &mut Bed) {
    let has_ended = bed.run_until(80.0, |bed| bed.element.state.is_ended);
    assert!(has_ended, "at {}, {:?}", bed.at_secs(), bed.errors);
    assert!(bed.errors.is_empty(), "{:?}", bed.errors);
    assert_eq!(bed.element.stalls, 0);
    assert_eq!(bed.outstanding(), (0, 0));
}

#[test]
fn transport_streams_by_sequence_number_rotation_and_range() {
    let (first, second) = (fixture("vod_0.ts"), fixture("vod_1.ts"));
    let other: [u8; 16] = *b"fedcba9876543210";
    let mut bed = transport_stream(
        "#EXT-X-MEDIA-SEQUENCE:300\n#EXT-X-KEY:METHOD=AES-128,URI=\"a.key\"\n#EXTINF:2,\n0.ts\n\
         #EXT-X-KEY:METHOD=AES-128,URI=\"b.key\",IV=0x07\n#EXTINF:2,\n1.ts\n",
        vec![
            ("a.key", KEY.to_vec()),
            ("b.key", other.to_vec()),
            ("0.ts", cbc::encrypt(KEY, iv(300), &first)),
            ("1.ts", cbc::encrypt(other, iv(7), &second)),
        ],
    );
    assert_plays(&mut bed);
    assert_eq!(bed.element.tracks.len(), 2);
    assert_eq!((requested(&bed, "a.key"), requested(&bed, "b.key")), (1, 1));

    // Two segments in one file, each encrypted by itself; then a clear one, and the first key again.
    let mut both = cbc::encrypt(KEY, iv(0), &first);
    let cut = both.len();
    both.extend(cbc::encrypt(KEY, iv(1), &second));
    let list = format!(
        "#EXT-X-KEY:METHOD=AES-128,URI=\"a.key\"\n#EXTINF:2,\n#EXT-X-BYTERANGE:{cut}@0\nboth.ts\n\
         #EXTINF:2,\n#EXT-X-BYTERANGE:{}@{cut}\nboth.ts\n#EXT-X-DISCONTINUITY\n\
         #EXT-X-KEY:METHOD=NONE\n#EXTINF:2,\n0.ts\n#EXT-X-KEY:METHOD=AES-128,URI=\"a.key\"\n\
         #EXTINF:2,\n1.ts\n",
        both.len() - cut
    );
    let files = vec![
        ("a.key", KEY.to_vec()),
        ("both.ts", both),
        ("0.ts", first),
        ("1.ts", cbc::encrypt(KEY, iv(3), &second)),
    ];
    let mut bed = transport_stream(&list, files);
    assert_plays(&mut bed);
    assert_eq!(requested(&bed, "a.key"), 1);
}

#[test]
fn init_sections_and_held_segments() {
    let list = "#EXT-X-KEY:METHOD=AES-128,URI=\"a.key\",IV=0x09\n#EXT-X-MAP:URI=\"init.mp4\"\n\
                    #EXT-X-KEY:METHOD=AES-128,URI=\"b.key\"\n#EXTINF:2,\n0.mp4\n#EXTINF:2,\n1.mp4\n";
    let other = [3; 16];
    let mut origin = Origin::vod(BASE, Vec::new());
    let text = format!("#EXTM3U\n#EXT-X-TARGETDURATION:2\n{list}#EXT-X-ENDLIST\n");
    for (name, bytes) in [
        ("index.m3u8", text.into_bytes()),
        ("a.key", KEY.to_vec()),
        ("b.key", other.to_vec()),
        ("init.mp4", cbc::encrypt(KEY, iv(9), &fixture("cmaf_init.mp4"))),
        ("0.mp4", cbc::encrypt(other, iv(0), &fixture("cmaf_0.mp4"))),
        ("1.mp4", cbc::encrypt(other, iv(1), &fixture("cmaf_1.mp4"))),
    ] {
        origin.files.insert(name.to_owned(), Rc::new(bytes));
    }
    let mut bed = Bed::new(1, vec![origin]);
    bed.play(&format!("{BASE}index.m3u8"));
    assert_plays(&mut bed);
    assert!(bed.largest_held_bytes >= fixture("cmaf_0.mp4").len(), "it stays outside");
}

#[test]
fn a_ladder_with_sound_of_its_own_and_rotating_keys() {
    for seed in SEEDS {
        let mut origin = Origin::vod(BASE, ladder());
        origin.has_separate_audio = true;
        let mut bed = Bed::new(seed, vec![encrypted(origin, 4)]);
        bed.play(&master());
        assert_plays(&mut bed);
        for (path, count) in &bed.origins[0].requests {
            assert!(!path.contains("keys/") || *count == 1, "{path} was asked for {count} times");
        }
        assert_eq!(requested(&bed, "keys/audio/"), 4);
    }
}

#[test]
fn live_with_parts_of_encrypted_segments() {
    for seed in [1, 42] {
        let mut bed = Bed::new(seed, vec![encrypted(Origin::live(BASE, ladder()), 5)]);
        bed.play(&master());
        bed.run(120.0);
        assert!(bed.errors.is_empty(), "{:?}", bed.errors);
        assert_eq!(bed.element.stalls, 0);

        let mut bed = Bed::new(seed, vec![encrypted(Origin::low_latency(BASE, ladder()), 10)]);
        bed.play(&master());
        bed.run(120.0);
        assert!(bed.errors.is_empty(), "{:?}", bed.errors);
        assert_eq!(bed.element.stalls, 0, "at {}", bed.at_secs());
        let latency_secs = crate::low_latency::latency_secs(&bed);
        assert!((1.1..2.0).contains(&latency_secs), "{latency_secs} s behind");
        assert!(requested(&bed, ".2.m4s") > 20, "parts were played");
    }
}

#[test]
fn a_key_that_fails_once_is_asked_for_again() {
    for kind in [FaultKind::Status(503), FaultKind::Truncate, FaultKind::Silence] {
        let mut origin = encrypted(Origin::vod(BASE, vec![Rung::new(400_000, 240)]), 100);
        origin.fault("keys/", kind.clone(), 1);
        let mut bed = Bed::new(1, vec![origin]);
        bed.play(&master());
        assert!(bed.run_until(120.0, |bed| bed.element.state.is_ended), "{kind:?}");
        assert!(bed.fatal().is_none());
        let is_of_key = |error: &Error| {
            matches!(error, Error::Network { resource: Resource::Key, exhausted: false, .. })
        };
        assert!(!bed.errors.is_empty() && bed.errors.iter().all(is_of_key), "{:?}", bed.errors);
        assert_eq!(requested(&bed, "keys/"), 2, "{kind:?}");
    }
}

#[test]
fn a_key_that_cannot_be_had_is_named() {
    let fatal = |kind: FaultKind| {
        let mut origin = encrypted(Origin::vod(BASE, vec![Rung::new(400_000, 240)]), 100);
        origin.fault("keys/", kind, 1000);
        let mut bed = Bed::new(1, vec![origin]);
        bed.play(&master());
        bed.run(60.0);
        assert!(requested(&bed, "keys/") < 20, "no storm");
        assert_eq!(bed.outstanding(), (0, 0));
        bed.fatal().expect("an end").clone()
    };
    for status in [403, 404] {
        let error = fatal(FaultKind::Status(status));
        let failure = NetworkFailure::Status(status);
        assert!(
            matches!(&error, Error::Network { resource: Resource::Key, failure: it, .. } if *it == failure),
            "{error:?}"
        );
        assert!(error.to_string().contains("decryption key https://origin.example/keys/v0/0"));
    }
    let error = fatal(FaultKind::Html);
    assert!(matches!(error, Error::InvalidKey { is_markup: true, .. }), "{error:?}");
}

#[test]
fn a_wrong_key_is_told_from_damage() {
    // Noise whose padding is right by chance, as one time in 256, is told by what it is not.
    let noise = cbc::encrypt(KEY, iv(0), &[0xa5; 3000]);
    for segment in [cbc::encrypt([1; 16], iv(0), &fixture("vod_0.ts")), noise] {
        let mut bed = transport_stream(
            "#EXT-X-KEY:METHOD=AES-128,URI=\"a.key\"\n#EXTINF:2,\n0.ts\n",
            vec![("a.key", KEY.to_vec()), ("0.ts", segment)],
        );
        bed.run(10.0);
        assert_eq!(bed.fatal().map(Error::code), Some("decryption-failed"), "{:?}", bed.errors);
    }
    // Of an init section too.
    let mut bed = transport_stream(
        "#EXT-X-KEY:METHOD=AES-128,URI=\"a.key\",IV=0x1\n#EXT-X-MAP:URI=\"i\"\n#EXTINF:2,\n0.mp4\n",
        vec![("a.key", KEY.to_vec()), ("i", vec![0xa5; 800])],
    );
    bed.run(10.0);
    assert_eq!(bed.fatal().map(Error::code), Some("decryption-failed"), "{:?}", bed.errors);
}

#[test]
fn another_variant_with_another_key_takes_over() {
    let mut origin = encrypted(Origin::vod(BASE, ladder()), 100);
    origin.fault("keys/v3/", FaultKind::Status(403), 1000);
    let mut bed = Bed::new(1, vec![origin]);
    bed.play(&master());
    assert!(bed.run_until(80.0, |bed| bed.element.state.is_ended), "at {}", bed.at_secs());
    assert!(bed.fatal().is_none() && bed.codes().contains(&"variant-excluded"), "{:?}", bed.errors);
    let variants = bed.buffered_variants(TrackKind::Video);
    assert!(!variants.contains(&3) && variants.contains(&2), "{variants:?}");
}

#[test]
fn where_nothing_can_decrypt_it_is_said_at_once() {
    let origin = encrypted(Origin::vod(BASE, vec![Rung::new(400_000, 240)]), 100);
    let mut bed = Bed::new(1, vec![origin]);
    bed.play(&master());
    assert!(bed.run_until(5.0, |bed| bed.encrypted_request().is_some()));
    let request = bed.encrypted_request().expect("a request");
    let detail = "serve this page by HTTPS".to_owned();
    bed.input(videosphere::engine::Input::Response {
        request,
        event: ResponseEvent::NoDecryption { detail },
    });
    let error = bed.fatal().expect("the end");
    assert!(error.code() == "decryption-unavailable" && error.to_string().contains("HTTPS"));
}

#[test]
fn samples_of_transport_streams_are_decrypted_and_those_of_fmp4_named() {
    let tag = "#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"a.key\",IV=0x1\n";
    let key = fixture("sample_aes/k.key");
    for file in ["v.ts", "a.ts"] {
        let mut bed = transport_stream(
            &format!("{tag}#EXTINF:2,\n{file}\n"),
            vec![("a.key", key.clone()), (file, fixture(&format!("sample_aes/{file}")))],
        );
        assert_plays(&mut bed);
        assert_eq!(requested(&bed, "a.key"), 1);
        assert_eq!(bed.element.tracks.len(), 1);
    }
    // Nothing of that is left for a clear segment behind them.
    let clear = "#EXT-X-KEY:METHOD=NONE\n#EXT-X-DISCONTINUITY\n#EXTINF:2,\n1.ts\n";
    let mut bed = transport_stream(
        &format!("{tag}#EXTINF:2,\nv.ts\n{clear}"),
        vec![
            ("a.key", key.clone()),
            ("v.ts", fixture("sample_aes/v.ts")),
            ("1.ts", fixture("no_sound_0.ts")),
        ],
    );
    assert_plays(&mut bed);

    let mut bed = transport_stream(
        &format!("#EXT-X-MAP:URI=\"i.mp4\"\n{tag}#EXTINF:2,\n0.mp4\n"),
        vec![("a.key", key), ("i.mp4", fixture("cmaf_init.mp4")), ("0.mp4", fixture("cmaf_0.mp4"))],
    );
    bed.run(5.0);
    let error = bed.fatal().expect("an end");
    assert!(error.code() == "encrypted" && error.to_string().contains("SAMPLE-AES"), "{error}");
}

#[test]
fn a_session_key_is_asked_for_once_and_before_the_segments() {
    let with = |keys: &str, fault: Option<FaultKind>| {
        let mut origin = encrypted(Origin::vod(BASE, vec![Rung::new(400_000, 240)]), 100);
        origin.add_to_master(keys);
        if let Some(kind) = fault {
            origin.fault("keys/", kind, 1);
        }
        Bed::new(1, vec![origin])
    };
    let key = "#EXT-X-SESSION-KEY:METHOD=AES-128,URI=\"/keys/v0/0\"\n";
    let mut bed = with(key, None);
    bed.play(&master());
    assert!(bed.run_until(5.0, |bed| requested(bed, "keys/") > 0));
    assert_eq!(requested(&bed, ".m4s"), 0, "before the segments");
    assert_plays(&mut bed);
    assert_eq!(requested(&bed, "keys/"), 1);

    // One that fails costs nothing: the segment asks for it.
    let mut bed = with(key, Some(FaultKind::Status(404)));
    bed.play(&master());
    assert!(bed.run_until(80.0, |bed| bed.element.state.is_ended), "{:?}", bed.errors);
    assert!(bed.fatal().is_none() && bed.element.stalls == 0, "{:?}", bed.errors);

    // Those of key systems are not fetched; nor is what no segment names asked for twice.
    let mut bed = with(
        "#EXT-X-SESSION-KEY:METHOD=SAMPLE-AES,URI=\"/keys/v1/1\",KEYFORMAT=\"com.example\"\n\
         #EXT-X-SESSION-KEY:METHOD=AES-128,URI=\"/keys/v2/2\"\n",
        None,
    );
    bed.play(&master());
    assert_plays(&mut bed);
    let asked = ["keys/v0/0", "keys/v1/1", "keys/v2/2"].map(|path| requested(&bed, path));
    assert_eq!(asked, [1, 0, 1]);
}
