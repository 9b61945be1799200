//! Why a log cannot be read.

use std::{io, path::PathBuf};

/// A log that cannot be read. That it is missing is no error.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// It cannot be opened.
    #[error("{path}: the log cannot be opened ({source})")]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It cannot be read.
    #[error("{path}: the log cannot be read ({source})")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}
