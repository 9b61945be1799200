//! Loss and gradient of one PPO minibatch.
//!
//! The minibatch is cut into chunks whose number depends on nothing but its length. Every chunk has
//! its own gradient; these are summed in chunk order. So the bits are the same for any number of
//! threads, and a thread that loses its core delays one chunk only.

use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::act::Actions;
use crate::aligned::Aligned;
use crate::gemm::PANEL;
use crate::loss::{CategoricalLoss, Column, GaussianLoss, Sums, TileRows, ValueLoss};
use crate::network::{Scratch, TILE};
use crate::policy::{Policy, copy_columns};
use crate::reduce::{Chunk, sum_chunks};
use crate::shape::Head;

/// Chunks of a large minibatch.
const CHUNKS: usize = 8;
/// Rows that a chunk has at least, so that clearing and summing its gradient is cheap beside them.
const CHUNK_ROWS: usize = 192;

/// Coefficients of the PPO loss
/// `policy + value_coef · value − entropy_coef · entropy`, each a mean over the minibatch.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PpoLoss {
    /// Clip range ε of the ratio, positive; default 0.2.
    pub clip_range: f32,
    /// Clip range of the value around the old value; `None` (default) turns value clipping off.
    pub value_clip_range: Option<f32>,
    /// Weight of the entropy bonus, ≥ 0; default 0.
    pub entropy_coef: f32,
    /// Weight of the value loss `½ (v − R)²`, ≥ 0; default 0.5. (Stable-Baselines3 has no ½ in its
    /// loss: its 0.5 is our 1.0. CleanRL's is ours.)
    pub value_coef: f32,
    /// Whether advantages are standardised within the minibatch.
    pub advantage: AdvantageScale,
}

/// What happens to the advantages of a minibatch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AdvantageScale {
    /// `(A − mean) / (std + 1e-8)`, with the sample standard deviation (default).
    #[default]
    Standardised,
    /// Taken as they are.
    Raw,
}

impl Default for PpoLoss {
    fn default() -> Self {
        Self {
            clip_range: 0.2,
            value_clip_range: None,
            entropy_coef: 0.0,
            value_coef: 0.5,
            advantage: AdvantageScale::Standardised,
        }
    }
}

/// A finished rollout of `n` steps, from which minibatches are gathered by row.
#[derive(Clone, Copy, Debug)]
pub struct Rollout<'a> {
    /// `[n, obs_dim]`.
    pub obs: &'a [f32],
    /// `[n]` or `[n, dim]`, as they were sampled.
    pub actions: Actions<'a>,
    /// `[n]`: log-probability under the policy that acted.
    pub log_prob: &'a [f32],
    /// `[n]`: value by the critic at that time; read only for value clipping.
    pub value: &'a [f32],
    /// `[n]`.
    pub advantage: &'a [f32],
    /// `[n]`: the value targets.
    pub returns: &'a [f32],
}

/// Means over one minibatch, before the update that its gradient causes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PpoStats {
    /// Clipped surrogate loss.
    pub policy_loss: f64,
    /// `½ (v − R)²`, after value clipping; not yet weighted.
    pub value_loss: f64,
    /// Entropy of the policy, in nats; not yet weighted.
    pub entropy: f64,
    /// `(r − 1) − ln r` (Schulman 2020), never negative.
    pub approx_kl: f64,
    /// Share of rows with `|r − 1| > clip_range`.
    pub clip_fraction: f64,
    /// Mean ratio r of new to old probability.
    pub ratio_mean: f64,
}

/// Computes gradients of minibatches; keeps every buffer between calls.
#[derive(Debug)]
pub struct PpoGradient {
    gradient: Vec<f32>,
    /// Scaled advantages of the minibatch, by position.
    advantage: Vec<f32>,
    chunks: Vec<Chunk>,
    workers: Vec<Mutex<Worker>>,
}

/// One worker's buffers.
#[derive(Debug)]
struct Worker {
    scratch: Scratch,
    tile: TileRows,
    /// `[width, TILE]` each.
    head: Vec<f32>,
    probs: Vec<f32>,
    value: Column,
}

impl PpoGradient {
    /// Returns buffers that fit `policy` and any policy of its shape and pool.
    #[must_use]
    pub fn new(policy: &Policy) -> Self {
        let head = policy.shape().head;
        let columns = TILE * head.width();
        let continuous = if matches!(head, Head::Gaussian(_)) {
            columns
        } else {
            0
        };
        let worker = || Worker {
            scratch: policy.network.scratch(),
            tile: TileRows {
                rows: 0,
                weight: 0.0,
                advantage: [0.0; TILE],
                old_log_prob: [0.0; TILE],
                returns: [0.0; TILE],
                old_value: [0.0; TILE],
                action: [0; TILE],
                continuous: vec![0.0; continuous],
            },
            head: vec![0.0; columns],
            probs: vec![0.0; columns],
            value: [0.0; TILE],
        };
        Self {
            gradient: vec![0.0; policy.layout().len()],
            advantage: Vec::new(),
            chunks: Vec::new(),
            workers: (0..policy.pool.workers())
                .map(|_| Mutex::new(worker()))
                .collect(),
        }
    }

