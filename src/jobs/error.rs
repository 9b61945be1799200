//! What can go wrong with jobs, by cause, each with its remedy.

use domain::{Exit, Phrase, Text, durable::is_full};
use std::{io, path::PathBuf, time::Duration};

/// Why something could not be done with a job.
#[derive(Debug, thiserror::Error)]
pub enum JobsError {
    /// The operating system refused.
    #[error("{path}: cannot {doing}: {source}", path = path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// A verb phrase such as `write the queue entry`.
        doing: &'static str,
        /// The operating system's error.
        source: io::Error,
    },
    /// A file of ours cannot be understood.
    #[error("{path}: {what}", path = path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// The run directory refused.
    #[error(transparent)]
    Run(#[from] runs::RunsError),
    /// No job has that name.
    #[error("there is no job {0}")]
    NoSuchJob(String),
    /// The job has ended, so nothing can be asked of it.
    #[error("job {0} has ended")]
    Over(String),
    /// The job was not submitted together with others.
    #[error("job {0} is no array")]
    NotAnArray(String),
    /// No profile has that name.
    #[error("there is no cluster profile `{asked}`{}", among(.known))]
    NoSuchProfile {
        /// What was asked for.
        asked: String,
        /// Those there are.
        known: Vec<String>,
    },
    /// A cluster profile has mistakes.
    #[error("{0}")]
    Profile(domain::Problems),
    /// A program of the scheduler is not there.
    #[error("{program} is not on this machine")]
    NoScheduler {
        /// Its name.
        program: String,
    },
    /// The scheduler gave no answer in time.
    #[error("{program} gave no answer within {} s", .after.as_secs())]
    Silent {
        /// The program asked.
        program: String,
        /// How long it was waited for.
        after: Duration,
    },
    /// Something there is just changing.
    #[error("{what}")]
    Changing {
        /// What, in words.
        what: Phrase,
    },
    /// The scheduler said no, in its own words.
    #[error("{what}")]
    Refused {
        /// Its words, or ours.
        what: Phrase,
    },
    /// Training is not allowed on this machine.
    #[error("{host} is a login node: training here would be stopped by its administrators")]
    LoginNode {
        /// The machine.
        host: String,
    },
    /// The site does not remember finished jobs.
    #[error("this site keeps no job history: {why}")]
    NoHistory {
        /// Why, in its own words.
        why: String,
    },
}

impl JobsError {
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

