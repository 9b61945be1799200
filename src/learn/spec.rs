//! What a PPO training is asked to do: every number that decides it, as plain data.
//!
//! Owns defaults and the checks that a spec makes sense; never reads files or the environment (the
//! worker maps its configuration onto this). Start at [`PpoSpec`].

use crate::error::TrainError;
use domain::{Phrase, Text, phrase};
use kernel::Activation;
use serde::{Deserialize, Serialize};

/// Where the learner's arithmetic runs. Environments and rollouts are always on the CPU.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DeviceChoice {
    /// The first GPU if one answers, else the CPU.
    #[default]
    Auto,
    /// The fused CPU kernels.
    Cpu,
    /// The first GPU; an error where there is none.
    Cuda,
}

/// Which learner does the arithmetic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BackendChoice {
    /// libtorch on a GPU, the fused kernels on a CPU.
    #[default]
    Auto,
    /// The fused CPU kernels, whatever else is there.
    Fused,
    /// libtorch, on the CPU too.
    Torch,
}

/// How a coefficient moves from its start to the end of training.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Anneal {
    /// Stays at its start value.
    Constant,
    /// Falls in a straight line to the final share.
    #[default]
    Linear,
    /// Falls along half a cosine to the final share.
    Cosine,
}

/// A coefficient's course over training.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Schedule {
    /// Value at step 0.
    pub start: f64,
    /// Shape of the way down.
    pub anneal: Anneal,
    /// Share of `start` that is left at the last step, in `[0, 1]`; without meaning for `constant`.
    pub final_share: f64,
}

impl Default for Schedule {
    fn default() -> Self {
        Self::constant(0.0)
    }
}

impl Schedule {
    /// Returns the schedule that stays at `value`.
    #[must_use]
    pub const fn constant(value: f64) -> Self {
        Self {
            start: value,
            anneal: Anneal::Constant,
            final_share: 1.0,
        }
    }

    /// Returns the schedule that falls linearly from `start` to zero.
    #[must_use]
    pub const fn linear(start: f64) -> Self {
        Self {
            start,
            anneal: Anneal::Linear,
            final_share: 0.0,
        }
    }

    /// Returns the factor on `start` at `progress`, the share of all steps done, in `[0, 1]`.
    #[must_use]
    pub fn factor(&self, progress: f64) -> f64 {
        let progress = progress.clamp(0.0, 1.0);
        let left = match self.anneal {
            Anneal::Constant => return 1.0,
            Anneal::Linear => 1.0 - progress,
            Anneal::Cosine => 0.5 * (1.0 + (std::f64::consts::PI * progress).cos()),
        };
        self.final_share + (1.0 - self.final_share) * left
    }
}

/// Settings of PPO (Schulman et al. 2017) with the details of Huang et al. 2022, "The 37
/// implementation details of PPO".
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PpoSpec {
    /// Environment steps in total; the last rollout may go past it. At least 1.
    pub total_steps: u64,
    /// Environments stepped side by side. At least 1.
    pub n_envs: usize,
    /// Steps of each environment per rollout. At least 1.
    pub horizon: usize,
    /// Passes over each rollout. At least 1.
    pub epochs: usize,
    /// Samples per gradient step, at most `n_envs * horizon`; the last of an epoch may be smaller.
    pub minibatch_size: usize,
    /// Units of each hidden layer, the same for the policy and the value network; none is linear.
    pub hidden: Vec<usize>,
    /// Activation of every hidden unit.
    pub activation: Activation,
    /// Discount, in `[0, 1]`.
    pub gamma: f64,
    /// λ of generalised advantage estimation (Schulman et al. 2016), in `[0, 1]`.
    pub gae_lambda: f64,
    /// ε of the clipped ratio, above 0.
    pub clip_range: f64,
    /// Largest change of the value per update, in units of the (scaled) return; 0 turns it off.
    pub clip_range_value: f64,
    /// Weight of the entropy bonus.
    pub entropy_coef: Schedule,
    /// Weight of the value loss `½ (v − R)²`. Stable-Baselines3 has no ½: its 0.5 is 1.0 here.
    pub value_coef: f64,
    /// Largest global norm of the gradient; 0 turns clipping off.
    pub max_grad_norm: f64,
    /// An update ends early once the approximate KL divergence passes 1.5 times this; 0 turns it off.
    pub target_kl: f64,
    /// Step size of Adam.
    pub learning_rate: Schedule,
    /// ε of Adam.
    pub adam_eps: f64,
    /// Decoupled weight decay (AdamW); 0 is plain Adam.
    pub weight_decay: f64,
    /// Whether advantages are centred and scaled within each minibatch.
    pub normalise_advantage: bool,
    /// Whether observations are scaled by their running mean and variance, clipped to ±10.
    pub normalise_observations: bool,
    /// Whether rewards are divided by the running deviation of the discounted return, clipped to ±10.
    pub normalise_rewards: bool,
    /// Logarithm of the initial standard deviation of continuous actions.
    pub initial_log_std: f64,
    /// Seed of every random stream.
    pub seed: u64,
    /// Threads for rollouts and learning; 0 takes every core. Results don't depend on it.
    pub threads: usize,
    /// Where the learner runs.
    pub device: DeviceChoice,
    /// Which learner does the arithmetic.
    pub backend: BackendChoice,
}

