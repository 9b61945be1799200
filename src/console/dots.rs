//! A grid of dots, two by four in a cell, each cell with the line that drew it last.
//!
//! Shown as braille, as blocks or as ASCII marks; none of them is of ambiguous width, so a picture
//! keeps its shape in every terminal. Start at [`Dots::new`].

use crate::{caps::Glyphs, series::Visible};

/// How dots are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// All dots of a cell.
    #[default]
    Braille,
    /// Quarters of a cell, for fonts whose braille is faint or missing.
    Block,
    /// One ASCII mark a cell.
    Ascii,
}

impl Form {
    /// Every form, in the order in which a key goes through them.
    pub const ALL: [Self; 3] = [Self::Braille, Self::Block, Self::Ascii];

    /// Returns the word that files know it by.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Braille => "braille",
            Self::Block => "block",
            Self::Ascii => "ascii",
        }
    }

    /// Returns the form that a terminal with `glyphs` shows where `wanted` was asked for.
    #[must_use]
    pub fn on(glyphs: Glyphs, wanted: Self) -> Self {
        match glyphs {
            Glyphs::Unicode => wanted,
            Glyphs::Ascii => Self::Ascii,
        }
    }
}

/// One cell as it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DotCell {
    /// The glyph.
    pub glyph: char,
    /// Whether its colours change places.
    pub reversed: bool,
    /// The line that drew it.
    pub owner: u8,
}

/// The grid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dots {
    columns: usize,
    rows: usize,
    bits: Vec<u8>,
    owner: Vec<u8>,
}

impl Dots {
    /// Starts an empty grid of `columns` × `rows` cells, at least one.
    #[must_use]
    pub fn new(columns: usize, rows: usize) -> Self {
        let (columns, rows) = (columns.max(1), rows.max(1));
        Self {
            columns,
            rows,
            bits: vec![0; columns * rows],
            owner: vec![0; columns * rows],
        }
    }

    /// Dots from left to right.
    #[must_use]
    pub fn width(&self) -> usize {
        self.columns * 2
    }

    /// Dots from top to bottom.
    #[must_use]
    pub fn height(&self) -> usize {
        self.rows * 4
    }

    /// Sets the dot at `(x, y)` for line `owner`; outside the grid it does nothing. Dots of another
    /// line in the same cell vanish: a cell has one colour, and lines must not lend theirs out.
    pub fn set(&mut self, x: usize, y: usize, owner: u8) {
        const BITS: [[u8; 4]; 2] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];
        if x >= self.width() || y >= self.height() {
            return;
        }
        let cell = (y / 4) * self.columns + x / 2;
        if self.owner[cell] != owner {
            self.bits[cell] = 0;
        }
        self.bits[cell] |= BITS[x % 2][y % 4];
        self.owner[cell] = owner;
    }

    /// Draws a straight line between two dots.
    pub fn line(&mut self, from: (usize, usize), to: (usize, usize), owner: u8) {
        let steps = from.0.abs_diff(to.0).max(from.1.abs_diff(to.1)).max(1);
        // Nearly all lines of a dense chart are upright or lead to the next column: half of such a
        // line lies in either.
        if to.0 == from.0 || to.0 == from.0 + 1 {
            let half = match to.0 == from.0 {
                true => usize::MAX,
                false => steps.div_ceil(2),
            };
            let down = to.1 >= from.1;
            for step in 0..=from.1.abs_diff(to.1).max(to.0 - from.0) {
                let x = from.0 + usize::from(step >= half);
                let moved = step.min(from.1.abs_diff(to.1));
                let y = if down { from.1 + moved } else { from.1 - moved };
                self.set(x, y, owner);
            }
            return;
        }
        let between = |a: usize, b: usize, step: usize| {
            let share = step as f64 / steps as f64;
            (a as f64 + share * (b as f64 - a as f64)).round() as usize
        };
        for step in 0..=steps {
            self.set(
                between(from.0, to.0, step),
                between(from.1, to.1, step),
                owner,
            );
        }
    }

    /// Returns whether anything was drawn into a cell.
    #[must_use]
    pub fn is_set(&self, column: usize, row: usize) -> bool {
        self.bits
            .get(row * self.columns + column)
            .is_some_and(|bits| *bits != 0)
    }

    /// Draws what the columns of a chart hold over the range `y`, one column of dots each: from the
    /// lowest to the highest value, joined to the neighbours; a gap is a gap.
    pub fn envelope(&mut self, shown: &Visible, y: (f64, f64), owner: u8) {
        let bottom = self.height() - 1;
        let row =
            |value: f64| share(value, y).map(|up| ((1.0 - up) * bottom as f64).round() as usize);
        let mut before = shown.enters.and_then(row).map(|row| (0, row));
        for (column, summary) in shown.columns.iter().enumerate() {
            if summary.count == 0 {
                continue;
            }
            if let Some((from, first)) = before.zip(row(summary.first)) {
                self.line(from, (column, first), owner);
            }
            if let Some((low, high)) = summary.span.range()
                && let Some((low, high)) = row(low).zip(row(high))
            {
                self.line((column, high), (column, low), owner);
            }
            before = row(summary.last).map(|row| (column, row));
        }
        let right = shown.columns.len().saturating_sub(1);
        if let Some((from, row)) = before.zip(shown.leaves.and_then(row)) {
            self.line(from, (right, row), owner);
        }
    }

    /// Returns a cell as `form` shows it; `None` where nothing was drawn.
    #[must_use]
    pub fn cell(&self, column: usize, row: usize, form: Form) -> Option<DotCell> {
        let at = row * self.columns + column;
        let bits = *self.bits.get(at)?;
        if bits == 0 {
            return None;
        }
        let (glyph, reversed) = match form {
            Form::Braille => (
                char::from_u32(0x2800 + u32::from(bits)).unwrap_or(' '),
                false,
            ),
            Form::Block => block(bits),
            Form::Ascii => (ascii(bits), false),
        };
        Some(DotCell {
            glyph,
            reversed,
            owner: self.owner[at],
        })
    }
}

