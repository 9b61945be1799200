//! The points of one curve, kept so that any zoom of it is drawn in the time of one screen.
//!
//! Columns in chunks under a pyramid of first, last, lowest and highest; appended to as metrics
//! arrive. A clone shares everything but the last chunk, so that a thread that reads files can hand
//! a curve to the one that draws. A value that is not finite is a gap; steps that fall and clocks
//! that are set back never make an axis run backwards. Start at [`Series::push`].

use crate::pyramid::{Pyramid, Summary};
use domain::{Nanos, time::SECOND};
use std::{ops::Range, sync::Arc};

/// Points of a whole chunk.
const CHUNK: usize = 4_096;

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

/// One curve.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    chunks: Vec<Arc<Chunk>>,
    /// First step and first second of each chunk.
    starts: Arc<Vec<[f64; 2]>>,
    /// Over the chunks that are whole.
    whole: Arc<Vec<Summary>>,
    upper: Arc<Pyramid>,
    len: usize,
    epoch: u64,
    clock: Option<Nanos>,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Chunk {
    steps: Column,
    seconds: Column,
    values: Vec<f64>,
    pyramid: Pyramid,
}

/// Numbers that never fall; evenly spaced ones take no room.
#[derive(Clone, Debug, PartialEq)]
enum Column {
    Even { first: f64, by: f64, len: usize },
    Listed(Vec<f64>),
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
        let (step, seconds) = (no_lower(step, last_step), no_lower(seconds, last_second));
        if self.len.is_multiple_of(CHUNK) {
            self.chunks.push(Arc::default());
            Arc::make_mut(&mut self.starts).push([step, seconds]);
        }
        if let Some(chunk) = self.chunks.last_mut() {
            let chunk = Arc::make_mut(chunk);
            chunk.push(step, seconds, value);
            self.len += 1;
            if chunk.values.len() == CHUNK {
                let whole = Arc::make_mut(&mut self.whole);
                whole.push(chunk.fold(0..CHUNK));
                Arc::make_mut(&mut self.upper).grow(whole.len(), |index| whole[index]);
            }
        }
    }

    /// Forgets the points from the environment step `floor` on.
    pub fn keep_below(&mut self, floor: f64) {
        let kept = self.position(Axis::EnvSteps, floor);
        if kept < self.len {
            self.truncate(kept);
        }
    }

    /// Forgets every point.
    pub fn clear(&mut self) {
        self.truncate(0);
    }

    fn truncate(&mut self, kept: usize) {
        let whole = kept / CHUNK;
        let rest = self.chunks.get(whole).cloned();
        self.chunks.truncate(whole);
        Arc::make_mut(&mut self.starts).truncate(whole);
        Arc::make_mut(&mut self.whole).truncate(whole);
        Arc::make_mut(&mut self.upper).shrink(whole);
        self.len = whole * CHUNK;
        self.epoch += 1;
        self.clock = None;
        let Some(rest) = rest else { return };
        for index in 0..kept % CHUNK {
            let (step, second) = (rest.steps.get(index), rest.seconds.get(index));
            self.push_at(step, second, rest.values[index]);
        }
    }

    /// Returns how many points there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Returns whether there is no point.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Returns a number that grows whenever points are forgotten; while it stands still points are
    /// only added.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    fn ends(&self) -> Option<[f64; 2]> {
        let last = self.chunks.last()?;
        let at = last.values.len().checked_sub(1)?;
        Some([last.steps.get(at), last.seconds.get(at)])
    }

    /// Returns where the point `index` lies on `axis`; NaN beyond the last.
    #[must_use]
    pub fn x(&self, axis: Axis, index: usize) -> f64 {
        let Some(chunk) = self.chunks.get(index / CHUNK) else {
            return f64::NAN;
        };
        match axis {
            Axis::EnvSteps => chunk.steps.get(index % CHUNK),
            Axis::Time => chunk.seconds.get(index % CHUNK),
            Axis::Updates => (index + 1) as f64,
        }
    }

    /// Returns the value of the point `index`; NaN beyond the last.
    #[must_use]
    pub fn value(&self, index: usize) -> f64 {
        let chunk = self.chunks.get(index / CHUNK);
        let value = chunk.and_then(|chunk| chunk.values.get(index % CHUNK));
        value.copied().unwrap_or(f64::NAN)
    }

    /// Iterates over `(x, y)`.
    pub fn points(&self, axis: Axis) -> impl Iterator<Item = (f64, f64)> {
        (0..self.len).map(move |index| (self.x(axis, index), self.value(index)))
    }

    /// Returns how many points lie below `x` on `axis`.
    #[must_use]
    pub fn position(&self, axis: Axis, x: f64) -> usize {
        self.points_before(axis, |point| point < x)
    }

    /// Returns how many points at the beginning fit `before`.
    fn points_before(&self, axis: Axis, before: impl Fn(f64) -> bool) -> usize {
        let which = match axis {
            Axis::EnvSteps => 0,
            Axis::Time => 1,
            Axis::Updates => {
                let (mut from, mut to) = (0, self.len);
                while from < to {
                    let middle = from.midpoint(to);
                    match before((middle + 1) as f64) {
                        true => from = middle + 1,
                        false => to = middle,
                    }
                }
                return from;
            }
        };
        let chunk = self.starts.partition_point(|start| before(start[which]));
        let Some(index) = chunk.checked_sub(1) else {
            return 0;
        };
        let chunk = &self.chunks[index];
        let column = if which == 0 {
            &chunk.steps
        } else {
            &chunk.seconds
        };
        index * CHUNK + column.partition_point(before)
    }

    /// Returns the summary of the points in `range`; what lies beyond the last is left out.
    #[must_use]
    pub fn summary(&self, range: Range<usize>) -> Summary {
        let (from, to) = (range.start, range.end.min(self.len));
        if from >= to {
            return Summary::EMPTY;
        }
        let (first, last) = (from / CHUNK, (to - 1) / CHUNK);
        let of = |chunk: usize, from: usize, to: usize| self.chunks[chunk].fold(from..to);
        if first == last {
            return of(first, from % CHUNK, to - first * CHUNK);
        }
        let between = self.upper.fold(first + 1..last, |index| self.whole[index]);
        of(first, from % CHUNK, CHUNK)
            .then(between)
            .then(of(last, 0, to - last * CHUNK))
    }

    /// Returns the summary of the points within `[from, to]` on `axis`.
    #[must_use]
    pub fn within(&self, axis: Axis, (from, to): (f64, f64)) -> Summary {
        let end = self.points_before(axis, |point| point <= to);
        self.summary(self.position(axis, from)..end)
    }

    /// Returns the last value that is a number.
    #[must_use]
    pub fn last(&self) -> Option<f64> {
        let mut values = self.chunks.iter().rev().flat_map(|chunk| {
            let known = chunk.fold(0..chunk.values.len()).range().is_some();
            let infinite = || chunk.values.iter().any(|value| value.is_infinite());
            let some = known || infinite();
            some.then_some(chunk.values.iter().rev())
                .into_iter()
                .flatten()
        });
        values.find(|value| !value.is_nan()).copied()
    }

    /// Returns the value of the last point at or before `x`; `None` before the first.
    #[must_use]
    pub fn value_at(&self, axis: Axis, x: f64) -> Option<f64> {
        let index = self
            .points_before(axis, |point| point <= x)
            .checked_sub(1)?;
        Some(self.value(index))
    }

    /// Divides `[from, to]` of `axis` into `count` columns and returns what each holds; the last
    /// one holds its right end too. Every lowest and highest value is exact.
    #[must_use]
    pub fn visible(&self, axis: Axis, (from, to): (f64, f64), count: usize) -> Visible {
        let first = self.position(axis, from);
        let end = self.points_before(axis, |point| point <= to);
        let mut start = first;
        let columns = (1..=count).map(|column| {
            let stop = match column == count {
                true => end,
                false => self
                    .position(axis, edge((from, to), column, count))
                    .clamp(start, end),
            };
            let summary = self.summary(start..stop);
            start = stop;
            summary
        });
        Visible {
            columns: columns.collect(),
            enters: first
                .checked_sub(1)
                .and_then(|before| self.crossing(axis, before, from)),
            leaves: end
                .checked_sub(1)
                .and_then(|last| self.crossing(axis, last, to)),
        }
    }

    /// Returns where the line from the point `index` to the next is at `x`; `None` at a gap.
    fn crossing(&self, axis: Axis, index: usize, x: f64) -> Option<f64> {
        if index + 1 >= self.len {
            return None;
        }
        let (left, right) = (self.x(axis, index), self.x(axis, index + 1));
        let (low, high) = (self.value(index), self.value(index + 1));
        let share = (x - left) / (right - left);
        let value = low * (1.0 - share) + high * share;
        value.is_finite().then_some(value)
    }

    /// Returns at most about four points for each of `count` stretches: the first, lowest, highest
    /// and last of each, at the x of the stretch's ends.
    #[must_use]
    pub fn thinned(&self, axis: Axis, count: usize) -> Vec<(f64, f64)> {
        if self.len <= count * 4 || count == 0 {
            return self.points(axis).collect();
        }
        let size = self.len.div_ceil(count);
        let stretches = (0..self.len).step_by(size).flat_map(|from| {
            let to = (from + size).min(self.len);
            let found = self.summary(from..to);
            let (left, right) = (self.x(axis, from), self.x(axis, to - 1));
            let middle = found
                .range()
                .map(|(low, high)| [(left, low), (right, high)]);
            std::iter::once((left, found.first))
                .chain(middle.into_iter().flatten())
                .chain([(right, found.last)])
        });
        stretches.collect()
    }
}

