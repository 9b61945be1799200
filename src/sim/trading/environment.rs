//! Many accounts stepped over one market.

use super::{
    observation::Layout,
    recorder::{EpisodeRecord, StepSink},
    spec::{ActionScheme, TradingSpec},
};
use crate::{
    account::{Account, AccountModel, BarId},
    env::{ActionSpace, Actions, Shard, StepOut, VecEnv, decode_state, encode_state},
    error::{SimError, require},
    market::Market,
    prefetch::prefetch,
    reward::{
        DifferentialSharpe, DrawdownPenalised, Growth, LogEquity, Pnl, RewardMemory, RewardRule,
        RewardTerms, Rule,
    },
};
use domain::{Nanos, StreamRng, Streams, Text, phrase};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Environments between a prefetch and its use: about 1 µs, some memory latencies.
const AHEAD: usize = 8;

/// A batch of trading environments over one market and bar range.
#[derive(Debug)]
pub struct TradingEnv {
    spec: TradingSpec,
    model: AccountModel,
    market: Market,
    layout: Layout,
    obs_dim: usize,
    /// First bar at whose close a decision can be made.
    first: usize,
    /// Last bar that a step may live through.
    last: usize,
    rngs: Vec<StreamRng>,
    slots: Vec<Slot>,
    targets: Vec<f64>,
    record: Option<EpisodeRecord>,
}

/// One environment: where it is in the data, its account, what its reward remembers.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Slot {
    t: usize,
    end: usize,
    account: Account,
    memory: RewardMemory,
}

#[derive(Serialize, Deserialize)]
struct Saved {
    first: usize,
    last: usize,
    obs_dim: usize,
    rngs: Vec<StreamRng>,
    slots: Vec<Slot>,
}

impl TradingEnv {
    /// Builds training environments: episodes start at random within `range`.
    ///
    /// No bar outside `range` is ever lived through; the first observations may look back at
    /// feature rows before it.
    ///
    /// # Errors
    /// [`SimError::Setting`] for a field outside its range, [`SimError::Range`] when not one step
    /// fits into the range.
    pub fn new(
        market: &Market,
        range: Range<usize>,
        spec: &TradingSpec,
        shard: Shard,
        streams: Streams,
    ) -> Result<Self, SimError> {
        require(
            shard.n_envs > 0,
            "n_envs",
            shard.n_envs,
            Text::new("be at least 1", "1 이상이어야 합니다"),
        )?;
        spec.check()?;
        let window = spec.observation.window;
        let first = range.start.max(market.warmup() + window - 1);
        let last = range.end.min(market.bars().len()).saturating_sub(1);
        if range.end > market.bars().len() || last <= first {
            return Err(SimError::Range {
                start: range.start,
                end: range.end,
                room: last.saturating_sub(first),
                warmup: market.warmup(),
                window,
            });
        }
        let model = spec.account.model(market.bars().timeframe)?;
        let blank = Slot {
            t: first,
            end: last,
            account: Account::open(&model, market.ticks()[first].close, 1.0),
            memory: RewardMemory::default(),
        };
        Ok(Self {
            layout: Layout::new(spec, market),
            obs_dim: spec.obs_dim(market.n_features()),
            spec: spec.clone(),
            model,
            market: market.clone(),
            first,
            last,
            rngs: shard.rngs(streams),
            slots: vec![blank; shard.n_envs],
            targets: vec![0.0; shard.n_envs],
            record: None,
        })
    }

