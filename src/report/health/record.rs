//! What the rules look at: the curves of one track, and the settings that they are held against.

use super::curve::{Curve, Keeps};
use runs::{
    EquityRecord, MetricRecord, RunDir, RunReader, RunsError, Scope, Track, TradeRecord,
    compare::flat_settings, reader::Kept,
};
use std::collections::BTreeMap;

/// Keys of the curves that some rule looks at.
pub(super) mod key {
    pub const KL: &str = "loss/approx_kl";
    pub const CLIP: &str = "loss/clip_fraction";
    pub const ENTROPY: &str = "loss/entropy";
    pub const EPOCHS: &str = "loss/epochs";
    pub const EXPLAINED: &str = "loss/explained_variance";
    pub const GRADIENT: &str = "loss/grad_norm";
    pub const VALUE: &str = "loss/value";
    pub const POLICY: &str = "loss/policy";
    pub const RATE: &str = "perf/steps_per_second";
    pub const RETURN: &str = "rollout/episode_return";
    pub const CHANGES: &str = "valid/changes";
    pub const EXPOSURE: &str = "valid/exposure";
    pub const SCORE: &str = "valid/score";

    pub const ALL: [&str; 13] = [
        KL, CLIP, ENTROPY, EPOCHS, EXPLAINED, GRADIENT, VALUE, POLICY, RATE, RETURN, CHANGES,
        EXPOSURE, SCORE,
    ];
}

/// Settings that curves are held against.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Limits {
    /// Environment steps that one seed is to do; 0 while unknown.
    pub planned: f64,
    /// KL divergence at which an update ends early (times 1.5); 0 for never.
    pub target_kl: f64,
    /// Largest gradient norm; 0 for no limit.
    pub max_grad_norm: f64,
    /// Passes over each rollout.
    pub epochs: f64,
}

impl Limits {
    /// Reads them from settings by key; what is missing or no number is 0.
    #[must_use]
    pub fn of(settings: &BTreeMap<String, String>) -> Self {
        let number = |key: &str| {
            let text = settings.get(key).map(|text| text.replace('_', ""));
            text.and_then(|text| text.parse().ok()).unwrap_or(0.0)
        };
        Self {
            planned: number("train.total_steps"),
            target_kl: number("agent.target_kl"),
            max_grad_norm: number("agent.max_grad_norm"),
            epochs: number("agent.epochs"),
        }
    }
}

/// What was recorded of one track, as far as a rule looks at it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recorded {
    /// The seed; `None` for the run as a whole.
    pub seed: Option<u64>,
    /// Settings that apply.
    pub limits: Limits,
    /// Points of the held-out equity curve and round trips on it, once it was tested.
    pub(super) tested: Option<(usize, usize)>,
    /// By key.
    curves: BTreeMap<&'static str, Curve>,
}

impl Recorded {
    /// Starts with nothing recorded of `seed`.
    #[must_use]
    pub fn new(seed: Option<u64>, limits: Limits) -> Self {
        Self {
            seed,
            limits,
            ..Self::default()
        }
    }

    /// Takes in what a reader returned: what of the former still counts, and what came.
    pub fn take(&mut self, kept: Kept, records: &[MetricRecord]) {
        match kept {
            Kept::All => {}
            Kept::Below(floor) => {
                let curves = self.curves.values_mut();
                curves.for_each(|curve| curve.keep_below(floor as f64));
            }
            Kept::Nothing => self.curves.clear(),
        }
        for record in records {
            for key in key::ALL {
                if let Some(value) = record.k.get(key) {
                    let keeps = match key {
                        key::CLIP => Keeps::Largest,
                        _ => Keeps::Last,
                    };
                    let curve = self.curves.entry(key);
                    let curve = curve.or_insert_with(|| Curve::new(keeps));
                    curve.push((record.step as f64, *value));
                }
            }
        }
    }

    /// Takes in what evaluations left behind, all of it.
    pub fn test(&mut self, equity: &[EquityRecord], trades: &[TradeRecord]) {
        let points = equity.iter().filter(|point| point.scope == Scope::Test);
        let trades = trades.iter().filter(|trade| trade.scope == Scope::Test);
        let (points, trades) = (points.count(), trades.count());
        self.tested = (points > 0).then_some((points, trades));
    }

    /// Returns a curve, `(environment steps, value)` with steps never falling; empty where the run
    /// has none. What lies long ago is thinned.
    pub(super) fn curve(&self, key: &str) -> &[(f64, f64)] {
        self.curves.get(key).map_or(&[], Curve::points)
    }

    /// Returns the share of the planned steps done, in `[0, 1]`; 0 while unknown.
    pub(super) fn progress(&self) -> f64 {
        let last = self
            .curves
            .values()
            .filter_map(|curve| curve.points().last());
        let done = last.map(|point| point.0).fold(0.0, f64::max);
        match self.limits.planned {
            planned if planned > 0.0 => (done / planned).min(1.0),
            _ => 0.0,
        }
    }

    /// Reads every track of `run`.
    ///
    /// # Errors
    /// The operating system's error, or settings that are no TOML.
    pub fn of_run(run: &RunDir) -> Result<Vec<Self>, RunsError> {
        let limits = Limits::of(&flat_settings(run)?);
        let mut reader = RunReader::new(run);
        reader.poll()?;
        let of_track = |(track, found): (Track, &runs::TrackReader)| {
            let seed = match track {
                Track::Run => None,
                Track::Seed(seed) => Some(seed),
            };
            let mut recorded = Self::new(seed, limits);
            recorded.take(Kept::All, found.metrics.records());
            recorded.test(found.equity.records(), found.trades.records());
            recorded
        };
        Ok(reader.tracks().map(of_track).collect())
    }
}

/// Returns the median of the finite values among the last `count`; `None` without any.
pub(super) fn recent(curve: &[(f64, f64)], count: usize) -> Option<f64> {
    median(&curve[curve.len().saturating_sub(count)..])
}

/// Returns the median of the finite values.
pub(super) fn median(points: &[(f64, f64)]) -> Option<f64> {
    let mut values: Vec<f64> = points
        .iter()
        .map(|point| point.1)
        .filter(|value| value.is_finite())
        .collect();
    if values.is_empty() {
        return None;
    }
    values.sort_by(f64::total_cmp);
    let half = values.len() / 2;
    Some(match values.len() % 2 {
        0 => values[half - 1] / 2.0 + values[half] / 2.0,
        _ => values[half],
    })
}
