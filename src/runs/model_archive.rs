//! A model as one file: what the folder of an export holds, as a `.tar.gz`.
//!
//! Its bytes depend on the model alone: members by name, no time, no owner, so that two exports can
//! be told equal by a checksum. It is published by one link when it is whole: whatever kills the
//! process, nothing half done has the final name, and nothing that is there is written over. Start
//! at [`archive`].

use crate::{
    Model, RunsError,
    model_export::{DOING, Exported, folder_name, free_names, gather, sweep, too_many},
};
use domain::{Clock, durable};
use flate2::{Compression, GzBuilder};
use std::{
    fs, io,
    path::{Path, PathBuf},
};
use tar::{Builder, EntryType, Header};

/// Publishes one file; an argument, so that a test can refuse.
pub(crate) type Publish<'a> = &'a mut dyn FnMut(&Path, &[u8]) -> io::Result<()>;

/// Returns whether `path` names an archive: it ends in `.tar.gz` or `.tgz`.
#[must_use]
pub fn is_archive(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = name.to_ascii_lowercase();
    name.ends_with(".tar.gz") || name.ends_with(".tgz")
}

/// Writes `model` into the new archive `file`.
///
/// # Errors
/// `Corrupt` for a checkpoint that is half written or differs from its checksums, or the operating
/// system's error, also where `file` exists; nothing is written then.
pub fn archive(model: &Model, file: &Path) -> Result<Exported, RunsError> {
    archive_with(model, file, &mut durable::publish_once)
}

pub(crate) fn archive_with(
    model: &Model,
    file: &Path,
    publish: Publish<'_>,
) -> Result<Exported, RunsError> {
    if file.exists() {
        let taken = io::ErrorKind::AlreadyExists;
        return Err(RunsError::io(file, DOING)(taken.into()));
    }
    let bytes = pack(model)?;
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).map_err(RunsError::io(folder, DOING))?;
    }
    publish(file, &bytes).map_err(RunsError::io(file, DOING))?;
    Ok(exported(file.to_owned()))
}

/// Writes `model` into a new archive below `into`, named after it.
///
/// # Errors
/// As [`archive`].
pub fn archive_into(model: &Model, into: &Path, clock: &dyn Clock) -> Result<Exported, RunsError> {
    let bytes = pack(model)?;
    fs::create_dir_all(into).map_err(RunsError::io(into, DOING))?;
    sweep(into, clock);
    for file in free_names(into, &folder_name(model), ".tar.gz") {
        match durable::publish_once(&file, &bytes) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            done => {
                return done
                    .map(|()| exported(file.clone()))
                    .map_err(RunsError::io(file, DOING));
            }
        }
    }
    Err(too_many(into))
}

fn exported(file: PathBuf) -> Exported {
    Exported {
        files: vec![file.clone()],
        place: file,
    }
}

/// Returns the archive: every file of the export below the folder that an export would make.
fn pack(model: &Model) -> Result<Vec<u8>, RunsError> {
    let mut contents = gather(model)?;
    contents.sort();
    let folder = folder_name(model);
    let packed = || -> io::Result<Vec<u8>> {
        let gzip = GzBuilder::new().write(Vec::new(), Compression::default());
        let mut tar = Builder::new(gzip);
        for (name, bytes) in &contents {
            let mut header = Header::new_ustar();
            header.set_entry_type(EntryType::Regular);
            header.set_mode(0o644);
            header.set_uid(0);
            header.set_gid(0);
            header.set_mtime(0);
            header.set_size(bytes.len() as u64);
            tar.append_data(&mut header, format!("{folder}/{name}"), bytes.as_slice())?;
        }
        tar.into_inner()?.finish()
    };
    packed().map_err(RunsError::io(&*model.path, DOING))
}
