//! The learner on the fused CPU kernels: the default, with the same bits for any number of threads.

use crate::{
    error::TrainError,
    learner::{Coefficients, LearnConfig, Learner, LearnerState},
};
use kernel::{
    AdamW, AdamWConfig, AdamWState, AdvantageScale, MlpShape, Policy, Pool, PpoGradient, PpoLoss,
    PpoStats, Rollout,
};
use std::sync::Arc;

/// PPO's learner on the CPU.
#[derive(Debug)]
pub struct FusedLearner {
    policy: Policy,
    gradient: PpoGradient,
    optimiser: AdamW,
    config: LearnConfig,
}

impl FusedLearner {
    /// Takes `parameters`, in the order of `shape.layout()`.
    ///
    /// # Errors
    /// [`TrainError::Weights`] when they are of another shape or not finite.
    pub fn new(
        shape: &MlpShape,
        parameters: &[f32],
        config: LearnConfig,
        pool: Arc<Pool>,
    ) -> Result<Self, TrainError> {
        let policy = Policy::from_params(shape.clone(), pool, parameters.to_vec())?;
        let optimiser = AdamW::new(adamw(&config), parameters.len());
        Ok(Self {
            gradient: PpoGradient::new(&policy),
            policy,
            optimiser,
            config,
        })
    }
}

impl Learner for FusedLearner {
    fn describe(&self) -> String {
        let threads = self.policy.pool().workers();
        format!(
            "cpu, fused kernels ({}), {threads} threads",
            self.policy.isa().name()
        )
    }

    fn begin(&mut self, _rollout: &Rollout<'_>) -> Result<(), TrainError> {
        Ok(())
    }

    fn gradient(
        &mut self,
        rollout: &Rollout<'_>,
        rows: &[u32],
        at: &Coefficients,
    ) -> Result<PpoStats, TrainError> {
        let range = self.config.clip_range_value;
        let loss = PpoLoss {
            clip_range: at.clip_range as f32,
            value_clip_range: (range > 0.0).then_some(range as f32),
            entropy_coef: at.entropy_coef as f32,
            value_coef: self.config.value_coef as f32,
            advantage: if self.config.normalise_advantage {
                AdvantageScale::Standardised
            } else {
                AdvantageScale::Raw
            },
        };
        Ok(self.gradient.compute(&self.policy, rollout, rows, &loss))
    }

    fn step(&mut self, at: &Coefficients) -> Result<f64, TrainError> {
        let gradient = self.gradient.gradient();
        let optimiser = &mut self.optimiser;
        Ok(self
            .policy
            .update(|arena| optimiser.step(arena, gradient, at.learning_rate)))
    }

    fn copy_gradient(&self, into: &mut [f32]) -> Result<(), TrainError> {
        into.copy_from_slice(self.gradient.gradient());
        Ok(())
    }

    fn copy_parameters(&self, into: &mut [f32]) -> Result<(), TrainError> {
        into.copy_from_slice(self.policy.params());
        Ok(())
    }

    fn save(&self) -> Result<LearnerState, TrainError> {
        let AdamWState { m, v, step } = self.optimiser.state().clone();
        Ok(LearnerState {
            parameters: self.policy.params().to_vec(),
            first: m,
            second: v,
            steps: step,
        })
    }

    fn load(&mut self, state: &LearnerState) -> Result<(), TrainError> {
        let LearnerState {
            parameters,
            first,
            second,
            steps,
        } = state.clone();
        let memory = AdamWState {
            m: first,
            v: second,
            step: steps,
        };
        let optimiser = AdamW::from_state(adamw(&self.config), memory, parameters.len())?;
        self.policy.set_params(&parameters)?;
        self.optimiser = optimiser;
        Ok(())
    }
}

fn adamw(config: &LearnConfig) -> AdamWConfig {
    AdamWConfig {
        eps: config.adam_eps,
        weight_decay: config.weight_decay,
        max_grad_norm: if config.max_grad_norm > 0.0 {
            config.max_grad_norm
        } else {
            f64::INFINITY
        },
        ..AdamWConfig::default()
    }
}
