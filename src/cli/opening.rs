//! Opens the console and gives it its hands and its foreman.

use super::{context::Context, failure::Failure, foreman::LocalForeman, hands::LocalHands};
use console::{ConsoleError, Session};
use domain::{Exit, SystemClock};
use std::sync::Arc;

/// Opens the console, on `run` where one is named.
///
/// # Errors
/// No terminal, or no such run.
pub fn open(run: Option<&str>, context: &Context) -> Result<Exit, Failure> {
    let around = &context.around;
    let session = Session {
        home: around.home.clone(),
        project: around.project.clone(),
        env: around.env.clone(),
        lang: context.lang,
        open: run.map(str::to_owned),
        hands: Box::new(LocalHands::new(around.clone())),
        foreman: Box::new(LocalForeman::new(around.clone(), context.lang)),
        clock: Arc::new(SystemClock::new()),
    };
    match console::run(session) {
        Ok(()) => Ok(Exit::Done),
        Err(ConsoleError::Run(error)) => Err(error.into()),
        Err(error) => Err(Failure::environment(error.says(), error.hint().into())),
    }
}
