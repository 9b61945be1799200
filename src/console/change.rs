//! What was changed and can be taken back, with its words for the journal.
//!
//! Start at [`Change`]; `actions/undoing.rs` takes them back.

use crate::{
    chord::Chord,
    keymap,
    saving::{Exchange, SavedKeys},
};
use runs::{Pointer, RunId};
use std::path::{Path, PathBuf};

/// A change that can be taken back.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// A setting.
    Setting {
        /// Its key.
        path: &'static str,
        /// What was typed before; `None` for unchanged.
        before: Option<String>,
        /// What was typed then.
        after: Option<String>,
    },
    /// Settings that a measurement found, taken over together.
    Found(Vec<SettingChange>),
    /// The experiment file.
    Experiment {
        /// The file before.
        before: Option<PathBuf>,
        /// The file then.
        after: Option<PathBuf>,
    },
    /// The form was filled with what a run was made with.
    Taken {
        /// The form's parent before.
        before: Option<RunId>,
        /// Its parent then.
        after: Option<RunId>,
        /// What was changed.
        settings: Vec<SettingChange>,
    },
    /// The form was saved.
    Saved {
        /// The experiment file before.
        before: Option<PathBuf>,
        /// The experiment file then.
        after: Option<PathBuf>,
        /// Settings that went from the form into the file.
        settings: Vec<SettingChange>,
        /// What became of the file; `None` where that is no longer known.
        exchange: Option<Exchange>,
    },
    /// A run went to the trash.
    Removed(RunId),
    /// An action was given another key.
    Keys {
        /// Its identifier.
        action: &'static str,
        /// What it was given before; `None` for what the settings say.
        before: Option<Vec<Chord>>,
        /// What it was given then.
        after: Option<Vec<Chord>>,
    },
    /// A chart or a model was written into these files.
    Exported(Vec<PathBuf>),
    /// A name of models points elsewhere.
    Named {
        /// The name.
        name: String,
        /// What it pointed to before.
        before: Option<Pointer>,
    },
    /// Changed keys were saved.
    KeysSaved(SavedKeys),
    /// Trainings were sent off.
    Launched(Vec<RunId>),
}

impl Change {
    /// Returns whether taking it back or making it again touches a file or a job.
    #[must_use]
    pub fn touches_files(&self) -> bool {
        match self {
            Self::Removed(_)
            | Self::Exported(_)
            | Self::Named { .. }
            | Self::KeysSaved(_)
            | Self::Launched(_) => true,
            Self::Saved { exchange, .. } => exchange.is_some(),
            _ => false,
        }
    }

    /// Words it for the journal.
    #[must_use]
    pub fn words(&self) -> String {
        let paths = |settings: &[SettingChange]| {
            let set = |(path, _, after): &SettingChange| match after {
                Some(after) => format!("{path}={after}"),
                None => format!("{path} restored"),
            };
            settings.iter().map(set).collect::<Vec<_>>().join(" ")
        };
        let run = |run: &Option<RunId>| run.as_ref().map(ToString::to_string).unwrap_or_default();
        match self {
            Self::Setting {
                path,
                before,
                after,
            } => format!("set {}", paths(&[(path, before.clone(), after.clone())])),
            Self::Found(settings) => format!("set {}", paths(settings)),
            Self::Experiment { after, .. } => match after {
                Some(file) => format!("choose experiment {}", file.display()),
                None => "choose no experiment".to_owned(),
            },
            Self::Taken {
                after, settings, ..
            } => format!("take settings of {}: {}", run(after), paths(settings)),
            Self::Saved { after, .. } => {
                let file = after.as_deref().unwrap_or(Path::new(""));
                format!("save to {}", file.display())
            }
            Self::Keys { action, after, .. } => match after {
                Some(keys) => format!("give {action} the keys {}", keymap::written(keys)),
                None => format!("give {action} its usual keys"),
            },
            Self::Named { name, .. } => format!("point {name} elsewhere"),
            Self::Removed(run) => format!("remove {run}"),
            Self::KeysSaved(saved) => {
                format!("save keys to {}", saved.exchange.file.display())
            }
            Self::Launched(runs) => {
                let runs: Vec<&str> = runs.iter().map(RunId::as_str).collect();
                format!("train {}", runs.join(" "))
            }
            Self::Exported(files) => format!("export {} files", files.len()),
        }
    }
}

/// A changed setting: its key, what was typed before and what after; `None` for unchanged.
pub type SettingChange = (&'static str, Option<String>, Option<String>);
