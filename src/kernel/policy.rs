//! The actor-critic policy: parameters, forward pass, acting.
//!
//! Owns the parameter arena and its packed copy, which are always in step. Large batches are cut
//! into shards for the pool's workers; a row's result does not depend on how.

use std::sync::{Arc, Mutex, PoisonError};

use domain::StreamRng;

use crate::act::{ActionsMut, Choice, ChooseContinuous, ChooseDiscrete};
use crate::adamw::check;
use crate::error::KernelError;
use crate::gemm::PANEL;
use crate::init::orthogonal_params;
use crate::isa::Isa;
use crate::layout::Layout;
use crate::network::{Network, Scratch, TILE};
use crate::pool::Pool;
use crate::shape::{Head, MlpShape};

/// Rows below which waking another thread costs more than it saves.
const SHARD_ROWS: usize = 2 * TILE;

/// Parameters of an actor-critic MLP and everything needed to run it.
#[derive(Debug)]
pub struct Policy {
    shape: MlpShape,
    layout: Layout,
    params: Vec<f32>,
    pub(crate) network: Network,
    pub(crate) isa: Isa,
    pub(crate) pool: Arc<Pool>,
    /// One for each worker of the pool.
    scratch: Vec<Mutex<ActScratch>>,
}

/// Where [`Policy::act`] writes.
#[derive(Debug)]
pub struct Decisions<'a> {
    /// `[n]` or `[n, dim]`, of the head's kind.
    pub actions: ActionsMut<'a>,
    /// `[n]`: log-probability (density) of each action.
    pub log_prob: &'a mut [f32],
    /// `[n]`: the critic's values.
    pub value: &'a mut [f32],
}

#[derive(Debug)]
struct ActScratch {
    tile: Scratch,
    /// `[width, TILE]` logits, or `[TILE, dim]` means.
    head: Vec<f32>,
}

impl Policy {
    /// Returns a policy with orthogonal weights (gain √2 hidden, 0.01 actor head, 1 critic head),
    /// zero biases and zero log-std, drawn from `rng`.
    ///
    /// # Errors
    /// [`KernelError::EmptyShape`] when a size in `shape` is zero.
    pub fn new(shape: MlpShape, pool: Arc<Pool>, rng: &mut StreamRng) -> Result<Self, KernelError> {
        shape.validate()?;
        let params = orthogonal_params(&shape.layout(), shape.hidden.len() + 1, rng);
        Self::from_params(shape, pool, params)
    }

    /// Returns a policy with these parameters, in the order of [`MlpShape::layout`].
    ///
    /// # Errors
    /// [`KernelError::EmptyShape`], [`KernelError::ParamCount`] or [`KernelError::NotFinite`].
    pub fn from_params(
        shape: MlpShape,
        pool: Arc<Pool>,
        params: Vec<f32>,
    ) -> Result<Self, KernelError> {
        Self::with_isa(shape, pool, params, Isa::best())
    }

    /// Like [`Policy::from_params`], on a given instruction set.
    ///
    /// # Errors
    /// As [`Policy::from_params`].
    pub fn with_isa(
        shape: MlpShape,
        pool: Arc<Pool>,
        params: Vec<f32>,
        isa: Isa,
    ) -> Result<Self, KernelError> {
        shape.validate()?;
        let layout = shape.layout();
        check("parameters", &params, layout.len())?;
        let network = Network::new(&shape, &layout, &params, isa);
        let scratch = (0..pool.workers())
            .map(|_| {
                Mutex::new(ActScratch {
                    tile: network.scratch(),
                    head: vec![0.0; TILE * shape.head.width()],
                })
            })
            .collect();
        Ok(Self {
            shape,
            layout,
            params,
            network,
            isa,
            pool,
            scratch,
        })
    }

    /// Returns the shape.
    #[must_use]
    pub fn shape(&self) -> &MlpShape {
        &self.shape
    }

    /// Returns where each named parameter lies in [`Policy::params`].
    #[must_use]
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Returns the pool that the policy's work runs on.
    #[must_use]
    pub fn pool(&self) -> &Arc<Pool> {
        &self.pool
    }

    /// Returns the instruction set in use.
    #[must_use]
    pub fn isa(&self) -> Isa {
        self.isa
    }

    /// Returns the parameter arena.
    #[must_use]
    pub fn params(&self) -> &[f32] {
        &self.params
    }

    /// Replaces all parameters.
    ///
    /// # Errors
    /// [`KernelError::ParamCount`] or [`KernelError::NotFinite`]; the old parameters stay.
    pub fn set_params(&mut self, params: &[f32]) -> Result<(), KernelError> {
        check("parameters", params, self.layout.len())?;
        self.update(|arena| arena.copy_from_slice(params));
        Ok(())
    }

    /// Lets `change` write the arena, e.g. an optimiser step, and packs the weights again.
    pub fn update<T>(&mut self, change: impl FnOnce(&mut [f32]) -> T) -> T {
        let outcome = change(&mut self.params);
        self.network.pack(&self.params);
        outcome
    }

