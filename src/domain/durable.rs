//! Files that are either whole or absent, whatever kills the process.
//!
//! Write beside, fsync, rename, fsync the directory: the only way in which makook replaces a file.

use std::{
    fs::{self, File},
    io::{self, Write},
    os::unix::fs::MetadataExt,
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};

/// Tells apart the temporary files of one process's threads.
static TEMPORARIES: AtomicU64 = AtomicU64::new(0);

/// Replaces `path` with `bytes` in one step; a reader sees the old file or the new one.
///
/// # Errors
/// The operating system's error; `path` is then unchanged and no temporary file is left.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = temporary_beside(path)?;
    let written = write_synced(&temporary, bytes).and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    written?;
    sync_directory(path)
}

/// Publishes `bytes` as `path` only if nothing is there yet, in one step.
///
/// # Errors
/// `AlreadyExists` when `path` exists; else the operating system's error.
pub fn publish_once(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = temporary_beside(path)?;
    let linked = write_synced(&temporary, bytes).and_then(|()| link(&temporary, path));
    let _ = fs::remove_file(&temporary);
    linked?;
    sync_directory(path)
}

/// Makes the renames within `path`'s directory survive a power cut.
///
/// # Errors
/// The operating system's error.
pub fn sync_directory(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => File::open(parent)?.sync_all(),
        _ => File::open(".")?.sync_all(),
    }
}

fn link(temporary: &Path, path: &Path) -> io::Result<()> {
    fs::hard_link(temporary, path).or_else(|error| {
        // open(2): over NFS the reply to a link that was made can get lost; two names tell.
        match fs::metadata(temporary) {
            Ok(meta) if meta.nlink() == 2 => Ok(()),
            _ => Err(error),
        }
    })
}

fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn temporary_beside(path: &Path) -> io::Result<std::path::PathBuf> {
    let name = path
        .file_name()
        .ok_or_else(|| io::Error::other("path names no file"))?;
    let host = rustix::system::uname();
    let count = TEMPORARIES.fetch_add(1, Ordering::Relaxed);
    let mut temporary = name.to_os_string();
    // Two nodes of a shared file system may run the same process id.
    temporary.push(format!(
        ".{}.{}.{count}.tmp",
        host.nodename().to_string_lossy().replace('/', "-"),
        std::process::id()
    ));
    Ok(path.with_file_name(temporary))
}

/// Returns whether `error` means that no more can be written: the disk is full, or the quota is.
#[must_use]
pub fn is_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_whole_files_and_leaves_nothing_behind() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("status.json");
        replace(&path, b"one").unwrap();
        replace(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn publishes_only_once() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("done.json");
        publish_once(&path, b"first").unwrap();
        let second = publish_once(&path, b"second").unwrap_err();
        assert_eq!(second.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).unwrap(), b"first");
    }
}
