//! Sums the chunks of a minibatch into one gradient, in chunk order and in the arena's order.

use crate::aligned::Aligned;
use crate::gemm::{PANEL, panels};
use crate::isa::{Isa, Kernel};
use crate::lanes::Lanes;
use crate::loss::Sums;
use crate::network::{Network, Packed, Trunk};
use crate::pool::Pool;

/// One chunk's results.
#[derive(Debug)]
pub(crate) struct Chunk {
    /// Gradient in the network's packed order.
    pub(crate) packed: Aligned,
    /// Sums for the statistics.
    pub(crate) sums: Sums,
}

/// Writes `gradient` (the arena's order) as the sum of the chunks, each range of it by one worker.
pub(crate) fn sum_chunks(
    network: &Network,
    isa: Isa,
    pool: &Pool,
    chunks: &[Chunk],
    gradient: &mut [f32],
) {
    let mut ranges = trunk_ranges(&network.actor);
    if network.log_std.len > 0 {
        ranges.push(Range::vector(network.log_std));
    }
    ranges.extend(trunk_ranges(&network.critic));
    let mut rest = gradient;
    let mut parts: Vec<_> = ranges
        .iter()
        .map(|range| {
            let (gradient, tail) = std::mem::take(&mut rest).split_at_mut(range.rows * range.width);
            rest = tail;
            (gradient, range)
        })
        .collect();
    pool.for_each(&mut parts, |_, _, (gradient, range)| {
        isa.run(SumChunks {
            gradient,
            range,
            chunks,
        });
    });
}

/// Returns a trunk's parameters in arena order, cut into parts of similar size.
fn trunk_ranges(trunk: &Trunk) -> Vec<Range> {
    let mut ranges = Vec::new();
    for layer in &trunk.layers {
        for first in (0..layer.outputs).step_by(PANEL) {
            ranges.push(Range {
                at: layer.weight_packed + first * PANEL,
                rows: (layer.outputs - first).min(PANEL),
                width: layer.inputs,
                panel: layer.outputs * PANEL,
            });
        }
        ranges.push(Range::vector(layer.bias_vector));
    }
    ranges
}

/// Where a range of the arena lies in a packed gradient.
#[derive(Clone, Copy, Debug)]
struct Range {
    at: usize,
    /// At most one panel's columns.
    rows: usize,
    /// Row length in the arena.
    width: usize,
    /// Distance between panels.
    panel: usize,
}

impl Range {
    fn vector(vector: Packed) -> Self {
        Self {
            at: vector.packed,
            rows: 1,
            width: vector.len,
            panel: PANEL,
        }
    }
}

/// Writes one range of the arena's gradient as the sum over chunks.
struct SumChunks<'a, 'b> {
    gradient: &'a mut [f32],
    range: &'a Range,
    chunks: &'b [Chunk],
}

impl Kernel for SumChunks<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        let Range {
            rows,
            at,
            width,
            panel,
        } = *self.range;
        for index in 0..panels(width) {
            // One block of a panel at a time: contiguous in every chunk, and small enough for L1.
            let mut total = [0.0_f32; PANEL * PANEL];
            let total = &mut total[..rows * PANEL];
            let from = at + index * panel;
            for chunk in self.chunks {
                for (total, value) in total.iter_mut().zip(&chunk.packed[from..]) {
                    *total += value;
                }
            }
            for (gradient, total) in self
                .gradient
                .chunks_exact_mut(width)
                .zip(total.chunks(PANEL))
            {
                let gradient = &mut gradient[index * PANEL..];
                let live = gradient.len().min(PANEL);
                gradient[..live].copy_from_slice(&total[..live]);
            }
        }
    }
}
