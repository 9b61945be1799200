//! A change as it is written down between uses, so that a later console can take it back.
//!
//! In words of this file's own: what this makook does not have any more is left out, never guessed
//! at. Start at [`Deed::of`].

use crate::{
    action,
    change::{Change, SettingChange},
    keymap,
    saving::{Exchange, SavedKeys},
};
use runs::{Pointer, RunId};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// A change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Deed {
    Settings {
        changes: Vec<(String, Option<String>, Option<String>)>,
    },
    Experiment {
        before: Option<PathBuf>,
        after: Option<PathBuf>,
    },
    Taken {
        before: Option<RunId>,
        after: Option<RunId>,
        changes: Vec<(String, Option<String>, Option<String>)>,
    },
    Saved {
        before: Option<PathBuf>,
        after: Option<PathBuf>,
        changes: Vec<(String, Option<String>, Option<String>)>,
        #[serde(default)]
        exchange: Option<Exchange>,
    },
    Removed {
        run: RunId,
    },
    Exported {
        files: Vec<PathBuf>,
    },
    Keys {
        action: String,
        before: Option<String>,
        after: Option<String>,
    },
    Named {
        name: String,
        before: Option<Pointer>,
    },
    KeysSaved {
        saved: SavedKeys,
    },
    Launched {
        runs: Vec<RunId>,
    },
}

impl Deed {
    /// Returns how `change` is written down.
    #[must_use]
    pub fn of(change: &Change) -> Self {
        let owned = |(path, before, after): &SettingChange| {
            ((*path).to_owned(), before.clone(), after.clone())
        };
        match change {
            Change::Setting {
                path,
                before,
                after,
            } => Self::Settings {
                changes: vec![owned(&(path, before.clone(), after.clone()))],
            },
            Change::Found(changes) => Self::Settings {
                changes: changes.iter().map(owned).collect(),
            },
            Change::Experiment { before, after } => Self::Experiment {
                before: before.clone(),
                after: after.clone(),
            },
            Change::Taken {
                before,
                after,
                settings,
            } => Self::Taken {
                before: before.clone(),
                after: after.clone(),
                changes: settings.iter().map(owned).collect(),
            },
            Change::Saved {
                before,
                after,
                settings,
                exchange,
            } => Self::Saved {
                before: before.clone(),
                after: after.clone(),
                changes: settings.iter().map(owned).collect(),
                exchange: exchange.clone(),
            },
            Change::Removed(run) => Self::Removed { run: run.clone() },
            Change::Exported(files) => Self::Exported {
                files: files.clone(),
            },
            Change::Keys {
                action,
                before,
                after,
            } => Self::Keys {
                action: (*action).to_owned(),
                before: before.as_deref().map(keymap::written),
                after: after.as_deref().map(keymap::written),
            },
            Change::Named { name, before } => Self::Named {
                name: name.clone(),
                before: before.clone(),
            },
            Change::KeysSaved(saved) => Self::KeysSaved {
                saved: saved.clone(),
            },
            Change::Launched(runs) => Self::Launched { runs: runs.clone() },
        }
    }

    /// Returns the change; `None` when this makook has none of its settings.
    #[must_use]
    pub fn change(self) -> Option<Change> {
        Some(match self {
            Self::Settings { changes } => {
                let mut known = known_settings(changes);
                match (known.pop()?, known.is_empty()) {
                    ((path, before, after), true) => Change::Setting {
                        path,
                        before,
                        after,
                    },
                    (last, false) => {
                        known.push(last);
                        Change::Found(known)
                    }
                }
            }
            Self::Experiment { before, after } => Change::Experiment { before, after },
            Self::Taken {
                before,
                after,
                changes,
            } => Change::Taken {
                before,
                after,
                settings: known_settings(changes),
            },
            Self::Saved {
                before,
                after,
                changes,
                exchange,
            } => Change::Saved {
                before,
                after,
                settings: known_settings(changes),
                exchange,
            },
            Self::Removed { run } => Change::Removed(run),
            Self::Exported { files } => Change::Exported(files),
            Self::Keys {
                action,
                before,
                after,
            } => {
                let keys = |text: Option<String>| match text {
                    None => Some(None),
                    Some(text) => keymap::read_keys(&text).map(Some),
                };
                Change::Keys {
                    action: action::named(&action)?.id,
                    before: keys(before)?,
                    after: keys(after)?,
                }
            }
            Self::Named { name, before } => Change::Named { name, before },
            Self::KeysSaved { saved } => Change::KeysSaved(saved),
            Self::Launched { runs } => Change::Launched(runs),
        })
    }
}

/// Returns the changes of settings that this makook has.
fn known_settings(changes: Vec<(String, Option<String>, Option<String>)>) -> Vec<SettingChange> {
    let known = |(path, before, after): (String, _, _)| Some((known_key(&path)?, before, after));
    changes.into_iter().filter_map(known).collect()
}

/// Returns the key of the registry at `path`.
#[must_use]
pub fn known_key(path: &str) -> Option<&'static str> {
    config::find(path).map(|key| key.path)
}
