//! A grid of braille dots, two by four in a cell, each cell with the line that drew it last.
//!
//! Braille is never of ambiguous width, so a picture keeps its shape in every terminal; where only
//! ASCII can be shown, one mark a cell stands for the dots. Start at [`Dots::new`].

use crate::caps::Glyphs;

/// The grid.
#[derive(Clone, Debug)]
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

    /// Sets the dot at `(x, y)` for line `owner`; outside the grid it does nothing.
    pub fn set(&mut self, x: usize, y: usize, owner: u8) {
        const BITS: [[u8; 4]; 2] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];
        if x >= self.width() || y >= self.height() {
            return;
        }
        let cell = (y / 4) * self.columns + x / 2;
        self.bits[cell] |= BITS[x % 2][y % 4];
        self.owner[cell] = owner;
    }

    /// Draws a straight line between two dots.
    pub fn line(&mut self, from: (usize, usize), to: (usize, usize), owner: u8) {
        let steps = from.0.abs_diff(to.0).max(from.1.abs_diff(to.1)).max(1);
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

    /// Draws `points` over the ranges `x` and `y`; a value that is not finite is a gap.
    pub fn curve(&mut self, points: &[(f64, f64)], x: (f64, f64), y: (f64, f64), owner: u8) {
        let (right, bottom) = (self.width() - 1, self.height() - 1);
        let mut before: Option<(usize, usize)> = None;
        for (px, py) in points {
            let place = share(*px, x).zip(share(*py, y)).map(|(across, up)| {
                let column = (across * right as f64).round() as usize;
                let row = ((1.0 - up) * bottom as f64).round() as usize;
                (column, row)
            });
            if let Some(place) = place {
                self.line(before.unwrap_or(place), place, owner);
            }
            before = place;
        }
    }

    /// Returns the glyph of a cell and the line that drew it; `None` where nothing was drawn.
    #[must_use]
    pub fn cell(&self, column: usize, row: usize, glyphs: Glyphs) -> Option<(char, u8)> {
        let at = row * self.columns + column;
        let bits = *self.bits.get(at)?;
        if bits == 0 {
            return None;
        }
        let glyph = match glyphs {
            Glyphs::Unicode => char::from_u32(0x2800 + u32::from(bits)).unwrap_or(' '),
            Glyphs::Ascii => match (bits & 0x1b != 0, bits & 0xe4 != 0) {
                (true, true) => '|',
                (true, false) => '\'',
                _ => '.',
            },
        };
        Some((glyph, self.owner[at]))
    }
}

/// Returns where `value` lies within `range`, in `[0, 1]`; `None` for what is not finite.
fn share(value: f64, range: (f64, f64)) -> Option<f64> {
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
        .map(|column| match (dots.cell(column, 0, glyphs), glyphs) {
            (None, _) => ' ',
            (Some((glyph, _)), Glyphs::Unicode) => glyph,
            (Some(_), Glyphs::Ascii) => ascii_level(&dots, column),
        })
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

    fn text(dots: &Dots) -> Vec<String> {
        (0..dots.rows)
            .map(|row| {
                (0..dots.columns)
                    .map(|column| dots.cell(column, row, Glyphs::Unicode).map_or(' ', |c| c.0))
                    .collect()
            })
            .collect()
    }

    #[test]
    fn a_gap_is_a_gap() {
        let mut dots = Dots::new(4, 1);
        let points = [(0.0, 0.0), (1.0, f64::NAN), (7.0, 0.0)];
        dots.curve(&points, (0.0, 7.0), (0.0, 1.0), 0);
        assert_eq!(text(&dots), ["⡀  ⢀"]);
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
                dots.curve(&[(x, y), (y, x)], (f64::MIN, f64::MAX), (-1e300, 1e300), 0);
                dots.curve(&[(x, y), (y, x)], (0.0, 0.0), (0.0, 0.0), 0);
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
