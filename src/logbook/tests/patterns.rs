//! Searches for expressions find what a plain reading, line by line, finds.

use super::{Place, against_plain};
use crate::{
    Case, Direction, Needle, Outcome, Pattern, Target,
    search::search,
    shown::{self, last_state},
};
use proptest::{prelude::*, sample::select};
use regex::bytes::RegexBuilder;
use rstest::rstest;
use std::ops::ControlFlow;

/// Expressions that a look at many lines at once could take for something else.
const ODD: [&str; 20] = [
    "need.e",
    "^needle",
    "needle$",
    "WARN|ERROR",
    "[^x]*dle",
    "(?s)nee.*dle",
    r"\bneedle\b",
    r"\Anee",
    r"dle\z",
    "(?-m)^nee",
    "^$",
    "x{3,}",
    "학.률",
    r"\d+%",
    "^ ?50",
    "x*",
    r"\s",
    "[^a]$",
    r"e\ne",
    r"(?s)\A.*\bslow",
];

/// Where each line begins that `text` fits, by reading each alone.
fn fitting(bytes: &[u8], text: &str, case: Case) -> Vec<u64> {
    let mut builder = RegexBuilder::new(text);
    builder.case_insensitive(case == Case::Ignored);
    let regex = builder.build().unwrap();
    let mut at = 0;
    let mut found = Vec::new();
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let raw = line.strip_suffix(b"\n").unwrap_or(line);
        if regex.is_match(&shown::plain(last_state(raw))) {
            found.push(at);
        }
        at += line.len() as u64;
    }
    found
}

fn nearest(fitting: &[u64], from: u64, direction: Direction) -> Outcome {
    let (near, around) = match direction {
        Direction::Forward => (fitting.iter().find(|at| **at > from), fitting.first()),
        Direction::Backward => (fitting.iter().rfind(|at| **at < from), fitting.last()),
    };
    match (near, around) {
        (Some(at), _) => Outcome::Found {
            at: *at,
            wrapped: false,
        },
        (None, Some(at)) => Outcome::Found {
            at: *at,
            wrapped: true,
        },
        (None, None) => Outcome::Nowhere,
    }
}

fn begins(bytes: &[u8]) -> Vec<u64> {
    fitting(bytes, "", Case::Exact)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn an_expression_finds_what_a_plain_reading_finds(
        bytes in against_plain::bytes(),
        text in select(ODD.to_vec()),
        from in 0_usize..50,
        backward in any::<bool>(),
        exact in any::<bool>(),
    ) {
        let place = Place::of(&bytes);
        let pager = place.pager(4);
        let begins = begins(&bytes);
        let from = begins.get(from % begins.len().max(1)).copied().unwrap_or(0);
        let direction = if backward { Direction::Backward } else { Direction::Forward };
        let case = if exact { Case::Exact } else { Case::Ignored };
        let target = Target::Pattern(Pattern::new(text, case).unwrap());
        let go = |_| ControlFlow::Continue(());
        let found = search(pager.lines(), &target, from, direction, go).unwrap();
        prop_assert_eq!(found, nearest(&fitting(&bytes, text, case), from, direction));
    }
}

#[rstest]
#[case::longer_than_a_piece("long $")]
#[case::in_a_bar("^last state")]
#[case::overwritten("10%")]
#[case::across_lines("(?s)step 23999.*line")]
#[case::nowhere("step [0-9]+x")]
#[case::many("step [0-9]*77 ")]
fn large_logs_are_searched_as_small_ones_are(#[case] text: &str) {
    let bytes = against_plain::large();
    let place = Place::of(&bytes);
    let pager = place.pager(20);
    let fitting = fitting(&bytes, text, Case::Exact);
    let target = Target::Pattern(Pattern::new(text, Case::Exact).unwrap());
    let begins = begins(&bytes);
    for from in [0, begins[12_345], begins[23_999]] {
        for direction in [Direction::Forward, Direction::Backward] {
            let go = |_| ControlFlow::Continue(());
            let found = search(pager.lines(), &target, from, direction, go).unwrap();
            assert_eq!(found, nearest(&fitting, from, direction));
        }
    }
}

#[rstest]
#[case("o[a-z]", &["og", "on"])]
#[case("x*", &[])]
#[case("O", &["o", "o", "o"])]
#[case("길", &["길"])]
fn what_was_found_is_pointed_out(#[case] text: &str, #[case] hits: &[&str]) {
    let line = "log 길 on o";
    let target = Target::Pattern(Pattern::new(text, Case::Ignored).unwrap());
    let shown: Vec<&str> = target
        .hits(line)
        .into_iter()
        .map(|hit| &line[hit])
        .collect();
    assert_eq!(shown, hits);
    let plain = Target::Text(Needle::new(text, Case::Ignored))
        .hits(line)
        .len();
    assert_eq!(plain, line.matches(&text.to_lowercase()).count());
}
