//! Reading checkpoints: what is there, which is newest or best, and whether it is whole.

use crate::error::CheckpointError;
use domain::{Phrase, phrase};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

/// The newest format this build reads and the one it writes.
pub(super) const FORMAT: u32 = 1;
pub(super) const MANIFEST: &str = "manifest.json";
pub(super) const LATEST: &str = "LATEST";
pub(super) const BEST: &str = "BEST";

/// What a checkpoint directory contains; written last, read first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of the format.
    pub format: u32,
    /// Environment steps done.
    pub step: u64,
    /// Validation score at this step, where one was computed.
    pub score: Option<f64>,
    /// Every other file of the directory.
    pub files: BTreeMap<String, FileSum>,
}

/// Length and checksum of one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileSum {
    /// Length in bytes.
    pub bytes: u64,
    /// BLAKE3 of the content, in hex.
    pub blake3: String,
}

impl FileSum {
    pub(super) fn of(bytes: &[u8]) -> Self {
        Self {
            bytes: bytes.len() as u64,
            blake3: blake3::hash(bytes).to_hex().to_string(),
        }
    }
}

/// The format alone, which every later version keeps in its place.
#[derive(Deserialize)]
struct FormatOnly {
    format: u32,
}

/// The checkpoint with the best validation score.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Best {
    /// Its step.
    pub step: u64,
    /// Its score; higher is better.
    pub score: f64,
}

/// A checkpoint whose files all match their checksums.
#[derive(Clone, Debug)]
pub struct Checkpoint {
    /// What it contains.
    pub manifest: Manifest,
    /// Content of each file by name.
    pub files: BTreeMap<String, Vec<u8>>,
}

impl Checkpoint {
    /// Returns the content of `name`.
    ///
    /// # Errors
    /// [`CheckpointError::Mismatch`] when the checkpoint has no such file.
    pub fn file(&self, name: &str) -> Result<&[u8], CheckpointError> {
        self.files
            .get(name)
            .map(Vec::as_slice)
            .ok_or_else(|| CheckpointError::Mismatch {
                step: self.manifest.step,
                reason: phrase!("it has no {name}", "{name} 파일이 없습니다"),
            })
    }
}

/// The checkpoints below one directory; reads only.
#[derive(Clone, Debug)]
pub struct CheckpointArchive {
    directory: PathBuf,
}

impl CheckpointArchive {
    /// Looks at `directory`, which need not exist.
    #[must_use]
    pub fn new(directory: &Path) -> Self {
        Self {
            directory: directory.to_owned(),
        }
    }

    /// Returns the directory looked at.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Returns the directory of the checkpoint of `step`.
    #[must_use]
    pub fn path(&self, step: u64) -> PathBuf {
        self.directory.join(step.to_string())
    }

    /// Returns the steps of all checkpoints, oldest first, whole or not.
    ///
    /// # Errors
    /// [`CheckpointError::Io`]; a missing directory has no checkpoints.
    pub fn steps(&self) -> Result<Vec<u64>, CheckpointError> {
        let entries = match fs::read_dir(&self.directory) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(CheckpointError::io(&self.directory)(error)),
        };
        let mut steps: Vec<u64> = entries
            .filter_map(Result::ok)
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .collect();
        steps.sort_unstable();
        Ok(steps)
    }

    /// Returns the step of the newest checkpoint: `LATEST`, else the highest step that is there.
    ///
    /// # Errors
    /// [`CheckpointError::Io`] when the directory cannot be read.
    pub fn latest(&self) -> Result<Option<u64>, CheckpointError> {
        let named = fs::read_to_string(self.directory.join(LATEST))
            .ok()
            .and_then(|text| text.trim().parse().ok())
            .filter(|step| self.path(*step).is_dir());
        match named {
            Some(step) => Ok(Some(step)),
            None => Ok(self.steps()?.last().copied()),
        }
    }

    /// Returns the best checkpoint by validation score, where one was marked and is still there.
    #[must_use]
    pub fn best(&self) -> Option<Best> {
        let text = fs::read(self.directory.join(BEST)).ok()?;
        let best: Best = serde_json::from_slice(&text).ok()?;
        self.path(best.step).is_dir().then_some(best)
    }

    /// Reads and verifies the checkpoint of `step`.
    ///
    /// # Errors
    /// [`CheckpointError::Missing`]; [`CheckpointError::NewerFormat`];
    /// [`CheckpointError::Corrupt`], which names the file and the newest earlier checkpoint that
    /// is whole.
    pub fn load(&self, step: u64) -> Result<Checkpoint, CheckpointError> {
        self.verify(step).map_err(|error| match error {
            CheckpointError::Corrupt {
                step, file, reason, ..
            } => CheckpointError::Corrupt {
                previous: self.newest_whole_before(step),
                step,
                file,
                reason,
            },
            other => other,
        })
    }

    /// Reads and verifies the newest checkpoint; `None` when there is none.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn load_latest(&self) -> Result<Option<Checkpoint>, CheckpointError> {
        self.latest()?.map(|step| self.load(step)).transpose()
    }

    fn newest_whole_before(&self, step: u64) -> Option<u64> {
        let steps = self.steps().unwrap_or_default();
        steps
            .into_iter()
            .rev()
            .filter(|earlier| *earlier < step)
            .find(|earlier| self.verify(*earlier).is_ok())
    }

    fn verify(&self, step: u64) -> Result<Checkpoint, CheckpointError> {
        let directory = self.path(step);
        if !directory.is_dir() {
            return Err(CheckpointError::Missing {
                step,
                directory: self.directory.clone(),
            });
        }
        let corrupt = |file: &str, reason: Phrase| CheckpointError::Corrupt {
            step,
            file: file.to_owned(),
            reason,
            previous: None,
        };
        let text = fs::read(directory.join(MANIFEST))
            .map_err(|error| corrupt(MANIFEST, Phrase::same(error.to_string())))?;
        let format: FormatOnly = serde_json::from_slice(&text)
            .map_err(|error| corrupt(MANIFEST, Phrase::same(error.to_string())))?;
        if format.format > FORMAT {
            return Err(CheckpointError::NewerFormat {
                step,
                found: format.format,
                known: FORMAT,
            });
        }
        let manifest: Manifest = serde_json::from_slice(&text)
            .map_err(|error| corrupt(MANIFEST, Phrase::same(error.to_string())))?;
        let mut files = BTreeMap::new();
        for (name, sum) in &manifest.files {
            let bytes = fs::read(directory.join(name))
                .map_err(|error| corrupt(name, Phrase::same(error.to_string())))?;
            let found = FileSum::of(&bytes);
            if found.bytes != sum.bytes {
                let (found, due) = (found.bytes, sum.bytes);
                let reason = phrase!(
                    "{found} bytes instead of {due}",
                    "{due}바이트여야 하는데 {found}바이트"
                );
                return Err(corrupt(name, reason));
            }
            if found != *sum {
                return Err(corrupt(
                    name,
                    phrase!("its checksum differs", "체크섬이 다름"),
                ));
            }
            files.insert(name.clone(), bytes);
        }
        Ok(Checkpoint { manifest, files })
    }
}