    /// Builds one environment that passes over `range` once from its first bar, costs as stated,
    /// and records what it does.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn evaluator(
        market: &Market,
        range: Range<usize>,
        spec: &TradingSpec,
    ) -> Result<Self, SimError> {
        let mut env = Self::new(market, range, spec, Shard::whole(1), Streams::new(0))?;
        env.record = Some(EpisodeRecord::default());
        Ok(env)
    }

    /// Returns the record of an evaluator; `None` for training environments.
    #[must_use]
    pub fn record(&self) -> Option<&EpisodeRecord> {
        self.record.as_ref()
    }

    /// Returns how many steps a pass over the whole range takes.
    #[must_use]
    pub fn steps_in_range(&self) -> usize {
        self.last - self.first
    }

    /// Returns environment `index`'s account as it stands.
    #[must_use]
    pub fn account(&self, index: usize) -> &Account {
        &self.slots[index].account
    }

    /// Returns the unscaled reward terms of environment `index`'s episode so far.
    #[must_use]
    pub fn episode_terms(&self, index: usize) -> RewardTerms {
        self.slots[index].memory.totals
    }

    /// Starts environment `index` at the close of bar `t` for `steps` steps and writes its
    /// observation. Both lie within the range.
    pub fn reset_at(&mut self, index: usize, t: usize, steps: usize, obs: &mut [f32]) {
        assert!(
            t >= self.first && t + steps <= self.last && steps > 0,
            "episode {t}+{steps} lies within {}..={}",
            self.first,
            self.last
        );
        self.slots[index] = Slot {
            t,
            end: t + steps,
            account: Account::open(&self.model, self.market.ticks()[t].close, 1.0),
            memory: RewardMemory::default(),
        };
        self.observe(index, obs);
    }

    fn observe(&self, index: usize, obs: &mut [f32]) {
        let Slot {
            t, end, account, ..
        } = &self.slots[index];
        let features = self.market.features();
        self.layout
            .write(features, *t, account, &self.model, end - t, obs);
    }

    /// Turns actions into targets, so that the loop over accounts need not know the scheme.
    fn read_targets(&mut self, actions: Actions<'_>) {
        match (&self.spec.action, actions) {
            (ActionScheme::Discrete { targets }, Actions::Discrete(actions)) => {
                for (target, action) in self.targets.iter_mut().zip(actions) {
                    *target = targets[*action as usize];
                }
            }
            (ActionScheme::Continuous { deadband }, Actions::Continuous(actions)) => {
                let reach = self.spec.reach();
                for ((target, action), slot) in
                    self.targets.iter_mut().zip(actions).zip(&self.slots)
                {
                    let asked = f64::from(action.clamp(-1.0, 1.0)) * reach;
                    let held = slot.account.target;
                    *target = if (asked - held).abs() <= *deadband {
                        held
                    } else {
                        asked
                    };
                }
            }
            (scheme, actions) => panic!("{scheme:?} was given {actions:?}"),
        }
    }

    #[inline]
    fn step_all<R: Rule, S: StepSink>(&mut self, rule: R, sink: &mut S, out: &mut StepOut<'_>) {
        let features = self.market.features();
        let ticks = self.market.ticks();
        let times = &self.market.bars().open_time[..];
        let episodes = Episodes::new(&self.spec, self.first, self.last);
        let scale = self.spec.reward.scale;
        let dim = self.obs_dim;
        for index in 0..self.slots.len() {
            if let Some(ahead) = self.slots.get(index + AHEAD) {
                let t = ahead.t + 1;
                prefetch(&ticks[t..=t]);
                prefetch(self.layout.newest(features, t));
            }
            let slot = &mut self.slots[index];
            let target = self.targets[index];
            let before = slot.account.equity;
            let t = slot.t + 1;
            let id = BarId {
                index: t,
                time: if S::RECORDS { times[t] } else { Nanos(0) },
            };
            slot.t = t;
            slot.account.step(&self.model, &ticks[t], id, target, sink);
            let growth = Growth {
                before,
                after: slot.account.equity,
                initial: self.model.initial_equity,
            };
            let terms = rule.terms(&mut slot.memory, growth);
            slot.memory.book(terms);
            sink.step(target, slot.account.equity, terms);
            let terminated = slot.account.is_ruined(&self.model);
            let truncated = !terminated && t >= slot.end;
            out.reward[index] = (scale * terms.total()) as f32;
            out.terminated[index] = terminated;
            out.truncated[index] = truncated;
            let row = index * dim..(index + 1) * dim;
            if terminated || truncated {
                let final_row = &mut out.final_obs[row.clone()];
                let left = slot.end - t;
                self.layout
                    .write(features, t, &slot.account, &self.model, left, final_row);
                *slot = episodes.draw(&mut self.rngs[index], &self.model, ticks);
            }
            self.layout.write(
                features,
                slot.t,
                &slot.account,
                &self.model,
                slot.end - slot.t,
                &mut out.obs[row],
            );
        }
    }

    fn step_with<S: StepSink>(&mut self, sink: &mut S, out: &mut StepOut<'_>) {
        match self.spec.reward.rule {
            RewardRule::LogEquity => self.step_all(LogEquity, sink, out),
            RewardRule::Pnl => self.step_all(Pnl, sink, out),
            RewardRule::DifferentialSharpe { rate } => {
                self.step_all(DifferentialSharpe { rate }, sink, out);
            }
            RewardRule::DrawdownPenalised { penalty } => {
                self.step_all(DrawdownPenalised { penalty }, sink, out);
            }
        }
    }
}

