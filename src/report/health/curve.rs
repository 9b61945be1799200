//! A curve that stays short however long a training gets: the first and the latest points as they
//! are, one of every so many of those between.
//!
//! Rules look at whole curves again with every update; that must not cost more the longer a
//! training runs. Start at [`Curve::push`].

/// First points, which are kept as they are: rules ask where a curve began.
const FIRST: usize = 32;
/// Latest points, kept likewise.
const LATEST: usize = 128;
/// Points kept before the latest.
const FORMER: usize = 768;
/// Points without a number that are kept of those thinned: the latest.
const ODD: usize = 64;

/// Which of several neighbouring points is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keeps {
    /// The last one.
    Last,
    /// The largest one: a single one above zero must not be lost.
    Largest,
}

/// The curve.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Curve {
    keeps: Keeps,
    /// `(environment steps, value)`, steps never falling.
    points: Vec<(f64, f64)>,
    /// How many of them come before the latest.
    former: usize,
    /// How many recorded points a thinned one stands for.
    stride: usize,
    /// How many of those the last thinned one has.
    filled: usize,
}

impl Curve {
    pub fn new(keeps: Keeps) -> Self {
        Self {
            keeps,
            points: Vec::new(),
            former: 0,
            stride: 1,
            filled: 1,
        }
    }

    pub fn points(&self) -> &[(f64, f64)] {
        &self.points
    }

    pub fn push(&mut self, point: (f64, f64)) {
        if self.points.len() == LATEST {
            // What doubles leaves holes behind.
            self.points.reserve_exact(FORMER + LATEST);
        }
        self.points.push(point);
        if self.points.len() < self.former + 2 * LATEST {
            return;
        }
        let leaving = self.former..self.former + LATEST;
        let end = leaving.end;
        let mut kept = leaving.fold(self.former, |kept, index| self.thin(kept, index));
        if kept > FORMER {
            kept = self.without_odd(kept);
        }
        if kept > FORMER {
            kept = self.halve(kept);
        }
        self.points.drain(kept..end);
        self.former = kept;
    }

    /// Leaves out what lies at `floor` or beyond.
    pub fn keep_below(&mut self, floor: f64) {
        let thinned = &self.points[..self.former];
        self.former = thinned.partition_point(|point| point.0 < floor);
        self.points.retain(|point| point.0 < floor);
        // As it would be had no more been recorded.
        let recorded = self.former.saturating_sub(FIRST) * self.stride;
        self.stride = recorded.div_ceil(FORMER - FIRST).next_power_of_two();
        self.filled = self.stride;
    }

    /// Takes the point `index` in behind the first `kept`; returns how many are kept then.
    fn thin(&mut self, kept: usize, index: usize) -> usize {
        let (point, before) = (self.points[index], kept.saturating_sub(1));
        let last = self.points[before];
        let begins = self.filled == self.stride;
        self.filled = if begins { 1 } else { self.filled + 1 };
        if begins || !point.1.is_finite() || !last.1.is_finite() {
            self.points[kept] = point;
            return kept + 1;
        }
        if self.keeps == Keeps::Last || point.1 >= last.1 {
            self.points[before] = point;
        }
        kept
    }

    /// Keeps the latest of the first `kept` points that are no number; returns how many are left.
    fn without_odd(&mut self, kept: usize) -> usize {
        let is_odd = |point: &(f64, f64)| !point.1.is_finite();
        let odd = self.points[FIRST..kept].iter().filter(|one| is_odd(one));
        let mut superfluous = odd.count().saturating_sub(ODD);
        (FIRST..kept).fold(FIRST, |left, index| {
            if superfluous > 0 && is_odd(&self.points[index]) {
                superfluous -= 1;
                return left;
            }
            self.points[left] = self.points[index];
            left + 1
        })
    }

    /// Keeps one of two of the first `kept` points; returns how many are left.
    fn halve(&mut self, kept: usize) -> usize {
        let (stride, filled) = (self.stride, self.filled);
        (self.stride, self.filled) = (2, 2);
        let left = (FIRST..kept).fold(FIRST, |left, index| self.thin(left, index));
        self.filled = (self.filled - 1) * stride + filled;
        self.stride = 2 * stride;
        left
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(100)]
    #[case(2_000)]
    #[case(50_000)]
    #[case(3_000_000)]
    fn a_curve_is_short_even_and_ends_as_recorded(#[case] count: usize) {
        let mut curve = Curve::new(Keeps::Last);
        (0..count).for_each(|n| curve.push((n as f64, n as f64)));
        let points: Vec<usize> = curve
            .points()
            .iter()
            .map(|point| point.0 as usize)
            .collect();
        assert!(points.len() < FORMER + 2 * LATEST);
        assert!(curve.points.capacity() <= FORMER + 2 * LATEST);
        assert!(points.is_sorted_by(|a, b| a < b));
        let ends = points[..FIRST]
            .iter()
            .chain(&points[points.len() - LATEST.min(count)..]);
        let recorded = (0..FIRST).chain(count - LATEST.min(count)..count);
        assert!(ends.copied().eq(recorded));
        // What lies between is spread evenly.
        let gaps = points[FIRST - 1..].windows(2).map(|two| two[1] - two[0]);
        let fewest = FORMER / 2 - FIRST;
        assert!(gaps.max() <= Some(count / fewest + 1));
    }

