//! The process that starts the pool's jobs and writes down how they end.
//!
//! It may be killed at any moment. What it is about to do is on disk before it does it, its jobs
//! do not depend on it, and the next supervisor goes on from the files. Start at [`supervise`].

mod endings;
mod wishes;

use super::{
    PoolSettings,
    array::Array,
    guard::Guard,
    job::{Job, Start},
    machine::Machine,
    number::Number,
    plan::{Capacity, Turn, plan},
    process, reason,
    store::Store,
};
use crate::{End, JobsError};
use domain::Clock;
use runs::RunDir;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    process::Child,
    thread,
    time::Duration,
};

/// Why a supervisor ended well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Close {
    /// Nothing waits and nothing runs.
    Idle,
    /// It was told to; the jobs run on.
    Stopped,
    /// Another process supervises the pool.
    Taken,
}

/// Looks this often while something happens, and a little longer.
const LIVELY: Duration = Duration::from_millis(50);
/// Looks this often while nothing does: the pool may lie on a network file system.
const CALM: Duration = Duration::from_millis(500);
/// How long it stays lively.
const CALMS_AFTER: Duration = Duration::from_secs(3);

/// Supervises the pool until nothing waits or runs, or until `stop` says so. Troubles that do not
/// end it are given to `say`, once each.
///
/// # Errors
/// A pool directory that cannot be made or locked, or that is gone.
pub fn supervise(
    settings: &PoolSettings,
    clock: &dyn Clock,
    stop: &dyn Fn() -> bool,
    say: &dyn Fn(&str),
) -> Result<Close, JobsError> {
    let store = Store::at(&settings.dir);
    store.create()?;
    let Some(guard) = Guard::take(&store, clock.now())? else {
        return Ok(Close::Taken);
    };
    let mut supervisor = Supervisor {
        settings,
        store,
        clock,
        say,
        jobs: BTreeMap::new(),
        children: BTreeMap::new(),
        unsaved: BTreeSet::new(),
        said: BTreeSet::new(),
        changed: true,
    };
    supervisor.adopt()?;
    supervisor.watch(&guard, stop)
}

struct Supervisor<'a> {
    settings: &'a PoolSettings,
    store: Store,
    clock: &'a dyn Clock,
    say: &'a dyn Fn(&str),
    /// Those that are not over, or not yet written down as such.
    jobs: BTreeMap<Number, Job>,
    /// Workers that this process has started itself.
    children: BTreeMap<Number, Child>,
    /// Jobs whose file is behind, because the disk was full.
    unsaved: BTreeSet<Number>,
    said: BTreeSet<String>,
    changed: bool,
}

