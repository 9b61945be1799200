//! The learner on libtorch, for a GPU: same network, loss and optimiser as the fused kernels.
//!
//! Every parameter is a view of one flat tensor and every gradient a view of another, so that
//! clipping, the optimiser's step and checkpoints are single operations on the device.

mod arena;
#[cfg(test)]
mod tests;

use crate::{
    error::TrainError,
    learner::{Coefficients, LearnConfig, Learner, LearnerState},
};
use arena::Arena;
use kernel::{Actions, Activation, Head, MlpShape, PpoStats, Rollout};
use tch::{Device, Kind, TchError, Tensor};

/// ½ ln 2π.
const HALF_LN_TAU: f64 = 0.918_938_533_204_672_8;

/// PPO's learner on any device of libtorch.
#[derive(Debug)]
pub struct TorchLearner {
    shape: MlpShape,
    config: LearnConfig,
    device: Device,
    arena: Arena,
    /// The rollout on the device, from [`Learner::begin`] on.
    batch: Option<DeviceBatch>,
}

#[derive(Debug)]
struct DeviceBatch {
    obs: Tensor,
    actions: Tensor,
    log_prob: Tensor,
    value: Tensor,
    advantage: Tensor,
    returns: Tensor,
}

impl TorchLearner {
    /// Puts `parameters`, in the order of `shape.layout()`, on `device`.
    ///
    /// # Errors
    /// [`TrainError::Torch`].
    pub fn new(
        shape: &MlpShape,
        parameters: &[f32],
        config: LearnConfig,
        device: Device,
        threads: usize,
    ) -> Result<Self, TrainError> {
        // On a GPU the CPU side only feeds it; spinning helper threads would slow the rollout.
        let threads = if device.is_cuda() { 1 } else { threads };
        tch::set_num_threads(i32::try_from(threads).unwrap_or(1));
        let layout = shape.layout();
        let arena = Arena::new(layout, parameters, device).map_err(|e| TrainError::torch(&e))?;
        Ok(Self {
            shape: shape.clone(),
            config,
            device,
            arena,
            batch: None,
        })
    }

    fn upload(&self, rollout: &Rollout<'_>) -> Result<DeviceBatch, TchError> {
        let column = |values: &[f32]| Tensor::f_from_slice(values)?.f_to_device(self.device);
        let actions = match rollout.actions {
            Actions::Discrete(actions) => {
                let actions: Vec<i64> = actions.iter().map(|a| i64::from(*a)).collect();
                Tensor::f_from_slice(&actions)?.f_to_device(self.device)?
            }
            Actions::Continuous(actions) => {
                column(actions)?.f_view([-1, self.shape.head.width() as i64])?
            }
        };
        Ok(DeviceBatch {
            obs: column(rollout.obs)?.f_view([-1, self.shape.obs_dim as i64])?,
            actions,
            log_prob: column(rollout.log_prob)?,
            value: column(rollout.value)?,
            advantage: column(rollout.advantage)?,
            returns: column(rollout.returns)?,
        })
    }

    /// Returns the actor's output `[n, width]` and the critic's `[n]`.
    fn forward(&self, obs: &Tensor) -> Result<(Tensor, Tensor), TchError> {
        let actor = self.trunk("actor", obs)?;
        let critic = self.trunk("critic", obs)?.f_squeeze_dim(1)?;
        Ok((actor, critic))
    }

    fn trunk(&self, name: &str, obs: &Tensor) -> Result<Tensor, TchError> {
        let depth = self.shape.hidden.len();
        let mut x = obs.shallow_clone();
        for layer in 0..=depth {
            let weight = self.arena.leaf(&format!("{name}.{layer}.weight"));
            let bias = self.arena.leaf(&format!("{name}.{layer}.bias"));
            x = x.f_linear(weight, Some(bias))?;
            if layer < depth {
                x = match self.shape.activation {
                    Activation::Tanh => x.f_tanh()?,
                    Activation::Relu => x.f_relu()?,
                };
            }
        }
        Ok(x)
    }

    /// Returns log-probabilities `[n]` of `actions` and the mean entropy.
    fn distribution(&self, head: &Tensor, actions: &Tensor) -> Result<(Tensor, Tensor), TchError> {
        match self.shape.head {
            Head::Categorical(_) => {
                let log_p = head.f_log_softmax(-1, Kind::Float)?;
                let chosen = log_p
                    .f_gather(1, &actions.f_unsqueeze(1)?, false)?
                    .f_squeeze_dim(1)?;
                let summed = (log_p.f_exp()? * &log_p).f_sum_dim_intlist(-1, false, Kind::Float)?;
                Ok((chosen, summed.f_mean(Kind::Float)?.f_neg()?))
            }
            Head::Gaussian(dim) => {
                let log_std = self.arena.leaf("actor.log_std");
                let z = (actions.f_sub(head)? / log_std.f_exp()?).f_square()?;
                let squares = z.f_sum_dim_intlist(-1, false, Kind::Float)?;
                let width = log_std.f_sum(Kind::Float)?;
                let log_p = squares * -0.5 - &width - dim as f64 * HALF_LN_TAU;
                Ok((log_p, width + dim as f64 * (0.5 + HALF_LN_TAU)))
            }
        }
    }

