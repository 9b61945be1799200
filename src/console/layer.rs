//! What lies over a screen: the help, the palette, a question, a list to pick from, a line to type.
//!
//! Owns their data; [`crate::press`] gives them keys. Nothing here asks yes or no: a question has
//! two buttons, and the harmless one is chosen. Start at [`Layer`].

use crate::{
    action::Action, alerts::Alert, calibration::Found, cursor::Cursor, launch::Launch,
    line_edit::LineEdit, message::Effect,
};
use config::Key;
use domain::{Phrase, Text};
use runs::{Model, ModelId, RunId};
use std::path::PathBuf;

/// Something over the screen.
#[derive(Clone, Debug)]
pub enum Layer {
    /// Every action with its keys and, where it cannot be done, why.
    Help(Finder),
    /// Every action and every object, by a few letters.
    Palette(Finder),
    /// A question about something that touches a job or a file.
    Confirm(Confirm),
    /// A list to pick from.
    Pick(Pick),
    /// A line to type.
    Entry(Entry),
    /// Where a training is sent, and what exactly.
    Launch(Box<Launch>),
    /// A text to read.
    Page(Page),
    /// The next key becomes that of an action.
    NewKey(NewKey),
}

/// A key that is waited for.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// Whose key it becomes.
    pub action: &'static Action,
    /// Why the last one was refused.
    pub refusal: Option<Phrase>,
}

/// A text to read.
#[derive(Clone, Debug)]
pub struct Page {
    /// What it is.
    pub title: Phrase,
    /// Its lines, safe to draw.
    pub lines: Vec<String>,
    /// First visible line.
    pub scroll: Cursor,
}

impl Page {
    /// Rows of the text on a screen of `rows`.
    #[must_use]
    pub fn page(rows: u16) -> usize {
        usize::from(rows.saturating_sub(4)).max(1)
    }
}

/// A filtered list.
#[derive(Clone, Debug, Default)]
pub struct Finder {
    /// What was typed.
    pub query: LineEdit,
    /// The chosen row.
    pub cursor: Cursor,
}

/// What an action would do, exactly.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The same as a command or a file written.
    pub command: String,
    /// What follows from it.
    pub consequence: Phrase,
    /// What is done.
    pub effects: Vec<Effect>,
    /// What has to be typed first; `None` where choosing the button is enough.
    pub word: Option<String>,
}

/// Which button is chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Button {
    /// The harmless one.
    #[default]
    Cancel,
    /// Do it.
    Proceed,
}

/// A question.
#[derive(Clone, Debug)]
pub struct Confirm {
    /// The action's title.
    pub title: Text,
    /// What would be done.
    pub plan: Plan,
    /// The chosen button.
    pub button: Button,
    /// What was typed where something has to be.
    pub typed: LineEdit,
    /// Lines that would change, safe to draw; `-` goes, `+` comes.
    pub lines: Vec<String>,
    /// First visible one.
    pub scroll: Cursor,
}

impl Confirm {
    /// Asks whether `plan` shall be done; the harmless button is chosen.
    #[must_use]
    pub fn of(title: Text, plan: Plan) -> Self {
        Self {
            title,
            plan,
            button: Button::Cancel,
            typed: LineEdit::default(),
            lines: Vec::new(),
            scroll: Cursor::default(),
        }
    }

    /// Shows `lines` as well.
    #[must_use]
    pub fn showing(self, lines: Vec<String>) -> Self {
        Self { lines, ..self }
    }

    /// Rows of the changed lines on a screen of `rows`.
    #[must_use]
    pub fn page(&self, rows: u16) -> usize {
        let room = usize::from(rows.saturating_sub(14)).max(1);
        room.min(self.lines.len())
    }

    /// Returns whether everything that has to be typed was typed.
    #[must_use]
    pub fn is_meant(&self) -> bool {
        let word = self.plan.word.as_deref();
        word.is_none_or(|word| self.typed.text().trim() == word)
    }
}

/// A list to pick from.
#[derive(Clone, Debug)]
pub struct Pick {
    /// What is picked.
    pub title: Phrase,
    /// What can be picked.
    pub items: Vec<PickItem>,
    /// The chosen row.
    pub cursor: Cursor,
    /// What it is for.
    pub purpose: PickFor,
}

/// One thing to pick.
#[derive(Clone, Debug)]
pub struct PickItem {
    /// What is picked, in the form that the purpose takes.
    pub value: String,
    /// What is shown.
    pub label: Phrase,
    /// What it means.
    pub help: Phrase,
}

/// What a list is picked for.
#[derive(Clone, Debug)]
pub enum PickFor {
    /// The value of a setting.
    Setting(&'static Key),
    /// The experiment file; the value is a path, empty for none.
    Experiment,
    /// The live setting of a run to change; the value is its key.
    Live(RunId, PathBuf),
    /// What the form is held against; the value is a column's word.
    Against,
    /// The file that the form is saved to; the value is a path, empty for a new one.
    SaveTo,
    /// A preset; the value is its name.
    Preset,
    /// A theme, seen once the cursor rests on it; the value is its name. Leaving it brings this one
    /// back.
    Theme(config::keys::Theme),
    /// The run whose settings are promoted; the value is its identifier.
    Promote,
    /// The file that this run's settings are promoted to; the value is a path, empty for a new one.
    PromoteTo(RunId),
    /// Settings that a measurement found, in the order of the items.
    Found(Vec<Found>),
    /// Something that needs a person, in the order of the items.
    Alert(Vec<Alert>),
    /// How this model is exported; the value is `folder` or `archive`.
    ExportAs(Box<Model>),
    /// The file to import; the value is its path, empty to type one.
    ImportFile,
    /// The log to show; the value is a file's name, empty for the newest.
    Log,
}

/// A line to type.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What is typed.
    pub title: Phrase,
    /// The line.
    pub line: LineEdit,
    /// What may be typed.
    pub hint: Phrase,
    /// Why the text is refused.
    pub refusal: Option<String>,
    /// What it is for.
    pub purpose: EntryFor,
}

/// What a line is typed for.
#[derive(Clone, Debug)]
pub enum EntryFor {
    /// The value of a setting.
    Setting(&'static Key),
    /// A live setting of a run.
    Live(&'static Key, RunId, PathBuf),
    /// The filter of the run list.
    RunFilter,
    /// The filter of the job list.
    JobFilter,
    /// The filter of the form.
    SettingFilter,
    /// The name of a new experiment file.
    SaveAs,
    /// What to look for in the log.
    LogSearch,
    /// Where to go in the log.
    LogPlace,
    /// The filter of the round trips.
    TradeFilter,
    /// The filter of the models.
    ModelFilter,
    /// The name that a model gets.
    ModelName(ModelId),
    /// The file to import.
    ImportFile,
    /// The name of the data set that a file becomes.
    ImportName(PathBuf),
    /// The instrument of a file, for a data set of that name.
    ImportSymbol(PathBuf, String),
}
