//! What can go wrong with a run directory, by cause, each with its remedy.

use domain::{Exit, Phrase, Text};
use std::{io, path::PathBuf, time::Duration};

/// Why something could not be done with a run.
#[derive(Debug, thiserror::Error)]
pub enum RunsError {
    /// The operating system refused.
    #[error("{path}: cannot {doing}: {source}", path = path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// A verb phrase such as `read run.toml`.
        doing: &'static str,
        /// The operating system's error.
        source: io::Error,
    },
    /// No run answers to what the user wrote.
    #[error("no run matches `{asked}`{}", did_you_mean(.near).en)]
    NotFound {
        /// What was asked for.
        asked: String,
        /// Identifiers that look alike, best first.
        near: Vec<String>,
    },
    /// Several runs answer to what the user wrote.
    #[error("`{asked}` matches {} runs: {}", .matches.len(), some_of(.matches))]
    Ambiguous {
        /// What was asked for.
        asked: String,
        /// Every match, newest first.
        matches: Vec<String>,
    },
    /// The directory lacks `run.toml`, which is written before anything else.
    #[error("{path} is not a whole run: run.toml is missing", path = .0.display())]
    HalfWritten(PathBuf),
    /// A file of the run cannot be understood.
    #[error("{path}: {what}", path = path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: Phrase,
    },
    /// A newer makook wrote this run.
    #[error(
        "{path} has run format {found}, but this makook reads only up to {known}",
        path = path.display()
    )]
    NewerFormat {
        /// The run directory.
        path: PathBuf,
        /// The format it declares.
        found: u32,
        /// The newest format known here.
        known: u32,
    },
    /// Another worker holds the run.
    #[error("run {run} is held by {holder}")]
    Busy {
        /// The run's identifier.
        run: String,
        /// Who holds it: process, host, since when.
        holder: Phrase,
        /// After how long a silent holder on another machine counts as gone; zero when it is
        /// known to be alive.
        retry_after: Duration,
    },
    /// The run has already ended well.
    #[error("run {0} is already done")]
    AlreadyDone(String),
    /// The action needs a run that is not being worked on.
    #[error("run {run} is {state}")]
    StillActive {
        /// The run's identifier.
        run: String,
        /// Its state, as a word.
        state: Text,
    },
    /// What the caller wants makes no valid run.
    #[error("{what}")]
    Invalid {
        /// What is wrong.
        what: Phrase,
        /// What to do about it; empty where what is wrong says it.
        hint: Text,
    },
    /// A record of ours that cannot be written down: a bug.
    #[error("a record cannot be written down: {0}")]
    Bug(String),
}

impl RunsError {
    /// Wraps an operating-system error with what was being done to which path.
    pub(crate) fn io(
        path: impl Into<PathBuf>,
        doing: &'static str,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io {
            path,
            doing,
            source,
        }
    }

    /// Wraps the refusal to write down one of our own records.
    pub(crate) fn bug(error: &impl std::fmt::Display) -> Self {
        Self::Bug(error.to_string())
    }

    /// Returns what is wrong.
    #[must_use]
    pub fn says(&self) -> Phrase {
        let korean = match self {
            Self::Io { path, source, .. } => {
                format!("{}: 읽거나 쓸 수 없습니다: {source}", path.display())
            }
            Self::NotFound { asked, near } => {
                format!("`{asked}`에 맞는 실행이 없습니다{}", did_you_mean(near).ko)
            }
            Self::Ambiguous { asked, matches } => format!(
                "`{asked}`에 맞는 실행이 {}개입니다: {}",
                matches.len(),
                some_of(matches)
            ),
            Self::HalfWritten(path) => format!(
                "{}은(는) 온전한 실행이 아닙니다. run.toml이 없습니다",
                path.display()
            ),
            Self::Corrupt { path, what } => format!("{}: {}", path.display(), what.ko),
            Self::NewerFormat { path, found, known } => format!(
                "{}의 실행 형식은 {found}이고, 이 makook은 {known}까지 읽습니다",
                path.display()
            ),
            Self::Busy { run, holder, .. } => {
                format!(
                    "실행 {run}은(는) 다른 작업자가 쓰고 있습니다: {}",
                    holder.ko
                )
            }
            Self::AlreadyDone(run) => format!("실행 {run}은(는) 이미 끝났습니다"),
            Self::StillActive { run, state } => {
                format!("실행 {run}의 상태: {}", state.ko)
            }
            Self::Invalid { what, .. } => what.ko.clone(),
            Self::Bug(words) => format!("기록을 쓸 수 없습니다: {words}"),
        };
        Phrase::new(self.to_string(), korean)
    }

    /// Returns what the user can do about it; empty where what is wrong says it.
    #[must_use]
    pub fn hint(&self) -> Text {
        match self {
            Self::Io { source, .. } => io_hint(source),
            Self::NotFound { .. } => Text::new(
                "see `makook runs list`; an id, its beginning, its name, `latest` or a path will do",
                "`makook runs list`로 목록을 보세요. 실행 ID나 그 앞부분, 이름, `latest`, 경로를 쓸 수 있습니다",
            ),
            Self::Ambiguous { .. } => Text::new(
                "write more of the id",
                "ID를 더 길게 적어 하나만 가리키게 하세요",
            ),
            Self::HalfWritten(_) => Text::new(
                "its creation was cut off; `makook runs rm` removes it",
                "만들다가 중단된 디렉터리입니다. `makook runs rm`으로 지울 수 있습니다",
            ),
            Self::Corrupt { .. } => Text::new(
                "other files of the run stay readable; restore this one from a backup or remove the run",
                "실행의 다른 파일은 읽을 수 있습니다. 이 파일은 백업에서 되살리거나 실행을 지우세요",
            ),
            Self::NewerFormat { .. } => Text::new(
                "update makook to the version that wrote the run",
                "이 실행을 기록한 버전으로 makook을 업데이트하세요",
            ),
            Self::Busy { retry_after, .. } if retry_after.is_zero() => Text::new(
                "stop that worker first (`makook stop`), or wait until it ends",
                "먼저 그 작업자를 멈추거나(`makook stop`) 끝날 때까지 기다리세요",
            ),
            Self::Busy { .. } => Text::new(
                "if that machine is gone, try again once its heartbeat counts as stale",
                "그 기계가 꺼졌다면 하트비트 유효 시간이 지난 뒤 다시 시도하세요",
            ),
            Self::AlreadyDone(_) => Text::new(
                "start a new run from its settings instead",
                "같은 설정으로 새 실행을 시작하세요",
            ),
            Self::StillActive { .. } => Text::new(
                "stop it first: `makook stop <run>`",
                "먼저 멈추세요: `makook stop <실행>`",
            ),
            Self::Invalid { hint, .. } => *hint,
            Self::Bug(_) => Text::new(
                "this is a bug of makook: please report it with the run's log",
                "makook의 오류입니다. 실행 로그와 함께 알려 주세요",
            ),
        }
    }

    /// Returns the exit code of a command that ends with this error.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::Io { .. } | Self::Bug(_) => Exit::Environment,
            _ => Exit::Usage,
        }
    }
}