    /// Returns the state-independent log-std, `[dim]`; empty for a categorical head.
    #[must_use]
    pub fn log_std(&self) -> &[f32] {
        let log_std = self.network.log_std;
        &self.params[log_std.at..log_std.at + log_std.len]
    }

    /// Returns how many noise values `n` rows need in [`Choice::Sample`].
    #[must_use]
    pub fn noise_len(&self, n: usize) -> usize {
        n * self.noise_width()
    }

    /// Draws noise for [`Choice::Sample`]: uniforms for a categorical head, else standard normals.
    pub fn fill_noise(&self, rng: &mut StreamRng, noise: &mut [f32]) {
        match self.shape.head {
            Head::Categorical(_) => noise.fill_with(|| rng.uniform_f32()),
            Head::Gaussian(_) => noise.fill_with(|| rng.normal() as f32),
        }
    }

    /// Computes the actor's output and the critic's value.
    ///
    /// `obs` is `[n, obs_dim]`, `head` receives logits or means `[n, width]`, `value` `[n]`.
    ///
    /// # Panics
    /// When the slices' lengths do not belong together.
    pub fn forward(&self, obs: &[f32], head: &mut [f32], value: &mut [f32]) {
        let n = self.rows_of(obs);
        let width = self.shape.head.width();
        assert!(
            head.len() == n * width && value.len() == n,
            "outputs for {n} rows"
        );
        let shard = self.shard_rows(n);
        let mut parts: Vec<_> = obs
            .chunks(shard * self.shape.obs_dim)
            .zip(head.chunks_mut(shard * width))
            .zip(value.chunks_mut(shard))
            .collect();
        self.each_shard(&mut parts, |scratch, ((obs, head), value)| {
            self.tiles(scratch, obs, |scratch, from, rows| {
                self.network
                    .forward(&self.network.actor, &mut scratch.tile, rows);
                let head = &mut head[from * width..(from + rows) * width];
                copy_rows(&scratch.tile, rows, width, head);
                self.tile_values(&mut scratch.tile, &mut value[from..from + rows]);
            });
        });
    }

    /// Computes the critic's values alone: `obs` is `[n, obs_dim]`, `value` `[n]`.
    ///
    /// # Panics
    /// When the slices' lengths do not belong together.
    pub fn values(&self, obs: &[f32], value: &mut [f32]) {
        let n = self.rows_of(obs);
        assert!(value.len() == n, "values for {n} rows");
        let shard = self.shard_rows(n);
        let obs = obs.chunks(shard * self.shape.obs_dim);
        let mut parts: Vec<_> = obs.zip(value.chunks_mut(shard)).collect();
        self.each_shard(&mut parts, |scratch, (obs, value)| {
            self.tiles(scratch, obs, |scratch, from, rows| {
                self.tile_values(&mut scratch.tile, &mut value[from..from + rows]);
            });
        });
    }

