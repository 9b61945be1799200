//! The console for a screen reader: plain lines that are only ever added to, and typed commands.
//!
//! Another view of the same state: no cursor moves, nothing is painted over, no colour. What
//! changed is told by [`account`], what was typed is taken by [`command`]. Start at [`Dialogue`].

pub mod account;
pub mod command;
mod layers;

use domain::Phrase;
use std::collections::BTreeMap;

/// Columns and rows that are read out at once: wide enough for every column of a table.
pub const SIZE: (u16, u16) = (160, 50);

/// Returns whether `env` asks for lines instead of a screen.
#[must_use]
pub fn is_asked(env: &BTreeMap<String, String>) -> bool {
    let asked = env.get("ACCESSIBLE").map(|value| value.trim());
    asked.is_some_and(|value| !matches!(value, "" | "0" | "false" | "no"))
}

/// What was asked and answered last.
#[derive(Clone, Debug, Default)]
pub struct Dialogue {
    /// Lines that answer the last command.
    pub answer: Vec<Phrase>,
    /// How many commands were answered; the same answer twice is told twice.
    pub count: u64,
    /// What a number stands for.
    pub numbered: Numbered,
}

/// What was numbered last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Numbered {
    /// The rows of the screen.
    #[default]
    Rows,
    /// Actions, by their identifiers.
    Actions(Vec<&'static str>),
}

impl Dialogue {
    /// Answers the last command.
    pub fn answer(&mut self, lines: Vec<Phrase>) {
        self.answer = lines;
        self.count += 1;
    }
}