impl Default for PpoSpec {
    fn default() -> Self {
        Self {
            total_steps: 1_000_000,
            n_envs: 64,
            horizon: 128,
            epochs: 4,
            minibatch_size: 1_024,
            hidden: vec![64, 64],
            activation: Activation::Tanh,
            gamma: 0.99,
            gae_lambda: 0.95,
            clip_range: 0.2,
            clip_range_value: 0.0,
            entropy_coef: Schedule::constant(0.0),
            value_coef: 0.5,
            max_grad_norm: 0.5,
            target_kl: 0.0,
            learning_rate: Schedule::linear(3e-4),
            adam_eps: 1e-5,
            weight_decay: 0.0,
            normalise_advantage: true,
            normalise_observations: false,
            normalise_rewards: false,
            initial_log_std: 0.0,
            seed: 0,
            threads: 0,
            device: DeviceChoice::Auto,
            backend: BackendChoice::Auto,
        }
    }
}

impl PpoSpec {
    /// Returns the samples of one rollout.
    #[must_use]
    pub fn batch_size(&self) -> usize {
        self.n_envs * self.horizon
    }

    /// Returns the number of threads to use: `threads`, or every core when it is 0.
    #[must_use]
    pub fn resolved_threads(&self) -> usize {
        if self.threads > 0 {
            return self.threads;
        }
        std::thread::available_parallelism().map_or(1, usize::from)
    }

