//! The libtorch learner against the fused one: same losses, same gradients.

use super::*;
use crate::{fused::FusedLearner, policy::ActionBuffer};
use domain::StreamRng;
use kernel::{Policy, Pool};
use rstest::rstest;
use std::sync::Arc;

const ROWS: usize = 600;

/// Columns of a made-up rollout.
struct Columns {
    obs: Vec<f32>,
    actions: ActionBuffer,
    log_prob: Vec<f32>,
    value: Vec<f32>,
    advantage: Vec<f32>,
    returns: Vec<f32>,
}

impl Columns {
    fn drawn(shape: &MlpShape, rng: &mut StreamRng) -> Self {
        let mut normals = |n: usize, scale: f64| -> Vec<f32> {
            (0..n).map(|_| (scale * rng.normal()) as f32).collect()
        };
        let obs = normals(ROWS * shape.obs_dim, 1.0);
        let continuous = normals(ROWS * shape.head.width(), 1.0);
        let actions = match shape.head {
            Head::Categorical(n) => {
                let action = |x: &f32| (x.abs() * 1e4) as u32 % n as u32;
                ActionBuffer::Discrete(continuous[..ROWS].iter().map(action).collect())
            }
            Head::Gaussian(_) => ActionBuffer::Continuous(continuous),
        };
        let around = match shape.head {
            Head::Categorical(n) => -(n as f32).ln(),
            Head::Gaussian(dim) => -1.4 * dim as f32,
        };
        let log_prob = normals(ROWS, 0.3).iter().map(|x| x + around).collect();
        let (value, advantage) = (normals(ROWS, 1.0), normals(ROWS, 2.0));
        Self {
            obs,
            actions,
            log_prob,
            value,
            advantage,
            returns: normals(ROWS, 1.0),
        }
    }

    fn rollout(&self) -> Rollout<'_> {
        Rollout {
            obs: &self.obs,
            actions: self.actions.kernel_view(),
            log_prob: &self.log_prob,
            value: &self.value,
            advantage: &self.advantage,
            returns: &self.returns,
        }
    }
}

fn config(clip_range_value: f64, normalise_advantage: bool) -> LearnConfig {
    LearnConfig {
        value_coef: 0.7,
        clip_range_value,
        max_grad_norm: 0.5,
        adam_eps: 1e-5,
        weight_decay: 0.01,
        normalise_advantage,
    }
}

fn largest_difference(one: &[f32], two: &[f32]) -> f32 {
    one.iter()
        .zip(two)
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f32::max)
}

#[rstest]
#[case::discrete(Head::Categorical(3), Activation::Tanh, 0.0, true)]
#[case::discrete_raw_advantage(Head::Categorical(5), Activation::Relu, 0.0, false)]
#[case::continuous(Head::Gaussian(2), Activation::Tanh, 0.0, true)]
#[case::value_clipping(Head::Gaussian(1), Activation::Tanh, 0.3, true)]
fn both_learners_agree_over_several_updates(
    #[case] head: Head,
    #[case] activation: Activation,
    #[case] clip_range_value: f64,
    #[case] normalise_advantage: bool,
) {
    let shape = MlpShape {
        obs_dim: 7,
        hidden: vec![32, 24],
        head,
        activation,
    };
    let rng = &mut StreamRng::seeded(5);
    let pool = Arc::new(Pool::new(2));
    let fresh = Policy::new(shape.clone(), Arc::clone(&pool), rng).unwrap();
    let n = fresh.params().len();
    let config = config(clip_range_value, normalise_advantage);
    let mut fused = FusedLearner::new(&shape, fresh.params(), config, pool).unwrap();
    let mut torch = TorchLearner::new(&shape, fresh.params(), config, Device::Cpu, 1).unwrap();
    let at = Coefficients {
        learning_rate: 1e-3,
        entropy_coef: 0.02,
        clip_range: 0.2,
    };
    let (mut one, mut two) = (vec![0.0; n], vec![0.0; n]);
    let mut rows: Vec<u32> = (0..ROWS as u32).collect();
    for update in 0..3 {
        let columns = Columns::drawn(&shape, rng);
        let rollout = columns.rollout();
        fused.begin(&rollout).unwrap();
        torch.begin(&rollout).unwrap();
        rng.shuffle(&mut rows);
        for rows in rows.chunks(250) {
            let a = fused.gradient(&rollout, rows, &at).unwrap();
            let b = torch.gradient(&rollout, rows, &at).unwrap();
            for (a, b) in [
                (a.policy_loss, b.policy_loss),
                (a.value_loss, b.value_loss),
                (a.entropy, b.entropy),
                (a.approx_kl, b.approx_kl),
                (a.clip_fraction, b.clip_fraction),
                (a.ratio_mean, b.ratio_mean),
            ] {
                assert!(
                    (a - b).abs() < 1e-5 * (1.0 + a.abs()),
                    "update {update}: {a} {b}"
                );
            }
            fused.copy_gradient(&mut one).unwrap();
            torch.copy_gradient(&mut two).unwrap();
            assert!(
                largest_difference(&one, &two) < 1e-5,
                "gradients of update {update}"
            );
            let norms = (fused.step(&at).unwrap(), torch.step(&at).unwrap());
            assert!(
                (norms.0 - norms.1).abs() < 1e-5 * (1.0 + norms.0),
                "{norms:?}"
            );
            fused.copy_parameters(&mut one).unwrap();
            torch.copy_parameters(&mut two).unwrap();
            assert!(
                largest_difference(&one, &two) < 1e-5,
                "parameters of update {update}"
            );
        }
    }
}

#[test]
fn a_saved_state_continues_with_the_same_bits() {
    let shape = MlpShape {
        obs_dim: 4,
        hidden: vec![8],
        head: Head::Categorical(2),
        activation: Activation::Tanh,
    };
    let rng = &mut StreamRng::seeded(9);
    let fresh = Policy::new(shape.clone(), Arc::new(Pool::new(1)), rng).unwrap();
    let new =
        || TorchLearner::new(&shape, fresh.params(), config(0.0, true), Device::Cpu, 1).unwrap();
    let columns = Columns::drawn(&shape, rng);
    let rollout = columns.rollout();
    let at = Coefficients {
        learning_rate: 1e-2,
        entropy_coef: 0.0,
        clip_range: 0.2,
    };
    let rows: Vec<u32> = (0..ROWS as u32).collect();
    let turn = |learner: &mut TorchLearner| {
        learner.begin(&rollout).unwrap();
        learner.gradient(&rollout, &rows, &at).unwrap();
        learner.step(&at).unwrap();
    };
    let (mut one, mut two) = (new(), new());
    turn(&mut one);
    two.load(&one.save().unwrap()).unwrap();
    turn(&mut one);
    turn(&mut two);
    assert_eq!(one.save().unwrap(), two.save().unwrap());
    let wrong = LearnerState {
        parameters: vec![0.0; 3],
        ..LearnerState::default()
    };
    assert!(matches!(one.load(&wrong), Err(TrainError::Weights(_))));
}
