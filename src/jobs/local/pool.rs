//! The asking side of the pool: submits, looks, asks. It starts a supervisor while there is work
//! and none is alive.

use super::{
    PoolSettings,
    array::Array,
    check::check,
    entry::Entry,
    guard,
    job::{Job, Wish},
    machine::{self, Machine},
    number::Number,
    plan::{Capacity, Turn, plan},
    process::{self, Fate},
    store::{Ask, Store},
};
use crate::{
    Attempt, JobId, JobSpec, JobView, JobsError, Launcher, Poll, Preview, Signal, Site,
    site::Partition,
};
use domain::{Clock, Lang, Nanos, Phrase, Problems};
use std::{
    collections::BTreeMap,
    fs::{self, OpenOptions},
    os::unix::fs::MetadataExt,
    process::{Child, Command, Stdio},
    sync::Arc,
};

/// The profile's name.
pub(crate) const NAME: &str = "local";

/// How long a job that ended stays in the list.
const LISTED_NANOS: i64 = 24 * 3600 * domain::time::SECOND;

/// The supervisor's log is set aside above this size.
const LOG_BYTES: u64 = 1 << 20;

/// The pool of this machine, as a launcher.
#[derive(Debug)]
pub struct Pool {
    settings: PoolSettings,
    store: Store,
    clock: Arc<dyn Clock>,
    /// Supervisors that this process has started; kept so that they do not stay as zombies.
    supervisors: Vec<Child>,
    /// Jobs that have begun, by their files' state; `None` for those that ended long ago.
    known: BTreeMap<Number, (Stamp, Option<Job>)>,
    /// Queue entries, which never change.
    queued: BTreeMap<Number, Job>,
    last: Option<Poll>,
}

/// Tells one version of a replaced file from the next.
type Stamp = (u64, i64, i64);

impl Pool {
    /// Looks at the pool in `settings.dir`, which need not exist yet.
    #[must_use]
    pub fn open(settings: PoolSettings, clock: Arc<dyn Clock>) -> Self {
        Self {
            store: Store::at(&settings.dir),
            settings,
            clock,
            supervisors: Vec::new(),
            known: BTreeMap::new(),
            queued: BTreeMap::new(),
            last: None,
        }
    }

    /// Starts a supervisor unless one is alive or on its way.
    fn wake(&mut self) -> Result<(), JobsError> {
        self.supervisors
            .retain_mut(|child| matches!(child.try_wait(), Ok(None)));
        self.store.tell_slots(self.settings.slots)?;
        let Some((program, arguments)) = self.settings.supervisor.split_first() else {
            return Ok(());
        };
        if !self.supervisors.is_empty() || guard::is_supervised(&self.settings.dir) {
            return Ok(());
        }
        let path = self.settings.dir.join("supervisor.log");
        if fs::metadata(&path).is_ok_and(|meta| meta.len() > LOG_BYTES) {
            fs::rename(&path, path.with_extension("log.old"))
                .map_err(JobsError::io(&path, "set the supervisor's log aside"))?;
        }
        let opened = OpenOptions::new().create(true).append(true).open(&path);
        let streams = opened.and_then(|log| Ok((log.try_clone()?, log)));
        let (stdout, stderr) = streams.map_err(JobsError::io(path, "open the supervisor's log"))?;
        let child = Command::new(program)
            .args(arguments)
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(stdout)
            .stderr(stderr)
            .spawn()
            .map_err(JobsError::io(program, "start the pool's supervisor"))?;
        self.supervisors.push(child);
        Ok(())
    }

    /// Returns every job that is not over or ended within the last day, with troubles of single
    /// files.
    fn jobs(&mut self, now: Nanos) -> Result<(BTreeMap<Number, Job>, Vec<Phrase>), JobsError> {
        let mut jobs = BTreeMap::new();
        let mut problems = Vec::new();
        // The queue first: a job that begins meanwhile is then found among those that have begun.
        let queued = self.store.queued()?;
        for number in self.store.begun()? {
            match self.begun(number, now) {
                Ok(job) => jobs.extend(job.map(|job| (number, job))),
                Err(error @ JobsError::Corrupt { .. }) => problems.push(error.says()),
                Err(error) => return Err(error),
            }
        }
        let mut still_queued = BTreeMap::new();
        let mut complete = BTreeMap::new();
        for number in queued {
            if self.known.contains_key(&number) || !self.counts(number, &mut complete)? {
                continue;
            }
            if let Some(job) = self.queued.remove(&number) {
                still_queued.insert(number, job);
                continue;
            }
            match self.store.job(number) {
                Ok(Some(job)) if job.starts.is_empty() && !job.is_over() => {
                    still_queued.insert(number, job);
                }
                Ok(job) => jobs.extend(job.map(|job| (number, job))),
                Err(error @ JobsError::Corrupt { .. }) => problems.push(error.says()),
                Err(error) => return Err(error),
            }
        }
        jobs.extend(
            still_queued
                .iter()
                .map(|(number, job)| (*number, job.clone())),
        );
        self.queued = still_queued;
        Ok((jobs, problems))
    }

