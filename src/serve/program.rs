//! What runs in a terminal, and the terminal's size.

use portable_pty::{CommandBuilder, PtySize};
use std::{collections::BTreeMap, ffi::OsString, num::NonZero, path::PathBuf};

/// What runs in the terminal.
#[derive(Clone, Debug)]
pub struct Program {
    /// The program.
    pub path: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// Its whole environment.
    pub env: BTreeMap<String, String>,
    /// Its working folder.
    pub folder: PathBuf,
}

impl Program {
    pub(crate) fn command(&self) -> CommandBuilder {
        let mut command = CommandBuilder::new(&self.path);
        command.args(&self.arguments);
        command.env_clear();
        for (name, value) in &self.env {
            command.env(name, value);
        }
        command.cwd(&self.folder);
        command
    }
}

/// Columns and rows of a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    columns: u16,
    rows: u16,
}

impl Size {
    /// Returns the nearest size that a terminal can have here: 2×2 to 500×300.
    #[must_use]
    pub fn near(columns: u16, rows: u16) -> Self {
        Self {
            columns: columns.clamp(2, 500),
            rows: rows.clamp(2, 300),
        }
    }

    /// Returns rows and columns.
    pub(crate) fn sides(self) -> (NonZero<u16>, NonZero<u16>) {
        let side = |side| NonZero::new(side).unwrap_or(NonZero::<u16>::MIN);
        (side(self.rows), side(self.columns))
    }

    pub(crate) fn of_pty(self) -> PtySize {
        PtySize {
            rows: self.rows,
            cols: self.columns,
            pixel_width: 0,
            pixel_height: 0,
        }
    }
}
