//! Checkpoints as a trainer leaves them: which are marked, what is in them, whether they are whole.
//!
//! The trainer writes them and alone knows what their files mean; the manifest is all that a list,
//! an export or a pointer needs. A directory without one is half written, and nothing here ever
//! takes it for a checkpoint. Start at [`marked`].

use crate::RunsError;
use domain::{Phrase, Text, phrase};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fmt, fs, io,
    path::{Component, Path},
    str::FromStr,
};

/// The newest format that is read here.
const FORMAT: u32 = 1;
/// Written last into a checkpoint's directory, so that its absence shows a half-written one.
const MANIFEST: &str = "manifest.json";
/// A manifest is a page of text; anything larger is none.
const LARGEST_MANIFEST: u64 = 1 << 20;

/// Which of a training's checkpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// The one with the best validation score.
    Best,
    /// The newest.
    Last,
}

impl Mark {
    /// Both, the best first.
    pub const ALL: [Self; 2] = [Self::Best, Self::Last];

    /// Returns the word that files and commands know it by.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Best => "best",
            Self::Last => "last",
        }
    }

    /// Returns the word that a user reads.
    #[must_use]
    pub const fn label(self) -> Text {
        match self {
            Self::Best => Text::new("best", "최고"),
            Self::Last => Text::new("last", "마지막"),
        }
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Mark {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let found = Self::ALL.into_iter().find(|mark| mark.word() == text);
        found.ok_or(())
    }
}

/// Length and checksum of one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileSum {
    /// Length in bytes.
    pub bytes: u64,
    /// BLAKE3 of the content, in hexadecimal.
    pub blake3: String,
}

impl FileSum {
    /// Returns length and checksum of a file that holds `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self {
            bytes: bytes.len() as u64,
            blake3: blake3::hash(bytes).to_hex().to_string(),
        }
    }
}

/// What a checkpoint holds, as its manifest says.
#[derive(Clone, Debug, PartialEq)]
pub struct Contents {
    /// Environment steps done.
    pub step: u64,
    /// Validation score at this step; `None` where there was none or it was no number.
    pub score: Option<f64>,
    /// Every file beside the manifest.
    pub files: BTreeMap<String, FileSum>,
    /// BLAKE3 of the manifest itself: through the checksums in it, of the whole checkpoint.
    pub hash: String,
}

/// Returns the step of the checkpoint that `mark` stands for below `checkpoints`; `None` where
/// there is none.
#[must_use]
pub fn marked(checkpoints: &Path, mark: Mark) -> Option<u64> {
    #[derive(Deserialize)]
    struct Marked {
        step: u64,
    }
    match mark {
        Mark::Best => {
            let text = fs::read(checkpoints.join("BEST")).ok()?;
            Some(serde_json::from_slice::<Marked>(&text).ok()?.step)
        }
        Mark::Last => {
            let named = fs::read_to_string(checkpoints.join("LATEST")).ok();
            let named = named.and_then(|text| text.trim().parse().ok());
            named.or_else(|| steps(checkpoints).into_iter().max())
        }
    }
}

fn steps(checkpoints: &Path) -> Vec<u64> {
    let entries = fs::read_dir(checkpoints).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    names.collect()
}

