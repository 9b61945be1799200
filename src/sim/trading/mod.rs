//! The single-asset trading environment.
//!
//! At the close of bar `t` the agent sees the features up to `t` and its own account, and names a
//! target position; [`Account::step`](crate::Account::step) lives through bar `t + 1`. Start at
//! [`TradingSpec`], then [`TradingEnv`].

mod environment;
#[cfg(test)]
mod leak_tests;
mod observation;
mod recorder;
mod spec;
#[cfg(test)]
mod tests;

pub use environment::TradingEnv;
pub use recorder::EpisodeRecord;
pub use spec::{ActionScheme, EpisodeSpec, ObservationSpec, TradingSpec};
