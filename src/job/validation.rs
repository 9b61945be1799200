//! Scores a policy on the validation window: one deterministic pass, costs as stated.
//!
//! The score is a lower bound of the window's log growth, two standard errors below it. A policy
//! that does nothing scores 0. The best of many checkpoints is luck in part; with one standard
//! error a policy that held one position through pure noise beat a flat one in 3 of 5 seeds.

use learn::{ActionBuffer, Metrics, MlpPolicy, Policy, TrainError, Validated, Validation};
use sim::{EpisodeRecord, Market, SimError, StepOut, TradingEnv, TradingSpec, VecEnv};
use std::ops::Range;

/// How far below the growth the score lies: about its 2.5 % quantile.
const STANDARD_ERRORS: f64 = 2.0;

/// One pass over a window of a market.
#[derive(Clone, Debug)]
pub struct Pass {
    market: Market,
    range: Range<usize>,
    spec: TradingSpec,
}

impl Pass {
    /// Passes over `range` of `market` under `spec`.
    #[must_use]
    pub fn new(market: &Market, range: Range<usize>, spec: &TradingSpec) -> Self {
        Self {
            market: market.clone(),
            range,
            spec: spec.clone(),
        }
    }

    /// Plays the window once with `policy`.
    ///
    /// # Errors
    /// What the environment says of the spec or the range.
    pub fn play(&self, policy: &mut MlpPolicy) -> Result<EpisodeRecord, SimError> {
        let mut env = TradingEnv::evaluator(&self.market, self.range.clone(), &self.spec)?;
        let dim = env.obs_dim();
        let (mut obs, mut final_obs) = (vec![0.0; dim], vec![0.0; dim]);
        let (mut reward, mut terminated, mut truncated) = ([0.0], [false], [false]);
        let mut actions = ActionBuffer::new(env.action_space(), 1);
        env.reset(&mut obs);
        for _ in 0..env.steps_in_range() {
            policy.act(&obs, &mut actions);
            env.step(
                actions.view(),
                &mut StepOut {
                    obs: &mut obs,
                    reward: &mut reward,
                    terminated: &mut terminated,
                    truncated: &mut truncated,
                    final_obs: &mut final_obs,
                },
            );
            if terminated[0] {
                break;
            }
        }
        Ok(env.record().cloned().unwrap_or_default())
    }

    /// Plays the window once and returns one target a bar of it, `[range.len()]`.
    ///
    /// After a ruin the position stays as it was; the last bar's target never fills.
    ///
    /// # Errors
    /// As [`play`](Self::play).
    pub fn targets(&self, policy: &mut MlpPolicy) -> Result<Vec<f64>, SimError> {
        let record = self.play(policy)?;
        let mut targets = record.targets;
        let last = targets.last().copied().unwrap_or(0.0);
        targets.resize(self.range.len(), last);
        Ok(targets)
    }

    fn initial_equity(&self) -> f64 {
        self.spec.account.initial_equity
    }
}

/// The lower bound of the log growth over a window, with what else is worth a line.
#[must_use]
pub fn score(initial: f64, record: &EpisodeRecord) -> Validated {
    let mut before = initial;
    let growth: Vec<f64> = record
        .equity
        .iter()
        .map(|equity| {
            let step = (equity.max(f64::MIN_POSITIVE) / before.max(f64::MIN_POSITIVE)).ln();
            before = *equity;
            step
        })
        .collect();
    let n = growth.len() as f64;
    let total: f64 = growth.iter().sum();
    let mean = total / n;
    let variance =
        growth.iter().map(|step| (step - mean).powi(2)).sum::<f64>() / (n - 1.0).max(1.0);
    let peak_to_trough = record
        .equity
        .iter()
        .scan(initial, |peak, equity| {
            *peak = peak.max(*equity);
            Some(1.0 - equity / *peak)
        })
        .fold(0.0, f64::max);
    let changes = record
        .targets
        .windows(2)
        .filter(|pair| (pair[0] - pair[1]).abs() > 1e-12)
        .count();
    let exposed = record
        .targets
        .iter()
        .filter(|target| target.abs() > 1e-12)
        .count();
    let score = if record.ruined {
        f64::MIN / 2.0
    } else {
        total - STANDARD_ERRORS * (variance * n).sqrt()
    };
    Validated {
        score,
        metrics: Metrics::from([
            ("valid/log_growth".to_owned(), total),
            ("valid/max_drawdown".to_owned(), peak_to_trough),
            ("valid/changes".to_owned(), changes as f64),
            ("valid/exposure".to_owned(), exposed as f64 / n.max(1.0)),
        ]),
    }
}

/// Validation of trading policies on one window.
#[derive(Debug)]
pub struct MarketValidation {
    pass: Pass,
}

impl MarketValidation {
    /// Scores on what `pass` plays.
    #[must_use]
    pub fn new(pass: Pass) -> Self {
        Self { pass }
    }
}

impl Validation for MarketValidation {
    fn validate(&mut self, policy: &mut MlpPolicy) -> Result<Validated, TrainError> {
        let record = self.pass.play(policy)?;
        Ok(score(self.pass.initial_equity(), &record))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(equity: Vec<f64>) -> EpisodeRecord {
        EpisodeRecord {
            targets: vec![1.0; equity.len()],
            equity,
            ..EpisodeRecord::default()
        }
    }

    #[test]
    fn doing_nothing_scores_zero_and_noise_scores_below() {
        let flat = score(100.0, &record(vec![100.0; 50]));
        assert!(flat.score.abs() < 1e-12);
        let noise = (0..50)
            .map(|i| if i % 2 == 0 { 101.0 } else { 100.0 })
            .collect();
        assert!(score(100.0, &record(noise)).score < 0.0);
    }

    #[test]
    fn steady_growth_scores_its_whole_growth() {
        let equity: Vec<f64> = (1..=50).map(|i| 100.0 * 1.01_f64.powi(i)).collect();
        let found = score(100.0, &record(equity));
        assert!((found.score - 50.0 * 1.01_f64.ln()).abs() < 1e-9);
    }

    #[test]
    fn a_ruined_pass_loses_against_everything() {
        let ruined = EpisodeRecord {
            ruined: true,
            ..record(vec![50.0, 5.0])
        };
        assert!(score(100.0, &ruined).score < -1e100);
    }
}
