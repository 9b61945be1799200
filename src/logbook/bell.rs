//! Tells when something happens to a log or to its folder, where the file system does tell.
//!
//! Network file systems are silent about other nodes' writes, so this only makes polling quicker,
//! never replaces it. Start at [`Bell::wait`].

use rustix::fs::inotify::{self, CreateFlags, Reader, WatchFlags};
use std::{
    collections::BTreeMap,
    mem::MaybeUninit,
    os::fd::OwnedFd,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

/// Rings when one of the watched files or folders changes.
#[derive(Debug)]
pub struct Bell {
    watches: OwnedFd,
    watched: Mutex<BTreeMap<PathBuf, i32>>,
}

impl Bell {
    /// Watches nothing yet; `None` where the system has no such thing left.
    #[must_use]
    pub fn new() -> Option<Self> {
        let watches = inotify::init(CreateFlags::CLOEXEC).ok()?;
        Some(Self {
            watches,
            watched: Mutex::default(),
        })
    }

    /// Watches exactly `paths` from now on; those that are not there are left out.
    pub fn watch(&self, paths: &[&Path]) {
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        watched.retain(|path, number| {
            let stays = paths.contains(&path.as_path());
            if !stays {
                let _ = inotify::remove_watch(&self.watches, *number);
            }
            stays
        });
        for path in paths {
            let flags = WatchFlags::MODIFY | WatchFlags::CREATE | WatchFlags::MOVED_TO;
            // Asked for again each time: under the same name there may be another file.
            match inotify::add_watch(&self.watches, *path, flags) {
                Ok(number) => watched.insert(path.to_path_buf(), number),
                Err(_) => watched.remove(*path),
            };
        }
    }

    /// Waits until something happens; returns whether it can happen again.
    pub fn wait(&self) -> bool {
        let mut buffer = [MaybeUninit::uninit(); 4096];
        let mut reader = Reader::new(&self.watches, &mut buffer);
        reader.next().is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, sync::Arc, thread};

    #[test]
    fn a_write_rings_and_a_forgotten_file_does_not() {
        let dir = tempfile::tempdir().unwrap();
        let (one, two) = (dir.path().join("one"), dir.path().join("two"));
        fs::write(&one, "").unwrap();
        fs::write(&two, "").unwrap();
        let bell = Arc::new(Bell::new().unwrap());
        bell.watch(&[&one, &dir.path().join("missing")]);
        bell.watch(&[&two]);
        // Removing the first watch rings once by itself.
        assert!(bell.wait());
        let hears = Arc::clone(&bell);
        let waits = thread::spawn(move || hears.wait());
        fs::write(&one, "nobody hears this").unwrap();
        fs::write(&two, "this rings").unwrap();
        assert!(waits.join().unwrap());
    }
}
