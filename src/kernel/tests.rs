//! Checks the fused kernels against a naive `f64` reference, and their bits against themselves.

mod gradients;
mod invariance;
mod optimiser;
mod reference;
mod returns;
mod sampling;

use std::sync::Arc;

use domain::StreamRng;

use crate::{Actions, Activation, Head, MlpShape, Policy, Pool, Rollout};

/// Returns a shape.
fn shape(obs_dim: usize, hidden: &[usize], head: Head, activation: Activation) -> MlpShape {
    MlpShape {
        obs_dim,
        hidden: hidden.to_vec(),
        head,
        activation,
    }
}

/// Returns a policy whose weights are large enough to leave the linear range.
fn policy(shape: &MlpShape, workers: usize) -> Policy {
    let mut rng = StreamRng::seeded(5);
    let params = (0..shape.layout().len())
        .map(|_| 0.4 * rng.normal() as f32)
        .collect();
    Policy::from_params(shape.clone(), Arc::new(Pool::new(workers)), params).unwrap()
}

/// Invented rollout data that owns what a [`Rollout`] borrows.
struct Batch {
    obs: Vec<f32>,
    discrete: Vec<u32>,
    continuous: Vec<f32>,
    log_prob: Vec<f32>,
    value: Vec<f32>,
    advantage: Vec<f32>,
    returns: Vec<f32>,
}

impl Batch {
    /// Returns `n` rows near what `policy` would do, so that some ratios and values are clipped.
    fn new(policy: &Policy, n: usize) -> Self {
        let mut rng = StreamRng::seeded(9);
        let mut normal = |len: usize| (0..len).map(|_| rng.normal() as f32).collect::<Vec<f32>>();
        let shape = policy.shape();
        let width = shape.head.width();
        let obs = normal(n * shape.obs_dim);
        let (mut head, mut value) = (vec![0.0; n * width], vec![0.0; n]);
        policy.forward(&obs, &mut head, &mut value);
        let noise = normal(n * width);
        let discrete: Vec<u32> = (0..n)
            .map(|row| (noise[row * width].abs() * 1e4) as u32 % width as u32)
            .collect();
        let mean: Vec<f64> = head.iter().map(|x| f64::from(*x)).collect();
        let continuous: Vec<f32> = head.iter().zip(&noise).map(|(m, e)| m + e).collect();
        let log_std: Vec<f64> = policy.log_std().iter().map(|x| f64::from(*x)).collect();
        let jitter = normal(n);
        let log_prob = (0..n)
            .map(|row| {
                let head_row = &mean[row * width..(row + 1) * width];
                let action = reference::RowAction {
                    discrete: discrete[row] as usize,
                    continuous: &continuous[row * width..(row + 1) * width],
                };
                let exact = reference::log_prob(shape.head, head_row, &log_std, action).0;
                exact as f32 + 0.2 * jitter[row]
            })
            .collect();
        let drift = normal(n);
        let value = value.iter().zip(drift).map(|(v, d)| v + 0.3 * d).collect();
        Self {
            obs,
            discrete,
            continuous,
            log_prob,
            value,
            advantage: normal(n),
            returns: normal(n),
        }
    }

    fn rollout(&self, head: Head) -> Rollout<'_> {
        Rollout {
            obs: &self.obs,
            actions: match head {
                Head::Categorical(_) => Actions::Discrete(&self.discrete),
                Head::Gaussian(_) => Actions::Continuous(&self.continuous),
            },
            log_prob: &self.log_prob,
            value: &self.value,
            advantage: &self.advantage,
            returns: &self.returns,
        }
    }
}

/// Returns the largest absolute difference.
fn distance(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter()
        .zip(b)
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f32::max)
}
