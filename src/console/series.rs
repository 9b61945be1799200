//! The points of one curve, kept so that any zoom of it is drawn in the time of one screen.
//!
//! Columns in chunks under a pyramid of lowest and highest; appended to as metrics arrive. On a
//! [`Scratch`] the points of whole chunks lie in a temporary file, so that a long training takes
//! next to no memory. A clone shares everything, so that a thread that reads files can hand a curve
//! to the one that draws. A value that is not finite is a gap; steps that fall and clocks that are
//! set back never make an axis run backwards. Start at [`Series::push`].

use crate::{
    chunk::{CHUNK, Whole},
    column::Bound,
    pyramid::Span,
    reading::Reader,
    scratch::Scratch,
    seen::{Columns, Seen},
    tail::Tail,
};
use domain::{Nanos, time::SECOND};
use std::{ops::Range, sync::Arc};

/// What lies along the x axis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Axis {
    /// Environment steps.
    #[default]
    EnvSteps,
    /// Seconds that have passed since the first point.
    Time,
    /// Records, counted from one.
    Updates,
}

impl Axis {
    /// Every axis, in the order in which a key goes through them.
    pub const ALL: [Self; 3] = [Self::EnvSteps, Self::Time, Self::Updates];

    /// Returns which column of a chunk holds it; `None` where the place itself tells.
    pub(crate) const fn column(self) -> Option<usize> {
        match self {
            Self::EnvSteps => Some(0),
            Self::Time => Some(1),
            Self::Updates => None,
        }
    }

    /// Returns the word that files know it by: the name of a column of data.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::EnvSteps => "env_steps",
            Self::Time => "seconds",
            Self::Updates => "update",
        }
    }
}

/// What is known of a stretch of points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary {
    /// The first value, a gap (NaN or infinite) included.
    pub first: f64,
    /// The last value, a gap included.
    pub last: f64,
    /// Lowest and highest value.
    pub span: Span,
    /// How many points there are, gaps included.
    pub count: usize,
}

impl Summary {
    /// The summary of nothing.
    pub const EMPTY: Self = Self {
        first: f64::NAN,
        last: f64::NAN,
        span: Span::EMPTY,
        count: 0,
    };
}

/// Points a column of a chart at most for which chunks are read as a whole: then most of their blocks
/// are needed.
const DENSE: usize = 16;

/// One curve; in memory unless it is on a scratch.
#[derive(Clone, Debug, Default)]
pub struct Series {
    whole: Arc<Whole>,
    tail: Tail,
    /// Step and second of the last point.
    last: [f64; 2],
    epoch: u64,
    clock: Option<Nanos>,
    seen: Seen,
}

/// What a chart of some columns shows of a curve.
#[derive(Clone, Debug, PartialEq)]
pub struct Visible {
    /// What each column holds, from the left.
    pub columns: Vec<Summary>,
    /// Where the line from the last point before comes in; `None` where none does.
    pub enters: Option<f64>,
    /// Where the line to the next point goes out.
    pub leaves: Option<f64>,
}

/// One point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Environment steps.
    pub step: f64,
    /// Seconds since the curve's first point.
    pub seconds: f64,
    /// The value, gaps included.
    pub value: f64,
}

/// Bit by bit: a gap equals a gap.
impl PartialEq for Series {
    fn eq(&self, other: &Self) -> bool {
        let bits = |point: Point| [point.step, point.seconds, point.value].map(f64::to_bits);
        // What lies in the same whole chunks need not be read.
        let from = match Arc::ptr_eq(&self.whole, &other.whole) {
            true => self.whole.chunks.len() * CHUNK,
            false => 0,
        };
        let (own, others) = (self.all_from(from), other.all_from(from));
        self.len() == other.len() && own.map(bits).eq(others.map(bits))
    }
}

impl Series {
    /// Starts an empty curve whose points are to lie in `scratch`.
    #[must_use]
    pub fn on(scratch: &Arc<Scratch>) -> Self {
        Self::with(Some(scratch))
    }

    /// Starts an empty curve whose points are to lie where this one's do.
    #[must_use]
    pub fn beside(&self) -> Self {
        Self::with(self.whole.scratch())
    }

    fn with(scratch: Option<&Arc<Scratch>>) -> Self {
        Self {
            whole: Arc::new(Whole::on(scratch)),
            ..Self::default()
        }
    }

    /// Makes a curve of `(x, y)`, x being its steps.
    #[must_use]
    pub fn of(points: &[(f64, f64)]) -> Self {
        let mut series = Self::default();
        for (x, y) in points {
            series.push_at(*x, 0.0, *y);
        }
        series
    }

