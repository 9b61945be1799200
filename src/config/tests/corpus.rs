//! Every file of `fixtures/` is a row: a valid one names values it must give, an invalid one every
//! problem it must give, to the column.

use super::with_experiment;
use crate::{LoadRequest, load};
use domain::Problems;
use std::{fs, path::PathBuf};

fn corpus(kind: &str) -> Vec<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(kind);
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
}

/// Returns what follows `marker` on the comment lines that start with it.
fn marked(text: &str, marker: &str) -> Vec<String> {
    text.lines()
        .filter_map(|line| line.strip_prefix(marker))
        .map(|rest| rest.trim().to_owned())
        .collect()
}

fn as_marked(problems: &Problems, file: &str) -> Vec<String> {
    problems
        .iter()
        .flat_map(|problem| {
            let text = problem.to_string().replace(&format!("{file}:"), "");
            let (message, hint) = text.split_once("\n  hint: ").unwrap_or((&text, ""));
            [message.to_owned(), format!("hint: {hint}")]
        })
        .collect()
}

#[test]
fn every_invalid_file_gives_exactly_the_problems_it_names() {
    let files = corpus("invalid");
    assert!(files.len() >= 15, "the corpus is gone");
    let mut unexpected = Vec::new();
    for path in files {
        let text = fs::read_to_string(&path).unwrap();
        let file = path.display().to_string();
        let problems = with_experiment(&path).expect_err(&file);
        let found = as_marked(&problems, &file);
        if found != marked(&text, "#!") {
            unexpected.push(format!("{file}\n#! {}", found.join("\n#! ")));
        }
    }
    assert!(
        unexpected.is_empty(),
        "found instead:\n{}",
        unexpected.join("\n")
    );
}

#[test]
fn every_valid_file_gives_the_values_and_warnings_it_names() {
    let files = corpus("valid");
    assert!(files.len() >= 5, "the corpus is gone");
    let mut unexpected = Vec::new();
    for path in files {
        let text = fs::read_to_string(&path).unwrap();
        let file = path.display().to_string();
        let resolved = with_experiment(&path).unwrap_or_else(|problems| panic!("{problems}"));
        let found = as_marked(resolved.warnings(), &file);
        if found != marked(&text, "#!") {
            unexpected.push(format!("{file}\n#! {}", found.join("\n#! ")));
        }
        let expected = marked(&text, "#=");
        assert!(!expected.is_empty(), "{file} names no value");
        for assignment in expected {
            let (key, value) = assignment.split_once(" = ").unwrap();
            assert_eq!(
                resolved.get(key).unwrap().to_string(),
                value,
                "{file}: {key}"
            );
        }
    }
    assert!(
        unexpected.is_empty(),
        "found instead:\n{}",
        unexpected.join("\n")
    );
}

#[test]
fn the_shipped_files_are_valid_in_every_environment() {
    let dir = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../configs");
    for environment in ["development", "staging", "production"] {
        for experiment in [None, Some(dir.join("demo.toml"))] {
            let request = LoadRequest {
                dir: dir.clone(),
                experiment,
                sets: vec![format!("run.environment={environment}")],
                ..LoadRequest::default()
            };
            let resolved = load(&request).unwrap_or_else(|problems| panic!("{problems}"));
            assert!(
                resolved.warnings().is_empty(),
                "{environment}: {}",
                resolved.warnings()
            );
            let place = resolved
                .origin("train.keep_checkpoints")
                .unwrap()
                .to_string();
            assert!(
                place.contains(&format!("env/{environment}.toml")),
                "{place}"
            );
        }
    }
}
