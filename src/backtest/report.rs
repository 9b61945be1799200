//! The report of one evaluation: everything that a terminal or a web page shows, as plain data.
//!
//! Owns the format and its version; renders nothing. Undefined figures are `null`. Written by the
//! worker as `report/report.json`, read by the report renderer. Start at [`Report`].

use crate::baseline::{Baseline, Bounds};
use crate::conventions::Conventions;
use crate::curves::{Curves, Histogram};
use crate::drawdown::DatedDrawdown;
use crate::judge::{Evidence, Judgement};
use crate::metrics::Metrics;
use crate::rolling::MonthlyReturn;
use crate::stats::SeedSummary;
use crate::words::Words;
use domain::{Nanos, Timeframe};
use serde::{Deserialize, Serialize};
use sim::AccountSpec;

/// Version of the format; raised when a reader of the old one would misread the new one.
pub const FORMAT: u32 = 1;

/// Which data was used, and what is known of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataDescription {
    /// Instrument.
    pub symbol: String,
    /// Bar length.
    pub timeframe: Timeframe,
    /// Where the data came from.
    pub source: String,
    /// Hash of the stored bars.
    pub hash: String,
    /// Bars in all windows.
    pub bars: usize,
    /// Remarks: gaps, repaired bars, survivors.
    pub remarks: Vec<Words>,
}

/// A stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// Open time of its first bar.
    pub first: Nanos,
    /// Open time of its last bar.
    pub last: Nanos,
    /// Bars in it.
    pub bars: usize,
}

/// How time was divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Windows {
    /// Learned on.
    pub train: Window,
    /// Checkpoints chosen on.
    pub valid: Window,
    /// Tested once on.
    pub test: Window,
    /// Bars left out between windows so that no feature straddles them.
    pub purge_bars: usize,
    /// Bars left out after a window.
    pub embargo_bars: usize,
}

/// One seed's result on the test window.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedResult {
    /// Seed.
    pub seed: u64,
    /// Its figures.
    pub metrics: Metrics,
}

/// One baseline's result on the test window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BaselineResult {
    /// The rule with its settings.
    pub baseline: Baseline,
    /// Stable name, as in the paired tests.
    pub id: String,
    /// Name to show.
    pub label: Words,
    /// Its figures.
    pub metrics: Metrics,
}

/// The agent's own decisions at random times.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimingTest {
    /// Random rotations tried.
    pub rotations: usize,
    /// Share of them with at least the agent's total return, `(1 + k) / (1 + rotations)`.
    pub p_value: f64,
}

/// One learned quantity of one seed over training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LearningCurve {
    /// Seed.
    pub seed: u64,
    /// Metric key, e.g. `valid/sharpe`.
    pub key: String,
    /// Environment steps.
    pub steps: Vec<u64>,
    /// Values, one a step.
    pub values: Vec<f64>,
}

/// What the caller knows and this crate does not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Heading {
    /// Name of the run.
    pub title: String,
    /// Data used.
    pub data: DataDescription,
    /// Division of time.
    pub windows: Windows,
    /// Learning curves.
    pub learning: Vec<LearningCurve>,
}

/// A whole evaluation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// [`FORMAT`] of the writer.
    pub format: u32,
    /// Title, data, windows, learning curves.
    pub heading: Heading,
    /// Conventions of every figure.
    pub conventions: Conventions,
    /// The same in words.
    pub conventions_in_words: Words,
    /// Account and costs of every run here.
    pub account: AccountSpec,
    /// Targets that were possible.
    pub bounds: Bounds,
    /// Every seed.
    pub seeds: Vec<SeedResult>,
    /// Index within `seeds` of the agent that was chosen on the validation window.
    pub chosen: usize,
    /// Sharpe ratio over the seeds; `evidence.seeds` has the total return.
    pub sharpe_over_seeds: Option<SeedSummary>,
    /// Every baseline.
    pub baselines: Vec<BaselineResult>,
    /// The chosen agent's decisions at random times.
    pub timing: Option<TimingTest>,
    /// Trials counted: search trials × checkpoints looked at × seeds.
    pub trials: u64,
    /// What the verdict rests on: bootstrap, paired tests, costs, nulls, alarms.
    pub evidence: Evidence,
    /// The verdict with its reasons.
    pub judgement: Judgement,
    /// The chosen agent's deepest falls, deepest first, at most five.
    pub drawdowns: Vec<DatedDrawdown>,
    /// The chosen agent's months.
    pub months: Vec<MonthlyReturn>,
    /// Distribution of the chosen agent's returns.
    pub distribution: Histogram,
    /// Everything drawn over time.
    pub curves: Curves,
}

impl Report {
    /// Returns the growth of an equity of this report since the account was opened, as a fraction.
    ///
    /// The thinned curves begin later than the account does: their own first point is no start.
    #[must_use]
    pub fn growth(&self, equity: f64) -> f64 {
        equity / self.account.initial_equity - 1.0
    }
}
