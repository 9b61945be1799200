//! The points of one curve, kept so that any zoom of it is drawn in the time of one screen.
//!
//! Columns in chunks under a pyramid of first, last, lowest and highest; appended to as metrics
//! arrive. A clone shares everything but the last chunk, so that a thread that reads files can hand
//! a curve to the one that draws. A value that is not finite is a gap; steps that fall and clocks
//! that are set back never make an axis run backwards. Start at [`Series::push`].

use crate::{
    chunk::{CHUNK, Chunk, Spot, Whole},
    column::Bound,
    pyramid::Span,
    seen::{Columns, Seen},
};
use domain::{Nanos, time::SECOND};
use std::{hint::black_box, ops::Range, sync::Arc};

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
    const fn column(self) -> Option<usize> {
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

/// One curve.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    whole: Arc<Whole>,
    tail: Arc<Chunk>,
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

impl Series {
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
        let before = self.ends().map_or(0.0, |ends| ends[1]);
        self.clock = Some(at);
        self.push_at(step, before + passed.max(0) as f64 / SECOND as f64, value);
    }

    /// Appends a point at `step` and `seconds`.
    pub fn push_at(&mut self, step: f64, seconds: f64, value: f64) {
        let [last_step, last_second] = self.ends().unwrap_or([step, seconds]);
        let no_lower = |x: f64, last: f64| if x >= last { x } else { last };
        self.seen.change();
        let tail = Arc::make_mut(&mut self.tail);
        tail.push(
            no_lower(step, last_step),
            no_lower(seconds, last_second),
            value,
        );
        if tail.values.len() == CHUNK {
            tail.close();
            let chunk = std::mem::take(&mut self.tail);
            Arc::make_mut(&mut self.whole).push(chunk);
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
        let whole = kept / CHUNK;
        let rest = Arc::clone(self.chunk(whole));
        Arc::make_mut(&mut self.whole).truncate(whole);
        self.tail = Arc::default();
        self.seen.change();
        self.epoch += 1;
        self.clock = None;
        for index in 0..kept % CHUNK {
            let (step, second) = (rest.steps.get(index), rest.seconds.get(index));
            self.push_at(step, second, rest.values[index]);
        }
    }

    /// Returns how many points there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.whole.chunks.len() * CHUNK + self.tail.values.len()
    }

    /// Returns whether there is no point.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns a number that grows whenever points are forgotten; while it stands still points are
    /// only added.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    fn chunk(&self, index: usize) -> &Arc<Chunk> {
        self.whole.chunks.get(index).unwrap_or(&self.tail)
    }

    fn ends(&self) -> Option<[f64; 2]> {
        let last = self.len().checked_sub(1)?;
        Some([self.x(Axis::EnvSteps, last), self.x(Axis::Time, last)])
    }

    /// Returns where the point `index` lies on `axis`; NaN beyond the last.
    #[must_use]
    pub fn x(&self, axis: Axis, index: usize) -> f64 {
        if index >= self.len() {
            return f64::NAN;
        }
        let chunk = self.chunk(index / CHUNK);
        match axis {
            Axis::EnvSteps => chunk.steps.get(index % CHUNK),
            Axis::Time => chunk.seconds.get(index % CHUNK),
            Axis::Updates => (index + 1) as f64,
        }
    }

    /// Returns the value of the point `index`; NaN beyond the last.
    #[must_use]
    pub fn value(&self, index: usize) -> f64 {
        if index >= self.len() {
            return f64::NAN;
        }
        self.chunk(index / CHUNK).values[index % CHUNK]
    }

    /// Iterates over `(x, y)`.
    pub fn points(&self, axis: Axis) -> impl Iterator<Item = (f64, f64)> {
        (0..self.len()).map(move |index| (self.x(axis, index), self.value(index)))
    }

    /// Returns how many points lie below `x` on `axis`.
    #[must_use]
    pub fn position(&self, axis: Axis, x: f64) -> usize {
        self.points_before(axis, Bound::Below(x))
    }

    /// Returns how many points lie before `bound`.
    fn points_before(&self, axis: Axis, bound: Bound) -> usize {
        let Some(which) = axis.column() else {
            // Points stand at 1, 2, 3 and so on.
            let whole = match bound {
                Bound::Below(x) => x.ceil() - 1.0,
                Bound::UpTo(x) => x.floor(),
            };
            return (whole.max(0.0) as usize).min(self.len());
        };
        let starts = &self.whole.starts;
        let index = starts.partition_point(|start| bound.holds(start[which]));
        let tail = self.tail.column(which);
        if index == starts.len() && !tail.is_empty() && bound.holds(tail.get(0)) {
            let ends = (tail.get(0), tail.get(tail.len() - 1));
            return index * CHUNK + tail.partition_point(bound, ends);
        }
        let Some(index) = index.checked_sub(1) else {
            return 0;
        };
        let column = self.chunk(index).column(which);
        // Where the next chunk starts is at hand; the last number would have to be fetched.
        let end = starts.get(index + 1).map(|start| start[which]);
        let end = end.unwrap_or_else(|| column.get(CHUNK - 1));
        index * CHUNK + column.partition_point(bound, (starts[index][which], end))
    }

    /// Returns the summary of the points in `range`; what lies beyond the last is left out.
    #[must_use]
    pub fn summary(&self, range: Range<usize>) -> Summary {
        let (from, to) = (range.start, range.end.min(self.len()));
        if from >= to {
            return Summary::EMPTY;
        }
        Summary {
            first: self.value(from),
            last: self.value(to - 1),
            span: self.span(from..to),
            count: to - from,
        }
    }

    /// Returns the span of the points in `range`, which is not empty and lies inside.
    fn span(&self, range: Range<usize>) -> Span {
        let (first, last) = (range.start / CHUNK, (range.end - 1) / CHUNK);
        let (from, to) = (range.start % CHUNK, range.end - last * CHUNK);
        if first == last {
            return self.chunk(first).span(from..to);
        }
        let whole = &self.whole;
        let between = whole
            .upper
            .fold(first + 1..last, |index| whole.spans[index]);
        let ends = self.chunk(first).span(from..CHUNK);
        ends.with(between).with(self.chunk(last).span(0..to))
    }

    /// Returns the summary of the points within `[from, to]` on `axis`.
    #[must_use]
    pub fn within(&self, axis: Axis, (from, to): (f64, f64)) -> Summary {
        let end = self.points_before(axis, Bound::UpTo(to));
        self.summary(self.position(axis, from)..end)
    }

    /// Returns the last value that is a number.
    #[must_use]
    pub fn last(&self) -> Option<f64> {
        let whole = self.whole.chunks.iter().zip(&self.whole.spans).rev();
        let finite = whole.filter(|(_, span)| span.range().is_some());
        let chunks = std::iter::once(&self.tail).chain(finite.map(|(chunk, _)| chunk));
        let mut values = chunks.flat_map(|chunk| chunk.values.iter().rev());
        values.find(|value| !value.is_nan()).copied()
    }

    /// Returns the value of the last point at or before `x`; `None` before the first.
    #[must_use]
    pub fn value_at(&self, axis: Axis, x: f64) -> Option<f64> {
        let index = self.points_before(axis, Bound::UpTo(x)).checked_sub(1)?;
        Some(self.value(index))
    }

    /// Returns where on `axis` the last point at or before the environment step `step` lies, else
    /// the first point; `None` while there is none.
    #[must_use]
    pub fn x_at(&self, axis: Axis, step: f64) -> Option<f64> {
        let before = self.points_before(Axis::EnvSteps, Bound::UpTo(step));
        (!self.is_empty()).then(|| self.x(axis, before.saturating_sub(1)))
    }

    /// Divides `[from, to]` of `axis` into `count` columns and returns what each holds; the last
    /// one holds its right end too. Every lowest and highest value is exact.
    #[must_use]
    pub fn visible(&self, axis: Axis, (from, to): (f64, f64), count: usize) -> Visible {
        let first = self.position(axis, from);
        // A window that ends before it begins shows nothing.
        let end = self.points_before(axis, Bound::UpTo(to)).max(first);
        let window = (axis, [from.to_bits(), to.to_bits()], count, self.epoch);
        let (mut stops, mut columns) = self.seen.settled(window, self.len());
        let mut start = stops.last().copied().unwrap_or(first);
        let right = |column: usize| edge((from, to), column, count);
        let edges: Vec<f64> = (columns.len() + 1..count).map(right).collect();
        // The right end belongs to the last column.
        let last = (columns.len() < count).then_some(end);
        for stop in self.positions(axis, &edges).into_iter().chain(last) {
            let stop = stop.clamp(start, end);
            columns.push(self.summary(start..stop));
            stops.push(stop);
            start = stop;
        }
        self.seen.keep(Columns {
            window,
            len: self.len(),
            stops,
            summaries: columns.clone(),
        });
        let crossing = |index: usize, x: f64| self.crossing(axis, index, x);
        Visible {
            columns,
            enters: first
                .checked_sub(1)
                .and_then(|before| crossing(before, from)),
            leaves: end.checked_sub(1).and_then(|last| crossing(last, to)),
        }
    }

    /// Returns how many points lie below each of `places`, which never fall.
    ///
    /// Most of what a first picture of a long curve costs is waiting for memory that is far away:
    /// asked for all at once it comes side by side, place by place it comes one after the other.
    fn positions(&self, axis: Axis, places: &[f64]) -> Vec<usize> {
        let which = axis.column();
        let whole = &self.whole;
        let mut before = 0;
        let about: Vec<Option<Spot>> = places
            .iter()
            .map(|place| match which {
                Some(which) => whole.spot(which, *place, &mut before),
                None => Spot::of(*place as usize),
            })
            .collect();
        let reached = || {
            let spots = about.iter().flatten();
            spots.filter_map(|spot| Some((whole.chunks.get(spot.chunk)?, spot.index)))
        };
        // First where the numbers are, then the numbers.
        let sizes = reached().map(|(chunk, _)| chunk.values.len());
        black_box(sizes.fold(0, usize::wrapping_add));
        let around = reached().map(|(chunk, index)| chunk.around(which, index));
        black_box(around.fold(0, |all, bits| all ^ bits));
        let exact = |(place, spot): (&f64, &Option<Spot>)| match (which, spot) {
            (Some(which), Some(spot)) => whole.position(which, *place, *spot),
            _ => self.position(axis, *place),
        };
        places.iter().zip(&about).map(exact).collect()
    }

    /// Returns where the line from the point `index` to the next is at `x`; `None` at a gap.
    fn crossing(&self, axis: Axis, index: usize, x: f64) -> Option<f64> {
        if index + 1 >= self.len() {
            return None;
        }
        let (left, right) = (self.x(axis, index), self.x(axis, index + 1));
        let (low, high) = (self.value(index), self.value(index + 1));
        let share = (x - left) / (right - left);
        let value = low * (1.0 - share) + high * share;
        value.is_finite().then_some(value)
    }
}

/// Returns the left edge of `column` of `count`.
fn edge((from, to): (f64, f64), column: usize, count: usize) -> f64 {
    from + (to - from) * (column as f64 / count as f64)
}

#[cfg(test)]
#[path = "tests/series.rs"]
mod tests;
