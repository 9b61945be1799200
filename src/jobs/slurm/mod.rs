//! Slurm behind the launcher's seam, through its own programs and their text.
//!
//! Owns every word of Slurm: nothing of it goes above. Its JSON is avoided, since it changed in
//! every release and ignores filters, and so is its library, whose interface each site pins. Start
//! at [`Slurm`]; [`queue`] and [`account`] read, [`script`] writes, [`board`] shares the answer
//! between the user's processes.

// Reading.
pub mod account;
pub mod call;
pub mod field;
pub mod queue;
pub mod reason;

// Sharing.
pub mod board;
pub mod pace;
mod watch;

// Sending and asking.
mod ask;
mod check;
mod probe;
pub mod script;
mod submit;

#[cfg(test)]
mod tests;

pub use probe::learn;

use crate::{
    Attempt, JobId, JobSpec, JobsError, Launcher, Poll, Preview, Signal, Site, profile::Profile,
};
use board::{Board, Shelf};
use call::Programs;
use domain::{Clock, Nanos, Problems};
use runs::{Home, RunId};
use script::Defaults;
use std::{collections::BTreeMap, fmt, path::PathBuf, sync::Arc, time::Duration};

/// Where a Slurm backend works.
#[derive(Clone, Debug)]
pub struct SlurmSettings {
    /// Where runs live: jobs are matched to them.
    pub home: Home,
    /// The user's cache folder, e.g. `$XDG_CACHE_HOME/makook`; shared by all login nodes.
    pub cache: PathBuf,
    /// Environment of the scheduler's programs: `PATH`, `SLURM_CONF`, the locale.
    pub env: BTreeMap<String, String>,
    /// Name of this machine.
    pub host: String,
    /// Name of the user.
    pub user: String,
}

/// Jobs of one user at one Slurm site.
pub struct Slurm {
    profile: Profile,
    settings: SlurmSettings,
    programs: Programs,
    clock: Arc<dyn Clock>,
    shelf: Shelf,
    /// The last answer known here; stands in for the shared one where that cannot be written.
    board: Board,
    /// Directories of runs that this process sent; they may lie outside the home.
    dirs: BTreeMap<RunId, PathBuf>,
    /// What the site said, and when by the steady clock.
    site: Option<(Duration, Site)>,
    /// The last answer about history, by what was asked.
    history: Option<(Nanos, Vec<JobId>, Vec<Attempt>)>,
}

impl fmt::Debug for Slurm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slurm")
            .field("profile", &self.profile.name)
            .field("shelf", &self.shelf)
            .finish_non_exhaustive()
    }
}

impl Slurm {
    /// Prepares the backend for the site that `profile` describes; asks nothing yet.
    #[must_use]
    pub fn new(profile: Profile, settings: SlurmSettings, clock: Arc<dyn Clock>) -> Self {
        let programs = Programs::new(&settings.env, Arc::clone(&clock));
        let cluster: String = profile
            .cluster()
            .chars()
            .map(|c| if c == '/' { '-' } else { c })
            .collect();
        let shelf = Shelf::at(settings.cache.join(format!("slurm-{cluster}")));
        Self {
            profile,
            settings,
            programs,
            clock,
            shelf,
            board: Board::default(),
            dirs: BTreeMap::new(),
            site: None,
            history: None,
        }
    }

    /// Waits at most `patience` for each call of the scheduler's programs.
    #[must_use]
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.programs = self.programs.with_patience(patience);
        self
    }

    /// Returns the profile it serves.
    #[must_use]
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Returns the site's defaults for this user, which the scheduler's programs would read from
    /// the environment.
    fn defaults(&self) -> Defaults {
        let get = |name: &str| {
            let value = self.settings.env.get(name);
            value.filter(|value| !value.is_empty()).cloned()
        };
        Defaults {
            partition: get("SBATCH_PARTITION"),
            account: get("SBATCH_ACCOUNT"),
            qos: get("SBATCH_QOS"),
        }
    }

    fn run_dir(&self, run: &RunId) -> PathBuf {
        let known = self.dirs.get(run).cloned();
        known.unwrap_or_else(|| self.settings.home.run(run))
    }
}

impl Launcher for Slurm {
    fn name(&self) -> &str {
        &self.profile.name
    }

    fn probe(&mut self) -> Result<Site, JobsError> {
        let site = probe::probe(&self.programs, &self.profile, &self.settings)?;
        self.site = Some((self.clock.steady(), site.clone()));
        Ok(site)
    }

    fn validate(&mut self, spec: &JobSpec) -> Problems {
        self.check(spec)
    }

    fn preview(&mut self, spec: &JobSpec) -> Result<Preview, JobsError> {
        self.would_send(spec)
    }

    fn submit(&mut self, spec: &JobSpec) -> Result<Vec<JobId>, JobsError> {
        self.send(spec)
    }

    fn poll(&mut self) -> Result<Poll, JobsError> {
        self.look()
    }

    fn signal(&mut self, id: &JobId, signal: Signal) -> Result<(), JobsError> {
        self.ask(id, signal)
    }

    fn history(&mut self, ids: &[JobId]) -> Result<Vec<Attempt>, JobsError> {
        self.remember(ids)
    }

    fn throttle(&mut self, id: &JobId, at_most: u32) -> Result<(), JobsError> {
        self.limit(id, at_most)
    }
}
