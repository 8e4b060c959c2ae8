//! Where access units begin, what stays out of them, and what a loss costs.

use super::*;

const SPS: &[u8] = &[
    0x67, 0x64, 0x00, 0x28, 0xac, 0xd9, 0x40, 0x78, 0x02, 0x27, 0xe5, 0xc0, 0x44, 0x00, 0x00, 0x03,
    0x00, 0x04, 0x00, 0x00, 0x03, 0x00, 0xca, 0x3c, 0x60, 0xc6, 0x58,
];
const PPS: &[u8] = &[0x68, 0xeb, 0xe3, 0xcb];
const OTHER_PPS: &[u8] = &[0x68, 0x5b, 0xe3, 0xcb];
const DELIMITER: &[u8] = &[0x09, 0xf0];
const FILLER: &[u8] = &[0x0c, 0xff, 0xff, 0x80];
const RECOVERY_POINT: &[u8] = &[0x06, 0x06, 0x01, 0xc4, 0x80];
/// First macroblock 0, slice types 7 (I) and 5 (P).
const IDR: &[u8] = &[0x65, 0x88, 0x84, 1, 2, 3, 4, 5, 6, 7];
const INTRA: &[u8] = &[0x41, 0x88, 0x84, 1, 2, 3, 4, 5, 6, 7];
const INTER: &[u8] = &[0x41, 0x9a, 0x84, 1, 2, 3];
/// Not the first macroblock.
const INTER_REST: &[u8] = &[0x41, 0x4a, 0x84, 1, 2, 3, 4, 5, 6, 7, 8, 9];

fn annex_b(nals: &[&[u8]]) -> Vec<u8> {
    nals.iter().flat_map(|nal| [&[0, 0, 0, 1], *nal].concat()).collect()
}

fn stamps(pts: u64) -> Option<PesTimestamps> {
    Some(PesTimestamps { pts, dts: pts })
}

/// Length, whether key, PTS.
type Shape = (usize, bool, Option<u64>);

fn shapes(runs: &[VideoRun]) -> Vec<Vec<Shape>> {
    let shape =
        |unit: &AccessUnit| (unit.len, unit.is_key, unit.timestamps.map(|stamps| stamps.pts));
    runs.iter().map(|run| run.units.iter().map(shape).collect()).collect()
}

#[test]
fn access_units_without_delimiters_and_several_in_a_packet() {
    let bytes = annex_b(&[DELIMITER, SPS, PPS, IDR, FILLER, INTER, INTER_REST, INTER]);
    for piece_len in 1..bytes.len() {
        let mut track = VideoTrack::default();
        track.begin_pes(stamps(900), true);
        bytes.chunks(piece_len).for_each(|piece| track.push(piece));
        let runs = track.flush();
        // Four bytes of length for each NAL unit.
        let expected = vec![(14, true, Some(900)), (10 + 16, false, None), (10, false, None)];
        assert_eq!(shapes(&runs), [expected], "pieces of {piece_len}");
        assert_eq!(runs[0].config.sequence_sets, [SPS]);
        assert_eq!(runs[0].config.picture_sets, [PPS]);
        let prefixed = [&[0, 0, 0, 10], IDR].concat();
        assert_eq!(runs[0].payload[HEAD_ROOM_LEN..HEAD_ROOM_LEN + 14], prefixed);
        assert_eq!(track.take_problems(), TrackProblems::default());
    }
}

#[test]
fn parameter_sets_change_at_a_key_frame_or_travel_inside() {
    let mut track = VideoTrack::default();
    track.push(&annex_b(&[SPS, PPS, IDR, DELIMITER, OTHER_PPS, INTER]));
    track.push(&annex_b(&[DELIMITER, SPS, PPS, IDR, DELIMITER, SPS, OTHER_PPS, IDR]));
    let runs = track.flush();
    let first = vec![(14, true, None), (4 + OTHER_PPS.len() + 10, false, None), (14, true, None)];
    assert_eq!(shapes(&runs), [first, vec![(14, true, None)]]);
    assert_eq!(runs[1].config.picture_sets, [OTHER_PPS]);
    assert_eq!(runs[1].payload.len(), HEAD_ROOM_LEN + 14);
}

#[test]
fn a_recovery_point_or_a_flagged_intra_picture_is_a_key_frame() {
    let mut track = VideoTrack::default();
    track.push(&annex_b(&[SPS, PPS, RECOVERY_POINT, INTRA]));
    track.push(&annex_b(&[DELIMITER, INTRA]));
    track.begin_pes(stamps(5), true);
    track.push(&annex_b(&[DELIMITER, INTRA, DELIMITER]));
    let keys: Vec<_> = track.flush()[0].units.iter().map(|unit| unit.is_key).collect();
    assert_eq!(keys, [true, false, true]);
}

#[test]
fn a_loss_costs_its_picture_and_after_a_key_frame_all_up_to_the_next() {
    let mut track = VideoTrack::default();
    track.push(&annex_b(&[SPS, PPS, IDR, DELIMITER, INTER, DELIMITER]));
    track.push(&annex_b(&[INTER])[..7]);
    track.lose_bytes();
    track.push(&[1, 2, 3, 0, 0, 1]);
    track.push(INTER_REST);
    track.push(&annex_b(&[DELIMITER, INTER, DELIMITER, IDR]));
    track.lose_bytes();
    track.push(&annex_b(&[DELIMITER, INTER, DELIMITER, IDR, DELIMITER, INTER]));
    let keys: Vec<_> = track.flush()[0].units.iter().map(|unit| unit.is_key).collect();
    assert_eq!(keys, [true, false, false, true, false]);
    assert_eq!(track.take_problems().dropped, 3);
}

#[test]
fn without_parameter_sets_nothing_comes_out() {
    let mut track = VideoTrack::default();
    track.push(&annex_b(&[DELIMITER, IDR, DELIMITER, INTER]));
    assert!(track.flush().is_empty());
    assert_eq!(track.take_problems().dropped, 2);
}
