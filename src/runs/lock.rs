//! The advisory lock on a run (`lock`), where the file system has one.
//!
//! Never the only guard: some network file systems refuse locks and some keep them to one node.
//! [`crate::segment`] therefore also claims each segment by link and looks at the last owner.

use crate::RunsError;
use domain::lock::LockedFile;
use rustix::{
    fs::{FlockOperation, flock},
    io::Errno,
};
use std::{
    fs::{File, OpenOptions},
    path::Path,
};

/// What came of trying to lock.
#[derive(Debug)]
pub(crate) enum Lock {
    /// Ours until dropped.
    Held {
        /// Keeps the lock.
        _file: LockedFile,
    },
    /// Somebody else's.
    Taken,
    /// The file system knows no locks.
    Unsupported,
}

/// The system call, as an argument, so that a test can stand for a file system without it.
pub(crate) type Flock = fn(&File) -> Result<(), Errno>;

/// Locks exclusively, without waiting.
pub(crate) fn system_flock(file: &File) -> Result<(), Errno> {
    flock(file, FlockOperation::NonBlockingLockExclusive)
}

/// Tries to take the lock at `path`.
pub(crate) fn acquire(path: &Path, flock: Flock) -> Result<Lock, RunsError> {
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .map_err(RunsError::io(path, "open the lock"))?;
    loop {
        return match flock(&file) {
            Ok(()) => Ok(Lock::Held {
                _file: LockedFile::new(file),
            }),
            Err(Errno::INTR) => continue,
            Err(Errno::WOULDBLOCK) => Ok(Lock::Taken),
            Err(Errno::NOSYS | Errno::OPNOTSUPP | Errno::NOLCK | Errno::INVAL) => {
                Ok(Lock::Unsupported)
            }
            Err(error) => Err(RunsError::io(path, "lock the run")(error.into())),
        };
    }
}
