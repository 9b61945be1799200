//! One submission: takes a number, claims each run, puts the jobs into the queue.
//!
//! Several processes may submit the same runs at once, and each may be killed between any two
//! steps. A claim decides which job works on a run; whoever finds a claim without a job finishes
//! what the claimant began. A job alone counts once its queue entry is there, the jobs of an array
//! once the array's file is.

use super::{
    array::Array,
    job::Job,
    number::Number,
    pool::NAME,
    process::{self, Fate},
    store::Store,
};
use crate::{JobId, JobRecord, JobSpec, JobsError, RunRef};
use domain::{Nanos, durable};
use runs::Layout;
use std::{collections::BTreeSet, thread, time::Duration};

/// Looks this often for the end of a job to be written down.
const LOOKS: u32 = 250;
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// A submission under way.
pub(crate) struct Entry<'a> {
    store: &'a Store,
    spec: &'a JobSpec,
    now: Nanos,
    command: Vec<String>,
    /// Starts a supervisor where there is none.
    wake: &'a mut dyn FnMut(),
    batch: Option<u64>,
    /// What was done so far, with what stood there before.
    done: Vec<(Number, &'a RunRef, Option<JobRecord>)>,
}

/// Where a claimed run stands.
enum Standing {
    /// Its job waits or runs.
    Live,
    /// Its job is over.
    Over,
    /// The claimant has not entered the job, or was killed before it could.
    Unborn,
}

impl<'a> Entry<'a> {
    pub fn new(
        store: &'a Store,
        spec: &'a JobSpec,
        now: Nanos,
        command: Vec<String>,
        wake: &'a mut dyn FnMut(),
    ) -> Self {
        Self {
            store,
            spec,
            now,
            command,
            wake,
            batch: None,
            done: Vec::new(),
        }
    }

    /// Submits; returns the jobs in the order of the runs. On an error nothing was submitted.
    pub fn submit(mut self) -> Result<Vec<JobId>, JobsError> {
        let submitted = self.enter_all();
        if submitted.is_err() {
            self.take_back();
        }
        submitted
    }

    fn enter_all(&mut self) -> Result<Vec<JobId>, JobsError> {
        let mut numbers = Vec::new();
        for (index, run) in self.spec.runs.iter().enumerate() {
            numbers.push(self.enter(index, run)?);
        }
        let array = Array::limited(self.spec.at_most);
        let of_arrays = numbers.iter().filter(|number| number.task.is_some());
        let batches: BTreeSet<u64> = of_arrays.map(|number| number.batch).collect();
        for batch in batches {
            self.store.complete_array(batch, array)?;
        }
        Ok(numbers.into_iter().map(Number::id).collect())
    }

    fn enter(&mut self, index: usize, run: &'a RunRef) -> Result<Number, JobsError> {
        loop {
            let mut count = 1;
            if let Some((last, number)) = self.store.last_claim(&run.id)? {
                match self.standing(number)? {
                    Standing::Live => return self.note(number, run).map(|_| number),
                    Standing::Unborn => return self.publish(number, run).map(|()| number),
                    // A run that is done needs no further job.
                    Standing::Over if Layout::new(&run.dir).done().exists() => return Ok(number),
                    Standing::Over => count = last + 1,
                }
            }
            let number = self.number(index)?;
            if self.store.claim(&run.id, count, number)? {
                self.publish(number, run)?;
                return Ok(number);
            }
        }
    }

    fn number(&mut self, index: usize) -> Result<Number, JobsError> {
        let batch = match self.batch {
            Some(batch) => batch,
            None => *self.batch.insert(self.store.take_number()?),
        };
        let is_array = self.spec.runs.len() > 1;
        let task = is_array.then(|| u32::try_from(index).unwrap_or(u32::MAX));
        Ok(Number { batch, task })
    }

    /// Returns where the job `number` stands. One whose worker is gone is waited for until its end
    /// is written down, since only then is it known whether it goes back to the queue.
    fn standing(&mut self, number: Number) -> Result<Standing, JobsError> {
        for _ in 0..LOOKS {
            let Some(job) = self.store.job(number)? else {
                return Ok(Standing::Unborn);
            };
            if job.is_over() {
                return Ok(Standing::Over);
            }
            let alive = match job.live() {
                None => true,
                Some(start) => {
                    start.process.is_none()
                        || matches!(process::fate(start), Fate::Alive | Fate::Hidden)
                }
            };
            if alive {
                return Ok(Standing::Live);
            }
            (self.wake)();
            thread::park_timeout(BETWEEN_LOOKS);
        }
        Ok(Standing::Live)
    }

    fn publish(&mut self, number: Number, run: &'a RunRef) -> Result<(), JobsError> {
        let former = self.note(number, run)?;
        self.done.push((number, run, former));
        self.store
            .enqueue(&Job {
                id: number.id(),
                run: run.clone(),
                worker: self.spec.worker.clone(),
                project: self.spec.project.clone(),
                env: self.spec.env.clone(),
                resources: self.spec.resources.clone(),
                submitted: self.now,
                restarts: 0,
                asked: None,
                starts: Vec::new(),
                ended: None,
            })
            .map(|_| ())
    }

    /// Says in the run's `job.json` where it was sent; returns what stood there.
    fn note(&self, number: Number, run: &RunRef) -> Result<Option<JobRecord>, JobsError> {
        // A record that cannot be read is as good as none: it is replaced.
        let former = JobRecord::read(&run.dir).ok().flatten();
        let ids = vec![number.id()];
        let stands = |record: &JobRecord| record.profile == NAME && record.ids == ids;
        if !former.as_ref().is_some_and(stands) {
            JobRecord {
                profile: NAME.to_owned(),
                ids,
                submitted: self.now,
                command: self.command.clone(),
                resources: self.spec.resources.clone(),
                letters: JobRecord::letters_in(&run.dir),
            }
            .write(&run.dir)?;
        }
        Ok(former)
    }

    /// Undoes what was done, as far as that is possible; the claims stay and are finished by the
    /// next submission.
    fn take_back(&mut self) {
        for (number, run, former) in self.done.drain(..).rev() {
            let _ = self.store.leave_queue(number);
            let path = run.dir.join("job.json");
            let _ = match former.and_then(|record| serde_json::to_vec_pretty(&record).ok()) {
                Some(bytes) => durable::replace(&path, &bytes),
                None => std::fs::remove_file(&path),
            };
        }
    }
}
