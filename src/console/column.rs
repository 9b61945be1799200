//! Numbers that never fall, such as the steps of a curve, and where among them a place lies.
//!
//! Evenly spaced ones, which most trainings have, take no room. Start at [`Column`].

use crate::chunk;

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

/// Numbers that never fall; evenly spaced ones take no room.
#[derive(Clone, Debug, PartialEq)]
pub enum Column {
    /// `first`, `first + by`, `first + 2 by` and so on.
    Even {
        /// The first number.
        first: f64,
        /// The distance between neighbours.
        by: f64,
        /// How many there are.
        len: usize,
    },
    /// Any others.
    Listed(Vec<f64>),
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
    /// Appends a number that is no lower than the last.
    pub fn push(&mut self, value: f64) {
        match self {
            Self::Listed(values) => values.push(value),
            Self::Even { first, by, len } => {
                match *len {
                    0 => *first = value,
                    1 => *by = value - *first,
                    _ => {}
                }
                // Only what comes out bit for bit may be computed instead of kept.
                let computed = *first + *by * *len as f64;
                if by.is_finite() && computed.to_bits() == value.to_bits() {
                    *len += 1;
                } else {
                    let mut values: Vec<f64> = (0..*len).map(|index| self.get(index)).collect();
                    values.push(value);
                    *self = Self::Listed(values);
                }
            }
        }
    }

    /// Returns a copy with room for more.
    #[must_use]
    pub fn roomy(&self) -> Self {
        match self {
            Self::Listed(numbers) => Self::Listed(chunk::roomy(numbers)),
            even => even.clone(),
        }
    }

    /// Returns whether there is no number.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns how many numbers there are.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Even { len, .. } => *len,
            Self::Listed(values) => values.len(),
        }
    }

    /// Returns the number `index`; NaN beyond the last.
    #[must_use]
    pub fn get(&self, index: usize) -> f64 {
        match self {
            Self::Even { first, by, len } if index < *len => first + by * index as f64,
            Self::Even { .. } => f64::NAN,
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
    /// `last`. Looks first where an even column would have it and widens from there: searching
    /// halves would fetch memory that a chart needs nowhere else.
    #[must_use]
    pub fn partition_point(&self, bound: Bound, (first, last): (f64, f64)) -> usize {
        let len = self.len();
        let (mut from, mut to) = (0, len);
        let mut guess = Self::guess(bound.place(), (first, last), len);
        let mut reach = 1;
        while from < to {
            match bound.holds(self.get(guess)) {
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
            let mut numbers = Vec::new();
            let mut column = Column::default();
            let mut last = 5.0;
            for gap in gaps {
                last += gap;
                numbers.push(last);
                column.push(last);
            }
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
    fn even_numbers_take_no_room_until_they_are_not() {
        let mut column = Column::default();
        (0..1_000).for_each(|n| column.push(f64::from(n) * 2_048.0));
        assert!(matches!(column, Column::Even { len: 1_000, .. }));
        column.push(1e300);
        assert!(matches!(column, Column::Listed(_)));
        assert_eq!((column.len(), column.get(999)), (1_001, 999.0 * 2_048.0));
    }
}
