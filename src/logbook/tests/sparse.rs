//! Few loud lines among many: which parts of a log are known to have none, and how little is read
//! to go from one to the next.

use super::{Place, of_levels, plain, shown};
use crate::{
    Direction, Index, Levels, Lines, Outcome, Step, Target,
    index::PART,
    search::{Scanned, scan},
};
use proptest::{prelude::*, sample::select};
use std::ops::ControlFlow;

/// Bytes of a log in which words lie anywhere, across the borders of parts too.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let words = select(vec!["WARN", "ERROR", "terminate called", "Warning:", "\n"]);
    let gap = prop_oneof![
        Just(PART as usize - 3),
        Just(PART as usize),
        0_usize..40_000
    ];
    prop::collection::vec((gap, words), 0..12).prop_map(|pieces| {
        let piece = |(gap, word): (usize, &str)| ["x".repeat(gap), word.to_owned()].concat();
        pieces.into_iter().map(piece).collect::<String>().into()
    })
}

/// Whether a word of `levels` ends in the part that begins at `from`, by a plain reading.
fn is_loud(bytes: &[u8], from: u64, levels: Levels) -> bool {
    let ends = |word: &[u8], last: usize| {
        last as u64 / PART == from / PART && {
            let start = (last + 1).checked_sub(word.len());
            start.is_some_and(|start| &bytes[start..=last] == word)
        }
    };
    let words = levels.words();
    let lasts = from as usize..bytes.len().min((from + PART) as usize);
    lasts
        .into_iter()
        .any(|last| words.iter().any(|word| ends(word, last)))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn a_part_is_quiet_when_it_was_wholly_read_and_no_word_ends_in_it(
        bytes in bytes(),
        steps in prop::collection::vec(1_u64..60_000, 1..6),
        levels in select(vec![Levels::Warnings, Levels::Errors]),
    ) {
        let place = Place::of(&bytes);
        let pager = place.pager(1);
        let mut index = Index::default();
        for step in steps {
            index.extend(pager.lines().log, step).unwrap();
            let counted = index.counted();
            let is_quiet = |part: u64| {
                (part + 1) * PART <= counted && !is_loud(&bytes, part * PART, levels)
            };
            for offset in (0..bytes.len() as u64).step_by(5_001) {
                let after = (offset / PART..).find(|part| !is_quiet(*part)).unwrap() * PART;
                prop_assert_eq!(index.quiet_until(offset, levels), after.max(offset));
                let before = offset.checked_sub(1).map_or(0, |last| last / PART + 1);
                let before = (0..before).rev().find(|part| !is_quiet(*part));
                let before = before.map_or(0, |part| (part + 1) * PART);
                prop_assert_eq!(index.quiet_from(offset, levels), before.min(offset));
            }
        }
    }
}

/// Eight MiB with a warning every thirty thousand lines, an error among them.
fn sparse() -> Vec<u8> {
    let line = |n: u32| match n {
        90_007 => format!("ERROR {n:050}\n"),
        n if n % 30_000 == 7 => format!(" WARN {n:050}\n"),
        n => format!(" INFO {n:050}\n"),
    };
    (0..150_000).map(line).collect::<String>().into()
}

#[test]
fn from_one_warning_to_the_next_little_is_read() {
    let bytes = sparse();
    let place = Place::of(&bytes);
    let pager = place.pager(10);
    let loud = of_levels(&plain(&bytes), Levels::Warnings);
    assert_eq!(loud.len(), 5);
    let target = Target::Levels(Levels::Warnings);
    let length = bytes.len() as u64;
    let read_by = |lines: Lines<'_>, range, direction, found: Outcome| {
        let mut read = 0;
        let mut told = |scanned: Scanned| {
            read = scanned.read;
            ControlFlow::Continue(())
        };
        let outcome = scan(lines, &target, range, direction, &mut told).unwrap();
        assert_eq!(outcome, found);
        read
    };
    let unknown = Index::default();
    for pair in loud.windows(2) {
        let (former, next) = (pair[0].at, pair[1].at);
        let after = pager.lines().next(former).unwrap().unwrap();
        for (range, direction, at) in [
            ((after, length), Direction::Forward, next),
            ((0, next), Direction::Backward, former),
        ] {
            let found = Outcome::Found { at, wrapped: false };
            let read = read_by(pager.lines(), range, direction, found);
            assert!(read <= 5 * PART, "{read} bytes");
            // Without an index everything in between is.
            let log = pager.lines().log;
            let lines = Lines {
                log,
                index: &unknown,
            };
            let read = read_by(lines, range, direction, found);
            assert!(read > (next - former) / 2, "{read} bytes");
        }
    }
}

#[test]
fn sparse_lines_are_walked_as_a_plain_reading_has_them() {
    let bytes = sparse();
    let place = Place::of(&bytes);
    let mut pager = place.pager(2);
    for levels in [Levels::Warnings, Levels::Errors] {
        let loud = of_levels(&plain(&bytes), levels);
        pager.show(2, levels).unwrap();
        pager.step(Step::End).unwrap();
        let end = loud.len().saturating_sub(2);
        assert_eq!(shown(&pager), loud[end..]);
        for _ in 0..loud.len() {
            pager.step(Step::Up).unwrap();
        }
        assert_eq!(shown(&pager), loud[..loud.len().min(2)]);
        for _ in 0..loud.len() {
            pager.step(Step::Down).unwrap();
        }
        assert_eq!(shown(&pager), loud[end..]);
        pager.step(Step::First).unwrap();
        assert_eq!(shown(&pager), loud[..loud.len().min(2)]);
    }
}
