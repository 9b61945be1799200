//! Starts a worker that outlives the console, the terminal and the SSH line.
//!
//! The only thing passed is the run directory: everything else the worker reads there. The worker
//! makes a session of its own; its standard streams go to a file in the run directory, so that
//! even a loader error is found there.

use super::{failure::Failure, surroundings::Surroundings};
use std::{
    fs::{self, OpenOptions},
    path::Path,
    process::{Child, Command, Stdio},
};

/// Starts the worker on the run directory `run`.
///
/// # Errors
/// No worker beside this program, or the operating system's refusal to start it.
pub fn start(around: &Surroundings, run: &Path) -> Result<Child, Failure> {
    let worker = program(around)?;
    let log = run.join("log");
    fs::create_dir_all(&log)?;
    let streams = OpenOptions::new()
        .create(true)
        .append(true)
        .open(log.join("worker.out"))?;
    Command::new(worker)
        .arg("run")
        .arg(run)
        .current_dir(&around.project)
        .stdin(Stdio::null())
        .stdout(streams.try_clone()?)
        .stderr(streams)
        .spawn()
        .map_err(|error| {
            Failure::environment(
                format!("{}: cannot start the worker: {error}", worker.display()),
                "see `makook doctor`",
                "`makook doctor`로 확인하세요",
            )
        })
}

/// Runs a verb of the worker in the foreground with this program's own streams.
///
/// # Errors
/// No worker beside this program, or the operating system's refusal to start it.
pub fn foreground(around: &Surroundings, arguments: &[String]) -> Result<u8, Failure> {
    let worker = program(around)?;
    let ended = Command::new(worker)
        .args(arguments)
        .current_dir(&around.project)
        .status()?;
    Ok(ended
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .unwrap_or(3))
}

fn program(around: &Surroundings) -> Result<&Path, Failure> {
    around.worker.as_deref().ok_or_else(|| {
        Failure::environment(
            "makook-worker is not beside makook",
            "build it with `make build`, or name it in MAKOOK_WORKER",
            "`make build`로 빌드하거나 MAKOOK_WORKER에 경로를 지정하세요",
        )
    })
}
