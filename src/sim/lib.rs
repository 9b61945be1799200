//! Simulated trading: the one account and cost model, vectorised environments, and markets whose
//! optimum is known.
//!
//! Owns everything between a price and a reward. Never reads files, never asks a clock, never
//! draws from ambient randomness. Start at [`account`] (how a decision becomes money), then
//! [`env`] (what a learner sees).

pub mod account;
pub mod brackets;
pub mod classic;
pub mod costs;
pub mod env;
pub mod error;
pub mod fill;
pub mod market;
pub mod markets;
mod prefetch;
pub mod reward;
pub mod sizing;
#[cfg(test)]
mod tests;
pub mod trade;
pub mod trading;

pub use account::{Account, AccountModel, AccountSpec, BarId, BarTick, StepFlows};
pub use brackets::Brackets;
pub use classic::ClassicTask;
pub use costs::{CostItems, CostModel, CostSpec, Side, SlippageModel};
pub use env::{ActionSpace, Actions, Shard, StepOut, VecEnv};
pub use error::SimError;
pub use fill::{Fill, FillReason, FillSink};
pub use market::{FeatureMatrix, Market};
pub use markets::{KnownMarket, KnownMarketSpec, MarkovLaw, Optimum};
pub use reward::{RewardRule, RewardSpec, RewardTerms};
pub use sizing::Sizing;
pub use trade::{Trade, TradeBook};
pub use trading::{
    ActionScheme, EpisodeRecord, EpisodeSpec, ObservationSpec, TradingEnv, TradingSpec,
};
