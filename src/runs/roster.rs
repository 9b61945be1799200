//! The list of all runs, a thousand of them in the time of one frame.
//!
//! Ended runs are read once and remembered; only the living are looked at again, and the home is
//! listed again only when it changed. Start at [`Roster::look`].

use crate::{
    Best, Home, Kind, Observer, Outcome, RunDir, RunId, RunsError, State, Verdict,
    observe::{Observation, STALENESS},
    real,
};
use domain::{Clock, Nanos, Phrase};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

/// What changes a directory within as long may leave its time of change as it is: some file systems
/// count whole seconds.
const GRAIN: Duration = Duration::from_secs(2);

/// One line of the list.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// Identifier; a half-written run has one too.
    pub id: RunId,
    /// The name as the user wrote it.
    pub name: String,
    /// What kind of work.
    pub kind: Kind,
    /// The state it is really in.
    pub state: State,
    /// Whether `makook resume` can continue it.
    pub resumable: bool,
    /// Whether a person ended it for good.
    pub cancelled: bool,
    /// Share of the steps done, in `[0, 1]`.
    pub progress: Option<f64>,
    /// Environment steps done.
    pub step: u64,
    /// Environment steps to do; 0 while unknown.
    pub total_steps: u64,
    /// Environment steps per second, lately.
    #[serde(with = "real")]
    pub rate: f64,
    /// Seconds left as estimated; only while active.
    pub eta_seconds: Option<f64>,
    /// What the worker is busy with; only while active.
    pub phase: Option<Phrase>,
    /// Which seed, from 1, of how many.
    pub seed_index: u32,
    /// How many seeds.
    pub seed_count: u32,
    /// Best validation.
    pub best: Option<Best>,
    /// Latest metrics, or the outcome's figures once ended.
    #[serde(with = "real::map")]
    pub last: BTreeMap<String, f64>,
    /// When it was created.
    pub created: Option<Nanos>,
    /// When the first worker took it.
    pub started: Option<Nanos>,
    /// Its worker's last sign of life, by the worker's clock; `None` before the first.
    pub heard: Option<Nanos>,
    /// Seconds from the first start to the end, or to the last heartbeat.
    pub duration_seconds: Option<f64>,
    /// What the evaluation concludes.
    pub verdict: Option<Verdict>,
    /// Why the state is what it is, where that needs saying.
    pub reason: Option<Phrase>,
    /// The run it comes from.
    pub parent: Option<RunId>,
    /// Its directory.
    pub path: PathBuf,
    /// What cannot be read of it, each with why.
    pub problems: Vec<Phrase>,
}

/// The list, kept between looks.
#[derive(Debug)]
pub struct Roster {
    home: Home,
    listing: Option<Listing>,
    /// The newest first.
    known: Vec<Known>,
    /// One a known run.
    runs: Vec<Summary>,
}

/// When the home was listed.
#[derive(Clone, Copy, Debug)]
struct Listing {
    /// When the home had changed, by its file system.
    modified: SystemTime,
    /// Steady time at which that was first seen.
    since: Duration,
    /// Steady time of the last listing.
    at: Duration,
}

#[derive(Debug)]
struct Known {
    id: RunId,
    dir: PathBuf,
    observer: Observer,
    run: Option<RunDir>,
}

/// Lists all runs of `home` once, newest first.
///
/// # Errors
/// The operating system's error on the home itself; single runs never fail the list.
pub fn list(home: &Home, clock: &dyn Clock) -> Result<Vec<Summary>, RunsError> {
    Roster::new(home.clone()).refresh(clock)
}

impl Roster {
    /// Starts with nothing read.
    #[must_use]
    pub fn new(home: Home) -> Self {
        Self {
            home,
            listing: None,
            known: Vec::new(),
            runs: Vec::new(),
        }
    }

    /// Returns all runs as they were when last looked at, newest first.
    #[must_use]
    pub fn runs(&self) -> &[Summary] {
        &self.runs
    }

    /// Returns all runs as they are now, newest first.
    ///
    /// # Errors
    /// As of [`Self::look`].
    pub fn refresh(&mut self, clock: &dyn Clock) -> Result<Vec<Summary>, RunsError> {
        self.look(clock)?;
        Ok(self.runs.clone())
    }

    /// Looks at the runs; returns whether anything changed.
    ///
    /// # Errors
    /// The operating system's error on the home itself; single runs never fail the list.
    pub fn look(&mut self, clock: &dyn Clock) -> Result<bool, RunsError> {
        let ids = match self.is_listed(clock.steady()) {
            true => None,
            // What could not be listed is listed again next time.
            false => Some(self.home.ids().inspect_err(|_| self.listing = None)?),
        };
        let mut changed = false;
        for (known, summary) in self.known.iter_mut().zip(&mut self.runs) {
            if !known.is_settled(summary) {
                let now = known.read(clock);
                changed |= now != *summary;
                *summary = now;
            }
        }
        if let Some(ids) = ids {
            changed |= self.take(ids, clock);
        }
        Ok(changed)
    }

