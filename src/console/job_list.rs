//! The list of jobs: which are shown, which one is chosen, which are marked.
//!
//! A job is remembered by its profile and name, so that a list that changes never moves the choice
//! to another. What is shown is worked out when the list or the filter changes, never while
//! drawing: a thousand jobs cost a frame what twenty do. Start at [`JobList`].

use crate::{
    cursor::{Cursor, Step},
    fuzzy,
    hands::Destination,
    job_news::{Heard, Job, JobNews},
};
use domain::Phrase;
use jobs::{JobId, Phase};
use runs::RunId;
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    time::Duration,
};

/// Rows that tell what is wrong with the backends at most.
const NOTICES: usize = 3;

/// Names a job among all backends.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct JobName {
    /// Profile it was sent through.
    pub profile: String,
    /// Its name there.
    pub id: JobId,
}

impl JobName {
    /// Returns the array that the job belongs to, `259` of `259_3`; `None` for a single job.
    #[must_use]
    pub fn array(&self) -> Option<&str> {
        self.id.as_str().split_once('_').map(|(array, _)| array)
    }
}

/// All jobs in a few figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Jobs with a place.
    pub running: usize,
    /// Jobs that wait for one.
    pub waiting: usize,
    /// Jobs that deserve a look.
    pub odd: usize,
    /// Accelerators held.
    pub gpus: u32,
    /// Until the next waiting job is expected to start.
    pub next: Option<Duration>,
}

/// The list.
#[derive(Clone, Debug, Default)]
pub struct JobList {
    /// All jobs: those with a place, those that wait, those that ended.
    pub all: Vec<Job>,
    /// The backends.
    pub sources: Vec<Heard>,
    /// Whether there was an answer yet.
    pub loaded: bool,
    /// Why there is no list.
    pub problem: Option<Phrase>,
    /// For how long the backends have been keeping us waiting.
    pub waiting: Option<Duration>,
    /// Shows only jobs that fit; empty for all.
    pub filter: String,
    /// Marked for doing something with several.
    pub marked: BTreeSet<JobName>,
    /// The chosen job.
    pub chosen: Option<JobName>,
    /// Where jobs can be sent, the configured place first; empty while unknown.
    pub destinations: Vec<Destination>,
    /// All jobs in a few figures.
    pub counts: Counts,
    /// How many tasks of an array were last allowed at the same time, by profile and array.
    throttles: BTreeMap<(String, String), u32>,
    /// Places in `all` of what is shown.
    shown: Vec<usize>,
    cursor: Cursor,
}

impl JobList {
    /// Returns how many jobs are shown.
    #[must_use]
    pub fn count(&self) -> usize {
        self.shown.len()
    }

    /// Returns the shown jobs of `rows` with whether each is the chosen one.
    pub fn rows(&self, rows: Range<usize>) -> impl Iterator<Item = (&Job, bool)> {
        let at = self.cursor.at;
        let places = self.shown.get(rows.clone()).unwrap_or_default();
        let numbered = rows.zip(places);
        numbered.map(move |(row, place)| (&self.all[*place], row == at))
    }

    /// Returns the place of the chosen job and the visible rows of `page`.
    #[must_use]
    pub fn window(&self, page: usize) -> (usize, Range<usize>) {
        (self.cursor.at, self.cursor.window(self.shown.len(), page))
    }

    /// Returns the cursor.
    #[must_use]
    pub fn cursor(&self) -> Cursor {
        self.cursor
    }

    /// Puts the cursor where it was in an earlier use; the chosen job counts more.
    pub fn recall_cursor(&mut self, cursor: Cursor) {
        self.cursor = cursor;
    }

    /// Returns how many rows tell what is wrong with the backends.
    #[must_use]
    pub fn notices(&self) -> usize {
        let problems = self.sources.iter().map(|source| source.problems.len());
        let said = problems.sum::<usize>() + usize::from(self.problem.is_some());
        said.min(NOTICES)
    }

    /// Returns the chosen job.
    #[must_use]
    pub fn chosen(&self) -> Option<&Job> {
        let job = &self.all[*self.shown.get(self.cursor.at)?];
        self.chosen
            .as_ref()
            .is_some_and(|name| job.is(name))
            .then_some(job)
    }

    /// Returns the job `name`, whether it is shown or not.
    #[must_use]
    pub fn find(&self, name: &JobName) -> Option<&Job> {
        self.all.iter().find(|job| job.is(name))
    }

    /// Returns the marked jobs.
    #[must_use]
    pub fn marked(&self) -> Vec<&Job> {
        let marked = |job: &&Job| self.marked.contains(&job.name());
        self.all.iter().filter(marked).collect()
    }

