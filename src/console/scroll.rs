//! Rows that moved together: the terminal moves them itself, in two dozen bytes.
//!
//! A list or a log that goes on by a row changes every row of it; painted anew, that is most of a
//! screen. Every terminal since the VT102 deletes rows at one end of a region and has blank ones come
//! in at the other. Looks at few cells where nothing moved. Start at [`find`].

use ratatui::buffer::{Buffer, Cell};
use std::ops::Range;

/// Rows that something moves by at most: an arrow one, a notch of the wheel three.
const FURTHEST: u16 = 4;
/// So many rows must have come from others.
const LEAST_ROWS: usize = 5;
/// Fewer changed cells are painted as soon as they are moved.
const LEAST_CELLS: usize = 60;
/// So many bytes must be spared.
const SPARED: usize = 100;
/// Bytes that going to another place takes, about.
const GOING: usize = 8;
/// Cells of a row that tell where it came from.
const SAMPLE: u16 = 12;

/// Whole rows that move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Movement {
    rows: Range<u16>,
    by: u16,
    towards: Towards,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Towards {
    Top,
    Bottom,
}

impl Towards {
    /// Returns the row that comes to be row `y`.
    fn source(self, y: u16, by: u16) -> Option<u16> {
        match self {
            Self::Top => y.checked_add(by),
            Self::Bottom => y.checked_sub(by),
        }
    }
}

impl Movement {
    /// Appends what has a terminal move the rows; its cursor may then be anywhere.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let (first, last, by) = (self.rows.start + 1, self.rows.end, self.by);
        let acts = match self.towards {
            Towards::Top => 'M',
            Towards::Bottom => 'L',
        };
        let sequence = format!("\x1b[{first};{last}r\x1b[{first}H\x1b[{by}{acts}\x1b[r");
        out.extend_from_slice(sequence.as_bytes());
    }

    /// Moves the rows of `buffer` as a terminal does.
    pub fn apply(&self, buffer: &mut Buffer) {
        let width = usize::from(buffer.area.width);
        let place = |row: u16| usize::from(row) * width;
        let rows = &mut buffer.content[place(self.rows.start)..place(self.rows.end)];
        let moved = place(self.by);
        let blank = match self.towards {
            Towards::Top => {
                rows.rotate_left(moved);
                rows.len() - moved..rows.len()
            }
            Towards::Bottom => {
                rows.rotate_right(moved);
                0..moved
            }
        };
        rows[blank].fill(Cell::EMPTY);
    }
}

/// Returns the rows of `shown` whose movement leaves much less to be painted for `next`; `changed`
/// are the cells that differ, row by row.
#[must_use]
pub fn find(shown: &Buffer, next: &Buffer, changed: &[(u16, u16, &Cell)]) -> Option<Movement> {
    if changed.len() < LEAST_CELLS || shown.area != next.area {
        return None;
    }
    let rows: Vec<&[(u16, u16, &Cell)]> = changed.chunk_by(|a, b| a.1 == b.1).collect();
    if rows.len() < LEAST_ROWS {
        return None;
    }
    let ways = (1..=FURTHEST).flat_map(|by| [(by, Towards::Top), (by, Towards::Bottom)]);
    let came = |(by, towards): (u16, Towards)| {
        let from =
            |row: &&&[(u16, u16, &Cell)]| came_from(shown, next, (row[0].0, row[0].1), by, towards);
        let moved: Vec<u16> = rows.iter().filter(from).map(|row| row[0].1).collect();
        (moved, by, towards)
    };
    let (moved, by, towards) = ways.map(came).max_by_key(|(moved, ..)| moved.len())?;
    if moved.len() < LEAST_ROWS {
        return None;
    }
    let (first, last) = (*moved.first()?, *moved.last()?);
    let ends = [first, last].map(|y| towards.source(y, by).unwrap_or(y));
    let rows = first.min(ends[0])..last.max(ends[1]) + 1;
    let movement = Movement { rows, by, towards };
    let within = |cell: &&(u16, u16, &Cell)| movement.rows.contains(&cell.1);
    let before = bytes(changed.iter().filter(within).map(|cell| (cell.0, cell.1)));
    let after = bytes(differing(shown, next, &movement));
    (after + SPARED <= before).then_some(movement)
}

/// Returns whether what is new in a row of `next`, from its first changed cell on, was in the row
/// that would move there.
fn came_from(shown: &Buffer, next: &Buffer, (x, y): (u16, u16), by: u16, towards: Towards) -> bool {
    let height = shown.area.height;
    let Some(source) = towards.source(y, by).filter(|source| *source < height) else {
        return false;
    };
    let mut cells =
        (x..shown.area.width.min(x + SAMPLE)).map(|x| (&next[(x, y)], &shown[(x, source)]));
    let mut is_blank = true;
    let same = cells.all(|(new, old)| {
        is_blank &= new.symbol() == " ";
        new == old
    });
    same && !is_blank
}

