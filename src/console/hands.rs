//! The seams to whatever acts for the console: on this machine, or on a host over SSH.
//!
//! [`Hands`] touches run directories and is quick. [`Foreman`] talks to schedulers and may take
//! half a minute; it has a thread of its own, so that a silent scheduler holds up nothing else.

use crate::{
    importing::{ImportNews, ImportOrder},
    saving::{Exchange, Saving},
};
use config::Draft;
use domain::{Clock, Nanos, Phrase};
use jobs::{JobId, Listing, Preview, Signal};
use runs::{Command, RunId};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// Touches run directories.
pub trait Hands: Send {
    /// Posts `command` to the worker of the run at `run` and returns its number.
    ///
    /// # Errors
    /// Why it was not posted, with what to do.
    fn post(&mut self, run: &Path, command: &Command) -> Result<u64, Phrase>;

    /// Moves the run at `path` to the trash.
    ///
    /// # Errors
    /// Why it stays, with what to do.
    fn remove(&mut self, run: &RunId, path: &Path) -> Result<(), Phrase>;

    /// Writes `draft`, which was worked out from `saving` and shown, into its experiment file.
    ///
    /// # Errors
    /// Why nothing was written, with what to do.
    fn save(&mut self, saving: &Saving, draft: &Draft) -> Result<(), Phrase>;

    /// Gives a saved file the text back that it had before, or again the one that was saved.
    ///
    /// # Errors
    /// Why the file stays as it is, with what to do.
    fn exchange(&mut self, exchange: &Exchange) -> Result<(), Phrase>;

    /// Brings a run back from the trash.
    ///
    /// # Errors
    /// Why it is not back, with what to do.
    fn restore(&mut self, run: &RunId) -> Result<(), Phrase>;

    /// Starts to import a file and returns; `tell` hears how far that is, and last how it ended.
    ///
    /// # Errors
    /// Why it was not started, with what to do; `tell` hears nothing then.
    fn import(&mut self, order: &ImportOrder, tell: Tell) -> Result<(), Phrase>;
}

/// Hears of an import.
pub type Tell = Box<dyn Fn(ImportNews) + Send>;

/// A training to start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Order {
    /// Experiment file, absolute.
    pub experiment: Option<PathBuf>,
    /// `section.key=value` each, laid over it.
    pub sets: Vec<String>,
    /// The profile it is sent through; `None` for the configured one.
    pub on: Option<String>,
    /// The run that the settings come from.
    pub parent: Option<RunId>,
    /// The script as a person edited it.
    pub script: Option<String>,
}

/// A place that jobs can be sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// Name of its profile.
    pub profile: String,
    /// What it is.
    pub about: Phrase,
}

/// Starts, lists and ends jobs.
pub trait Foreman: Send {
    /// Returns every job.
    ///
    /// # Errors
    /// Why none can be listed, with what to do.
    fn list(&mut self) -> Result<Listing, Phrase>;

    /// Returns where jobs can be sent, the configured place first.
    fn destinations(&mut self) -> Vec<Destination>;

    /// Returns the exact command, and the script if there is one, that [`train`](Self::train)
    /// would use.
    ///
    /// # Errors
    /// Every reason why it would be refused.
    fn preview(&mut self, order: &Order) -> Result<Preview, Phrase>;

    /// Creates a run, or several for a sweep, sends them off and returns their identifiers.
    ///
    /// # Errors
    /// Why nothing was started, with what to do.
    fn train(&mut self, order: &Order) -> Result<Vec<RunId>, Phrase>;

    /// Sends a run off that continues from its last checkpoint, to where it was before.
    ///
    /// # Errors
    /// Why nothing was started, with what to do.
    fn resume(&mut self, run: &RunId) -> Result<(), Phrase>;

    /// Asks something of a job.
    ///
    /// # Errors
    /// The backend's refusal, with what to do.
    fn signal(&mut self, profile: &str, job: &JobId, signal: Signal) -> Result<(), Phrase>;

    /// Lets at most `at_most` tasks of a job's array run at the same time.
    ///
    /// # Errors
    /// The backend's refusal, with what to do.
    fn throttle(&mut self, profile: &str, job: &JobId, at_most: u32) -> Result<(), Phrase>;
}

/// How a line to a host stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineState {
    /// The host, as the user named it.
    pub host: String,
    /// When it was last heard, by this machine's wall clock: the age of everything shown.
    pub heard: Nanos,
    /// What is wrong with it.
    pub trouble: Option<LineTrouble>,
}

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineTrouble {
    /// Whether it is lost: only [`Line::reconnect`] helps then, and nothing else is tried.
    pub lost: bool,
    /// Why, with what to do.
    pub why: Phrase,
}

/// The line to the host whose runs are shown, where that is another machine.
pub trait Line: Send + Sync {
    /// Returns how it stands. Quick.
    fn state(&self) -> LineState;

    /// Says which run is on screen: its files are brought here first, then the figures of the runs
    /// `beside` it. Quick.
    fn watch(&self, run: Option<&RunId>, beside: &[RunId]);

    /// Makes a new line if the old one is lost. May take as long as a login.
    ///
    /// # Errors
    /// Why there is still none, with what to do.
    fn reconnect(&self) -> Result<(), Phrase>;

    /// Returns the clock to judge heartbeats by: it stands still while the host is not heard, so
    /// that no run seems to die of a lost line.
    fn clock(&self) -> Arc<dyn Clock>;
}
