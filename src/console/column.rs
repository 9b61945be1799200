//! Numbers that never fall, such as the steps of a curve, and where among them a place lies.
//!
//! Evenly spaced ones, which most trainings have, take no room. Start at [`Column`].

/// Which points lie before a place.
#[derive(Clone, Copy, Debug)]
pub enum Bound {
    /// Those below it.
    Below(f64),
    /// Those at it too.
    UpTo(f64),
}

impl Bound {
    /// Returns the place.
    #[must_use]
    pub fn place(self) -> f64 {
        match self {
            Self::Below(x) | Self::UpTo(x) => x,
        }
    }

    /// Returns whether a point lies before it.
    #[must_use]
    pub fn holds(self, point: f64) -> bool {
        match self {
            Self::Below(x) => point < x,
            Self::UpTo(x) => point <= x,
        }
    }
}

/// Evenly spaced numbers: `first`, `first + by`, `first + 2 by` and so on.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Even {
    /// The first number.
    pub first: f64,
    /// The distance between neighbours.
    pub by: f64,
    /// How many there are.
    pub len: usize,
}

impl Even {
    /// Takes in the next number if it is as far from the last as all others; returns whether it is.
    pub fn take(&mut self, value: f64) -> bool {
        let (first, by) = match self.len {
            0 => (value, 0.0),
            1 => (self.first, value - self.first),
            _ => (self.first, self.by),
        };
        // Only what comes out bit for bit may be computed instead of kept.
        let computed = first + by * self.len as f64;
        let fits = by.is_finite() && computed.to_bits() == value.to_bits();
        if fits {
            let len = self.len + 1;
            *self = Self { first, by, len };
        }
        fits
    }

    /// Returns the number `index`; NaN beyond the last.
    #[must_use]
    pub fn get(&self, index: usize) -> f64 {
        match index < self.len {
            true => self.first + self.by * index as f64,
            false => f64::NAN,
        }
    }
}

/// Numbers that never fall; evenly spaced ones take no room.
#[derive(Clone, Debug, PartialEq)]
pub enum Column {
    /// Evenly spaced ones.
    Even(Even),
    /// Any others.
    Listed(Vec<f64>),
}

impl Default for Column {
    fn default() -> Self {
        Self::Even(Even::default())
    }
}

impl Column {
    /// Returns whether there is no number.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns how many numbers there are.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Even(even) => even.len,
            Self::Listed(values) => values.len(),
        }
    }

    /// Returns the number `index`; NaN beyond the last.
    #[must_use]
    pub fn get(&self, index: usize) -> f64 {
        match self {
            Self::Even(even) => even.get(index),
            Self::Listed(values) => values.get(index).copied().unwrap_or(f64::NAN),
        }
    }

    /// Returns which of `len` numbers from about `first` to about `last` would be at `place` were
    /// they spaced evenly.
    #[must_use]
    pub fn guess(place: f64, (first, last): (f64, f64), len: usize) -> usize {
        let share = (place - first) / (last - first);
        ((share * len as f64) as usize).min(len.saturating_sub(1))
    }

    /// Returns how many numbers lie before `bound`; the numbers reach from about `first` to about
    /// `last`.
    #[must_use]
    pub fn partition_point(&self, bound: Bound, ends: (f64, f64)) -> usize {
        partition_point(self.len(), |index| self.get(index), bound, ends)
    }
}

/// Returns how many of `len` numbers lie before `bound`; they reach from about the first to about the
/// last of `ends`. Looks first where evenly spaced ones would have it and widens from there:
/// searching halves would fetch memory that a chart needs nowhere else.
pub fn partition_point(
    len: usize,
    get: impl Fn(usize) -> f64,
    bound: Bound,
    ends: (f64, f64),
) -> usize {
    let (mut from, mut to) = (0, len);
    let mut guess = Column::guess(bound.place(), ends, len);
    let mut reach = 1;
    while from < to {
        match bound.holds(get(guess)) {
            true => {
                from = guess + 1;
                guess = from.saturating_add(reach).min(to.saturating_sub(1));
            }
            false => {
                to = guess;
                guess = to.saturating_sub(reach).max(from);
            }
        }
        reach = match reach {
            0..16 => reach * 4,
            // Far from even: by halves.
            _ => {
                guess = from.midpoint(to).min(to.saturating_sub(1));
                reach
            }
        };
    }
    from
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_place_is_found_however_the_numbers_are_spread(
            gaps in prop::collection::vec(prop_oneof![Just(0.0), Just(1.0), 0.0..1e9_f64], 0..300),
            place in -10.0..2e11_f64,
            exact in any::<prop::sample::Index>(),
        ) {
            let mut last = 5.0;
            let numbers: Vec<f64> = gaps
                .into_iter()
                .map(|gap| {
                    last += gap;
                    last
                })
                .collect();
            let column = Column::Listed(numbers.clone());
            let exact = (!numbers.is_empty()).then(|| numbers[exact.index(numbers.len())]);
            for place in [Some(place), exact].into_iter().flatten() {
                let below = numbers.iter().filter(|number| **number < place).count();
                let up_to = numbers.iter().filter(|number| **number <= place).count();
                // However far off the ends are.
                for ends in [(5.0, last), (last, 5.0), (0.0, 0.0), (-1e300, f64::NAN)] {
                    prop_assert_eq!(column.partition_point(Bound::Below(place), ends), below);
                    prop_assert_eq!(column.partition_point(Bound::UpTo(place), ends), up_to);
                }
            }
        }
    }

    #[test]
    fn only_numbers_that_are_evenly_spaced_bit_for_bit_are_taken() {
        let mut even = Even::default();
        assert!((0..1_000).all(|n| even.take(f64::from(n) * 2_048.0)));
        let known = even;
        assert!(!even.take(1_000.5 * 2_048.0));
        assert_eq!(even, known);
        assert_eq!((even.len, even.get(999)), (1_000, 999.0 * 2_048.0));
        assert!(even.get(1_000).is_nan());
        // Too far apart for a number.
        let mut far = Even::default();
        assert!(far.take(-1e308) && !far.take(1e308));
        assert_eq!((far.len, far.get(0)), (1, -1e308));
    }
}
