//! Pages, numbers and searches of odd bytes are those of a plain reading.

use super::{Place, Plain, of_levels, plain, shown};
use crate::{
    Case, Direction, Levels, Moment, Needle, Outcome, Pager, Step, Target, Window, search::search,
};
use proptest::{prelude::*, sample::select};
use std::ops::ControlFlow;

/// Pieces that odd logs are made of.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let words = select(vec![
        "INFO step",
        "WARN slow",
        "ERROR lost",
        "\n",
        "\n",
        "\n",
        "\r",
        "\r\n",
        "학습률",
        "\x1b[31m",
        "\x1b[0m",
        "\x1b]0;t\x07",
        "\x1b",
        "nee",
        "dle",
        "needle",
        "NEEDLE",
        " 50%",
    ]);
    prop_oneof![
        8 => words.prop_map(|word| word.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..6),
        1 => (1_usize..400).prop_map(|count| vec![b'x'; count]),
    ]
}

pub(super) fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(piece(), 0..120).prop_map(|pieces| pieces.concat())
}

/// A page of lines as a plain reading would hold it.
struct Naive {
    lines: Vec<Plain>,
    rows: usize,
    /// First visible and chosen line; `None` at the end.
    held: Option<(usize, usize)>,
}

impl Naive {
    fn visible(&self) -> &[Plain] {
        let end = self.lines.len().saturating_sub(self.rows);
        let top = self.held.map_or(end, |(top, _)| top.min(end));
        &self.lines[top..(top + self.rows).min(self.lines.len())]
    }

    fn step(&mut self, step: Step) {
        let (count, rows) = (self.lines.len(), self.rows);
        let last = count.saturating_sub(1);
        let end = count.saturating_sub(rows);
        if count == 0 || step == Step::End {
            self.held = None;
            return;
        }
        let downwards = matches!(step, Step::Down | Step::PageDown);
        if downwards && self.held.is_none_or(|(_, cursor)| cursor == last) {
            self.held = None;
            return;
        }
        let (top, cursor) = self.held.unwrap_or((end, last));
        let top = top.min(end);
        self.held = Some(match step {
            Step::Up => (top.min(cursor.saturating_sub(1)), cursor.saturating_sub(1)),
            Step::Down => (top.max((cursor + 2).saturating_sub(rows)), cursor + 1),
            Step::PageUp if top >= rows => (top - rows, cursor - rows),
            Step::PageUp | Step::First | Step::End => (0, 0),
            Step::PageDown => {
                let cursor = (cursor + rows).min(last);
                (
                    top + cursor - self.held.map_or(last, |(_, cursor)| cursor),
                    cursor,
                )
            }
        });
    }
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let all = vec![
        Step::Up,
        Step::Down,
        Step::PageUp,
        Step::PageDown,
        Step::First,
        Step::End,
    ];
    prop::collection::vec(select(all), 0..30)
}

fn nearest(
    lines: &[Plain],
    from: u64,
    direction: Direction,
    fits: impl Fn(&Plain) -> bool,
) -> Outcome {
    let fitting = || lines.iter().filter(|line| fits(line)).map(|line| line.at);
    let (near, around) = match direction {
        Direction::Forward => (fitting().find(|at| *at > from), fitting().next()),
        Direction::Backward => (fitting().rfind(|at| *at < from), fitting().next_back()),
    };
    match (near, around) {
        (Some(at), _) => Outcome::Found { at, wrapped: false },
        (None, Some(at)) => Outcome::Found { at, wrapped: true },
        (None, None) => Outcome::Nowhere,
    }
}

