//! Draws a [`Figure`] with braille dots for the terminal, two by four dots a cell.
//!
//! Braille cells are never of ambiguous width, so the picture keeps its shape in every terminal;
//! where only ASCII can be shown, one mark a cell is drawn instead.

use crate::{
    axis,
    figure::{Figure, Mark, Style},
};
use std::collections::BTreeMap;

/// What the terminal can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Glyphs {
    /// Unicode braille.
    Braille,
    /// Plain ASCII.
    Ascii,
}

/// Dots of one colour layer each, in cells.
struct Grid {
    columns: usize,
    rows: usize,
    dots: Vec<u8>,
    owner: Vec<u8>,
}

impl Grid {
    fn set(&mut self, x: usize, y: usize, owner: u8) {
        const BITS: [[u8; 4]; 2] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];
        let cell = (y / 4) * self.columns + x / 2;
        self.dots[cell] |= BITS[x % 2][y % 4];
        self.owner[cell] = owner;
    }
}

/// One drawn line of text: runs of the same series, `None` for axis and labels.
pub type Line = Vec<(String, Option<usize>)>;

/// Draws `figure` into `columns` × `rows` cells, labels and title included.
#[must_use]
pub fn draw(figure: &Figure, columns: usize, rows: usize, glyphs: Glyphs) -> Vec<Line> {
    const GUTTER: usize = 9;
    let mut lines = vec![vec![(figure.title.clone(), None)]];
    let (Some(x), Some(y)) = (figure.x_range(), figure.y_range()) else {
        lines.push(vec![("  –".to_owned(), None)]);
        return lines;
    };
    let (plot_columns, plot_rows) = (
        columns.saturating_sub(GUTTER + 1).max(4),
        rows.saturating_sub(2).max(2),
    );
    let y = if y.1 > y.0 { y } else { axis::widen(y.0, y.1) };
    let mut grid = Grid {
        columns: plot_columns,
        rows: plot_rows,
        dots: vec![0; plot_columns * plot_rows],
        owner: vec![0; plot_columns * plot_rows],
    };
    for (index, series) in figure.series.iter().enumerate() {
        plot(&mut grid, &series.points, series.style, index as u8, x, y);
    }
    let marked = columns_of_marks(figure, x, plot_columns);
    let step = axis::nice_step((y.1 - y.0) / 4.0);
    for row in 0..plot_rows {
        let share = row as f64 / (plot_rows - 1).max(1) as f64;
        let labelled = row == 0 || row + 1 == plot_rows || row == plot_rows / 2;
        let value = y.1 - share * (y.1 - y.0);
        let label = if labelled {
            axis::label(value, step / 10.0, figure.y)
        } else {
            String::new()
        };
        let mut line: Line = vec![(format!("{label:>GUTTER$} "), None)];
        // Every second row: a broken line, behind what is drawn.
        let ruled = (plot_rows - row) % 2 == 1;
        line.extend(cells(&grid, row, glyphs, |column| {
            ruled && marked.contains_key(&column)
        }));
        lines.push(line);
    }
    let x_step = (x.1 - x.0) / 4.0;
    let (left, right) = (
        axis::label(x.0, x_step, figure.x),
        axis::label(x.1, x_step, figure.x),
    );
    let room = plot_columns.saturating_sub(left.chars().count() + right.chars().count());
    let mut foot: Vec<char> = format!("{left}{}{right}", " ".repeat(room))
        .chars()
        .collect();
    for (column, sign) in &marked {
        if let Some(blank) = foot.get_mut(*column).filter(|at| **at == ' ') {
            *blank = *sign;
        }
    }
    let foot: String = foot.into_iter().collect();
    lines.push(vec![(format!("{:GUTTER$} {foot}", ""), None)]);
    lines.extend(told(figure, x, x_step));
    lines
}

/// Returns the columns that carry marks, each with the sign of its first.
fn columns_of_marks(figure: &Figure, x: (f64, f64), columns: usize) -> BTreeMap<usize, char> {
    let mut found = BTreeMap::new();
    for mark in figure.marks_within(x) {
        let share = (mark.x - x.0) / (x.1 - x.0).max(f64::MIN_POSITIVE);
        let column = ((share * columns as f64) as usize).min(columns.saturating_sub(1));
        found.entry(column).or_insert(mark.sign);
    }
    found
}

