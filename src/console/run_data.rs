//! Everything the screens show of one run, as plain data made ready off the drawing thread.
//!
//! Start at [`RunData`].

use crate::{marks::Mark, placement::Place, series::Series};
use backtest::DatedDrawdown;
use domain::{Nanos, Phrase};
use report::{health::Finding, trades::Totals};
use runs::{EventRecord, RunId, TradeRecord};
use std::{collections::BTreeMap, ops::Deref, sync::Arc, time::Duration};

/// One line of a chart: a seed's curve.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// The seed; `None` for the run as a whole.
    pub seed: Option<u64>,
    /// All its points.
    pub series: Series,
}

impl Curve {
    /// Makes the curve of `seed`.
    #[must_use]
    pub fn new(seed: Option<u64>, series: Series) -> Self {
        Self { seed, series }
    }

    /// Returns the latest value that is a number.
    #[must_use]
    pub fn last(&self) -> Option<f64> {
        self.series.last()
    }
}

/// Round trips that are shared, never copied; two are equal when they are the same ones.
#[derive(Clone, Debug, Default)]
pub struct Trades(Arc<Vec<TradeRecord>>);

impl Deref for Trades {
    type Target = [TradeRecord];

    fn deref(&self) -> &[TradeRecord] {
        &self.0
    }
}

impl PartialEq for Trades {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl From<Vec<TradeRecord>> for Trades {
    fn from(trades: Vec<TradeRecord>) -> Self {
        Self(Arc::new(trades))
    }
}

/// What an evaluation left behind: the latest one, the held-out window first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evaluation {
    /// Whether it is the held-out window rather than validation.
    pub held_out: bool,
    /// Environment steps of the policy.
    pub step: u64,
    /// `(seconds, equity)` at bar closes.
    pub equity: Vec<(f64, f64)>,
    /// `(seconds, fraction below the highest equity, negative)`.
    pub drawdown: Vec<(f64, f64)>,
    /// The deepest fall, measured on every point; `None` where equity never fell.
    pub worst: Option<DatedDrawdown>,
    /// First and last bar close.
    pub span: Option<(Nanos, Nanos)>,
    /// Round trips in order of their exit.
    pub trades: Trades,
    /// What they come to.
    pub totals: Totals,
}

impl Evaluation {
    /// Returns last over first equity, less one.
    #[must_use]
    pub fn total_return(&self) -> Option<f64> {
        let (first, last) = (self.equity.first()?.1, self.equity.last()?.1);
        (first > 0.0).then(|| last / first - 1.0)
    }

    /// Returns the deepest fall, negative.
    #[must_use]
    pub fn max_drawdown(&self) -> Option<f64> {
        self.drawdown
            .iter()
            .map(|point| point.1)
            .filter(|fall| fall.is_finite())
            .reduce(f64::min)
    }

    /// Returns wins over all trades.
    #[must_use]
    pub fn win_rate(&self) -> Option<f64> {
        self.totals.win_rate()
    }
}

/// How far reading a long run has come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    /// The share of its metrics that is read, in `[0, 1]`.
    pub share: f64,
    /// How much longer it takes, at the pace so far.
    pub left: Duration,
}

/// Everything shown of one run.
#[derive(Clone, Debug, PartialEq)]
pub struct RunData {
    /// The run.
    pub run: RunId,
    /// Curves of [`crate::metric::METRICS`], in that order.
    pub curves: Vec<Vec<Curve>>,
    /// Steps that one seed is to do; 0 while unknown.
    pub planned: f64,
    /// What happened, oldest first, with the seed it belongs to.
    pub events: Vec<(Option<u64>, EventRecord)>,
    /// What charts mark, in order of steps.
    pub marks: Vec<Mark>,
    /// The latest evaluation.
    pub evaluation: Evaluation,
    /// What looks wrong with the training, the worst first.
    pub findings: Vec<Finding>,
    /// Settings by key, as TOML writes them, live changes applied.
    pub settings: BTreeMap<String, String>,
    /// Lines of its files that could not be understood.
    pub bad_lines: u64,
    /// Where it was sent, what it uses there and what its starts cost.
    pub place: Place,
    /// What could not be read, with why.
    pub problem: Option<Phrase>,
    /// How far reading has come; `None` once all of it is read.
    pub reading: Option<Reading>,
}

impl RunData {
    /// Starts with nothing known of `run`.
    #[must_use]
    pub fn empty(run: RunId) -> Self {
        Self {
            run,
            curves: crate::metric::METRICS.iter().map(|_| Vec::new()).collect(),
            planned: 0.0,
            events: Vec::new(),
            marks: Vec::new(),
            evaluation: Evaluation::default(),
            findings: Vec::new(),
            settings: BTreeMap::new(),
            bad_lines: 0,
            place: Place::default(),
            problem: None,
            reading: None,
        }
    }
}
