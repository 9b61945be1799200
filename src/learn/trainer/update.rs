//! One update: collect a rollout, estimate advantages, several epochs of minibatches.

use super::Trainer;
use crate::{
    callback::{Requests, Turn},
    error::TrainError,
    learner::Coefficients,
    sink::{Metrics, TrainEvent},
};
use domain::{Clock, Text};
use kernel::{Gae, PpoStats};

/// An update ends early beyond this multiple of the target KL divergence, as in Stable-Baselines3.
const KL_TOLERANCE: f64 = 1.5;

/// What an update leaves for the loop.
#[derive(Debug, Default)]
pub(super) struct Updated {
    pub(super) metrics: Metrics,
    pub(super) requests: Requests,
    pub(super) events: Vec<TrainEvent>,
}

/// Means over the minibatches of an update.
#[derive(Debug, Default)]
struct Losses {
    sum: PpoStats,
    norm: f64,
    minibatches: f64,
    /// Epochs begun.
    epochs: f64,
}

/// Which of the two hooks runs.
#[derive(Clone, Copy)]
enum Hook {
    Before,
    After,
}

impl Trainer {
    /// Runs one update with its callbacks.
    ///
    /// # Errors
    /// [`TrainError::NotFinite`], after the weights were put back; whatever a callback returns.
    pub(super) fn update(&mut self, clock: &dyn Clock) -> Result<Updated, TrainError> {
        let mut updated = Updated::default();
        let mut at = Coefficients {
            learning_rate: self.settings.learning_rate.start,
            entropy_coef: self.settings.entropy_coef.start,
            clip_range: self.settings.clip_range,
        };
        self.call(Hook::Before, &mut at, &mut updated, clock)?;
        self.collect(&mut updated.metrics)?;
        self.learn(&at, &mut updated.metrics)?;
        self.progress.updates += 1;
        self.progress.steps += self.spec.batch_size() as u64;
        self.call(Hook::After, &mut at, &mut updated, clock)?;
        Ok(updated)
    }

    fn call(
        &mut self,
        hook: Hook,
        coefficients: &mut Coefficients,
        updated: &mut Updated,
        clock: &dyn Clock,
    ) -> Result<(), TrainError> {
        let mut turn = Turn {
            progress: self.progress,
            coefficients,
            settings: &self.settings,
            metrics: &mut updated.metrics,
            requests: &mut updated.requests,
            events: &mut updated.events,
            policy: &mut self.policy,
            clock,
            saving: self.saving,
        };
        for callback in &mut self.callbacks {
            match hook {
                Hook::Before => callback.before_update(&mut turn)?,
                Hook::After => callback.after_update(&mut turn)?,
            }
        }
        Ok(())
    }

    fn collect(&mut self, metrics: &mut Metrics) -> Result<(), TrainError> {
        let gathered =
            self.rollouts
                .collect(&self.pool, &self.actors, &self.normaliser, self.spec.gamma);
        if let Some(what) = gathered.fault {
            return Err(self.not_finite(what));
        }
        self.scaler.update(&gathered.discounted);
        let gae = Gae {
            gamma: self.spec.gamma as f32,
            lambda: self.spec.gae_lambda as f32,
        };
        self.rollouts.estimate(&self.pool, &self.scaler, gae);
        self.normaliser.update(&gathered.obs);
        self.progress.episodes += gathered.episodes.len() as u64;
        metrics.insert("rollout/reward_mean".to_owned(), gathered.reward_mean);
        metrics.insert(
            "rollout/episodes".to_owned(),
            gathered.episodes.len() as f64,
        );
        if !gathered.episodes.is_empty() {
            let n = gathered.episodes.len() as f64;
            let returns: f64 = gathered.episodes.iter().map(|(total, _)| total).sum();
            let lengths: u64 = gathered.episodes.iter().map(|(_, length)| length).sum();
            metrics.insert("rollout/episode_return".to_owned(), returns / n);
            metrics.insert("rollout/episode_length".to_owned(), lengths as f64 / n);
        }
        let explained = self.rollouts.explained_variance();
        metrics.insert("loss/explained_variance".to_owned(), explained);
        Ok(())
    }

    fn learn(&mut self, at: &Coefficients, metrics: &mut Metrics) -> Result<(), TrainError> {
        let good = self.learner.save()?;
        match self.epochs(at) {
            Ok(losses) => {
                losses.report(metrics);
                self.refresh_policy()
            }
            Err(error) => {
                self.restore(&good)?;
                Err(error)
            }
        }
    }

    fn epochs(&mut self, at: &Coefficients) -> Result<Losses, TrainError> {
        let mut losses = Losses::default();
        let rollout = self.rollouts.rows();
        self.learner.begin(&rollout)?;
        self.rows.clear();
        self.rows
            .extend(0..u32::try_from(rollout.log_prob.len()).expect("a rollout fits memory"));
        for _ in 0..self.spec.epochs {
            losses.epochs += 1.0;
            self.shuffle.shuffle(&mut self.rows);
            for rows in self.rows.chunks(self.spec.minibatch_size) {
                let stats = self.learner.gradient(&rollout, rows, at)?;
                if let Some(what) = fault_in(&stats) {
                    return Err(self.not_finite(what));
                }
                let target = self.spec.target_kl;
                if target > 0.0 && stats.approx_kl > KL_TOLERANCE * target {
                    losses.add(&stats, 0.0);
                    return Ok(losses);
                }
                let norm = self.learner.step(at)?;
                if !norm.is_finite() {
                    return Err(self.not_finite(Text::new("the gradient", "기울기")));
                }
                losses.add(&stats, norm);
            }
        }
        Ok(losses)
    }

    fn not_finite(&self, what: Text) -> TrainError {
        TrainError::NotFinite {
            step: self.progress.steps,
            update: self.progress.updates + 1,
            what,
        }
    }
}

fn fault_in(stats: &PpoStats) -> Option<Text> {
    [
        (stats.policy_loss, Text::new("the policy loss", "정책 손실")),
        (stats.value_loss, Text::new("the value loss", "가치 손실")),
        (stats.entropy, Text::new("the entropy", "엔트로피")),
    ]
    .into_iter()
    .find(|(value, _)| !value.is_finite())
    .map(|(_, what)| what)
}

impl Losses {
    fn add(&mut self, stats: &PpoStats, norm: f64) {
        self.sum.policy_loss += stats.policy_loss;
        self.sum.value_loss += stats.value_loss;
        self.sum.entropy += stats.entropy;
        self.sum.approx_kl += stats.approx_kl;
        self.sum.clip_fraction += stats.clip_fraction;
        self.norm += norm;
        self.minibatches += 1.0;
    }

    fn report(&self, metrics: &mut Metrics) {
        for (key, sum) in [
            ("loss/policy", self.sum.policy_loss),
            ("loss/value", self.sum.value_loss),
            ("loss/entropy", self.sum.entropy),
            ("loss/approx_kl", self.sum.approx_kl),
            ("loss/clip_fraction", self.sum.clip_fraction),
            ("loss/grad_norm", self.norm),
        ] {
            metrics.insert(key.to_owned(), sum / self.minibatches);
        }
        metrics.insert("loss/epochs".to_owned(), self.epochs);
    }
}