/// Returns the left edge of `column` of `count`.
fn edge((from, to): (f64, f64), column: usize, count: usize) -> f64 {
    from + (to - from) * (column as f64 / count as f64)
}

impl Chunk {
    fn push(&mut self, step: f64, seconds: f64, value: f64) {
        self.steps.push(step);
        self.seconds.push(seconds);
        self.values.push(value);
        let values = &self.values;
        self.pyramid
            .grow(values.len(), |index| Summary::of(values[index]));
    }

    fn fold(&self, range: Range<usize>) -> Summary {
        self.pyramid
            .fold(range, |index| Summary::of(self.values[index]))
    }
}

impl Default for Column {
    fn default() -> Self {
        Self::Even {
            first: 0.0,
            by: 0.0,
            len: 0,
        }
    }
}

impl Column {
    fn push(&mut self, value: f64) {
        match self {
            Self::Listed(values) => values.push(value),
            Self::Even { first, by, len } => {
                match *len {
                    0 => *first = value,
                    1 => *by = value - *first,
                    _ => {}
                }
                // Only what comes out bit for bit may be computed instead of kept.
                if (*first + *by * *len as f64).to_bits() == value.to_bits() {
                    *len += 1;
                } else {
                    let mut values: Vec<f64> = (0..*len).map(|index| self.get(index)).collect();
                    values.push(value);
                    *self = Self::Listed(values);
                }
            }
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Even { len, .. } => *len,
            Self::Listed(values) => values.len(),
        }
    }

    fn get(&self, index: usize) -> f64 {
        match self {
            Self::Even { first, by, len } if index < *len => first + by * index as f64,
            Self::Even { .. } => f64::NAN,
            Self::Listed(values) => values.get(index).copied().unwrap_or(f64::NAN),
        }
    }

    fn partition_point(&self, before: impl Fn(f64) -> bool) -> usize {
        let (mut from, mut to) = (0, self.len());
        while from < to {
            let middle = from.midpoint(to);
            match before(self.get(middle)) {
                true => from = middle + 1,
                false => to = middle,
            }
        }
        from
    }
}

#[cfg(test)]
#[path = "tests/series.rs"]
mod tests;
