//! Experience: every environment stepped for one horizon, and what the learner needs of it.
//!
//! Environments are cut into lanes whose number depends on nothing but the number of environments.
//! A lane runs its whole horizon (forward pass, sampling, environment) on whichever thread took it
//! and waits for no other; its results depend on its own streams alone. Start at [`Rollouts`].

mod lane;
mod plan;

use crate::{
    error::TrainError,
    normaliser::{Moments, ObsNormaliser, RewardScaler},
    policy::ActionBuffer,
    state::ShardState,
};
use domain::{Phrase, StreamRng, Streams, Text, phrase};
use kernel::{Gae, Pool, Rollout, Transitions};
use lane::{Lane, LaneRows, Recipe};
use sim::{ActionSpace, Shard, SimError, VecEnv};
use std::sync::{Mutex, PoisonError};

/// Builds the environments of one shard of a family.
///
/// Environment `i` of the shard draws from `streams.stream("env", shard.first + i)`.
pub type EnvFamily<'a> = dyn Fn(Shard, Streams) -> Result<Box<dyn VecEnv>, SimError> + 'a;

/// All environments and the last rollout.
#[derive(Debug)]
pub(crate) struct Rollouts {
    lanes: Vec<Lane>,
    storage: Storage,
    horizon: usize,
    obs_dim: usize,
    space: ActionSpace,
}

/// One column a quantity; rows lie by lane, then by step, then by environment.
#[derive(Debug)]
struct Storage {
    obs: Vec<f32>,
    actions: ActionBuffer,
    log_prob: Vec<f32>,
    value: Vec<f32>,
    reward: Vec<f32>,
    terminated: Vec<bool>,
    truncated: Vec<bool>,
    final_value: Vec<f32>,
    advantage: Vec<f32>,
    returns: Vec<f32>,
}

/// What a rollout brought, beside its rows.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Gathered {
    /// Return and length of every episode that ended, in lane order.
    pub(crate) episodes: Vec<(f64, u64)>,
    /// Mean reward of a step, unscaled.
    pub(crate) reward_mean: f64,
    /// Unscaled observations acted on.
    pub(crate) obs: Moments,
    /// Discounted returns.
    pub(crate) discounted: Moments,
    /// What was not finite.
    pub(crate) fault: Option<Text>,
}

impl Rollouts {
    /// Builds and resets `n_envs` environments.
    pub(crate) fn new(
        family: &EnvFamily<'_>,
        n_envs: usize,
        horizon: usize,
        streams: Streams,
    ) -> Result<Self, TrainError> {
        let mut lanes = Vec::new();
        for shard in plan::shards(n_envs) {
            let env = family(shard, streams)?;
            lanes.push(Lane::new(shard, env, streams)?);
        }
        let (obs_dim, space) = (lanes[0].obs_dim(), lanes[0].space());
        for lane in &lanes {
            let found = (lane.obs_dim(), lane.space());
            if found != (obs_dim, space) {
                return Err(TrainError::Environment {
                    what: Text::new(
                        "observation length and action space of a later shard",
                        "뒤쪽 샤드의 관측 길이와 행동 공간",
                    ),
                    found: format!("{found:?}"),
                    expected: format!("{:?}", (obs_dim, space)),
                });
            }
        }
        let rows = n_envs * horizon;
        let storage = Storage {
            obs: vec![0.0; rows * obs_dim],
            actions: ActionBuffer::new(space, rows),
            log_prob: vec![0.0; rows],
            value: vec![0.0; rows],
            reward: vec![0.0; rows],
            terminated: vec![false; rows],
            truncated: vec![false; rows],
            final_value: vec![0.0; rows],
            advantage: vec![0.0; rows],
            returns: vec![0.0; rows],
        };
        Ok(Self {
            lanes,
            storage,
            horizon,
            obs_dim,
            space,
        })
    }

    pub(crate) fn obs_dim(&self) -> usize {
        self.obs_dim
    }

    pub(crate) fn space(&self) -> ActionSpace {
        self.space
    }

    /// Starts new episodes everywhere.
    pub(crate) fn reset(&mut self) {
        self.lanes.iter_mut().for_each(Lane::reset);
    }

