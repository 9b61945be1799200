//! Acting: frequencies, log-probabilities, deterministic mode, and errors of construction.

#![expect(
    clippy::needless_range_loop,
    reason = "one index runs over several slices"
)]

use std::sync::Arc;

use domain::StreamRng;
use rstest::rstest;

use super::{Batch, policy, reference, shape};
use crate::elementary::{Tanh, exp, ln};
use crate::isa::{Isa, Kernel};
use crate::lanes::Lanes;
use crate::{
    ActionsMut, Activation, Choice, Decisions, Head, KernelError, Policy, Pool, PpoGradient,
    PpoLoss,
};

#[test]
fn categorical_samples_have_the_probabilities_of_the_logits() {
    let shape = shape(4, &[8], Head::Categorical(5), Activation::Tanh);
    let policy = policy(&shape, 2);
    let n = 40_000;
    let obs: Vec<f32> = [0.3, -1.0, 0.5, 2.0].repeat(n);
    let mut noise = vec![0.0; policy.noise_len(n)];
    policy.fill_noise(&mut StreamRng::seeded(4), &mut noise);
    noise[0] = 0.0;
    let (mut actions, mut log_prob, mut value) = (vec![9; n], vec![0.0; n], vec![0.0; n]);
    let out = Decisions {
        actions: ActionsMut::Discrete(&mut actions),
        log_prob: &mut log_prob,
        value: &mut value,
    };
    policy.act(&obs, Choice::Sample(&noise), out);
    let params: Vec<f64> = policy.params().iter().map(|p| f64::from(*p)).collect();
    let row: Vec<f64> = obs[..4].iter().map(|x| f64::from(*x)).collect();
    let logits = reference::trunk(&shape, &params, "actor", &row);
    let total: f64 = logits.iter().map(|l| l.exp()).sum();
    for (action, logit) in logits.iter().enumerate() {
        let expected = logit.exp() / total;
        let found = actions.iter().filter(|a| **a as usize == action).count() as f64 / n as f64;
        assert!(
            (found - expected).abs() < 0.01,
            "action {action}: {found}, not {expected}"
        );
    }
    for (action, log_prob) in actions.iter().zip(&log_prob) {
        let expected = logits[*action as usize] - total.ln();
        assert!((f64::from(*log_prob) - expected).abs() < 1e-5);
    }
    let out = Decisions {
        actions: ActionsMut::Discrete(&mut actions),
        log_prob: &mut log_prob,
        value: &mut value,
    };
    policy.act(&obs, Choice::Best, out);
    let best = (0..5)
        .max_by(|a, b| logits[*a].total_cmp(&logits[*b]))
        .unwrap();
    assert!(actions.iter().all(|action| *action as usize == best));
}

#[test]
fn gaussian_actions_are_mean_plus_scaled_noise() {
    let head = Head::Gaussian(3);
    let shape = shape(4, &[8], head, Activation::Tanh);
    let policy = policy(&shape, 1);
    let n = 200;
    let batch = Batch::new(&policy, n);
    let mut noise = vec![0.0; policy.noise_len(n)];
    policy.fill_noise(&mut StreamRng::seeded(4), &mut noise);
    let (mut mean, mut value) = (vec![0.0; n * 3], vec![0.0; n]);
    policy.forward(&batch.obs, &mut mean, &mut value);
    let (mut actions, mut log_prob) = (vec![0.0; n * 3], vec![0.0; n]);
    let mut act = |choice| {
        let out = Decisions {
            actions: ActionsMut::Continuous(&mut actions),
            log_prob: &mut log_prob,
            value: &mut value,
        };
        policy.act(&batch.obs, choice, out);
        (actions.clone(), log_prob.clone())
    };
    assert_eq!(act(Choice::Best).0, mean);
    let (actions, log_prob) = act(Choice::Sample(&noise));
    let log_std: Vec<f64> = policy.log_std().iter().map(|x| f64::from(*x)).collect();
    let mean: Vec<f64> = mean.iter().map(|x| f64::from(*x)).collect();
    for row in 0..n {
        let span = row * 3..(row + 1) * 3;
        for d in span.clone() {
            let expected = mean[d] + log_std[d % 3].exp() * f64::from(noise[d]);
            assert!((f64::from(actions[d]) - expected).abs() < 1e-5);
        }
        let action = reference::RowAction {
            discrete: 0,
            continuous: &actions[span.clone()],
        };
        let (expected, _) = reference::log_prob(head, &mean[span], &log_std, action);
        assert!((f64::from(log_prob[row]) - expected).abs() < 2e-5);
    }
}