fn io_hint(error: &io::Error) -> Text {
    match error.kind() {
        io::ErrorKind::PermissionDenied => Text::new(
            "check the owner and mode of the directory, or point MAKOOK_HOME at one of yours",
            "디렉터리의 소유자와 권한을 확인하거나 MAKOOK_HOME을 쓸 수 있는 곳으로 지정하세요",
        ),
        _ if domain::durable::is_full(error) => Text::new(
            "free some space (removed runs wait in `.trash` beside the runs) or point MAKOOK_HOME elsewhere",
            "공간을 비우거나(지운 실행은 실행 폴더의 `.trash`에 있음) MAKOOK_HOME을 다른 곳으로 지정하세요",
        ),
        io::ErrorKind::AlreadyExists => Text::new(
            "choose another name; what is there stays as it is",
            "다른 이름을 고르세요. 있던 것은 그대로 둡니다",
        ),
        io::ErrorKind::NotFound => Text::new(
            "it may have been removed meanwhile; look again with `makook runs list`",
            "그사이 지워졌을 수 있습니다. `makook runs list`로 다시 확인하세요",
        ),
        _ => Text::new(
            "check the file system, then try again",
            "파일 시스템을 확인한 뒤 다시 시도하세요",
        ),
    }
}

fn did_you_mean(near: &[String]) -> Phrase {
    if near.is_empty() {
        return Phrase::default();
    }
    let near = near.join(", ");
    domain::phrase!("; did you mean {near}?", ". {near}을(를) 뜻하셨나요?")
}

fn some_of(matches: &[String]) -> String {
    const SHOWN: usize = 8;
    let mut text = matches
        .iter()
        .take(SHOWN)
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(", ");
    if matches.len() > SHOWN {
        text.push_str(", …");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cause_speaks_both_languages() {
        let (path, name) = (PathBuf::from("runs/a"), || "a".to_owned());
        let io = |kind: io::ErrorKind| RunsError::io(&path, "read run.toml")(kind.into());
        let all = [
            io(io::ErrorKind::PermissionDenied),
            io(io::ErrorKind::StorageFull),
            io(io::ErrorKind::NotFound),
            io(io::ErrorKind::TimedOut),
            RunsError::NotFound {
                asked: name(),
                near: vec![name()],
            },
            RunsError::Ambiguous {
                asked: name(),
                matches: vec![name()],
            },
            RunsError::HalfWritten(path.clone()),
            RunsError::Corrupt {
                path: path.clone(),
                what: domain::phrase!("has no manifest", "매니페스트가 없습니다"),
            },
            RunsError::NewerFormat {
                path: path.clone(),
                found: 2,
                known: 1,
            },
            RunsError::Busy {
                run: name(),
                holder: domain::phrase!("another process", "다른 프로세스"),
                retry_after: Duration::ZERO,
            },
            RunsError::Busy {
                run: name(),
                holder: domain::phrase!("another process", "다른 프로세스"),
                retry_after: Duration::from_secs(9),
            },
            RunsError::AlreadyDone(name()),
            RunsError::StillActive {
                run: name(),
                state: crate::State::Running.label(),
            },
            "20240131".parse::<crate::RunId>().unwrap_err(),
            RunsError::bug(&"a key that is no text"),
        ];
        let hangul = |text: &str| text.chars().any(|letter| ('가'..='힣').contains(&letter));
        for error in all {
            for Phrase { en, ko } in [error.says(), error.hint().into()] {
                assert!(hangul(&ko) && !hangul(&en) && !en.is_empty(), "{en}: {ko}");
            }
        }
    }
}
