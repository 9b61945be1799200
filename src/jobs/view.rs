//! A job as everything above the seam sees it. No word of any scheduler goes above this line.

use domain::{Nanos, Phrase, Text};
use runs::RunId;
use serde::{Deserialize, Serialize};
use std::{fmt, time::Duration};

/// Names a job at its backend: `l-000012` in the pool, `259` or `259_3` in Slurm.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JobId(String);

impl JobId {
    /// Wraps the backend's name.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// Returns the backend's name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum Phase {
    /// Waits for a place.
    Queued,
    /// Has a place and is being started.
    Starting,
    /// Runs.
    Running,
    /// Was asked to end, or is being cleared away.
    Stopping,
    /// Was interrupted and goes back to the queue; not an end.
    Requeued {
        /// When it may start again at the earliest, where known.
        until: Option<Nanos>,
    },
    /// Is over for good.
    Ended {
        /// How.
        end: End,
    },
    /// The backend knows nothing of it any more and nobody saw it end.
    Lost,
}

impl Phase {
    /// Returns whether the job is over.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Ended { .. } | Self::Lost)
    }

    /// Returns whether a worker of it may be alive.
    #[must_use]
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Starting | Self::Running | Self::Stopping)
    }

    /// Returns the word used in flags, JSON and logs.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Starting => "starting",
            Self::Running => "running",
            Self::Stopping => "stopping",
            Self::Requeued { .. } => "requeued",
            Self::Ended { end } => end.word(),
            Self::Lost => "lost",
        }
    }

    /// Returns the word that a user reads.
    #[must_use]
    pub const fn label(self) -> Text {
        match self {
            Self::Queued => Text::new("queued", "대기"),
            Self::Starting => Text::new("starting", "시작 중"),
            Self::Running => Text::new("running", "실행 중"),
            Self::Stopping => Text::new("stopping", "멈추는 중"),
            Self::Requeued { .. } => Text::new("requeued", "다시 대기"),
            Self::Ended { end } => end.label(),
            Self::Lost => Text::new("lost", "행방불명"),
        }
    }
}

/// How a job ended, as far as its backend can tell; whether the run succeeded is the run's to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// The worker ended by itself with code 0 or 1.
    Completed,
    /// The worker ended with another code or by a signal.
    Failed,
    /// A person withdrew it.
    Cancelled,
    /// It ran into its time limit.
    TimedOut,
    /// It took more memory than it had.
    OutOfMemory,
    /// Its machine went away.
    NodeFailed,
    /// Saved and stopped; can be resumed.
    Interrupted,
}

impl End {
    /// Returns the word used in flags, JSON and logs.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::TimedOut => "timed_out",
            Self::OutOfMemory => "out_of_memory",
            Self::NodeFailed => "node_failed",
            Self::Interrupted => "interrupted",
        }
    }

    /// Returns the word that a user reads.
    #[must_use]
    pub const fn label(self) -> Text {
        match self {
            Self::Completed => Text::new("ended", "종료"),
            Self::Failed => Text::new("failed", "실패"),
            Self::Cancelled => Text::new("cancelled", "취소됨"),
            Self::TimedOut => Text::new("time limit", "시간 초과"),
            Self::OutOfMemory => Text::new("out of memory", "메모리 부족"),
            Self::NodeFailed => Text::new("machine failed", "노드 고장"),
            Self::Interrupted => Text::new("interrupted", "중단됨"),
        }
    }
}

/// One job at one moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobView {
    /// Its name at the backend.
    pub id: JobId,
    /// The run it works on; `None` for a job that is not makook's.
    pub run: Option<RunId>,
    /// Its title at the backend.
    pub name: String,
    /// Where it is.
    pub phase: Phase,
    /// Why it is there, in plain words, where that needs saying.
    pub reason: Option<Phrase>,
    /// The scheduler's own word for that, e.g. `QOSMaxJobsPerUserLimit`.
    pub raw_reason: Option<String>,
    /// The machine it runs or last ran on.
    pub node: Option<String>,
    /// Where it was sent: a partition, or `local`.
    pub queue: String,
    /// When this start began, or when it is expected to.
    pub starts: Option<Nanos>,
    /// How long this start has been running.
    pub elapsed: Duration,
    /// Longest run time of one start.
    pub limit: Option<Duration>,
    /// How often it was started again.
    pub restarts: u32,
    /// Its place among the waiting jobs, from 1 (local pool).
    pub position: Option<u32>,
    /// Accelerators it holds.
    pub gpus: u32,
    /// Processors it holds.
    pub cpus: u32,
}

/// The answer of a backend, with its age.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Poll {
    /// Every job, in a stable order.
    pub jobs: Vec<JobView>,
    /// When the backend said so, by this machine's wall clock.
    pub seen_at: Nanos,
    /// What went wrong since, while an earlier answer is shown; lines that made no sense.
    pub problems: Vec<Phrase>,
}

/// One start of a job, as the backend remembers it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attempt {
    /// The job.
    pub id: JobId,
    /// When it began.
    pub started: Option<Nanos>,
    /// When it ended; `None` while it runs.
    pub ended: Option<Nanos>,
    /// Where it ran.
    pub node: Option<String>,
    /// How it stands or ended, in the words above.
    pub phase: Phase,
    /// Exit code, where there is one.
    pub exit_code: Option<i32>,
    /// Processors it held.
    pub cpus: u32,
    /// Accelerators it held.
    pub gpus: u32,
}
