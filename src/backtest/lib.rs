//! Judges decisions on history: replay through the one account, figures with their conventions,
//! baselines, statistics, and a verdict in words.
//!
//! Owns everything between a path of target positions and a [`report::Report`]; never trains,
//! reads files or asks a clock. Start at [`evaluate()`] (all of it in one call), or at
//! [`replay()`] (what happened), then [`metrics`] (what it was worth), [`stats`] (how sure that
//! is) and [`judge()`] (what may be said of it).

pub mod activity;
pub mod alarms;
pub mod baseline;
pub mod conventions;
pub mod cost_table;
pub mod cross;
pub mod curves;
pub mod drawdown;
pub mod error;
pub mod evaluate;
pub mod judge;
mod ladder;
pub mod metrics;
pub mod moments;
pub mod nulls;
pub mod panel;
pub mod performance;
pub mod replay;
pub mod report;
pub mod rolling;
pub mod stats;
mod tails;
pub mod words;

#[cfg(test)]
mod checks;

pub use activity::Activity;
pub use alarms::{Alarm, AlarmKind};
pub use baseline::{Baseline, Bounds};
pub use conventions::{Conventions, MeanKind, ReturnKind, VolatilityKind};
pub use cost_table::{BreakEven, CostTable, cost_table};
pub use drawdown::{DatedDrawdown, Drawdown};
pub use error::BacktestError;
pub use evaluate::{AgentPath, Resampling, Study, evaluate};
pub use judge::{Check, Evidence, Judgement, Verdict, judge};
pub use metrics::Metrics;
pub use performance::Performance;
pub use replay::{Replay, replay, replay_into};
pub use report::{Heading, Report};
pub use words::Words;