impl Supervisor<'_> {
    fn watch(&mut self, guard: &Guard, stop: &dyn Fn() -> bool) -> Result<Close, JobsError> {
        let mut idle_since = None;
        let mut lively_since = self.clock.steady();
        loop {
            if stop() {
                guard.withdraw()?;
                return Ok(Close::Stopped);
            }
            guard.check()?;
            self.round();
            let now = self.clock.steady();
            if !self.is_idle() {
                idle_since = None;
            } else if now - *idle_since.get_or_insert(now) >= self.settings.linger {
                // Whoever submits after this line starts another supervisor; whoever submitted
                // before it is seen by one more look.
                guard.withdraw()?;
                self.round();
                if self.is_idle() {
                    return Ok(Close::Idle);
                }
                guard.announce()?;
            }
            if std::mem::take(&mut self.changed) {
                lively_since = now;
            }
            let lively = now - lively_since < CALMS_AFTER;
            thread::park_timeout(if lively { LIVELY } else { CALM });
        }
    }

    fn is_idle(&self) -> bool {
        self.jobs.is_empty() && self.unsaved.is_empty()
    }

    /// Takes over what a former supervisor left.
    fn adopt(&mut self) -> Result<(), JobsError> {
        for number in self.store.begun()? {
            match self.store.read_begun(number) {
                Ok(Some(job)) if !job.is_over() => {
                    self.jobs.insert(number, job);
                    self.complete_start(number);
                }
                Ok(_) => {}
                Err(error) => self.complain(&error.to_string()),
            }
        }
        Ok(())
    }

    /// Finds the process of a start that was cut off before it was written down. One that never
    /// came to be is taken back.
    fn complete_start(&mut self, number: Number) {
        let Some(job) = self.jobs.get_mut(&number) else {
            return;
        };
        if job.live().is_none_or(|start| start.process.is_some()) {
            return;
        }
        let found = process::find(job, self.store.dir(), self.clock.now());
        let run = job.run.dir.clone();
        match job.live_mut() {
            Some(start) if found.is_none() && !has_taken(start, &run) => {
                job.starts.pop();
            }
            Some(start) => start.process = found,
            None => {}
        }
        self.save(number);
    }

    /// Looks at everything once.
    fn round(&mut self) {
        for number in self.unsaved.clone() {
            self.save(number);
        }
        let looked = self.admit().and_then(|()| self.obey());
        self.settle();
        self.enforce();
        if let Err(error) = looked.and_then(|()| self.start_next()) {
            self.complain(&error.to_string());
        }
    }

    /// Takes in what was submitted.
    fn admit(&mut self) -> Result<(), JobsError> {
        let mut complete: BTreeMap<u64, bool> = BTreeMap::new();
        for number in self.store.queued()? {
            if self.jobs.get(&number).is_some_and(Job::is_waiting) {
                continue;
            }
            if self.store.job_path(number).exists() {
                self.store.leave_queue(number)?;
                continue;
            }
            if number.task.is_some() {
                let is_complete = match complete.get(&number.batch) {
                    Some(known) => *known,
                    None => self.store.array(number.batch)?.is_some(),
                };
                complete.insert(number.batch, is_complete);
                if !is_complete {
                    continue;
                }
            }
            match self.store.read_queued(number) {
                Ok(Some(job)) => {
                    self.jobs.insert(number, job);
                    self.changed = true;
                }
                Ok(None) => {}
                Err(error) => self.complain(&error.to_string()),
            }
        }
        Ok(())
    }

    fn start_next(&mut self) -> Result<(), JobsError> {
        let waiting = self.jobs.values().filter(|job| job.is_waiting());
        let batches: BTreeSet<u64> = waiting
            .map(|job| job.number())
            .filter(|number| number.task.is_some())
            .map(|number| number.batch)
            .collect();
        let mut arrays: BTreeMap<u64, Array> = BTreeMap::new();
        for batch in batches {
            arrays.insert(batch, self.store.array(batch)?.unwrap_or_default());
        }
        let capacity = Capacity {
            slots: self.slots(),
            gpus: &self.settings.gpus,
            machine: Machine::read(),
            now: self.clock.now(),
        };
        for (number, turn) in plan(self.jobs.values(), &arrays, &capacity) {
            if let Turn::Start { gpus } = turn {
                self.begin(number, &gpus);
            }
        }
        Ok(())
    }

    /// Returns how many jobs may run: what the settings said when somebody last submitted, since a
    /// supervisor may outlive many changes of them.
    fn slots(&self) -> usize {
        let told = (!self.settings.keeps_slots).then(|| self.store.slots());
        told.flatten().unwrap_or(self.settings.slots)
    }

    fn begin(&mut self, number: Number, gpus: &[String]) {
        let now = self.clock.now();
        let Some(job) = self.jobs.get_mut(&number) else {
            return;
        };
        job.asked = None;
        job.starts.push(Start {
            at: now,
            process: None,
            gpus: gpus.to_owned(),
            segments: segments(&job.run.dir),
            warned: false,
            ended: None,
            end: None,
            exit_code: None,
        });
        if !self.save(number) {
            // Nothing starts that could not be found again.
            self.unsaved.remove(&number);
            if let Some(job) = self.jobs.get_mut(&number) {
                job.starts.pop();
            }
            return;
        }
        let Some(job) = self.jobs.get_mut(&number) else {
            return;
        };
        let pool_has_gpus = !self.settings.gpus.is_empty();
        match process::start(job, self.store.dir(), gpus, pool_has_gpus) {
            Ok(child) => {
                if let Some(start) = job.live_mut() {
                    start.process = runs::Owner::of_process(child.id(), now);
                }
                self.children.insert(number, child);
            }
            Err(error) => {
                if let Some(start) = job.live_mut() {
                    (start.ended, start.end) = (Some(now), Some(End::Failed));
                }
                job.close(now, End::Failed, Some(reason::not_started(&error)));
            }
        }
        self.changed = true;
        self.save(number);
    }

    /// Writes the job down, and forgets it once it is over; `false` when the disk refused, which
    /// is then tried again.
    fn save(&mut self, number: Number) -> bool {
        let Some(job) = self.jobs.get(&number) else {
            self.unsaved.remove(&number);
            return true;
        };
        let saved = self
            .store
            .save(job)
            .and_then(|()| self.store.leave_queue(number));
        let is_over = job.is_over();
        match saved {
            Ok(()) => {
                self.unsaved.remove(&number);
                if is_over {
                    self.jobs.remove(&number);
                }
                true
            }
            Err(error) => {
                self.unsaved.insert(number);
                self.complain(&error.to_string());
                false
            }
        }
    }

    fn complain(&mut self, trouble: &str) {
        if self.said.insert(trouble.to_owned()) {
            (self.say)(trouble);
        }
    }
}

/// Returns how many workers have taken the run at `dir` so far.
fn segments(dir: &Path) -> usize {
    RunDir::open_path(dir).map_or(0, |run| run.segments().len())
}

/// Returns whether the worker of `start` got as far as taking its run.
fn has_taken(start: &Start, run: &Path) -> bool {
    segments(run) > start.segments
}
