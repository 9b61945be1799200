//! Where all runs live, and how a user names one of them.

use crate::{RunDir, RunId, RunsError};
use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

/// The directory of all runs: `logs/runs` of the project, or `$MAKOOK_HOME/runs`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    root: PathBuf,
}

/// How many near names an error offers.
const NEAR: usize = 3;

impl Home {
    /// Uses `root` itself, which need not exist yet.
    #[must_use]
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// Returns `$MAKOOK_HOME/runs` if `env` has a non-empty `MAKOOK_HOME`, else
    /// `<project>/logs/runs`.
    #[must_use]
    pub fn locate(project: &Path, env: &BTreeMap<String, String>) -> Self {
        match env.get("MAKOOK_HOME").filter(|home| !home.is_empty()) {
            Some(home) => Self::at(project.join(home).join("runs")),
            None => Self::at(project.join("logs").join("runs")),
        }
    }

    /// Returns the directory itself.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Returns the directory of the run `id`.
    #[must_use]
    pub fn run(&self, id: &RunId) -> PathBuf {
        self.root.join(id.as_str())
    }

    /// Returns where removed runs wait.
    #[must_use]
    pub fn trash(&self) -> PathBuf {
        self.root.join(".trash")
    }

    /// Returns every run's identifier, oldest first; half-written runs are among them.
    ///
    /// # Errors
    /// The operating system's error; a home that does not exist has no runs.
    pub fn ids(&self) -> Result<Vec<RunId>, RunsError> {
        let entries = match fs::read_dir(&self.root) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(RunsError::io(&self.root, "list the runs")(error)),
        };
        let mut ids: Vec<RunId> = entries
            .flatten()
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .collect();
        ids.sort_unstable();
        Ok(ids)
    }

    /// Finds the directory of the run a user names: by path, `latest`, whole id, unique beginning
    /// of an id, or unique name or four-digit ending.
    ///
    /// # Errors
    /// `NotFound` with near names, `Ambiguous` with all matches, or the operating system's error.
    pub fn find(&self, asked: &str) -> Result<PathBuf, RunsError> {
        let as_path = Path::new(asked);
        if asked.contains('/') || as_path.join("run.toml").is_file() {
            return if as_path.is_dir() {
                Ok(as_path.to_owned())
            } else {
                Err(not_found(asked, Vec::new()))
            };
        }
        let ids = self.ids()?;
        if asked == "latest" {
            // The newest that is a whole run: a half-written one is nobody's "latest".
            let newest = ids.iter().rev().map(|id| self.run(id));
            return newest
                .into_iter()
                .find(|dir| dir.join("run.toml").is_file())
                .ok_or_else(|| not_found(asked, Vec::new()));
        }
        let ways: [&dyn Fn(&RunId) -> bool; 3] = [
            &|id| id.as_str() == asked,
            &|id| !asked.is_empty() && id.as_str().starts_with(asked),
            &|id| id.slug() == asked || id.as_str().rsplit('-').next() == Some(asked),
        ];
        for fits in ways {
            let mut matches: Vec<&RunId> = ids.iter().filter(|id| fits(id)).collect();
            match matches.as_slice() {
                [] => {}
                [one] => return Ok(self.run(one)),
                _ => {
                    matches.reverse();
                    return Err(RunsError::Ambiguous {
                        asked: asked.to_owned(),
                        matches: matches.iter().map(ToString::to_string).collect(),
                    });
                }
            }
        }
        Err(not_found(asked, near(asked, &ids)))
    }

    /// Opens the run a user names; see [`find`](Self::find).
    ///
    /// # Errors
    /// Those of [`find`](Self::find) and of [`RunDir::open_path`].
    pub fn open(&self, asked: &str) -> Result<RunDir, RunsError> {
        RunDir::open_path(&self.find(asked)?)
    }
}

fn not_found(asked: &str, near: Vec<String>) -> RunsError {
    RunsError::NotFound {
        asked: asked.to_owned(),
        near,
    }
}

/// Returns the identifiers most like `asked`, judged by the whole and by the name alone.
fn near(asked: &str, ids: &[RunId]) -> Vec<String> {
    let mut scored: Vec<(f64, &RunId)> = ids
        .iter()
        .map(|id| {
            let whole = strsim::jaro_winkler(asked, id.as_str());
            (whole.max(strsim::jaro_winkler(asked, id.slug())), id)
        })
        .filter(|(score, _)| *score > 0.8)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| b.1.cmp(a.1)));
    scored
        .into_iter()
        .take(NEAR)
        .map(|(_, id)| id.to_string())
        .collect()
}
