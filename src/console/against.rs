//! What the form's values are held against: the built-in defaults, or what a run was made with.
//!
//! Values of runs are read off the drawing thread, once. Start at [`Column`].

use config::{Key, Value};
use domain::Phrase;
use runs::RunId;
use std::collections::BTreeMap;

/// Values by key.
pub type Values = BTreeMap<&'static str, Value>;

/// What a run's settings are read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// A run's settings are shown beside the form's.
    Beside,
    /// A run's settings are taken over into the form.
    Taken,
}

/// A column beside the form's own values.
#[derive(Clone, Debug, PartialEq)]
pub enum Column {
    /// Built-in defaults.
    Defaults,
    /// What a run was made with.
    Run {
        /// The run.
        run: RunId,
        /// Its settings, once they are here.
        known: Known,
    },
}

/// How much of a run's settings is known.
#[derive(Clone, Debug, PartialEq)]
pub enum Known {
    /// Nobody was asked yet.
    Nothing,
    /// They are being read.
    Asked,
    /// All of them.
    All(Values),
    /// Why they cannot be read.
    Failed(Phrase),
}

impl Column {
    /// Returns the column of the word that a file or a list knows it by; `None` for other words.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Some(match word {
            "defaults" => Self::Defaults,
            run => Self::Run {
                run: run.parse().ok()?,
                known: Known::Nothing,
            },
        })
    }

    /// Returns the word that files and lists know it by.
    #[must_use]
    pub fn word(&self) -> String {
        match self {
            Self::Defaults => "defaults".to_owned(),
            Self::Run { run, .. } => run.to_string(),
        }
    }

    /// Returns its value of `key`; `None` while it is not known.
    #[must_use]
    pub fn value(&self, key: &Key) -> Option<Value> {
        match self {
            Self::Defaults => Some(key.default_value()),
            Self::Run {
                known: Known::All(values),
                ..
            } => values.get(key.path).cloned(),
            Self::Run { .. } => None,
        }
    }

    /// Takes over what `of` was made with.
    pub fn take(&mut self, of: &RunId, outcome: &Result<Values, Phrase>) {
        if let Self::Run { run, known } = self
            && run == of
        {
            *known = match outcome {
                Ok(values) => Known::All(values.clone()),
                Err(why) => Known::Failed(why.clone()),
            };
        }
    }

    /// Returns the run whose settings have to be asked for, and takes them for asked.
    pub fn ask(&mut self) -> Option<&RunId> {
        match self {
            Self::Run { run, known } if *known == Known::Nothing => {
                *known = Known::Asked;
                Some(run)
            }
            _ => None,
        }
    }
}