/// Returns the quarters of a cell that hold dots. Whole, upper, lower and left blocks are of
/// ambiguous width: reversed glyphs and scan lines stand for them.
fn block(bits: u8) -> (char, bool) {
    let held = |mask: u8| bits & mask != 0;
    match (held(0x03), held(0x18), held(0x44), held(0xa0)) {
        (false, false, false, false) => (' ', false),
        (true, false, false, false) => ('\u{2598}', false),
        (false, true, false, false) => ('\u{259d}', false),
        (true, true, false, false) => ('\u{23ba}', false),
        (false, false, true, false) => ('\u{2596}', false),
        (true, false, true, false) => ('\u{2590}', true),
        (false, true, true, false) => ('\u{259e}', false),
        (true, true, true, false) => ('\u{259b}', false),
        (false, false, false, true) => ('\u{2597}', false),
        (true, false, false, true) => ('\u{259a}', false),
        (false, true, false, true) => ('\u{2590}', false),
        (true, true, false, true) => ('\u{259c}', false),
        (false, false, true, true) => ('\u{23bd}', false),
        (true, false, true, true) => ('\u{2599}', false),
        (false, true, true, true) => ('\u{259f}', false),
        (true, true, true, true) => (' ', true),
    }
}

/// Returns a mark that says how high in the cell the dots lie.
fn ascii(bits: u8) -> char {
    let rows = [0x09, 0x12, 0x24, 0xc0].map(|mask| bits & mask != 0);
    match rows {
        [_, false, false, false] => '\'',
        [false, _, _, false] => '-',
        [false, false, _, true] => '.',
        _ => '|',
    }
}

/// Returns where `value` lies within `range`, in `[0, 1]`; `None` for what is not finite.
#[must_use]
pub fn share(value: f64, range: (f64, f64)) -> Option<f64> {
    if !value.is_finite() {
        return None;
    }
    // Halves, so that ranges near the largest float do not overflow.
    let span = range.1 / 2.0 - range.0 / 2.0;
    if span <= 0.0 {
        return Some(0.5);
    }
    Some(((value / 2.0 - range.0 / 2.0) / span).clamp(0.0, 1.0))
}

/// Returns `values` as one line of `width` cells, filled from below; a gap is empty.
#[must_use]
pub fn sparkline(values: &[f64], width: usize, glyphs: Glyphs) -> String {
    let finite = values.iter().copied().filter(|value| value.is_finite());
    let (low, high) = finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(value), high.max(value))
    });
    if width == 0 || low > high {
        return " ".repeat(width);
    }
    let mut dots = Dots::new(width, 1);
    let columns = dots.width().min(values.len());
    for column in 0..columns {
        let value = values[column * values.len() / columns];
        let Some(up) = share(value, (low, high)) else {
            continue;
        };
        let top = 3 - (up * 3.0).round() as usize;
        for y in top..4 {
            dots.set(column, y, 0);
        }
    }
    (0..width)
        .map(
            |column| match (dots.cell(column, 0, Form::Braille), glyphs) {
                (None, _) => ' ',
                (Some(cell), Glyphs::Unicode) => cell.glyph,
                (Some(_), Glyphs::Ascii) => ascii_level(&dots, column),
            },
        )
        .collect()
}