    #[test]
    fn the_largest_and_the_odd_are_kept() {
        let mut curve = Curve::new(Keeps::Largest);
        let value = |n: usize| match n {
            1_234 => 0.5,
            777 => f64::NAN,
            _ => 0.0,
        };
        (0..50_000).for_each(|n| curve.push((n as f64, value(n))));
        let points = curve.points();
        assert!(points.contains(&(1_234.0, 0.5)));
        let mut odd = points.iter().filter(|point| point.1.is_nan());
        assert_eq!(odd.next().map(|point| point.0), Some(777.0));
        assert!(points.is_sorted_by(|a, b| a.0 < b.0));
    }

    #[rstest]
    #[case::a_burst(200_000, 30_000..31_000, 1)]
    #[case::now_and_then(100_000, 0..100_000, 200)]
    #[case::at_first(20_000, 0..2_000, 1)]
    #[case::nothing_else(50_000, 0..50_000, 1)]
    fn odd_values_take_no_room_from_others(
        #[case] count: usize,
        #[case] odd: std::ops::Range<usize>,
        #[case] every: usize,
    ) {
        let mut curve = Curve::new(Keeps::Largest);
        let is_odd = |n: usize| odd.contains(&n) && n.is_multiple_of(every);
        let value = |n: usize| match n {
            _ if is_odd(n) => f64::NAN,
            5_001 => 1.0,
            _ => 0.0,
        };
        (0..count).for_each(|n| curve.push((n as f64, value(n))));
        let points = curve.points();
        assert!(points.len() < FORMER + 2 * LATEST);
        let steps: Vec<usize> = points.iter().map(|point| point.0 as usize).collect();
        let latest = (0..count).rev().find(|n| is_odd(*n)).unwrap();
        assert!(steps.contains(&latest));
        let (first, rest) = steps.split_at(FIRST);
        assert!(first.iter().copied().eq(0..FIRST));
        if every == 1 && odd.len() == count {
            return;
        }
        assert_eq!(points.iter().any(|point| point.1 > 0.0), !is_odd(5_001));
        // Finite ones stay evenly spread, but for a place that has none.
        let finite = rest.iter().filter(|n| !is_odd(**n));
        let finite: Vec<usize> = finite.copied().collect();
        let gaps = finite.windows(2).map(|two| two[1] - two[0]);
        let widest = gaps.max().unwrap();
        let most = count / (FORMER / 8) + if every == 1 { odd.len() } else { 0 };
        assert!(
            finite.len() > FORMER / 3 && widest <= most,
            "{} {widest}",
            finite.len()
        );
    }

    #[test]
    fn what_was_superseded_goes_from_both_parts() {
        let mut curve = Curve::new(Keeps::Last);
        (0..20_000).for_each(|n| curve.push((f64::from(n), 0.0)));
        curve.keep_below(5_000.0);
        assert!(curve.points().last().unwrap().0 < 5_000.0);
        (5_000..40_000).for_each(|n| curve.push((f64::from(n), 0.0)));
        assert!(curve.points().is_sorted_by(|a, b| a.0 < b.0));
        // What is recorded anew is kept as if it were the first.
        for below in [5_000.0, 3.0, 0.0] {
            curve.keep_below(below);
            assert!(curve.points().iter().all(|point| point.0 < below));
            let from = below as i32;
            (from..from + 20_000).for_each(|n| curve.push((f64::from(n), 0.0)));
            let mut alone = Curve::new(Keeps::Last);
            (0..from + 20_000).for_each(|n| alone.push((f64::from(n), 0.0)));
            assert_eq!(curve.points()[..FIRST], alone.points()[..FIRST]);
            let ratio = curve.points().len() as f64 / alone.points().len() as f64;
            assert!((0.5..2.0).contains(&ratio), "{ratio}");
        }
    }
}
