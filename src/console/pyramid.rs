//! Lowest and highest of any stretch of a long column, without walking all of it.
//!
//! Each level covers sixteen neighbours of the level below; a stretch is put together from the
//! largest whole blocks inside it, so the answer is exact whatever the stretch. A block is two
//! numbers, so that what a chart of millions of points reads stays in the processor's caches. Start
//! at [`Pyramid::fold`].

use std::ops::Range;

/// Neighbours that one block of the next level stands for.
pub const FAN: usize = 16;

/// The lowest and the highest finite value of a stretch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span {
    low: f64,
    high: f64,
}

impl Span {
    /// The span of nothing.
    pub const EMPTY: Self = Self {
        low: f64::INFINITY,
        high: f64::NEG_INFINITY,
    };

    /// Returns the span of one value; one that is not finite has none.
    #[must_use]
    pub fn of(value: f64) -> Self {
        match value.is_finite() {
            true => Self {
                low: value,
                high: value,
            },
            false => Self::EMPTY,
        }
    }

    /// Returns the span from `low` to `high`.
    #[must_use]
    pub fn between(low: f64, high: f64) -> Self {
        Self { low, high }
    }

    /// Returns what [`between`](Self::between) makes it of.
    #[must_use]
    pub fn ends(self) -> [f64; 2] {
        [self.low, self.high]
    }

    /// Returns the span of both.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self {
            low: self.low.min(other.low),
            high: self.high.max(other.high),
        }
    }

    /// Returns the lowest and the highest value; `None` where there is none.
    #[must_use]
    pub fn range(&self) -> Option<(f64, f64)> {
        (self.low <= self.high).then_some((self.low, self.high))
    }
}

/// Spans of whole blocks, level by level; the column itself stays with its owner.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pyramid {
    levels: Vec<Vec<Span>>,
}

impl Pyramid {
    /// Takes in that the column has `len` values now; to be called after every value. `at` returns
    /// the span of a value.
    pub fn grow(&mut self, len: usize, at: impl Fn(usize) -> Span) {
        let (mut count, mut level) = (len, 0);
        while count > 0 && count.is_multiple_of(FAN) {
            let below = |index: usize| match level {
                0 => at(index),
                _ => self.levels[level - 1][index],
            };
            let block = (count - FAN..count).fold(Span::EMPTY, |span, i| span.with(below(i)));
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

    /// Returns how many bytes of memory it takes.
    #[must_use]
    pub fn memory(&self) -> usize {
        let spans = self.levels.iter().map(Vec::capacity).sum::<usize>();
        spans * size_of::<Span>()
    }

    /// Returns the span of the values in `range`, which lies inside the column.
    #[must_use]
    pub fn fold(&self, range: Range<usize>, at: impl Fn(usize) -> Span) -> Span {
        let (mut from, mut to) = (range.start, range.end);
        let mut found = Span::EMPTY;
        let mut level = 0;
        loop {
            let here = |index: usize| match level {
                0 => at(index),
                _ => self.levels[level - 1][index],
            };
            let top = level == self.levels.len();
            while from < to && (top || !from.is_multiple_of(FAN)) {
                found = found.with(here(from));
                from += 1;
            }
            while from < to && !to.is_multiple_of(FAN) {
                to -= 1;
                found = found.with(here(to));
            }
            if from >= to {
                return found;
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
    use rstest::rstest;

    #[test]
    fn gaps_have_no_span() {
        let gaps = Span::of(f64::NAN).with(Span::of(f64::INFINITY));
        assert_eq!(gaps.range(), None);
        assert_eq!(gaps.with(Span::of(1e300)).range(), Some((1e300, 1e300)));
    }

    #[rstest]
    #[case(0, 5_000)]
    #[case(1, 4_999)]
    #[case(16, 4_096)]
    #[case(255, 257)]
    #[case(9, 9)]
    #[case(4_095, 4_097)]
    fn every_stretch_is_what_walking_it_gives(#[case] from: usize, #[case] to: usize) {
        let values: Vec<f64> = (0..5_000)
            .map(|i| match i % 97 {
                0 => f64::NAN,
                _ => f64::from(i * 7_919 % 1_013),
            })
            .collect();
        let at = |index: usize| Span::of(values[index]);
        let mut pyramid = Pyramid::default();
        for len in 1..=values.len() {
            pyramid.grow(len, at);
        }
        let walked = (from..to).fold(Span::EMPTY, |span, i| span.with(at(i)));
        assert_eq!(pyramid.fold(from..to, at), walked);
    }
}
