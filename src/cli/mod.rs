//! The command line: parses, dispatches, turns ends into exit codes.
//!
//! Owns no logic of its own beyond printing and starting workers; what a verb does lives in the
//! crates below. Start at [`main`].

mod agent;
mod args;
mod backends;
mod calibrate;
mod chart;
mod cluster;
mod config_args;
mod context;
mod data;
mod data_args;
mod demo;
mod doctor;
mod evaluated;
mod failure;
mod follow;
mod foreman;
mod hands;
mod health;
mod help;
mod host;
mod importing;
mod job_args;
mod job_card;
mod jobs;
mod korean;
mod launch;
mod model_args;
mod models;
mod opening;
mod output;
mod pool;
mod report;
mod runs;
mod sending;
mod serve;
mod settings;
mod surroundings;
mod trades;
mod train;

use args::{Cli, Verb};
use clap::FromArgMatches;
use console::look::Said;
use context::{Context, Stop};
use domain::{Exit, Lang, SystemClock};
use failure::Failure;
use std::{ffi::OsString, process::ExitCode};
use surroundings::Surroundings;

/// Runs the program.
#[must_use]
pub fn main() -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().collect();
    let around = Surroundings::read();
    let asked = help::asked(&words).map(|lang| (lang, Said::ByStart));
    let (wanted, said) = asked.unwrap_or_else(|| around.language());
    let parsed = help::command(wanted)
        .try_get_matches_from(&words)
        .and_then(|matches| Cli::from_arg_matches(&matches));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) if error.use_stderr() => {
            match help::refusal(&error, wanted) {
                Some(text) => eprint!("{text}"),
                None => drop(error.print()),
            }
            return ExitCode::from(Exit::Usage.code());
        }
        Err(error) => {
            // The help itself; a closed pipe ends it quietly.
            let _ = error.print();
            return ExitCode::from(Exit::Done.code());
        }
    };
    let flag = cli.lang.as_deref().map(Lang::from_locale);
    let (lang, said) = flag.map_or((wanted, said), |lang| (lang, Said::ByStart));
    let exit = dispatch(&cli, &words, around, (lang, said)).unwrap_or_else(|failure| {
        eprintln!("makook: {}", failure.render(lang));
        failure.exit
    });
    ExitCode::from(exit.code())
}

fn dispatch(
    cli: &Cli,
    words: &[OsString],
    mut around: Surroundings,
    (lang, lang_said): (Lang, Said),
) -> Result<Exit, Failure> {
    if cli.accessible {
        around.env.insert("ACCESSIBLE".to_owned(), "1".to_owned());
    }
    let stop = match cli.verb {
        // The console reads Ctrl-C as a key; an agent ends at once.
        None | Some(Verb::Console | Verb::Agent) => Stop::default(),
        _ => Stop::listen()?,
    };
    let context = Context {
        around,
        lang,
        lang_said,
        clock: SystemClock::new(),
        stop,
    };
    if let Some(address) = host::address(cli, &context)? {
        return match &cli.verb {
            None | Some(Verb::Console) => opening::open_there(&address, &context),
            Some(_) => Err(host::run_there(&address, words)),
        };
    }
    match &cli.verb {
        None | Some(Verb::Console) => opening::open(None, &context),
        Some(Verb::Demo(args)) => demo::run(args, &context),
        Some(Verb::Train(args)) => train::train(args, &context),
        Some(Verb::Evaluate(args)) => train::evaluate(args, &context),
        Some(Verb::Resume(args)) => train::resume(args, &context),
        Some(Verb::Stop(args)) => runs::stop(args, &context),
        Some(Verb::Report(args)) => report::run(args, &context),
        Some(Verb::Runs(verb)) => runs::run(verb, &context),
        Some(Verb::Jobs(verb)) => jobs::run(verb, &context),
        Some(Verb::Calibrate(args)) => calibrate::run(args, &context),
        Some(Verb::Config(verb)) => settings::run(verb, &context),
        Some(Verb::Data(verb)) => data::run(verb, &context),
        Some(Verb::Models(verb)) => models::run(verb, &context),
        Some(Verb::Features(args)) => data::features(args, &context),
        Some(Verb::Agent) => agent::serve(&context),
        Some(Verb::Serve(args)) => serve::run(args, &context),
        Some(Verb::Doctor(args)) if args.cluster => cluster::run(args, &context),
        Some(Verb::Pool(args)) => pool::run(args, &context),
        Some(Verb::Doctor(args)) => {
            let findings = doctor::examine(&context.around);
            if args.json {
                output::print_json(&findings)?;
            } else {
                output::print(&doctor::render(&findings, lang))?;
            }
            Ok(doctor::verdict(&findings))
        }
    }
}
