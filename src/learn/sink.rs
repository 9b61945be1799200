//! Where a training's figures and happenings go, as a seam; the trainer itself never prints.

use crate::control::Tunable;
use domain::Phrase;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt::Debug, io};

/// Figures of one update by key, e.g. `loss/policy`.
pub type Metrics = BTreeMap<String, f64>;

/// Something that happened in a training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum TrainEvent {
    /// Training begins or goes on.
    Started {
        /// Where the learner runs, in words.
        backend: Phrase,
        /// Step of the checkpoint resumed from; 0 for a fresh start.
        from_step: u64,
    },
    /// A checkpoint is on disk.
    CheckpointSaved {
        /// Whether its validation score is the best so far.
        best: bool,
        /// Size of all its files.
        bytes: u64,
    },
    /// A checkpoint could not be written; training goes on, the previous one is untouched.
    CheckpointFailed {
        /// The error in words.
        error: Phrase,
    },
    /// Validation ran.
    Validated {
        /// Its score; higher is better.
        score: f64,
        /// Best score so far.
        best: f64,
    },
    /// A coefficient was changed from outside.
    SettingChanged {
        /// Which one.
        key: Tunable,
        /// Value before.
        from: f64,
        /// Value from now on.
        to: f64,
    },
    /// Computing stopped on command.
    Paused,
    /// Computing goes on.
    Resumed,
    /// Training ends before its last step.
    StoppedEarly {
        /// Why, in words.
        reason: Phrase,
    },
    /// A value was not finite; the weights were put back to before the update.
    NotFinite {
        /// What was not finite.
        what: Phrase,
        /// Number of the update, from 1.
        update: u64,
    },
    /// Training reached its last step.
    Finished,
}

/// Takes a training's figures and events.
///
/// An error (a full disk) does not stop training; the trainer counts it and goes on.
pub trait MetricSink: Debug + Send {
    /// Takes the figures of the update that ended at environment step `step`.
    ///
    /// # Errors
    /// The operating system's error; these figures are then lost.
    fn metrics(&mut self, step: u64, values: &Metrics) -> io::Result<()>;

    /// Takes an event at environment step `step`.
    ///
    /// # Errors
    /// The operating system's error; this event is then lost.
    fn event(&mut self, step: u64, event: &TrainEvent) -> io::Result<()>;

    /// Writes down what still waits. It comes before a checkpoint is saved: a killed training goes
    /// on from there and does not say again what was before.
    ///
    /// # Errors
    /// The operating system's error; what waits goes on waiting.
    fn settle(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Keeps everything in memory.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MemorySink {
    /// Figures with their steps.
    pub metrics: Vec<(u64, Metrics)>,
    /// Events with their steps.
    pub events: Vec<(u64, TrainEvent)>,
}

impl MemorySink {
    /// Returns the values of one key in time order.
    #[must_use]
    pub fn series(&self, key: &str) -> Vec<f64> {
        self.metrics
            .iter()
            .filter_map(|(_, values)| values.get(key).copied())
            .collect()
    }
}

impl MetricSink for MemorySink {
    fn metrics(&mut self, step: u64, values: &Metrics) -> io::Result<()> {
        self.metrics.push((step, values.clone()));
        Ok(())
    }

    fn event(&mut self, step: u64, event: &TrainEvent) -> io::Result<()> {
        self.events.push((step, event.clone()));
        Ok(())
    }
}

/// Whether a figure measures time and so differs between two equal runs.
#[must_use]
pub fn depends_on_time(key: &str) -> bool {
    key.starts_with("perf/")
}
