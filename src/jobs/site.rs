//! What a site is and allows, as it says itself.

use domain::Phrase;
use serde::Serialize;
use std::time::Duration;

/// A machine or a cluster.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Site {
    /// Name of the cluster or machine.
    pub name: String,
    /// Scheduler and version, e.g. `slurm 23.11.4`; empty for the local pool.
    pub scheduler: String,
    /// Processors, where the site is one machine; else 0.
    pub cpus: u32,
    /// Memory in MiB, where the site is one machine; else 0.
    pub memory_mib: u64,
    /// Where jobs can be sent.
    pub partitions: Vec<Partition>,
    /// Accounts with the qualities of service each may use.
    pub accounts: Vec<Association>,
    /// Whether preempted jobs are requeued, suspended or cancelled, in the scheduler's word.
    pub preempt_mode: Option<String>,
    /// Seconds between the end signal and the kill.
    pub kill_wait_seconds: Option<u64>,
    /// Tasks that one array has at most, 0 for no arrays; `None` where nobody limits them.
    pub max_array: Option<usize>,
    /// Whether finished jobs can be asked for.
    pub keeps_history: bool,
    /// Whether this process runs on a machine where training is not allowed.
    pub on_login_node: bool,
    /// What could not be learnt, each with why.
    pub unknown: Vec<Phrase>,
}

/// A queue of the site.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Partition {
    /// Name.
    pub name: String,
    /// Whether jobs go here when nothing is said.
    pub is_default: bool,
    /// Longest run time; `None` for no limit.
    pub max_time: Option<Duration>,
    /// What happens to jobs when somebody of more right comes: `OFF`, `REQUEUE`, …
    pub preempt_mode: Option<String>,
    /// Seconds of warning before that.
    pub grace_seconds: Option<u64>,
    /// Nodes, all and idle.
    pub nodes: (u32, u32),
    /// Accelerators by kind: name, all, used.
    pub gpus: Vec<(String, u32, u32)>,
}

/// One right to submit.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Association {
    /// Account.
    pub account: String,
    /// Partition it is bound to; empty for all.
    pub partition: String,
    /// Qualities of service it may use.
    pub qos: Vec<String>,
}
