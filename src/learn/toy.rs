//! A tiny task for tests: match the sign of what is seen. Ends by termination and by truncation.

use domain::{StreamRng, Streams};
use serde::{Deserialize, Serialize};
use sim::{ActionSpace, Actions, Shard, SimError, StepOut, VecEnv};

const DIM: usize = 3;
const LIMIT: u32 = 20;

/// Observation `[x, -x, 1]` with `x` uniform in ±1. Discrete: reward 1 for action `x > 0`.
/// Continuous: reward `1 - (action - x)²`. An episode terminates with 5 % a step, else is
/// truncated after 20 steps.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct SignTask {
    space: ActionSpace,
    rngs: Vec<StreamRng>,
    x: Vec<f32>,
    age: Vec<u32>,
    /// In so many steps environment 0 gives this reward.
    poison: Option<(u32, f32)>,
}

impl SignTask {
    pub(crate) fn new(space: ActionSpace, shard: Shard, streams: Streams) -> Self {
        let n = shard.n_envs;
        Self {
            space,
            rngs: shard.rngs(streams),
            x: vec![0.0; n],
            age: vec![0; n],
            poison: None,
        }
    }

    /// Gives `reward` after that many steps of the first environment.
    pub(crate) fn poisoned(mut self, after: u32, reward: f32) -> Self {
        self.poison = Some((after, reward));
        self
    }

    fn observe(&mut self, i: usize, obs: &mut [f32]) {
        self.x[i] = 2.0 * self.rngs[i].uniform_f32() - 1.0;
        obs[i * DIM..(i + 1) * DIM].copy_from_slice(&[self.x[i], -self.x[i], 1.0]);
    }
}

impl VecEnv for SignTask {
    fn n_envs(&self) -> usize {
        self.x.len()
    }

    fn obs_dim(&self) -> usize {
        DIM
    }

    fn action_space(&self) -> ActionSpace {
        self.space
    }

    fn reset(&mut self, obs: &mut [f32]) {
        self.age.fill(0);
        (0..self.n_envs()).for_each(|i| self.observe(i, obs));
    }

    fn step(&mut self, actions: Actions<'_>, out: &mut StepOut<'_>) {
        for i in 0..self.n_envs() {
            let x = self.x[i];
            out.reward[i] = match actions {
                Actions::Discrete(actions) => f32::from(u8::from((actions[i] == 1) == (x > 0.0))),
                Actions::Continuous(actions) => 1.0 - (actions[i] - x).powi(2),
            };
            self.age[i] += 1;
            out.terminated[i] = self.rngs[i].uniform() < 0.05;
            out.truncated[i] = !out.terminated[i] && self.age[i] >= LIMIT;
            self.observe(i, out.obs);
            if out.terminated[i] || out.truncated[i] {
                self.age[i] = 0;
                let row = i * DIM..(i + 1) * DIM;
                out.final_obs[row.clone()].copy_from_slice(&out.obs[row]);
                self.observe(i, out.obs);
            }
        }
        if let Some((left, reward)) = &mut self.poison {
            *left = left.saturating_sub(1);
            if *left == 0 {
                out.reward[0] = *reward;
            }
        }
    }

    fn save(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("plain data has a JSON form")
    }

    fn load(&mut self, state: &[u8]) -> Result<(), SimError> {
        *self = serde_json::from_slice(state).map_err(|error| SimError::State {
            reason: domain::Phrase::same(error.to_string()),
        })?;
        Ok(())
    }
}