    /// Returns the last minibatch's gradient, in the arena's order, not yet clipped.
    #[must_use]
    pub fn gradient(&self) -> &[f32] {
        &self.gradient
    }

    /// Computes loss and gradient of the minibatch made of these rows of `rollout`.
    ///
    /// # Panics
    /// When `rows` is empty or out of range, an action is out of range, slices do not belong
    /// together, or `policy` has another shape or pool size than the one given to `new`.
    pub fn compute(
        &mut self,
        policy: &Policy,
        rollout: &Rollout<'_>,
        rows: &[u32],
        loss: &PpoLoss,
    ) -> PpoStats {
        assert!(!rows.is_empty(), "a minibatch has at least one row");
        self.check(policy, rollout);
        self.scale_advantages(rollout.advantage, rows, loss.advantage);
        let chunk_rows = rows
            .len()
            .div_ceil(CHUNKS)
            .next_multiple_of(TILE)
            .max(CHUNK_ROWS);
        let count = rows.len().div_ceil(chunk_rows);
        while self.chunks.len() < count {
            let packed = Aligned::zeros(policy.network.packed_len);
            self.chunks.push(Chunk {
                packed,
                sums: Sums::ZERO,
            });
        }
        let minibatch = Minibatch {
            policy,
            rollout,
            rows,
            advantage: &self.advantage,
            loss,
            weight: 1.0 / rows.len() as f32,
        };
        let workers = &self.workers;
        policy
            .pool
            .for_each(&mut self.chunks[..count], |worker, index, chunk| {
                let mut worker = workers[worker]
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner);
                let from = index * chunk_rows;
                minibatch.run_chunk(&mut worker, chunk, from, rows.len().min(from + chunk_rows));
            });
        let chunks = &self.chunks[..count];
        sum_chunks(
            &policy.network,
            policy.isa,
            &policy.pool,
            chunks,
            &mut self.gradient,
        );
        stats(chunks, rows.len())
    }

    fn check(&self, policy: &Policy, rollout: &Rollout<'_>) {
        let n = rollout.log_prob.len();
        let others = [
            rollout.value.len(),
            rollout.advantage.len(),
            rollout.returns.len(),
        ];
        assert!(
            others.iter().all(|len| *len == n),
            "{n} rows in every column, not {others:?}"
        );
        assert!(
            rollout.obs.len() == n * policy.shape().obs_dim,
            "{n} rows of observations"
        );
        match (rollout.actions, policy.shape().head) {
            (Actions::Discrete(actions), Head::Categorical(_)) => assert_eq!(actions.len(), n),
            (Actions::Continuous(actions), Head::Gaussian(dim)) => {
                assert_eq!(actions.len(), n * dim);
            }
            (_, head) => panic!("the rollout's actions are not those of {head:?}"),
        }
        assert_eq!(
            self.gradient.len(),
            policy.layout().len(),
            "a policy of the same shape"
        );
        assert!(
            self.workers.len() >= policy.pool.workers(),
            "a pool of the same size"
        );
    }

    /// Gathers the minibatch's advantages and standardises them.
    fn scale_advantages(&mut self, advantage: &[f32], rows: &[u32], scale: AdvantageScale) {
        self.advantage.clear();
        self.advantage
            .extend(rows.iter().map(|row| advantage[*row as usize]));
        if scale == AdvantageScale::Raw || rows.len() < 2 {
            return;
        }
        let n = rows.len() as f64;
        let mean = sum(&self.advantage, |a| a) / n;
        let squares = sum(&self.advantage, |a| (a - mean) * (a - mean));
        let std = (squares / (n - 1.0)).sqrt();
        let (mean, inverse) = (mean as f32, (1.0 / (std + 1e-8)) as f32);
        self.advantage
            .iter_mut()
            .for_each(|a| *a = (*a - mean) * inverse);
    }
}

/// A minibatch on its way through the network.
struct Minibatch<'a> {
    policy: &'a Policy,
    rollout: &'a Rollout<'a>,
    rows: &'a [u32],
    advantage: &'a [f32],
    loss: &'a PpoLoss,
    weight: f32,
}

