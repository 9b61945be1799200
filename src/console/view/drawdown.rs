//! How far below its highest point an equity curve stood: blocks that fill downward from zero, with
//! start, trough and recovery of the deepest fall marked.
//!
//! Start at [`draw`]; the fall is measured where all points are at hand, never here.

use super::paint::Paint;
use crate::{areas, cells, dots::Dots, number, words};
use backtest::drawdown::DatedDrawdown;
use domain::Nanos;
use ratatui::layout::Rect;

/// The deepest fall, along x.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fall {
    /// How deep, a negative fraction.
    pub depth: f64,
    /// Where the old peak was last held.
    pub start: f64,
    /// Where it was deepest.
    pub trough: f64,
    /// Where the old peak was reached again; `None` while still below.
    pub recovery: Option<f64>,
}

/// What is drawn.
#[derive(Debug)]
pub struct Falls<'a> {
    /// Its name.
    pub title: &'a str,
    /// `(x, fraction below the highest so far, 0 or negative)`, x rising; NaN is a gap.
    pub points: &'a [(f64, f64)],
    /// The fall that is marked.
    pub worst: Option<Fall>,
    /// Words a place on x, e.g. as a date.
    pub place: fn(f64) -> String,
}

/// Words a place in seconds since 1970 as its date.
#[must_use]
pub fn date_of_seconds(x: f64) -> String {
    Nanos((x * 1e9) as i64).date()
}

impl Fall {
    /// Puts a measured fall on an axis of seconds since 1970.
    #[must_use]
    pub fn of(dated: &DatedDrawdown) -> Self {
        Self {
            depth: dated.depth,
            start: dated.start.seconds(),
            trough: dated.trough.seconds(),
            recovery: dated.recovery.map(Nanos::seconds),
        }
    }
}

/// Draws `falls` into `area`.
pub fn draw(paint: &mut Paint<'_>, area: Rect, falls: &Falls<'_>) {
    let end = paint.text(area, 0, 0, falls.title, paint.theme.title);
    let finite = falls.points.iter().map(|point| point.1);
    let low = finite.filter(|fall| fall.is_finite()).fold(0.0, f64::min);
    let ends = falls.points.first().zip(falls.points.last());
    let plot = areas::below_title(area);
    let Some((first, last)) = ends.filter(|(first, last)| first.0 <= last.0) else {
        let nothing = paint.say(words::NO_CURVE);
        paint.text(plot, 2, 0, nothing, paint.theme.faint);
        return;
    };
    if let Some(fall) = &falls.worst {
        let says = worded(paint, falls, fall);
        let room = usize::from(area.width.saturating_sub(end + 2));
        // Cut in the middle of a date it would say something else.
        let whole = says.iter().rev().find(|text| cells::width(text) <= room);
        if let Some(text) = whole {
            paint.text(area, end + 2, 0, text, paint.theme.bad);
        }
    }
    // Marks have a row of their own: over the dates they would make others of them.
    let below = match plot.height {
        0..3 => 0,
        3..5 => 1,
        _ => 2,
    };
    let (filled, rest) = areas::above(plot, plot.height - below);
    let gutter = if area.width > 24 { 8 } else { 0 };
    let (labels, canvas) = areas::beside(filled, gutter);
    if canvas.is_empty() {
        return;
    }
    let x = (first.0, last.0);
    let dots = filled_down(falls.points, x, low, (canvas.width, canvas.height));
    paint.dots_as(canvas, &dots, paint.theme.bad);
    let label = |value: f64| cells::right(&number::percent(value), usize::from(gutter.max(1) - 1));
    if gutter > 0 {
        paint.text(labels, 0, 0, &label(0.0), paint.theme.faint);
        if labels.height > 1 {
            let y = labels.height - 1;
            paint.text(labels, 0, y, &label(low), paint.theme.faint);
        }
    }
    let rest = areas::beside(rest, gutter).1;
    let (marks, axis) = areas::above(rest, below.saturating_sub(1));
    let (left, right) = ((falls.place)(x.0), (falls.place)(x.1));
    paint.text(axis, 0, 0, &left, paint.theme.faint);
    if cells::width(&left) + cells::width(&right) < usize::from(axis.width) {
        paint.text_right(axis, 0, &right, paint.theme.faint);
    }
    let Some(fall) = falls.worst.as_ref().filter(|_| !marks.is_empty()) else {
        return;
    };
    let places = [
        (Some(fall.start), '[', paint.theme.warn),
        (fall.recovery, ']', paint.theme.good),
        (Some(fall.trough), 'v', paint.theme.bad),
    ];
    for (place, mark, style) in places {
        if let Some(column) = place.and_then(|place| column_of(place, x, marks.width)) {
            paint.text(marks, column, 0, &mark.to_string(), style);
        }
    }
}

