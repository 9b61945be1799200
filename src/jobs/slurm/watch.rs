//! When to ask the scheduler, and what becomes of its answer.

use super::{
    Slurm, account,
    board::{Board, Held, Task},
    call::PATIENCE,
    pace::{self, since},
    queue,
};
use crate::{Attempt, JobId, JobView, JobsError, Poll};
use domain::{Nanos, durable};
use runs::RunId;
use std::{fs, path::Path};

/// The lock of whoever asks.
const LOCK: &str = "queue.lock";

/// Where the runs of an array are listed, in the directory of its first run.
const ARRAY: &str = "launch.runs";

/// So many ended jobs are asked of the controller at once, one call each.
const SHOWN_AT_ONCE: usize = 16;

impl Slurm {
    /// Returns the shared answer, refreshed first if it is old and nobody else is at it.
    pub(super) fn look(&mut self) -> Result<Poll, JobsError> {
        self.take_newer();
        if self.is_due() {
            match self.shelf.lock(LOCK) {
                Ok(Held::Taken) if self.has_nothing() => {
                    // Another process asks for the first time; its answer is worth waiting for.
                    let lock = self.shelf.wait(LOCK, PATIENCE)?;
                    self.take_newer();
                    if self.is_due() {
                        let _ = self.refresh();
                    }
                    drop(lock);
                }
                Ok(Held::Taken) => {}
                Ok(Held::Ours(lock)) => {
                    // Perhaps somebody refreshed it between the look and the lock.
                    self.take_newer();
                    if self.is_due() {
                        let _ = self.refresh();
                    }
                    drop(lock);
                }
                // A cache that cannot be written costs calls, not the answer.
                Err(_) => drop(self.refresh()),
            }
        }
        let now = self.clock.now();
        match (self.board.answer(now), &self.board.failure) {
            (Some(poll), _) => Ok(poll),
            (None, Some(failure)) => Err(failure.clone().into()),
            (None, None) => Ok(Poll::default()),
        }
    }

    /// Asks the scheduler now, whatever the cadence says; for a user's action.
    pub(super) fn refresh_now(&mut self) -> Result<(), JobsError> {
        let lock = self.shelf.wait(LOCK, PATIENCE).ok();
        self.take_newer();
        let refreshed = self.refresh();
        drop(lock);
        refreshed
    }

    /// Notes a user's action, so that everybody looks more often for a while.
    pub(super) fn acted(&mut self) {
        let _ = self.shelf.act(self.clock.now());
    }

    /// Shows jobs that were sent just now to everybody.
    pub(super) fn announce(&mut self, sent: Vec<JobView>) {
        let lock = self.shelf.wait(LOCK, PATIENCE).ok();
        self.take_newer();
        self.board.add(sent);
        let _ = self.shelf.save(&self.board);
        drop(lock);
    }

    fn has_nothing(&self) -> bool {
        self.board.seen_at == Nanos(0) && self.board.failure.is_none()
    }

    fn is_due(&self) -> bool {
        let pace = self.board.pace(self.shelf.acted());
        pace.is_due(self.clock.now())
    }

    fn take_newer(&mut self) {
        if let Some(shared) = self.shelf.load()
            && shared.asked >= self.board.asked
        {
            self.board = shared;
            self.name_runs();
        }
    }

    fn refresh(&mut self) -> Result<(), JobsError> {
        let arguments = queue::arguments();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let answer = self.programs.read("squeue", &arguments);
        let now = self.clock.now();
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => {
                self.board.fail(&error, now);
                let _ = self.shelf.save(&self.board);
                return Err(error);
            }
        };
        let (rows, odd) = queue::read(&answer);
        let (remains, rows): (Vec<queue::Row>, Vec<queue::Row>) =
            rows.into_iter().partition(queue::Row::is_what_is_left);
        let remains = remains
            .into_iter()
            .map(|row| (row.view.id.to_string(), row.view.phase))
            .collect();
        let tasks: Vec<(JobId, Task)> = rows.iter().filter_map(queue::Row::array_task).collect();
        let jobs = rows.into_iter().map(|row| row.view).collect();
        self.board.tasks.extend(tasks);
        self.board.absorb(jobs, &remains, odd, now);
        self.name_runs();
        let _ = self.shelf.save(&self.board);
        if !self.board.gone.is_empty()
            && since(self.board.accounting_asked, now) >= pace::ACCOUNTING
        {
            self.settle(now);
            let _ = self.shelf.save(&self.board);
        }
        Ok(())
    }

    /// Asks how the jobs ended that left the queue, all in one call.
    fn settle(&mut self, now: Nanos) {
        let ids: Vec<JobId> = self
            .board
            .gone
            .iter()
            .map(|left| left.view.id.clone())
            .collect();
        self.board.accounting_asked = now;
        match account::attempts(&self.programs, &ids) {
            Ok(attempts) => self.board.settle(&attempts, now),
            Err(JobsError::NoHistory { .. } | JobsError::NoScheduler { .. }) => {
                let shown: Vec<Attempt> = ids
                    .iter()
                    .take(SHOWN_AT_ONCE)
                    .filter_map(|id| account::last_start(&self.programs, id).ok())
                    .collect();
                self.board.settle(&shown, now);
            }
            // Silent or refused: asked again after the pause, nothing is concluded from it.
            Err(_) => {}
        }
    }

    /// Looks up the runs of arrays in the directories of this project; those of another project
    /// stay without.
    fn name_runs(&mut self) {
        let mut board = std::mem::take(&mut self.board);
        board.name_runs(|first| read_array(&self.run_dir(first)));
        self.board = board;
    }

    /// Returns the jobs of the last answer.
    pub(super) fn jobs(&self) -> &[JobView] {
        &self.board.jobs
    }

    /// Returns the last answer as a whole.
    pub(super) fn board(&self) -> &Board {
        &self.board
    }

    /// Returns every start of `ids`.
    pub(super) fn remember(&mut self, ids: &[JobId]) -> Result<Vec<Attempt>, JobsError> {
        let now = self.clock.now();
        if let Some((asked, of, attempts)) = &self.history
            && of == ids
            && since(*asked, now) < pace::ACCOUNTING
        {
            return Ok(attempts.clone());
        }
        let attempts = match account::attempts(&self.programs, ids) {
            Err(no_history @ JobsError::NoHistory { .. }) => {
                let mut shown = Vec::new();
                for id in ids {
                    match account::last_start(&self.programs, id) {
                        Ok(attempt) => shown.push(attempt),
                        Err(JobsError::NoSuchJob(_)) => {}
                        Err(error) => return Err(error),
                    }
                }
                if shown.is_empty() {
                    return Err(no_history);
                }
                shown
            }
            other => other?,
        };
        self.history = Some((now, ids.to_vec(), attempts.clone()));
        Ok(attempts)
    }
}

/// Lists the runs of an array in the directory `first` of its first run.
pub(super) fn write_array(first: &Path, runs: &[RunId]) -> Result<(), JobsError> {
    let path = first.join(ARRAY);
    let bytes = serde_json::to_vec(runs).map_err(|error| JobsError::Refused {
        what: domain::Phrase::same(error.to_string()),
    })?;
    durable::replace(&path, &bytes).map_err(JobsError::io(path, "list the runs of the array"))
}

fn read_array(first: &Path) -> Option<Vec<RunId>> {
    serde_json::from_slice(&fs::read(first.join(ARRAY)).ok()?).ok()
}
