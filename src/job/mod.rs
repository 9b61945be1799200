//! The worker's verbs: run a job, import data, show features.
//!
//! Everything a job needs is in its run directory; nothing is taken from the terminal that
//! happened to start it. Start at [`main`].

mod args;
mod bars;
mod calibrate;
mod data;
mod desk;
mod ending;
mod error;
mod features;
mod judging;
mod known;
mod ledger;
mod log;
mod market;
mod orders;
mod pipeline;
mod plan;
mod preemption;
mod recipe;
mod resources;
mod session;
mod signals;
mod sink;
mod training;
mod validation;

#[cfg(test)]
mod checkpoints;

use args::{Cli, Verb};
use clap::Parser;
use std::{collections::BTreeMap, process::ExitCode};

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
    // Read once, here: everything below takes it as an argument. What is not UTF-8 means nothing
    // to us, and must not end the program.
    let env: BTreeMap<String, String> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    let exit = match &cli.verb {
        Verb::Run { dir } => session::run(dir, &env),
        Verb::Data(verb) => data::run(verb, &env),
        Verb::Calibrate(args) => calibrate::run(args, &env),
        Verb::Features(args) => features::run(args, &env),
    };
    ExitCode::from(exit.code())
}