    /// Steps every environment for one horizon; `actors` holds one network a worker of `pool`.
    pub(crate) fn collect(
        &mut self,
        pool: &Pool,
        actors: &[Mutex<kernel::Policy>],
        normaliser: &ObsNormaliser,
        gamma: f64,
    ) -> Gathered {
        let recipe = Recipe {
            normaliser,
            gamma,
            horizon: self.horizon,
        };
        let rows = self
            .storage
            .by_lane(&self.lanes, self.horizon, self.obs_dim);
        let mut parts: Vec<(&mut Lane, LaneRows<'_>)> = self.lanes.iter_mut().zip(rows).collect();
        pool.for_each(&mut parts, |worker, _, (lane, rows)| {
            let actor = actors[worker]
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            lane.run(rows, &actor, &recipe);
        });
        drop(parts);
        self.gather()
    }

    fn gather(&mut self) -> Gathered {
        let mut gathered = Gathered {
            episodes: Vec::new(),
            reward_mean: 0.0,
            obs: Moments::empty(self.obs_dim),
            discounted: Moments::empty(1),
            fault: None,
        };
        for lane in &mut self.lanes {
            gathered.episodes.append(&mut lane.episodes);
            gathered.reward_mean += lane.reward_sum;
            gathered.obs.merge(&lane.obs_moments);
            gathered.discounted.merge(&lane.discounted_moments);
            gathered.fault = gathered.fault.or(lane.fault);
        }
        gathered.reward_mean /= self.storage.reward.len() as f64;
        gathered
    }

    /// Scales the rewards and estimates advantages and returns.
    pub(crate) fn estimate(&mut self, pool: &Pool, scaler: &RewardScaler, gae: Gae) {
        let rows = self
            .storage
            .by_lane(&self.lanes, self.horizon, self.obs_dim);
        let mut parts: Vec<(&mut Lane, LaneRows<'_>)> = self.lanes.iter_mut().zip(rows).collect();
        pool.for_each(&mut parts, |_, _, (lane, rows)| {
            scaler.apply(rows.reward);
            gae.estimate(
                &Transitions {
                    reward: rows.reward,
                    value: rows.value,
                    terminated: rows.terminated,
                    truncated: rows.truncated,
                    final_value: rows.final_value,
                    next_value: &lane.next_value,
                },
                rows.advantage,
                rows.returns,
            );
        });
    }

    /// Borrows the rollout as the learner reads it.
    pub(crate) fn rows(&self) -> Rollout<'_> {
        Rollout {
            obs: &self.storage.obs,
            actions: self.storage.actions.kernel_view(),
            log_prob: &self.storage.log_prob,
            value: &self.storage.value,
            advantage: &self.storage.advantage,
            returns: &self.storage.returns,
        }
    }

    /// Returns the share of the returns' variance that the critic explained; 0 if they don't vary.
    pub(crate) fn explained_variance(&self) -> f64 {
        let (returns, value) = (&self.storage.returns, &self.storage.value);
        let variance = |of: &mut dyn Iterator<Item = f64>| {
            let (mut n, mut mean, mut squares) = (0.0, 0.0, 0.0);
            for x in of {
                n += 1.0;
                let delta = x - mean;
                mean += delta / n;
                squares += delta * (x - mean);
            }
            squares / f64::max(n, 1.0)
        };
        let total = variance(&mut returns.iter().map(|x| f64::from(*x)));
        let pairs = returns.iter().zip(value);
        let left = variance(&mut pairs.map(|(x, v)| f64::from(*x) - f64::from(*v)));
        if total > 0.0 { 1.0 - left / total } else { 0.0 }
    }

    /// Returns each lane's state and every environment's action stream, by global index.
    pub(crate) fn save(&self) -> (Vec<ShardState>, Vec<StreamRng>) {
        let rngs = self
            .lanes
            .iter()
            .flat_map(|lane| lane.rngs().iter().cloned())
            .collect();
        (self.lanes.iter().map(Lane::save).collect(), rngs)
    }

    /// Takes over saved lanes.
    ///
    /// # Errors
    /// What does not fit, in words, or the environment's own error.
    pub(crate) fn load(
        &mut self,
        shards: &[ShardState],
        rngs: &[StreamRng],
    ) -> Result<(), LoadError> {
        let n_envs: usize = self.lanes.iter().map(Lane::n).sum();
        if shards.len() != self.lanes.len() || rngs.len() != n_envs {
            let (found, envs, due) = (shards.len(), rngs.len(), self.lanes.len());
            return Err(LoadError::Shape(phrase!(
                "it has {found} shards of {envs} environments, this training {due} of {n_envs}",
                "체크포인트는 샤드 {found}개·환경 {envs}개, 이 학습은 샤드 {due}개·환경 {n_envs}개입니다"
            )));
        }
        let mut rngs = rngs;
        for (lane, shard) in self.lanes.iter_mut().zip(shards) {
            let (own, rest) = rngs.split_at(lane.n());
            lane.load(shard, own)?;
            rngs = rest;
        }
        Ok(())
    }
}

/// Why saved lanes were refused.
#[derive(Debug)]
pub(crate) enum LoadError {
    /// Lengths differ.
    Shape(Phrase),
    /// An environment refused its state.
    Env(SimError),
}

impl From<SimError> for LoadError {
    fn from(error: SimError) -> Self {
        Self::Env(error)
    }
}

impl Storage {
    /// Cuts every column into the lanes' rows.
    fn by_lane(&mut self, lanes: &[Lane], horizon: usize, obs_dim: usize) -> Vec<LaneRows<'_>> {
        let mut obs = self.obs.as_mut_slice();
        let mut actions = lane::cut_actions(&mut self.actions, lanes, horizon).into_iter();
        let mut log_prob = self.log_prob.as_mut_slice();
        let mut value = self.value.as_mut_slice();
        let mut reward = self.reward.as_mut_slice();
        let mut terminated = self.terminated.as_mut_slice();
        let mut truncated = self.truncated.as_mut_slice();
        let mut final_value = self.final_value.as_mut_slice();
        let mut advantage = self.advantage.as_mut_slice();
        let mut returns = self.returns.as_mut_slice();
        lanes
            .iter()
            .map(|lane| {
                let rows = lane.n() * horizon;
                LaneRows {
                    obs: lane::cut(&mut obs, rows * obs_dim),
                    actions: actions.next().expect("one part a lane"),
                    log_prob: lane::cut(&mut log_prob, rows),
                    value: lane::cut(&mut value, rows),
                    reward: lane::cut(&mut reward, rows),
                    terminated: lane::cut(&mut terminated, rows),
                    truncated: lane::cut(&mut truncated, rows),
                    final_value: lane::cut(&mut final_value, rows),
                    advantage: lane::cut(&mut advantage, rows),
                    returns: lane::cut(&mut returns, rows),
                }
            })
            .collect()
    }
}
