//! Logs that grow, are cut, are replaced and go away while they are read.

use super::{Place, append, plain, shown};
use crate::{Change, Pager, Step, index::BLOCK};
use proptest::prelude::*;
use std::fs;

/// What happens to a log between two looks.
#[derive(Clone, Debug)]
enum Event {
    Append(Vec<u8>),
    /// Cut to nothing, seen, then written.
    Truncate,
    /// Another file under the same name.
    Rotate(Vec<u8>),
    Remove,
}

fn event() -> impl Strategy<Value = Event> {
    let bytes =
        || prop::collection::vec(prop_oneof![Just(b'\n'), Just(b'\r'), any::<u8>()], 0..200);
    prop_oneof![
        6 => bytes().prop_map(Event::Append),
        1 => Just(Event::Truncate),
        1 => bytes().prop_map(Event::Rotate),
        1 => Just(Event::Remove),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn whatever_happens_the_end_shown_is_the_end_there_is(
        events in prop::collection::vec(event(), 0..25),
        rows in 1_usize..12,
    ) {
        let place = Place::new();
        let mut pager = Pager::new(&place.path, rows);
        let mut held = Vec::new();
        for event in events {
            match event {
                Event::Append(bytes) => {
                    if !place.path.exists() {
                        held.clear();
                    }
                    held.extend_from_slice(&bytes);
                    place.append(&bytes);
                }
                Event::Truncate => {
                    held.clear();
                    place.truncate();
                }
                Event::Rotate(bytes) => {
                    let aside = place.path.with_extension("new");
                    let _ = fs::remove_file(&aside);
                    append(&aside, &bytes);
                    fs::rename(&aside, &place.path).unwrap();
                    held = bytes;
                }
                // What was read can still be shown.
                Event::Remove => {
                    let _ = fs::remove_file(&place.path);
                }
            }
            pager.look().unwrap();
            while pager.count_on(64).unwrap() {}
            let all = plain(&held);
            let visible = &all[all.len().saturating_sub(rows)..];
            prop_assert_eq!(shown(&pager), visible);
            prop_assert_eq!(pager.lines().count().unwrap(), Some(all.len() as u64));
        }
    }

    #[test]
    fn no_line_is_lost_between_appends(cuts in prop::collection::vec(20_usize..600, 1..20)) {
        let text: String = (0..150).map(|n| format!("line {n} 학습 {}\n", n * 7)).collect();
        let bytes = text.as_bytes();
        let place = Place::new();
        let mut pager = Pager::new(&place.path, 150);
        let mut from = 0;
        for cut in cuts.iter().cycle() {
            let until = (from + cut).min(bytes.len());
            place.append(&bytes[from..until]);
            from = until;
            prop_assert_eq!(pager.look().unwrap(), Change::Grew);
            pager.count_on(BLOCK).unwrap();
            let ended = bytes[..until].iter().filter(|byte| **byte == b'\n').count();
            let unended = usize::from(bytes[until - 1] != b'\n');
            prop_assert_eq!(pager.lines().count().unwrap(), Some((ended + unended) as u64));
            if until == bytes.len() {
                break;
            }
        }
        let lines = pager.window().unwrap().lines;
        prop_assert_eq!(lines.len(), 150);
        for (line, expected) in lines.iter().zip(text.lines()) {
            prop_assert_eq!(line.text.as_str(), expected);
        }
    }
}

#[test]
fn held_lines_stay_while_the_log_grows() {
    let place = Place::of(b"a\nb\nc\nd\ne\n");
    let mut pager = place.pager(2);
    pager.step(Step::PageUp).unwrap();
    let held = shown(&pager);
    place.append(b"f\ng\n");
    assert_eq!(pager.look().unwrap(), Change::Grew);
    assert_eq!(shown(&pager), held);
    pager.step(Step::End).unwrap();
    assert_eq!(shown(&pager)[1].text, "g");
}

#[test]
fn a_log_written_anew_and_longer_before_anybody_looked_is_noticed() {
    let place = Place::of(b"old\nold\n");
    let mut pager = place.pager(9);
    pager.step(Step::Up).unwrap();
    place.truncate();
    place.append(b"new lines\nmore of them\nthan before\n");
    assert_eq!(pager.look().unwrap(), Change::Restarted);
    let window = pager.window().unwrap();
    assert!(window.follows);
    assert_eq!((window.restarts, window.lines.len()), (1, 3));
}

#[test]
fn a_torn_character_waits_and_is_whole_then() {
    let bytes = "학습".as_bytes();
    let place = Place::of(&bytes[..4]);
    let mut pager = place.pager(3);
    assert_eq!(shown(&pager)[0].text, "학");
    place.append(&bytes[4..]);
    pager.look().unwrap();
    assert_eq!(shown(&pager)[0].text, "학습");
}

#[test]
fn a_missing_log_and_a_folder_are_empty() {
    let place = Place::new();
    let mut pager = Pager::new(&place.path, 5);
    assert_eq!(pager.look().unwrap(), Change::Missing);
    for step in [
        Step::Up,
        Step::Down,
        Step::PageUp,
        Step::PageDown,
        Step::First,
        Step::End,
    ] {
        pager.step(step).unwrap();
        assert!(pager.window().unwrap().lines.is_empty());
    }
    pager.toggle_follow().unwrap();
    fs::create_dir(&place.path).unwrap();
    pager.look().unwrap();
    assert!(pager.window().unwrap().lines.is_empty());
    assert_eq!(pager.window().unwrap().cursor, None);
}

#[test]
fn what_is_kept_of_a_log_is_24_bytes_a_mebibyte() {
    let place = Place::new();
    let file = fs::File::create(&place.path).unwrap();
    // Sparse: nothing lies on the disk.
    file.set_len(40 * BLOCK).unwrap();
    let mut pager = Pager::new(&place.path, 5);
    pager.look().unwrap();
    while pager.count_on(32 * BLOCK).unwrap() {}
    let memory = pager.lines().index.memory();
    // Vectors may have twice the room they need.
    assert!(memory <= 40 * 24 * 2 + 64, "{memory} bytes");
}

#[test]
fn blocks_without_a_line_end_are_passed_over() {
    let place = Place::of(b"first\n");
    let file = fs::OpenOptions::new()
        .append(true)
        .open(&place.path)
        .unwrap();
    file.set_len(20 * BLOCK).unwrap();
    place.append(b"\nlast\n");
    let mut pager = place.pager(3);
    pager.step(Step::First).unwrap();
    let window = pager.window().unwrap();
    assert_eq!(window.lines.len(), 3);
    assert_eq!(window.lines[2].text, "last");
    assert_eq!(window.lines[1].hidden, 20 * BLOCK - 6 - 64 * 1024);
}
