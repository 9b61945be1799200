//! Why a training or a checkpoint cannot go on, by cause.

use std::{io, path::PathBuf};
use thiserror::Error;

/// Why training stopped or could not start.
#[derive(Debug, Error)]
pub enum TrainError {
    /// The spec contradicts itself or leaves its ranges.
    #[error("training spec: {}", problems.join("; "))]
    Spec {
        /// One sentence a problem.
        problems: Vec<String>,
    },
    /// A value that must be a number is none; the weights were put back to before this update.
    #[error(
        "{what} is not finite at step {step} (update {update}); the last good weights are kept: \
         lower learning_rate or max_grad_norm, or look for extreme values in the observations"
    )]
    NotFinite {
        /// Environment steps done when it was found.
        step: u64,
        /// Number of the update, from 1.
        update: u64,
        /// What was not finite.
        what: &'static str,
    },
    /// An environment differs from what the trainer was told.
    #[error("environment: {what} is {found}, expected {expected}")]
    Environment {
        /// Which property.
        what: &'static str,
        /// What the environment says.
        found: String,
        /// What it has to say.
        expected: String,
    },
    /// The environment's saved state does not fit.
    #[error("environment state: {0}")]
    EnvironmentState(#[from] sim::SimError),
    /// The chosen device is not there.
    #[error("device = \"cuda\", but {reason}; use device = \"auto\" or \"cpu\"")]
    NoGpu {
        /// What is missing.
        reason: String,
    },
    /// Weights or optimiser memory do not fit the network.
    #[error("weights: {0}")]
    Weights(#[from] kernel::KernelError),
    /// libtorch refused an operation.
    #[error("libtorch: {0}")]
    Torch(String),
    /// Validation failed.
    #[error("validation: {0}")]
    Validation(String),
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
    pub fn exit(&self) -> domain::Exit {
        match self {
            Self::NotFinite { .. } | Self::Validation(_) => domain::Exit::Negative,
            Self::Spec { .. } | Self::Environment { .. } | Self::Weights(_) => domain::Exit::Usage,
            Self::NoGpu { .. }
            | Self::Torch(_)
            | Self::EnvironmentState(_)
            | Self::Checkpoint(_) => domain::Exit::Environment,
        }
    }
}

/// Why a checkpoint could not be written or read.
#[derive(Debug, Error)]
pub enum CheckpointError {
    /// A file is missing, shorter, or other than its checksum says.
    #[error(
        "checkpoint {step}: {file} is corrupt ({reason}); {}",
        previous.map_or_else(
            || "there is no earlier checkpoint".to_owned(),
            |step| format!("the one before, {step}, is whole: resume from it"),
        )
    )]
    Corrupt {
        /// The checkpoint's step.
        step: u64,
        /// File within the checkpoint.
        file: String,
        /// What is wrong with it.
        reason: String,
        /// The newest earlier checkpoint that is whole.
        previous: Option<u64>,
    },
    /// A newer makook wrote it.
    #[error(
        "checkpoint {step}: format {found} is newer than {known}, the newest this build reads; \
         use the makook that wrote it or a newer one"
    )]
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
        reason: String,
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
    #[error("{}: {source}{}", path.display(), remedy(source))]
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
}

fn remedy(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "; free space or move the runs elsewhere (MAKOOK_HOME), the previous checkpoint is kept"
        }
        io::ErrorKind::PermissionDenied => "; check who owns the run directory",
        _ => "",
    }
}
