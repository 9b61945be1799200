//! Promoting a run: what it was made with becomes an experiment file, from which the next trainings
//! start.
//!
//! The file says what the project's own settings do not say already, and names the run in a
//! comment. Start at [`Promotion`].

use crate::{
    against::Values,
    saving::{Saving, Source, Target},
};
use config::LoadRequest;
use domain::Problems;
use runs::{RunId, Summary};
use std::path::{Path, PathBuf};

/// A run that is to be promoted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promotion {
    /// The run.
    pub run: RunId,
    /// Its directory.
    pub path: PathBuf,
    /// The experiment file, absolute.
    pub file: PathBuf,
    /// Whether it is there already.
    pub target: Target,
}

/// Longest name of a file that is made up here.
const LONGEST: usize = 40;

impl Promotion {
    /// Works out what has to be written so that a training from the file has `values`. How the
    /// console looks is no matter of a run.
    ///
    /// # Errors
    /// Everything that is wrong with the project's own settings, or with the file.
    pub fn saving(&self, request: &LoadRequest, values: &Values) -> Result<Saving, Problems> {
        const ENVIRONMENT: &str = "run.environment";
        let experiment = match self.target {
            Target::Existing => Some(self.file.clone()),
            Target::New { .. } => None,
        };
        // What this shell's variables say is gone with it; the file must stand alone.
        let request = LoadRequest {
            dir: request.dir.clone(),
            experiment,
            ..LoadRequest::default()
        };
        let own = config::load(&request)?;
        let environment = values.get(ENVIRONMENT).map(config::Value::bare);
        // The environment decides which file lies below, so the rest is held against that one.
        let below = config::load(&LoadRequest {
            sets: environment
                .iter()
                .map(|name| format!("{ENVIRONMENT}={name}"))
                .collect(),
            ..request
        })?;
        let differs = |path: &str, value: &config::Value| {
            let layers = if path == ENVIRONMENT { &own } else { &below };
            let known = layers.setting(path);
            known.is_none_or(|known| known.value != *value)
        };
        let changes = values
            .iter()
            .filter(|(path, value)| !path.starts_with("console.") && differs(path, value))
            .map(|(path, value)| (*path, value.bare()))
            .collect();
        Ok(Saving {
            file: self.file.clone(),
            target: self.target.clone(),
            changes,
            source: Source::Run(self.run.clone()),
        })
    }
}

/// Returns the comment at the head of the file that `run` is promoted to.
#[must_use]
pub fn heading(run: &RunId) -> String {
    format!(
        "# The settings of run {run}; `makook train` starts from them.\n\
         # 실행 {run}의 설정입니다. `makook train`이 이 설정으로 시작합니다.\n"
    )
}

/// Returns a file of `configs` for what `run` was made with: named like the run, and not one of
/// those `taken`.
#[must_use]
pub fn free_file(run: &Summary, configs: &Path, taken: &[PathBuf]) -> PathBuf {
    let fits = |c: char| match c {
        '-' | '_' => c,
        c if c.is_alphanumeric() => c,
        _ => '-',
    };
    let name: String = run.name.chars().take(LONGEST).map(fits).collect();
    let name = name.trim_matches('-');
    let stem = match name {
        "" | "default" => run.id.as_str(),
        name => name,
    };
    let file = |stem: &str| configs.join(format!("{stem}.toml"));
    let numbered = (2..).map(|number| file(&format!("{stem}-{number}")));
    let mut names = std::iter::once(file(stem)).chain(numbered);
    let free = names.find(|name| !taken.contains(name));
    free.unwrap_or_else(|| file(run.id.as_str()))
}
