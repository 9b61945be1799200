//! The state a run is really in, weighed from everything in its directory.
//!
//! `done.json` and `failed.json` decide. Otherwise a worker on this machine is looked up as a
//! process, and one elsewhere is judged by its heartbeat: by whether the counter moves while we
//! watch, and only before that by the age of the file, since clocks of two nodes differ.

use crate::{Layout, Outcome, Owner, RunsError, State, Status, layout::segments_in, owner::Life};
use domain::{Clock, Phrase};
use std::{fs, io::Write, path::Path, time::Duration};

/// How long a worker on another machine may be silent before it counts as gone. Workers beat
/// every few seconds; slow network file systems are given a minute.
pub const STALENESS: Duration = Duration::from_secs(60);

/// What is known about a run at one moment.
#[derive(Clone, Debug, Default)]
pub struct Observation {
    /// The state it is really in.
    pub state: State,
    /// What its worker last said; the default where that is missing or torn.
    pub status: Status,
    /// How it ended, once it has.
    pub outcome: Option<Outcome>,
    /// Who holds it, or held it when it crashed; `None` in every other state.
    pub owner: Option<Owner>,
    /// How long the heartbeat has been silent; zero before the first worker.
    pub silent: Duration,
    /// Files that cannot be read, each with why.
    pub problems: Vec<Phrase>,
}

impl Observation {
    /// Returns whether `makook resume` can continue from here.
    #[must_use]
    pub fn is_resumable(&self) -> bool {
        self.state.is_resumable()
    }
}

/// Observes the run at `dir` once.
#[must_use]
pub fn observe(dir: &Path, clock: &dyn Clock, staleness: Duration) -> Observation {
    Observer::new(staleness).observe(dir, clock)
}

/// Observes one run again and again; the longer it watches, the less it trusts clocks.
#[derive(Clone, Debug)]
pub struct Observer {
    staleness: Duration,
    watched: Option<Watched>,
}

#[derive(Clone, Copy, Debug)]
struct Watched {
    heartbeat: (u32, u64),
    /// Steady time at which this heartbeat was first seen.
    since: Duration,
    /// Whether it followed another one that we saw: its age is then known exactly.
    seen_moving: bool,
}

impl Observer {
    /// Starts with nothing seen.
    #[must_use]
    pub fn new(staleness: Duration) -> Self {
        Self {
            staleness,
            watched: None,
        }
    }

    /// Looks at the run at `dir`. Never fails: what cannot be read is listed among the problems.
    #[must_use]
    pub fn observe(&mut self, dir: &Path, clock: &dyn Clock) -> Observation {
        let layout = Layout::new(dir);
        let mut problems = Vec::new();
        let mut keep = |error: RunsError| problems.push(error.says());
        let outcome = Outcome::read(&layout);
        let unreadable = outcome.is_err();
        let outcome = outcome.unwrap_or_else(|error| {
            keep(error);
            None
        });
        let status = Status::read(&layout.status()).unwrap_or_else(|error| {
            keep(error);
            None
        });
        let status = status.unwrap_or_default();
        let silent = self.silence(&layout, &status, clock);
        let (state, owner) = match &outcome {
            Some(Outcome::Done(_)) => (State::Done, None),
            Some(Outcome::Failed(_)) => (State::Failed, None),
            None if unreadable => (State::Unknown, None),
            None => self.unfinished(&layout, &status, silent),
        };
        Observation {
            state,
            status,
            outcome,
            owner,
            silent,
            problems,
        }
    }

    fn unfinished(
        &self,
        layout: &Layout,
        status: &Status,
        silent: Duration,
    ) -> (State, Option<Owner>) {
        let stale = silent >= self.staleness;
        let Some(segment) = last_segment(layout) else {
            // Nobody ever took it; a status that says otherwise lost its claim with the node.
            let lost = status.state.is_active() && stale;
            return (if lost { State::Crashed } else { status.state }, None);
        };
        let said = if status.segment >= segment {
            status.state
        } else {
            State::Starting
        };
        if !said.is_active() {
            return (said, None);
        }
        let owner = claimant(layout, segment);
        let state = match owner.as_ref().map_or(Life::Elsewhere, Owner::life) {
            Life::Alive => said,
            Life::Gone => State::Crashed,
            Life::Elsewhere if stale => State::Crashed,
            Life::Elsewhere => said,
        };
        (state, owner)
    }

    /// Returns how long the heartbeat has stood still.
    fn silence(&mut self, layout: &Layout, status: &Status, clock: &dyn Clock) -> Duration {
        let heartbeat = (status.segment, status.beat);
        if status.segment == 0 {
            return Duration::ZERO;
        }
        let steady = clock.steady();
        let watched = match self.watched {
            Some(watched) if watched.heartbeat == heartbeat => watched,
            former => Watched {
                heartbeat,
                since: steady,
                seen_moving: former.is_some(),
            },
        };
        self.watched = Some(watched);
        let stood = steady.saturating_sub(watched.since);
        if watched.seen_moving {
            stood
        } else {
            stood.max(age(layout, status, clock))
        }
    }
}

/// Returns the age of the status by the writer's clock or the file system's, whichever is less;
/// one that lies in the future says nothing.
fn age(layout: &Layout, status: &Status, clock: &dyn Clock) -> Duration {
    let now = clock.now().0;
    let changed = fs::metadata(layout.status())
        .and_then(|meta| meta.modified())
        .ok()
        .and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok())
        .and_then(|since| i64::try_from(since.as_nanos()).ok());
    [Some(status.at.0), changed]
        .into_iter()
        .flatten()
        .filter_map(|at| u64::try_from(now - at).ok())
        .min()
        .map_or(Duration::ZERO, Duration::from_nanos)
}

/// Returns how old the status is by the clock of the file system alone, against a file written
/// now: for decisions that a wrong clock on this machine must not take.
fn age_on_disk(layout: &Layout) -> Option<Duration> {
    // Nameless, so that a kill leaves nothing behind and no other process can take it away.
    let mut mark = tempfile::tempfile_in(layout.root()).ok()?;
    mark.write_all(b".").ok()?;
    let now = mark.metadata().and_then(|meta| meta.modified()).ok()?;
    let written = fs::metadata(layout.status()).and_then(|meta| meta.modified());
    Some(now.duration_since(written.ok()?).unwrap_or(Duration::ZERO))
}

/// Returns how long a run is still to be left alone that only this machine's clock calls dead: its
/// worker is elsewhere, or cannot be named, and its file system knows a young heartbeat.
pub(crate) fn beats_elsewhere(seen: &Observation, layout: &Layout) -> Option<Duration> {
    if seen.state != State::Crashed || !is_elsewhere(seen) {
        return None;
    }
    let age = age_on_disk(layout)?;
    (age < STALENESS).then(|| STALENESS.saturating_sub(age))
}

/// Returns whether the worker is, as far as is known, on another machine.
pub(crate) fn is_elsewhere(seen: &Observation) -> bool {
    let owner = seen.owner.as_ref();
    owner.is_none_or(|owner| owner.life() == Life::Elsewhere)
}

/// Returns the newest segment that a worker has claimed; `None` before the first.
pub(crate) fn last_segment(layout: &Layout) -> Option<u32> {
    segments_in(&layout.root().join("meta"), "claim.json").pop()
}

/// Returns who claimed `segment`; `None` when its file cannot be read, which must not block the
/// run for ever.
pub(crate) fn claimant(layout: &Layout, segment: u32) -> Option<Owner> {
    let bytes = fs::read(layout.claim(segment)).ok()?;
    serde_json::from_slice(&bytes).ok()
}
