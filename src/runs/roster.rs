//! The list of all runs, a thousand of them in the time of one frame.
//!
//! Ended runs are read once and remembered; only the living are looked at again.

use crate::{
    Best, Home, Kind, Observer, Outcome, RunDir, RunId, RunsError, State, Verdict,
    observe::{Observation, STALENESS},
    real,
};
use domain::{Clock, Nanos, Phrase};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

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
    pub problems: Vec<String>,
}

/// The list, kept between looks.
#[derive(Debug)]
pub struct Roster {
    home: Home,
    known: BTreeMap<RunId, Known>,
}

#[derive(Debug)]
struct Known {
    observer: Observer,
    run: Option<RunDir>,
    summary: Option<Summary>,
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
            known: BTreeMap::new(),
        }
    }

    /// Returns all runs, newest first.
    ///
    /// # Errors
    /// The operating system's error on the home itself; single runs never fail the list.
    pub fn refresh(&mut self, clock: &dyn Clock) -> Result<Vec<Summary>, RunsError> {
        let ids = self.home.ids()?;
        self.known.retain(|id, _| ids.binary_search(id).is_ok());
        let mut summaries = Vec::with_capacity(ids.len());
        for id in ids.into_iter().rev() {
            let dir = self.home.run(&id);
            let known = self.known.entry(id.clone()).or_insert_with(|| Known {
                observer: Observer::new(STALENESS),
                run: None,
                summary: None,
            });
            summaries.push(known.look(&id, &dir, clock));
        }
        Ok(summaries)
    }
}

impl Known {
    fn look(&mut self, id: &RunId, dir: &Path, clock: &dyn Clock) -> Summary {
        let settled = self.summary.as_ref().filter(|summary| match summary.state {
            State::Done => true,
            // A failed run may be tried again, which moves its failure aside.
            State::Failed => dir.join("failed.json").exists(),
            _ => false,
        });
        if let Some(summary) = settled {
            return summary.clone();
        }
        let summary = self.read(id, dir, clock);
        self.summary = Some(summary.clone());
        summary
    }

    fn read(&mut self, id: &RunId, dir: &Path, clock: &dyn Clock) -> Summary {
        if self.run.is_none() {
            match RunDir::open_path(dir) {
                Ok(run) => self.run = Some(run),
                Err(error) => return unreadable(id, dir, &error),
            }
        }
        let seen = self.observer.observe(dir, clock);
        summarise(id, dir, self.run.as_ref(), seen)
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
    summary.problems.push(error.to_string());
    summary
}
