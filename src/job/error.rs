//! Why the worker could not do its job, by cause, with the exit code and the remedy.

use domain::{Exit, Phrase, Problems};
use std::{
    io,
    path::{Path, PathBuf},
};

/// Why a job ended.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// Settings that are wrong or contradict each other.
    #[error("{0}")]
    Settings(Problems),
    /// The run directory refuses.
    #[error(transparent)]
    Runs(#[from] runs::RunsError),
    /// Market data is missing, damaged or changed.
    #[error(transparent)]
    Data(#[from] data::DataError),
    /// A feature that cannot be computed.
    #[error(transparent)]
    Features(#[from] features::FeatureError),
    /// The features look into the future.
    #[error("the features leak the future: {0}")]
    Leak(String),
    /// The environment refuses.
    #[error(transparent)]
    Sim(#[from] sim::SimError),
    /// Training or a checkpoint.
    #[error(transparent)]
    Train(#[from] learn::TrainError),
    /// Judging.
    #[error(transparent)]
    Backtest(#[from] backtest::BacktestError),
    /// The operating system refuses.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// File or directory.
        path: PathBuf,
        /// The operating system's error.
        #[source]
        source: io::Error,
    },
    /// There is nothing that could be judged.
    #[error("{0}")]
    Unjudged(String),
    /// A bug of ours.
    #[error("the worker panicked: {0}")]
    Panic(String),
}

impl From<learn::CheckpointError> for JobError {
    fn from(error: learn::CheckpointError) -> Self {
        Self::Train(error.into())
    }
}

impl JobError {
    /// Wraps an operating-system error at `path`.
    #[must_use]
    pub fn io(path: &Path, source: io::Error) -> Self {
        Self::Io {
            path: path.to_owned(),
            source,
        }
    }

    /// Returns the exit code.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::Settings(_)
            | Self::Features(_)
            | Self::Sim(_)
            | Self::Leak(_)
            | Self::Unjudged(_) => Exit::Usage,
            Self::Runs(error) => error.exit(),
            Self::Train(error) => error.exit(),
            Self::Data(error) => error.exit(),
            Self::Backtest(_) => Exit::Usage,
            Self::Io { .. } | Self::Panic(_) => Exit::Environment,
        }
    }

    /// Returns what the user can do.
    #[must_use]
    pub fn hint(&self) -> Phrase {
        match self {
            Self::Runs(error) => {
                let hint = error.hint();
                Phrase::new(hint.en, hint.ko)
            }
            Self::Train(learn::TrainError::NotFinite { .. }) => Phrase::new(
                "lower agent.learning_rate or agent.max_grad_norm, check the data for extreme values, then `makook resume`",
                "agent.learning_rate나 agent.max_grad_norm을 낮추고 데이터의 극단값을 확인한 뒤 `makook resume`을 실행하세요",
            ),
            Self::Io { source, .. } if source.kind() == io::ErrorKind::StorageFull => Phrase::new(
                "free some space or set MAKOOK_HOME to a bigger disk, then `makook resume`",
                "공간을 비우거나 MAKOOK_HOME을 더 큰 디스크로 지정한 뒤 `makook resume`을 실행하세요",
            ),
            Self::Leak(_) => Phrase::new(
                "remove or mend the named column; `makook features --prove` shows the proof",
                "해당 열을 빼거나 고치세요. `makook features --prove`로 증명을 볼 수 있습니다",
            ),
            Self::Panic(_) => Phrase::new(
                "this is a bug of makook: please report it with the run's log; `makook resume` tries again",
                "makook의 오류입니다. 실행 로그와 함께 알려 주세요. `makook resume`으로 다시 시도합니다",
            ),
            _ => Phrase::new(
                "correct what is named above, then `makook resume` or start anew",
                "위에 적힌 것을 고친 뒤 `makook resume`을 실행하거나 새로 시작하세요",
            ),
        }
    }
}
