//! How sure one may be of a figure: intervals, tests and what many trials do to them.
//!
//! Everything random takes a [`domain::StreamRng`]; everything returns plain numbers and never
//! words. Start at [`bootstrap`] for one series, [`compare`] for two, [`seeds`] for many runs of
//! one set-up, [`deflated`] for many trials.

pub mod block;
pub mod bootstrap;
pub mod compare;
pub mod deflated;
pub mod normal;
pub mod seeds;

pub use block::block_length;
pub use bootstrap::{Interval, SharpeBootstrap, sharpe_interval};
pub use compare::{PairedTest, compare_to_baselines, holm};
pub use deflated::{
    DeflatedSharpe, deflated_sharpe, expected_best_sharpe, minimum_track_record,
    probabilistic_sharpe,
};
pub use seeds::{SeedSummary, iqm, iqm_interval, summarise_seeds};