/// Tells the marks below the chart, the latest ones where there are many.
fn told(figure: &Figure, x: (f64, f64), step: f64) -> Vec<Line> {
    const MOST: usize = 12;
    let marks: Vec<&Mark> = figure.marks_within(x).collect();
    let latest = &marks[marks.len().saturating_sub(MOST)..];
    let line = |mark: &&Mark| {
        let place = axis::label(mark.x, step / 10.0, figure.x);
        vec![(format!("{place:>9} {} {}", mark.sign, mark.label), None)]
    };
    latest.iter().map(line).collect()
}

fn cells(grid: &Grid, row: usize, glyphs: Glyphs, ruled: impl Fn(usize) -> bool) -> Line {
    let mut line: Line = Vec::new();
    for column in 0..grid.columns {
        let cell = row * grid.columns + column;
        let bits = grid.dots[cell];
        let glyph = match (bits, glyphs) {
            (0, Glyphs::Braille) if ruled(column) => '\u{2805}',
            (0, Glyphs::Ascii) if ruled(column) => ':',
            (0, _) => ' ',
            (_, Glyphs::Braille) => char::from_u32(0x2800 + u32::from(bits)).unwrap_or(' '),
            (_, Glyphs::Ascii) => ascii(bits),
        };
        let owner = (bits != 0).then_some(usize::from(grid.owner[cell]));
        match line.last_mut() {
            Some((text, last)) if *last == owner => text.push(glyph),
            _ => line.push((glyph.to_string(), owner)),
        }
    }
    line
}

/// Returns the mark that shows at which height of the cell the dots lie.
fn ascii(bits: u8) -> char {
    let upper = bits & 0x1b != 0;
    let lower = bits & 0xe4 != 0;
    match (upper, lower) {
        (true, true) => '|',
        (true, false) => '\'',
        _ => '.',
    }
}

fn plot(
    grid: &mut Grid,
    points: &[(f64, f64)],
    style: Style,
    owner: u8,
    x: (f64, f64),
    y: (f64, f64),
) {
    let (width, height) = (grid.columns * 2, grid.rows * 4);
    let to_x = |value: f64| {
        (((value - x.0) / (x.1 - x.0).max(f64::MIN_POSITIVE)) * (width - 1) as f64).round()
    };
    let to_y = |value: f64| (((y.1 - value) / (y.1 - y.0)) * (height - 1) as f64).round();
    let base = to_y(0.0_f64.clamp(y.0, y.1)).clamp(0.0, (height - 1) as f64) as usize;
    let mut before: Option<(f64, f64)> = None;
    for (px, py) in points {
        if !py.is_finite() || !px.is_finite() {
            before = None;
            continue;
        }
        let (column, row) = (to_x(*px), to_y(*py));
        let (c, r) = (
            column.clamp(0.0, (width - 1) as f64) as usize,
            row.clamp(0.0, (height - 1) as f64) as usize,
        );
        match style {
            Style::Area | Style::Bars => {
                for dot in r.min(base)..=r.max(base) {
                    grid.set(c, dot, owner);
                }
            }
            Style::Up | Style::Down => grid.set(c, r, owner),
            Style::Line | Style::Faint | Style::Step => segment(grid, before, (column, row), owner),
        }
        before = Some((column, row));
    }
}

/// Sets the dots between two points; one point alone is a dot.
fn segment(grid: &mut Grid, from: Option<(f64, f64)>, to: (f64, f64), owner: u8) {
    let from = from.unwrap_or(to);
    let steps = (to.0 - from.0).abs().max((to.1 - from.1).abs()).max(1.0);
    let (width, height) = ((grid.columns * 2 - 1) as f64, (grid.rows * 4 - 1) as f64);
    for step in 0..=steps as usize {
        let share = step as f64 / steps;
        let x = (from.0 + share * (to.0 - from.0)).round().clamp(0.0, width);
        let y = (from.1 + share * (to.1 - from.1))
            .round()
            .clamp(0.0, height);
        grid.set(x as usize, y as usize, owner);
    }
}