/// Words the fall, the shortest wording first.
fn worded(paint: &Paint<'_>, falls: &Falls<'_>, fall: &Fall) -> [String; 2] {
    let depth = number::signed_percent(fall.depth);
    let place = falls.place;
    let recovery = fall
        .recovery
        .map_or_else(|| paint.say(words::NOT_YET).to_owned(), place);
    let whole = format!(
        "{depth}  [ {} {}  v {} {}  ] {} {recovery}",
        paint.say(words::FALL_START),
        place(fall.start),
        paint.say(words::FALL_TROUGH),
        place(fall.trough),
        paint.say(words::FALL_RECOVERY),
    );
    [depth, whole]
}

/// Fills every column from the top down to the deepest value in it; `low` is the lower edge.
fn filled_down(
    points: &[(f64, f64)],
    x: (f64, f64),
    low: f64,
    (width, height): (u16, u16),
) -> Dots {
    let mut dots = Dots::new(usize::from(width), usize::from(height));
    let columns = dots.width();
    let mut deep: Vec<Option<f64>> = vec![None; columns];
    let mut before: Option<(usize, f64)> = None;
    for (place, fall) in points {
        let Some(column) = column_of(*place, x, u16::try_from(columns).unwrap_or(u16::MAX)) else {
            continue;
        };
        if !fall.is_finite() {
            before = None;
            continue;
        }
        // A value holds until the next one.
        let from = before.map_or(usize::from(column), |(column, _)| column + 1);
        let held = before.map_or(*fall, |(_, held)| held);
        let between = from..usize::from(column);
        for (at, value) in between
            .map(|at| (at, held))
            .chain([(usize::from(column), *fall)])
        {
            deep[at] = Some(deep[at].map_or(value, |deepest: f64| deepest.min(value)));
        }
        before = Some((usize::from(column), *fall));
    }
    for (column, fall) in deep.into_iter().enumerate() {
        let Some(fall) = fall.filter(|fall| *fall < 0.0) else {
            continue;
        };
        let filled = (fall / low * dots.height() as f64).ceil() as usize;
        for y in 0..filled.min(dots.height()) {
            dots.set(column, y, 0);
        }
    }
    dots
}

/// Returns the column of `place` among `columns`; `None` outside.
fn column_of(place: f64, (from, to): (f64, f64), columns: u16) -> Option<u16> {
    if !(place >= from && place <= to) || columns == 0 {
        return None;
    }
    let share = if to > from {
        (place - from) / (to - from)
    } else {
        0.0
    };
    Some(((share * f64::from(columns)) as u16).min(columns - 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::paint::tests::painted;

    const POINTS: [(f64, f64); 7] = [
        (0.0, 0.0),
        (1.0, 0.0),
        (2.0, -0.1),
        (3.0, -0.4),
        (4.0, f64::NAN),
        (5.0, 0.0),
        (6.0, -0.2),
    ];

    fn falls(points: &[(f64, f64)]) -> Falls<'_> {
        Falls {
            title: "Drawdown",
            points,
            worst: Some(Fall {
                depth: -0.4,
                start: 1.0,
                trough: 3.0,
                recovery: Some(5.0),
            }),
            place: |x| format!("{x}"),
        }
    }

    #[test]
    fn blocks_hang_from_zero_and_the_fall_is_marked_below_them() {
        let seen = painted((60, 7), |paint, area| draw(paint, area, &falls(&POINTS)));
        let lines: Vec<&str> = seen.lines().collect();
        assert!(
            lines[0].contains("-40.0%  [ start 1  v trough 3  ] recovery 5"),
            "{seen}"
        );
        assert!(
            lines[1].starts_with("   0.0%") && lines[4].starts_with(" -40.0%"),
            "{seen}"
        );
        let filled = |line: &str| line.chars().filter(|c| *c > '\u{2800}').count();
        assert!(
            filled(lines[1]) > filled(lines[3]) && filled(lines[4]) > 0,
            "{seen}"
        );
        assert!(
            lines[6].starts_with("        0 ") && lines[6].ends_with(" 6"),
            "{seen}"
        );
        let marks: Vec<usize> = ['[', 'v', ']'].map(|c| lines[5].find(c).unwrap()).to_vec();
        assert!(marks.is_sorted(), "{seen}");
    }

    #[test]
    fn any_size_and_any_values_are_drawn() {
        let odd = [(0.0, -1e300), (0.0, f64::NEG_INFINITY), (1.0, 0.5)];
        for points in [&POINTS[..], &odd, &[]] {
            for size in [(1, 1), (3, 2), (30, 3), (200, 60)] {
                painted(size, |paint, area| draw(paint, area, &falls(points)));
            }
        }
    }
}
