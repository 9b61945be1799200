//! Why a training or a checkpoint cannot go on, by cause, each with its remedy.

use domain::{Exit, Phrase, Text, phrase};
use std::{io, path::PathBuf};
use thiserror::Error;

/// Why training stopped or could not start.
#[derive(Debug, Error)]
pub enum TrainError {
    /// The spec contradicts itself or leaves its ranges.
    #[error("training settings: {}", joined(problems).en)]
    Spec {
        /// One sentence a problem.
        problems: Vec<Phrase>,
    },
    /// A value that must be a number is none; the weights were put back to before this update.
    #[error(
        "{what} is not finite at step {step} (update {update}); the last good weights are kept"
    )]
    NotFinite {
        /// Environment steps done when it was found.
        step: u64,
        /// Number of the update, from 1.
        update: u64,
        /// What was not finite.
        what: Text,
    },
    /// An environment differs from what the trainer was told.
    #[error("environment: {what} is {found}, expected {expected}")]
    Environment {
        /// Which property.
        what: Text,
        /// What the environment says.
        found: String,
        /// What it has to say.
        expected: String,
    },
    /// The environment's saved state does not fit.
    #[error("environment state: {0}")]
    EnvironmentState(#[from] sim::SimError),
    /// The chosen device is not there.
    #[error("device = \"cuda\", but {reason}")]
    NoGpu {
        /// What is missing.
        reason: Phrase,
    },
    /// Weights or optimiser memory do not fit the network.
    #[error("weights: {0}")]
    Weights(#[from] kernel::KernelError),
    /// libtorch refused an operation.
    #[error("libtorch: {0}")]
    Torch(String),
    /// Validation failed.
    #[error("validation: {0}")]
    Validation(Phrase),
    /// A checkpoint could not be written or read.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
}

impl TrainError {
    /// Wraps a libtorch error, whose text may hold whole tensors, in its first 300 characters.
    #[must_use]
    pub fn torch(error: &tch::TchError) -> Self {
        Self::Torch(error.to_string().chars().take(300).collect())
    }

    /// Returns how the process ends after this error.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::NotFinite { .. } | Self::Validation(_) => Exit::Negative,
            Self::Spec { .. } | Self::Environment { .. } | Self::Weights(_) => Exit::Usage,
            Self::NoGpu { .. }
            | Self::Torch(_)
            | Self::EnvironmentState(_)
            | Self::Checkpoint(_) => Exit::Environment,
        }
    }

    /// Returns what is wrong.
    #[must_use]
    pub fn says(&self) -> Phrase {
        let korean = match self {
            Self::Spec { problems } => format!("학습 설정: {}", joined(problems).ko),
            Self::NotFinite { step, update, what } => format!(
                "{step} 스텝({update}번째 업데이트)에서 {} 값이 유한하지 않습니다. 마지막 정상 가중치는 남아 있습니다",
                what.ko
            ),
            Self::Environment {
                what,
                found,
                expected,
            } => format!(
                "환경: {} 값이 {expected}이어야 하는데 {found}입니다",
                what.ko
            ),
            Self::EnvironmentState(error) => format!("환경 상태: {}", error.says().ko),
            Self::NoGpu { reason } => format!("device = \"cuda\"이지만 {}", reason.ko),
            Self::Weights(error) => format!("가중치: {}", error.says().ko),
            Self::Torch(words) => format!("libtorch 오류: {words}"),
            Self::Validation(reason) => format!("검증: {}", reason.ko),
            Self::Checkpoint(error) => error.says().ko,
        };
        Phrase::new(self.to_string(), korean)
    }

    /// Returns what the user can do about it.
    #[must_use]
    pub fn hint(&self) -> Phrase {
        match self {
            Self::Spec { .. } => phrase!(
                "correct these settings (`makook config explain KEY` says what they mean), then start anew",
                "설정을 고친 뒤 새로 시작하세요. `makook config explain 키`로 뜻을 볼 수 있습니다"
            ),
            Self::NotFinite { .. } | Self::Validation(_) => phrase!(
                "lower agent.learning_rate or agent.max_grad_norm and check the data for extreme values, then start anew; `makook resume` goes on from the last good weights",
                "agent.learning_rate나 agent.max_grad_norm을 낮추고 데이터의 극단값을 확인한 뒤 새로 시작하세요. `makook resume`은 마지막 정상 가중치에서 이어 갑니다"
            ),
            Self::Environment { .. } => phrase!(
                "this is a bug of makook: please report it with the run's log",
                "makook의 오류입니다. 실행 로그와 함께 알려 주세요"
            ),
            Self::EnvironmentState(_) | Self::Weights(_) => phrase!(
                "the checkpoint belongs to other settings: start anew with `makook train`",
                "체크포인트가 다른 설정의 것입니다. `makook train`으로 새로 시작하세요"
            ),
            Self::NoGpu { .. } => phrase!(
                "use train.device = \"auto\" or \"cpu\"; `makook doctor` shows what was found",
                "train.device = \"auto\" 또는 \"cpu\"를 쓰세요. `makook doctor`로 무엇이 있는지 볼 수 있습니다"
            ),
            Self::Torch(_) => phrase!(
                "`makook doctor` checks libtorch and the GPU; if memory ran out, lower agent.minibatch_size or train.n_envs",
                "`makook doctor`로 libtorch와 GPU를 확인하세요. 메모리가 부족하면 agent.minibatch_size나 train.n_envs를 낮추세요"
            ),
            Self::Checkpoint(error) => error.hint(),
        }
    }
}