    /// Computes the loss on `rows` and leaves its gradient in the arena.
    fn backward(&mut self, rows: &[u32], at: &Coefficients) -> Result<PpoStats, TchError> {
        let rows: Vec<i64> = rows.iter().map(|row| i64::from(*row)).collect();
        let rows = Tensor::f_from_slice(&rows)?.f_to_device(self.device)?;
        let batch = self.batch.as_ref().expect("begin comes before gradient");
        let pick = |column: &Tensor| column.f_index_select(0, &rows);
        let (head, value) = self.forward(&pick(&batch.obs)?)?;
        let (log_prob, entropy) = self.distribution(&head, &pick(&batch.actions)?)?;
        let log_ratio = log_prob.f_sub(&pick(&batch.log_prob)?)?;
        let ratio = log_ratio.f_exp()?;
        let mut advantage = pick(&batch.advantage)?;
        if self.config.normalise_advantage && advantage.numel() > 1 {
            let centred = advantage.f_sub(&advantage.f_mean(Kind::Float)?)?;
            advantage = centred / (advantage.f_std(true)? + 1e-8);
        }
        let clipped = ratio.f_clamp(1.0 - at.clip_range, 1.0 + at.clip_range)?;
        let policy = (&advantage * &ratio)
            .f_minimum(&(&advantage * clipped))?
            .f_mean(Kind::Float)?
            .f_neg()?;
        let value_loss = self.value_loss(&value, &pick(&batch.value)?, &pick(&batch.returns)?)?;
        let loss = &policy + &value_loss * self.config.value_coef - &entropy * at.entropy_coef;
        self.arena.clear_gradients()?;
        loss.f_backward()?;
        self.arena.adopt_gradients()?;
        let outside = (&ratio - 1.0).f_abs()?.f_gt(at.clip_range)?;
        let kl = (&ratio - 1.0 - &log_ratio).f_mean(Kind::Float)?;
        let mut found = [0.0_f32; 6];
        Tensor::f_stack(
            &[
                policy,
                value_loss,
                entropy,
                kl,
                outside.f_mean(Kind::Float)?,
                ratio.f_mean(Kind::Float)?,
            ],
            0,
        )?
        .f_detach()?
        .f_to_device(Device::Cpu)?
        .f_copy_data(&mut found, 6)?;
        let [
            policy_loss,
            value_loss,
            entropy,
            approx_kl,
            clip_fraction,
            ratio_mean,
        ] = found.map(f64::from);
        Ok(PpoStats {
            policy_loss,
            value_loss,
            entropy,
            approx_kl,
            clip_fraction,
            ratio_mean,
        })
    }

    fn value_loss(&self, new: &Tensor, old: &Tensor, returns: &Tensor) -> Result<Tensor, TchError> {
        let squares = (new - returns).f_square()?;
        let range = self.config.clip_range_value;
        let squares = if range > 0.0 {
            let clipped = old + (new - old).f_clamp(-range, range)?;
            squares.f_maximum(&(clipped - returns).f_square()?)?
        } else {
            squares
        };
        Ok(squares.f_mean(Kind::Float)? * 0.5)
    }
}

impl Learner for TorchLearner {
    fn describe(&self) -> String {
        format!("libtorch on {:?}", self.device)
    }

    fn begin(&mut self, rollout: &Rollout<'_>) -> Result<(), TrainError> {
        self.upload(rollout)
            .map(|batch| self.batch = Some(batch))
            .map_err(|e| TrainError::torch(&e))
    }

    fn gradient(
        &mut self,
        _rollout: &Rollout<'_>,
        rows: &[u32],
        at: &Coefficients,
    ) -> Result<PpoStats, TrainError> {
        self.backward(rows, at).map_err(|e| TrainError::torch(&e))
    }

    fn step(&mut self, at: &Coefficients) -> Result<f64, TrainError> {
        self.arena
            .step(&self.config, at.learning_rate)
            .map_err(|e| TrainError::torch(&e))
    }

    fn copy_gradient(&self, into: &mut [f32]) -> Result<(), TrainError> {
        download(&self.arena.gradients, into)
    }

    fn copy_parameters(&self, into: &mut [f32]) -> Result<(), TrainError> {
        download(&self.arena.parameters, into)
    }

    fn save(&self) -> Result<LearnerState, TrainError> {
        let copy = |tensor: &Tensor| {
            let mut values = vec![0.0; tensor.numel()];
            download(tensor, &mut values).map(|()| values)
        };
        Ok(LearnerState {
            parameters: copy(&self.arena.parameters)?,
            first: copy(&self.arena.first)?,
            second: copy(&self.arena.second)?,
            steps: self.arena.steps,
        })
    }

    fn load(&mut self, state: &LearnerState) -> Result<(), TrainError> {
        let expected = self.arena.layout.len();
        for (what, values) in [
            ("parameters", &state.parameters),
            ("first moment", &state.first),
            ("second moment", &state.second),
        ] {
            if values.len() != expected {
                let found = values.len();
                return Err(kernel::KernelError::ParamCount {
                    what,
                    found,
                    expected,
                }
                .into());
            }
        }
        let _guard = tch::no_grad_guard();
        let Arena {
            parameters,
            first,
            second,
            steps,
            ..
        } = &mut self.arena;
        upload(parameters, &state.parameters)?;
        upload(first, &state.first)?;
        upload(second, &state.second)?;
        *steps = state.steps;
        Ok(())
    }
}

fn download(tensor: &Tensor, into: &mut [f32]) -> Result<(), TrainError> {
    tensor
        .f_to_device(Device::Cpu)
        .and_then(|tensor| tensor.f_copy_data(into, into.len()))
        .map_err(|e| TrainError::torch(&e))
}

fn upload(tensor: &mut Tensor, from: &[f32]) -> Result<(), TrainError> {
    Tensor::f_from_slice(from)
        .and_then(|values| tensor.f_copy_(&values))
        .map_err(|e| TrainError::torch(&e))
}
