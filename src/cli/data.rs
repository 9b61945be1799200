//! `makook data …` and `makook features`: handed on to the worker, which alone reads market data.

use super::{
    args::{DataVerb, FeaturesArgs},
    context::Context,
    data_args::{ImportArgs, SetArgs},
    failure::Failure,
    launch,
    train::exit_of,
};
use domain::{Exit, Lang};
use std::path::Path;

/// Runs one of the verbs in the worker.
///
/// # Errors
/// No worker.
pub fn run(verb: &DataVerb, context: &Context) -> Result<Exit, Failure> {
    let mut arguments = vec!["data".to_owned()];
    match verb {
        DataVerb::Import(args) => {
            let source = std::path::absolute(&args.source).unwrap_or_else(|_| args.source.clone());
            arguments = import_arguments(args, &source);
        }
        DataVerb::List(args) => {
            arguments.push("list".to_owned());
            arguments.extend(json(args.json));
        }
        DataVerb::Describe(args) => arguments.extend(one_set("describe", args)),
        DataVerb::Validate(args) => arguments.extend(one_set("validate", args)),
    }
    hand_on(arguments, context)
}

/// Returns the worker's arguments for an import of the file that the worker knows as `source`.
pub fn import_arguments(args: &ImportArgs, source: &Path) -> Vec<String> {
    let source = source.display().to_string();
    let mut arguments = vec!["data".to_owned(), "import".to_owned(), source];
    let mut flag = |name: &str, value: &Option<String>| {
        if let Some(value) = value {
            arguments.extend([format!("--{name}"), value.clone()]);
        }
    };
    flag("name", &args.name);
    flag("symbol", &args.symbol);
    flag("timeframe", &args.timeframe);
    flag("date-order", &args.date_order);
    flag("epoch", &args.epoch);
    for repair in &args.repair {
        flag("repair", &Some(repair.clone()));
    }
    for column in &args.column {
        flag("column", &Some(column.clone()));
    }
    if args.replace {
        arguments.push("--replace".to_owned());
    }
    arguments.extend(json(args.json));
    arguments
}

fn one_set(verb: &str, args: &SetArgs) -> Vec<String> {
    let mut arguments = vec![verb.to_owned(), args.name.clone()];
    arguments.extend(json(args.json));
    arguments
}

/// `makook features`.
///
/// # Errors
/// No worker.
pub fn features(args: &FeaturesArgs, context: &Context) -> Result<Exit, Failure> {
    let mut arguments = vec!["features".to_owned()];
    arguments.extend(args.search.clone());
    if args.prove {
        arguments.push("--prove".to_owned());
    }
    for assignment in &args.set {
        arguments.extend(["--set".to_owned(), assignment.clone()]);
    }
    arguments.extend(json(args.json));
    hand_on(arguments, context)
}

fn json(wanted: bool) -> Option<String> {
    wanted.then(|| "--json".to_owned())
}

fn hand_on(mut arguments: Vec<String>, context: &Context) -> Result<Exit, Failure> {
    let lang = match context.lang {
        Lang::En => "en",
        Lang::Ko => "ko",
    };
    arguments.extend(["--lang".to_owned(), lang.to_owned()]);
    Ok(exit_of(launch::foreground(&context.around, &arguments)?))
}
