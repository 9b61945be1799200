//! The seam behind which the gradient is computed and the parameters move.
//!
//! Acting is not behind it: rollouts and evaluation always run the fused forward pass on the CPU
//! with a copy of the parameters, so a GPU is never waited for between two environment steps.

use crate::{
    device::Backend, error::TrainError, fused::FusedLearner, spec::PpoSpec, torch::TorchLearner,
};
use kernel::{MlpShape, Pool, PpoStats, Rollout};
use serde::{Deserialize, Serialize};
use std::{fmt::Debug, sync::Arc};

/// What may change from update to update.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Coefficients {
    /// Step size of Adam.
    pub learning_rate: f64,
    /// Weight of the entropy bonus.
    pub entropy_coef: f64,
    /// ε of the clipped ratio.
    pub clip_range: f64,
}

/// What stays the same over a training.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LearnConfig {
    /// Weight of the value loss `½ (v − R)²`.
    pub value_coef: f64,
    /// Largest change of the value; 0 is off.
    pub clip_range_value: f64,
    /// Largest global norm of the gradient; 0 is off.
    pub max_grad_norm: f64,
    /// ε of Adam.
    pub adam_eps: f64,
    /// Decoupled weight decay.
    pub weight_decay: f64,
    /// Whether advantages are standardised within each minibatch.
    pub normalise_advantage: bool,
}

impl LearnConfig {
    /// Returns the part of `spec` that a learner needs.
    #[must_use]
    pub fn of(spec: &PpoSpec) -> Self {
        Self {
            value_coef: spec.value_coef,
            clip_range_value: spec.clip_range_value,
            max_grad_norm: spec.max_grad_norm,
            adam_eps: spec.adam_eps,
            weight_decay: spec.weight_decay,
            normalise_advantage: spec.normalise_advantage,
        }
    }
}

/// Parameters and the optimiser's memory, in the order of [`kernel::Layout`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LearnerState {
    /// `[params]`.
    pub parameters: Vec<f32>,
    /// First moment of the gradient, `[params]`.
    pub first: Vec<f32>,
    /// Second moment of the gradient, `[params]`.
    pub second: Vec<f32>,
    /// Optimiser steps taken.
    pub steps: u64,
}

/// Computes PPO's gradient and moves the parameters.
///
/// Calls come as `begin (gradient step?)*`, again and again. `load(save())` continues with the
/// same bits on the CPU. Parameters are in the order of [`kernel::Layout`].
pub trait Learner: Debug + Send {
    /// Returns where the arithmetic runs, in words.
    fn describe(&self) -> String;

    /// Announces the rollout of the next update; it stays the same until the next `begin`.
    ///
    /// # Errors
    /// [`TrainError::Torch`].
    fn begin(&mut self, rollout: &Rollout<'_>) -> Result<(), TrainError>;

    /// Computes loss and gradient of the minibatch made of these rows of the announced rollout.
    ///
    /// # Errors
    /// [`TrainError::Torch`].
    fn gradient(
        &mut self,
        rollout: &Rollout<'_>,
        rows: &[u32],
        at: &Coefficients,
    ) -> Result<PpoStats, TrainError>;

    /// Clips the last gradient, moves the parameters, and returns the global norm before clipping.
    /// When that is not finite, nothing changes.
    ///
    /// # Errors
    /// [`TrainError::Torch`].
    fn step(&mut self, at: &Coefficients) -> Result<f64, TrainError>;

    /// Writes the last gradient, not yet clipped, `[params]`; without meaning after `step`.
    ///
    /// # Errors
    /// [`TrainError::Torch`].
    fn copy_gradient(&self, into: &mut [f32]) -> Result<(), TrainError>;

    /// Writes the parameters, `[params]`.
    ///
    /// # Errors
    /// [`TrainError::Torch`].
    fn copy_parameters(&self, into: &mut [f32]) -> Result<(), TrainError>;

    /// Returns everything needed to continue.
    ///
    /// # Errors
    /// [`TrainError::Torch`].
    fn save(&self) -> Result<LearnerState, TrainError>;

    /// Continues from a saved state of the same shape.
    ///
    /// # Errors
    /// [`TrainError::Weights`] when it is of another shape or not finite; [`TrainError::Torch`].
    fn load(&mut self, state: &LearnerState) -> Result<(), TrainError>;
}

/// Returns the learner for `backend`, with fresh optimiser memory.
///
/// # Errors
/// [`TrainError::Weights`] or [`TrainError::Torch`].
pub fn build(
    backend: Backend,
    shape: &MlpShape,
    parameters: &[f32],
    config: LearnConfig,
    pool: &Arc<Pool>,
) -> Result<Box<dyn Learner>, TrainError> {
    Ok(match backend {
        Backend::Fused => Box::new(FusedLearner::new(
            shape,
            parameters,
            config,
            Arc::clone(pool),
        )?),
        Backend::Torch(device) => Box::new(TorchLearner::new(
            shape,
            parameters,
            config,
            device,
            pool.workers(),
        )?),
    })
}