    /// Returns whether the submission that `number` belongs to is complete.
    fn counts(
        &self,
        number: Number,
        complete: &mut BTreeMap<u64, bool>,
    ) -> Result<bool, JobsError> {
        if number.task.is_none() {
            return Ok(true);
        }
        if let Some(known) = complete.get(&number.batch) {
            return Ok(*known);
        }
        let is_complete = self.store.array(number.batch)?.is_some();
        complete.insert(number.batch, is_complete);
        Ok(is_complete)
    }

    /// Returns a job that has begun, unless it ended long ago; reads its file only when replaced.
    fn begun(&mut self, number: Number, now: Nanos) -> Result<Option<Job>, JobsError> {
        let path = self.store.job_path(number);
        let meta = fs::metadata(&path).map_err(JobsError::io(&path, "read the job pool"))?;
        let stamp = (meta.ino(), meta.mtime(), meta.mtime_nsec());
        let is_listed = |job: &Job| {
            let ended = job.ended.as_ref();
            ended.is_none_or(|ended| now.0 - ended.at.0 < LISTED_NANOS)
        };
        let job = match self.known.get(&number) {
            Some((known, job)) if *known == stamp => job.clone(),
            _ => self.store.read_begun(number)?,
        };
        let job = job.filter(is_listed);
        self.known.insert(number, (stamp, job.clone()));
        Ok(job)
    }

    fn look(&mut self) -> Result<Poll, JobsError> {
        let now = self.clock.now();
        let (jobs, mut problems) = self.jobs(now)?;
        let host = self.settings.host.clone();
        let mut views: BTreeMap<Number, JobView> = jobs
            .iter()
            .map(|(number, job)| (*number, job.view(&host, now, is_gone(job))))
            .collect();
        let mut arrays = BTreeMap::new();
        for (number, job) in &jobs {
            if number.task.is_some() && job.is_waiting() && !arrays.contains_key(&number.batch) {
                let array = self.store.array(number.batch)?.unwrap_or_default();
                arrays.insert(number.batch, array);
            }
        }
        let capacity = Capacity {
            slots: self.settings.slots,
            gpus: &self.settings.gpus,
            machine: Machine::read(),
            now,
        };
        let turns = plan(jobs.values(), &arrays, &capacity);
        for ((number, turn), position) in turns.into_iter().zip(1..) {
            let Some(view) = views.get_mut(&number) else {
                continue;
            };
            view.position = Some(position);
            view.reason = match turn {
                Turn::Start { .. } => None,
                Turn::Wait(wait) => Some(wait.says()),
            };
        }
        let has_work = jobs.values().any(|job| !job.is_over());
        if has_work
            && !self.settings.on_login_node
            && let Err(error) = self.wake()
        {
            problems.push(error.says());
        }
        Ok(Poll {
            jobs: views.into_values().collect(),
            seen_at: now,
            problems,
        })
    }

    /// Returns the job `id`, or every job of the array `id`.
    fn named(&self, id: &JobId) -> Result<Vec<Job>, JobsError> {
        let unknown = || JobsError::NoSuchJob(id.to_string());
        let number = Number::of(id).ok_or_else(unknown)?;
        if let Some(job) = self.store.job(number)? {
            return Ok(vec![job]);
        }
        let mut tasks = Vec::new();
        if number.task.is_none() {
            tasks = self.store.queued()?;
            tasks.extend(self.store.begun()?);
            tasks.retain(|task| task.batch == number.batch);
            tasks.sort_unstable();
            tasks.dedup();
        }
        let mut jobs = Vec::new();
        for task in tasks {
            jobs.extend(self.store.job(task)?);
        }
        if jobs.is_empty() {
            return Err(unknown());
        }
        Ok(jobs)
    }
}

impl Launcher for Pool {
    fn name(&self) -> &str {
        NAME
    }

