//! Why the worker could not do its job, by cause, with the exit code and the remedy.

use domain::{Exit, Lang, Phrase, Problems, phrase};
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
    /// Settings that a makook of another version wrote, and this one does not understand.
    #[error("the run was made by makook {made}: {problems}")]
    Version {
        /// The version that made the run.
        made: String,
        /// What is not understood.
        problems: Problems,
    },
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
    Leak(Phrase),
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
    #[error("{what}")]
    Unjudged {
        /// What is missing.
        what: Phrase,
        /// How to get it.
        hint: Phrase,
    },
    /// The checkpoint that was chosen for a trained seed is lost.
    #[error("the agent of seed {seed} cannot be read: {reason}")]
    Agent {
        /// The seed.
        seed: u64,
        /// Everything that is left of the seed.
        folder: PathBuf,
        /// What is wrong with the checkpoint.
        reason: Phrase,
    },
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
            | Self::Version { .. }
            | Self::Features(_)
            | Self::Sim(_)
            | Self::Leak(_)
            | Self::Unjudged { .. } => Exit::Usage,
            Self::Runs(error) => error.exit(),
            Self::Train(error) => error.exit(),
            Self::Data(error) => error.exit(),
            Self::Backtest(_) => Exit::Usage,
            Self::Io { .. } | Self::Agent { .. } | Self::Panic(_) => Exit::Environment,
        }
    }

    /// Returns what is wrong.
    #[must_use]
    pub fn says(&self) -> Phrase {
        match self {
            Self::Settings(problems) => {
                Phrase::new(problems.render(Lang::En), problems.render(Lang::Ko))
            }
            Self::Version { made, problems } => {
                let (en, ko) = (problems.render(Lang::En), problems.render(Lang::Ko));
                let here = env!("CARGO_PKG_VERSION");
                phrase!(
                    "the run was made by makook {made}, this worker is {here}:\n{en}",
                    "이 실행은 makook {made}이(가) 만들었고 이 작업자는 {here}입니다:\n{ko}"
                )
            }
            Self::Runs(error) => error.says(),
            Self::Data(error) => error.says(),
            Self::Features(error) => error.says(),
            Self::Leak(Phrase { en, ko }) => phrase!(
                "the features leak the future: {en}",
                "특징에 미래 정보가 새어 들어갑니다: {ko}"
            ),
            Self::Sim(error) => error.says(),
            Self::Train(error) => error.says(),
            Self::Backtest(error) => error.says(),
            Self::Io { path, source } => {
                let path = path.display();
                phrase!(
                    "{path}: {source}",
                    "{path}: 읽거나 쓸 수 없습니다: {source}"
                )
            }
            Self::Unjudged { what, .. } => what.clone(),
            Self::Agent {
                seed,
                reason: Phrase { en, ko },
                ..
            } => phrase!(
                "the agent of seed {seed} cannot be read: {en}",
                "시드 {seed}의 에이전트를 읽을 수 없습니다: {ko}"
            ),
            Self::Panic(words) => phrase!(
                "the worker panicked: {words}",
                "작업자가 내부 오류로 멈췄습니다: {words}"
            ),
        }
    }

    /// Returns what the user can do; empty where what is wrong says it.
    #[must_use]
    pub fn hint(&self) -> Phrase {
        match self {
            // Each problem of the settings carries its own remedy.
            Self::Settings(_) => phrase!(
                "correct the settings, then start anew with `makook train`; a run keeps the settings that it was started with",
                "설정을 고친 뒤 `makook train`으로 새로 시작하세요. 실행은 처음 설정을 그대로 지닙니다"
            ),
            Self::Version { .. } => phrase!(
                "install makook and makook-worker of one version on this machine, then `makook resume`",
                "이 컴퓨터에 makook과 makook-worker를 같은 버전으로 설치한 뒤 `makook resume`을 실행하세요"
            ),
            Self::Runs(error) => error.hint().into(),
            Self::Data(data::DataError::Split(_)) => phrase!(
                "change the shares, purge or embargo under evaluate (`makook config explain evaluate`), or use more data; then start anew",
                "evaluate의 비율, purge, embargo를 바꾸거나(`makook config explain evaluate`) 데이터를 늘린 뒤 새로 시작하세요"
            ),
            Self::Data(data::DataError::Rejected(_)) => phrase!(
                "correct the file, or name a repair for each fault in data.repair (`makook config explain data.repair`); then start anew",
                "파일을 고치거나 결함마다 data.repair에 수정 방법을 지정한 뒤(`makook config explain data.repair`) 새로 시작하세요"
            ),
            Self::Data(error) => error.hint(),
            Self::Features(error) => error.hint(),
            Self::Leak(_) => phrase!(
                "remove or mend the named columns; `makook features --prove` shows the proof",
                "해당 열을 빼거나 고치세요. `makook features --prove`로 증명을 볼 수 있습니다"
            ),
            Self::Sim(sim::SimError::Setting { .. }) => phrase!(
                "change that setting under env (`makook config explain env`), then start anew",
                "env에서 해당 설정을 바꾼 뒤(`makook config explain env`) 새로 시작하세요"
            ),
            Self::Sim(sim::SimError::Value { .. })
            | Self::Backtest(backtest::BacktestError::Price { .. }) => phrase!(
                "`makook data validate SET` shows such bars; data.start and data.end leave them out",
                "`makook data validate 이름`으로 이런 봉을 확인하고 data.start와 data.end로 빼세요"
            ),
            Self::Sim(_) => phrase!(
                "widen the windows under evaluate or shorten env.window, then start anew",
                "evaluate의 구간을 늘리거나 env.window를 줄인 뒤 새로 시작하세요"
            ),
            Self::Train(error) => error.hint(),
            Self::Backtest(_) => phrase!(
                "widen the test window (evaluate.test_fraction) or choose other baselines (evaluate.baselines), then `makook evaluate RUN --set KEY=VALUE`",
                "시험 구간(evaluate.test_fraction)을 늘리거나 다른 기준 전략(evaluate.baselines)을 고른 뒤 `makook evaluate 실행 --set 키=값`을 실행하세요"
            ),
            Self::Io { source, .. } => match source.kind() {
                _ if domain::durable::is_full(source) => phrase!(
                    "free some space or set MAKOOK_HOME to a bigger disk, then `makook resume`",
                    "공간을 비우거나 MAKOOK_HOME을 더 큰 디스크로 지정한 뒤 `makook resume`을 실행하세요"
                ),
                io::ErrorKind::PermissionDenied => phrase!(
                    "check owner and mode of that path, then `makook resume`",
                    "그 경로의 소유자와 권한을 확인한 뒤 `makook resume`을 실행하세요"
                ),
                io::ErrorKind::NotFound => phrase!(
                    "that file is missing; start anew with `makook train`, or restore it from a backup",
                    "파일이 없습니다. `makook train`으로 새로 시작하거나 백업에서 되살리세요"
                ),
                _ => phrase!(
                    "check the file system, then `makook resume`",
                    "파일 시스템을 확인한 뒤 `makook resume`을 실행하세요"
                ),
            },
            Self::Unjudged { hint, .. } => hint.clone(),
            Self::Agent { folder, .. } => {
                let folder = folder.display();
                phrase!(
                    "restore {folder} from a backup; or remove that folder, then `makook resume` trains the seed again, to the same bits (a run that is done cannot be resumed: start anew with `makook train`)",
                    "{folder} 폴더를 백업에서 되살리세요. 백업이 없으면 폴더를 지운 뒤 `makook resume`으로 그 시드를 비트까지 똑같이 다시 학습하세요(끝난 실행은 이어 할 수 없으니 `makook train`으로 새로 시작하세요)"
                )
            }
            Self::Panic(_) => phrase!(
                "this is a bug of makook: please report it with the run's log; `makook resume` tries again",
                "makook의 오류입니다. 실행 로그와 함께 알려 주세요. `makook resume`으로 다시 시도합니다"
            ),
        }
    }

    /// Returns what is wrong and what to do next, as a person reads it.
    #[must_use]
    pub fn render(&self, lang: Lang) -> String {
        let (says, mut hint) = (self.says(), self.hint());
        if matches!(self, Self::Settings(_)) {
            // Every problem stands with its own remedy already.
            hint = Phrase::default();
        }
        match hint.get(lang) {
            "" => says.get(lang).to_owned(),
            hint => format!("{}\n  {}: {hint}", says.get(lang), domain::HINT.get(lang)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Place, Text};

    fn all() -> Vec<JobError> {
        let (path, reason) = (Path::new("runs/a"), || phrase!("it differs", "다릅니다"));
        let mut problems = Problems::new();
        problems.error(Place::Default, reason(), reason());
        let setting = || sim::SimError::Setting {
            key: "env.fee_bps",
            value: "-1".to_owned(),
            rule: Text::new("be positive", "0보다 커야 합니다"),
        };
        let value = sim::SimError::Value {
            column: "open",
            bar: 1,
            value: f64::NAN,
        };
        let io = |kind: io::ErrorKind| JobError::io(path, kind.into());
        vec![
            JobError::Settings(problems.clone()),
            JobError::Version {
                made: "9.0.0".to_owned(),
                problems: problems.clone(),
            },
            JobError::Runs(runs::RunsError::AlreadyDone("a".to_owned())),
            JobError::Data(data::DataError::Rejected(problems)),
            JobError::Data(data::DataError::Split(reason())),
            JobError::Data(data::DataError::Cancelled),
            JobError::Features(features::FeatureError::Empty),
            JobError::Leak(reason()),
            JobError::Sim(setting()),
            JobError::Sim(value),
            JobError::Sim(sim::SimError::State { reason: reason() }),
            JobError::Train(learn::TrainError::Torch("out of memory".to_owned())),
            JobError::Backtest(backtest::BacktestError::TooFewBars { bars: 1 }),
            JobError::Backtest(backtest::BacktestError::Price {
                column: "open",
                bar: 1,
                value: 0.0,
            }),
            io(io::ErrorKind::StorageFull),
            io(io::ErrorKind::PermissionDenied),
            io(io::ErrorKind::NotFound),
            io(io::ErrorKind::TimedOut),
            JobError::Unjudged {
                what: reason(),
                hint: reason(),
            },
            JobError::Agent {
                seed: 3,
                folder: path.to_owned(),
                reason: reason(),
            },
            JobError::Panic("index out of bounds".to_owned()),
        ]
    }

    #[test]
    fn every_cause_speaks_both_languages_and_says_what_to_do() {
        let hangul = |text: &str| text.chars().any(|letter| ('가'..='힣').contains(&letter));
        for error in all() {
            for Phrase { en, ko } in [error.says(), error.hint()] {
                assert!(hangul(&ko) && !hangul(&en) && !en.is_empty(), "{en}: {ko}");
            }
            assert!(error.render(Lang::Ko).contains("\n  도움말: "), "{error}");
        }
    }
}
