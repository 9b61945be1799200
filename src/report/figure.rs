//! What a picture shows, apart from how it is drawn: one figure feeds SVG and the terminal.

use crate::axis::Unit;

/// How a series is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// A line; NaN is a gap.
    Line,
    /// A thin line behind the others, for comparison.
    Faint,
    /// Filled between the line and zero.
    Area,
    /// Bars from zero.
    Bars,
    /// A line that keeps its value until the next point.
    Step,
    /// Triangles pointing up: entries.
    Up,
    /// Triangles pointing down: exits.
    Down,
}

/// One series of points.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Name in the legend; empty for none.
    pub name: String,
    /// How it is drawn.
    pub style: Style,
    /// Points `(x, y)` with x rising; y may be NaN.
    pub points: Vec<(f64, f64)>,
}

/// A place on x where something happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// Where.
    pub x: f64,
    /// What kind of thing, as data files know it, e.g. `changed`.
    pub what: &'static str,
    /// The sign that stands for it where there is no room for words.
    pub sign: char,
    /// What happened, in the reader's language.
    pub label: String,
}

/// One panel with common axes.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// What it shows, in the reader's language.
    pub title: String,
    /// Unit of x.
    pub x: Unit,
    /// Unit of y.
    pub y: Unit,
    /// Whether zero is always within the y range, with a line.
    pub zero: bool,
    /// Series, later ones on top.
    pub series: Vec<Series>,
    /// What happened along x, x rising.
    pub marks: Vec<Mark>,
}

impl Figure {
    /// Starts an empty figure.
    #[must_use]
    pub fn new(title: impl Into<String>, x: Unit, y: Unit) -> Self {
        Self {
            title: title.into(),
            x,
            y,
            zero: false,
            series: Vec::new(),
            marks: Vec::new(),
        }
    }

    /// Keeps zero in view.
    #[must_use]
    pub fn with_zero(mut self) -> Self {
        self.zero = true;
        self
    }

    /// Adds a series.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, style: Style, points: Vec<(f64, f64)>) -> Self {
        self.series.push(Series {
            name: name.into(),
            style,
            points,
        });
        self
    }

    /// Marks what happened.
    #[must_use]
    pub fn with_marks(mut self, marks: Vec<Mark>) -> Self {
        self.marks = marks;
        self
    }

    /// Returns the marks within the range of x.
    pub fn marks_within(&self, (from, to): (f64, f64)) -> impl Iterator<Item = &Mark> {
        let inside = move |mark: &&Mark| (from..=to).contains(&mark.x);
        self.marks.iter().filter(inside)
    }

    /// Returns the range of x over all points; `None` when there is none.
    #[must_use]
    pub fn x_range(&self) -> Option<(f64, f64)> {
        range(
            self.series
                .iter()
                .flat_map(|series| series.points.iter().map(|point| point.0)),
        )
    }

    /// Returns the range of the finite y values, with zero where it is kept in view.
    #[must_use]
    pub fn y_range(&self) -> Option<(f64, f64)> {
        let (low, high) = range(
            self.series
                .iter()
                .flat_map(|series| series.points.iter().map(|point| point.1)),
        )?;
        Some(if self.zero {
            (low.min(0.0), high.max(0.0))
        } else {
            (low, high)
        })
    }
}

fn range(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values
        .filter(|value| value.is_finite())
        .fold(None, |range, value| match range {
            None => Some((value, value)),
            Some((low, high)) => Some((f64::min(low, value), f64::max(high, value))),
        })
}

/// Thins `points` to about `buckets` columns, keeping the first, lowest, highest and last of each,
/// so that no extreme is lost.
#[must_use]
pub fn thin(points: &[(f64, f64)], buckets: usize) -> Vec<(f64, f64)> {
    if points.len() <= buckets * 4 || buckets == 0 {
        return points.to_vec();
    }
    let size = points.len().div_ceil(buckets);
    let mut kept = Vec::with_capacity(buckets * 4);
    for bucket in points.chunks(size) {
        let by = |better: fn(f64, f64) -> bool| {
            let mut best = 0;
            for (index, point) in bucket.iter().enumerate() {
                if better(point.1, bucket[best].1) || bucket[best].1.is_nan() {
                    best = index;
                }
            }
            best
        };
        let mut picks = [0, by(|a, b| a < b), by(|a, b| a > b), bucket.len() - 1];
        picks.sort_unstable();
        let mut last = usize::MAX;
        for pick in picks {
            if pick != last {
                kept.push(bucket[pick]);
                last = pick;
            }
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thinning_keeps_every_extreme() {
        let points: Vec<(f64, f64)> = (0..10_000)
            .map(|i| {
                (
                    f64::from(i),
                    if i == 4_321 { 99.0 } else { f64::from(i % 7) },
                )
            })
            .collect();
        let thinned = thin(&points, 100);
        assert!(thinned.len() <= 400);
        assert!(thinned.contains(&(4_321.0, 99.0)));
        assert_eq!(thinned.first(), points.first());
        assert_eq!(thinned.last(), points.last());
    }

    #[test]
    fn ranges_ignore_gaps() {
        let figure = Figure::new("t", Unit::Number, Unit::Number).with(
            "a",
            Style::Line,
            vec![(0.0, f64::NAN), (1.0, 2.0), (2.0, 5.0)],
        );
        assert_eq!(figure.y_range(), Some((2.0, 5.0)));
        assert_eq!(figure.with_zero().y_range(), Some((0.0, 5.0)));
        assert_eq!(Figure::new("t", Unit::Number, Unit::Number).x_range(), None);
    }
}
