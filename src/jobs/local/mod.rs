//! The local pool: jobs on this machine, with places, a set of GPUs and a queue.
//!
//! Nothing is installed. Everything lies in files below one directory a machine ([`dir_of`]):
//!
//! | file | content | writer |
//! |---|---|---|
//! | `numbers/<n>` | a number that is taken | whoever submits, by link |
//! | `claims/<run>.<n>` | which job works on a run for the n-th time | whoever submits, by link |
//! | `queue/<id>.json` | a job as it was submitted, until it starts | whoever submits, by link |
//! | `arrays/<n>.json` | what the jobs of one submission share; it makes them count | people |
//! | `jobs/<id>.json` | a job's whole life from its first start; goes before the queue's file | the supervisor |
//! | `asks/<n>.json` | a wish about a job, until it is fulfilled | people, by link |
//! | `lock`, `supervisor.json` | who supervises | the supervisor |
//!
//! A supervisor, started by whoever looks while there is work, starts jobs and writes down how
//! they end. It may be killed at any moment: its jobs run on, and the next one takes them over by
//! process id, start time and boot. Start at [`Pool`] for the asking side, [`supervise`] for the
//! working side and `plan.rs` for who starts next.

// What a job of the pool is.
mod job;
mod number;

// Decisions; none of them touches a file.
mod judge;
mod plan;
mod reason;

// The files.
mod array;
mod store;

// The machine.
mod guard;
pub mod machine;
mod process;

// Both sides.
mod check;
mod entry;
mod pool;
mod supervisor;

pub use machine::{gpus_of, login_node};
pub use pool::Pool;
pub use supervisor::{Close, supervise};

use runs::Home;
use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    time::Duration,
};

/// What a pool is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolSettings {
    /// Its directory, absolute; see [`dir_of`]. Made when something is submitted.
    pub dir: PathBuf,
    /// This machine's name.
    pub host: String,
    /// Jobs at the same time; 0 lets 2 to 8 run by load, see `plan.rs`.
    pub slots: usize,
    /// Whether a supervisor keeps to `slots` instead of following whoever submits.
    pub keeps_slots: bool,
    /// GPUs to give out, as `CUDA_VISIBLE_DEVICES` names them; empty leaves GPUs alone.
    pub gpus: Vec<String>,
    /// Program and arguments that run [`supervise`] on `dir`; empty when somebody else runs it.
    pub supervisor: Vec<OsString>,
    /// Whether training is not allowed on this machine; see [`login_node`].
    pub on_login_node: bool,
    /// Time between the end signal and the kill.
    pub kill_after: Duration,
    /// How long a supervisor without work stays.
    pub linger: Duration,
}

impl PoolSettings {
    /// Returns the settings of a pool in `dir` that chooses its places itself, gives out no GPUs,
    /// kills 30 s after the end signal and has no program for its supervisor yet.
    #[must_use]
    pub fn new(dir: PathBuf, host: impl Into<String>) -> Self {
        Self {
            dir,
            host: host.into(),
            slots: 0,
            keeps_slots: false,
            gpus: Vec::new(),
            supervisor: Vec::new(),
            on_login_node: false,
            kill_after: Duration::from_secs(30),
            linger: Duration::from_secs(2),
        }
    }
}

/// Returns the directory of the pool of machine `host` for the runs of `home`: beside the runs,
/// one a machine, since processes of another cannot be seen.
#[must_use]
pub fn dir_of(home: &Home, host: &str) -> PathBuf {
    let beside = home.root().parent().unwrap_or(Path::new("."));
    beside.join("pool").join(host.replace('/', "-"))
}

#[cfg(test)]
mod tests;
