//! A curve that stays short however long a training gets: the latest points as they are, one of
//! every so many of those before.
//!
//! Rules look at whole curves again with every update; that must not cost more the longer a
//! training runs. Start at [`Curve::push`].

/// Points that are kept as they are.
const LATEST: usize = 512;
/// Points kept of those before; with twice the latest a power of two, so that a list that grows by
/// doubling has no room to spare.
const FORMER: usize = 3_072;

/// Which of several neighbouring points is kept; one that is no number always is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Keeps {
    /// The last one.
    #[default]
    Last,
    /// The largest one: a single one above zero must not be lost.
    Largest,
}

/// The curve.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Curve {
    keeps: Keeps,
    /// `(environment steps, value)`, steps never falling.
    points: Vec<(f64, f64)>,
    /// How many of them are thinned.
    former: usize,
    /// How many recorded points the next thinned point stands for.
    stride: usize,
}

impl Curve {
    pub fn new(keeps: Keeps) -> Self {
        Self {
            keeps,
            stride: 1,
            ..Self::default()
        }
    }

    pub fn points(&self) -> &[(f64, f64)] {
        &self.points
    }

    pub fn push(&mut self, point: (f64, f64)) {
        self.points.push(point);
        if self.points.len() < self.former + 2 * LATEST {
            return;
        }
        let latest = self.points.split_off(self.former + LATEST);
        let leaving = self.points.split_off(self.former);
        self.thin_into(&leaving, self.stride);
        if self.points.len() > FORMER {
            let former = std::mem::take(&mut self.points);
            self.thin_into(&former, 2);
            self.stride = (2 * self.stride).min(LATEST);
        }
        // A training of nothing but odd values is told by the latest ones.
        let superfluous = self.points.len().saturating_sub(FORMER);
        self.points.drain(..superfluous);
        self.former = self.points.len();
        self.points.extend(latest);
    }

    /// Leaves out what lies at `floor` or beyond.
    pub fn keep_below(&mut self, floor: f64) {
        let thinned = &self.points[..self.former];
        self.former = thinned.partition_point(|point| point.0 < floor);
        self.points.retain(|point| point.0 < floor);
    }

    fn thin_into(&mut self, points: &[(f64, f64)], stride: usize) {
        for group in points.chunks(stride) {
            let mut one = group[group.len() - 1];
            if self.keeps == Keeps::Largest {
                let larger = |a: (f64, f64), b: &(f64, f64)| if b.1 > a.1 { *b } else { a };
                one = group.iter().fold(one, larger);
            }
            let odd = |point: &&(f64, f64)| !point.1.is_finite() && point.0 < one.0;
            self.points.extend(group.iter().filter(odd));
            self.points.push(one);
        }
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
        let points = curve.points();
        assert!(points.len() <= FORMER + 2 * LATEST);
        assert!(points.is_sorted_by(|a, b| a.0 < b.0));
        let tail: Vec<f64> = (count - 100..count).map(|n| n as f64).collect();
        let kept: Vec<f64> = points[points.len() - 100..].iter().map(|p| p.0).collect();
        assert_eq!(kept, tail);
        // The first half is not forgotten.
        let half = points
            .iter()
            .filter(|point| point.0 < count as f64 / 2.0)
            .count();
        assert!(half >= count.min(1_000) / 2, "{half}");
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
        assert!(points.iter().any(|point| point.1.is_nan()));
    }

    #[test]
    fn what_was_superseded_goes_from_both_parts() {
        let mut curve = Curve::new(Keeps::Last);
        (0..20_000).for_each(|n| curve.push((f64::from(n), 0.0)));
        curve.keep_below(5_000.0);
        assert!(curve.points().last().unwrap().0 < 5_000.0);
        (5_000..40_000).for_each(|n| curve.push((f64::from(n), 0.0)));
        assert!(curve.points().is_sorted_by(|a, b| a.0 < b.0));
        curve.keep_below(0.0);
        assert!(curve.points().is_empty());
        curve.push((1.0, 1.0));
        assert_eq!(curve.points(), [(1.0, 1.0)]);
    }
}
