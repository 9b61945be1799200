//! The last answer of the scheduler, shared by all makook processes of the user.
//!
//! `queue.json` in the user's cache, with a lock beside it: whoever finds it older than the
//! cadence refreshes it, the others read it. It also remembers jobs that left the queue until
//! their end is known, and those that ended for an hour. It is a cache: lost, nothing is lost but
//! that memory.

use super::pace::{Pace, since};
use crate::{Attempt, End, JobId, JobView, JobsError, Phase, Poll};
use domain::{Nanos, Phrase, durable, lock::LockedFile};
use runs::RunId;
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{OpenOptions, TryLockError},
    io,
    path::PathBuf,
    time::Duration,
};

/// How long a job may be missing everywhere before it counts as lost, and how long one that was
/// pushed out may be missing before that counts as its end.
const MISSING: Duration = Duration::from_secs(300);
/// How long an ended job stays visible.
const REMEMBERED: Duration = Duration::from_secs(3_600);
/// How many at most.
const REMEMBERED_AT_MOST: usize = 2_000;

/// The shared answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Board {
    /// When the scheduler was asked last.
    pub asked: Nanos,
    /// When it last answered; zero for never.
    pub seen_at: Nanos,
    /// How often in a row it failed.
    pub failures: u32,
    /// The last failure, while it lasts.
    pub failure: Option<Failure>,
    /// When the accounting was asked last.
    pub accounting_asked: Nanos,
    /// What made no sense in the last answer.
    pub odd: Vec<Phrase>,
    /// The jobs of the last answer.
    pub jobs: Vec<JobView>,
    /// Jobs that left the queue and whose end is not known yet.
    pub gone: Vec<Left>,
    /// Jobs that left the queue and are over.
    pub over: Vec<Left>,
    /// Which jobs are tasks of which array. Their runs are looked up by each reader: only the
    /// project that sent the array knows them.
    pub tasks: BTreeMap<JobId, Task>,
}

/// A task of an array.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// The first run of the array, in whose directory all are listed.
    pub first: RunId,
    /// The task's number.
    pub number: u32,
}

/// A job that left the queue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Left {
    /// As it was last seen.
    pub view: JobView,
    /// When it was first missed, or found to be over.
    pub at: Nanos,
}

/// A failure, as far as it can be told to another process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Failure {
    /// The program is missing.
    NoScheduler {
        /// Its name.
        program: String,
    },
    /// No answer.
    Silent {
        /// The program asked.
        program: String,
        /// Seconds it was waited for.
        after: u64,
    },
    /// Anything else, in words.
    Refused {
        /// The words.
        what: Phrase,
    },
}

impl From<&JobsError> for Failure {
    fn from(error: &JobsError) -> Self {
        match error {
            JobsError::NoScheduler { program } => Self::NoScheduler {
                program: program.clone(),
            },
            JobsError::Silent { program, after } => Self::Silent {
                program: program.clone(),
                after: after.as_secs(),
            },
            other => Self::Refused { what: other.says() },
        }
    }
}

impl From<Failure> for JobsError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::NoScheduler { program } => Self::NoScheduler { program },
            Failure::Silent { program, after } => Self::Silent {
                program,
                after: Duration::from_secs(after),
            },
            Failure::Refused { what } => Self::Refused { what },
        }
    }
}

impl Board {
    /// Returns what decides when to ask again.
    #[must_use]
    pub fn pace(&self, acted: Option<Nanos>) -> Pace {
        Pace {
            asked: self.asked,
            failures: self.failures,
            acted,
            live: !self.gone.is_empty() || self.jobs.iter().any(|job| !job.phase.is_over()),
        }
    }

    /// Takes over an answer of `squeue`. Tasks of an array that were cancelled while they waited
    /// are listed no more one by one; `remains` holds what is left of them under the array's number.
    pub fn absorb(
        &mut self,
        jobs: Vec<JobView>,
        remains: &BTreeMap<String, Phase>,
        odd: Vec<Phrase>,
        now: Nanos,
    ) {
        let present: BTreeMap<&JobId, ()> = jobs.iter().map(|job| (&job.id, ())).collect();
        self.gone
            .retain(|left| !present.contains_key(&left.view.id));
        self.over.retain(|left| {
            !present.contains_key(&left.view.id) && since(left.at, now) < REMEMBERED
        });
        for view in std::mem::take(&mut self.jobs) {
            if !present.contains_key(&view.id) {
                let mut left = Left { view, at: now };
                let array = super::submit::array_of(&left.view.id);
                if let Some(phase) = remains.get(array)
                    && !left.view.phase.is_live()
                    && !left.view.phase.is_over()
                {
                    left.view.phase = *phase;
                }
                if left.view.phase.is_over() {
                    self.over.push(left);
                } else {
                    self.gone.push(left);
                }
            }
        }
        let excess = self.over.len().saturating_sub(REMEMBERED_AT_MOST);
        self.over.drain(..excess);
        self.jobs = jobs;
        let known: BTreeSet<JobId> = self.views().map(|view| view.id.clone()).collect();
        self.tasks.retain(|id, _| known.contains(id));
        self.odd = odd;
        self.asked = now;
        self.seen_at = now;
        self.failures = 0;
        self.failure = None;
    }

