//! What a person or the system may ask of a running training, as a seam.
//!
//! The trainer polls between updates only, so every command finds a consistent state. Where the
//! commands come from (mailbox, signals) is the implementor's business.

use domain::Phrase;
use serde::{Deserialize, Serialize};
use std::fmt::Debug;

/// A coefficient that may change while training runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tunable {
    /// Start value of the learning-rate schedule; its shape stays.
    LearningRate,
    /// Start value of the entropy schedule; its shape stays.
    EntropyCoef,
    /// ε of the clipped ratio.
    ClipRange,
}

impl Tunable {
    /// Every tunable coefficient.
    pub const ALL: [Self; 3] = [Self::LearningRate, Self::EntropyCoef, Self::ClipRange];

    /// Returns the key's name, e.g. `learning_rate`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::LearningRate => "learning_rate",
            Self::EntropyCoef => "entropy_coef",
            Self::ClipRange => "clip_range",
        }
    }

    /// Returns the coefficient called `name`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|key| key.name() == name)
    }
}

/// One request to the trainer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Command {
    /// Stop computing, keep everything in memory.
    Pause,
    /// Go on after a pause.
    Resume,
    /// Save a checkpoint now.
    Checkpoint,
    /// Save a checkpoint and end; the training can be resumed.
    Stop,
    /// End without saving.
    Cancel,
    /// Give a coefficient a new value from the next update on.
    Set {
        /// Which coefficient.
        key: Tunable,
        /// Its new value.
        value: f64,
    },
}

/// Delivers commands and takes their acknowledgement.
pub trait Control: Debug + Send {
    /// Returns the commands that arrived since the last call, oldest first; never blocks.
    fn poll(&mut self) -> Vec<Command>;

    /// Blocks until something may have arrived, then as [`poll`](Self::poll); called while paused.
    fn wait(&mut self) -> Vec<Command>;

    /// Hears what became of a command; called once for each one delivered, in their order.
    fn acknowledge(&mut self, command: &Command, outcome: Result<(), Phrase>);
}

/// No one commands.
#[derive(Clone, Copy, Debug, Default)]
pub struct Uncontrolled;

impl Control for Uncontrolled {
    fn poll(&mut self) -> Vec<Command> {
        Vec::new()
    }

    fn wait(&mut self) -> Vec<Command> {
        // Nobody could ever end a pause.
        vec![Command::Resume]
    }

    fn acknowledge(&mut self, _command: &Command, _outcome: Result<(), Phrase>) {}
}
