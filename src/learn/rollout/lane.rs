//! One shard of environments on its way through a horizon.

use super::LoadError;
use crate::{
    error::TrainError,
    normaliser::{Moments, ObsNormaliser},
    policy::ActionBuffer,
    state::ShardState,
};
use domain::{StreamRng, Streams, Text, phrase};
use kernel::{ActionsMut, Choice, Decisions, Policy};
use sim::{ActionSpace, Actions, Shard, StepOut, VecEnv};

const OBSERVATION: Text = Text::new("an observation from the environment", "환경이 준 관측");
const REWARD: Text = Text::new("a reward from the environment", "환경이 준 보상");

/// A shard's environments, streams and running episodes.
#[derive(Debug)]
pub(super) struct Lane {
    env: Box<dyn VecEnv>,
    /// Action stream of each environment.
    rngs: Vec<StreamRng>,
    /// Observation to act on next, unscaled, `[n, obs_dim]`.
    obs: Vec<f32>,
    episode_return: Vec<f64>,
    episode_length: Vec<u64>,
    discounted: Vec<f64>,
    scratch: Scratch,
    /// `[n]`: value of the observation after the last step.
    pub(super) next_value: Vec<f32>,
    /// Return and length of the episodes that ended in the last rollout.
    pub(super) episodes: Vec<(f64, u64)>,
    pub(super) reward_sum: f64,
    pub(super) obs_moments: Moments,
    pub(super) discounted_moments: Moments,
    pub(super) fault: Option<Text>,
}

#[derive(Debug, Default)]
struct Scratch {
    noise: Vec<f32>,
    final_obs: Vec<f32>,
    /// Scaled rows whose value is asked for.
    scaled: Vec<f32>,
    rows: Vec<f32>,
    values: Vec<f32>,
    returns: Vec<f32>,
}

/// A lane's rows of the rollout, `[horizon, n]` each.
#[derive(Debug)]
pub(super) struct LaneRows<'a> {
    pub(super) obs: &'a mut [f32],
    pub(super) actions: ActionsMut<'a>,
    pub(super) log_prob: &'a mut [f32],
    pub(super) value: &'a mut [f32],
    pub(super) reward: &'a mut [f32],
    pub(super) terminated: &'a mut [bool],
    pub(super) truncated: &'a mut [bool],
    pub(super) final_value: &'a mut [f32],
    pub(super) advantage: &'a mut [f32],
    pub(super) returns: &'a mut [f32],
}

/// What all lanes of a rollout share.
#[derive(Debug)]
pub(super) struct Recipe<'a> {
    pub(super) normaliser: &'a ObsNormaliser,
    pub(super) gamma: f64,
    pub(super) horizon: usize,
}

impl Lane {
    /// Takes over `env`, which must be as wide as `shard`, and resets it.
    pub(super) fn new(
        shard: Shard,
        env: Box<dyn VecEnv>,
        streams: Streams,
    ) -> Result<Self, TrainError> {
        let (n, dim) = (env.n_envs(), env.obs_dim());
        if n != shard.n_envs || dim == 0 {
            return Err(TrainError::Environment {
                what: Text::new(
                    "number of environments and observation length of a shard",
                    "샤드의 환경 수와 관측 길이",
                ),
                found: format!("{n} and {dim}"),
                expected: format!("{} and at least 1", shard.n_envs),
            });
        }
        let mut lane = Self {
            env,
            rngs: (shard.first..shard.first + n)
                .map(|index| streams.stream("action", index as u64))
                .collect(),
            obs: vec![0.0; n * dim],
            episode_return: vec![0.0; n],
            episode_length: vec![0; n],
            discounted: vec![0.0; n],
            scratch: Scratch {
                final_obs: vec![0.0; n * dim],
                ..Scratch::default()
            },
            next_value: vec![0.0; n],
            episodes: Vec::new(),
            reward_sum: 0.0,
            obs_moments: Moments::empty(dim),
            discounted_moments: Moments::empty(1),
            fault: None,
        };
        lane.reset();
        Ok(lane)
    }

    pub(super) fn n(&self) -> usize {
        self.rngs.len()
    }

    pub(super) fn obs_dim(&self) -> usize {
        self.obs.len() / self.n()
    }

    pub(super) fn space(&self) -> ActionSpace {
        self.env.action_space()
    }

    pub(super) fn rngs(&self) -> &[StreamRng] {
        &self.rngs
    }

