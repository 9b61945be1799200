//! Tests of the crate as its users see it; rows and corpora rather than prose.

mod corpus;
mod edits;
mod layers;
mod operations;
mod presets;
mod registry;
mod run_file;

use crate::{LoadRequest, Resolved, load};
use domain::Problems;
use std::path::Path;

/// A request without any file or variable.
fn bare() -> LoadRequest {
    LoadRequest {
        dir: "no-such-folder".into(),
        ..LoadRequest::default()
    }
}

/// Loads with `--set` arguments alone.
fn with_sets(sets: &[&str]) -> Result<Resolved, Problems> {
    load(&LoadRequest {
        sets: sets.iter().map(|set| (*set).to_owned()).collect(),
        ..bare()
    })
}

/// Loads one file as the experiment over the built-in defaults.
fn with_experiment(path: &Path) -> Result<Resolved, Problems> {
    load(&LoadRequest {
        experiment: Some(path.to_owned()),
        ..bare()
    })
}

fn write(dir: &Path, name: &str, text: &str) {
    let path = dir.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}
