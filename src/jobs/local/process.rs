//! A job's worker as a process: starting, finding, telling it to end.

use super::job::{Job, Start};
use domain::Nanos;
use runs::{Owner, owner::Life};
use rustix::process::{Pid, Signal, getpgid, kill_process, kill_process_group};
use std::{
    fs::{self, OpenOptions},
    io,
    path::Path,
    process::{Child, Command, Stdio},
};

/// The worker's variables that say which job it is; they also find it again.
const JOB: &str = "MAKOOK_JOB";
const POOL: &str = "MAKOOK_POOL";
const RESTART: &str = "MAKOOK_RESTART";

/// Starts the worker of `job`. It gets the GPUs `gpus` and no others where the pool has a set of
/// them. The worker leaves for a session of its own by itself.
pub(crate) fn start(
    job: &Job,
    pool: &Path,
    gpus: &[String],
    pool_has_gpus: bool,
) -> io::Result<Child> {
    let log = job.run.dir.join("log");
    fs::create_dir_all(&log)?;
    let streams = OpenOptions::new()
        .create(true)
        .append(true)
        .open(log.join("worker.out"))?;
    let mut command = Command::new(&job.worker);
    command
        .arg("run")
        .arg(&job.run.dir)
        .current_dir(&job.project)
        .envs(&job.env)
        .env(JOB, job.id.as_str())
        .env(POOL, pool)
        .env(RESTART, job.restarts.to_string())
        .stdin(Stdio::null())
        .stdout(streams.try_clone()?)
        .stderr(streams);
    if pool_has_gpus {
        command.env("CUDA_VISIBLE_DEVICES", gpus.join(","));
    }
    command.spawn()
}

/// Finds the worker of `job` among the processes of this machine, for a supervisor that was killed
/// before it could write the process down.
pub(crate) fn find(job: &Job, pool: &Path, now: Nanos) -> Option<Owner> {
    let mine = [
        format!("{JOB}={}", job.id),
        format!("{POOL}={}", pool.display()),
        format!("{RESTART}={}", job.restarts),
    ];
    let is_mine = |pid: &u32| {
        // Those of other users cannot be read and are none of ours.
        let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        let has = |wanted: &String| {
            environment
                .split(|byte| *byte == 0)
                .any(|variable| variable == wanted.as_bytes())
        };
        mine.iter().all(has)
    };
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    processes
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(is_mine)
        .filter_map(|pid| Owner::of_process(pid, now))
        // What the worker itself started has the same variables and is younger.
        .min_by_key(|owner| (owner.start_ticks, owner.pid))
}

/// What is known of the process of a start that no child handle exists for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Alive,
    Gone,
    /// The machine was restarted.
    Rebooted,
    /// It runs beyond a wall (another container of this machine): only the run tells.
    Hidden,
}

/// Looks up the process of `start`.
pub(crate) fn fate(start: &Start) -> Fate {
    let Some(process) = &start.process else {
        return Fate::Gone;
    };
    match process.life() {
        Life::Alive => Fate::Alive,
        Life::Gone => Fate::Gone,
        Life::Elsewhere if process.boot != Owner::myself(Nanos(0)).boot => Fate::Rebooted,
        Life::Elsewhere => Fate::Hidden,
    }
}

/// How a worker is told something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Push {
    /// Its time is nearly up.
    Warn,
    /// Save and end.
    End,
    /// End now, with everything it started in its group.
    Kill,
}

/// Tells the worker of `start` something; one that is gone needs no telling.
pub(crate) fn push(start: &Start, push: Push) -> io::Result<()> {
    let Some(process) = &start.process else {
        return Ok(());
    };
    let pid = i32::try_from(process.pid).ok().and_then(Pid::from_raw);
    let (Some(pid), Life::Alive) = (pid, process.life()) else {
        return Ok(());
    };
    let told = match push {
        Push::Warn => kill_process(pid, Signal::USR1),
        Push::End => kill_process(pid, Signal::TERM),
        Push::Kill if getpgid(Some(pid)) == Ok(pid) => kill_process_group(pid, Signal::KILL),
        Push::Kill => kill_process(pid, Signal::KILL),
    };
    match told {
        Err(rustix::io::Errno::SRCH) => Ok(()),
        told => told.map_err(io::Error::from),
    }
}