    pub(super) fn reset(&mut self) {
        self.env.reset(&mut self.obs);
        self.episode_return.fill(0.0);
        self.episode_length.fill(0);
        self.discounted.fill(0.0);
    }

    /// Steps the shard for one horizon, writing every column but advantage and returns.
    pub(super) fn run(&mut self, rows: &mut LaneRows<'_>, actor: &Policy, recipe: &Recipe<'_>) {
        self.reward_sum = 0.0;
        self.obs_moments = Moments::empty(self.obs_dim());
        self.discounted_moments = Moments::empty(1);
        self.fault = None;
        for step in 0..recipe.horizon {
            self.step(step, rows, actor, recipe);
        }
        self.scratch.scaled.resize(self.obs.len(), 0.0);
        recipe.normaliser.apply(&self.obs, &mut self.scratch.scaled);
        actor.values(&self.scratch.scaled, &mut self.next_value);
    }

    fn step(&mut self, t: usize, rows: &mut LaneRows<'_>, actor: &Policy, recipe: &Recipe<'_>) {
        let (n, dim) = (self.n(), self.obs_dim());
        let span = t * n..(t + 1) * n;
        let total = n * recipe.horizon;
        if recipe.normaliser.moments().is_some() {
            self.obs_moments.merge(&Moments::of_rows(&self.obs, dim));
        }
        if !all_finite(&self.obs) {
            self.fault = self.fault.or(Some(OBSERVATION));
        }
        let acted_on = &mut rows.obs[t * n * dim..(t + 1) * n * dim];
        recipe.normaliser.apply(&self.obs, acted_on);
        self.draw_noise(actor);
        actor.act(
            acted_on,
            Choice::Sample(&self.scratch.noise),
            Decisions {
                actions: rows_of(&mut rows.actions, &span, total),
                log_prob: &mut rows.log_prob[span.clone()],
                value: &mut rows.value[span.clone()],
            },
        );
        let actions = match rows_of(&mut rows.actions, &span, total) {
            ActionsMut::Discrete(actions) => Actions::Discrete(actions),
            ActionsMut::Continuous(actions) => Actions::Continuous(actions),
        };
        self.env.step(
            actions,
            &mut StepOut {
                obs: &mut self.obs,
                reward: &mut rows.reward[span.clone()],
                terminated: &mut rows.terminated[span.clone()],
                truncated: &mut rows.truncated[span.clone()],
                final_obs: &mut self.scratch.final_obs,
            },
        );
        self.value_of_cut_episodes(span.clone(), rows, actor, recipe.normaliser);
        self.account(span, rows, recipe.gamma);
    }

    fn draw_noise(&mut self, actor: &Policy) {
        let noise = &mut self.scratch.noise;
        noise.resize(actor.noise_len(self.rngs.len()), 0.0);
        let width = actor.noise_len(1);
        for (rng, noise) in self.rngs.iter_mut().zip(noise.chunks_exact_mut(width)) {
            actor.fill_noise(rng, noise);
        }
    }

    /// Writes the value of the last observation where an episode was cut off.
    fn value_of_cut_episodes(
        &mut self,
        span: std::ops::Range<usize>,
        rows: &mut LaneRows<'_>,
        actor: &Policy,
        normaliser: &ObsNormaliser,
    ) {
        let dim = self.obs_dim();
        let Scratch {
            final_obs,
            scaled,
            rows: raw,
            values,
            ..
        } = &mut self.scratch;
        let cut_off: Vec<usize> = (0..self.rngs.len())
            .filter(|i| rows.truncated[span.start + i] && !rows.terminated[span.start + i])
            .collect();
        if cut_off.is_empty() {
            return;
        }
        raw.clear();
        for i in &cut_off {
            raw.extend_from_slice(&final_obs[i * dim..(i + 1) * dim]);
        }
        if !all_finite(raw) {
            self.fault = self.fault.or(Some(OBSERVATION));
        }
        scaled.resize(raw.len(), 0.0);
        normaliser.apply(raw, scaled);
        values.resize(cut_off.len(), 0.0);
        actor.values(scaled, values);
        for (i, value) in cut_off.iter().zip(values) {
            rows.final_value[span.start + i] = *value;
        }
    }

