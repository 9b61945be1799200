//! What happens to a tile between matrix products: loading, derivatives, column sums.

#![expect(
    unsafe_code,
    reason = "the derivative loads and stores vectors through raw pointers"
)]

use crate::gemm::{PANEL, panels};
use crate::isa::Kernel;
use crate::lanes::Lanes;
use crate::shape::Activation;

/// `sums[column] += Σ_row delta[row, column]`, in panels.
pub(crate) struct AddColumnSums<'a> {
    pub(crate) rows: usize,
    pub(crate) delta: &'a [f32],
    pub(crate) sums: &'a mut [f32],
}

impl Kernel for AddColumnSums<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        let panels = self.delta.chunks_exact(self.rows * PANEL);
        for (sums, panel) in self.sums.chunks_exact_mut(PANEL).zip(panels) {
            let mut total = [0.0_f32; PANEL];
            total.copy_from_slice(sums);
            for row in panel.chunks_exact(PANEL) {
                for (total, value) in total.iter_mut().zip(row) {
                    *total += value;
                }
            }
            sums.copy_from_slice(&total);
        }
    }
}

/// Multiplies a gradient by the activation's derivative, which its output determines, and adds the
/// products' column sums to `sums`. `delta` and `output` are `[rows, width]` in panels.
pub(crate) struct ThroughActivation<'a> {
    pub(crate) activation: Activation,
    pub(crate) rows: usize,
    pub(crate) delta: &'a mut [f32],
    pub(crate) output: &'a [f32],
    pub(crate) sums: &'a mut [f32],
}

impl Kernel for ThroughActivation<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        match self.activation {
            // SAFETY: both closures are called by `with` alone, compiled for this instruction set.
            Activation::Tanh => {
                self.with::<L>(|delta, y| unsafe { delta.minus_product(delta.times(y), y) });
            }
            // SAFETY: as above.
            Activation::Relu => self.with::<L>(|delta, y| unsafe { delta.where_positive(y) }),
        }
    }
}

impl ThroughActivation<'_> {
    #[inline(always)]
    fn with<L: Lanes>(self, derivative: impl Fn(L, L) -> L) {
        let delta = self.delta.chunks_exact_mut(self.rows * PANEL);
        let output = self.output.chunks_exact(self.rows * PANEL);
        for ((delta, output), sums) in delta.zip(output).zip(self.sums.chunks_exact_mut(PANEL)) {
            for first in (0..PANEL).step_by(2 * L::WIDTH) {
                let second = first + L::WIDTH;
                // SAFETY: two vectors from `first` on lie within a row of every panel.
                unsafe {
                    let mut left = L::load(sums.as_ptr().add(first));
                    let mut right = L::load(sums.as_ptr().add(second));
                    let one = L::splat(1.0);
                    let pairs = delta
                        .chunks_exact_mut(PANEL)
                        .zip(output.chunks_exact(PANEL));
                    for (delta, output) in pairs {
                        for (at, total) in [(first, &mut left), (second, &mut right)] {
                            let at_delta = delta.as_mut_ptr().add(at);
                            let y = L::load(output.as_ptr().add(at));
                            let product = derivative(L::load(at_delta), y);
                            product.store(at_delta);
                            *total = total.plus_product(product, one);
                        }
                    }
                    left.store(sums.as_mut_ptr().add(first));
                    right.store(sums.as_mut_ptr().add(second));
                }
            }
        }
    }
}

/// Copies rows `row(0), row(1), …` of `obs`, `[n, dim]`, into a tile's panels.
///
/// Padding columns receive whatever follows: products never let them reach a live column.
pub(crate) struct LoadRows<'a, F> {
    pub(crate) tile: &'a mut [f32],
    pub(crate) obs: &'a [f32],
    pub(crate) dim: usize,
    pub(crate) rows: usize,
    pub(crate) row: F,
}

impl<F: Fn(usize) -> usize> Kernel for LoadRows<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        const HALF: usize = PANEL / 2;
        let Self {
            tile,
            obs,
            dim,
            rows,
            row,
        } = self;
        for (panel, tile) in tile
            .chunks_exact_mut(rows * PANEL)
            .take(panels(dim))
            .enumerate()
        {
            let first = panel * PANEL;
            let live = (dim - first).min(PANEL);
            for (r, target) in tile.chunks_exact_mut(PANEL).enumerate() {
                let from = &obs[row(r) * dim + first..];
                // Whole vectors, which may run into the next row; except at the end of `obs`.
                if live <= HALF && from.len() >= HALF {
                    target[..HALF].copy_from_slice(&from[..HALF]);
                } else if from.len() >= PANEL {
                    target.copy_from_slice(&from[..PANEL]);
                } else {
                    target[..live].copy_from_slice(&from[..live]);
                }
            }
        }
    }
}
