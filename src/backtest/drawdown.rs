//! Falls of an equity curve from its highest point so far, each with start, trough and recovery.

use domain::Nanos;
use serde::{Deserialize, Serialize};

/// One fall below the highest point so far. Indices count the points of the equity curve.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawdown {
    /// Deepest fall as a negative fraction of the peak: −0.25 is a quarter lost.
    pub depth: f64,
    /// Last point at the old peak.
    pub start: usize,
    /// Deepest point.
    pub trough: usize,
    /// First point at or above the old peak again; `None` while still below.
    pub recovery: Option<usize>,
}

/// A [`Drawdown`] in calendar time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatedDrawdown {
    /// Deepest fall as a negative fraction of the peak.
    pub depth: f64,
    /// When the old peak was last held.
    pub start: Nanos,
    /// When the fall was deepest.
    pub trough: Nanos,
    /// When the old peak was reached again; `None` while still below.
    pub recovery: Option<Nanos>,
}

impl Drawdown {
    /// Puts the instants of the equity points in place of their indices.
    ///
    /// `times` has one instant for each point of the curve that was measured.
    #[must_use]
    pub fn dated(&self, times: &[Nanos]) -> DatedDrawdown {
        DatedDrawdown {
            depth: self.depth,
            start: times[self.start],
            trough: times[self.trough],
            recovery: self.recovery.map(|index| times[index]),
        }
    }
}

/// Follows an equity curve point by point and keeps the deepest fall.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DrawdownTracker {
    peak: f64,
    peak_at: usize,
    worst: Drawdown,
    /// Only values below this can be deeper than the deepest fall so far; the few in between by
    /// rounding are decided by the division.
    threshold: f64,
    open: bool,
}

impl DrawdownTracker {
    /// Starts at point 0 with value `first`.
    pub(crate) fn new(first: f64) -> Self {
        Self {
            peak: first,
            peak_at: 0,
            worst: Drawdown {
                depth: 0.0,
                start: 0,
                trough: 0,
                recovery: Some(0),
            },
            threshold: first,
            open: false,
        }
    }

    /// Returns `(threshold, peak)`: values from the one up to below the other change nothing.
    #[inline]
    pub(crate) fn quiet_range(&self) -> (f64, f64) {
        (self.threshold, self.peak)
    }

    /// Takes the value of point `index`. Points within [`Self::quiet_range`] may be left out.
    pub(crate) fn push(&mut self, index: usize, value: f64) {
        if value >= self.peak {
            if self.open {
                self.worst.recovery = Some(index);
                self.open = false;
            }
            self.peak = value;
            self.peak_at = index;
            self.set_threshold();
        } else if value < self.threshold {
            let depth = value / self.peak - 1.0;
            if depth < self.worst.depth {
                self.worst = Drawdown {
                    depth,
                    start: self.peak_at,
                    trough: index,
                    recovery: None,
                };
                self.open = true;
                self.set_threshold();
            }
        }
    }

    fn set_threshold(&mut self) {
        self.threshold = self.peak * (1.0 + self.worst.depth) * (1.0 + 1e-15);
    }

    /// Returns the deepest fall; `None` where the curve never fell.
    pub(crate) fn finish(self) -> Option<Drawdown> {
        (self.worst.depth < 0.0).then_some(self.worst)
    }
}

/// Returns the deepest fall of `equity`; `None` where it never fell.
#[must_use]
pub fn max_drawdown(equity: &[f64]) -> Option<Drawdown> {
    let mut tracker = DrawdownTracker::new(*equity.first()?);
    for (index, value) in equity.iter().enumerate().skip(1) {
        tracker.push(index, *value);
    }
    tracker.finish()
}

/// Returns `equity / highest so far − 1` at every point: 0 at a peak, negative below.
#[must_use]
pub fn drawdown_curve(equity: &[f64]) -> Vec<f64> {
    let mut peak = f64::NEG_INFINITY;
    equity
        .iter()
        .map(|value| {
            peak = peak.max(*value);
            value / peak - 1.0
        })
        .collect()
}

/// Returns every fall of `equity`, deepest first; falls of equal depth in time order.
#[must_use]
pub fn drawdowns(equity: &[f64]) -> Vec<Drawdown> {
    let Some(first) = equity.first() else {
        return Vec::new();
    };
    let mut all = Vec::new();
    let mut current: Option<Drawdown> = None;
    let (mut peak, mut peak_at) = (*first, 0);
    for (index, value) in equity.iter().enumerate().skip(1) {
        if *value >= peak {
            if let Some(mut done) = current.take() {
                done.recovery = Some(index);
                all.push(done);
            }
            (peak, peak_at) = (*value, index);
            continue;
        }
        let depth = value / peak - 1.0;
        let fall = current.get_or_insert(Drawdown {
            depth,
            start: peak_at,
            trough: index,
            recovery: None,
        });
        if depth < fall.depth {
            (fall.depth, fall.trough) = (depth, index);
        }
    }
    all.extend(current);
    all.sort_by(|a, b| a.depth.total_cmp(&b.depth));
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CURVE: [f64; 8] = [100.0, 110.0, 99.0, 105.0, 110.0, 120.0, 60.0, 90.0];

    #[test]
    fn the_deepest_fall_has_its_dates() {
        let worst = max_drawdown(&CURVE).unwrap();
        assert!((worst.depth + 0.5).abs() < 1e-15);
        assert_eq!((worst.start, worst.trough, worst.recovery), (5, 6, None));
        let times: Vec<Nanos> = (0..8).map(Nanos::from_millis).collect();
        assert_eq!(worst.dated(&times).trough, Nanos::from_millis(6));
    }

    #[test]
    fn every_fall_is_listed_deepest_first() {
        let all = drawdowns(&CURVE);
        assert_eq!(all.len(), 2);
        assert_eq!(all[1].recovery, Some(4));
        assert_eq!((all[1].start, all[1].trough), (1, 2));
    }

    #[test]
    fn a_rising_curve_never_falls() {
        assert_eq!(max_drawdown(&[1.0, 1.0, 2.0]), None);
        assert!(drawdowns(&[1.0, 1.0, 2.0]).is_empty());
        assert_eq!(max_drawdown(&[]), None);
    }

    proptest! {
        #[test]
        fn tracker_list_and_curve_agree(steps in prop::collection::vec(-0.2..0.2_f64, 1..80)) {
            let mut equity = vec![1.0];
            for step in steps {
                equity.push(equity[equity.len() - 1] * (1.0 + step));
            }
            let deepest = drawdown_curve(&equity).into_iter().fold(0.0, f64::min);
            let tracked = max_drawdown(&equity);
            prop_assert!((tracked.map_or(0.0, |fall| fall.depth) - deepest).abs() < 1e-15);
            prop_assert_eq!(tracked, drawdowns(&equity).first().copied());
        }
    }
}