    /// Returns whether the home is as it was when it was listed.
    fn is_listed(&mut self, now: Duration) -> bool {
        let modified = fs::metadata(self.home.root()).and_then(|meta| meta.modified());
        let former = self.listing.take();
        let Ok(modified) = modified else {
            return false;
        };
        let same = former.filter(|listing| listing.modified == modified);
        let mut listing = same.unwrap_or(Listing {
            modified,
            since: now,
            at: now,
        });
        let is_listed = same.is_some() && listing.at >= listing.since + GRAIN;
        if !is_listed {
            listing.at = now;
        }
        self.listing = Some(listing);
        is_listed
    }

    /// Takes in which runs there are, oldest first; returns whether those are others.
    fn take(&mut self, ids: Vec<RunId>, clock: &dyn Clock) -> bool {
        let known = self.known.iter().rev().map(|known| &known.id);
        if known.eq(&ids) {
            return false;
        }
        let known = std::mem::take(&mut self.known).into_iter();
        let mut former: BTreeMap<RunId, (Known, Summary)> = known
            .zip(std::mem::take(&mut self.runs))
            .map(|(known, summary)| (known.id.clone(), (known, summary)))
            .collect();
        for id in ids.into_iter().rev() {
            let (known, summary) = former.remove(&id).unwrap_or_else(|| {
                let mut known = Known::new(id, &self.home);
                let summary = known.read(clock);
                (known, summary)
            });
            self.known.push(known);
            self.runs.push(summary);
        }
        true
    }
}

impl Known {
    fn new(id: RunId, home: &Home) -> Self {
        Self {
            dir: home.run(&id),
            id,
            observer: Observer::new(STALENESS),
            run: None,
        }
    }

    /// Returns whether nothing can come after `summary`.
    fn is_settled(&self, summary: &Summary) -> bool {
        match summary.state {
            State::Done => true,
            // A failed run may be tried again, which moves its failure aside.
            State::Failed => self.dir.join("failed.json").exists(),
            _ => false,
        }
    }

    fn read(&mut self, clock: &dyn Clock) -> Summary {
        if self.run.is_none() {
            match RunDir::open_path(&self.dir) {
                Ok(run) => self.run = Some(run),
                Err(error) => return unreadable(&self.id, &self.dir, &error),
            }
        }
        let seen = self.observer.observe(&self.dir, clock);
        summarise(&self.id, &self.dir, self.run.as_ref(), seen)
    }
}

/// Returns the summary of one run.
#[must_use]
pub fn summary(run: &RunDir, clock: &dyn Clock) -> Summary {
    let seen = Observer::new(STALENESS).observe(run.path(), clock);
    summarise(run.id(), run.path(), Some(run), seen)
}

fn summarise(id: &RunId, dir: &Path, run: Option<&RunDir>, seen: Observation) -> Summary {
    let resumable = seen.is_resumable();
    let Observation {
        state,
        status,
        outcome,
        problems,
        ..
    } = seen;
    let active = state.is_active();
    let cancelled = matches!(&outcome, Some(Outcome::Failed(failure)) if failure.cancelled);
    let started = (status.started.0 != 0).then_some(status.started);
    let ended = match &outcome {
        Some(Outcome::Done(success)) => success.at,
        Some(Outcome::Failed(failure)) => failure.at,
        None => status.at,
    };
    let (verdict, figures, says) = match outcome {
        Some(Outcome::Done(success)) => (success.verdict, success.metrics, None),
        Some(Outcome::Failed(failure)) => (None, BTreeMap::new(), Some(failure.says)),
        None => (None, BTreeMap::new(), None),
    };
    let mut last = status.last.clone();
    last.extend(figures);
    let manifest = run.map(RunDir::manifest);
    Summary {
        id: id.clone(),
        name: manifest.map_or_else(|| id.slug().to_owned(), |m| m.name.clone()),
        kind: manifest.map_or(Kind::Unknown, |m| m.kind),
        state,
        resumable,
        cancelled,
        progress: status.progress(),
        step: status.step,
        total_steps: status.total_steps,
        rate: status.rate,
        eta_seconds: status.eta_seconds.filter(|_| active),
        phase: status.phase.filter(|_| active).map(crate::Phase::label),
        seed_index: status.seed_index,
        seed_count: status.seed_count,
        best: status.best,
        last,
        created: manifest.map(|m| m.created),
        started,
        heard: (status.segment > 0).then_some(status.at),
        duration_seconds: started.map(|started| (ended.seconds() - started.seconds()).max(0.0)),
        verdict,
        reason: says.or(status.reason),
        parent: manifest.and_then(|m| m.parent.clone()),
        path: dir.to_owned(),
        problems,
    }
}

fn unreadable(id: &RunId, dir: &Path, error: &RunsError) -> Summary {
    let mut summary = summarise(id, dir, None, Observation::default());
    summary.state = State::Unknown;
    summary.resumable = false;
    summary.problems.push(error.says());
    summary
}
