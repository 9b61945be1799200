//! Removed runs: they wait in `.trash/` for a week before they are gone.

use crate::{
    Home, Layout, RunId, RunsError, State,
    lock::{self, Lock},
    observe::{STALENESS, beats_elsewhere, observe},
};
use domain::{Clock, Nanos, durable};
use serde::{Deserialize, Serialize};
use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

/// How long a removed run can be brought back.
pub const KEEP: Duration = Duration::from_secs(7 * 24 * 3600);

/// How old a directory that was never published must be before it is swept up.
const ABANDONED: Duration = Duration::from_secs(24 * 3600);

/// The note inside a removed run, `trashed.json`.
#[derive(Serialize, Deserialize)]
struct Trashed {
    at: Nanos,
}

/// Moves the run at `dir`, half-written or not, into the trash and returns where it is now.
///
/// # Errors
/// `StillActive` while a worker is on it, `Invalid` when it is not one of `home`'s, or the
/// operating system's error.
pub fn remove(home: &Home, dir: &Path, clock: &dyn Clock) -> Result<PathBuf, RunsError> {
    let id = id_within(home, dir)?;
    let seen = observe(dir, clock, STALENESS);
    let still_active = |state| RunsError::StillActive {
        run: id.to_string(),
        state,
    };
    let beats = beats_elsewhere(&seen, &Layout::new(dir)).is_some();
    if seen.state.is_active() || beats {
        return Err(still_active(
            if beats { State::Running } else { seen.state }.label(),
        ));
    }
    // Held until the move is over, so that no worker starts in between.
    let lock = lock::acquire(&Layout::new(dir).lock(), lock::system_flock)?;
    if matches!(lock, Lock::Taken) {
        return Err(still_active(domain::Text::new(
            "held by a worker",
            "작업자가 쓰는 중",
        )));
    }
    fs::create_dir_all(home.trash()).map_err(RunsError::io(home.trash(), "create the trash"))?;
    let note =
        serde_json::to_vec(&Trashed { at: clock.now() }).map_err(|error| RunsError::bug(&error))?;
    let note_path = dir.join("trashed.json");
    durable::replace(&note_path, &note).map_err(RunsError::io(note_path, "note the removal"))?;
    let target = home.trash().join(id.as_str());
    fs::rename(dir, &target).map_err(RunsError::io(dir, "move the run to the trash"))?;
    Ok(target)
}

/// Brings a removed run back.
///
/// # Errors
/// `NotFound` when the trash has no such run, or the operating system's error.
pub fn restore(home: &Home, id: &RunId) -> Result<PathBuf, RunsError> {
    let trashed = home.trash().join(id.as_str());
    if !trashed.is_dir() {
        return Err(RunsError::NotFound {
            asked: id.to_string(),
            near: Vec::new(),
        });
    }
    let target = home.run(id);
    fs::rename(&trashed, &target).map_err(RunsError::io(&trashed, "restore the run"))?;
    let note = target.join("trashed.json");
    fs::remove_file(&note).map_err(RunsError::io(note, "restore the run"))?;
    Ok(target)
}

/// Deletes for good what has been in the trash for longer than `keep`, and directories whose
/// creation was cut off a day ago. Returns what it deleted.
///
/// # Errors
/// The operating system's error; what was deleted until then stays deleted.
pub fn gc(home: &Home, clock: &dyn Clock, keep: Duration) -> Result<Vec<PathBuf>, RunsError> {
    let now = clock.now();
    let mut gone = Vec::new();
    for dir in directories_in(&home.trash())? {
        let at = fs::read(dir.join("trashed.json"))
            .ok()
            .and_then(|bytes| serde_json::from_slice::<Trashed>(&bytes).ok())
            .map_or_else(|| modified(&dir), |trashed| trashed.at);
        if older_than(at, now, keep) {
            delete(dir, &mut gone)?;
        }
    }
    for dir in directories_in(home.root())? {
        let name = dir.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with(".new-") && older_than(modified(&dir), now, ABANDONED) {
            delete(dir, &mut gone)?;
        }
    }
    Ok(gone)
}

fn id_within(home: &Home, dir: &Path) -> Result<RunId, RunsError> {
    let outside = || {
        let (dir, home) = (dir.display(), home.root().display());
        RunsError::Invalid {
            what: domain::phrase!(
                "{dir} is not a run of {home}; delete it by hand",
                "{dir}은(는) {home}의 실행이 아닙니다. 직접 지우세요"
            ),
            hint: domain::Text::new("", ""),
        }
    };
    let same = |a: &Path, b: &Path| match (a.canonicalize(), b.canonicalize()) {
        (Ok(a), Ok(b)) => a == b,
        _ => false,
    };
    if !dir.parent().is_some_and(|parent| same(parent, home.root())) {
        return Err(outside());
    }
    let name = dir.file_name().unwrap_or_default().to_string_lossy();
    name.parse().map_err(|_| outside())
}

fn directories_in(root: &Path) -> Result<Vec<PathBuf>, RunsError> {
    let entries = match fs::read_dir(root) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(RunsError::io(root, "list the directory")(error)),
    };
    let mut directories: Vec<PathBuf> = entries
        .flatten()
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .map(|entry| entry.path())
        .collect();
    directories.sort_unstable();
    Ok(directories)
}

fn modified(path: &Path) -> Nanos {
    let since = fs::metadata(path)
        .and_then(|meta| meta.modified())
        .ok()
        .and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
    // A directory whose age is unknown counts as new.
    since.map_or(Nanos(i64::MAX), |since| {
        Nanos(i64::try_from(since.as_nanos()).unwrap_or(i64::MAX))
    })
}

fn older_than(at: Nanos, now: Nanos, limit: Duration) -> bool {
    let limit = i64::try_from(limit.as_nanos()).unwrap_or(i64::MAX);
    now.0.saturating_sub(at.0) > limit
}

fn delete(dir: PathBuf, gone: &mut Vec<PathBuf>) -> Result<(), RunsError> {
    fs::remove_dir_all(&dir).map_err(RunsError::io(&dir, "delete"))?;
    gone.push(dir);
    Ok(())
}