fn chosen(window: &Window) -> Option<u64> {
    window.cursor.map(|at| window.lines[at].at)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn any_walk_shows_the_lines_of_a_plain_reading(
        bytes in bytes(),
        rows in 1_usize..9,
        levels in select(Levels::ALL.to_vec()),
        steps in steps(),
        counted in any::<bool>(),
    ) {
        let place = Place::of(&bytes);
        let mut pager = match counted {
            true => place.pager(rows),
            false => Pager::new(&place.path, rows),
        };
        pager.look().unwrap();
        pager.show(rows, levels).unwrap();
        let mut naive = Naive { lines: of_levels(&plain(&bytes), levels), rows, held: None };
        prop_assert_eq!(shown(&pager), naive.visible());
        for step in steps {
            pager.step(step).unwrap();
            naive.step(step);
            prop_assert_eq!(shown(&pager), naive.visible(), "after {:?}", step);
            let window = pager.window().unwrap();
            prop_assert_eq!(window.follows, naive.held.is_none());
            if let Some((_, cursor)) = naive.held {
                prop_assert_eq!(chosen(&window), Some(naive.lines[cursor].at));
            }
        }
    }

    #[test]
    fn any_line_of_a_page_can_be_chosen_and_the_page_stays(
        bytes in bytes(),
        rows in 1_usize..9,
        steps in steps(),
        row in 0_usize..9,
    ) {
        let place = Place::of(&bytes);
        let mut pager = place.pager(rows);
        for step in steps {
            pager.step(step).unwrap();
        }
        let page = shown(&pager);
        let Some(line) = page.get(row % page.len().max(1)) else {
            return Ok(());
        };
        pager.choose(line.at).unwrap();
        prop_assert_eq!(&shown(&pager), &page);
        let window = pager.window().unwrap();
        prop_assert_eq!((chosen(&window), window.follows), (Some(line.at), false));
        // What is not on the page is not gone to.
        pager.choose(bytes.len() as u64 + 1).unwrap();
        prop_assert_eq!(chosen(&pager.window().unwrap()), Some(line.at));
    }

    #[test]
    fn numbers_are_those_of_a_plain_reading(bytes in bytes()) {
        let place = Place::of(&bytes);
        let mut pager = place.pager(4);
        let all = plain(&bytes);
        prop_assert_eq!(pager.window().unwrap().count, Some(all.len() as u64));
        for (number, line) in (1..).zip(&all) {
            prop_assert!(pager.go_to_number(number).unwrap());
            let window = pager.window().unwrap();
            prop_assert_eq!(chosen(&window), Some(line.at));
            prop_assert_eq!(window.number, Some(number));
        }
        prop_assert!(!pager.go_to_number(all.len() as u64 + 1).unwrap());
    }

    #[test]
    fn a_search_finds_what_a_plain_reading_finds(
        bytes in bytes(),
        from in 0_usize..50,
        backward in any::<bool>(),
        exact in any::<bool>(),
        levels in select(Levels::ALL.to_vec()),
    ) {
        let place = Place::of(&bytes);
        let pager = place.pager(4);
        let all = plain(&bytes);
        let from = all.get(from % all.len().max(1)).map_or(0, |line| line.at);
        let direction = if backward { Direction::Backward } else { Direction::Forward };
        let case = if exact { Case::Exact } else { Case::Ignored };
        let look = |target: &Target| {
            search(pager.lines(), target, from, direction, |_| ControlFlow::Continue(())).unwrap()
        };
        let holds = |line: &Plain| match exact {
            true => line.text.contains("needle"),
            false => line.text.to_lowercase().contains("needle"),
        };
        let text = look(&Target::Text(Needle::new("needle", case)));
        prop_assert_eq!(text, nearest(&all, from, direction, holds));
        let loud = look(&Target::Levels(levels));
        prop_assert_eq!(loud, nearest(&all, from, direction, |line| levels.has(line.level)));
    }

    #[test]
    fn a_time_is_where_a_plain_reading_has_it(
        gaps in prop::collection::vec((0_u32..900, 0_usize..3), 1..60),
        wanted in 0_u32..30_000,
    ) {
        let mut second = 0;
        let mut text = String::new();
        let mut times = Vec::new();
        for (gap, others) in gaps {
            second += gap;
            let (h, m, s) = (second / 3600, second / 60 % 60, second % 60);
            times.push((text.len() as u64, second));
            text.push_str(&format!("2026-11-26T{h:02}:{m:02}:{s:02}.5Z  INFO x\n"));
            text.push_str(&"  more\n".repeat(others));
        }
        let place = Place::of(text.as_bytes());
        let pager = place.pager(4);
        let (h, m, s) = (wanted / 3600, wanted / 60 % 60, wanted % 60);
        let day = Moment::parse(&format!("2026-11-26 {h}:{m:02}:{s:02}")).unwrap();
        let first = times.iter().find(|(_, at)| *at >= wanted).map(|(at, _)| *at);
        let expected = first.unwrap_or(text.len() as u64);
        prop_assert_eq!(day.find(pager.lines()).unwrap(), Some(expected));
        // Without a day it is the latest time that was; here never tomorrow's.
        let bare = Moment::parse(&format!("{h}:{m:02}:{s:02}")).unwrap();
        let expected = first.unwrap_or(0);
        prop_assert_eq!(bare.find(pager.lines()).unwrap(), Some(expected));
    }
}

