//! Why something about data failed, by cause, each with its remedy.

use crate::spec::RepairError;
use domain::{Exit, Phrase, Problems, Text, phrase};
use std::{
    io,
    path::{Path, PathBuf},
};

/// What can go wrong with data.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// The source has faults that no policy covers; nothing was stored.
    #[error("{0}")]
    Rejected(Problems),
    /// The operating system refused.
    #[error("cannot {} {}: {source}", doing.words().en, path.display())]
    Io {
        /// What was being done.
        doing: Doing,
        /// The file or directory.
        path: PathBuf,
        /// The system's words.
        source: io::Error,
    },
    /// A name that cannot be a file name everywhere.
    #[error("`{0}` cannot name a data set")]
    BadName(String),
    /// The name is taken.
    #[error("data set `{0}` exists already")]
    Exists(String),
    /// Nothing has this name.
    #[error("there is no data set `{name}`")]
    NotFound {
        /// The name asked for.
        name: String,
        /// The names there are.
        known: Vec<String>,
    },
    /// The bars are not those that the manifest describes.
    #[error("the data file {} changed since its manifest was written ({found} is not {expected})", path.display())]
    Changed {
        /// The Parquet file.
        path: PathBuf,
        /// Hash in the manifest, shortened.
        expected: String,
        /// Hash of the file, shortened.
        found: String,
    },
    /// Written by a newer makook.
    #[error("{} has format {found}, this makook reads up to {known}", path.display())]
    NewerFormat {
        /// The manifest or matrix.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The newest known one.
        known: u32,
    },
    /// The manifest is not what makook writes.
    #[error("the manifest {} is damaged ({reason})", path.display())]
    BadManifest {
        /// The manifest.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A Parquet file cannot be read or written.
    #[error("cannot {} {}: {reason}", doing.words().en, path.display())]
    Parquet {
        /// What was being done.
        doing: Doing,
        /// The file.
        path: PathBuf,
        /// polars' words, shortened.
        reason: String,
    },
    /// A repair that does not exist.
    #[error(transparent)]
    Repair(#[from] RepairError),
    /// The windows do not fit the data.
    #[error("{0}")]
    Split(Phrase),
    /// The caller asked to stop; nothing was stored.
    #[error("stopped as asked; nothing was stored")]
    Cancelled,
}

/// What was being done to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// Reading it.
    Read,
    /// Writing it.
    Write,
    /// Making the directory.
    Create,
    /// Listing the directory.
    List,
    /// Removing it.
    Remove,
}

impl Doing {
    /// Returns the verb: English to follow "cannot", Korean to stand before "수 없습니다".
    #[must_use]
    pub fn words(self) -> Text {
        match self {
            Self::Read => Text::new("read", "읽을"),
            Self::Write => Text::new("write", "쓸"),
            Self::Create => Text::new("create", "만들"),
            Self::List => Text::new("list", "훑어볼"),
            Self::Remove => Text::new("remove", "지울"),
        }
    }
}

