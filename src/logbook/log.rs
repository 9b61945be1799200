//! One log file that others write: how long it is now, and whether it is still the same one.
//!
//! Asks size, inode and time of change anew each time by opening the path, which is what makes
//! other nodes' writes visible on network file systems. Start at [`Log::look`].

use crate::LogError;
use std::{
    fs::{File, Metadata},
    io,
    os::unix::fs::{FileExt, MetadataExt},
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

/// Bytes before the known end that must still be there when the file has changed.
const SEAM: u64 = 64;

/// What a look found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The same bytes as before.
    Nothing,
    /// Bytes were added.
    Grew,
    /// It is another file, or was written anew: nothing known about it holds any more.
    Restarted,
    /// It is not there; what was read of it can still be.
    Missing,
}

/// The bytes of a log up to the end that was known at some time; cheap to clone.
#[derive(Clone, Debug)]
pub struct Snapshot {
    path: Arc<Path>,
    file: Option<Arc<File>>,
    length: u64,
}

impl Snapshot {
    /// Returns how many bytes it has.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Reads up to `most` bytes from `offset` into `buffer`, whose former content goes; less where
    /// the snapshot ends or the file was cut meanwhile.
    ///
    /// # Errors
    /// The operating system's error.
    pub fn read(&self, offset: u64, most: usize, buffer: &mut Vec<u8>) -> Result<(), LogError> {
        let left = self.length.saturating_sub(offset);
        let wanted = usize::try_from(left).unwrap_or(usize::MAX).min(most);
        buffer.resize(wanted, 0);
        let Some(file) = &self.file else {
            buffer.clear();
            return Ok(());
        };
        let mut filled = 0;
        while filled < wanted {
            match file.read_at(&mut buffer[filled..], offset + filled as u64) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(source) => {
                    let path = self.path.to_path_buf();
                    return Err(LogError::Read { path, source });
                }
            }
        }
        buffer.truncate(filled);
        Ok(())
    }
}

/// Device, inode and, where the file system keeps it, time of birth: inodes are used again.
type Identity = (u64, u64, Option<SystemTime>);

/// A log file that is followed.
#[derive(Debug)]
pub struct Log {
    path: PathBuf,
    snapshot: Snapshot,
    identity: Option<Identity>,
    changed_at: (i64, i64),
    seam: Vec<u8>,
}

impl Log {
    /// Follows `path`, which need not exist yet; nothing is read before the first look.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        let snapshot = Snapshot {
            path: Arc::from(path),
            file: None,
            length: 0,
        };
        Self {
            path: path.to_owned(),
            snapshot,
            identity: None,
            changed_at: (0, 0),
            seam: Vec::new(),
        }
    }

    /// Returns the file followed.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the bytes known at the last look.
    #[must_use]
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// Looks at the file anew.
    ///
    /// # Errors
    /// The operating system's error, other than that the file is missing.
    pub fn look(&mut self) -> Result<Change, LogError> {
        let opened = File::open(&self.path).and_then(|file| Ok((file.metadata()?, file)));
        let (meta, file) = match opened {
            Ok((meta, file)) => (meta, Arc::new(file)),
            Err(error) if is_missing(&error) => return Ok(Change::Missing),
            Err(source) => {
                let path = self.path.clone();
                return Err(LogError::Open { path, source });
            }
        };
        let identity = (meta.dev(), meta.ino(), meta.created().ok());
        let changed_at = (meta.mtime(), meta.mtime_nsec());
        let known = self.snapshot.length;
        let same_file = self.identity == Some(identity);
        if same_file && meta.len() == known && changed_at == self.changed_at {
            return Ok(Change::Nothing);
        }
        let begins = self.identity.is_none();
        self.snapshot.file = Some(file);
        let continues = same_file && meta.len() >= known && self.seam_holds()?;
        (self.identity, self.changed_at) = (Some(identity), changed_at);
        self.snapshot.length = length(&meta);
        self.keep_seam()?;
        Ok(match (begins || continues, self.snapshot.length > known) {
            (false, _) => Change::Restarted,
            (true, true) => Change::Grew,
            (true, false) => Change::Nothing,
        })
    }

    /// Returns whether the last known bytes are where they were.
    fn seam_holds(&self) -> Result<bool, LogError> {
        let mut found = Vec::new();
        let seam = self.seam.len();
        let from = self.snapshot.length - seam as u64;
        self.snapshot.read(from, seam, &mut found)?;
        Ok(found == self.seam)
    }

    fn keep_seam(&mut self) -> Result<(), LogError> {
        let from = self.snapshot.length.saturating_sub(SEAM);
        let mut seam = std::mem::take(&mut self.seam);
        self.snapshot.read(from, SEAM as usize, &mut seam)?;
        // A file that was cut this very moment is shorter than it said.
        self.snapshot.length = from + seam.len() as u64;
        self.seam = seam;
        Ok(())
    }
}

/// A pipe or a folder under the name of a log has nothing to read.
fn length(meta: &Metadata) -> u64 {
    if meta.is_file() { meta.len() } else { 0 }
}

fn is_missing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}