/// Eight levels of a sparkline.
const LEVELS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Returns `values` as one line of blocks, `width` cells wide; a gap is a space.
#[must_use]
pub fn sparkline(values: &[f64], width: usize, glyphs: Glyphs) -> String {
    let finite = values.iter().copied().filter(|value| value.is_finite());
    let (low, high) = finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(value), high.max(value))
    });
    if values.is_empty() || width == 0 || low > high {
        return " ".repeat(width);
    }
    let ramp: &[char] = match glyphs {
        Glyphs::Braille => &LEVELS,
        Glyphs::Ascii => &['_', '.', '-', '=', '+', '*', '#', '@'],
    };
    let columns = width.min(values.len());
    let mut line: String = (0..columns)
        .map(|column| {
            let from = column * values.len() / columns;
            let to = ((column + 1) * values.len() / columns).max(from + 1);
            let mut bucket = values[from..to].iter().copied();
            let last = bucket.rfind(|value| value.is_finite());
            last.map_or(' ', |value| {
                let share = if high > low {
                    (value - low) / (high - low)
                } else {
                    0.5
                };
                ramp[((share * 7.0).round() as usize).min(7)]
            })
        })
        .collect();
    line.push_str(&" ".repeat(width - columns));
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::axis::Unit;

    fn text(lines: &[Line]) -> Vec<String> {
        lines
            .iter()
            .map(|line| line.iter().map(|(text, _)| text.as_str()).collect())
            .collect()
    }

    #[test]
    fn a_rising_line_rises() {
        let points = (0..40).map(|i| (f64::from(i), f64::from(i))).collect();
        let figure = Figure::new("rise", Unit::Number, Unit::Number).with("a", Style::Line, points);
        let lines = text(&draw(&figure, 40, 8, Glyphs::Braille));
        assert_eq!(lines.len(), 8);
        let first = |line: &str| line.chars().skip(10).position(|c| c != ' ');
        assert!(
            first(&lines[1]).unwrap() > first(&lines[6]).unwrap(),
            "{lines:#?}"
        );
    }

    #[test]
    fn marks_stand_behind_the_line_and_are_told_below() {
        let points = (0..40).map(|i| (f64::from(i), 1.0)).collect();
        let plain = Figure::new("flat", Unit::Count, Unit::Number).with("a", Style::Line, points);
        let mark = |x: f64, sign: char, label: &str| Mark {
            x,
            what: "changed",
            sign,
            label: label.to_owned(),
        };
        let marks = vec![mark(20.0, '^', "lr 3 -> 1"), mark(90.0, '+', "start 2")];
        let marked = plain.clone().with_marks(marks);
        for (glyphs, dash) in [(Glyphs::Braille, '\u{2805}'), (Glyphs::Ascii, ':')] {
            let lines = text(&draw(&marked, 60, 9, glyphs));
            let dashes = |lines: &[String]| lines.concat().matches(dash).count();
            assert_eq!(dashes(&lines), 4, "{lines:#?}");
            assert_eq!(dashes(&text(&draw(&plain, 60, 9, glyphs))), 0);
            assert!(lines[8].contains('^') && !lines[8].contains('+'));
            assert_eq!(lines[9], "       20 ^ lr 3 -> 1");
            assert_eq!(lines.len(), 10);
        }
    }

    #[test]
    fn ascii_output_is_ascii() {
        let points = (0..40).map(|i| (f64::from(i), f64::from(i % 5))).collect();
        let figure = Figure::new("saw", Unit::Number, Unit::Number).with("a", Style::Area, points);
        assert!(
            text(&draw(&figure, 40, 8, Glyphs::Ascii))
                .iter()
                .all(|line| line.is_ascii())
        );
        assert!(sparkline(&[1.0, 2.0, f64::NAN], 5, Glyphs::Ascii).is_ascii());
    }

    #[test]
    fn sparkline_shows_ends_and_gaps() {
        assert_eq!(sparkline(&[0.0, 1.0], 2, Glyphs::Braille), "▁█");
        assert_eq!(sparkline(&[0.0, f64::NAN, 1.0], 3, Glyphs::Braille), "▁ █");
        assert_eq!(sparkline(&[], 3, Glyphs::Braille), "   ");
    }

    #[test]
    fn any_size_is_drawn_without_panic() {
        let figure = Figure::new("x", Unit::Time, Unit::Percent).with(
            "a",
            Style::Bars,
            vec![(0.0, f64::INFINITY), (1.0, 2.0), (1.0, -3.0)],
        );
        for columns in 0..30 {
            for rows in 0..10 {
                assert!(!draw(&figure, columns, rows, Glyphs::Braille).is_empty());
            }
        }
    }
}
