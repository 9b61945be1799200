//! GAE against its definition as a sum over every later step of the episode.

#![expect(
    clippy::needless_range_loop,
    reason = "one index runs over several slices"
)]

use domain::StreamRng;
use rstest::rstest;

use crate::{Gae, Transitions};

/// Chance of each kind of end at every step.
#[rstest]
#[case::no_ends(0.0, 0.0)]
#[case::terminations(0.3, 0.0)]
#[case::truncations(0.0, 0.3)]
#[case::both(0.3, 0.3)]
fn recursion_equals_the_sum(#[case] terminate: f64, #[case] truncate: f64) {
    let (steps, envs) = (23, 5);
    let n = steps * envs;
    let mut rng = StreamRng::seeded(8);
    let mut normal = |len: usize| (0..len).map(|_| rng.normal() as f32).collect::<Vec<f32>>();
    let (reward, value) = (normal(n), normal(n));
    let (final_value, next_value) = (normal(n), normal(envs));
    let terminated: Vec<bool> = (0..n).map(|_| rng.uniform() < terminate).collect();
    let truncated: Vec<bool> = (0..n).map(|_| rng.uniform() < truncate).collect();
    let transitions = Transitions {
        reward: &reward,
        value: &value,
        terminated: &terminated,
        truncated: &truncated,
        final_value: &final_value,
        next_value: &next_value,
    };
    let gae = Gae {
        gamma: 0.97,
        lambda: 0.9,
    };
    let (mut advantage, mut returns) = (vec![0.0; n], vec![0.0; n]);
    gae.estimate(&transitions, &mut advantage, &mut returns);

    let (gamma, lambda) = (f64::from(gae.gamma), f64::from(gae.lambda));
    for env in 0..envs {
        for start in 0..steps {
            let (mut total, mut factor) = (0.0, 1.0);
            for step in start..steps {
                let at = step * envs + env;
                let after = if terminated[at] {
                    0.0
                } else if truncated[at] {
                    final_value[at]
                } else if step + 1 < steps {
                    value[at + envs]
                } else {
                    next_value[env]
                };
                let delta = f64::from(reward[at]) + gamma * f64::from(after) - f64::from(value[at]);
                total += factor * delta;
                factor *= gamma * lambda;
                if terminated[at] || truncated[at] {
                    break;
                }
            }
            let at = start * envs + env;
            assert!((f64::from(advantage[at]) - total).abs() < 1e-5);
            assert!((f64::from(returns[at]) - total - f64::from(value[at])).abs() < 1e-5);
        }
    }
}
