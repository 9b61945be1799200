//! The log of one start of the worker: `log/<segment>.log`, which the console tails.

use std::path::Path;
use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::EnvFilter;

/// Logs to `path` until the guard is dropped. `MAKOOK_LOG` chooses the level (default `info`).
pub fn start(path: &Path) -> WorkerGuard {
    let directory = path.parent().unwrap_or(Path::new("."));
    let name = path.file_name().unwrap_or_default();
    let file = tracing_appender::rolling::never(directory, name);
    let (writer, guard) = tracing_appender::non_blocking(file);
    let filter = EnvFilter::try_from_env("MAKOOK_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    // A second start in one process (tests) keeps the first log.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_writer(writer)
        .try_init();
    guard
}