    /// Appends a point. A step below the one before counts as that one; a clock that was set back
    /// stands still for one point.
    pub fn push(&mut self, step: f64, at: Nanos, value: f64) {
        let passed = self.clock.map_or(0, |before| at.0.saturating_sub(before.0));
        let before = if self.is_empty() { 0.0 } else { self.last[1] };
        self.clock = Some(at);
        self.push_at(step, before + passed.max(0) as f64 / SECOND as f64, value);
    }

    /// Appends a point at `step` and `seconds`.
    pub fn push_at(&mut self, step: f64, seconds: f64, value: f64) {
        if self.is_empty() {
            self.last = [step, seconds];
        }
        let no_lower = |x: f64, last: f64| if x >= last { x } else { last };
        self.last = [
            no_lower(step, self.last[0]),
            no_lower(seconds, self.last[1]),
        ];
        self.seen.change();
        self.tail.push(self.last[0], self.last[1], value);
        if self.tail.len() == CHUNK {
            let tail = std::mem::take(&mut self.tail);
            Arc::make_mut(&mut self.whole).push(tail.chunk());
        }
    }

    /// Forgets the points from the environment step `floor` on.
    pub fn keep_below(&mut self, floor: f64) {
        let kept = self.position(Axis::EnvSteps, floor);
        if kept < self.len() {
            self.truncate(kept);
        }
    }

    /// Forgets every point.
    pub fn clear(&mut self) {
        self.truncate(0);
    }

    fn truncate(&mut self, kept: usize) {
        let rest = self.all_from(kept / CHUNK * CHUNK).take(kept % CHUNK);
        let rest: Vec<Point> = rest.collect();
        self.last = match kept.checked_sub(1) {
            Some(last) => [Axis::EnvSteps, Axis::Time].map(|axis| self.x(axis, last)),
            None => [0.0; 2],
        };
        Arc::make_mut(&mut self.whole).truncate(kept / CHUNK);
        self.tail = Tail::default();
        self.seen.change();
        self.epoch += 1;
        self.clock = None;
        for point in rest {
            self.tail.push(point.step, point.seconds, point.value);
        }
    }