/// The stored log-probability is that of the gradient's own pass: the first ratio is one.
#[rstest]
#[case(Head::Categorical(3))]
#[case(Head::Gaussian(2))]
fn first_ratio_is_one(#[case] head: Head) {
    let policy = policy(&shape(6, &[16, 16], head, Activation::Tanh), 1);
    let n = 300;
    let mut batch = Batch::new(&policy, n);
    let mut noise = vec![0.0; policy.noise_len(n)];
    policy.fill_noise(&mut StreamRng::seeded(4), &mut noise);
    let actions = match head {
        Head::Categorical(_) => ActionsMut::Discrete(&mut batch.discrete),
        Head::Gaussian(_) => ActionsMut::Continuous(&mut batch.continuous),
    };
    let out = Decisions {
        actions,
        log_prob: &mut batch.log_prob,
        value: &mut batch.value,
    };
    policy.act(&batch.obs, Choice::Sample(&noise), out);
    let rows: Vec<u32> = (0..n as u32).collect();
    let mut learner = PpoGradient::new(&policy);
    let stats = learner.compute(&policy, &batch.rollout(head), &rows, &PpoLoss::default());
    assert!((stats.ratio_mean - 1.0).abs() < 1e-6, "{stats:?}");
    assert!(
        stats.approx_kl.abs() < 1e-6 && stats.clip_fraction == 0.0,
        "{stats:?}"
    );
    assert!(stats.policy_loss.abs() < 1e-6, "{stats:?}");
}

#[test]
fn tanh_is_accurate_everywhere() {
    let inputs: Vec<f32> = (-160_000..160_000).map(|step| step as f32 * 1e-4).collect();
    for isa in Isa::available() {
        let mut found = inputs.clone();
        isa.run(Tanh(&mut found));
        for (x, found) in inputs.iter().zip(found) {
            let error = (f64::from(found) - f64::from(*x).tanh()).abs();
            assert!(error < 5e-7, "{}: tanh({x}) = {found}", isa.name());
        }
        let mut extremes = [f32::NAN, f32::INFINITY, -1e30, 0.0].repeat(4);
        isa.run(Tanh(&mut extremes));
        assert!(extremes[0].is_nan() && extremes[3] == 0.0);
        assert!((extremes[1] - 1.0).abs() < 5e-7 && (extremes[2] + 1.0).abs() < 5e-7);
    }
}

#[test]
fn exponential_and_logarithm_are_accurate() {
    struct Worst;
    impl Kernel for Worst {
        type Output = [f64; 2];
        #[inline(always)]
        fn run<L: Lanes>(self) -> [f64; 2] {
            let mut worst = [0.0_f64; 2];
            for step in -100_000..=100_000 {
                let x = step as f32 * 8e-4;
                let positive = (x * 0.5).exp();
                let exact = f64::from(positive).ln();
                let errors = [
                    f64::from(exp::<L>(x)) / f64::from(x).exp() - 1.0,
                    (f64::from(ln::<L>(positive)) - exact) / (1.0 + exact.abs()),
                ];
                for (worst, error) in worst.iter_mut().zip(errors) {
                    *worst = worst.max(error.abs());
                }
            }
            worst
        }
    }
    for isa in Isa::available() {
        let worst = isa.run(Worst);
        assert!(
            worst[0] < 5e-7 && worst[1] < 3e-7,
            "{} {worst:?}",
            isa.name()
        );
    }
}

#[test]
fn fresh_policies_are_near_uniform_and_wrong_ones_are_refused() {
    let pool = Arc::new(Pool::new(1));
    let wanted = shape(47, &[64, 64], Head::Categorical(3), Activation::Tanh);
    let fresh = Policy::new(wanted.clone(), Arc::clone(&pool), &mut StreamRng::seeded(1)).unwrap();
    let again = Policy::new(wanted.clone(), Arc::clone(&pool), &mut StreamRng::seeded(1)).unwrap();
    assert_eq!(fresh.params(), again.params());
    let (mut head, mut value) = ([0.0; 3], [0.0]);
    fresh.forward(&[1.0; 47], &mut head, &mut value);
    assert!(head.iter().all(|logit| logit.abs() < 0.1), "{head:?}");

    let empty = shape(47, &[64, 0], Head::Categorical(3), Activation::Tanh);
    let error = Policy::new(empty, Arc::clone(&pool), &mut StreamRng::seeded(1)).unwrap_err();
    assert_eq!(
        error,
        KernelError::EmptyShape {
            what: "hidden[1]".to_owned()
        }
    );
    let error = Policy::from_params(wanted.clone(), Arc::clone(&pool), vec![0.0]).unwrap_err();
    assert!(matches!(error, KernelError::ParamCount { found: 1, .. }));
    let mut params = fresh.params().to_vec();
    params[3] = f32::NAN;
    let error = Policy::from_params(wanted, pool, params).unwrap_err();
    assert_eq!(
        error,
        KernelError::NotFinite {
            what: "parameters",
            index: 3
        }
    );
}
