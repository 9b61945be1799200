//! The stretch of numbers that a live chart shows.
//!
//! Owns the rule that charts must not slide: the x range starts at zero and grows in steps of
//! 1-2-5 × 10ᵏ, the y range grows at once and shrinks only when more than half of it is empty.
//! A sliding range would repaint every cell ten times a second. Start at [`Extent::take`].

use report::axis;

/// A chart's ranges, kept between frames.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Extent {
    x_end: f64,
    y: Option<(f64, f64)>,
}

/// The y range is shrunk once the data fill less than this share of it.
const LEAST_FILLED: f64 = 0.45;

/// A training ends with the update that reaches its last step, a little beyond the plan.
const OVERSHOOT: f64 = 1.02;

impl Extent {
    /// Takes in all points shown; `planned` is the x that the run will end at, 0 while unknown.
    pub fn take<'a>(&mut self, points: impl Iterator<Item = &'a (f64, f64)>, planned: f64) {
        let (mut x_end, mut low, mut high) = (0.0_f64, f64::INFINITY, f64::NEG_INFINITY);
        for (x, y) in points {
            if x.is_finite() {
                x_end = x_end.max(*x);
            }
            if y.is_finite() {
                (low, high) = (low.min(*y), high.max(*y));
            }
        }
        self.take_range(x_end, (low <= high).then_some((low, high)), planned);
    }

    /// Takes in that x reaches to `x_end` and that the values shown lie in `range`; `planned` is
    /// the x that the run will end at, 0 while unknown.
    pub fn take_range(&mut self, x_end: f64, range: Option<(f64, f64)>, planned: f64) {
        if x_end > self.x_end {
            let stepped = round_up(x_end);
            let room = planned * OVERSHOOT;
            self.x_end = if room >= x_end {
                stepped.min(room)
            } else {
                stepped
            };
        }
        if let Some((low, high)) = range {
            self.y = Some(self.next_y(low, high));
        }
    }

    fn next_y(self, low: f64, high: f64) -> (f64, f64) {
        let wide = round_out(low, high);
        match self.y {
            Some((bottom, top)) if low >= bottom && high <= top => {
                // Halves, so that ranges near the largest float do not overflow.
                let (filled, shown) = (wide.1 / 2.0 - wide.0 / 2.0, top / 2.0 - bottom / 2.0);
                if filled < shown * LEAST_FILLED {
                    wide
                } else {
                    (bottom, top)
                }
            }
            _ => wide,
        }
    }

    /// Returns the x range; `None` before the first point.
    #[must_use]
    pub fn x(&self) -> Option<(f64, f64)> {
        (self.x_end > 0.0).then_some((0.0, self.x_end))
    }

    /// Returns the y range; `None` before the first finite value.
    #[must_use]
    pub fn y(&self) -> Option<(f64, f64)> {
        self.y
    }
}

/// Returns the smallest of 1, 2, 5 × 10ᵏ that is at least `x`.
fn round_up(x: f64) -> f64 {
    let stepped = axis::nice_step(x);
    if stepped.is_finite() { stepped } else { x }
}

/// Widens to multiples of a round step; a flat range is opened around its value.
fn round_out(low: f64, high: f64) -> (f64, f64) {
    let (low, high) = if high > low {
        (low, high)
    } else {
        let room = (low.abs() * 0.1).max(1e-9);
        (low - room, high + room)
    };
    let step = axis::nice_step(high / 4.0 - low / 4.0);
    let out = ((low / step).floor() * step, (high / step).ceil() * step);
    if out.0.is_finite() && out.1.is_finite() && out.0 < out.1 {
        out
    } else {
        (low.max(f64::MIN), high.min(f64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn extent(points: &[(f64, f64)]) -> Extent {
        let mut extent = Extent::default();
        extent.take(points.iter(), 0.0);
        extent
    }

    #[test]
    fn x_grows_in_few_steps_not_with_every_point() {
        let mut extent = Extent::default();
        let mut seen = Vec::new();
        for i in 1..=1_000 {
            extent.take([(f64::from(i) * 1_000.0, 0.5)].iter(), 0.0);
            let end = extent.x().unwrap().1;
            assert!(end >= f64::from(i) * 1_000.0);
            if seen.last() != Some(&end) {
                seen.push(end);
            }
        }
        assert!(seen.len() <= 10, "{seen:?}");
    }

    #[test]
    fn x_never_reaches_beyond_the_plan() {
        let mut extent = Extent::default();
        extent.take([(600.0, 1.0)].iter(), 700.0);
        assert_eq!(extent.x(), Some((0.0, 714.0)));
        extent.take([(900.0, 1.0)].iter(), 700.0);
        assert_eq!(extent.x(), Some((0.0, 1_000.0)));
    }

    #[test]
    fn y_grows_at_once_and_shrinks_late() {
        let mut extent = extent(&[(1.0, 0.0), (2.0, 1.0)]);
        extent.take([(1.0, 0.0), (2.0, 9.0)].iter(), 0.0);
        let grown = extent.y().unwrap();
        assert!(grown.1 >= 9.0);
        extent.take([(1.0, 0.0), (2.0, 7.0)].iter(), 0.0);
        assert_eq!(
            extent.y(),
            Some(grown),
            "a little emptier is no reason to repaint"
        );
        extent.take([(1.0, 0.0), (2.0, 2.0)].iter(), 0.0);
        assert!(extent.y().unwrap().1 < 4.0);
    }

    #[rstest]
    #[case(&[(1.0, f64::NAN)])]
    #[case(&[(1.0, f64::INFINITY)])]
    #[case(&[])]
    fn gaps_have_no_range(#[case] points: &[(f64, f64)]) {
        assert_eq!(extent(points).y(), None);
    }

    #[rstest]
    #[case(1e300, 1e300)]
    #[case(-1.7e308, 1.7e308)]
    #[case(0.0, 0.0)]
    #[case(5e-324, 1e-323)]
    fn extreme_values_have_a_range(#[case] low: f64, #[case] high: f64) {
        let (bottom, top) = extent(&[(1.0, low), (2.0, high)]).y().unwrap();
        assert!(
            bottom.is_finite() && top.is_finite() && bottom < top,
            "{bottom} {top}"
        );
        assert!(bottom <= low && top >= high, "{bottom} {top}");
    }
}
