//! Where the points of long curves lie: a temporary file without a name.
//!
//! Read and written by position and never mapped, so that it is no part of the program's memory; it
//! is gone with the program, however that ends. Owns which part of the file is whose and knows
//! nothing of points. Whoever cannot write keeps what he has; where reading fails, bytes that no
//! number has come back. Start at [`Scratch`].

use rustix::process::{Resource, getrlimit};
use std::{
    fmt,
    fs::File,
    io,
    os::unix::fs::FileExt,
    path::PathBuf,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

/// Bytes that one write may have.
pub const SLOT: usize = 28_672;
/// Slots of an extent. What is never written of them takes no room on a disk.
const SLOTS: u64 = 16;
/// What is read where reading fails: every number of such bytes is NaN.
const NOTHING: u8 = 0xff;

/// The file, shared by all curves whose points lie in it; made when the first is written.
pub struct Scratch {
    folder: PathBuf,
    file: OnceLock<Option<File>>,
    rooms: Mutex<Rooms>,
    /// Nothing beyond it can be written.
    limit: u64,
    complained: AtomicBool,
}

#[derive(Debug, Default)]
struct Rooms {
    end: u64,
    /// Extents that nobody has any more.
    free: Vec<u64>,
}

/// Consecutive slots of one curve and its copies; given back with the last of them.
#[derive(Debug)]
pub struct Extent {
    scratch: Arc<Scratch>,
    at: u64,
    taken: AtomicU64,
}

impl Default for Scratch {
    /// Lies where the system keeps temporary files (`TMPDIR`, else `/tmp`).
    fn default() -> Self {
        Self::within(std::env::temp_dir())
    }
}

impl fmt::Debug for Scratch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scratch")
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}

impl Scratch {
    /// Lies in `folder`.
    #[must_use]
    pub fn within(folder: PathBuf) -> Self {
        Self {
            folder,
            file: OnceLock::new(),
            rooms: Mutex::default(),
            // A write beyond it would end the program.
            limit: getrlimit(Resource::Fsize).current.unwrap_or(u64::MAX),
            complained: AtomicBool::new(false),
        }
    }

    /// Lies in `file`.
    #[cfg(test)]
    pub fn over(file: File) -> Self {
        Self {
            file: OnceLock::from(Some(file)),
            ..Self::within(PathBuf::new())
        }
    }

    /// Returns how far the file reaches that all curves together were given, in bytes; holes
    /// included.
    #[must_use]
    pub fn reach(&self) -> u64 {
        self.rooms().end
    }

    /// Reads `bytes` at `at`.
    pub fn read(&self, bytes: &mut [u8], at: u64) {
        let file = self.file.get().and_then(Option::as_ref);
        let file = file.ok_or_else(|| io::ErrorKind::NotFound.into());
        if let Err(error) = file.and_then(|file| file.read_exact_at(bytes, at)) {
            bytes.fill(NOTHING);
            self.complain("read; curves have gaps", &error);
        }
    }

    /// Writes `bytes` at `at`; returns whether that went well.
    fn write(&self, bytes: &[u8], at: u64) -> bool {
        let Some(file) = self.file.get_or_init(|| self.make()) else {
            return false;
        };
        let written = match at + bytes.len() as u64 <= self.limit {
            true => file.write_all_at(bytes, at),
            false => Err(io::ErrorKind::FileTooLarge.into()),
        };
        written
            .inspect_err(|error| self.complain("written; curves stay in memory", error))
            .is_ok()
    }

    fn make(&self) -> Option<File> {
        tempfile::tempfile_in(&self.folder)
            .inspect_err(|error| self.complain("made; curves stay in memory", error))
            .ok()
    }

    /// Says once that something is wrong: a full disk is full for every curve.
    fn complain(&self, what: &str, error: &io::Error) {
        if !self.complained.swap(true, Ordering::Relaxed) {
            let folder = self.folder.display();
            tracing::warn!("the temporary file in {folder} cannot be {what}: {error}");
        }
    }

    fn rooms(&self) -> std::sync::MutexGuard<'_, Rooms> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Extent {
    /// Takes room in `scratch`.
    #[must_use]
    pub fn new(scratch: &Arc<Scratch>) -> Self {
        let mut rooms = scratch.rooms();
        let at = rooms.free.pop().unwrap_or_else(|| {
            let at = rooms.end;
            rooms.end += SLOTS * SLOT as u64;
            at
        });
        Self {
            scratch: Arc::clone(scratch),
            at,
            taken: AtomicU64::new(0),
        }
    }

    /// Returns whether every slot is taken.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.taken.load(Ordering::Relaxed) >= SLOTS
    }

    /// Returns whether `at` lies in it.
    #[must_use]
    pub fn holds(&self, at: u64) -> bool {
        (self.at..self.at + SLOTS * SLOT as u64).contains(&at)
    }

    /// Writes at most [`SLOT`] bytes into the next slot; returns where they lie. `None` where that
    /// was the last one's turn, or nothing can be written.
    pub fn write(&self, bytes: &[u8]) -> Option<u64> {
        let slot = self.taken.fetch_add(1, Ordering::Relaxed);
        let at = self.at + slot * SLOT as u64;
        (slot < SLOTS && self.scratch.write(bytes, at)).then_some(at)
    }
}

impl Drop for Extent {
    fn drop(&mut self) {
        self.scratch.rooms().free.push(self.at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_what_nobody_has_is_used_again() {
        let scratch = Arc::new(Scratch::default());
        let extent = Extent::new(&scratch);
        let places: Vec<u64> = (0..SLOTS as u8)
            .map(|n| extent.write(&[n; 100]).unwrap())
            .collect();
        assert!(extent.is_full() && extent.write(&[0]).is_none());
        for (n, at) in places.iter().enumerate() {
            let mut bytes = [77; 100];
            scratch.read(&mut bytes, *at);
            assert_eq!(bytes, [n as u8; 100]);
            assert!(extent.holds(*at));
        }
        let reach = scratch.reach();
        drop(extent);
        let again = Extent::new(&scratch);
        assert!(again.write(&[1]).is_some() && again.holds(places[0]));
        assert_eq!(scratch.reach(), reach);
        assert!(!Extent::new(&scratch).holds(places[0]));
    }

    #[test]
    fn a_disk_that_is_full_and_a_folder_that_is_none_take_nothing() {
        let full = File::options()
            .read(true)
            .write(true)
            .open("/dev/full")
            .unwrap();
        let missing = PathBuf::from("/dev/null/none");
        for scratch in [Scratch::over(full), Scratch::within(missing)] {
            let scratch = Arc::new(scratch);
            assert_eq!(Extent::new(&scratch).write(&[1; 10]), None);
            assert!(scratch.complained.load(Ordering::Relaxed));
        }
    }

    #[test]
    fn a_limit_on_the_size_of_files_is_kept() {
        let scratch = Arc::new(Scratch {
            limit: SLOT as u64 + 9,
            ..Scratch::default()
        });
        let extent = Extent::new(&scratch);
        assert!(extent.write(&[1; 10]).is_some());
        assert_eq!(extent.write(&[1; 10]), None);
    }

    #[test]
    fn where_reading_fails_there_is_no_number() {
        let scratch = Scratch::over(tempfile::tempfile().unwrap());
        let mut bytes = [0; 8];
        scratch.read(&mut bytes, 0);
        assert!(f64::from_le_bytes(bytes).is_nan());
    }
}