fn joined(problems: &[Phrase]) -> Phrase {
    let list = |lang| {
        let texts: Vec<&str> = problems.iter().map(|problem| problem.get(lang)).collect();
        texts.join("; ")
    };
    Phrase::new(list(domain::Lang::En), list(domain::Lang::Ko))
}

/// Why a checkpoint could not be written or read.
#[derive(Debug, Error)]
pub enum CheckpointError {
    /// A file is missing, shorter, or other than its checksum says.
    #[error("checkpoint {step}: {file} is corrupt ({reason})")]
    Corrupt {
        /// The checkpoint's step.
        step: u64,
        /// File within the checkpoint.
        file: String,
        /// What is wrong with it.
        reason: Phrase,
        /// The newest earlier checkpoint that is whole.
        previous: Option<u64>,
    },
    /// A newer makook wrote it.
    #[error("checkpoint {step}: format {found} is newer than {known}, the newest this build reads")]
    NewerFormat {
        /// The checkpoint's step.
        step: u64,
        /// Its format.
        found: u32,
        /// The newest format known here.
        known: u32,
    },
    /// It belongs to a training with other shapes or settings.
    #[error("checkpoint {step} does not fit this training: {reason}")]
    Mismatch {
        /// The checkpoint's step.
        step: u64,
        /// What differs.
        reason: Phrase,
    },
    /// There is none with this step.
    #[error("no checkpoint {step} in {}", directory.display())]
    Missing {
        /// The step asked for.
        step: u64,
        /// Where it was looked for.
        directory: PathBuf,
    },
    /// The operating system refused; whatever was saved before is untouched.
    #[error("{}: {source}", path.display())]
    Io {
        /// File or directory.
        path: PathBuf,
        /// The operating system's error.
        #[source]
        source: io::Error,
    },
}

impl CheckpointError {
    /// Returns a wrapper for an error at `path`.
    pub(crate) fn io(path: &std::path::Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }

