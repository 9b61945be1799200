//! What an evaluation pass leaves behind, so that the backtester can be held equal to it.

use crate::{
    fill::{Fill, FillSink},
    reward::RewardTerms,
};
use serde::{Deserialize, Serialize};

/// One pass over a bar range.
///
/// Entry `i` of each column belongs to the decision at the close of bar `first_bar + i`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EpisodeRecord {
    /// Bar at whose close the first decision was made.
    pub first_bar: usize,
    /// Target asked for.
    pub targets: Vec<f64>,
    /// Equity at the close of the following bar.
    pub equity: Vec<f64>,
    /// Reward terms, unscaled.
    pub rewards: Vec<RewardTerms>,
    /// Fills in time order; each names its own bar.
    pub fills: Vec<Fill>,
    /// The range was passed to its end, or the account was ruined.
    pub complete: bool,
    /// The account was ruined.
    pub ruined: bool,
}

impl FillSink for EpisodeRecord {
    fn fill(&mut self, fill: &Fill) {
        self.fills.push(*fill);
    }
}

/// Takes what the environment's loop produces; `()` drops it at no cost.
pub(super) trait StepSink: FillSink {
    fn step(&mut self, target: f64, equity: f64, terms: RewardTerms);
}

impl StepSink for () {
    #[inline]
    fn step(&mut self, _target: f64, _equity: f64, _terms: RewardTerms) {}
}

impl StepSink for EpisodeRecord {
    fn step(&mut self, target: f64, equity: f64, terms: RewardTerms) {
        self.targets.push(target);
        self.equity.push(equity);
        self.rewards.push(terms);
    }
}