impl Minibatch<'_> {
    fn run_chunk(&self, worker: &mut Worker, chunk: &mut Chunk, from: usize, to: usize) {
        chunk.packed.fill(0.0);
        chunk.sums = Sums::ZERO;
        for first in (from..to).step_by(TILE) {
            self.load(worker, first, (to - first).min(TILE));
            self.actor(worker, chunk);
            self.critic(worker, chunk);
        }
    }

    /// Gathers one tile's rows.
    fn load(&self, worker: &mut Worker, first: usize, count: usize) {
        let rows = &self.rows[first..first + count];
        let rollout = self.rollout;
        self.policy
            .network
            .load_obs(&mut worker.scratch, rollout.obs, count, |r| {
                rows[r] as usize
            });
        let tile = &mut worker.tile;
        tile.rows = count;
        tile.weight = self.weight;
        tile.advantage[..count].copy_from_slice(&self.advantage[first..first + count]);
        for (r, row) in rows.iter().enumerate() {
            let row = *row as usize;
            tile.old_log_prob[r] = rollout.log_prob[row];
            tile.returns[r] = rollout.returns[row];
            tile.old_value[r] = rollout.value[row];
            match rollout.actions {
                Actions::Discrete(actions) => tile.action[r] = actions[row],
                Actions::Continuous(actions) => {
                    let dim = tile.continuous.len() / TILE;
                    for (d, action) in actions[row * dim..(row + 1) * dim].iter().enumerate() {
                        tile.continuous[d * TILE + r] = *action;
                    }
                }
            }
        }
    }

    fn actor(&self, worker: &mut Worker, chunk: &mut Chunk) {
        let network = &self.policy.network;
        let Worker {
            scratch,
            tile,
            head,
            probs,
            ..
        } = worker;
        network.forward(&network.actor, scratch, tile.rows);
        copy_columns(scratch, tile.rows, head);
        let Chunk { packed, sums } = chunk;
        match self.policy.shape().head {
            Head::Categorical(_) => {
                let kernel = CategoricalLoss {
                    loss: self.loss,
                    tile,
                    logits: head,
                    probs,
                    sums,
                };
                self.policy.isa.run(kernel);
            }
            Head::Gaussian(dim) => {
                let at = network.log_std.packed;
                self.policy.isa.run(GaussianLoss {
                    loss: self.loss,
                    tile,
                    log_std: self.policy.log_std(),
                    mean: head,
                    deviation: probs,
                    by_log_std: &mut packed[at..at + dim],
                    sums,
                });
            }
        }
        put_columns(head, tile.rows, scratch);
        network.backward(&network.actor, scratch, tile.rows, packed);
    }

    fn critic(&self, worker: &mut Worker, chunk: &mut Chunk) {
        let network = &self.policy.network;
        let Worker {
            scratch,
            tile,
            value,
            ..
        } = worker;
        network.forward(&network.critic, scratch, tile.rows);
        copy_columns(scratch, tile.rows, value);
        let kernel = ValueLoss {
            loss: self.loss,
            tile,
            value,
            sums: &mut chunk.sums,
        };
        self.policy.isa.run(kernel);
        put_columns(value, tile.rows, scratch);
        network.backward(&network.critic, scratch, tile.rows, &mut chunk.packed);
    }
}

/// Copies columns `[width, TILE]` into the head's panels; the reverse of [`copy_columns`].
fn put_columns(columns: &[f32], rows: usize, scratch: &mut Scratch) {
    for (index, column) in columns.chunks_exact(TILE).enumerate() {
        let first = (index / PANEL) * rows * PANEL + index % PANEL;
        let values = scratch.head[first..].iter_mut().step_by(PANEL);
        values
            .zip(&column[..rows])
            .for_each(|(to, from)| *to = *from);
    }
}

fn stats(chunks: &[Chunk], rows: usize) -> PpoStats {
    let mean = |column: fn(&Sums) -> &Column| {
        let total: f64 = chunks
            .iter()
            .map(|chunk| sum(column(&chunk.sums), |x| x))
            .sum();
        total / rows as f64
    };
    PpoStats {
        policy_loss: mean(|sums| &sums.policy),
        value_loss: mean(|sums| &sums.value),
        entropy: mean(|sums| &sums.entropy),
        approx_kl: mean(|sums| &sums.kl),
        clip_fraction: mean(|sums| &sums.clipped),
        ratio_mean: mean(|sums| &sums.ratio),
    }
}

/// Sums `term` over `values` in `f64`, in an order that depends on their number alone.
fn sum(values: &[f32], term: impl Fn(f64) -> f64) -> f64 {
    let mut lanes = [0.0; 8];
    for chunk in values.chunks(lanes.len()) {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane += term(f64::from(*value));
        }
    }
    lanes.iter().sum()
}
