//! The PPO loss of one tile, fused with its gradient by the networks' outputs.
//!
//! Rows lie in lanes: every quantity is a column `[TILE]`. Formulas follow Schulman et al. 2017 and
//! the details of Huang et al. 2022 ("The 37 implementation details of PPO").

#![expect(
    clippy::needless_range_loop,
    reason = "rows index several columns at once"
)]

use crate::act::HALF_LN_TAU;
use crate::elementary::{exp, ln};
use crate::isa::Kernel;
use crate::lanes::Lanes;
use crate::network::TILE;
use crate::ppo::PpoLoss;

/// One quantity of every row of a tile.
pub(crate) type Column = [f32; TILE];

/// What the rollout says about the rows of a tile.
#[derive(Debug)]
pub(crate) struct TileRows {
    pub(crate) rows: usize,
    /// 1 / rows of the minibatch.
    pub(crate) weight: f32,
    pub(crate) advantage: Column,
    pub(crate) old_log_prob: Column,
    pub(crate) returns: Column,
    pub(crate) old_value: Column,
    pub(crate) action: [u32; TILE],
    /// `[dim, TILE]` for a Gaussian head.
    pub(crate) continuous: Vec<f32>,
}

/// Sums over rows, kept per lane until the chunk ends.
#[derive(Debug)]
pub(crate) struct Sums {
    pub(crate) policy: Column,
    pub(crate) value: Column,
    pub(crate) entropy: Column,
    pub(crate) kl: Column,
    pub(crate) clipped: Column,
    pub(crate) ratio: Column,
}

impl Sums {
    pub(crate) const ZERO: Self = Self {
        policy: [0.0; TILE],
        value: [0.0; TILE],
        entropy: [0.0; TILE],
        kl: [0.0; TILE],
        clipped: [0.0; TILE],
        ratio: [0.0; TILE],
    };
}

/// Categorical policy loss; `logits` becomes the gradient by the logits.
pub(crate) struct CategoricalLoss<'a> {
    pub(crate) loss: &'a PpoLoss,
    pub(crate) tile: &'a TileRows,
    /// `[actions, TILE]`.
    pub(crate) logits: &'a mut [f32],
    /// `[actions, TILE]`, overwritten.
    pub(crate) probs: &'a mut [f32],
    pub(crate) sums: &'a mut Sums,
}

impl Kernel for CategoricalLoss<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        let Self {
            loss,
            tile,
            logits,
            probs,
            sums,
        } = self;
        let mut largest = [f32::NEG_INFINITY; TILE];
        for column in logits.chunks_exact(TILE) {
            for r in 0..TILE {
                largest[r] = if column[r] > largest[r] {
                    column[r]
                } else {
                    largest[r]
                };
            }
        }
        let mut total = [0.0; TILE];
        for (column, probs) in logits
            .chunks_exact_mut(TILE)
            .zip(probs.chunks_exact_mut(TILE))
        {
            for r in 0..TILE {
                column[r] -= largest[r];
                probs[r] = exp::<L>(column[r]);
                total[r] += probs[r];
            }
        }
        let mut log_total = [0.0; TILE];
        let mut inverse = [0.0; TILE];
        for r in 0..TILE {
            log_total[r] = ln::<L>(total[r]);
            inverse[r] = 1.0 / total[r];
        }
        let mut entropy = [0.0; TILE];
        for (column, probs) in logits
            .chunks_exact_mut(TILE)
            .zip(probs.chunks_exact_mut(TILE))
        {
            for r in 0..TILE {
                column[r] -= log_total[r];
                probs[r] *= inverse[r];
                entropy[r] = L::fma(-probs[r], column[r], entropy[r]);
            }
        }
        let mut log_prob = [0.0; TILE];
        for r in 0..tile.rows {
            log_prob[r] = logits[tile.action[r] as usize * TILE + r];
        }
        let by_log_prob = surrogate::<L>(loss, tile, &log_prob, sums);
        let bonus = loss.entropy_coef * tile.weight;
        for (column, probs) in logits.chunks_exact_mut(TILE).zip(probs.chunks_exact(TILE)) {
            for r in 0..TILE {
                let by_entropy = bonus * (column[r] + entropy[r]);
                column[r] = probs[r] * (by_entropy - by_log_prob[r]);
            }
        }
        for r in 0..tile.rows {
            logits[tile.action[r] as usize * TILE + r] += by_log_prob[r];
            sums.entropy[r] += entropy[r];
        }
    }
}

/// Gaussian policy loss; `mean` becomes the gradient by the means.
pub(crate) struct GaussianLoss<'a> {
    pub(crate) loss: &'a PpoLoss,
    pub(crate) tile: &'a TileRows,
    /// `[dim]`.
    pub(crate) log_std: &'a [f32],
    /// `[dim, TILE]`.
    pub(crate) mean: &'a mut [f32],
    /// `[dim, TILE]`, overwritten.
    pub(crate) deviation: &'a mut [f32],
    /// `[dim]`, added to.
    pub(crate) by_log_std: &'a mut [f32],
    pub(crate) sums: &'a mut Sums,
}