    /// Gives every task of an array its run, by what `listed` says of the array that begins with
    /// a run.
    pub fn name_runs(&mut self, listed: impl Fn(&RunId) -> Option<Vec<RunId>>) {
        let mut arrays: BTreeMap<&RunId, Vec<RunId>> = BTreeMap::new();
        let mut runs: BTreeMap<&JobId, Option<RunId>> = BTreeMap::new();
        for (id, Task { first, number }) in &self.tasks {
            let array = arrays
                .entry(first)
                .or_insert_with(|| listed(first).unwrap_or_default());
            let number = usize::try_from(*number).unwrap_or(usize::MAX);
            runs.insert(id, array.get(number).cloned());
        }
        let gone = self.gone.iter_mut().map(|left| &mut left.view);
        let over = self.over.iter_mut().map(|left| &mut left.view);
        for view in self.jobs.iter_mut().chain(gone).chain(over) {
            if let Some(run) = runs.get(&view.id) {
                view.run.clone_from(run);
            }
        }
    }

    fn views(&self) -> impl Iterator<Item = &JobView> {
        let left = self.gone.iter().chain(&self.over).map(|left| &left.view);
        self.jobs.iter().chain(left)
    }

    /// Notes that the scheduler could not be asked.
    pub fn fail(&mut self, error: &JobsError, now: Nanos) {
        self.asked = now;
        self.failures = self.failures.saturating_add(1);
        self.failure = Some(error.into());
    }

    /// Adds jobs that were sent just now, before the scheduler is asked again.
    pub fn add(&mut self, sent: Vec<JobView>) {
        self.jobs
            .retain(|job| !sent.iter().any(|one| one.id == job.id));
        self.jobs.extend(sent);
        self.jobs.sort_by_key(|job| super::queue::order(&job.id));
    }

    /// Settles the jobs that left the queue by what the accounting or the controller remembers;
    /// what nobody remembers is lost after a while.
    pub fn settle(&mut self, attempts: &[Attempt], now: Nanos) {
        for mut left in std::mem::take(&mut self.gone) {
            let missing = since(left.at, now);
            let last = attempts.iter().rfind(|attempt| attempt.id == left.view.id);
            let verdict = match last.map(|attempt| (attempt.phase, attempt.exit_code)) {
                // Pushed out or its node died: it may yet come back to the queue.
                Some((Phase::Ended { end }, code)) if may_return(end, code) => {
                    (missing >= MISSING).then_some(Phase::Ended { end })
                }
                Some((phase @ Phase::Ended { .. }, _)) => Some(phase),
                Some(_) | None => (missing >= MISSING).then_some(Phase::Lost),
            };
            match verdict {
                Some(phase) => {
                    left.view.phase = phase;
                    left.view.reason = None;
                    left.view.raw_reason = None;
                    left.at = now;
                    self.over.push(left);
                }
                None => self.gone.push(left),
            }
        }
    }

    /// Returns the answer for a user; `None` while the scheduler never answered.
    #[must_use]
    pub fn answer(&self, now: Nanos) -> Option<Poll> {
        if self.seen_at == Nanos(0) {
            return None;
        }
        let gone = self.gone.iter().map(|left| JobView {
            phase: Phase::Stopping,
            reason: Some(Phrase::new(
                "left the queue; how it ended is being asked",
                "대기열에서 사라졌습니다. 어떻게 끝났는지 확인하는 중입니다",
            )),
            raw_reason: None,
            ..left.view.clone()
        });
        let over = self.over.iter().map(|left| left.view.clone());
        let mut jobs: Vec<JobView> = self.jobs.iter().cloned().chain(gone).chain(over).collect();
        jobs.sort_by_key(|job| super::queue::order(&job.id));
        let mut problems = Vec::new();
        if let Some(failure) = &self.failure {
            problems.push(failure_line(failure, since(self.seen_at, now)));
        }
        problems.extend(self.odd.iter().cloned());
        Some(Poll {
            jobs,
            seen_at: self.seen_at,
            problems,
        })
    }
}

