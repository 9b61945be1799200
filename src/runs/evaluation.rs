//! Which evaluation a figure is of, and which one counts where several were made.
//!
//! The one place that decides it: tables, curves and pictures of one run must speak of the same
//! evaluation. Start at [`Evaluation::latest`].

use crate::{EquityRecord, Scope, Track, TradeRecord, reader::RunReader};
use std::cmp::Reverse;

/// One evaluation of one policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Evaluation {
    /// Where it was recorded.
    pub track: Track,
    /// Window that it ran on.
    pub scope: Scope,
    /// Training step of the policy.
    pub step: u64,
}

/// A record that an evaluation left.
pub trait Evaluated {
    /// Returns window and training step.
    fn window(&self) -> (Scope, u64);
}

impl Evaluated for EquityRecord {
    fn window(&self) -> (Scope, u64) {
        (self.scope, self.step)
    }
}

impl Evaluated for TradeRecord {
    fn window(&self) -> (Scope, u64) {
        (self.scope, self.step)
    }
}

impl Evaluation {
    /// Returns the evaluation that counts: the held-out window before any other, then the latest
    /// policy; of several tracks the run's own before that of a seed.
    #[must_use]
    pub fn latest(all: impl IntoIterator<Item = Self>) -> Option<Self> {
        let rank = |one: &Self| {
            let held_out = one.scope == Scope::Test;
            (held_out, one.step, Reverse(one.track), one.scope)
        };
        all.into_iter().max_by_key(rank)
    }

    /// Returns the evaluations that left `records` on `track`, one a record.
    pub fn of<T: Evaluated>(track: Track, records: &[T]) -> impl Iterator<Item = Self> {
        records.iter().map(move |record| {
            let (scope, step) = record.window();
            Self { track, scope, step }
        })
    }

    /// Returns the evaluations of which `reader` has equity, one a point.
    pub fn with_equity(reader: &RunReader) -> impl Iterator<Item = Self> {
        let tracks = reader.tracks();
        tracks.flat_map(|(track, found)| Self::of(track, found.equity.records()))
    }

    /// Returns whether this evaluation left `record`, which is of the same track.
    #[must_use]
    pub fn left(&self, record: &impl Evaluated) -> bool {
        record.window() == (self.scope, self.step)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_held_out_window_counts_first_then_the_latest_policy_then_the_run_itself() {
        let made = |track, scope, step| Evaluation { track, scope, step };
        let (run, first, second) = (Track::Run, Track::Seed(1), Track::Seed(2));
        let mut all = vec![made(second, Scope::Valid, 90)];
        assert_eq!(Evaluation::latest(all.clone()), Some(all[0]));
        for better in [
            made(first, Scope::Valid, 90),
            made(first, Scope::Live, 91),
            made(second, Scope::Test, 10),
            made(first, Scope::Test, 10),
            made(run, Scope::Test, 10),
            made(second, Scope::Test, 20),
        ] {
            all.insert(0, better);
            assert_eq!(Evaluation::latest(all.clone()), Some(better));
        }
        assert_eq!(Evaluation::latest([]), None);
    }
}