    fn probe(&mut self) -> Result<Site, JobsError> {
        let now = self.clock.now();
        let machine = Machine::read();
        let (jobs, unknown) = self.jobs(now)?;
        let live: Vec<usize> = jobs
            .values()
            .filter_map(|job| Some(job.live()?.gpus.len()))
            .collect();
        let used = u32::try_from(live.iter().sum::<usize>()).unwrap_or(u32::MAX);
        let given = u32::try_from(self.settings.gpus.len()).unwrap_or(u32::MAX);
        // Of cards that the pool does not give out nobody knows who uses them.
        let gpus = match machine::gpu_models().as_slice() {
            [(model, _)] if given > 0 => vec![(model.clone(), given, used)],
            _ if given > 0 => vec![("gpu".to_owned(), given, used)],
            models => models.iter().map(|(m, n)| (m.clone(), *n, 0)).collect(),
        };
        Ok(Site {
            name: self.settings.host.clone(),
            cpus: u32::try_from(machine.cpus).unwrap_or(u32::MAX),
            memory_mib: machine.memory_mib,
            partitions: vec![Partition {
                name: NAME.to_owned(),
                is_default: true,
                nodes: (1, u32::from(live.is_empty())),
                gpus,
                ..Partition::default()
            }],
            kill_wait_seconds: Some(self.settings.kill_after.as_secs()),
            keeps_history: true,
            on_login_node: self.settings.on_login_node,
            unknown,
            ..Site::default()
        })
    }

    fn validate(&mut self, spec: &JobSpec) -> Problems {
        let store = &self.store;
        let is_ours = |run: &crate::RunRef| matches!(store.last_claim(&run.id), Ok(Some(_)));
        let machine = Machine::read();
        check(spec, &self.settings, &machine, &*self.clock, &is_ours)
    }

    fn preview(&mut self, spec: &JobSpec) -> Result<Preview, JobsError> {
        let mut command = vec![spec.worker.display().to_string(), "run".to_owned()];
        command.extend(spec.runs.first().map(|run| run.dir.display().to_string()));
        Ok(Preview {
            command,
            script: None,
        })
    }

    fn submit(&mut self, spec: &JobSpec) -> Result<Vec<JobId>, JobsError> {
        if self.settings.on_login_node {
            return Err(JobsError::LoginNode {
                host: self.settings.host.clone(),
            });
        }
        let problems = self.validate(spec);
        if problems.has_errors() {
            return Err(JobsError::Refused {
                what: Phrase::new(problems.render(Lang::En), problems.render(Lang::Ko)),
            });
        }
        self.store.create()?;
        let command = self.preview(spec)?.command;
        let now = self.clock.now();
        let store = self.store.clone();
        // A supervisor that does not start is reported by `poll`: the job is in the queue then.
        let mut wake = || drop(self.wake());
        let ids = Entry::new(&store, spec, now, command, &mut wake).submit()?;
        wake();
        Ok(ids)
    }

    fn poll(&mut self) -> Result<Poll, JobsError> {
        match (self.look(), &self.last) {
            (Ok(poll), _) => {
                self.last = Some(poll.clone());
                Ok(poll)
            }
            (Err(error), Some(last)) => {
                let mut poll = last.clone();
                poll.problems = vec![error.says()];
                Ok(poll)
            }
            (Err(error), None) => Err(error),
        }
    }

    fn signal(&mut self, id: &JobId, signal: Signal) -> Result<(), JobsError> {
        let wish = match signal {
            Signal::Stop => Wish::Stop,
            Signal::Requeue => Wish::Requeue,
            Signal::Kill => Wish::Kill,
        };
        let mut jobs = self.named(id)?;
        jobs.retain(|job| !job.is_over());
        if jobs.is_empty() && wish == Wish::Requeue {
            return Err(JobsError::Over(id.to_string()));
        }
        // Those that wait first, or the places of those that end would go to them.
        jobs.sort_by_key(|job| job.live().is_some());
        for job in jobs {
            self.store.post(&Ask {
                id: job.id,
                wish,
                posted: self.clock.now(),
            })?;
        }
        self.wake()
    }

    fn history(&mut self, ids: &[JobId]) -> Result<Vec<Attempt>, JobsError> {
        let mut attempts = Vec::new();
        for id in ids {
            for job in self.named(id)? {
                attempts.extend(job.attempts(&self.settings.host));
            }
        }
        attempts.sort_by_key(|attempt| attempt.started);
        Ok(attempts)
    }

    fn throttle(&mut self, id: &JobId, at_most: u32) -> Result<(), JobsError> {
        let job = self.named(id)?.swap_remove(0);
        let batch = job.number().batch;
        if self.store.array(batch)?.is_none() {
            return Err(JobsError::NotAnArray(id.to_string()));
        }
        self.store
            .change_array(batch, Array::limited(Some(at_most)))?;
        self.wake()
    }
}

/// Returns whether the worker of `job` is gone, though nobody has written that down yet.
fn is_gone(job: &Job) -> bool {
    job.live().is_some_and(|start| {
        start.process.is_some() && matches!(process::fate(start), Fate::Gone | Fate::Rebooted)
    })
}
