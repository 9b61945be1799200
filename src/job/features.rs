//! `features`: every indicator with its parameters, and the proof that the configured set is
//! free of leaks.

use super::{args::FeaturesArgs, bars, error::JobError, recipe};
use ::features::{catalogue, group_title};
use config::LoadRequest;
use domain::{Exit, Lang, SystemClock};
use serde_json::json;
use std::{
    collections::BTreeMap,
    io::{self, Write},
    path::Path,
};

/// Runs the verb.
#[must_use]
pub fn run(args: &FeaturesArgs, env: &BTreeMap<String, String>) -> Exit {
    if !args.prove {
        list(args);
        return Exit::Done;
    }
    prove(args, env).unwrap_or_else(|error| {
        eprintln!("makook: {}", error.render(lang(args)));
        error.exit()
    })
}

fn lang(args: &FeaturesArgs) -> Lang {
    Lang::from_locale(&args.output.lang)
}

fn print(text: &str) {
    let _ = io::stdout().lock().write_all(text.as_bytes());
}

fn list(args: &FeaturesArgs) {
    let lang = lang(args);
    let word = args.search.clone().unwrap_or_default().to_lowercase();
    let found = catalogue().iter().filter(|function| {
        let texts = [function.name, function.group, function.hint];
        texts.iter().any(|text| text.to_lowercase().contains(&word))
    });
    let mut rows = Vec::new();
    for function in found {
        let parameters: Vec<String> = function
            .parameters
            .iter()
            .map(|parameter| {
                let range = parameter.domain.words();
                format!("{} ({})", parameter.name, range.get(lang))
            })
            .collect();
        let outputs: Vec<&str> = function
            .outputs
            .iter()
            .map(|output| output.name.as_str())
            .collect();
        if args.output.json {
            rows.push(json!({
                "name": function.name,
                "group": function.group,
                "hint": function.hint,
                "parameters": parameters,
                "outputs": outputs,
            }));
            continue;
        }
        print(&format!(
            "{:<18} {}: {}\n{:19}{}\n{:19}-> {}\n",
            function.name,
            group_title(function.group).get(lang),
            function.hint,
            "",
            if parameters.is_empty() {
                "–".to_owned()
            } else {
                parameters.join(", ")
            },
            "",
            outputs.join(", "),
        ));
    }
    if args.output.json {
        print(&(serde_json::to_string_pretty(&rows).unwrap_or_default() + "\n"));
    }
}

fn prove(args: &FeaturesArgs, env: &BTreeMap<String, String>) -> Result<Exit, JobError> {
    let request = LoadRequest {
        env: env.clone(),
        sets: args.set.clone(),
        ..LoadRequest::default()
    };
    let config = config::load(&request).map_err(JobError::Settings)?.config;
    let project = Path::new(".");
    let (_, loaded) = bars::load(&config, project, &SystemClock::new())?;
    let proof = recipe::proof(&config, &bars::between(loaded, &config))?;
    if args.output.json {
        let leaks: Vec<_> = proof
            .leaks
            .iter()
            .map(|leak| json!({ "column": leak.column, "after_bar": leak.t, "row": leak.row }))
            .collect();
        let text = json!({ "clean": proof.is_clean(), "trials": proof.trials, "leaks": leaks });
        print(&format!("{text}\n"));
    } else {
        print(&format!("{}\n", proof.says().get(lang(args))));
    }
    Ok(if proof.is_clean() {
        Exit::Done
    } else {
        Exit::Negative
    })
}
