//! Choosing actions from the actor's output, with noise that the caller drew.

#![expect(
    clippy::needless_range_loop,
    reason = "rows index several columns at once"
)]

use crate::elementary::{exp, ln};
use crate::isa::Kernel;
use crate::lanes::Lanes;
use crate::network::TILE;

/// ½ ln 2π.
pub(crate) const HALF_LN_TAU: f32 = 0.918_938_5;

/// Stored actions to read.
#[derive(Clone, Copy, Debug)]
pub enum Actions<'a> {
    /// `[n]` indices below the number of actions.
    Discrete(&'a [u32]),
    /// `[n, dim]`, as sampled: not clipped to the environment's bounds.
    Continuous(&'a [f32]),
}

/// Where actions are written.
#[derive(Debug)]
pub enum ActionsMut<'a> {
    /// `[n]` indices.
    Discrete(&'a mut [u32]),
    /// `[n, dim]`, not clipped.
    Continuous(&'a mut [f32]),
}

/// How an action is chosen from the distribution.
#[derive(Clone, Copy, Debug)]
pub enum Choice<'a> {
    /// Samples, with the noise of [`crate::Policy::fill_noise`]: `[n]` uniforms in `[0, 1)` for a
    /// categorical head, `[n, dim]` standard normals for a Gaussian one.
    Sample(&'a [f32]),
    /// Takes the most probable action (the first of equals), or the mean.
    Best,
}

/// Turns one tile's logits into actions and log-probabilities.
pub(crate) struct ChooseDiscrete<'a> {
    /// `[actions, TILE]`; becomes log-probabilities.
    pub(crate) logits: &'a mut [f32],
    /// `[n]`, or nothing to take the best.
    pub(crate) uniforms: Option<&'a [f32]>,
    pub(crate) actions: &'a mut [u32],
    pub(crate) log_prob: &'a mut [f32],
}

impl Kernel for ChooseDiscrete<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        let rows = self.actions.len();
        let mut best = [0_u32; TILE];
        let mut sum = [0.0; TILE];
        let mut largest = [0.0; TILE];
        largest.copy_from_slice(&self.logits[..TILE]);
        for (index, column) in self.logits.chunks_exact(TILE).enumerate().skip(1) {
            for r in 0..TILE {
                let better = column[r] > largest[r];
                best[r] = if better { index as u32 } else { best[r] };
                largest[r] = if better { column[r] } else { largest[r] };
            }
        }
        for column in self.logits.chunks_exact(TILE) {
            for r in 0..TILE {
                sum[r] += exp::<L>(column[r] - largest[r]);
            }
        }
        for r in 0..TILE {
            sum[r] = largest[r] + ln::<L>(sum[r]);
        }
        let mut target = [0.0; TILE];
        if let Some(uniforms) = self.uniforms {
            target[..rows].copy_from_slice(&uniforms[..rows]);
            best = [0; TILE];
        }
        let last = self.logits.len() / TILE - 1;
        let mut reached = [0.0; TILE];
        for (index, column) in self.logits.chunks_exact_mut(TILE).enumerate() {
            for r in 0..TILE {
                column[r] -= sum[r];
                reached[r] += exp::<L>(column[r]);
                // Counts the actions whose whole share lies below the uniform value.
                let passed = self.uniforms.is_some() && index < last && reached[r] <= target[r];
                best[r] += u32::from(passed);
            }
        }
        for r in 0..rows {
            self.actions[r] = best[r];
            self.log_prob[r] = self.logits[best[r] as usize * TILE + r];
        }
    }
}

/// Turns row-major means into actions and log-probabilities.
pub(crate) struct ChooseContinuous<'a> {
    /// `[n, dim]`.
    pub(crate) mean: &'a [f32],
    /// `[dim]`.
    pub(crate) log_std: &'a [f32],
    /// `[n, dim]`, or nothing to take the mean.
    pub(crate) normals: Option<&'a [f32]>,
    pub(crate) actions: &'a mut [f32],
    pub(crate) log_prob: &'a mut [f32],
}

impl Kernel for ChooseContinuous<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        let dim = self.log_std.len();
        let constant = self.log_std.iter().sum::<f32>() + dim as f32 * HALF_LN_TAU;
        for (row, log_prob) in self.log_prob.iter_mut().enumerate() {
            let mut squares = 0.0;
            for (d, log_std) in self.log_std.iter().enumerate() {
                let at = row * dim + d;
                let noise = self.normals.map_or(0.0, |normals| normals[at]);
                self.actions[at] = L::fma(log_std.exp(), noise, self.mean[at]);
                squares += noise * noise;
            }
            *log_prob = -0.5 * squares - constant;
        }
    }
}
