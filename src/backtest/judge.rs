//! From figures to a verdict: the ladder of questions that a result has to climb.
//!
//! Owns the thresholds and which rungs an edge needs. A question that was not asked counts as not
//! passed: silence is no evidence. Wording is in [`crate::ladder`]. Start at [`judge`].

use crate::alarms::Alarm;
use crate::cost_table::CostTable;
use crate::ladder;
use crate::metrics::Metrics;
use crate::nulls::Null;
use crate::stats::{DeflatedSharpe, PairedTest, SeedSummary, SharpeBootstrap};
use crate::words::Words;
use serde::{Deserialize, Serialize};

/// Significance of the paired tests, after Holm's correction.
pub const SIGNIFICANCE: f64 = 0.05;
/// Deflated Sharpe probability needed.
pub const DEFLATED_NEEDED: f64 = 0.95;
/// Round trips needed before their average means anything.
pub const TRADES_NEEDED: usize = 30;
/// Seeds needed.
pub const SEEDS_NEEDED: usize = 3;
/// Returns needed to judge at all.
pub const PERIODS_NEEDED: usize = 30;
/// The break-even cost must exceed the stated cost by this factor.
pub const COST_MARGIN: f64 = 1.5;
/// Largest share of resamples without a positive Sharpe ratio that still counts as a hint.
pub const HINT: f64 = 0.10;

/// What may be said of a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Every required rung was passed.
    Edge,
    /// Profitable after costs and probably not by chance alone, but a required rung failed.
    Weak,
    /// Nothing that chance does not explain.
    NoEdge,
    /// The test itself does not count: a leak, or too little data.
    Invalid,
}

/// The outcome of a check that another part ran.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// Nobody asked.
    #[default]
    NotRun,
    /// In order.
    Passed,
    /// Not in order.
    Failed,
}

impl Check {
    /// Returns `Passed` where the condition holds, else `Failed`.
    #[must_use]
    pub fn when(condition: bool) -> Self {
        if condition {
            Self::Passed
        } else {
            Self::Failed
        }
    }
}

/// A question of the ladder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// Do features and fills see the past only?
    NoLeak,
    /// Is the return positive after costs?
    BeatsFlat,
    /// Does the interval of the Sharpe ratio exclude zero?
    SharpeInterval,
    /// Is the Sharpe ratio above buy and hold's, paired and corrected?
    BeatsBuyAndHold,
    /// Is it above every other rule's?
    BeatsRules,
    /// Does the worst seed earn something?
    WorstSeed,
    /// Would the profit survive clearly higher costs?
    CostMargin,
    /// Does it survive a delay of one bar?
    Delayed,
    /// Does the opposite signal do worse?
    Flipped,
    /// Do shuffled features do worse?
    ShuffledFeatures,
    /// Were there enough trades?
    EnoughTrades,
    /// Does it survive the number of trials?
    DeflatedSharpe,
}

impl Question {
    /// Returns whether an edge needs this rung.
    #[must_use]
    pub fn is_required(self) -> bool {
        match self {
            Self::NoLeak
            | Self::BeatsFlat
            | Self::SharpeInterval
            | Self::BeatsBuyAndHold
            | Self::WorstSeed
            | Self::ShuffledFeatures
            | Self::EnoughTrades
            | Self::DeflatedSharpe => true,
            Self::BeatsRules | Self::CostMargin | Self::Delayed | Self::Flipped => false,
        }
    }
}

/// One rung with its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rung {
    /// The question.
    pub question: Question,
    /// Short name.
    pub title: Words,
    /// The answer.
    pub check: Check,
    /// The answer in a sentence with its figures.
    pub finding: Words,
    /// Whether an edge needs it.
    pub required: bool,
}

/// A run on damaged decisions.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NullRun {
    /// What was damaged.
    pub null: Null,
    /// Its figures.
    pub metrics: Metrics,
}

/// Everything that a verdict rests on; the chosen agent's figures on the test window.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// Figures of the chosen agent.
    pub metrics: Metrics,
    /// Bootstrap of its Sharpe ratio.
    pub bootstrap: Option<SharpeBootstrap>,
    /// Paired tests against the baselines.
    pub paired: Vec<PairedTest>,
    /// Total return over the seeds.
    pub seeds: Option<SeedSummary>,
    /// The same decisions at other costs.
    pub costs: Option<CostTable>,
    /// Runs on damaged decisions; several shuffled ones are possible.
    pub nulls: Vec<NullRun>,
    /// Sharpe ratio after the number of trials.
    pub deflated: Option<DeflatedSharpe>,
    /// Degenerate behaviour.
    pub alarms: Vec<Alarm>,
    /// What the leak prover said of features and fills.
    pub leak_prover: Check,
}

/// A verdict with its reasons.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Judgement {
    /// What may be said.
    pub verdict: Verdict,
    /// The same as a sentence with figures.
    pub headline: Words,
    /// Every rung in order.
    pub rungs: Vec<Rung>,
}

impl Judgement {
    /// Returns the findings of the rungs that were passed: what is shown.
    pub fn shown(&self) -> impl Iterator<Item = &Words> {
        self.with(Check::Passed)
    }

    /// Returns the findings of the rungs that failed: what is not shown, and why.
    pub fn not_shown(&self) -> impl Iterator<Item = &Words> {
        self.with(Check::Failed)
    }

    /// Returns the findings of the rungs that nobody asked.
    pub fn not_asked(&self) -> impl Iterator<Item = &Words> {
        self.with(Check::NotRun)
    }

    fn with(&self, check: Check) -> impl Iterator<Item = &Words> {
        let rungs = self.rungs.iter().filter(move |rung| rung.check == check);
        rungs.map(|rung| &rung.finding)
    }
}

/// Climbs the ladder and says what may be said.
#[must_use]
pub fn judge(evidence: &Evidence) -> Judgement {
    let rungs = ladder::rungs(evidence);
    let of = |question| {
        let rung = rungs.iter().find(|rung: &&Rung| rung.question == question);
        rung.map_or(Check::NotRun, |rung| rung.check)
    };
    let enough = evidence.metrics.performance.periods >= PERIODS_NEEDED;
    let hint = evidence
        .bootstrap
        .is_some_and(|bootstrap| bootstrap.share_not_positive <= HINT);
    let verdict = if of(Question::NoLeak) == Check::Failed || !enough {
        Verdict::Invalid
    } else if rungs
        .iter()
        .all(|rung| !rung.required || rung.check == Check::Passed)
    {
        Verdict::Edge
    } else if of(Question::BeatsFlat) == Check::Passed && hint {
        Verdict::Weak
    } else {
        Verdict::NoEdge
    };
    Judgement {
        verdict,
        headline: ladder::headline(verdict, evidence, &rungs),
        rungs,
    }
}