impl DataError {
    /// Returns how a program that ends with this error exits.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::Rejected(_) | Self::Changed { .. } | Self::BadManifest { .. } => Exit::Negative,
            Self::Io { source, .. } if source.kind() == io::ErrorKind::NotFound => Exit::Usage,
            Self::Io { .. } | Self::NewerFormat { .. } => Exit::Environment,
            Self::Parquet { .. } => Exit::Negative,
            Self::BadName(_)
            | Self::Exists(_)
            | Self::NotFound { .. }
            | Self::Repair(_)
            | Self::Split(_) => Exit::Usage,
            Self::Cancelled => Exit::Interrupted,
        }
    }

    /// Returns what is wrong.
    #[must_use]
    pub fn says(&self) -> Phrase {
        Phrase::new(self.to_string(), self.korean())
    }

    fn korean(&self) -> String {
        match self {
            Self::Rejected(problems) => problems.render(domain::Lang::Ko),
            Self::Io {
                doing,
                path,
                source,
            } => format!(
                "{}: {} 수 없습니다: {source}",
                path.display(),
                doing.words().ko
            ),
            Self::BadName(name) => format!("`{name}`은(는) 데이터 이름으로 쓸 수 없습니다"),
            Self::Exists(name) => format!("데이터 `{name}`이(가) 이미 있습니다"),
            Self::NotFound { name, .. } => format!("데이터 `{name}`이(가) 없습니다"),
            Self::Changed {
                path,
                expected,
                found,
            } => format!(
                "데이터 파일 {}이(가) 매니페스트를 쓴 뒤에 바뀌었습니다(해시 {found}, 기대값 {expected})",
                path.display()
            ),
            Self::NewerFormat { path, found, known } => format!(
                "{}의 형식은 {found}이고, 이 makook은 {known}까지 읽습니다",
                path.display()
            ),
            Self::BadManifest { path, reason } => {
                format!(
                    "매니페스트 {}이(가) 손상되었습니다({reason})",
                    path.display()
                )
            }
            Self::Parquet {
                doing,
                path,
                reason,
            } => format!(
                "{}: {} 수 없습니다: {reason}",
                path.display(),
                doing.words().ko
            ),
            Self::Repair(error) => error.says().ko,
            Self::Split(reason) => reason.ko.clone(),
            Self::Cancelled => "요청대로 멈췄습니다. 저장한 것은 없습니다".to_owned(),
        }
    }

    /// Returns what the user can do about it; empty where what is wrong says it.
    #[must_use]
    pub fn hint(&self) -> Phrase {
        match self {
            Self::Rejected(_) | Self::Split(_) => Phrase::default(),
            Self::Io { source, .. } => io_hint(source).into(),
            Self::BadName(_) => phrase!(
                "use letters, digits, `.`, `_` and `-`, starting with a letter or digit",
                "영문자, 숫자, `.`, `_`, `-`만 쓰고 영문자나 숫자로 시작하세요"
            ),
            Self::Exists(name) => phrase!(
                "choose another name with --name, or replace `{name}` with --replace",
                "--name으로 다른 이름을 쓰거나 --replace로 `{name}`을(를) 바꾸세요"
            ),
            Self::NotFound { name, known } if known.is_empty() => phrase!(
                "the store is empty; `makook data import FILE --name {name}` makes the set",
                "저장된 데이터가 없습니다. `makook data import 파일 --name {name}`(으)로 가져오세요"
            ),
            Self::NotFound { name, known } => {
                let known = known.join(", ");
                phrase!(
                    "there are: {known} (`makook data list`); `makook data import FILE --name {name}` makes it",
                    "있는 데이터: {known}(`makook data list`). `makook data import 파일 --name {name}`(으)로 새로 가져올 수 있습니다"
                )
            }
            Self::Changed { .. } => phrase!(
                "import the source again, or restore the file",
                "원본을 다시 가져오거나 파일을 되돌리세요"
            ),
            Self::NewerFormat { .. } => phrase!("update makook", "makook을 업데이트하세요"),
            Self::BadManifest { .. } | Self::Parquet { .. } => {
                phrase!("import the source again", "원본을 다시 가져오세요")
            }
            Self::Repair(error) => error.hint(),
            Self::Cancelled => phrase!(
                "start the import again when you like",
                "원할 때 다시 가져오세요"
            ),
        }
    }

    /// Wraps a system error with what was being done to which path.
    pub(crate) fn io(doing: Doing, path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::Io {
            doing,
            path,
            source,
        }
    }
}

fn io_hint(source: &io::Error) -> Text {
    match source.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::IsADirectory => Text::new(
            "check the path; it must name a file",
            "경로를 확인하세요. 파일을 가리켜야 합니다",
        ),
        io::ErrorKind::PermissionDenied => Text::new(
            "check the permissions of the file and its directory",
            "파일과 디렉터리의 권한을 확인하세요",
        ),
        _ if domain::durable::is_full(source) => Text::new(
            "free some space; nothing was left half written",
            "공간을 비우세요. 쓰다 만 파일은 남지 않았습니다",
        ),
        _ => Text::new(
            "check the file system, then try again",
            "파일 시스템을 확인한 뒤 다시 시도하세요",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Place;

    /// One of each cause.
    fn all() -> Vec<DataError> {
        let path = PathBuf::from("data/store/a");
        let mut problems = Problems::new();
        let wrong = phrase!("open is empty", "시가 칸이 비어 있습니다");
        let remedy = phrase!("correct the row", "행을 고치세요");
        problems.error(Place::Path("a.csv".to_owned()), wrong.clone(), remedy);
        let known = |known: &[&str]| DataError::NotFound {
            name: "b".to_owned(),
            known: known.iter().map(|name| (*name).to_owned()).collect(),
        };
        let repair = crate::RepairPolicy::default().set("gaps=guess");
        let mut all = vec![
            DataError::Rejected(problems),
            DataError::BadName("a/b".to_owned()),
            DataError::Exists("a".to_owned()),
            known(&[]),
            known(&["a"]),
            DataError::Changed {
                path: path.clone(),
                expected: "0".to_owned(),
                found: "1".to_owned(),
            },
            DataError::NewerFormat {
                path: path.clone(),
                found: 9,
                known: 1,
            },
            DataError::BadManifest {
                path: path.clone(),
                reason: "EOF".to_owned(),
            },
            DataError::Repair(repair.unwrap_err()),
            DataError::Split(wrong),
            DataError::Cancelled,
        ];
        for doing in [
            Doing::Read,
            Doing::Write,
            Doing::Create,
            Doing::List,
            Doing::Remove,
        ] {
            all.push(DataError::io(doing, &path)(
                io::ErrorKind::StorageFull.into(),
            ));
            all.push(DataError::Parquet {
                doing,
                path: path.clone(),
                reason: "EOF".to_owned(),
            });
        }
        all
    }

    #[test]
    fn every_cause_speaks_both_languages() {
        let hangul = |text: &str| text.chars().any(|letter| ('가'..='힣').contains(&letter));
        for error in all() {
            let (says, hint) = (error.says(), error.hint());
            assert!(hangul(&says.ko) && !hangul(&says.en), "{says:?}");
            let silent = matches!(error, DataError::Rejected(_) | DataError::Split(_));
            assert_eq!(hint.is_empty(), silent, "{error}");
            assert!(silent || hangul(&hint.ko), "{hint:?}");
        }
    }
}