/// Three MiB with few loud lines, long lines across the borders of blocks, and a bar.
pub(super) fn large() -> Vec<u8> {
    let mut text = Vec::new();
    for n in 0..24_000_u32 {
        let line = match n {
            777 | 23_001 => format!("WARN number {n}\n"),
            12_345 => format!("ERROR number {n}\n"),
            5_000 => format!("{}\n", "long ".repeat(320_000)),
            9_000 => format!("{}last state\n", "bar 10%\r".repeat(200_000)),
            n => format!("INFO step {n} of a plain and rather ordinary line\n"),
        };
        text.extend_from_slice(line.as_bytes());
    }
    text
}

#[test]
fn large_logs_are_read_as_small_ones_are() {
    let bytes = large();
    let all = plain(&bytes);
    let place = Place::of(&bytes);
    let mut pager = place.pager(20);
    for counted in [true, false] {
        if !counted {
            pager = Pager::new(&place.path, 20);
            pager.look().unwrap();
        }
        for levels in Levels::ALL {
            let expected = of_levels(&all, levels);
            for from in [
                0,
                all[4_999].at,
                all[5_001].at,
                all[12_345].at,
                all[23_999].at,
            ] {
                for direction in [Direction::Forward, Direction::Backward] {
                    let target = Target::Levels(levels);
                    let go = |_| ControlFlow::Continue(());
                    let outcome = search(pager.lines(), &target, from, direction, go).unwrap();
                    assert_eq!(outcome, nearest(&expected, from, direction, |_| true));
                }
            }
        }
        for wanted in ["long long", "last STATE", "step 23999 ", "nowhere", "10%"] {
            for direction in [Direction::Forward, Direction::Backward] {
                let target = Target::Text(Needle::new(wanted, Case::Ignored));
                let holds =
                    |line: &Plain| line.text.to_lowercase().contains(&wanted.to_lowercase());
                let go = |_| ControlFlow::Continue(());
                let outcome = search(pager.lines(), &target, 0, direction, go).unwrap();
                assert_eq!(outcome, nearest(&all, 0, direction, holds), "{wanted}");
            }
        }
    }
    pager.go(all[5_000].at).unwrap();
    let window = pager.window().unwrap();
    let long = &window.lines[window.cursor.unwrap()];
    assert_eq!(long.text.len() as u64 + long.hidden, 1_600_000);
    pager.go(all[9_000].at).unwrap();
    let window = pager.window().unwrap();
    assert_eq!(window.lines[window.cursor.unwrap()].text, "last state");
}

#[test]
fn a_search_can_be_stopped_and_says_how_far_it_is() {
    let place = Place::of(&large());
    let pager = place.pager(20);
    let target = Target::Text(Needle::new("nowhere", Case::Exact));
    let mut told = Vec::new();
    let outcome = search(pager.lines(), &target, 0, Direction::Forward, |progress| {
        told.push(progress);
        match told.len() {
            3 => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        }
    });
    assert!(matches!(outcome.unwrap(), Outcome::Stopped { .. }));
    assert_eq!(told.len(), 3);
    assert!(told.is_sorted_by_key(|progress| progress.done));
    assert!(
        told.iter()
            .all(|one| one.total == pager.lines().length() && one.done < one.total)
    );
}
