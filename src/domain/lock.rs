//! A locked file that is let go of the moment it is dropped.
//!
//! Closing the file is not enough: a child that was just started has it open too until it is another
//! program, and would keep the lock for that long.

use std::fs::File;

/// A file that this process has locked.
#[derive(Debug)]
pub struct LockedFile(File);

impl LockedFile {
    /// Takes over `file`, which has been locked.
    #[must_use]
    pub fn new(file: File) -> Self {
        Self(file)
    }
}

impl Drop for LockedFile {
    fn drop(&mut self) {
        let _ = self.0.unlock();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_drops_it_lets_go_also_where_another_has_the_file_open() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lock");
        let file = File::create(&path).unwrap();
        // What a child inherits.
        let inherited = file.try_clone().unwrap();
        file.try_lock().unwrap();
        let other = File::open(&path).unwrap();
        let held = LockedFile::new(file);
        assert!(other.try_lock().is_err());
        drop(held);
        other.try_lock().unwrap();
        drop(inherited);
    }
}
