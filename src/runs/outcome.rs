//! How a run ended: `done.json` or `failed.json`, published once. These decide success, not an
//! exit code.

use crate::{error::RunsError, layout::Layout, real};
use domain::{Nanos, Phrase, durable};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{collections::BTreeMap, io, path::Path};

/// What the evaluation concludes, in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// One word for lists: `edge`, `no_edge`, `inconclusive`, …
    pub word: String,
    /// The sentence.
    pub says: Phrase,
    /// Whether what was looked for is shown: a negative verdict ends with exit code 1.
    pub positive: bool,
}

/// The content of `done.json`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Success {
    /// When it ended.
    pub at: Nanos,
    /// What the evaluation concludes; `None` for runs that evaluate nothing.
    pub verdict: Option<Verdict>,
    /// Figures by key, e.g. `test/sharpe`.
    #[serde(with = "real::map")]
    pub metrics: BTreeMap<String, f64>,
}

/// The content of `failed.json`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Failure {
    /// When it ended.
    pub at: Nanos,
    /// The start of the worker that failed.
    pub segment: u32,
    /// What went wrong, for a user.
    pub says: Phrase,
    /// What to do about it.
    pub hint: Phrase,
    /// The chain of causes, outermost first.
    pub causes: Vec<String>,
    /// Whether a person ended the run for good: a scheduler must not take it up again.
    pub cancelled: bool,
}

/// One of the two.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Ended well.
    Done(Success),
    /// Ended badly.
    Failed(Failure),
}

impl Outcome {
    /// Returns how the run at `layout` ended; `None` when it has not.
    ///
    /// Should both files exist, the failure counts.
    ///
    /// # Errors
    /// `Corrupt` when the file holds something else, or the operating system's error.
    pub fn read(layout: &Layout) -> Result<Option<Self>, RunsError> {
        if let Some(failure) = read_json(&layout.failed())? {
            return Ok(Some(Self::Failed(failure)));
        }
        Ok(read_json(&layout.done())?.map(Self::Done))
    }

    /// Publishes it; the first to do so decides.
    ///
    /// # Errors
    /// `AlreadyDone` when the run has ended well before, or the operating system's error.
    pub fn publish(&self, layout: &Layout) -> Result<(), RunsError> {
        let (path, bytes) = match self {
            Self::Done(success) => (layout.done(), serde_json::to_vec_pretty(success)),
            Self::Failed(failure) => (layout.failed(), serde_json::to_vec_pretty(failure)),
        };
        let bytes = bytes.map_err(|error| RunsError::bug(&error))?;
        if layout.done().exists() {
            let run = layout.root().file_name().unwrap_or_default();
            return Err(RunsError::AlreadyDone(run.to_string_lossy().into_owned()));
        }
        durable::publish_once(&path, &bytes).map_err(RunsError::io(path, "publish the outcome"))
    }
}

fn read_json<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, RunsError> {
    match std::fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(|error| RunsError::Corrupt {
                path: path.to_owned(),
                what: domain::phrase!(
                    "is not an outcome: {error}",
                    "결과 파일이 아닙니다: {error}"
                ),
            }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(RunsError::io(path, "read the outcome")(error)),
    }
}