impl Kernel for GaussianLoss<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        let Self {
            loss,
            tile,
            log_std,
            mean,
            deviation,
            by_log_std,
            sums,
        } = self;
        let log_stds: f32 = log_std.iter().sum();
        let dim = log_std.len() as f32;
        let mut log_prob = [-log_stds - dim * HALF_LN_TAU; TILE];
        for (d, deviation) in deviation.chunks_exact_mut(TILE).enumerate() {
            let inverse = (-log_std[d]).exp();
            let mean = &mean[d * TILE..(d + 1) * TILE];
            let action = &tile.continuous[d * TILE..(d + 1) * TILE];
            for r in 0..TILE {
                deviation[r] = (action[r] - mean[r]) * inverse;
                log_prob[r] = L::fma(-0.5 * deviation[r], deviation[r], log_prob[r]);
            }
        }
        let by_log_prob = surrogate::<L>(loss, tile, &log_prob, sums);
        for (d, deviation) in deviation.chunks_exact(TILE).enumerate() {
            let inverse = (-log_std[d]).exp();
            let mean = &mut mean[d * TILE..(d + 1) * TILE];
            let mut squares = [0.0; TILE];
            for r in 0..TILE {
                mean[r] = by_log_prob[r] * deviation[r] * inverse;
                squares[r] = by_log_prob[r] * (deviation[r] * deviation[r] - 1.0);
            }
            let rows = squares[..tile.rows].iter().sum::<f32>();
            by_log_std[d] += rows - loss.entropy_coef * tile.weight * tile.rows as f32;
        }
        let entropy = log_stds + dim * (0.5 + HALF_LN_TAU);
        sums.entropy[..tile.rows]
            .iter_mut()
            .for_each(|sum| *sum += entropy);
    }
}

/// Adds the clipped surrogate's sums and returns its gradient by the new log-probability; 0 in rows
/// beyond the tile's.
#[inline(always)]
fn surrogate<L: Lanes>(
    loss: &PpoLoss,
    tile: &TileRows,
    log_prob: &Column,
    sums: &mut Sums,
) -> Column {
    let (low, high) = (1.0 - loss.clip_range, 1.0 + loss.clip_range);
    let mut gradient = [0.0; TILE];
    for r in 0..TILE {
        let live = if r < tile.rows { 1.0 } else { 0.0 };
        let log_ratio = (log_prob[r] - tile.old_log_prob[r]) * live;
        let ratio = exp::<L>(log_ratio);
        let free = -tile.advantage[r] * ratio;
        let bound = -tile.advantage[r] * ratio.clamp(low, high);
        // The larger loss counts; where that is the bound, the ratio has no influence.
        gradient[r] = if bound > free {
            0.0
        } else {
            free * tile.weight * live
        };
        sums.policy[r] += live * if bound > free { bound } else { free };
        sums.kl[r] += live * ((ratio - 1.0) - log_ratio);
        sums.ratio[r] += live * ratio;
        let outside = (ratio - 1.0).abs() > loss.clip_range;
        sums.clipped[r] += if outside { live } else { 0.0 };
    }
    gradient
}

/// Value loss `½ (v − R)²`, clipped around the old value if asked; `value` becomes the gradient.
pub(crate) struct ValueLoss<'a> {
    pub(crate) loss: &'a PpoLoss,
    pub(crate) tile: &'a TileRows,
    pub(crate) value: &'a mut Column,
    pub(crate) sums: &'a mut Sums,
}

impl Kernel for ValueLoss<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        let Self {
            loss,
            tile,
            value,
            sums,
        } = self;
        let range = loss.value_clip_range.unwrap_or(f32::INFINITY);
        let scale = loss.value_coef * tile.weight;
        for r in 0..TILE {
            let live = if r < tile.rows { 1.0 } else { 0.0 };
            let free = value[r] - tile.returns[r];
            let change = value[r] - tile.old_value[r];
            let bound = tile.old_value[r] + change.clamp(-range, range) - tile.returns[r];
            let moves = if change.abs() <= range { bound } else { 0.0 };
            let bounded = bound * bound > free * free;
            let (error, gradient) = if bounded {
                (bound, moves)
            } else {
                (free, free)
            };
            // Without a range both are equal up to rounding; take the exact one.
            let unbounded = range == f32::INFINITY;
            let (error, gradient) = if unbounded {
                (free, free)
            } else {
                (error, gradient)
            };
            sums.value[r] += live * 0.5 * error * error;
            value[r] = live * scale * gradient;
        }
    }
}
