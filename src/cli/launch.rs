//! Runs verbs of the worker in the foreground: what reads market data or needs libtorch.

use super::{failure::Failure, surroundings::Surroundings};
use domain::phrase;
use std::{path::Path, process::Command};

/// Runs a verb of the worker in the foreground with this program's own streams.
///
/// # Errors
/// No worker beside this program, or the operating system's refusal to start it.
pub fn foreground(around: &Surroundings, arguments: &[String]) -> Result<u8, Failure> {
    let ended = worker(around)?
        .args(arguments)
        .current_dir(&around.project)
        .status()?;
    Ok(ended
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .unwrap_or(3))
}

/// Returns a call of the worker without arguments.
///
/// # Errors
/// No worker beside this program.
pub fn worker(around: &Surroundings) -> Result<Command, Failure> {
    program(around).map(Command::new)
}

fn program(around: &Surroundings) -> Result<&Path, Failure> {
    around.worker.as_deref().ok_or_else(|| {
        Failure::environment(
            phrase!(
                "makook-worker is not beside makook",
                "makook 옆에 makook-worker가 없습니다"
            ),
            phrase!(
                "build it with `make build`, or name it in MAKOOK_WORKER",
                "`make build`로 빌드하거나 MAKOOK_WORKER에 경로를 지정하세요"
            ),
        )
    })
}