    /// Takes a new list over; the choice stays where it is, or goes to the nearest row left.
    pub fn replace(&mut self, news: JobNews, page: usize) {
        let former = self.chosen().and_then(|job| job.row.view.run.clone());
        self.all = news.jobs;
        self.sources = news.sources;
        self.loaded = true;
        self.problem = None;
        self.counts = count(&self.all);
        if !self.marked.is_empty() {
            let known: BTreeSet<JobName> = self.all.iter().map(Job::name).collect();
            self.marked.retain(|name| known.contains(name));
        }
        self.sift();
        self.settle(former.as_ref(), page);
    }

    /// Moves the choice.
    pub fn go(&mut self, step: Step, page: usize) {
        self.cursor.go(step, self.shown.len(), page);
        self.choose_row();
    }

    /// Chooses the job `name`, if it is shown.
    pub fn choose(&mut self, name: &JobName, page: usize) {
        let is = |place: &usize| self.all[*place].is(name);
        if let Some(row) = self.shown.iter().position(is) {
            self.cursor.set(row, self.shown.len(), page);
            self.choose_row();
        }
    }

    /// Chooses the job that works on `run`, one that is not over before all others.
    pub fn choose_run(&mut self, run: &RunId, page: usize) {
        let of_run = |place: &usize| self.all[*place].row.view.run.as_ref() == Some(run);
        let over = |place: &usize| self.all[*place].row.view.phase.is_over();
        let rows = || self.shown.iter().enumerate();
        let found = rows()
            .find(|(_, place)| of_run(place) && !over(place))
            .or_else(|| rows().find(|(_, place)| of_run(place)));
        if let Some((row, _)) = found {
            self.cursor.set(row, self.shown.len(), page);
            self.choose_row();
        }
    }

    /// Shows only jobs that fit `filter`.
    pub fn filter_by(&mut self, filter: String, page: usize) {
        self.filter = filter;
        self.sift();
        self.settle(None, page);
    }

    /// Marks the chosen job or takes its mark away, and moves on.
    pub fn toggle_mark(&mut self, page: usize) {
        if let Some(name) = self.chosen().map(Job::name) {
            if !self.marked.remove(&name) {
                self.marked.insert(name);
            }
            self.go(Step::Down, page);
        }
    }

    /// Returns how many tasks of `name`'s array run at the same time, as last allowed here, else
    /// as many as run now, at least one.
    #[must_use]
    pub fn throttle(&self, name: &JobName) -> u32 {
        let Some(array) = name.array() else { return 1 };
        let key = (name.profile.clone(), array.to_owned());
        let beside = |job: &&Job| {
            job.row.profile == name.profile
                && job.row.view.phase.is_live()
                && job.array() == Some(array)
        };
        let running = || self.all.iter().filter(beside).count().max(1);
        let allowed = self.throttles.get(&key).copied();
        allowed.unwrap_or_else(|| u32::try_from(running()).unwrap_or(u32::MAX))
    }

    /// Remembers what was allowed for `name`'s array.
    pub fn allow(&mut self, name: &JobName, at_most: u32) {
        if let Some(array) = name.array() {
            let key = (name.profile.clone(), array.to_owned());
            self.throttles.insert(key, at_most);
        }
    }

    fn sift(&mut self) {
        let filter = fuzzy::folded(&self.filter);
        let fits = |place: &usize| filter.is_empty() || self.all[*place].fits(&filter);
        self.shown = (0..self.all.len()).filter(fits).collect();
    }

    /// Puts the cursor on the chosen job, or on the one that took its run over, or the choice on
    /// the cursor's row.
    fn settle(&mut self, run: Option<&RunId>, page: usize) {
        let row_of = |wanted: &dyn Fn(&Job) -> bool| {
            let found = |place: &usize| wanted(&self.all[*place]);
            self.shown.iter().position(found)
        };
        let name = self.chosen.as_ref();
        let same = name.and_then(|name| row_of(&|job| job.is(name)));
        let heir = || run.and_then(|run| row_of(&|job| job.row.view.run.as_ref() == Some(run)));
        let row = same.or_else(heir).unwrap_or(self.cursor.at);
        self.cursor.set(row, self.shown.len(), page);
        // Until the first list is here, the job of an earlier use is kept.
        if self.loaded {
            self.choose_row();
        }
    }

    fn choose_row(&mut self) {
        let place = self.shown.get(self.cursor.at);
        self.chosen = place.map(|place| self.all[*place].name());
    }
}

fn count(jobs: &[Job]) -> Counts {
    let mut counts = Counts::default();
    for job in jobs {
        let view = &job.row.view;
        if view.phase.is_live() {
            counts.running += 1;
            counts.gpus += view.gpus;
        } else if matches!(view.phase, Phase::Queued | Phase::Requeued { .. }) {
            counts.waiting += 1;
            let sooner = job.starts_in.into_iter().chain(counts.next).min();
            counts.next = sooner;
        }
        counts.odd += usize::from(job.is_odd());
    }
    counts
}
