//! Writing checkpoints: temporary directory, fsync, rename; then `LATEST`; then the old ones go.
//!
//! Whatever fails on the way (disk full, a kill), every checkpoint that was whole stays whole.

use super::{
    archive::{BEST, Best, CheckpointArchive, FORMAT, FileSum, LATEST, MANIFEST, Manifest},
    disk::{Disk, LocalDisk},
};
use crate::error::CheckpointError;
use domain::durable;
use std::{
    collections::BTreeMap,
    fs, io,
    num::NonZeroUsize,
    path::{Path, PathBuf},
};

/// Writes checkpoints below one directory and keeps the last few and the best. One writer only.
#[derive(Debug)]
pub struct CheckpointStore {
    archive: CheckpointArchive,
    keep_last: NonZeroUsize,
    disk: Box<dyn Disk>,
}

impl CheckpointStore {
    /// Opens `directory` for writing, creating it, and clears what an interrupted writer left.
    ///
    /// # Errors
    /// [`CheckpointError::Io`].
    pub fn open(directory: &Path, keep_last: NonZeroUsize) -> Result<Self, CheckpointError> {
        Self::open_on(directory, keep_last, Box::new(LocalDisk))
    }

    /// As [`open`](Self::open), writing the checkpoints' files through `disk`.
    ///
    /// # Errors
    /// [`CheckpointError::Io`].
    pub fn open_on(
        directory: &Path,
        keep_last: NonZeroUsize,
        disk: Box<dyn Disk>,
    ) -> Result<Self, CheckpointError> {
        fs::create_dir_all(directory).map_err(CheckpointError::io(directory))?;
        let store = Self {
            archive: CheckpointArchive::new(directory),
            keep_last,
            disk,
        };
        store.clear_leftovers()?;
        Ok(store)
    }

    /// Returns the reading side.
    #[must_use]
    pub fn archive(&self) -> &CheckpointArchive {
        &self.archive
    }

    /// Writes the checkpoint of `step`, replacing one of the same step, and makes it the latest.
    ///
    /// # Errors
    /// [`CheckpointError::Io`]; every earlier checkpoint is then still there and `LATEST` still
    /// names a whole one.
    pub fn save(
        &mut self,
        step: u64,
        files: &BTreeMap<String, Vec<u8>>,
        score: Option<f64>,
    ) -> Result<PathBuf, CheckpointError> {
        let temporary = self.hidden(step, "tmp");
        remove_if_there(&temporary)?;
        let written = self.write_directory(&temporary, step, files, score);
        if written.is_err() {
            let _ = fs::remove_dir_all(&temporary);
        }
        written?;
        let path = self.archive.path(step);
        self.swap_in(step, &temporary, &path)?;
        self.point(LATEST, format!("{step}\n").as_bytes())?;
        self.prune()?;
        Ok(path)
    }

    /// Marks the checkpoint of `step`, which exists, as the best; it is kept until another is.
    ///
    /// # Errors
    /// [`CheckpointError::Missing`] or [`CheckpointError::Io`].
    pub fn mark_best(&mut self, best: Best) -> Result<(), CheckpointError> {
        if !self.archive.path(best.step).is_dir() {
            return Err(CheckpointError::Missing {
                step: best.step,
                directory: self.archive.directory().to_owned(),
            });
        }
        let text = serde_json::to_vec(&best).expect("two numbers have a JSON form");
        self.point(BEST, &text)?;
        self.prune()
    }

    fn write_directory(
        &mut self,
        temporary: &Path,
        step: u64,
        files: &BTreeMap<String, Vec<u8>>,
        score: Option<f64>,
    ) -> Result<(), CheckpointError> {
        fs::create_dir(temporary).map_err(CheckpointError::io(temporary))?;
        for (name, bytes) in files {
            let path = temporary.join(name);
            self.disk
                .write(&path, bytes)
                .map_err(CheckpointError::io(&path))?;
        }
        let manifest = Manifest {
            format: FORMAT,
            step,
            score,
            files: files
                .iter()
                .map(|(name, bytes)| (name.clone(), FileSum::of(bytes)))
                .collect(),
        };
        let text = serde_json::to_vec_pretty(&manifest).expect("a manifest has a JSON form");
        let path = temporary.join(MANIFEST);
        self.disk
            .write(&path, &text)
            .and_then(|()| durable::sync_directory(&path))
            .map_err(CheckpointError::io(&path))
    }

    /// Renames `temporary` to `path`; one that is already there steps aside first.
    fn swap_in(&self, step: u64, temporary: &Path, path: &Path) -> Result<(), CheckpointError> {
        let aside = self.hidden(step, "old");
        remove_if_there(&aside)?;
        if path.is_dir() {
            fs::rename(path, &aside).map_err(CheckpointError::io(path))?;
        }
        if let Err(error) = fs::rename(temporary, path) {
            let _ = fs::rename(&aside, path);
            let _ = fs::remove_dir_all(temporary);
            return Err(CheckpointError::io(path)(error));
        }
        durable::sync_directory(path).map_err(CheckpointError::io(path))?;
        remove_if_there(&aside)
    }

    fn point(&self, name: &str, content: &[u8]) -> Result<(), CheckpointError> {
        let path = self.archive.directory().join(name);
        durable::replace(&path, content).map_err(CheckpointError::io(&path))
    }

    /// Removes all but the last few, the best and the one that `LATEST` names.
    fn prune(&self) -> Result<(), CheckpointError> {
        let steps = self.archive.steps()?;
        let latest = self.archive.latest()?;
        let best = self.archive.best().map(|best| best.step);
        let old = steps.len().saturating_sub(self.keep_last.get());
        for step in &steps[..old] {
            if Some(*step) == latest || Some(*step) == best {
                continue;
            }
            // Renamed first: a half-removed directory must not look like a checkpoint.
            let (path, gone) = (self.archive.path(*step), self.hidden(*step, "gone"));
            remove_if_there(&gone)?;
            fs::rename(&path, &gone).map_err(CheckpointError::io(&path))?;
            remove_if_there(&gone)?;
        }
        Ok(())
    }

    fn clear_leftovers(&self) -> Result<(), CheckpointError> {
        let directory = self.archive.directory();
        let entries = fs::read_dir(directory).map_err(CheckpointError::io(directory))?;
        for entry in entries.filter_map(Result::ok) {
            let name = entry.file_name().to_string_lossy().into_owned();
            let Some((step, kind)) = name
                .strip_prefix('.')
                .and_then(|rest| rest.split_once('.'))
                .and_then(|(step, kind)| Some((step.parse().ok()?, kind)))
            else {
                continue;
            };
            let path = self.archive.path(step);
            match kind {
                "old" if !path.is_dir() => {
                    fs::rename(entry.path(), &path).map_err(CheckpointError::io(&path))?;
                }
                "old" | "tmp" | "gone" => remove_if_there(&entry.path())?,
                _ => {}
            }
        }
        Ok(())
    }

    fn hidden(&self, step: u64, kind: &str) -> PathBuf {
        self.archive.directory().join(format!(".{step}.{kind}"))
    }
}

fn remove_if_there(path: &Path) -> Result<(), CheckpointError> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(CheckpointError::io(path)(error))
        }
        _ => Ok(()),
    }
}
