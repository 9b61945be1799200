//! Looks at recorded learning curves and says in plain words what looks wrong, by which rule, and
//! what usually helps.
//!
//! Owns the rules and their thresholds; decides nothing, stops nothing. The rules are pure functions
//! over what a run recorded, so the console and `makook runs health` say the same. Start at
//! [`examine`]; the rules themselves are in [`rules`].
//!
//! Where a threshold comes from, each rule says in [`Rule::source`]:
//!
//! - Huang et al., *The 37 Implementation Details of Proximal Policy Optimization* (ICLR Blog Track
//!   2022): what to log: approximate KL, clip fraction, entropy, explained variance.
//! - Schulman, *The Nuts and Bolts of Deep RL Research* (2016): entropy that falls too early or never,
//!   KL as the size of an update, explained variance as the worth of the value estimate.
//! - Stable-Baselines3, *Explanation of logger output*: an explained variance of 0 is worth a constant,
//!   below 0 it is worse; `n_updates` and `approx_kl` beside `target_kl`.
//! - OpenAI Spinning Up, *PPO*: an update ends at 1.5 × the target KL, which is 0.01 to 0.05; where
//!   none is set, 0.02 lies in that range.
//! - Andrychowicz et al., *What Matters in On-Policy Reinforcement Learning?* (2020,
//!   arXiv:2006.05990): passes over the data, clipping of ratio and gradient, learning rate.
//! - Zhang et al., *A Study on Overfitting in Deep Reinforcement Learning* (2018,
//!   arXiv:1804.06893): training return that rises while held-out return falls.
//! - "house rule": a rule of thumb of this project, worded as one.

mod curve;
mod learning;
mod record;
pub mod rules;
mod trading;

#[cfg(test)]
mod tests;

pub use record::{Limits, Recorded};
pub use rules::{RULES, Rule};

use domain::{Phrase, Text};
use serde::{Serialize, Serializer};

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Gravity {
    /// Worth knowing.
    Note,
    /// Worth changing something.
    Warning,
    /// What is learned is worth nothing until this is mended.
    Alert,
}

/// What a rule saw in one track.
#[derive(Clone, Debug, PartialEq)]
pub struct Sight {
    /// The number.
    pub value: f64,
    /// What it is held against.
    pub threshold: f64,
    /// Both in words, with what was looked at.
    pub because: Phrase,
}

/// Something that looks wrong.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// Name of the rule.
    pub rule: &'static str,
    /// How bad it is.
    pub gravity: Gravity,
    /// Seeds it was seen in; empty for the run as a whole.
    pub seeds: Vec<u64>,
    /// What looks wrong.
    #[serde(serialize_with = "both")]
    pub says: Text,
    /// The rule with its numbers, those of the first seed.
    pub because: Phrase,
    /// What usually helps.
    #[serde(serialize_with = "both")]
    pub helps: Text,
    /// The number.
    #[serde(serialize_with = "finite")]
    pub value: f64,
    /// What it is held against.
    #[serde(serialize_with = "finite")]
    pub threshold: f64,
    /// Where the rule comes from.
    #[serde(serialize_with = "both")]
    pub source: Text,
}

/// Holds every rule against every track; the worst first, at most one finding a rule.
#[must_use]
pub fn examine(tracks: &[&Recorded]) -> Vec<Finding> {
    let mut findings: Vec<Finding> = RULES
        .iter()
        .filter_map(|rule| {
            let seen: Vec<(Option<u64>, Sight)> = tracks
                .iter()
                .filter_map(|track| Some((track.seed, (rule.sees)(track)?)))
                .collect();
            let seeds = seen.iter().filter_map(|(seed, _)| *seed).collect();
            let (_, first) = seen.into_iter().next()?;
            Some(Finding {
                rule: rule.id,
                gravity: rule.gravity,
                seeds,
                says: rule.says,
                because: first.because,
                helps: rule.helps,
                value: first.value,
                threshold: first.threshold,
                source: rule.source,
            })
        })
        .collect();
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.gravity));
    findings
}

fn both<S: Serializer>(text: &Text, serializer: S) -> Result<S::Ok, S::Error> {
    Phrase::from(*text).serialize(serializer)
}

/// JSON has no NaN: it is `null`, as in the run directory.
fn finite<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    value.is_finite().then_some(*value).serialize(serializer)
}
