//! The worker's verbs: run a job, import data, show features.
//!
//! Everything a job needs is in its run directory; nothing is taken from the terminal that
//! happened to start it. Start at [`main`].

mod args;
mod data;
mod desk;
mod error;
mod features;
mod judging;
mod log;
mod market;
mod pipeline;
mod plan;
mod session;
mod signals;
mod training;
mod validation;

use args::{Cli, Verb};
use clap::Parser;
use std::process::ExitCode;

/// Runs the program.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let code = if error.use_stderr() {
                domain::Exit::Usage
            } else {
                domain::Exit::Done
            };
            let _ = error.print();
            return ExitCode::from(code.code());
        }
    };
    let exit = match &cli.verb {
        Verb::Run { dir } => session::run(dir),
        Verb::Data(verb) => data::run(verb),
        Verb::Features(args) => features::run(args),
    };
    ExitCode::from(exit.code())
}