    /// Adds the step's rewards to the running episodes.
    fn account(&mut self, span: std::ops::Range<usize>, rows: &LaneRows<'_>, gamma: f64) {
        let returns = &mut self.scratch.returns;
        returns.clear();
        if !all_finite(&rows.reward[span.clone()]) {
            self.fault = self.fault.or(Some(REWARD));
        }
        for (i, row) in span.enumerate() {
            let reward = f64::from(rows.reward[row]);
            self.reward_sum += reward;
            self.episode_return[i] += reward;
            self.episode_length[i] += 1;
            self.discounted[i] = self.discounted[i] * gamma + reward;
            returns.push(self.discounted[i] as f32);
            if rows.terminated[row] || rows.truncated[row] {
                self.episodes
                    .push((self.episode_return[i], self.episode_length[i]));
                self.episode_return[i] = 0.0;
                self.episode_length[i] = 0;
                self.discounted[i] = 0.0;
            }
        }
        self.discounted_moments.merge(&Moments::of_rows(returns, 1));
    }

    pub(super) fn save(&self) -> ShardState {
        ShardState {
            env: self.env.save(),
            obs: self.obs.clone(),
            episode_return: self.episode_return.clone(),
            episode_length: self.episode_length.clone(),
            discounted: self.discounted.clone(),
        }
    }

    pub(super) fn load(&mut self, state: &ShardState, rngs: &[StreamRng]) -> Result<(), LoadError> {
        let n = self.n();
        let lengths = [
            state.episode_return.len(),
            state.episode_length.len(),
            state.discounted.len(),
        ];
        if state.obs.len() != self.obs.len() || lengths != [n; 3] {
            let (found, due) = (state.obs.len(), self.obs.len());
            return Err(LoadError::Shape(phrase!(
                "a shard has {found} values of observation and {lengths:?} episodes, not {due} and {n}",
                "샤드의 관측값이 {found}개, 에피소드가 {lengths:?}개인데 {due}개와 {n}개여야 합니다"
            )));
        }
        self.env.load(&state.env)?;
        self.rngs = rngs.to_vec();
        self.obs.copy_from_slice(&state.obs);
        self.episode_return.clone_from(&state.episode_return);
        self.episode_length.clone_from(&state.episode_length);
        self.discounted.clone_from(&state.discounted);
        Ok(())
    }
}

/// Takes the first `len` values off `rest`.
pub(super) fn cut<'a, T>(rest: &mut &'a mut [T], len: usize) -> &'a mut [T] {
    rest.split_off_mut(..len)
        .expect("the column has a row for every step of every lane")
}

/// Cuts the actions into the lanes' parts.
pub(super) fn cut_actions<'a>(
    actions: &'a mut ActionBuffer,
    lanes: &[Lane],
    horizon: usize,
) -> Vec<ActionsMut<'a>> {
    match actions {
        ActionBuffer::Discrete(actions) => {
            let mut rest = actions.as_mut_slice();
            let part = |lane: &Lane| ActionsMut::Discrete(cut(&mut rest, lane.n() * horizon));
            lanes.iter().map(part).collect()
        }
        ActionBuffer::Continuous(actions) => {
            let rows: usize = lanes.iter().map(|lane| lane.n() * horizon).sum();
            let dim = actions.len() / rows;
            let mut rest = actions.as_mut_slice();
            let part =
                |lane: &Lane| ActionsMut::Continuous(cut(&mut rest, lane.n() * horizon * dim));
            lanes.iter().map(part).collect()
        }
    }
}

/// Borrows the actions of rows `span` out of `total` rows.
fn rows_of<'a>(
    actions: &'a mut ActionsMut<'_>,
    span: &std::ops::Range<usize>,
    total: usize,
) -> ActionsMut<'a> {
    match actions {
        ActionsMut::Discrete(actions) => ActionsMut::Discrete(&mut actions[span.clone()]),
        ActionsMut::Continuous(actions) => {
            let dim = actions.len() / total;
            ActionsMut::Continuous(&mut actions[span.start * dim..span.end * dim])
        }
    }
}

/// Returns whether every value is a number, without a branch a value.
fn all_finite(values: &[f32]) -> bool {
    // NaN and ±∞ times zero are NaN, everything else is zero.
    let mut lanes = [0.0_f32; 16];
    let (chunks, rest) = values.as_chunks::<16>();
    for chunk in chunks {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane += value * 0.0;
        }
    }
    lanes.iter().chain(rest).all(|value| value.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_value_that_is_no_number_is_seen() {
        for position in [0, 15, 16, 40] {
            for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
                let mut values = vec![1e30_f32; 41];
                assert!(all_finite(&values));
                values[position] = bad;
                assert!(!all_finite(&values), "{bad} at {position}");
            }
        }
    }
}