/// Returns an ASCII mark for how high the dots of a cell reach.
fn ascii_level(dots: &Dots, column: usize) -> char {
    let bits = dots.bits[column];
    match () {
        () if bits & 0x09 != 0 => '#',
        () if bits & 0x12 != 0 => '=',
        () if bits & 0x24 != 0 => '-',
        () => '_',
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::{Axis, Series};

    fn text_in(dots: &Dots, form: Form) -> Vec<String> {
        let glyph = |row, column| dots.cell(column, row, form).map_or(' ', |cell| cell.glyph);
        (0..dots.rows)
            .map(|row| (0..dots.columns).map(|column| glyph(row, column)).collect())
            .collect()
    }

    fn text(dots: &Dots) -> Vec<String> {
        text_in(dots, Form::Braille)
    }

    /// Draws `points` over `x` and `[0, 1]`.
    fn drawn(points: &[(f64, f64)], x: (f64, f64), (columns, rows): (usize, usize)) -> Dots {
        let mut dots = Dots::new(columns, rows);
        let shown = Series::of(points).visible(Axis::EnvSteps, x, dots.width());
        dots.envelope(&shown, (0.0, 1.0), 0);
        dots
    }

    #[test]
    fn a_gap_is_a_gap() {
        let points = [(0.0, 0.0), (1.0, f64::NAN), (7.0, 0.0)];
        assert_eq!(text(&drawn(&points, (0.0, 7.0), (4, 1))), ["⡀  ⢀"]);
        // Within one column too: what comes after is not joined to what came before.
        let within = [(0.0, 0.0), (0.1, f64::NAN), (7.0, 1.0)];
        assert_eq!(text(&drawn(&within, (0.0, 7.0), (4, 1))), ["⡀  ⠈"]);
    }

    #[test]
    fn every_lowest_and_highest_value_of_a_column_is_drawn() {
        let points: Vec<(f64, f64)> = (0..900)
            .map(|i| (f64::from(i), if i == 460 { 1.0 } else { 0.0 }))
            .collect();
        assert_eq!(text(&drawn(&points, (0.0, 900.0), (4, 1))), ["⣀⣀⣇⣀"]);
    }

    #[test]
    fn a_line_goes_on_beyond_the_window() {
        let points = [(0.0, 0.7), (100.0, 0.6)];
        assert_eq!(text(&drawn(&points, (49.0, 51.0), (3, 1))), ["⠒⠒⠒"]);
    }

    #[test]
    fn short_lines_take_the_same_way_as_long_ones() {
        // What is drawn where the share of the way is worked out dot by dot.
        let slow = |from: (usize, usize), to: (usize, usize)| {
            let mut dots = Dots::new(3, 8);
            let steps = from.0.abs_diff(to.0).max(from.1.abs_diff(to.1)).max(1);
            for step in 0..=steps {
                let share = step as f64 / steps as f64;
                let at = |a: usize, b: usize| {
                    (a as f64 + share * (b as f64 - a as f64)).round() as usize
                };
                dots.set(at(from.0, to.0), at(from.1, to.1), 0);
            }
            dots.bits
        };
        for (from, to) in (0..32).flat_map(|from| (0..32).map(move |to| (from, to))) {
            for right in [2, 3] {
                let mut dots = Dots::new(3, 8);
                dots.line((2, from), (right, to), 0);
                assert_eq!(
                    dots.bits,
                    slow((2, from), (right, to)),
                    "{from} {to} {right}"
                );
            }
        }
    }

    #[test]
    fn lines_that_cross_keep_their_own_colours() {
        let mut dots = Dots::new(3, 1);
        dots.line((0, 0), (5, 0), 0);
        dots.line((2, 3), (5, 3), 1);
        assert_eq!(text(&dots), ["⠉⣀⣀"]);
        let owners = [0, 1, 2].map(|x| dots.cell(x, 0, Form::Braille).map(|cell| cell.owner));
        assert_eq!(owners, [Some(0), Some(1), Some(1)]);
    }

    #[test]
    fn every_form_keeps_its_width_and_shows_every_cell() {
        for bits in 1..=255_u8 {
            let dots = Dots {
                columns: 1,
                rows: 1,
                bits: vec![bits],
                owner: vec![0],
            };
            for form in [Form::Braille, Form::Block, Form::Ascii] {
                let cell = dots.cell(0, 0, form).unwrap();
                let glyph = cell.glyph.to_string();
                assert_eq!(crate::cells::clean(&glyph), glyph, "{form:?} {bits:x}");
                assert!(cell.reversed || cell.glyph != ' ', "{form:?} {bits:x}");
                assert!(form != Form::Ascii || glyph.is_ascii());
            }
        }
    }

    #[test]
    fn any_number_is_drawn_without_panic() {
        let values = [
            1e300,
            -1e300,
            f64::MAX,
            f64::MIN,
            f64::NAN,
            f64::INFINITY,
            0.0,
            -0.0,
        ];
        for x in values {
            for y in values {
                let mut dots = Dots::new(3, 2);
                let series = Series::of(&[(x, y), (y, x)]);
                for range in [(-1e300, 1e300), (0.0, 0.0), (0.0, 1e308)] {
                    let shown = series.visible(Axis::EnvSteps, range, dots.width());
                    dots.envelope(&shown, (-1e300, 1e300), 0);
                    dots.envelope(&shown, (0.0, 0.0), 0);
                }
            }
        }
    }

    #[test]
    fn sparklines_show_ends_and_gaps() {
        assert_eq!(sparkline(&[0.0, 1.0], 1, Glyphs::Unicode), "⣸");
        assert_eq!(
            sparkline(&[0.0, f64::NAN, 1.0, 1.0], 2, Glyphs::Unicode),
            "⡀⣿"
        );
        assert_eq!(sparkline(&[], 3, Glyphs::Unicode), "   ");
        assert!(sparkline(&[0.0, 0.5, 1.0], 2, Glyphs::Ascii).is_ascii());
    }
}