/// Returns the cells that differ once the rows have moved.
fn differing(
    shown: &Buffer,
    next: &Buffer,
    movement: &Movement,
) -> impl Iterator<Item = (u16, u16)> {
    let rows = movement.rows.clone();
    let cells = rows.flat_map(|y| (0..shown.area.width).map(move |x| (x, y)));
    cells.filter(move |(x, y)| {
        let source = movement.towards.source(*y, movement.by);
        let old = source.filter(|source| movement.rows.contains(source));
        old.map_or(&Cell::EMPTY, |source| &shown[(*x, source)]) != &next[(*x, *y)]
    })
}

/// Returns about how many bytes paint these cells.
fn bytes(cells: impl Iterator<Item = (u16, u16)>) -> usize {
    let mut bytes = 0;
    let mut beside = None;
    for (x, y) in cells {
        bytes += match beside == Some((x, y)) {
            true => 1,
            false => 1 + GOING,
        };
        beside = Some((x + 1, y));
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canvas::Canvas;
    use proptest::prelude::*;
    use ratatui::{
        layout::Rect,
        style::{Color, Modifier, Style},
    };

    const SIZE: (u16, u16) = (60, 20);

    /// A screen with a title, a list that begins with its row `first`, of which the row `chosen` is
    /// marked, and something beside it that stays.
    fn screen(first: usize, chosen: usize) -> Buffer {
        let mut buffer = Buffer::empty(Rect::new(0, 0, SIZE.0, SIZE.1));
        buffer.set_string(0, 0, "Settings", Style::new().fg(Color::Indexed(75)));
        for y in 1..SIZE.1 - 1 {
            let row = first + usize::from(y);
            let value = row.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let says = format!("  {row} 학습률 {value:016x}{:016x}", value.rotate_left(23));
            let style = match row == chosen {
                true => Style::new().add_modifier(Modifier::REVERSED),
                false => Style::new().fg(Color::Indexed(252)),
            };
            buffer.set_string(0, y, says, style);
        }
        buffer.set_string(45, 4, "explained", Style::new());
        buffer.set_string(0, SIZE.1 - 1, "F1 Help", Style::new());
        buffer
    }

    fn terminal() -> vt100::Parser {
        vt100::Parser::new(SIZE.1.try_into().unwrap(), SIZE.0.try_into().unwrap(), 0)
    }

    /// What every cell shows; a blank is as good as nothing.
    fn cells(terminal: &vt100::Parser) -> Vec<(String, vt100::Color, bool)> {
        let all = (0..SIZE.1).flat_map(|y| (0..SIZE.0).map(move |x| (y, x)));
        all.map(|(y, x)| {
            let cell = terminal.screen().cell(y, x).unwrap();
            let symbol = match cell.contents() {
                "" => " ",
                symbol => symbol,
            };
            let colour = match symbol {
                " " => vt100::Color::Default,
                _ => cell.fgcolor(),
            };
            (symbol.to_owned(), colour, cell.inverse())
        })
        .collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn whatever_moves_the_terminal_shows_what_was_drawn(
            frames in prop::collection::vec((0..9_usize, 0..30_usize), 2..8),
        ) {
            let (mut canvas, mut terminal) = (Canvas::default(), terminal());
            for (first, chosen) in frames {
                let mut out = Vec::new();
                canvas.show(&mut out, screen(first, chosen), None).unwrap();
                terminal.process(&out);
                let (mut whole, mut out) = (self::terminal(), Vec::new());
                Canvas::default().show(&mut out, screen(first, chosen), None).unwrap();
                whole.process(&out);
                prop_assert_eq!(cells(&terminal), cells(&whole));
            }
        }
    }

    #[test]
    fn a_list_that_goes_on_by_a_row_takes_a_tenth() {
        for (from, to) in [(0, 1), (1, 0), (3, 6), (4, 2)] {
            let (mut canvas, mut out) = (Canvas::default(), Vec::new());
            let whole = canvas.show(&mut out, screen(from, 50), None).unwrap();
            let bytes = canvas.show(&mut out, screen(to, 50), None).unwrap();
            let by = from.abs_diff(to);
            assert!(bytes * 10 < whole * (by + 1), "{bytes} of {whole} by {by}");
        }
    }

    #[test]
    fn rows_that_did_not_move_are_left_alone() {
        let changed = |before: &Buffer, after: &Buffer| {
            let differing = before.diff(after);
            find(before, after, &differing)
        };
        let before = screen(0, 5);
        assert_eq!(changed(&before, &screen(0, 6)), None);
        // Other contents everywhere, of which none was there before.
        assert_eq!(changed(&before, &screen(500, 6)), None);
        // So far nothing moves at once.
        assert_eq!(changed(&before, &screen(9, 14)), None);
        let moved = changed(&before, &screen(1, 6)).unwrap();
        assert_eq!((moved.by, moved.towards), (1, Towards::Top));
        assert!(
            moved.rows.start >= 1 && moved.rows.end < SIZE.1,
            "{moved:?}"
        );
    }
}
