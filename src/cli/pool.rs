//! `makook pool`: the process that supervises the local job pool, and the settings it shares with
//! whoever submits.
//!
//! Nobody types it: submitting a job, or looking at the list while there is work, starts one. It
//! outlives the console, the terminal and the SSH line, and leaves when nothing waits or runs. A
//! workstation's service (`deploy/makook-pool.service`) keeps one with `--stay`.

use super::{
    args::PoolArgs, backends, context::Context, failure::Failure, surroundings::Surroundings,
};
use domain::Exit;
use jobs::local::{self, PoolSettings};
use std::{ffi::OsString, io::Write, time::Duration};

/// Supervises the pool until nothing waits or runs (for ever with `stay`), or until told to end; its
/// jobs run on.
///
/// # Errors
/// A pool directory that cannot be made or locked.
pub fn run(args: &PoolArgs, context: &Context) -> Result<Exit, Failure> {
    // Fails harmlessly where this process leads a session already.
    let _ = rustix::process::setsid();
    let configured = backends::configured(&context.around).unwrap_or_default();
    let slots = args.slots.unwrap_or(configured.slots);
    let mut pool = settings(&context.around, slots, &args.gpus, &[])?;
    pool.keeps_slots = args.slots.is_some();
    if let Some(dir) = &args.dir {
        pool.dir.clone_from(dir);
    }
    if args.stay {
        pool.linger = Duration::MAX;
    }
    // `eprintln!` would panic on a full disk.
    let say = |line: &str| drop(writeln!(std::io::stderr(), "makook pool: {line}"));
    local::supervise(&pool, &context.clock, &|| context.stop.was_asked(), &say)?;
    Ok(Exit::Done)
}

/// Returns the pool of this machine beside the runs of `around`, with `slots` places (0 for 2 to 8
/// by load). It gives out `gpus`, or those the environment grants where none are named.
/// `login_nodes` are patterns of machines on which training is not allowed.
///
/// # Errors
/// A program that does not know its own path.
pub fn settings(
    around: &Surroundings,
    slots: usize,
    gpus: &[String],
    login_nodes: &[String],
) -> Result<PoolSettings, Failure> {
    let node = rustix::system::uname();
    let host = node.nodename().to_string_lossy().into_owned();
    let dir = local::dir_of(&around.home, &host);
    let gpus = match gpus {
        [] => local::gpus_of(&around.env),
        gpus => gpus.to_vec(),
    };
    let mut supervisor: Vec<OsString> = vec![
        std::env::current_exe()?.into(),
        "pool".into(),
        dir.clone().into(),
    ];
    if !gpus.is_empty() {
        supervisor.extend(["--gpus".into(), gpus.join(",").into()]);
    }
    Ok(PoolSettings {
        slots,
        gpus,
        supervisor,
        on_login_node: local::login_node(&around.env, &host, login_nodes),
        ..PoolSettings::new(dir, host)
    })
}
