//! Every job of every backend, joined with what its run says.
//!
//! Used by the command line and by the console alike. A backend that cannot be asked costs its own
//! rows only. Runs decide success: a job that its scheduler calls completed is shown by its run's
//! outcome. Start at [`Book::list`].

use crate::{JobId, JobRecord, JobView, JobsError, Launcher, Phase, Signal};
use domain::{Clock, Nanos, Phrase};
use runs::{Roster, RunId, State, Summary};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::{Duration, SystemTime},
};

/// A worker whose figures stand still for this long while it runs is called stalled.
const STALLED: Duration = Duration::from_secs(15 * 60);
/// A job that runs for this long without a first training step gets a mark.
const NO_STEP: Duration = Duration::from_secs(20 * 60);

/// Something about a job that deserves a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Badge {
    /// Its heartbeat stands still.
    Stalled,
    /// It has run for a good while without a first training step.
    NoStep,
    /// Its backend calls it ended, but the run has no outcome: it died.
    Died,
    /// It was interrupted and started again.
    Restarted,
}

/// One line of the list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobRow {
    /// Profile it was sent through.
    pub profile: String,
    /// The job as its backend sees it.
    #[serde(flatten)]
    pub view: JobView,
    /// The run's name, or the job's title where it has no run here.
    pub title: String,
    /// The state of its run; `None` where the run is not here.
    pub state: Option<State>,
    /// Share of the run's steps done.
    pub progress: Option<f64>,
    /// Seconds left as the run estimates.
    pub eta_seconds: Option<f64>,
    /// What deserves a look.
    pub badges: Vec<Badge>,
}

/// What one backend said and when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Source {
    /// Profile.
    pub profile: String,
    /// When it answered last; zero for never.
    pub seen_at: Nanos,
    /// What went wrong.
    pub problems: Vec<Phrase>,
}

/// All jobs at one moment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Listing {
    /// Rows: live ones first, then waiting ones, then ended ones; newest first within each.
    pub jobs: Vec<JobRow>,
    /// The backends asked.
    pub sources: Vec<Source>,
}

/// All jobs, kept between looks.
pub struct Book {
    launchers: Vec<Box<dyn Launcher>>,
    home: runs::Home,
    roster: Roster,
    clock: Arc<dyn Clock>,
    records: BTreeMap<RunId, (Option<SystemTime>, Option<JobRecord>)>,
}

impl std::fmt::Debug for Book {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Book").finish_non_exhaustive()
    }
}

impl Book {
    /// Keeps the jobs of `launchers` for the runs of `home`.
    #[must_use]
    pub fn new(launchers: Vec<Box<dyn Launcher>>, home: runs::Home, clock: Arc<dyn Clock>) -> Self {
        Self {
            launchers,
            roster: Roster::new(home.clone()),
            home,
            clock,
            records: BTreeMap::new(),
        }
    }

    /// Returns the backends' names.
    #[must_use]
    pub fn profiles(&self) -> Vec<&str> {
        self.launchers.iter().map(|one| one.name()).collect()
    }

    /// Returns the backend of `profile`.
    ///
    /// # Errors
    /// `NoSuchProfile`.
    pub fn launcher(&mut self, profile: &str) -> Result<&mut Box<dyn Launcher>, JobsError> {
        let known: Vec<String> = self.profiles().into_iter().map(str::to_owned).collect();
        self.launchers
            .iter_mut()
            .find(|one| one.name() == profile)
            .ok_or_else(|| JobsError::NoSuchProfile {
                asked: profile.to_owned(),
                known,
            })
    }

    /// Adds a backend.
    pub fn add(&mut self, launcher: Box<dyn Launcher>) {
        if !self.profiles().contains(&launcher.name()) {
            self.launchers.push(launcher);
        }
    }

    /// Returns the profiles that runs here were sent through, whether open or not.
    #[must_use]
    pub fn used_profiles(&mut self) -> BTreeSet<String> {
        let ids = self.home.ids().unwrap_or_default();
        ids.iter()
            .filter_map(|id| self.record(id).map(|record| record.profile.clone()))
            .collect()
    }

    /// Asks every backend and returns all jobs. Never fails: what cannot be asked is among the
    /// sources' problems.
    pub fn list(&mut self) -> Listing {
        let runs: BTreeMap<RunId, Summary> = match self.roster.refresh(&*self.clock) {
            Ok(runs) => runs.into_iter().map(|run| (run.id.clone(), run)).collect(),
            Err(_) => BTreeMap::new(),
        };
        let mut listing = Listing::default();
        for launcher in &mut self.launchers {
            let profile = launcher.name().to_owned();
            let (poll, problem) = match launcher.poll() {
                Ok(poll) => (poll, None),
                Err(error) => (crate::Poll::default(), Some(said(&error))),
            };
            listing.sources.push(Source {
                profile: profile.clone(),
                seen_at: poll.seen_at,
                problems: poll.problems.into_iter().chain(problem).collect(),
            });
            let rows = poll.jobs.into_iter().map(|view| {
                let run = view.run.as_ref().and_then(|id| runs.get(id));
                row(&profile, view, run, self.clock.now())
            });
            listing.jobs.extend(rows);
        }
        self.drop_doubles(&mut listing.jobs);
        listing.jobs.sort_by(|a, b| {
            let key = |row: &JobRow| (order(row.view.phase), row.view.position.unwrap_or(0));
            key(a)
                .cmp(&key(b))
                .then_with(|| b.view.run.cmp(&a.view.run))
                .then_with(|| a.view.id.cmp(&b.view.id))
        });
        listing
    }