    /// Chooses an action for every row of `obs`, `[n, obs_dim]`.
    ///
    /// # Panics
    /// When lengths do not belong together or `out.actions` is not of the head's kind.
    pub fn act(&self, obs: &[f32], choice: Choice<'_>, out: Decisions<'_>) {
        let n = self.rows_of(obs);
        let lengths = (out.log_prob.len(), out.value.len());
        assert!(lengths == (n, n), "outputs for {n} rows, not {lengths:?}");
        let shard = self.shard_rows(n);
        let noise = match choice {
            Choice::Sample(noise) => {
                assert!(
                    noise.len() == self.noise_len(n),
                    "{} noise values",
                    self.noise_len(n)
                );
                Some(noise)
            }
            Choice::Best => None,
        };
        let width = self.noise_width() * shard;
        let actions: Vec<ActionsMut<'_>> = match (out.actions, self.shape.head) {
            (ActionsMut::Discrete(actions), Head::Categorical(_)) => {
                assert!(actions.len() == n, "{n} actions, not {}", actions.len());
                actions
                    .chunks_mut(shard)
                    .map(ActionsMut::Discrete)
                    .collect()
            }
            (ActionsMut::Continuous(actions), Head::Gaussian(dim)) => {
                assert!(
                    actions.len() == n * dim,
                    "{n} × {dim} actions, not {}",
                    actions.len()
                );
                actions
                    .chunks_mut(shard * dim)
                    .map(ActionsMut::Continuous)
                    .collect()
            }
            (actions, head) => panic!("{actions:?} cannot hold the actions of {head:?}"),
        };
        let mut parts: Vec<_> = actions
            .into_iter()
            .zip(obs.chunks(shard * self.shape.obs_dim))
            .zip(
                out.log_prob
                    .chunks_mut(shard)
                    .zip(out.value.chunks_mut(shard)),
            )
            .enumerate()
            .map(|(index, ((actions, obs), (log_prob, value)))| Shard {
                obs,
                noise: noise
                    .map(|noise| &noise[index * width..noise.len().min((index + 1) * width)]),
                actions,
                log_prob,
                value,
            })
            .collect();
        self.each_shard(&mut parts, |scratch, shard| {
            self.tiles(scratch, shard.obs, |scratch, from, rows| {
                self.act_tile(scratch, shard, from, rows);
                self.tile_values(&mut scratch.tile, &mut shard.value[from..from + rows]);
            });
        });
    }

    fn act_tile(&self, scratch: &mut ActScratch, shard: &mut Shard<'_>, from: usize, rows: usize) {
        self.network
            .forward(&self.network.actor, &mut scratch.tile, rows);
        let log_prob = &mut shard.log_prob[from..from + rows];
        match &mut shard.actions {
            ActionsMut::Discrete(actions) => {
                copy_columns(&scratch.tile, rows, &mut scratch.head);
                self.isa.run(ChooseDiscrete {
                    logits: &mut scratch.head,
                    uniforms: shard.noise.map(|noise| &noise[from..from + rows]),
                    actions: &mut actions[from..from + rows],
                    log_prob,
                });
            }
            ActionsMut::Continuous(actions) => {
                let log_std = self.log_std();
                let dim = log_std.len();
                copy_rows(&scratch.tile, rows, dim, &mut scratch.head[..rows * dim]);
                let span = from * dim..(from + rows) * dim;
                self.isa.run(ChooseContinuous {
                    mean: &scratch.head,
                    log_std,
                    normals: shard.noise.map(|noise| &noise[span.clone()]),
                    actions: &mut actions[span],
                    log_prob,
                });
            }
        }
    }

    fn tile_values(&self, tile: &mut Scratch, value: &mut [f32]) {
        self.network
            .forward(&self.network.critic, tile, value.len());
        for (value, row) in value.iter_mut().zip(tile.head.chunks_exact(PANEL)) {
            *value = row[0];
        }
    }

    /// Loads `obs` tile by tile and calls `each(scratch, first row, rows)`.
    fn tiles(
        &self,
        scratch: &mut ActScratch,
        obs: &[f32],
        mut each: impl FnMut(&mut ActScratch, usize, usize),
    ) {
        for (index, obs) in obs.chunks(TILE * self.shape.obs_dim).enumerate() {
            let rows = obs.len() / self.shape.obs_dim;
            self.network
                .load_obs(&mut scratch.tile, obs, rows, |row| row);
            each(scratch, index * TILE, rows);
        }
    }

    fn each_shard<T: Send>(&self, parts: &mut [T], work: impl Fn(&mut ActScratch, &mut T) + Sync) {
        self.pool.for_each(parts, |worker, _, part| {
            let scratch = self.scratch[worker].lock();
            work(&mut scratch.unwrap_or_else(PoisonError::into_inner), part);
        });
    }

    /// Returns how many rows each shard of `n` rows gets: about two shards a worker.
    fn shard_rows(&self, n: usize) -> usize {
        let shards = 2 * self.pool.workers();
        n.div_ceil(shards).next_multiple_of(12).max(SHARD_ROWS)
    }

    fn rows_of(&self, obs: &[f32]) -> usize {
        let dim = self.shape.obs_dim;
        assert!(
            obs.len().is_multiple_of(dim),
            "{} values are not rows of {dim}",
            obs.len()
        );
        obs.len() / dim
    }

    fn noise_width(&self) -> usize {
        match self.shape.head {
            Head::Categorical(_) => 1,
            Head::Gaussian(dim) => dim,
        }
    }
}

/// One worker's share of [`Policy::act`].
#[derive(Debug)]
struct Shard<'a> {
    obs: &'a [f32],
    noise: Option<&'a [f32]>,
    actions: ActionsMut<'a>,
    log_prob: &'a mut [f32],
    value: &'a mut [f32],
}

/// Copies the head's panels to row-major `[rows, width]`.
fn copy_rows(tile: &Scratch, rows: usize, width: usize, to: &mut [f32]) {
    for (panel, values) in tile.head.chunks_exact(rows * PANEL).enumerate() {
        let first = panel * PANEL;
        let live = width.saturating_sub(first).min(PANEL);
        for (to, from) in to.chunks_exact_mut(width).zip(values.chunks_exact(PANEL)) {
            to[first.min(width)..first.min(width) + live].copy_from_slice(&from[..live]);
        }
    }
}

/// Copies the head's panels to columns `[width, TILE]`; `to` holds whole columns.
pub(crate) fn copy_columns(tile: &Scratch, rows: usize, to: &mut [f32]) {
    for (index, column) in to.chunks_exact_mut(TILE).enumerate() {
        let first = (index / PANEL) * rows * PANEL + index % PANEL;
        let values = tile.head[first..].iter().step_by(PANEL);
        column
            .iter_mut()
            .zip(values.take(rows))
            .for_each(|(to, from)| *to = *from);
    }
}
