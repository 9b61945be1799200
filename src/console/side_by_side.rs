//! Marked runs beside one another: how their settings differ, and their curves over each other.
//!
//! Made ready by the clerk. A run with several seeds is shown by their mean, as far as all of them
//! have got. Start at [`SideBySide::read`].

use crate::{
    metric::METRICS,
    run_data::{Curve, RunData},
    run_files::RunFiles,
    series::Axis,
};
use domain::Clock;
use report::figure::thin;
use runs::{Comparison, RunDir, compare};

/// A curve's points.
type Points = Vec<(f64, f64)>;

/// Columns that a curve has at most; thinning keeps four points of each.
const BUCKETS: usize = 800;

/// Runs beside one another.
#[derive(Clone, Debug)]
pub struct SideBySide {
    /// Settings and outcomes.
    pub comparison: Comparison,
    /// By metric, in the order of [`METRICS`], then by run, in the order of the comparison.
    pub curves: Vec<Vec<Points>>,
}

impl SideBySide {
    /// Reads `runs`; one that cannot be read has empty curves.
    #[must_use]
    pub fn read(runs: &[RunDir], clock: &dyn Clock) -> Self {
        let data: Vec<Option<RunData>> = runs
            .iter()
            .map(|run| RunFiles::new(run.clone()).poll())
            .collect();
        let of_metric = |metric: usize| {
            let curves = data.iter().map(|data| {
                let data = data.as_ref();
                data.map_or_else(Vec::new, |data| mean(&data.curves[metric]))
            });
            curves.collect()
        };
        Self {
            comparison: compare(runs, clock),
            curves: (0..METRICS.len()).map(of_metric).collect(),
        }
    }
}

/// Returns the mean of the curves at the steps of the first, as far as all of them reach, thinned
/// to what a screen can show.
fn mean(curves: &[Curve]) -> Points {
    let Some((first, others)) = curves.split_first() else {
        return Vec::new();
    };
    let mut others: Vec<Along<_>> = others
        .iter()
        .map(|other| Along::new(other.series.points(Axis::EnvSteps)))
        .collect();
    let points = first.series.points(Axis::EnvSteps);
    // Thinned before, each seed would be looked up among its own extremes.
    let points = points.map_while(|(step, value)| {
        let mut sum = value;
        for other in &mut others {
            sum += other.at(step)?;
        }
        Some((step, sum / curves.len() as f64))
    });
    thin(&points.collect::<Points>(), BUCKETS)
}

/// Goes along a curve, step by step onward.
struct Along<I> {
    points: I,
    before: Option<(f64, f64)>,
    after: Option<(f64, f64)>,
}

impl<I: Iterator<Item = (f64, f64)>> Along<I> {
    fn new(mut points: I) -> Self {
        let after = points.next();
        Self {
            points,
            before: None,
            after,
        }
    }

    /// Returns the value at `step`, which is no lower than the last one asked for, on the straight
    /// line between its neighbours, the first one before the beginning; `None` beyond the end.
    fn at(&mut self, step: f64) -> Option<f64> {
        while let Some(after) = self.after.filter(|after| after.0 < step) {
            self.before = Some(after);
            self.after = self.points.next();
        }
        let (right, value) = self.after?;
        let Some((left, before)) = self.before else {
            return Some(value);
        };
        Some(before + (value - before) * ((step - left) / (right - left)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::Series;

    fn curve(points: &[(f64, f64)]) -> Curve {
        Curve::new(Some(1), Series::of(points))
    }

    #[test]
    fn seeds_are_averaged_as_far_as_all_have_got() {
        let points = [(0.0, 1.0), (10.0, 2.0), (20.0, 3.0), (30.0, 4.0)];
        let first = curve(&points);
        let second = curve(&[(0.0, 3.0), (20.0, 5.0)]);
        let both = mean(&[first.clone(), second]);
        assert_eq!(both, [(0.0, 2.0), (10.0, 3.0), (20.0, 4.0)]);
        assert_eq!(mean(std::slice::from_ref(&first)), points);
        assert!(mean(&[]).is_empty());
        assert!(mean(&[first, curve(&[])]).is_empty());
    }

    #[test]
    fn a_long_training_is_averaged_before_it_is_thinned() {
        // Two seeds whose swings cancel out; the extremes of one alone would not.
        let swing = |n: i32| f64::from((n * 7) % 11 - 5);
        let seed = |sign: f64| {
            let points: Vec<(f64, f64)> = (0..5_000)
                .map(|n| (f64::from(n), 1.0 + sign * swing(n)))
                .collect();
            curve(&points)
        };
        let both = mean(&[seed(1.0), seed(-1.0)]);
        assert!(both.len() < 4_000 && both.last() == Some(&(4_999.0, 1.0)));
        let flat = |point: &(f64, f64)| (point.1 - 1.0).abs() < 1e-12;
        assert!(both.iter().all(flat), "{:?}", &both[..20]);
    }
}