fn may_return(end: End, code: Option<i32>) -> bool {
    match end {
        // Code 4 is the worker's own word for saved and stopped.
        End::Interrupted => code != Some(4),
        End::NodeFailed => true,
        _ => false,
    }
}

fn failure_line(failure: &Failure, age: Duration) -> Phrase {
    let age = format!("{}:{:02}", age.as_secs() / 60, age.as_secs() % 60);
    match failure {
        Failure::Silent { .. } => Phrase::new(
            format!("Slurm silent for {age}"),
            format!("Slurm 응답 없음 {age}"),
        ),
        Failure::NoScheduler { program } => Phrase::new(
            format!("{program} is not on this machine; the list is {age} old"),
            format!("이 컴퓨터에 {program}이(가) 없습니다. 목록은 {age} 전 것입니다"),
        ),
        Failure::Refused { what } => Phrase::new(
            format!("{}; the list is {age} old", what.en),
            format!("{}. 목록은 {age} 전 것입니다", what.ko),
        ),
    }
}

/// Where the shared answer lies.
#[derive(Clone, Debug)]
pub struct Shelf {
    dir: PathBuf,
}

/// What came of trying to lock.
#[derive(Debug)]
pub enum Held {
    /// Ours until dropped, or the file system knows no locks.
    Ours(Option<LockedFile>),
    /// Another process is at it.
    Taken,
}

impl Shelf {
    /// Uses the folder `dir`, which need not exist yet.
    #[must_use]
    pub fn at(dir: PathBuf) -> Self {
        Self { dir }
    }

    /// Returns the shared answer; `None` when there is none or it cannot be read.
    #[must_use]
    pub fn load(&self) -> Option<Board> {
        let bytes = std::fs::read(self.dir.join("queue.json")).ok()?;
        serde_json::from_slice(&bytes).ok()
    }

    /// Replaces the shared answer in one step.
    ///
    /// # Errors
    /// The operating system's error.
    pub fn save(&self, board: &Board) -> Result<(), JobsError> {
        self.write("queue.json", &serde_json::to_vec(board).unwrap_or_default())
    }

    /// Returns when the user last acted.
    #[must_use]
    pub fn acted(&self) -> Option<Nanos> {
        let text = std::fs::read_to_string(self.dir.join("acted")).ok()?;
        text.trim().parse().ok().map(Nanos)
    }

    /// Notes that the user acted.
    ///
    /// # Errors
    /// The operating system's error.
    pub fn act(&self, now: Nanos) -> Result<(), JobsError> {
        self.write("acted", now.0.to_string().as_bytes())
    }

    /// Tries to lock `name` without waiting.
    ///
    /// # Errors
    /// The operating system's error of opening the lock.
    pub fn lock(&self, name: &str) -> Result<Held, JobsError> {
        std::fs::create_dir_all(&self.dir).map_err(JobsError::io(&self.dir, "create the cache"))?;
        let path = self.dir.join(name);
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(JobsError::io(&path, "open the lock"))?;
        Ok(match file.try_lock() {
            Ok(()) => Held::Ours(Some(LockedFile::new(file))),
            Err(TryLockError::WouldBlock) => Held::Taken,
            // Some network file systems know no locks; then each asks for itself.
            Err(TryLockError::Error(_)) => Held::Ours(None),
        })
    }

    /// Waits for the lock `name`, at most `patience`.
    ///
    /// # Errors
    /// `Silent` when another process keeps it so long, or the operating system's error.
    pub fn wait(&self, name: &str, patience: Duration) -> Result<Option<LockedFile>, JobsError> {
        let step = Duration::from_millis(20);
        for _ in 0..=patience.as_millis() / step.as_millis() {
            match self.lock(name)? {
                Held::Ours(file) => return Ok(file),
                Held::Taken => std::thread::sleep(step),
            }
        }
        Err(JobsError::Silent {
            program: "another makook that talks to Slurm".to_owned(),
            after: patience,
        })
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), JobsError> {
        let path = self.dir.join(name);
        std::fs::create_dir_all(&self.dir)
            .and_then(|()| durable::replace(&path, bytes))
            .map_err(|error: io::Error| JobsError::io(&path, "keep the queue's answer")(error))
    }
}
