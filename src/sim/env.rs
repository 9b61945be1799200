//! The seam between environments and learners: many environments stepped as one batch.
//!
//! Owns the contract only. Every environment of a family draws from its own random stream, so a
//! family can be cut into shards on several threads and still give the same bits.

use crate::error::SimError;
use domain::{Phrase, StreamRng, Streams};
use serde::{Deserialize, Serialize};
use std::fmt::Debug;

/// What one environment accepts as an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ActionSpace {
    /// One of `0..n`.
    Discrete(usize),
    /// A vector of this many components; each environment clips to its own bounds.
    Continuous(usize),
}

/// Actions for all environments of a batch.
#[derive(Clone, Copy, Debug)]
pub enum Actions<'a> {
    /// `[n]`, each below the size of the space.
    Discrete(&'a [u32]),
    /// `[n, dim]`, row-major.
    Continuous(&'a [f32]),
}

/// What one step of all environments writes. Slices are `[n]` or `[n, obs_dim]`, row-major.
#[derive(Debug)]
pub struct StepOut<'a> {
    /// Observation to act on next (after the automatic reset where an episode ended).
    pub obs: &'a mut [f32],
    /// Reward of the step.
    pub reward: &'a mut [f32],
    /// The episode ended by the task's own rules: no value follows.
    pub terminated: &'a mut [bool],
    /// The episode was cut off by time: the value of `final_obs` still counts.
    pub truncated: &'a mut [bool],
    /// Rows valid only where terminated or truncated: the observation before the reset.
    pub final_obs: &'a mut [f32],
}

/// Environments stepped as one batch, each with its own random stream.
pub trait VecEnv: Debug + Send {
    /// Returns the number of environments.
    fn n_envs(&self) -> usize;

    /// Returns the length of one observation.
    fn obs_dim(&self) -> usize;

    /// Returns what one environment accepts.
    fn action_space(&self) -> ActionSpace;

    /// Starts a new episode everywhere and writes the observations, `[n, obs_dim]`.
    fn reset(&mut self, obs: &mut [f32]);

    /// Steps every environment once; one whose episode ends is reset within the step.
    ///
    /// The kind and the length of `actions` fit [`action_space`](Self::action_space).
    fn step(&mut self, actions: Actions<'_>, out: &mut StepOut<'_>);

    /// Returns the state incl. random streams; `load(save(x))` continues bit-identically.
    fn save(&self) -> Vec<u8>;

    /// Takes over a saved state; call between steps only.
    ///
    /// # Errors
    /// [`SimError::State`] when the state is damaged or of another environment; nothing changes.
    fn load(&mut self, state: &[u8]) -> Result<(), SimError>;
}

/// Which environments of a family live here: `first..first + n_envs`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shard {
    /// Global index of the first environment.
    pub first: usize,
    /// Number of environments, at least 1.
    pub n_envs: usize,
}

impl Shard {
    /// Returns the shard that is a whole family.
    #[must_use]
    pub const fn whole(n_envs: usize) -> Self {
        Self { first: 0, n_envs }
    }

    /// Returns each environment's random stream.
    #[must_use]
    pub fn rngs(self, streams: Streams) -> Vec<StreamRng> {
        (self.first..self.first + self.n_envs)
            .map(|index| streams.stream("env", index as u64))
            .collect()
    }
}

/// Encodes a saved state.
pub(crate) fn encode_state(state: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(state).expect("a state is plain data with finite numbers")
}

/// Decodes a saved state.
pub(crate) fn decode_state<T: for<'de> Deserialize<'de>>(bytes: &[u8]) -> Result<T, SimError> {
    serde_json::from_slice(bytes).map_err(|error| SimError::State {
        reason: Phrase::same(error.to_string()),
    })
}
