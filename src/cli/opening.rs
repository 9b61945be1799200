//! Opens the console and gives it its hands and its foreman, here or on a host.

use super::{context::Context, failure::Failure, foreman::LocalForeman, hands::LocalHands, host};
use console::{ConsoleError, Session};
use domain::{Exit, SystemClock};
use std::sync::Arc;

/// Opens the console, on `run` where one is named.
///
/// # Errors
/// No terminal, or no such run.
pub fn open(run: Option<&str>, context: &Context) -> Result<Exit, Failure> {
    let around = &context.around;
    show(Session {
        home: around.home.clone(),
        project: around.project.clone(),
        env: around.env.clone(),
        lang: context.lang,
        lang_said: context.lang_said,
        open: run.map(str::to_owned),
        hands: Box::new(LocalHands::new(around.clone())),
        foreman: Box::new(LocalForeman::new(around.clone(), context.lang)),
        line: None,
        clock: Arc::new(SystemClock::new()),
    })
}

/// Opens the console on the runs and jobs of another machine.
///
/// # Errors
/// No line to it, or no terminal.
pub fn open_there(address: &remote::Address, context: &Context) -> Result<Exit, Failure> {
    let parts = host::session_parts(address, context)?;
    // The settings are the host's: only what this terminal is like is read from here.
    let mut env = context.around.env.clone();
    env.retain(|name, _| !name.starts_with("MAKOOK_") || name == "MAKOOK_TEST_IDLE");
    let exit = show(Session {
        home: parts.home,
        project: parts.project,
        env,
        lang: context.lang,
        lang_said: context.lang_said,
        open: None,
        hands: parts.hands,
        foreman: parts.foreman,
        line: Some(parts.line),
        clock: Arc::new(SystemClock::new()),
    });
    drop(parts.keeper);
    exit
}

fn show(session: Session) -> Result<Exit, Failure> {
    match console::run(session) {
        Ok(()) => Ok(Exit::Done),
        Err(ConsoleError::Run(error)) => Err(error.into()),
        Err(error) => Err(Failure::environment(error.says(), error.hint().into())),
    }
}