    /// Returns whether trying again later may succeed (disk full, a slow file system).
    #[must_use]
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Io { source, .. } if source.kind() != io::ErrorKind::PermissionDenied)
    }

    /// Returns what is wrong.
    #[must_use]
    pub fn says(&self) -> Phrase {
        let korean = match self {
            Self::Corrupt {
                step, file, reason, ..
            } => format!(
                "체크포인트 {step}: {file} 파일이 손상되었습니다({})",
                reason.ko
            ),
            Self::NewerFormat { step, found, known } => format!(
                "체크포인트 {step}의 형식 {found}은(는) 이 makook이 읽을 수 있는 {known}보다 새롭습니다"
            ),
            Self::Mismatch { step, reason } => {
                format!(
                    "체크포인트 {step}이(가) 이 학습과 맞지 않습니다: {}",
                    reason.ko
                )
            }
            Self::Missing { step, directory } => {
                format!("{}에 체크포인트 {step}이(가) 없습니다", directory.display())
            }
            Self::Io { path, source } => {
                format!("{} 파일을 읽거나 쓸 수 없습니다: {source}", path.display())
            }
        };
        Phrase::new(self.to_string(), korean)
    }

    /// Returns what the user can do about it.
    #[must_use]
    pub fn hint(&self) -> Phrase {
        match self {
            Self::Corrupt {
                previous: Some(step),
                ..
            } => phrase!(
                "the one before, {step}, is whole: `makook resume` goes on from it",
                "앞의 체크포인트 {step}은(는) 온전합니다. `makook resume`이 거기서 이어 갑니다"
            ),
            Self::Corrupt { previous: None, .. } => phrase!(
                "there is no earlier checkpoint; start anew with `makook train`",
                "더 앞의 체크포인트가 없습니다. `makook train`으로 새로 시작하세요"
            ),
            Self::NewerFormat { .. } => phrase!(
                "use the makook that wrote it or a newer one",
                "기록한 버전이나 더 새로운 makook을 쓰세요"
            ),
            Self::Mismatch { .. } => phrase!(
                "resume with the settings that the run was started with, or start anew with `makook train`",
                "처음 시작한 설정으로 이어 하거나 `makook train`으로 새로 시작하세요"
            ),
            Self::Missing { .. } => phrase!(
                "restore that folder from a backup, or start anew with `makook train`",
                "그 폴더를 백업에서 되살리거나 `makook train`으로 새로 시작하세요"
            ),
            Self::Io { source, .. } => match source.kind() {
                _ if domain::durable::is_full(source) => phrase!(
                    "free some space or point MAKOOK_HOME at a bigger disk, then `makook resume`; the previous checkpoint is kept",
                    "공간을 비우거나 MAKOOK_HOME을 더 큰 디스크로 지정한 뒤 `makook resume`을 실행하세요. 앞의 체크포인트는 남아 있습니다"
                ),
                io::ErrorKind::PermissionDenied => phrase!(
                    "check who owns the run directory",
                    "실행 디렉터리의 소유자를 확인하세요"
                ),
                _ => phrase!(
                    "check the file system, then `makook resume`",
                    "파일 시스템을 확인한 뒤 `makook resume`을 실행하세요"
                ),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Vec<TrainError> {
        let path = PathBuf::from("checkpoints");
        let reason = || phrase!("it differs", "다릅니다");
        let corrupt = |previous| CheckpointError::Corrupt {
            step: 2,
            file: "policy".to_owned(),
            reason: phrase!("its checksum differs", "체크섬이 다릅니다"),
            previous,
        };
        let io = |kind: io::ErrorKind| CheckpointError::io(&path)(kind.into());
        let checkpoints = vec![
            corrupt(None),
            corrupt(Some(1)),
            CheckpointError::NewerFormat {
                step: 1,
                found: 2,
                known: 1,
            },
            CheckpointError::Mismatch {
                step: 1,
                reason: reason(),
            },
            CheckpointError::Missing {
                step: 1,
                directory: path.clone(),
            },
            io(io::ErrorKind::StorageFull),
            io(io::ErrorKind::PermissionDenied),
            io(io::ErrorKind::TimedOut),
        ];
        let spec = crate::PpoSpec {
            n_envs: 0,
            gamma: 2.0,
            ..crate::PpoSpec::default()
        };
        let state = sim::SimError::State { reason: reason() };
        let mut all = vec![
            spec.validate().unwrap_err(),
            TrainError::NotFinite {
                step: 1,
                update: 1,
                what: Text::new("the entropy", "엔트로피"),
            },
            TrainError::Environment {
                what: Text::new("observation length", "관측 길이"),
                found: "1".to_owned(),
                expected: "2".to_owned(),
            },
            TrainError::EnvironmentState(state),
            TrainError::NoGpu { reason: reason() },
            TrainError::Weights(kernel::KernelError::EmptyShape {
                what: "obs_dim".to_owned(),
            }),
            TrainError::Torch("out of memory".to_owned()),
            TrainError::Validation(reason()),
        ];
        all.extend(checkpoints.into_iter().map(TrainError::from));
        all
    }

    #[test]
    fn every_cause_speaks_both_languages() {
        let hangul = |text: &str| text.chars().any(|letter| ('가'..='힣').contains(&letter));
        for error in all() {
            for Phrase { en, ko } in [error.says(), error.hint()] {
                assert!(hangul(&ko) && !hangul(&en) && !en.is_empty(), "{en}: {ko}");
            }
        }
    }
}