    /// Two profiles of one cluster list the same jobs: each stays with the profile that its run was
    /// sent through, or with the first that lists it.
    fn drop_doubles(&mut self, rows: &mut Vec<JobRow>) {
        let opened: BTreeSet<String> = self.profiles().into_iter().map(str::to_owned).collect();
        let mut seen: BTreeSet<(JobId, Option<RunId>, String)> = BTreeSet::new();
        rows.retain(|row| {
            let sent_through = row.view.run.as_ref().and_then(|id| self.record(id));
            let elsewhere = sent_through.is_some_and(|record| {
                record.profile != row.profile && opened.contains(&record.profile)
            });
            let one = (
                row.view.id.clone(),
                row.view.run.clone(),
                row.view.name.clone(),
            );
            !elsewhere && seen.insert(one)
        });
    }

    /// Finds a job by its backend's name or by its run's identifier, name or unique beginning.
    ///
    /// # Errors
    /// `NoSuchJob`; a run that was never sent anywhere.
    pub fn find(&mut self, asked: &str) -> Result<(String, JobId), JobsError> {
        let listing = self.list();
        if let Some(row) = listing
            .jobs
            .iter()
            .find(|row| row.view.id.as_str() == asked)
        {
            return Ok((row.profile.clone(), row.view.id.clone()));
        }
        if let Ok(dir) = self.home.find(asked)
            && let Some(record) = JobRecord::read(&dir)?
        {
            let id = dir.file_name().and_then(|name| name.to_str()?.parse().ok());
            let live = listing.jobs.iter().find(|row| {
                row.profile == record.profile && row.view.run == id && !row.view.phase.is_over()
            });
            let named = live.map(|row| row.view.id.clone());
            if let Some(job) = named.or_else(|| record.ids.last().cloned()) {
                return Ok((record.profile, job));
            }
        }
        Err(JobsError::NoSuchJob(asked.to_owned()))
    }

    /// Asks something of a job.
    ///
    /// # Errors
    /// Those of the backend.
    pub fn signal(&mut self, profile: &str, id: &JobId, signal: Signal) -> Result<(), JobsError> {
        self.launcher(profile)?.signal(id, signal)
    }

    /// Returns the job record of a run; read again only when its file changed.
    fn record(&mut self, id: &RunId) -> Option<&JobRecord> {
        let dir = self.home.run(id);
        let changed = std::fs::metadata(dir.join("job.json"))
            .and_then(|meta| meta.modified())
            .ok();
        let known = self.records.entry(id.clone()).or_default();
        if known.0 != changed {
            *known = (changed, JobRecord::read(&dir).ok().flatten());
        }
        known.1.as_ref()
    }
}

/// Returns an error with its remedy, in both languages.
#[must_use]
pub fn said(error: &JobsError) -> Phrase {
    let (Phrase { en, ko }, hint) = (error.says(), error.hint());
    Phrase::new(format!("{en}; {}", hint.en), format!("{ko}. {}", hint.ko))
}

fn order(phase: Phase) -> u8 {
    match phase {
        Phase::Running | Phase::Starting | Phase::Stopping => 0,
        Phase::Requeued { .. } | Phase::Queued => 1,
        Phase::Ended { .. } | Phase::Lost => 2,
    }
}

fn row(profile: &str, mut view: JobView, run: Option<&Summary>, now: Nanos) -> JobRow {
    let mut badges = Vec::new();
    if let Some(run) = run {
        let settled = matches!(run.state, State::Done | State::Failed);
        // The run's word comes before its backend has seen the worker go.
        if settled && view.phase == Phase::Running {
            view.phase = Phase::Stopping;
        }
        let active = view.phase == Phase::Running;
        if active && run.state.is_active() && silence(run, now) >= STALLED {
            badges.push(Badge::Stalled);
        }
        if active && !settled && run.step == 0 && view.elapsed >= NO_STEP {
            badges.push(Badge::NoStep);
        }
        let ended = matches!(view.phase, Phase::Ended { end } if !is_calm(end));
        if (ended || view.phase == Phase::Lost) && !settled {
            badges.push(Badge::Died);
        }
    }
    if view.restarts > 0 {
        badges.push(Badge::Restarted);
    }
    JobRow {
        profile: profile.to_owned(),
        title: run.map_or_else(|| view.name.clone(), |run| run.name.clone()),
        state: run.map(|run| run.state),
        progress: run.and_then(|run| run.progress),
        eta_seconds: run.and_then(|run| run.eta_seconds),
        badges,
        view,
    }
}

/// Ends that nobody has to look into.
fn is_calm(end: crate::End) -> bool {
    matches!(end, crate::End::Cancelled | crate::End::Interrupted)
}

fn silence(run: &Summary, now: Nanos) -> Duration {
    run.heard
        .and_then(|at| u64::try_from(now.0 - at.0).ok())
        .map_or(Duration::ZERO, Duration::from_nanos)
}

#[cfg(test)]
mod tests;
