//! The console's own log: what was done, refused or went wrong, in `makook.<day>.log` beside the
//! runs.
//!
//! One file a day, a week of them; lines are handed to a thread, so that a slow disk holds nobody
//! up. A folder that cannot be written has none. Start at [`start`].

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};
use tracing_appender::{
    non_blocking::WorkerGuard,
    rolling::{RollingFileAppender, Rotation},
};
use tracing_subscriber::EnvFilter;

/// Files kept.
const KEPT: usize = 7;
const PREFIX: &str = "makook";
const SUFFIX: &str = "log";

/// Returns the folder of the own log for the home at `root`.
#[must_use]
pub fn folder(root: &Path) -> PathBuf {
    root.parent().unwrap_or(root).join("console")
}

/// Logs below `folder` until the guard is dropped. `MAKOOK_LOG` of `env` chooses the level (default
/// `info`).
#[must_use]
pub fn start(folder: &Path, env: &BTreeMap<String, String>) -> Option<WorkerGuard> {
    let file = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix(PREFIX)
        .filename_suffix(SUFFIX)
        .max_log_files(KEPT)
        .build(folder)
        .ok()?;
    let (writer, guard) = tracing_appender::non_blocking(file);
    let asked = env.get("MAKOOK_LOG").map_or("info", String::as_str);
    let filter = EnvFilter::try_new(asked).unwrap_or_else(|_| EnvFilter::new("info"));
    // A second console in one process keeps the first log.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_writer(writer)
        .try_init();
    Some(guard)
}

/// Returns the newest own log of `folder`.
#[must_use]
pub fn newest(folder: &Path) -> Option<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let own = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str());
        let prefix = name.and_then(|name| name.strip_prefix(PREFIX));
        prefix.is_some_and(|rest| rest.starts_with('.') && rest.ends_with(SUFFIX))
    };
    entries.map(|entry| entry.path()).filter(own).max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_is_that_of_the_latest_day() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(newest(dir.path()), None);
        assert_eq!(newest(&dir.path().join("missing")), None);
        for name in [
            "makook.2026-11-25.log",
            "makook.2026-11-26.log",
            "me@console.json",
            "makooks.2027-01-01.log",
        ] {
            fs::write(dir.path().join(name), "").unwrap();
        }
        let found = newest(dir.path()).unwrap();
        assert_eq!(found.file_name().unwrap(), "makook.2026-11-26.log");
    }

    #[test]
    fn it_lies_beside_the_runs() {
        assert_eq!(
            folder(Path::new("/x/logs/runs")),
            Path::new("/x/logs/console")
        );
    }
}
