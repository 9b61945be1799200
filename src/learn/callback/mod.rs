//! What happens around each update, as values in a list.
//!
//! A callback sees one [`Turn`] and may change coefficients, add figures and ask for a checkpoint
//! or the end; the trainer alone acts on what was asked. Start at [`Callback`].

mod checkpointing;
mod early_stop;
mod schedules;
mod throughput;
mod validate;

pub use checkpointing::CheckpointEvery;
pub use early_stop::EarlyStop;
pub use schedules::Schedules;
pub use throughput::Throughput;
pub use validate::{Validate, Validated, Validation};

use crate::{
    error::TrainError,
    learner::Coefficients,
    policy::MlpPolicy,
    sink::{Metrics, TrainEvent},
};
use domain::{Clock, Phrase};
use serde::{Deserialize, Serialize};
use std::{fmt::Debug, time::Duration};

/// How far training is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Environment steps done.
    pub steps: u64,
    /// Updates done.
    pub updates: u64,
    /// Episodes ended.
    pub episodes: u64,
    /// Environment steps in total.
    pub total_steps: u64,
}

impl Progress {
    /// Returns the share of all steps that is done, in `[0, 1]`.
    #[must_use]
    pub fn share(&self) -> f64 {
        (self.steps as f64 / self.total_steps.max(1) as f64).min(1.0)
    }
}

/// What callbacks ask of the trainer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Requests {
    /// Save a checkpoint after this update.
    pub checkpoint: bool,
    /// Validation score of the weights as they are now.
    pub score: Option<f64>,
    /// The score is the best so far: save a checkpoint and mark it.
    pub best: bool,
    /// End training after this update, for this reason.
    pub stop: Option<Phrase>,
}

/// One update as a callback sees it.
#[derive(Debug)]
pub struct Turn<'a> {
    /// How far training is; after the update, the update is counted.
    pub progress: Progress,
    /// Coefficients of this update; before it they may be changed.
    pub coefficients: &'a mut Coefficients,
    /// Shapes of the schedules, with their start values as tuned so far.
    pub settings: &'a crate::trainer::Settings,
    /// Figures of this update.
    pub metrics: &'a mut Metrics,
    /// What is asked of the trainer.
    pub requests: &'a mut Requests,
    /// Happenings to report.
    pub events: &'a mut Vec<TrainEvent>,
    /// The policy as it is now, deterministic and frozen.
    pub policy: &'a mut MlpPolicy,
    /// The time.
    pub clock: &'a dyn Clock,
    /// Time spent on saving checkpoints since this start of the program.
    pub saving: Duration,
}

/// Something that happens around each update.
///
/// Hooks run in list order, on the trainer's thread, between updates. State that decides what the
/// callback does later belongs in [`save`](Self::save): resuming must continue bit-identically.
pub trait Callback: Debug + Send {
    /// Returns the name under which the state is saved; unique within a trainer.
    fn name(&self) -> &'static str;

    /// Runs before the rollout of an update.
    ///
    /// # Errors
    /// Ends training.
    fn before_update(&mut self, turn: &mut Turn<'_>) -> Result<(), TrainError> {
        let _ = turn;
        Ok(())
    }

    /// Runs after an update.
    ///
    /// # Errors
    /// Ends training.
    fn after_update(&mut self, turn: &mut Turn<'_>) -> Result<(), TrainError> {
        let _ = turn;
        Ok(())
    }

    /// Returns the state for a checkpoint; `null` when there is none.
    fn save(&self) -> serde_json::Value {
        serde_json::Value::Null
    }

    /// Takes over a saved state.
    ///
    /// # Errors
    /// What does not fit, in words.
    fn load(&mut self, state: &serde_json::Value) -> Result<(), String> {
        let _ = state;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
