//! `job.json` in a run directory: where the run was sent and under which name.

use crate::{JobId, JobsError, Resources};
use domain::{Nanos, durable};
use runs::{Layout, Mailbox};
use serde::{Deserialize, Serialize};
use std::{io, path::Path};

/// The content of `job.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobRecord {
    /// Profile it was sent through, e.g. `local` or `klone`.
    pub profile: String,
    /// Its name there, followed by those of the further links of a chain.
    pub ids: Vec<JobId>,
    /// When it was sent.
    pub submitted: Nanos,
    /// The command that sent it, one word each.
    pub command: Vec<String>,
    /// What it asked for.
    pub resources: Resources,
    /// The highest number in the run's mailbox before it was sent.
    #[serde(default)]
    pub letters: u64,
}

impl JobRecord {
    /// Returns the highest number in the mailbox of the run directory `run`.
    #[must_use]
    pub fn letters_in(run: &Path) -> u64 {
        let mailbox = Mailbox::of(&Layout::new(run.to_owned()));
        mailbox.last_number().unwrap_or(0)
    }

    /// Returns the record in the run directory `run`; `None` when it was never sent anywhere.
    ///
    /// # Errors
    /// `Corrupt`, or the operating system's error.
    pub fn read(run: &Path) -> Result<Option<Self>, JobsError> {
        let path = run.join("job.json");
        match std::fs::read(&path) {
            Ok(bytes) => {
                serde_json::from_slice(&bytes)
                    .map(Some)
                    .map_err(|error| JobsError::Corrupt {
                        path,
                        what: format!("is not a job record: {error}"),
                    })
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(JobsError::io(path, "read the job record")(error)),
        }
    }

    /// Replaces the record in the run directory `run` in one step.
    ///
    /// # Errors
    /// The operating system's error; the former record then stays.
    pub fn write(&self, run: &Path) -> Result<(), JobsError> {
        let path = run.join("job.json");
        let bytes = serde_json::to_vec_pretty(self).map_err(|error| JobsError::Refused {
            what: domain::Phrase::same(error.to_string()),
        })?;
        durable::replace(&path, &bytes).map_err(JobsError::io(path, "write the job record"))
    }
}