impl Contents {
    /// Reads the manifest of the checkpoint at `dir`.
    ///
    /// # Errors
    /// `Corrupt` for a half-written checkpoint or a damaged manifest, `NewerFormat`, or the
    /// operating system's error.
    pub fn read(dir: &Path) -> Result<Self, RunsError> {
        #[derive(Deserialize)]
        struct Versioned {
            format: u32,
        }
        #[derive(Deserialize)]
        struct Manifest {
            step: u64,
            #[serde(default)]
            score: Option<f64>,
            files: BTreeMap<String, FileSum>,
        }
        let path = dir.join(MANIFEST);
        let length = match fs::metadata(&path) {
            Ok(meta) => meta.len(),
            Err(error) if error.kind() == io::ErrorKind::NotFound && dir.is_dir() => {
                return Err(corrupt(
                    dir,
                    phrase!(
                        "the checkpoint is half written: {MANIFEST}, which comes last, is missing",
                        "체크포인트를 쓰다가 말았습니다. 마지막에 쓰는 {MANIFEST} 파일이 없습니다"
                    ),
                ));
            }
            Err(error) => return Err(RunsError::io(dir, "read the checkpoint")(error)),
        };
        let damaged = |error: String| {
            corrupt(
                &path,
                phrase!(
                    "is no checkpoint's manifest: {error}",
                    "체크포인트의 매니페스트가 아닙니다: {error}"
                ),
            )
        };
        if length > LARGEST_MANIFEST {
            return Err(damaged(format!("{length} bytes")));
        }
        let text = fs::read(&path).map_err(RunsError::io(&path, "read the checkpoint"))?;
        let parsed = serde_json::from_slice(&text);
        let Versioned { format } = parsed.map_err(|error| damaged(error.to_string()))?;
        if format > FORMAT {
            return Err(RunsError::NewerFormat {
                path: dir.to_owned(),
                found: format,
                known: FORMAT,
            });
        }
        let parsed = serde_json::from_slice(&text);
        let manifest: Manifest = parsed.map_err(|error| damaged(error.to_string()))?;
        if let Some(name) = manifest.files.keys().find(|name| !is_plain(name)) {
            return Err(damaged(format!("`{name}`")));
        }
        Ok(Self {
            step: manifest.step,
            score: manifest.score,
            files: manifest.files,
            hash: blake3::hash(&text).to_hex().to_string(),
        })
    }

    /// Returns the length of all files together in bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.files.values().map(|sum| sum.bytes).sum()
    }

    /// Looks whether every file of the checkpoint at `dir` is there with its full length; quick.
    ///
    /// # Errors
    /// `Corrupt`, naming the first file that is not.
    pub fn glance(&self, dir: &Path) -> Result<(), RunsError> {
        for (name, sum) in &self.files {
            let path = dir.join(name);
            let found = fs::metadata(&path).map_err(RunsError::io(&path, "read the checkpoint"))?;
            same_length(&path, found.len(), sum)?;
        }
        Ok(())
    }

    /// Reads the file `name` of the checkpoint at `dir` and holds it against its checksum.
    ///
    /// # Errors
    /// `Corrupt` when it differs or the checkpoint has no such file, or the operating system's
    /// error.
    pub fn file(&self, dir: &Path, name: &str) -> Result<Vec<u8>, RunsError> {
        let path = dir.join(name);
        let Some(sum) = self.files.get(name) else {
            return Err(corrupt(
                dir,
                phrase!(
                    "the checkpoint has no {name}",
                    "체크포인트에 {name} 파일이 없습니다"
                ),
            ));
        };
        let bytes = fs::read(&path).map_err(RunsError::io(&path, "read the checkpoint"))?;
        same_length(&path, bytes.len() as u64, sum)?;
        if FileSum::of(&bytes) != *sum {
            return Err(corrupt(
                &path,
                phrase!("its checksum differs", "체크섬이 다릅니다"),
            ));
        }
        Ok(bytes)
    }

    /// Holds every file of the checkpoint at `dir` against its checksum.
    ///
    /// # Errors
    /// As [`file`](Self::file).
    pub fn verify(&self, dir: &Path) -> Result<(), RunsError> {
        let mut names = self.files.keys();
        names.try_for_each(|name| self.file(dir, name).map(drop))
    }
}

fn same_length(path: &Path, found: u64, sum: &FileSum) -> Result<(), RunsError> {
    let due = sum.bytes;
    if found == due {
        return Ok(());
    }
    Err(corrupt(
        path,
        phrase!(
            "{found} bytes instead of {due}",
            "{due}바이트여야 하는데 {found}바이트입니다"
        ),
    ))
}

/// Returns whether `name` is that of a file in the directory itself.
fn is_plain(name: &str) -> bool {
    let mut parts = Path::new(name).components();
    matches!(parts.next(), Some(Component::Normal(_))) && parts.next().is_none()
}

fn corrupt(path: &Path, what: Phrase) -> RunsError {
    RunsError::Corrupt {
        path: path.to_owned(),
        what,
    }
}