    /// Checks every field and every contradiction between fields.
    ///
    /// # Errors
    /// [`TrainError::Spec`] with all problems at once.
    pub fn validate(&self) -> Result<(), TrainError> {
        let unit = |value: f64| (0.0..=1.0).contains(&value);
        let at_least_zero = |value: f64| value.is_finite() && value >= 0.0;
        let above_zero = |value: f64| value.is_finite() && value > 0.0;
        let (minibatch, batch, hidden) = (self.minibatch_size, self.batch_size(), &self.hidden);
        let rules: [(bool, Phrase); 20] = [
            (
                self.total_steps >= 1,
                phrase!(
                    "total_steps must be at least 1",
                    "total_steps: 1 이상이어야 합니다"
                ),
            ),
            (
                self.n_envs >= 1,
                phrase!("n_envs must be at least 1", "n_envs: 1 이상이어야 합니다"),
            ),
            (
                self.horizon >= 1,
                phrase!("horizon must be at least 1", "horizon: 1 이상이어야 합니다"),
            ),
            (
                self.epochs >= 1,
                phrase!("epochs must be at least 1", "epochs: 1 이상이어야 합니다"),
            ),
            (
                (1..=self.batch_size().max(1)).contains(&self.minibatch_size),
                phrase!(
                    "minibatch_size = {minibatch} must be in 1..={batch} (n_envs * horizon)",
                    "minibatch_size = {minibatch}: 1..={batch} (n_envs * horizon) 안에 있어야 합니다"
                ),
            ),
            (
                self.hidden.iter().all(|units| *units > 0),
                phrase!(
                    "hidden = {hidden:?} must have at least 1 unit in every layer",
                    "hidden = {hidden:?}: 층마다 유닛이 1개 이상이어야 합니다"
                ),
            ),
            (unit(self.gamma), must("gamma", self.gamma, &SHARE)),
            (
                unit(self.gae_lambda),
                must("gae_lambda", self.gae_lambda, &SHARE),
            ),
            (
                above_zero(self.clip_range),
                must("clip_range", self.clip_range, &POSITIVE),
            ),
            (
                at_least_zero(self.clip_range_value),
                must("clip_range_value", self.clip_range_value, &OFF_OR_ABOVE),
            ),
            (
                at_least_zero(self.entropy_coef.start),
                must("entropy_coef.start", self.entropy_coef.start, &NOT_NEGATIVE),
            ),
            (
                unit(self.entropy_coef.final_share),
                must(
                    "entropy_coef.final_share",
                    self.entropy_coef.final_share,
                    &SHARE,
                ),
            ),
            (
                at_least_zero(self.value_coef),
                must("value_coef", self.value_coef, &NOT_NEGATIVE),
            ),
            (
                at_least_zero(self.max_grad_norm),
                must("max_grad_norm", self.max_grad_norm, &OFF_OR_ABOVE),
            ),
            (
                at_least_zero(self.target_kl),
                must("target_kl", self.target_kl, &OFF_OR_ABOVE),
            ),
            (
                above_zero(self.learning_rate.start),
                must("learning_rate.start", self.learning_rate.start, &POSITIVE),
            ),
            (
                unit(self.learning_rate.final_share),
                must(
                    "learning_rate.final_share",
                    self.learning_rate.final_share,
                    &SHARE,
                ),
            ),
            (
                above_zero(self.adam_eps),
                must("adam_eps", self.adam_eps, &POSITIVE),
            ),
            (
                at_least_zero(self.weight_decay),
                must("weight_decay", self.weight_decay, &NOT_NEGATIVE),
            ),
            (
                self.initial_log_std.is_finite(),
                must("initial_log_std", self.initial_log_std, &FINITE),
            ),
        ];
        let problems: Vec<Phrase> = rules
            .into_iter()
            .filter(|(holds, _)| !holds)
            .map(|(_, message)| message)
            .collect();
        if problems.is_empty() {
            Ok(())
        } else {
            Err(TrainError::Spec { problems })
        }
    }
}

const SHARE: Text = Text::new("be in [0, 1]", "[0, 1] 안에 있어야 합니다");
const POSITIVE: Text = Text::new("be above 0", "0보다 커야 합니다");
const NOT_NEGATIVE: Text = Text::new("be 0 or above", "0 이상이어야 합니다");
const OFF_OR_ABOVE: Text = Text::new("be 0 (off) or above", "0(끔) 이상이어야 합니다");
const FINITE: Text = Text::new("be finite", "유한한 수여야 합니다");

fn must(key: &str, value: f64, rule: &Text) -> Phrase {
    let Text { en, ko } = rule;
    phrase!("{key} = {value} must {en}", "{key} = {value}: {ko}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(Anneal::Constant, 0.0, 1.0, 1.0)]
    #[case(Anneal::Linear, 0.0, 0.0, 1.0)]
    #[case(Anneal::Linear, 0.0, 0.75, 0.25)]
    #[case(Anneal::Linear, 0.1, 1.0, 0.1)]
    #[case(Anneal::Cosine, 0.0, 0.5, 0.5)]
    #[case(Anneal::Cosine, 0.2, 1.0, 0.2)]
    fn schedules_fall_as_named(
        #[case] anneal: Anneal,
        #[case] final_share: f64,
        #[case] progress: f64,
        #[case] expected: f64,
    ) {
        let schedule = Schedule {
            start: 3.0,
            anneal,
            final_share,
        };
        assert!((schedule.factor(progress) - expected).abs() < 1e-12);
    }

    #[test]
    fn defaults_are_valid_and_survive_serialisation() {
        let spec = PpoSpec::default();
        spec.validate().unwrap();
        let text = serde_json::to_string(&spec).unwrap();
        assert_eq!(serde_json::from_str::<PpoSpec>(&text).unwrap(), spec);
    }

    #[test]
    fn every_problem_is_reported_at_once() {
        let spec = PpoSpec {
            minibatch_size: 1_000_000,
            gamma: 1.5,
            learning_rate: Schedule::linear(f64::NAN),
            hidden: vec![64, 0],
            ..PpoSpec::default()
        };
        let Err(TrainError::Spec { problems }) = spec.validate() else {
            panic!("a spec with four faults was accepted");
        };
        assert_eq!(problems.len(), 4, "{problems:?}");
    }
}
