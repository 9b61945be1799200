//! What the backends say, made ready for drawing off the drawing thread.
//!
//! Figures that move by themselves (ages, running times) are rounded as coarsely as they are
//! shown, so that an answer in which nothing visible changed is equal to the one before and is
//! never sent. Start at [`JobNews::of`].

use crate::{fuzzy, job_list::JobName};
use domain::{Nanos, Phrase};
use jobs::{Badge, JobRow, Listing, Phase};
use std::time::Duration;

/// One job.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// The job, its figures rounded.
    pub row: JobRow,
    /// Until it is expected to start or may start again; only while it waits for that.
    pub starts_in: Option<Duration>,
    /// What a filter looks at, folded: a thousand jobs are too many to fold at a key press.
    texts: Vec<Vec<char>>,
}

/// A backend and when it was heard last.
#[derive(Clone, Debug, PartialEq)]
pub struct Heard {
    /// Its profile.
    pub profile: String,
    /// Age of its answer, rounded down; `None` for never.
    pub age: Option<Duration>,
    /// What went wrong.
    pub problems: Vec<Phrase>,
}

/// All jobs at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct JobNews {
    /// The jobs.
    pub jobs: Vec<Job>,
    /// The backends.
    pub sources: Vec<Heard>,
}

impl Job {
    /// Returns its name.
    #[must_use]
    pub fn name(&self) -> JobName {
        JobName {
            profile: self.row.profile.clone(),
            id: self.row.view.id.clone(),
        }
    }

    /// Returns whether `name` is its name.
    #[must_use]
    pub fn is(&self, name: &JobName) -> bool {
        self.row.view.id == name.id && self.row.profile == name.profile
    }

    /// Returns the array it belongs to; `None` for a single job.
    #[must_use]
    pub fn array(&self) -> Option<&str> {
        let id = self.row.view.id.as_str();
        id.split_once('_').map(|(array, _)| array)
    }

    /// Returns whether title, number, place, state or reason fits the folded `filter`.
    #[must_use]
    pub fn fits(&self, filter: &[char]) -> bool {
        let fits = |text: &Vec<char>| fuzzy::score_folded(filter, text).is_some();
        self.texts.iter().any(fits)
    }

    /// Returns whether it deserves a look; having been started again alone does not.
    #[must_use]
    pub fn is_odd(&self) -> bool {
        let odd = |badge: &Badge| *badge != Badge::Restarted;
        self.row.badges.iter().any(odd)
    }
}

impl JobNews {
    /// Rounds `listing` as seen at the wall-clock time `now`.
    #[must_use]
    pub fn of(listing: Listing, now: Nanos) -> Self {
        let heard = listing.sources.into_iter().map(|source| Heard {
            profile: source.profile,
            age: (source.seen_at.0 > 0).then(|| coarse(between(source.seen_at, now))),
            problems: source.problems,
        });
        Self {
            sources: heard.collect(),
            jobs: listing
                .jobs
                .into_iter()
                .map(|row| rounded(row, now))
                .collect(),
        }
    }
}

fn rounded(mut row: JobRow, now: Nanos) -> Job {
    let expected = match row.view.phase {
        Phase::Queued => row.view.starts,
        Phase::Requeued { until } => until.or(row.view.starts),
        _ => None,
    };
    row.view.elapsed = coarse(row.view.elapsed);
    row.progress = row.progress.map(|share| (share * 100.0).floor() / 100.0);
    let eta = row.eta_seconds.filter(|eta| eta.is_finite() && *eta >= 0.0);
    row.eta_seconds = eta.map(|eta| coarse(Duration::from_secs_f64(eta.min(1e9))).as_secs_f64());
    Job {
        texts: texts(&row),
        row,
        starts_in: expected
            .filter(|at| *at > now)
            .map(|at| coarse(between(now, at))),
    }
}

/// Returns what a filter looks at.
fn texts(row: &JobRow) -> Vec<Vec<char>> {
    let view = &row.view;
    let texts = [
        row.title.as_str(),
        view.id.as_str(),
        &row.profile,
        &view.queue,
        view.node.as_deref().unwrap_or_default(),
        view.phase.word(),
        view.phase.label().ko,
        view.raw_reason.as_deref().unwrap_or_default(),
    ];
    texts.map(fuzzy::folded).to_vec()
}

/// Returns the time from `from` to `to`; zero where that is negative.
fn between(from: Nanos, to: Nanos) -> Duration {
    let nanos = to.0.saturating_sub(from.0);
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(0))
}

/// Rounds down: to ten seconds below a minute, to minutes above.
#[must_use]
pub fn coarse(time: Duration) -> Duration {
    let seconds = time.as_secs();
    let step = if seconds < 60 { 10 } else { 60 };
    Duration::from_secs(seconds - seconds % step)
}
