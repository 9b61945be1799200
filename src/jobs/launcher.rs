//! The seam to whatever starts workers: a pool of processes on this machine, or Slurm.

use crate::{Attempt, JobId, JobSpec, JobsError, Poll, Preview, Site};
use domain::Problems;
use serde::{Deserialize, Serialize};

/// What is asked of a job from outside. What can wait for the worker (pause, save, stop, change a
/// setting) goes through the run's mailbox instead and is the same for every backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signal {
    /// Save and end; the job is over, the run can be resumed (SIGTERM). A waiting job is withdrawn.
    Stop,
    /// Save, end, and wait for a place again under the same identifier.
    Requeue,
    /// End at once (SIGKILL); what was checkpointed is safe.
    Kill,
}

/// Starts workers and watches them. Synchronous: called from a thread that may wait, one call at a
/// time.
///
/// Contract, held by one suite against every backend:
/// - a job survives the process that submitted it, and any number of processes may watch it;
/// - [`submit`](Self::submit) is idempotent by run: asked twice, also by two processes or after a
///   kill in between, it returns the job that exists;
/// - [`poll`](Self::poll) asks once for all jobs of this user and says how old its answer is;
/// - a job that ended stays visible to [`history`](Self::history), not necessarily to `poll`.
pub trait Launcher: Send {
    /// Returns the name of the profile this backend serves, e.g. `local` or `klone`.
    fn name(&self) -> &str;

    /// Reads what the site is and allows.
    ///
    /// # Errors
    /// A scheduler that cannot be asked.
    fn probe(&mut self) -> Result<Site, JobsError>;

    /// Returns every reason why `spec` would be refused or be a mistake, before anything is sent.
    fn validate(&mut self, spec: &JobSpec) -> Problems;

    /// Returns the exact command and, with a scheduler, the script that
    /// [`submit`](Self::submit) would use.
    ///
    /// # Errors
    /// A run directory that cannot be read.
    fn preview(&mut self, spec: &JobSpec) -> Result<Preview, JobsError>;

    /// Submits one job a run of `spec`, several as one array, and writes each run's `job.json`.
    /// Returns the identifiers in the order of the runs.
    ///
    /// # Errors
    /// The backend's refusal in its own words, with a remedy; nothing was submitted then.
    fn submit(&mut self, spec: &JobSpec) -> Result<Vec<JobId>, JobsError>;

    /// Returns every job of this user that waits, runs or ended a short while ago.
    ///
    /// # Errors
    /// A scheduler that cannot be asked; an earlier answer is returned instead while there is one.
    fn poll(&mut self) -> Result<Poll, JobsError>;

    /// Asks something of a job.
    ///
    /// # Errors
    /// `NoSuchJob`, or the backend's refusal.
    fn signal(&mut self, id: &JobId, signal: Signal) -> Result<(), JobsError>;

    /// Returns every start of the jobs `ids`, oldest first, as far as the backend remembers.
    ///
    /// # Errors
    /// `NoHistory` where the site keeps none.
    fn history(&mut self, ids: &[JobId]) -> Result<Vec<Attempt>, JobsError>;

    /// Lets at most `at_most` tasks of the array that `id` belongs to run at the same time.
    ///
    /// # Errors
    /// `NoSuchJob`, or a job that is no array.
    fn throttle(&mut self, id: &JobId, at_most: u32) -> Result<(), JobsError>;
}