    /// Returns how many points there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.whole.chunks.len() * CHUNK + self.tail.len()
    }

    /// Returns whether there is no point.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns how many bytes of memory it takes, shared or not; those of a file are not counted.
    #[must_use]
    pub fn memory(&self) -> usize {
        self.whole.memory() + self.tail.memory()
    }

    /// Returns a number that grows whenever points are forgotten; while it stands still points are
    /// only added.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    fn reader(&self) -> Reader<'_> {
        Reader::new(&self.whole, &self.tail)
    }

    /// Returns where the point `index` lies on `axis`; NaN beyond the last.
    #[must_use]
    pub fn x(&self, axis: Axis, index: usize) -> f64 {
        self.reader().x(axis, index)
    }

    /// Returns the value of the point `index`; NaN beyond the last. For many in a row there is
    /// [`all_from`](Self::all_from).
    #[must_use]
    pub fn value(&self, index: usize) -> f64 {
        self.reader().value(index)
    }

    /// Iterates over the points from `index` on, a chunk a read.
    pub fn all_from(&self, index: usize) -> impl Iterator<Item = Point> {
        let whole = self.whole.chunks.len();
        let chunks = (index / CHUNK..whole).filter_map(|number| self.whole.load(number));
        let mut skipped = index % CHUNK;
        let points = chunks.flat_map(move |chunk| {
            let from = std::mem::take(&mut skipped);
            (from..CHUNK).map(move |inside| Point {
                step: chunk.steps.get(inside),
                seconds: chunk.seconds.get(inside),
                value: chunk.values[inside],
            })
        });
        points.chain(self.tail.points_from(index.saturating_sub(whole * CHUNK)))
    }

    /// Iterates over `(x, y)`.
    pub fn points(&self, axis: Axis) -> impl Iterator<Item = (f64, f64)> {
        let numbered = (1_u64..).zip(self.all_from(0));
        numbered.map(move |(number, point)| {
            let x = match axis {
                Axis::EnvSteps => point.step,
                Axis::Time => point.seconds,
                Axis::Updates => number as f64,
            };
            (x, point.value)
        })
    }

    /// Returns how many points lie below `x` on `axis`.
    #[must_use]
    pub fn position(&self, axis: Axis, x: f64) -> usize {
        self.reader().points_before(axis, Bound::Below(x))
    }

    /// Returns the summary of the points in `range`; what lies beyond the last is left out.
    #[must_use]
    pub fn summary(&self, range: Range<usize>) -> Summary {
        self.reader().summary(range)
    }

    /// Returns the summary of the points within `[from, to]` on `axis`.
    #[must_use]
    pub fn within(&self, axis: Axis, (from, to): (f64, f64)) -> Summary {
        let mut reader = self.reader();
        let start = reader.points_before(axis, Bound::Below(from));
        let end = reader.points_before(axis, Bound::UpTo(to));
        reader.summary(start..end)
    }

    /// Returns the last value that is a number.
    #[must_use]
    pub fn last(&self) -> Option<f64> {
        let number = |value: &f64| !value.is_nan();
        let latest = self
            .tail
            .points_from(0)
            .rev()
            .map(|point| point.value)
            .find(number);
        latest.or_else(|| {
            let chunks = (0..self.whole.chunks.len()).rev();
            let mut finite = chunks.filter(|one| self.whole.span(*one..one + 1).range().is_some());
            finite.find_map(|index| {
                let chunk = self.whole.load(index)?;
                chunk.values.iter().rev().copied().find(number)
            })
        })
    }

    /// Returns the value of the last point at or before `x`; `None` before the first.
    #[must_use]
    pub fn value_at(&self, axis: Axis, x: f64) -> Option<f64> {
        let mut reader = self.reader();
        let index = reader.points_before(axis, Bound::UpTo(x)).checked_sub(1)?;
        Some(reader.value(index))
    }

    /// Returns where on `axis` the last point at or before the environment step `step` lies, else
    /// the first point; `None` while there is none.
    #[must_use]
    pub fn x_at(&self, axis: Axis, step: f64) -> Option<f64> {
        let mut reader = self.reader();
        let before = reader.points_before(Axis::EnvSteps, Bound::UpTo(step));
        (!self.is_empty()).then(|| reader.x(axis, before.saturating_sub(1)))
    }

    /// Divides `[from, to]` of `axis` into `count` columns and returns what each holds; the last
    /// one holds its right end too. Every lowest and highest value is exact.
    #[must_use]
    pub fn visible(&self, axis: Axis, window: (f64, f64), count: usize) -> Visible {
        self.glance(axis, window, count, usize::MAX).0
    }

    /// The same as [`visible`](Self::visible) where that takes no more than the edges of `most`
    /// columns to be looked for in a file, or little of it to be read, or no file is there; else what
    /// is told without looking: edges are those of the nearest parts, or of the nearest blocks where
    /// parts are wider than columns, and where steps are uneven off by what a chunk strays from even.
    /// Returns too whether it is exact.
    #[must_use]
    pub fn glance(
        &self,
        axis: Axis,
        (from, to): (f64, f64),
        count: usize,
        most: usize,
    ) -> (Visible, bool) {
        let mut reader = self.reader();
        let first = reader.points_before(axis, Bound::Below(from));
        // Of what lies left of the window only the line into it is seen, and likewise right of it.
        let enters = first.checked_sub(1);
        let enters = enters.and_then(|before| reader.crossing(axis, before, from));
        // A window that ends before it begins shows nothing.
        let end = reader.points_before(axis, Bound::UpTo(to)).max(first);
        let leaves = end.checked_sub(1);
        let leaves = leaves.and_then(|last| reader.crossing(axis, last, to));
        let window = (axis, [from.to_bits(), to.to_bits()], count, self.epoch);
        let (mut stops, mut columns) = self.seen.settled(window, self.len());
        let mut start = stops.last().copied().unwrap_or(first);
        let bound = |column: usize| {
            let right = edge((from, to), column, count);
            // The right end belongs to the last column.
            match column == count || right > to {
                true => Bound::UpTo(to),
                false => Bound::Below(right),
            }
        };
        let bounds: Vec<Bound> = (columns.len() + 1..=count).map(bound).collect();
        let mut reader = self.reader();
        if end.saturating_sub(start) <= bounds.len() * DENSE {
            reader.densely();
        } else if bounds.len() > most && self.whole.scratch().is_some() {
            let rough = reader.glance(axis, start..end, &bounds);
            // A part may lie in many columns, of which one has it.
            let last = rough.iter().rposition(|column| column.count > 0);
            if last.is_some_and(|last| last >= most) {
                columns.extend(rough);
                let shown = Visible {
                    columns,
                    enters,
                    leaves,
                };
                return (shown, false);
            }
            reader = self.reader();
        }
        for bound in bounds {
            let stop = reader.points_before(axis, bound).max(start);
            columns.push(reader.summary(start..stop));
            stops.push(stop);
            start = stop;
        }
        self.seen.keep(Columns {
            window,
            len: self.len(),
            stops,
            summaries: columns.clone(),
        });
        let shown = Visible {
            columns,
            enters,
            leaves,
        };
        (shown, true)
    }
}

/// Returns the left edge of `column` of `count`.
fn edge((from, to): (f64, f64), column: usize, count: usize) -> f64 {
    from + (to - from) * (column as f64 / count as f64)
}

#[cfg(test)]
#[path = "tests/series.rs"]
mod tests;
