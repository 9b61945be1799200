//! The pool's files: names, reading, writing. Every file is whole or absent.

use super::{
    array::Array,
    job::{Job, Wish},
    number::Number,
};
use crate::{JobId, JobsError};
use domain::{Nanos, durable};
use runs::RunId;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// The content of `asks/<n>.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ask {
    pub id: JobId,
    pub wish: Wish,
    pub posted: Nanos,
}

/// The pool's directory.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    dir: PathBuf,
}

const FOLDERS: [&str; 6] = ["numbers", "claims", "queue", "arrays", "jobs", "asks"];

impl Store {
    pub fn at(dir: &Path) -> Self {
        Self {
            dir: dir.to_owned(),
        }
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    pub fn create(&self) -> Result<(), JobsError> {
        for folder in FOLDERS {
            let path = self.dir.join(folder);
            fs::create_dir_all(&path).map_err(JobsError::io(path, "create the job pool"))?;
        }
        Ok(())
    }

    // Places.

    /// Returns how many jobs may run at the same time, as last told.
    pub fn slots(&self) -> Option<usize> {
        let text = fs::read_to_string(self.dir.join("slots")).ok()?;
        text.trim().parse().ok()
    }

    /// Tells the supervisor how many jobs may run at the same time.
    pub fn tell_slots(&self, slots: usize) -> Result<(), JobsError> {
        if self.slots() == Some(slots) {
            return Ok(());
        }
        let path = self.dir.join("slots");
        durable::replace(&path, slots.to_string().as_bytes())
            .map_err(JobsError::io(path, "note the number of places"))
    }

    // Numbers and claims.

    /// Takes the next number of a submission.
    pub fn take_number(&self) -> Result<u64, JobsError> {
        let dir = self.dir.join("numbers");
        let taken = list(&dir, |name| name.parse::<u64>().ok())?;
        let mut number = taken.last().map_or(0, |last| *last) + 1;
        loop {
            let path = dir.join(format!("{number:06}"));
            match durable::publish_once(&path, b"taken\n") {
                Ok(()) => return Ok(number),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
                Err(error) => return Err(JobsError::io(path, "take a job number")(error)),
            }
        }
    }

    /// Returns how many jobs have claimed `run` one after the other, and the last of them.
    pub fn last_claim(&self, run: &RunId) -> Result<Option<(u32, Number)>, JobsError> {
        let mut last = None;
        for count in 1.. {
            let path = self.claim_path(run, count);
            let text = match fs::read_to_string(&path) {
                Ok(text) => text,
                Err(error) if error.kind() == io::ErrorKind::NotFound => break,
                Err(error) => return Err(JobsError::io(path, "read the claim on the run")(error)),
            };
            let number = text.trim().parse().map_err(|()| JobsError::Corrupt {
                path,
                what: "names no job of the pool".to_owned(),
            })?;
            last = Some((count, number));
        }
        Ok(last)
    }

    /// Lets `number` be the job that works on `run` for the `count`-th time; `false` when another
    /// has claimed that.
    pub fn claim(&self, run: &RunId, count: u32, number: Number) -> Result<bool, JobsError> {
        let path = self.claim_path(run, count);
        match durable::publish_once(&path, format!("{number}\n").as_bytes()) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(JobsError::io(path, "claim the run")(error)),
        }
    }

    fn claim_path(&self, run: &RunId, count: u32) -> PathBuf {
        self.dir.join("claims").join(format!("{run}.{count}"))
    }

    // Jobs.

    /// Puts `job` into the queue; `false` when it is there already.
    pub fn enqueue(&self, job: &Job) -> Result<bool, JobsError> {
        let path = self.queue_path(job.number());
        publish(path, job, "write the queue entry")
    }

    /// Takes the entry of `number` out of the queue, where there is one.
    pub fn leave_queue(&self, number: Number) -> Result<(), JobsError> {
        remove(&self.queue_path(number), "take the job out of the queue")
    }

    /// Replaces the life of `job`.
    pub fn save(&self, job: &Job) -> Result<(), JobsError> {
        let path = self.job_path(job.number());
        replace(&path, job, "write the job's file")
    }

    /// Returns the numbers in the queue, in order; jobs that started are perhaps still among them,
    /// and jobs whose submission is not complete.
    pub fn queued(&self) -> Result<Vec<Number>, JobsError> {
        list(&self.dir.join("queue"), number_of)
    }

    /// Returns the numbers of all jobs that ever started or were withdrawn, in order.
    pub fn begun(&self) -> Result<Vec<Number>, JobsError> {
        list(&self.dir.join("jobs"), number_of)
    }

    /// Returns a job that has begun.
    pub fn read_begun(&self, number: Number) -> Result<Option<Job>, JobsError> {
        read_job(&self.job_path(number), number)
    }

