//! Any classic task as a batch of environments: time limits, resets, saving.

use crate::{
    env::{ActionSpace, Actions, Shard, StepOut, VecEnv, decode_state, encode_state},
    error::{SimError, require},
};
use domain::{StreamRng, Streams, Text, phrase};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::fmt::Debug;

/// The physics of one task.
pub(super) trait Task: Debug + Send + 'static {
    /// State of one environment.
    type State: Copy + Debug + Send + Serialize + DeserializeOwned;
    /// One environment's action.
    type Action: Copy;
    /// gymnasium's identifier.
    const ID: &'static str;
    /// Length of an observation.
    const OBS_DIM: usize;
    /// What the task accepts.
    const SPACE: ActionSpace;
    /// Steps after which an episode is truncated.
    const TIME_LIMIT: u32;

    /// Draws a start state.
    fn start(rng: &mut StreamRng) -> Self::State;
    /// Picks environment `index`'s action from a batch of the right kind.
    fn pick(actions: Actions<'_>, index: usize) -> Self::Action;
    /// Moves the state by one step; returns the reward and whether the episode terminated.
    fn step(state: &mut Self::State, action: Self::Action) -> (f64, bool);
    /// Writes the observation, `OBS_DIM` long.
    fn observe(state: &Self::State, obs: &mut [f32]);
}

/// Returns the discrete action of environment `index`.
pub(super) fn discrete(actions: Actions<'_>, index: usize) -> u32 {
    match actions {
        Actions::Discrete(actions) => actions[index],
        Actions::Continuous(_) => panic!("a discrete task was given continuous actions"),
    }
}

/// Returns the single action component of environment `index`.
pub(super) fn continuous(actions: Actions<'_>, index: usize) -> f32 {
    match actions {
        Actions::Continuous(actions) => actions[index],
        Actions::Discrete(_) => panic!("a continuous task was given discrete actions"),
    }
}

/// A batch of one task.
#[derive(Debug)]
pub(super) struct Vectorised<T: Task> {
    rngs: Vec<StreamRng>,
    states: Vec<T::State>,
    steps: Vec<u32>,
}

#[derive(Serialize, Deserialize)]
struct Saved<S> {
    task: String,
    rngs: Vec<StreamRng>,
    states: Vec<S>,
    steps: Vec<u32>,
}

impl<T: Task> Vectorised<T> {
    pub(super) fn new(shard: Shard, streams: Streams) -> Result<Self, SimError> {
        require(
            shard.n_envs > 0,
            "n_envs",
            shard.n_envs,
            Text::new("be at least 1", "1 이상이어야 합니다"),
        )?;
        let mut rngs = shard.rngs(streams);
        let states = rngs.iter_mut().map(T::start).collect();
        Ok(Self {
            rngs,
            states,
            steps: vec![0; shard.n_envs],
        })
    }

    fn restart(&mut self, index: usize, obs: &mut [f32]) {
        self.states[index] = T::start(&mut self.rngs[index]);
        self.steps[index] = 0;
        T::observe(&self.states[index], obs);
    }
}

impl<T: Task> VecEnv for Vectorised<T> {
    fn n_envs(&self) -> usize {
        self.states.len()
    }

    fn obs_dim(&self) -> usize {
        T::OBS_DIM
    }

    fn action_space(&self) -> ActionSpace {
        T::SPACE
    }

    fn reset(&mut self, obs: &mut [f32]) {
        for (index, row) in obs.chunks_exact_mut(T::OBS_DIM).enumerate() {
            self.restart(index, row);
        }
    }

    fn step(&mut self, actions: Actions<'_>, out: &mut StepOut<'_>) {
        for index in 0..self.states.len() {
            let action = T::pick(actions, index);
            let (reward, terminated) = T::step(&mut self.states[index], action);
            self.steps[index] += 1;
            let truncated = !terminated && self.steps[index] >= T::TIME_LIMIT;
            out.reward[index] = reward as f32;
            out.terminated[index] = terminated;
            out.truncated[index] = truncated;
            let row = index * T::OBS_DIM..(index + 1) * T::OBS_DIM;
            if terminated || truncated {
                T::observe(&self.states[index], &mut out.final_obs[row.clone()]);
                self.restart(index, &mut out.obs[row]);
            } else {
                T::observe(&self.states[index], &mut out.obs[row]);
            }
        }
    }

    fn save(&self) -> Vec<u8> {
        encode_state(&Saved {
            task: T::ID.to_owned(),
            rngs: self.rngs.clone(),
            states: self.states.clone(),
            steps: self.steps.clone(),
        })
    }

    fn load(&mut self, state: &[u8]) -> Result<(), SimError> {
        let saved: Saved<T::State> = decode_state(state)?;
        let n_envs = self.states.len();
        let lengths = [saved.rngs.len(), saved.states.len(), saved.steps.len()];
        if saved.task != T::ID || lengths != [n_envs; 3] {
            let (found, task, due) = (lengths[1], &saved.task, T::ID);
            return Err(SimError::State {
                reason: phrase!(
                    "it holds {found} × {task}, this run needs {n_envs} × {due}",
                    "저장된 것은 {task} {found}개, 이 실행은 {due} {n_envs}개"
                ),
            });
        }
        self.rngs = saved.rngs;
        self.states = saved.states;
        self.steps = saved.steps;
        Ok(())
    }
}
