//! Marked runs beside one another: how their settings differ, and their curves over each other.
//!
//! Made ready by the clerk. A run with several seeds is shown by their mean, as far as all of them
//! have got. Start at [`SideBySide::read`].

use crate::{
    metric::METRICS,
    run_data::{Curve, RunData},
    run_files::RunFiles,
};
use domain::Clock;
use runs::{Comparison, RunDir, compare};

/// A curve's points.
type Points = Vec<(f64, f64)>;

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

/// Returns the mean of the curves at the steps of the first, as far as all of them reach.
fn mean(curves: &[Curve]) -> Points {
    let Some((first, others)) = curves.split_first() else {
        return Vec::new();
    };
    let points = first.points.iter().map_while(|(step, value)| {
        let mut sum = *value;
        for other in others {
            sum += at(&other.points, *step)?;
        }
        Some((*step, sum / curves.len() as f64))
    });
    points.collect()
}

/// Returns the value at `step` on the straight line between its neighbours, the first one before
/// the beginning; `None` beyond the end.
fn at(points: &[(f64, f64)], step: f64) -> Option<f64> {
    let after = points.partition_point(|point| point.0 < step);
    let (right, value) = *points.get(after)?;
    let Some((left, before)) = after.checked_sub(1).map(|at| points[at]) else {
        return Some(value);
    };
    let share = (step - left) / (right - left);
    Some(before + (value - before) * share)
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
        let first = curve(&[(0.0, 1.0), (10.0, 2.0), (20.0, 3.0), (30.0, 4.0)]);
        let second = curve(&[(0.0, 3.0), (20.0, 5.0)]);
        let both = mean(&[first.clone(), second]);
        assert_eq!(both, [(0.0, 2.0), (10.0, 3.0), (20.0, 4.0)]);
        assert_eq!(mean(std::slice::from_ref(&first)), first.points);
        assert!(mean(&[]).is_empty());
        assert!(mean(&[first, curve(&[])]).is_empty());
    }
}
