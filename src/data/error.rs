//! Why something about data failed, by cause.

use crate::spec::RepairError;
use domain::{Exit, Problems};
use std::{io, path::PathBuf};

/// What can go wrong with data.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// The source has faults that no policy covers; nothing was stored.
    #[error("{0}")]
    Rejected(Problems),
    /// The operating system refused.
    #[error("{doing} {}: {source}{}", path.display(), remedy(source))]
    Io {
        /// What was being done, e.g. `cannot read`.
        doing: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// The system's words.
        source: io::Error,
    },
    /// A name that cannot be a file name everywhere.
    #[error(
        "`{0}` cannot name a data set; use letters, digits, `.`, `_` and `-`, starting with a letter or digit"
    )]
    BadName(String),
    /// The name is taken.
    #[error("data set `{0}` exists already; choose another name, or ask for it to be replaced")]
    Exists(String),
    /// Nothing has this name.
    #[error("there is no data set `{name}`; {}", known_names(known))]
    NotFound {
        /// The name asked for.
        name: String,
        /// The names there are.
        known: Vec<String>,
    },
    /// The bars are not those that the manifest describes.
    #[error("the data file {} changed since its manifest was written ({found} is not {expected}); import the source again, or restore the file", path.display())]
    Changed {
        /// The Parquet file.
        path: PathBuf,
        /// Hash in the manifest, shortened.
        expected: String,
        /// Hash of the file, shortened.
        found: String,
    },
    /// Written by a newer makook.
    #[error("{} has format {found}, this makook reads up to {known}; update makook", path.display())]
    NewerFormat {
        /// The manifest or matrix.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The newest known one.
        known: u32,
    },
    /// The manifest is not what makook writes.
    #[error("the manifest {} is damaged ({reason}); import the source again", path.display())]
    BadManifest {
        /// The manifest.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A Parquet file cannot be read or written.
    #[error("{doing} {}: {reason}", path.display())]
    Parquet {
        /// What was being done.
        doing: &'static str,
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
    Split(String),
    /// The caller asked to stop; nothing was stored.
    #[error("stopped as asked; nothing was stored")]
    Cancelled,
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

    /// Wraps a system error with what was being done to which path.
    pub(crate) fn io(
        doing: &'static str,
        path: &std::path::Path,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io {
            doing,
            path,
            source,
        }
    }
}

fn remedy(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::NotFound => "; check the path",
        io::ErrorKind::PermissionDenied => "; check the permissions of the file and its directory",
        io::ErrorKind::StorageFull => "; free some space, nothing was left half written",
        _ => "",
    }
}

fn known_names(known: &[String]) -> String {
    if known.is_empty() {
        "the store is empty, import something first".to_owned()
    } else {
        format!("there are {}", known.join(", "))
    }
}
