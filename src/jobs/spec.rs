//! What is submitted: which runs, with which program, on which resources.

use runs::RunId;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Duration,
};

/// A run to work on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunRef {
    /// Its identifier.
    pub id: RunId,
    /// Its directory, absolute.
    pub dir: PathBuf,
}

/// One submission: one run, or several as an array.
#[derive(Clone, Debug, PartialEq)]
pub struct JobSpec {
    /// The runs, at least one.
    pub runs: Vec<RunRef>,
    /// The worker program, absolute.
    pub worker: PathBuf,
    /// Folder with `configs/` and `data/`, absolute; the worker starts there.
    pub project: PathBuf,
    /// Environment of the worker beyond the backend's own.
    pub env: BTreeMap<String, String>,
    /// What it needs.
    pub resources: Resources,
    /// At most this many of an array at the same time; `None` for no limit.
    pub at_most: Option<u32>,
    /// A script to send instead of the generated one, as a person edited it.
    pub script: Option<String>,
}

/// What a job needs. A field that is `None` or empty is left to the site.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Resources {
    /// Partition (Slurm).
    pub partition: Option<String>,
    /// Account (Slurm).
    pub account: Option<String>,
    /// Quality of service (Slurm).
    pub qos: Option<String>,
    /// Accelerators.
    pub gpus: u32,
    /// Kind of accelerator as the site names it, e.g. `a40`.
    pub gpu_type: Option<String>,
    /// Processors; 0 leaves it to the site.
    pub cpus: u32,
    /// Memory in MiB; 0 leaves it to the site.
    pub memory_mib: u64,
    /// Longest run time of one start, in seconds; 0 leaves it to the site.
    pub time_limit_seconds: u64,
    /// Higher starts first (local pool); Slurm has priorities of its own.
    pub priority: i32,
    /// Whether an interrupted start goes back to the queue by itself.
    pub requeue: bool,
    /// Links of a finite chain for sites with a time limit and no requeue; 0 and 1 mean one job.
    pub chain: u32,
    /// Seconds before the time limit at which the worker is warned (SIGUSR1).
    pub warn_seconds: u32,
    /// Commands that the job script runs first, e.g. `module load cuda`.
    pub setup: Vec<String>,
    /// Further options of `sbatch`, one each, e.g. `--constraint=a40|l40s`.
    pub options: Vec<String>,
}

impl Resources {
    /// Returns these with everything that `asked` says; what it leaves open stays.
    #[must_use]
    pub fn with(mut self, asked: &config::keys::Jobs) -> Self {
        let text = |own: &mut Option<String>, asked: &str| {
            if !asked.is_empty() {
                *own = Some(asked.to_owned());
            }
        };
        text(&mut self.partition, &asked.partition);
        text(&mut self.account, &asked.account);
        text(&mut self.qos, &asked.qos);
        text(&mut self.gpu_type, &asked.gpu_type);
        let number = |own: &mut u32, asked: usize| {
            if asked > 0 {
                *own = u32::try_from(asked).unwrap_or(u32::MAX);
            }
        };
        number(&mut self.gpus, asked.gpus);
        number(&mut self.cpus, asked.cpus);
        number(&mut self.chain, asked.chain);
        if asked.memory_gib > 0.0 {
            self.memory_mib = (asked.memory_gib * 1024.0).round() as u64;
        }
        if asked.hours > 0.0 {
            self.time_limit_seconds = (asked.hours * 3_600.0).round() as u64;
        }
        self.priority = i32::try_from(asked.priority).unwrap_or(i32::MAX);
        self.options.extend(asked.options.iter().cloned());
        self
    }

    /// Returns the time limit; `None` where it is the site's.
    #[must_use]
    pub fn time_limit(&self) -> Option<Duration> {
        (self.time_limit_seconds > 0).then(|| Duration::from_secs(self.time_limit_seconds))
    }
}

/// What would be sent, exactly.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preview {
    /// The command, one word each.
    pub command: Vec<String>,
    /// The script that goes with it; `None` without a scheduler.
    pub script: Option<String>,
}

impl JobSpec {
    /// Returns where the script of this submission is kept: in the first run's directory.
    #[must_use]
    pub fn script_path(&self) -> Option<PathBuf> {
        self.runs.first().map(|run| script_path(&run.dir))
    }
}

/// Returns where a run keeps the script that was sent for it.
#[must_use]
pub fn script_path(run: &Path) -> PathBuf {
    run.join("launch.sbatch")
}