    /// Returns a queue entry.
    pub fn read_queued(&self, number: Number) -> Result<Option<Job>, JobsError> {
        read_job(&self.queue_path(number), number)
    }

    /// Returns a job, wherever it is.
    pub fn job(&self, number: Number) -> Result<Option<Job>, JobsError> {
        if let Some(job) = self.read_begun(number)? {
            return Ok(Some(job));
        }
        match self.read_queued(number)? {
            Some(job) => Ok(Some(job)),
            // It may have begun between the two looks.
            None => self.read_begun(number),
        }
    }

    pub fn job_path(&self, number: Number) -> PathBuf {
        self.dir.join("jobs").join(format!("{number}.json"))
    }

    fn queue_path(&self, number: Number) -> PathBuf {
        self.dir.join("queue").join(format!("{number}.json"))
    }

    // Arrays.

    /// Returns what the jobs of `batch` share; `None` for a job alone and for a submission that is
    /// not complete.
    pub fn array(&self, batch: u64) -> Result<Option<Array>, JobsError> {
        read(&self.array_path(batch), "an array")
    }

    /// Lets the jobs of `batch` count, if they do not yet.
    pub fn complete_array(&self, batch: u64, array: Array) -> Result<(), JobsError> {
        publish(self.array_path(batch), &array, "write the array's file").map(|_| ())
    }

    pub fn change_array(&self, batch: u64, array: Array) -> Result<(), JobsError> {
        replace(&self.array_path(batch), &array, "write the array's file")
    }

    fn array_path(&self, batch: u64) -> PathBuf {
        self.dir.join("arrays").join(format!("{batch:06}.json"))
    }

    // Asks.

    pub fn post(&self, ask: &Ask) -> Result<(), JobsError> {
        let mut number = self.asks()?.last().map_or(0, |last| *last) + 1;
        while !publish(self.ask_path(number), ask, "post the wish")? {
            number += 1;
        }
        Ok(())
    }

    /// Returns the numbers of all asks, in order.
    pub fn asks(&self) -> Result<Vec<u64>, JobsError> {
        list(&self.dir.join("asks"), |name| {
            name.strip_suffix(".json")?.parse().ok()
        })
    }

    pub fn ask(&self, number: u64) -> Result<Option<Ask>, JobsError> {
        read(&self.ask_path(number), "a wish about a job")
    }

    pub fn drop_ask(&self, number: u64) -> Result<(), JobsError> {
        remove(&self.ask_path(number), "remove the fulfilled wish")
    }

    fn ask_path(&self, number: u64) -> PathBuf {
        self.dir.join("asks").join(format!("{number:06}.json"))
    }
}

fn number_of(name: &str) -> Option<Number> {
    name.strip_suffix(".json")?.parse().ok()
}

/// Returns what `pick` makes of the names in `dir`, in order; nothing where it is not there.
fn list<T: Ord>(dir: &Path, pick: impl Fn(&str) -> Option<T>) -> Result<Vec<T>, JobsError> {
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(JobsError::io(dir, "list the job pool")(error)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.map_err(JobsError::io(dir, "list the job pool"))?;
        found.extend(entry.file_name().to_str().and_then(&pick));
    }
    found.sort_unstable();
    Ok(found)
}

fn read_job(path: &Path, number: Number) -> Result<Option<Job>, JobsError> {
    let job: Option<Job> = read(path, "a job of the pool")?;
    match job {
        Some(job) if job.id != number.id() => Err(JobsError::Corrupt {
            path: path.to_owned(),
            what: format!("holds the job {}", job.id),
        }),
        job => Ok(job),
    }
}

pub(crate) fn read<T: DeserializeOwned>(path: &Path, what: &str) -> Result<Option<T>, JobsError> {
    match fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(|error| JobsError::Corrupt {
                path: path.to_owned(),
                what: format!("is not {what}: {error}"),
            }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(JobsError::io(path, "read the job pool")(error)),
    }
}

fn publish<T: Serialize>(path: PathBuf, value: &T, doing: &'static str) -> Result<bool, JobsError> {
    match durable::publish_once(&path, &encode(&path, value)?) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(JobsError::io(path, doing)(error)),
    }
}

pub(crate) fn replace<T: Serialize>(
    path: &Path,
    value: &T,
    doing: &'static str,
) -> Result<(), JobsError> {
    durable::replace(path, &encode(path, value)?).map_err(JobsError::io(path, doing))
}

pub(crate) fn remove(path: &Path, doing: &'static str) -> Result<(), JobsError> {
    match fs::remove_file(path) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(JobsError::io(path, doing)(error)),
    }
}

/// Paths that are no UTF-8 have no JSON form.
fn encode<T: Serialize>(path: &Path, value: &T) -> Result<Vec<u8>, JobsError> {
    serde_json::to_vec_pretty(value).map_err(|error| JobsError::Corrupt {
        path: path.to_owned(),
        what: format!("cannot be written: {error}"),
    })
}
