//! Which files of a run cross the line, and which never do.
//!
//! Checkpoints, exported recipes, pages and pictures stay on the host: they are large and the
//! console shows none of them. Links are not followed.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Where runs are among the paths that cross the line.
pub const RUNS: &str = "runs/";
/// Where settings are among them.
pub const CONFIGS: &str = "configs/";

/// Where measurements of machines are among them.
pub const MEASURED: &str = "measured/";
/// Folders of the project that cross the line whole, by their place among the paths.
pub const OF_PROJECT: [(&str, &str); 2] =
    [(CONFIGS, "configs"), (MEASURED, "data/cache/calibration")];

/// Folders below which nothing is taken.
const CLOSED: &[&str] = &["checkpoints", "export", "mailbox"];
/// Files of the run itself that are always taken, in the order in which they come.
const SMALL: &[&str] = &[
    "run.toml",
    "job.json",
    "launch.sbatch",
    "status.json",
    "failed.json",
    "done.json",
];
/// Deepest folder looked into.
const DEEPEST: usize = 6;
/// Most files of one run.
const MOST_FILES: usize = 20_000;
/// Largest file that is taken whole.
const LARGEST_WHOLE: u64 = 16 << 20;

/// How much of a run is taken; each includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// What the list of runs shows.
    Small,
    /// Metrics as well.
    Metrics,
    /// Everything that can be shown.
    Full,
}

impl Scope {
    /// Returns whether the file at `path`, relative to its run, is among what is taken.
    #[must_use]
    pub fn covers(self, path: &str) -> bool {
        let mut folders: Vec<&str> = path.split('/').collect();
        let Some(name) = folders.pop() else {
            return false;
        };
        if growth(name).is_none() || folders.iter().any(|folder| CLOSED.contains(folder)) {
            return false;
        }
        let inner = match folders.as_slice() {
            ["seeds", _, rest @ ..] => rest,
            all => all,
        };
        match self {
            Self::Small => match folders.as_slice() {
                [] => SMALL.contains(&name),
                ["meta"] => true,
                _ => false,
            },
            Self::Metrics => Self::Small.covers(path) || matches!(inner, ["metrics" | "meta"]),
            Self::Full => true,
        }
    }

    /// Returns whether files of the folder at `path`, relative to its run, may be covered.
    fn enters(self, path: &[&str]) -> bool {
        if path.len() > DEEPEST
            || path
                .iter()
                .any(|name| CLOSED.contains(name) || name.starts_with('.'))
        {
            return false;
        }
        match (self, path) {
            (Self::Full, _) | (_, [] | ["meta"]) => true,
            (Self::Small, _) => false,
            (Self::Metrics, ["seeds"] | ["seeds", _] | ["metrics"]) => true,
            (Self::Metrics, ["seeds", _, inner]) => matches!(*inner, "metrics" | "meta"),
            (Self::Metrics, _) => false,
        }
    }
}

/// A file that may be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// `runs/<id>/…` or `configs/…`.
    pub path: String,
    /// Where it lies.
    pub disk: PathBuf,
    /// Whether it is appended to, and not replaced.
    pub grows: bool,
}

impl Found {
    /// Returns the file's own name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// Returns whether its end alone is worth having.
    #[must_use]
    pub fn is_log(&self) -> bool {
        self.grows && !self.name().ends_with(".jsonl")
    }
}

/// Returns the files of `scope` below `dir`, named `prefix` and their path: those of the run
/// itself first, the rest in the order of names. A folder that cannot be listed has none.
#[must_use]
pub fn files(dir: &Path, prefix: &str, scope: Scope) -> Vec<Found> {
    let mut found = Vec::new();
    if !fs::symlink_metadata(dir).is_ok_and(|meta| meta.is_dir() || !prefix.starts_with(RUNS)) {
        return found;
    }
    walk(dir, &mut Vec::new(), scope, &mut found);
    let rank = |path: &str| {
        SMALL
            .iter()
            .position(|name| *name == path)
            .unwrap_or(SMALL.len())
    };
    found.sort_by(|a, b| {
        let depth = |path: &str| (path.contains('/') && !path.starts_with("meta/"), rank(path));
        depth(&a.path)
            .cmp(&depth(&b.path))
            .then_with(|| a.path.cmp(&b.path))
    });
    for file in &mut found {
        file.path.insert_str(0, prefix);
    }
    found
}

fn walk(dir: &Path, below: &mut Vec<String>, scope: Scope, found: &mut Vec<Found>) {
    let names: Vec<&str> = below.iter().map(String::as_str).collect();
    if !scope.enters(&names) {
        return;
    }
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let Ok(kind) = entry.file_type() else {
            continue;
        };
        let Some(name) = entry.file_name().to_str().map(str::to_owned) else {
            continue;
        };
        if name.starts_with('.') || found.len() >= MOST_FILES {
            continue;
        }
        below.push(name);
        if kind.is_dir() {
            walk(&entry.path(), below, scope, found);
        } else if kind.is_file() {
            let path = below.join("/");
            let grows = growth(path.rsplit('/').next().unwrap_or_default());
            if let Some(grows) = grows.filter(|_| scope.covers(&path)) {
                let small = grows
                    || entry
                        .metadata()
                        .is_ok_and(|meta| meta.len() <= LARGEST_WHOLE);
                if small {
                    let disk = entry.path();
                    found.push(Found { path, disk, grows });
                }
            }
        }
        below.pop();
    }
}

/// Returns whether the file at `path` is one that grows.
#[must_use]
pub fn grows(path: &str) -> bool {
    growth(path.rsplit('/').next().unwrap_or_default()) == Some(true)
}

/// Returns whether a file of this name grows; `None` for one that is not taken.
fn growth(name: &str) -> Option<bool> {
    match name.rsplit_once('.')?.1 {
        "jsonl" | "log" | "out" | "err" => Some(true),
        "json" | "toml" | "sbatch" | "txt" | "md" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("run.toml", Some(Scope::Small))]
    #[case("meta/0001.claim.json", Some(Scope::Small))]
    #[case("seeds/3/metrics/0001.jsonl", Some(Scope::Metrics))]
    #[case("seeds/3/meta/0002.start.json", Some(Scope::Metrics))]
    #[case("log/0001.log", Some(Scope::Full))]
    #[case("report/report.json", Some(Scope::Full))]
    #[case("resources/0001.jsonl", Some(Scope::Full))]
    #[case("seeds/3/checkpoints/000000000100/state.json", None)]
    #[case("mailbox/000001.json", None)]
    #[case("report/index.html", None)]
    #[case("lock", None)]
    #[case("status.json.node.12.0.tmp", None)]
    fn each_file_has_its_scope(#[case] path: &str, #[case] least: Option<Scope>) {
        for scope in [Scope::Small, Scope::Metrics, Scope::Full] {
            assert_eq!(
                scope.covers(path),
                least.is_some_and(|least| scope >= least),
                "{scope:?}"
            );
        }
    }
}
