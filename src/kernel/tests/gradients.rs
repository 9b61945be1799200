//! Analytic gradients against central differences of the reference loss.

use rstest::rstest;

use super::{Batch, policy, reference, shape};
use crate::{Activation, AdvantageScale, Head, PpoGradient, PpoLoss};

const CATEGORICAL: Head = Head::Categorical(3);
const GAUSSIAN: Head = Head::Gaussian(2);

#[rstest]
#[case::small(5, &[7, 6], CATEGORICAL, Activation::Tanh, 250)]
#[case::relu(5, &[7, 6], CATEGORICAL, Activation::Relu, 250)]
#[case::gaussian(4, &[8], GAUSSIAN, Activation::Tanh, 200)]
#[case::linear(6, &[], CATEGORICAL, Activation::Tanh, 97)]
#[case::across_panels(47, &[40, 33], CATEGORICAL, Activation::Tanh, 110)]
#[case::wide_head(3, &[5], Head::Categorical(37), Activation::Tanh, 13)]
#[case::wide_gaussian(3, &[5], Head::Gaussian(35), Activation::Relu, 20)]
#[case::deep(3, &[4, 5, 6, 7], GAUSSIAN, Activation::Tanh, 2)]
fn gradient_equals_differences(
    #[case] obs_dim: usize,
    #[case] hidden: &[usize],
    #[case] head: Head,
    #[case] activation: Activation,
    #[case] n: usize,
) {
    let shape = shape(obs_dim, hidden, head, activation);
    let policy = policy(&shape, 2);
    let batch = Batch::new(&policy, n + 3);
    let rollout = batch.rollout(head);
    // Neither in order nor all of the rollout.
    let rows: Vec<u32> = (0..n as u32).map(|row| (row * 7 + 1) % n as u32).collect();
    let config = PpoLoss {
        value_clip_range: Some(0.2),
        entropy_coef: 0.05,
        ..PpoLoss::default()
    };
    let mut learner = PpoGradient::new(&policy);
    let stats = learner.compute(&policy, &rollout, &rows, &config);

    let mut params: Vec<f64> = policy.params().iter().map(|p| f64::from(*p)).collect();
    let (_, expected) = reference::loss(&shape, &params, &rollout, &rows, &config);
    for (found, expected) in [
        (stats.policy_loss, expected.policy_loss),
        (stats.value_loss, expected.value_loss),
        (stats.entropy, expected.entropy),
        (stats.approx_kl, expected.approx_kl),
        (stats.clip_fraction, expected.clip_fraction),
        (stats.ratio_mean, expected.ratio_mean),
    ] {
        assert!(
            (found - expected).abs() < 2e-5 * (1.0 + expected.abs()),
            "{found} {expected}"
        );
    }
    let stride = 1 + params.len() / 300;
    for index in (0..params.len()).step_by(stride) {
        let mut at = |step: f64| {
            let kept = params[index];
            params[index] = kept + step;
            let total = reference::loss(&shape, &params, &rollout, &rows, &config).0;
            params[index] = kept;
            total
        };
        let expected = (at(1e-6) - at(-1e-6)) / 2e-6;
        let found = f64::from(learner.gradient()[index]);
        assert!(
            (found - expected).abs() < 2e-5,
            "parameter {index}: {found}, not {expected}"
        );
    }
}

#[test]
fn raw_advantages_and_free_values_follow_their_settings() {
    let shape = shape(5, &[6], CATEGORICAL, Activation::Tanh);
    let policy = policy(&shape, 1);
    let batch = Batch::new(&policy, 60);
    let rollout = batch.rollout(CATEGORICAL);
    let rows: Vec<u32> = (0..60).collect();
    let params: Vec<f64> = policy.params().iter().map(|p| f64::from(*p)).collect();
    let raw = PpoLoss {
        advantage: AdvantageScale::Raw,
        ..PpoLoss::default()
    };
    let mut learner = PpoGradient::new(&policy);
    let stats = learner.compute(&policy, &rollout, &rows, &raw);
    let (_, expected) = reference::loss(&shape, &params, &rollout, &rows, &raw);
    assert!((stats.policy_loss - expected.policy_loss).abs() < 1e-5);
    assert!((stats.value_loss - expected.value_loss).abs() < 1e-5);
    let clipped = PpoLoss {
        value_clip_range: Some(0.1),
        ..raw
    };
    let other = learner.compute(&policy, &rollout, &rows, &clipped);
    assert!(other.value_loss > stats.value_loss + 1e-3);
}

#[test]
fn nan_in_an_observation_reaches_the_gradient() {
    let shape = shape(5, &[6], CATEGORICAL, Activation::Relu);
    let policy = policy(&shape, 1);
    let mut batch = Batch::new(&policy, 60);
    batch.obs[17] = f32::NAN;
    let rows: Vec<u32> = (0..60).collect();
    let mut learner = PpoGradient::new(&policy);
    let stats = learner.compute(
        &policy,
        &batch.rollout(CATEGORICAL),
        &rows,
        &PpoLoss::default(),
    );
    assert!(stats.policy_loss.is_nan());
    assert!(learner.gradient().iter().any(|g| g.is_nan()));
}
