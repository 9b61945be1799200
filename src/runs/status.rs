//! What a run is doing right now, as its worker last said (`status.json`).
//!
//! A claim, not the truth: a killed worker leaves `running` behind. [`crate::observe()`] weighs it.

use crate::{error::RunsError, real};
use domain::{Nanos, Phrase, Text, durable};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, io, path::Path};

/// Where a run is in its life.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Written, waiting for a worker.
    #[default]
    Queued,
    /// A worker has taken it and prepares.
    Starting,
    /// At work.
    Running,
    /// Held by a command; the worker waits.
    Paused,
    /// Saving before it ends.
    Stopping,
    /// The scheduler took the machine away; saved.
    Preempted,
    /// Stopped by a person or a signal; saved.
    Interrupted,
    /// Ended well: `done.json` is there.
    Done,
    /// Ended badly: `failed.json` is there.
    Failed,
    /// The worker went silent without a word; only readers say this.
    Crashed,
    /// A state that a newer makook writes.
    #[serde(other)]
    Unknown,
}

impl State {
    /// Returns whether a worker should be alive in this state.
    #[must_use]
    pub const fn is_active(self) -> bool {
        matches!(
            self,
            Self::Starting | Self::Running | Self::Paused | Self::Stopping
        )
    }

    /// Returns whether `makook resume` can continue from here.
    #[must_use]
    pub const fn is_resumable(self) -> bool {
        matches!(
            self,
            Self::Queued | Self::Preempted | Self::Interrupted | Self::Failed | Self::Crashed
        )
    }

    /// Returns the word used in files, flags and logs.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Starting => "starting",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Stopping => "stopping",
            Self::Preempted => "preempted",
            Self::Interrupted => "interrupted",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Crashed => "crashed",
            Self::Unknown => "unknown",
        }
    }

    /// Returns the word that a user reads.
    #[must_use]
    pub const fn label(self) -> Text {
        match self {
            Self::Queued => Text::new("queued", "대기"),
            Self::Starting => Text::new("starting", "시작 중"),
            Self::Running => Text::new("running", "실행 중"),
            Self::Paused => Text::new("paused", "일시정지"),
            Self::Stopping => Text::new("stopping", "멈추는 중"),
            Self::Preempted => Text::new("preempted", "선점됨"),
            Self::Interrupted => Text::new("interrupted", "중단됨"),
            Self::Done => Text::new("done", "완료"),
            Self::Failed => Text::new("failed", "실패"),
            Self::Crashed => Text::new("crashed", "비정상 종료"),
            Self::Unknown => Text::new("unknown", "알 수 없음"),
        }
    }
}

/// What a worker is busy with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum Phase {
    /// Reading and checking market data.
    Import,
    /// Computing features.
    Features,
    /// Training.
    Training {
        /// The seed being trained.
        seed: u64,
    },
    /// Evaluating on the validation window.
    Validation,
    /// Evaluating on the held-out window.
    Test,
    /// Writing the report.
    Report,
    /// A phase that a newer makook writes.
    #[serde(other)]
    Unknown,
}

impl Phase {
    /// Returns what a user reads.
    #[must_use]
    pub fn label(self) -> Phrase {
        match self {
            Self::Import => Phrase::new("importing data", "데이터 가져오기"),
            Self::Features => Phrase::new("computing features", "특징 계산"),
            Self::Training { seed } => {
                Phrase::new(format!("training seed {seed}"), format!("시드 {seed} 학습"))
            }
            Self::Validation => Phrase::new("validation", "검증"),
            Self::Test => Phrase::new("test", "최종 시험"),
            Self::Report => Phrase::new("writing the report", "보고서 작성"),
            Self::Unknown => Phrase::new("unknown phase", "알 수 없는 단계"),
        }
    }
}

/// The best validation so far.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Best {
    /// Metric key, e.g. `valid/sharpe`.
    pub metric: String,
    /// Its value.
    #[serde(with = "real")]
    pub value: f64,
    /// Training step of that policy.
    pub step: u64,
    /// Seed of that policy.
    pub seed: Option<u64>,
}

/// The content of `status.json`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Status {
    /// Where the run is, as the worker sees it.
    pub state: State,
    /// What the worker is busy with.
    pub phase: Option<Phase>,
    /// The start of the worker that wrote this; 0 before the first.
    pub segment: u32,
    /// Environment steps done, over all seeds.
    pub step: u64,
    /// Environment steps to do, over all seeds; 0 while unknown.
    pub total_steps: u64,
    /// Environment steps per second, lately; 0 while unknown.
    #[serde(with = "real")]
    pub rate: f64,
    /// Seconds left as estimated; `None` while unknown.
    pub eta_seconds: Option<f64>,
    /// Which seed is being trained, from 1; 0 before the first.
    pub seed_index: u32,
    /// How many seeds are trained.
    pub seed_count: u32,
    /// Counts the writes of one segment: the heartbeat.
    pub beat: u64,
    /// The writer's clock at this beat.
    pub at: Nanos,
    /// When the first segment started; zero before.
    pub started: Nanos,
    /// Why the state is what it is, where that needs saying.
    pub reason: Option<Phrase>,
    /// Best validation so far.
    pub best: Option<Best>,
    /// Latest value of the metrics worth listing.
    #[serde(with = "real::map")]
    pub last: BTreeMap<String, f64>,
    /// Jobs of a scheduler that must not take the run up again by themselves, because a person or
    /// the guard against fruitless restarts ended it under one of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub withdrawn: Vec<String>,
}

impl Status {
    /// Returns the share of the steps done, in `[0, 1]`; `None` while the total is unknown.
    #[must_use]
    pub fn progress(&self) -> Option<f64> {
        (self.total_steps > 0).then(|| (self.step as f64 / self.total_steps as f64).min(1.0))
    }

    /// Returns the last status written to `path`; `None` when there is none yet.
    ///
    /// # Errors
    /// `Corrupt` when the file holds something else, or the operating system's error.
    pub fn read(path: &Path) -> Result<Option<Self>, RunsError> {
        match std::fs::read(path) {
            Ok(bytes) => {
                serde_json::from_slice(&bytes)
                    .map(Some)
                    .map_err(|error| RunsError::Corrupt {
                        path: path.to_owned(),
                        what: domain::phrase!(
                            "is not a status: {error}",
                            "상태 파일이 아닙니다: {error}"
                        ),
                    })
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(RunsError::io(path, "read the status")(error)),
        }
    }

    /// Replaces the status at `path` in one step.
    ///
    /// # Errors
    /// The operating system's error; the former status then stays.
    pub fn write(&self, path: &Path) -> Result<(), RunsError> {
        let bytes = serde_json::to_vec(self).map_err(|error| RunsError::bug(&error))?;
        durable::replace(path, &bytes).map_err(RunsError::io(path, "write the status"))
    }
}