    /// Returns whether asking again later may help.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Silent { .. })
    }

    /// Returns what is wrong.
    #[must_use]
    pub fn says(&self) -> Phrase {
        let korean = match self {
            Self::Io { path, source, .. } => {
                format!("{}: 읽거나 쓸 수 없습니다: {source}", path.display())
            }
            Self::Corrupt { path, what } => {
                format!("{}: 읽을 수 없는 파일입니다: {what}", path.display())
            }
            Self::Run(error) => error.says().ko,
            Self::NoSuchJob(job) => format!("작업 {job}이(가) 없습니다"),
            Self::Over(job) => format!("작업 {job}은(는) 이미 끝났습니다"),
            Self::NotAnArray(job) => format!("작업 {job}은(는) 배열 작업이 아닙니다"),
            Self::NoSuchProfile { asked, known } if known.is_empty() => {
                format!("클러스터 프로필 `{asked}`이(가) 없습니다")
            }
            Self::NoSuchProfile { asked, known } => format!(
                "클러스터 프로필 `{asked}`이(가) 없습니다. 있는 프로필: {}",
                known.join(", ")
            ),
            Self::Profile(problems) => problems.render(domain::Lang::Ko),
            Self::NoScheduler { program } => {
                format!("이 컴퓨터에는 {program} 프로그램이 없습니다")
            }
            Self::Silent { program, after } => {
                format!(
                    "{program}이(가) {}초 동안 답하지 않았습니다",
                    after.as_secs()
                )
            }
            Self::Changing { what } | Self::Refused { what } => what.ko.clone(),
            Self::LoginNode { host } => {
                format!("{host}은(는) 로그인 노드입니다. 여기서 학습하면 관리자가 중단시킵니다")
            }
            Self::NoHistory { why } => {
                format!("이 클러스터에는 작업 기록이 남지 않습니다: {why}")
            }
        };
        Phrase::new(self.to_string(), korean)
    }

    /// Returns what the user can do about it.
    #[must_use]
    pub fn hint(&self) -> Text {
        match self {
            Self::Io { source, .. } if is_full(source) => Text::new(
                "free some space, or point MAKOOK_HOME (runs) or XDG_CACHE_HOME (shared answers) at a bigger disk",
                "공간을 비우거나 MAKOOK_HOME(실행) 또는 XDG_CACHE_HOME(공유하는 응답)을 더 큰 디스크로 지정하세요",
            ),
            Self::Io { .. } => Text::new(
                "check that the directory is there and yours to write",
                "디렉터리가 있고 쓸 수 있는지 확인하세요",
            ),
            Self::Corrupt { .. } => Text::new(
                "remove that file; the run itself is not affected",
                "그 파일을 지우세요. 실행 자체에는 영향이 없습니다",
            ),
            Self::Run(error) => error.hint(),
            Self::NoSuchJob(_) => Text::new(
                "see `makook jobs list`; a job's number or its run's identifier will do",
                "`makook jobs list`로 목록을 보세요. 작업 번호나 실행 ID를 쓸 수 있습니다",
            ),
            Self::Over(_) => Text::new(
                "`makook resume <run>` takes its run up again",
                "`makook resume <실행>`으로 그 실행을 이어서 시작할 수 있습니다",
            ),
            Self::NotAnArray(_) => Text::new(
                "only runs that were submitted together have a common limit",
                "함께 제출한 실행에만 동시 실행 수를 정할 수 있습니다",
            ),
            Self::NoSuchProfile { .. } => Text::new(
                "profiles are the files of configs/clusters; `makook doctor --cluster --write NAME` writes one",
                "프로필은 configs/clusters의 파일입니다. `makook doctor --cluster --write 이름`으로 만들 수 있습니다",
            ),
            Self::Profile(_) => Text::new("correct the lines named", "표시된 줄을 고치세요"),
            Self::NoScheduler { .. } => Text::new(
                "use `--on local`, or log in to the cluster (`makook --host <name>`)",
                "`--on local`을 쓰거나 클러스터에 접속하세요(`makook --host <이름>`)",
            ),
            Self::Silent { .. } => Text::new(
                "jobs go on without it; it is asked again by itself",
                "작업은 계속 진행됩니다. 잠시 후 자동으로 다시 확인합니다",
            ),
            Self::Changing { .. } => Text::new("try again in a moment", "잠시 뒤 다시 시도하세요"),
            Self::Refused { .. } => Text::new(
                "`makook doctor --cluster` shows what this site allows you",
                "`makook doctor --cluster`로 이 클러스터에서 허용되는 것을 확인하세요",
            ),
            Self::LoginNode { .. } => Text::new(
                "send it to the cluster with `--on <profile>`, e.g. `makook train --on klone`; see configs/clusters",
                "`makook train --on klone`처럼 `--on <프로필>`로 클러스터에 보내세요. configs/clusters를 참고하세요",
            ),
            Self::NoHistory { .. } => Text::new(
                "the run's own segments still tell: `makook jobs show <run>`",
                "실행 자체의 구간 기록은 남아 있습니다: `makook jobs show <실행>`",
            ),
        }
    }

    /// Returns the exit code of a command that ends with this error.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::NoSuchJob(_)
            | Self::Over(_)
            | Self::NotAnArray(_)
            | Self::NoSuchProfile { .. }
            | Self::Profile(_)
            | Self::Refused { .. } => Exit::Usage,
            Self::Run(error) => error.exit(),
            _ => Exit::Environment,
        }
    }
}

fn among(names: &[String]) -> String {
    if names.is_empty() {
        String::new()
    } else {
        format!("; there are {}", names.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cause_speaks_both_languages() {
        let (path, name) = (PathBuf::from("jobs/1"), || "1".to_owned());
        let differs = || domain::phrase!("it differs", "다릅니다");
        let mut problems = domain::Problems::new();
        problems.error(domain::Place::Default, differs(), differs());
        let all = [
            JobsError::io(&path, "list jobs")(io::ErrorKind::StorageFull.into()),
            JobsError::io(&path, "list jobs")(io::ErrorKind::NotFound.into()),
            JobsError::Corrupt {
                path: path.clone(),
                what: "EOF".to_owned(),
            },
            JobsError::Run(runs::RunsError::AlreadyDone(name())),
            JobsError::NoSuchJob(name()),
            JobsError::Over(name()),
            JobsError::NotAnArray(name()),
            JobsError::NoSuchProfile {
                asked: name(),
                known: Vec::new(),
            },
            JobsError::NoSuchProfile {
                asked: name(),
                known: vec![name()],
            },
            JobsError::Profile(problems),
            JobsError::NoScheduler { program: name() },
            JobsError::Silent {
                program: name(),
                after: Duration::from_secs(20),
            },
            JobsError::Changing { what: differs() },
            JobsError::Refused { what: differs() },
            JobsError::LoginNode { host: name() },
            JobsError::NoHistory { why: name() },
        ];
        let hangul = |text: &str| text.chars().any(|letter| ('가'..='힣').contains(&letter));
        for error in all {
            for Phrase { en, ko } in [error.says(), error.hint().into()] {
                assert!(hangul(&ko) && !hangul(&en) && !en.is_empty(), "{en}: {ko}");
            }
        }
    }
}
