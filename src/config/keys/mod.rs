//! The one registry: every setting of makook is a row here, and nowhere else.
//!
//! Each section's module declares its rows; from them come the typed struct, its defaults, the
//! checks, `explain`, the forms of the console and the JSON Schema. To add a setting, add a row.
//! Start at [`SECTIONS`].

pub mod agent;
pub mod console;
pub mod data;
pub mod env;
pub mod evaluate;
pub mod features;
pub mod jobs;
pub mod policy;
pub mod run;
pub mod train;

use crate::key::{Key, Section};
use serde::{Deserialize, Serialize};

pub use agent::{Agent, Algorithm, Anneal};
pub use console::{Ascii, Color, Console, Language, Theme};
pub use data::{Data, Repair};
pub use env::{ActionKind, Env, EnvKind, Reward, Sizing, Slippage};
pub use evaluate::{Baseline, Evaluate};
pub use features::{FeatureSet, Features, Scaler};
pub use jobs::Jobs;
pub use policy::{Activation, Backend, Network, Policy};
pub use run::{Environment, Run};
pub use train::{Device, Train};

/// Every setting, typed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Which candles a run reads.
    pub data: Data,
    /// What the agent sees of the market.
    pub features: Features,
    /// What the agent acts in.
    pub env: Env,
    /// The learning algorithm.
    pub agent: Agent,
    /// The network.
    pub policy: Policy,
    /// How a training runs.
    pub train: Train,
    /// What a result is held against.
    pub evaluate: Evaluate,
    /// Where work is sent.
    pub jobs: Jobs,
    /// What a run is called and where it is kept.
    pub run: Run,
    /// How the console looks.
    pub console: Console,
}

/// Every section, in reading order.
pub static SECTIONS: &[Section] = &[
    Data::SECTION,
    Features::SECTION,
    Env::SECTION,
    Agent::SECTION,
    Policy::SECTION,
    Train::SECTION,
    Evaluate::SECTION,
    Jobs::SECTION,
    Run::SECTION,
    Console::SECTION,
];

/// Iterates over every key, in reading order.
pub fn keys() -> impl Iterator<Item = &'static Key> {
    SECTIONS.iter().flat_map(|section| section.keys)
}

/// Returns the key of a path such as `agent.clip_range`.
#[must_use]
pub fn find(path: &str) -> Option<&'static Key> {
    keys().find(|key| key.path == path)
}
