//! Saving the form: which changes go into which experiment file, and what that would alter there.
//!
//! The file's comments are kept, and nothing is written before the changed lines were on screen.
//! Start at [`Saving`].

use crate::{look::Choice, promotion};
use config::{Change, Draft, LineChange, LoadRequest, Side};
use domain::{Phrase, Problems, phrase};
use runs::RunId;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// Changes of the form on their way into a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Saving {
    /// The file, absolute.
    pub file: PathBuf,
    /// Whether it is there already.
    pub target: Target,
    /// Settings and what was typed for them.
    pub changes: Vec<(&'static str, String)>,
    /// Whose settings these are.
    pub source: Source,
}

/// Whose settings are saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The form's.
    Form,
    /// Those that a run was made with.
    Run(RunId),
    /// The keys that were changed in this console: the entries of all.
    Keys(Vec<String>),
}

/// What a file is before it is saved to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// It exists and is changed.
    Existing,
    /// It is new, and starts as a copy of a file where there is one.
    New {
        /// The file copied.
        from: Option<PathBuf>,
    },
}

impl Saving {
    /// Returns the run whose settings these are.
    #[must_use]
    pub fn promoted(&self) -> Option<&RunId> {
        match &self.source {
            Source::Run(run) => Some(run),
            Source::Form | Source::Keys(_) => None,
        }
    }

    /// Works out what saving would write.
    ///
    /// # Errors
    /// Everything that is wrong with the changes or the files.
    pub fn draft(&self, request: &LoadRequest) -> Result<Draft, Problems> {
        let set = |(path, typed): &'_ (&'static str, String)| (*path, typed.clone());
        let owned: Vec<(&str, String)> = self.changes.iter().map(set).collect();
        let changes: Vec<Change<'_>> = owned
            .iter()
            .map(|(path, typed)| Change::Set { path, typed })
            .collect();
        let mut draft = match &self.target {
            Target::Existing => config::draft(request, &self.file, &changes)?,
            Target::New { from } => {
                config::draft_copy(request, from.as_deref(), &self.file, &changes)?
            }
        };
        if let (Some(run), true) = (self.promoted(), draft.created) {
            draft.after = format!("{}\n{}", promotion::heading(run), draft.after);
        }
        Ok(draft)
    }

    /// Returns the command that does the same from the folder `project`.
    #[must_use]
    pub fn command(&self, project: &Path) -> String {
        let shown = |path: &Path| {
            let path = path.strip_prefix(project).unwrap_or(path);
            crate::view::shell(&[path.display().to_string()])
        };
        let file = shown(&self.file);
        if let Some(run) = self.promoted() {
            return format!("makook config promote {run} --file {file}");
        }
        let sets: Vec<String> = self
            .changes
            .iter()
            .map(|(path, typed)| format!("{path}={typed}"))
            .collect();
        let sets = crate::view::shell(&sets);
        let copy = match &self.target {
            Target::New { from: Some(from) } => format!("cp {} {file} && ", shown(from)),
            _ => String::new(),
        };
        format!("{copy}makook config set {sets} --file {file}")
    }
}

/// What saving changed keys did: to the settings that the console goes by, and to their file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedKeys {
    /// The entries of `console.keys` before.
    pub before: Vec<String>,
    /// The entries then.
    pub after: Vec<String>,
    /// What was changed here over those before, by action.
    pub chosen: BTreeMap<String, Choice<String>>,
    /// What became of the file.
    pub exchange: Exchange,
}

/// A file's text given up for another: what saving did, or what takes it back byte for byte.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    /// The file, absolute.
    pub file: PathBuf,
    /// Its text before; `None` where there was no file.
    pub from: Option<String>,
    /// Its text after; `None` where there is none any more.
    pub to: Option<String>,
}

impl Exchange {
    /// Returns what writing `draft` does to its file.
    #[must_use]
    pub fn of(draft: &Draft) -> Self {
        Self {
            file: draft.file.clone(),
            from: (!draft.created).then(|| draft.before.clone()),
            to: Some(draft.after.clone()),
        }
    }

    /// Returns what undoes it.
    #[must_use]
    pub fn back(&self) -> Self {
        Self {
            file: self.file.clone(),
            from: self.to.clone(),
            to: self.from.clone(),
        }
    }

    /// Makes it, in one atomic step.
    ///
    /// # Errors
    /// The file no longer holds the text before, or cannot be written; it is then unchanged.
    pub fn make(&self) -> Result<(), Phrase> {
        let file = self.file.display();
        let changed = phrase!(
            "{file} was changed since by another program and stays as it is",
            "{file} 파일을 그 뒤에 다른 프로그램이 바꿔서 그대로 둡니다"
        );
        let Some(to) = &self.to else {
            return match fs::read_to_string(&self.file) {
                Ok(text) if self.from.as_ref() == Some(&text) => fs::remove_file(&self.file)
                    .map_err(|error| {
                        phrase!(
                            "{file} stays: {error}",
                            "{file} 파일을 지우지 못했습니다: {error}"
                        )
                    }),
                _ => Err(changed),
            };
        };
        let draft = Draft {
            file: self.file.clone(),
            before: self.from.clone().unwrap_or_default(),
            after: to.clone(),
            created: self.from.is_none(),
            remaining: Problems::new(),
        };
        draft
            .write()
            .map(drop)
            .map_err(|problems| crate::clerk::said(&problems))
    }
}

/// Returns the changed lines as they are shown: `-` goes, `+` comes.
#[must_use]
pub fn shown(lines: &[LineChange]) -> Vec<String> {
    let shown = |line: &LineChange| {
        let sign = match line.side {
            Side::Before => '-',
            Side::After => '+',
        };
        format!("{sign} {:>3}  {}", line.number, line.text)
    };
    lines.iter().map(shown).collect()
}