/// Draws training episodes.
struct Episodes {
    first: usize,
    last: usize,
    length: usize,
    cost_scale: [f64; 2],
}

impl Episodes {
    fn new(spec: &TradingSpec, first: usize, last: usize) -> Self {
        Self {
            first,
            last,
            length: spec.episode.length.min(last - first),
            cost_scale: spec.episode.cost_scale,
        }
    }

    #[cold]
    fn draw(
        &self,
        rng: &mut StreamRng,
        model: &AccountModel,
        ticks: &[crate::account::BarTick],
    ) -> Slot {
        let starts = self.last - self.first - self.length + 1;
        let t = self.first + rng.below(starts as u64) as usize;
        let [low, high] = self.cost_scale;
        let cost_scale = if high > low {
            low + (high - low) * rng.uniform()
        } else {
            low
        };
        Slot {
            t,
            end: t + self.length,
            account: Account::open(model, ticks[t].close, cost_scale),
            memory: RewardMemory::default(),
        }
    }
}

impl VecEnv for TradingEnv {
    fn n_envs(&self) -> usize {
        self.slots.len()
    }

    fn obs_dim(&self) -> usize {
        self.obs_dim
    }

    fn action_space(&self) -> ActionSpace {
        self.spec.action_space()
    }

    /// Starts new episodes everywhere. In training the first episode of each environment is cut
    /// at a random length, so that later resets do not all fall on one step.
    fn reset(&mut self, obs: &mut [f32]) {
        if let Some(record) = &mut self.record {
            *record = EpisodeRecord {
                first_bar: self.first,
                ..EpisodeRecord::default()
            };
            self.reset_at(0, self.first, self.last - self.first, obs);
            return;
        }
        let episodes = Episodes::new(&self.spec, self.first, self.last);
        for (index, row) in obs.chunks_exact_mut(self.obs_dim).enumerate() {
            let rng = &mut self.rngs[index];
            let mut slot = episodes.draw(rng, &self.model, self.market.ticks());
            slot.end = slot.t + 1 + rng.below(episodes.length as u64) as usize;
            self.slots[index] = slot;
            self.observe(index, row);
        }
    }

    fn step(&mut self, actions: Actions<'_>, out: &mut StepOut<'_>) {
        self.read_targets(actions);
        match self.record.take() {
            Some(mut record) if !record.complete => {
                self.step_with(&mut record, out);
                record.ruined = out.terminated[0];
                record.complete = out.terminated[0] || out.truncated[0];
                self.record = Some(record);
            }
            finished => {
                self.step_with(&mut (), out);
                self.record = finished;
            }
        }
    }

    fn save(&self) -> Vec<u8> {
        encode_state(&Saved {
            first: self.first,
            last: self.last,
            obs_dim: self.obs_dim,
            rngs: self.rngs.clone(),
            slots: self.slots.clone(),
        })
    }

    fn load(&mut self, state: &[u8]) -> Result<(), SimError> {
        let saved: Saved = decode_state(state)?;
        let fits = |name: Text, theirs: usize, ours: usize| {
            if theirs == ours {
                return Ok(());
            }
            let Text { en, ko } = name;
            Err(SimError::State {
                reason: phrase!(
                    "{en} is {theirs} there, {ours} here",
                    "{ko}: 저장된 값 {theirs}, 지금 {ours}"
                ),
            })
        };
        fits(
            Text::new("the number of environments", "환경 수"),
            saved.slots.len(),
            self.slots.len(),
        )?;
        fits(
            Text::new("the number of random streams", "난수 스트림 수"),
            saved.rngs.len(),
            self.rngs.len(),
        )?;
        fits(
            Text::new("the observation length", "관측 길이"),
            saved.obs_dim,
            self.obs_dim,
        )?;
        fits(Text::new("the first bar", "첫 봉"), saved.first, self.first)?;
        fits(
            Text::new("the last bar", "마지막 봉"),
            saved.last,
            self.last,
        )?;
        self.rngs = saved.rngs;
        self.slots = saved.slots;
        Ok(())
    }
}
