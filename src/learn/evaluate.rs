//! Playing whole episodes with a policy that no longer learns.

use crate::policy::{ActionBuffer, Policy};
use sim::{StepOut, VecEnv};

/// What the episodes of an evaluation brought.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evaluation {
    /// Sum of rewards of each episode.
    pub returns: Vec<f64>,
    /// Steps of each episode.
    pub lengths: Vec<u64>,
}

impl Evaluation {
    /// Returns the mean return; NaN without episodes.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.returns.iter().sum::<f64>() / self.returns.len() as f64
    }

    /// Returns the sample standard deviation of the returns; NaN below two episodes.
    #[must_use]
    pub fn deviation(&self) -> f64 {
        let mean = self.mean();
        let squares: f64 = self.returns.iter().map(|x| (x - mean).powi(2)).sum();
        (squares / (self.returns.len() as f64 - 1.0)).sqrt()
    }
}

/// Plays `episodes` whole episodes with `policy` from a fresh reset of `env`.
///
/// The episodes are dealt to the environments beforehand; taking whichever end first would favour
/// short ones. Order: by environment, then by time.
#[must_use]
pub fn evaluate(policy: &mut dyn Policy, env: &mut dyn VecEnv, episodes: usize) -> Evaluation {
    let (n, dim) = (env.n_envs(), env.obs_dim());
    let mut obs = vec![0.0; n * dim];
    let mut final_obs = vec![0.0; n * dim];
    let mut reward = vec![0.0; n];
    let (mut terminated, mut truncated) = (vec![false; n], vec![false; n]);
    let mut actions = ActionBuffer::new(env.action_space(), n);
    let quota: Vec<usize> = (0..n)
        .map(|i| episodes / n + usize::from(i < episodes % n))
        .collect();
    let mut done: Vec<Vec<(f64, u64)>> = vec![Vec::new(); n];
    let mut running = vec![(0.0_f64, 0_u64); n];
    env.reset(&mut obs);
    while done
        .iter()
        .zip(&quota)
        .any(|(done, quota)| done.len() < *quota)
    {
        policy.act(&obs, &mut actions);
        env.step(
            actions.view(),
            &mut StepOut {
                obs: &mut obs,
                reward: &mut reward,
                terminated: &mut terminated,
                truncated: &mut truncated,
                final_obs: &mut final_obs,
            },
        );
        for i in 0..n {
            running[i].0 += f64::from(reward[i]);
            running[i].1 += 1;
            if terminated[i] || truncated[i] {
                let episode = std::mem::take(&mut running[i]);
                if done[i].len() < quota[i] {
                    done[i].push(episode);
                }
            }
        }
    }
    let (returns, lengths) = done.into_iter().flatten().unzip();
    Evaluation { returns, lengths }
}
