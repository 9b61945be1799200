//! First, last, lowest and highest of any stretch of a long column, without walking all of it.
//!
//! Each level summarises sixteen neighbours of the level below; a stretch is put together from the
//! largest whole blocks inside it, so the answer is exact whatever the stretch. Start at
//! [`Pyramid::fold`].

use std::ops::Range;

/// Neighbours that one block of the next level stands for.
pub const FAN: usize = 16;

/// What is known of a stretch of values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary {
    /// The first value, a gap (NaN or infinite) included.
    pub first: f64,
    /// The last value, a gap included.
    pub last: f64,
    low: f64,
    high: f64,
    count: usize,
}

impl Summary {
    /// The summary of nothing.
    pub const EMPTY: Self = Self {
        first: f64::NAN,
        last: f64::NAN,
        low: f64::INFINITY,
        high: f64::NEG_INFINITY,
        count: 0,
    };

    /// Summarises one value; one that is not finite is a gap.
    #[must_use]
    pub fn of(value: f64) -> Self {
        let (low, high) = match value.is_finite() {
            true => (value, value),
            false => (f64::INFINITY, f64::NEG_INFINITY),
        };
        Self {
            first: value,
            last: value,
            low,
            high,
            count: 1,
        }
    }

    /// Returns the summary of this stretch and the one right behind it.
    #[must_use]
    pub fn then(self, next: Self) -> Self {
        match (self.count, next.count) {
            (0, _) => next,
            (_, 0) => self,
            _ => Self {
                first: self.first,
                last: next.last,
                low: self.low.min(next.low),
                high: self.high.max(next.high),
                count: self.count + next.count,
            },
        }
    }

    /// Returns the lowest and the highest finite value; `None` where there is none.
    #[must_use]
    pub fn range(&self) -> Option<(f64, f64)> {
        (self.low <= self.high).then_some((self.low, self.high))
    }

    /// Returns how many values it stands for, gaps included.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }
}

/// Summaries of whole blocks, level by level; the column itself stays with its owner.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pyramid {
    levels: Vec<Vec<Summary>>,
}

impl Pyramid {
    /// Takes in that the column has `len` values now; to be called after every value. `at` returns
    /// the summary of a value.
    pub fn grow(&mut self, len: usize, at: impl Fn(usize) -> Summary) {
        let (mut count, mut level) = (len, 0);
        while count > 0 && count.is_multiple_of(FAN) {
            let below = |index: usize| match level {
                0 => at(index),
                _ => self.levels[level - 1][index],
            };
            let block = (count - FAN..count).fold(Summary::EMPTY, |sum, i| sum.then(below(i)));
            if self.levels.len() == level {
                self.levels.push(Vec::new());
            }
            self.levels[level].push(block);
            count /= FAN;
            level += 1;
        }
    }

    /// Forgets all blocks that reach beyond the first `len` values.
    pub fn shrink(&mut self, len: usize) {
        let mut count = len;
        for level in &mut self.levels {
            count /= FAN;
            level.truncate(count);
        }
    }

    /// Returns the summary of the values in `range`, which lies inside the column.
    #[must_use]
    pub fn fold(&self, range: Range<usize>, at: impl Fn(usize) -> Summary) -> Summary {
        let (mut from, mut to) = (range.start, range.end);
        let (mut head, mut tail) = (Summary::EMPTY, Summary::EMPTY);
        let mut level = 0;
        loop {
            let here = |index: usize| match level {
                0 => at(index),
                _ => self.levels[level - 1][index],
            };
            let top = level == self.levels.len();
            while from < to && (top || !from.is_multiple_of(FAN)) {
                head = head.then(here(from));
                from += 1;
            }
            while from < to && !to.is_multiple_of(FAN) {
                to -= 1;
                tail = here(to).then(tail);
            }
            if from >= to {
                return head.then(tail);
            }
            from /= FAN;
            to /= FAN;
            level += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_of_gaps_has_ends_but_no_range() {
        let gaps = Summary::of(f64::NAN).then(Summary::of(f64::INFINITY));
        assert_eq!(gaps.range(), None);
        assert_eq!(gaps.count(), 2);
        assert!(gaps.first.is_nan() && gaps.last.is_infinite());
        assert_eq!(Summary::EMPTY.then(gaps).count(), 2);
        let known = gaps.then(Summary::of(1e300));
        assert_eq!(known.range(), Some((1e300, 1e300)));
    }

    #[test]
    fn every_stretch_is_what_walking_it_gives() {
        let values: Vec<f64> = (0..5_000)
            .map(|i| match i % 97 {
                0 => f64::NAN,
                _ => f64::from(i * 7_919 % 1_013),
            })
            .collect();
        let at = |index: usize| Summary::of(values[index]);
        let mut pyramid = Pyramid::default();
        for len in 1..=values.len() {
            pyramid.grow(len, at);
        }
        for (from, to) in [
            (0, 5_000),
            (1, 4_999),
            (16, 4_096),
            (255, 257),
            (9, 9),
            (4_095, 4_097),
        ] {
            let walked = (from..to).fold(Summary::EMPTY, |sum, i| sum.then(at(i)));
            let found = pyramid.fold(from..to, at);
            assert_eq!(
                (found.range(), found.count()),
                (walked.range(), walked.count())
            );
        }
    }
}
