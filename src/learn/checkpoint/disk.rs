//! The one operation on a file system that can run out of space, as a seam.

use std::{fmt::Debug, fs::File, io, io::Write, path::Path};

/// Writes whole files durably.
pub trait Disk: Debug + Send {
    /// Creates `path`, which is not there yet, with `bytes`, and returns once they survive a crash.
    ///
    /// # Errors
    /// The operating system's error; a part of the file may then be left.
    fn write(&mut self, path: &Path, bytes: &[u8]) -> io::Result<()>;
}

/// The machine's own file system.
#[derive(Clone, Copy, Debug, Default)]
pub struct LocalDisk;

impl Disk for LocalDisk {
    fn write(&mut self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut file = File::create_new(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    }
}
